"""Cases by the hundred thousand, written by the database itself: 3 parties, 12 events, 6 deadlines each.

Only figures are taken from them; acts make the cases people work with.
"""

from datetime import timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from directory.models import Court, Duty, DutyHolding, Person
from enforcement import search
from enforcement.models import (
    Assignment,
    Case,
    CaseNumberCounter,
    Deadline,
    Event,
    Party,
    Title,
    TitleItem,
)
from law import clock

SURNAMES = "扎旦次格洛索巴尼达普白德卓强拉仁平措王李张刘陈"
GIVEN = "西增仁桑珠朗玛珍娃布吉嘎巴姆多杰旺堆加央宗"
FIRST_KEY, FIRST_SERIAL = 1_000_000_000, 5_000_000  # of what acts make
COURTS, OFFICERS = 10, 20  # basic courts, officers of each
# The people measured with; their officer has the same load however many cases there are.
PEOPLE = {
    "bench-clerk": Duty.FILING_CLERK,
    "bench-officer": Duty.IMPLEMENTER,
    "bench-judge": Duty.ENFORCEMENT_JUDGE,
    "bench-head": Duty.BUREAU_HEAD,
    "bench-system": Duty.IMPLEMENTER,
}


def directory() -> None:
    """Courts and people the figures are measured with, once."""
    if Person.objects.filter(username="bench-officer").exists():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', 'installation', true)")
        high = Court.objects.create(
            code="藏", name="高级人民法院", level="high", division_code="540000", verified=False
        )
        middle = Court.objects.create(
            code="藏01",
            name="中级人民法院",
            level="intermediate",
            parent=high,
            division_code="540100",
            verified=False,
        )
        courts = [
            Court.objects.create(
                code=f"藏01{number:02}",
                name=f"第{number}基层人民法院",
                level="basic",
                parent=middle,
                division_code=f"5401{number:02}",
                verified=False,
            )
            for number in range(2, 2 + COURTS)
        ]
        _leave_room(cursor)
        if not Person.objects.filter(username="system").exists():
            Person.objects.create(username="system", name="系统", kind="system")
        for username, duty in PEOPLE.items():
            _person(username, courts[0], duty, kind="client" if username == "bench-system" else "human")
        for court in courts:
            for number in range(OFFICERS):
                _person(f"officer-{court.code}-{number}", court, Duty.IMPLEMENTER)


def _leave_room(cursor: Any) -> None:
    """Keys and case numbers below these are for generated rows, so that more can be generated after acts."""
    for model in {model for model, _columns, _source in ROWS}:
        sequence = f"pg_get_serial_sequence('{model._meta.db_table}', 'id')"
        cursor.execute(f"SELECT setval({sequence}, %s)", [FIRST_KEY])
    for court in Court.objects.filter(level="basic"):
        CaseNumberCounter.objects.create(
            court=court, type_code="执", year=clock.today().year, last=FIRST_SERIAL
        )


def _person(username: str, court: Court, duty: Duty, kind: str = "human") -> None:
    person = Person.objects.create(username=username, name=username, court=court, kind=kind)
    since = clock.today() - timedelta(days=4000)
    DutyHolding.objects.create(person=person, duty=duty, court=court, during=DateRange(since, None))


def cases(wanted: int) -> None:
    """Fill up to ``wanted`` cases, spread evenly over the basic courts and ten years."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM enforcement_case WHERE id < %s", [FIRST_KEY])
        there = cursor.fetchone()[0]
    if there >= wanted:
        return
    numbers = {"first": there + 1, "last": wanted, "today": clock.today(), "now": clock.now()}
    with transaction.atomic(), connection.cursor() as cursor:
        # The guards of acts would be measured once a row; these rows stand for ten years of acts.
        cursor.execute("SET LOCAL session_replication_role = replica")
        _names(cursor)
        for model, columns, source in ROWS:
            statement, defaults = _insert(model, columns, source)
            cursor.execute(statement, numbers | defaults)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _names(cursor: Any) -> None:
    """Every name there is, with the terms it is found under."""
    cursor.execute("CREATE TEMP TABLE name (place int PRIMARY KEY, name text, terms text[]) ON COMMIT DROP")
    names = [first + second + third for third in GIVEN for second in GIVEN for first in SURNAMES]
    terms = [[name, sorted(search.terms(name))] for name in names]
    cursor.executemany(
        "INSERT INTO name VALUES (%s, %s, %s)", [[place, *row] for place, row in enumerate(terms)]
    )
    cursor.execute("ANALYZE name")


def _insert(model: type[models.Model], columns: dict[str, str], source: str) -> tuple[str, dict[str, Any]]:
    """An INSERT of these columns, the others with the defaults of the model."""
    defaults: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.column and field.column not in columns and not field.primary_key and not field.null:
            defaults[field.column] = field.get_db_prep_save(field.get_default(), connection)
    names = [*columns, *defaults]
    values = [*columns.values(), *(f"%({name})s" for name in defaults)]
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {source}",
        defaults,
    )


HERE = "WHERE c.id BETWEEN %(first)s AND %(last)s"
CASES = f"""(
    SELECT n, (n - 1) / {COURTS} AS m,
           extract(year FROM %(today)s::date - (n %% 3650)::int)::int AS y,
           %(today)s::date - (n %% 3650)::int AS filed
      FROM generate_series(%(first)s::bigint, %(last)s::bigint) n) rows
    JOIN (SELECT id, code, parent_id, row_number() OVER (ORDER BY code) - 1 AS place
            FROM directory_court WHERE level = 'basic') court ON court.place = (n - 1) %% {COURTS}
    JOIN directory_court middle ON middle.id = court.parent_id
    JOIN directory_person officer ON officer.username =
        CASE WHEN court.place = 0 AND m < 400 THEN 'bench-officer'
             ELSE 'officer-' || court.code || '-' || m %% {OFFICERS} END
    JOIN name a ON a.place = n * 7 %% (SELECT count(*) FROM name)
    JOIN name d ON d.place = n * 11 %% (SELECT count(*) FROM name)"""
# Model, columns with their values, and where they come from. One case in four is open.
ROWS: list[tuple[type[models.Model], dict[str, str], str]] = [
    (
        Case,
        {
            "id": "n",
            "uid": "gen_random_uuid()",
            "court_id": "court.id",
            "intermediate_court_id": "middle.id",
            "high_court_id": "middle.parent_id",
            "number": "'（' || y || '）' || court.code || '执' || n || '号'",
            "year": "y",
            "type_code": "'执'",
            "serial": "n",
            "stage": "CASE WHEN m %% 4 > 0 THEN 'closed'"
            " ELSE (ARRAY['notice', 'control', 'distribution'])[1 + m / 4 %% 3] END",
            "cause": "(ARRAY['买卖合同纠纷','民间借贷纠纷','劳动争议','机动车交通事故责任纠纷'])[1 + n %% 4]",
            "filed_on": "filed",
            "applied_on": "filed - 2",
            "implementer_id": "officer.id",
            "claim": "1000 + n %% 900000",
            "applicant_names": "a.name",
            "debtor_names": "d.name",
            "search_terms": "a.terms || d.terms || ARRAY['#' || n, '#' || y || '-' || n, '#执' || n]",
            "closed_on": "CASE WHEN m %% 4 > 0 THEN %(today)s::date END",
            "closing_code": "CASE WHEN m %% 4 > 0 THEN 'done.full' ELSE '' END",
            "updated_at": "%(now)s",
            "event_count": "12",
            "head_hash": "sha256(n::text::bytea)",
        },
        CASES,
    ),
    (
        Title,
        {
            "id": "c.id",
            "case_id": "c.id",
            "kind": "'judgment'",
            "number": "'（' || c.year || '）民初' || c.id || '号'",
            "made_by": "'法院'",
            "effective_on": "c.filed_on - 90",
            "performance_due_on": "c.filed_on - 60",
        },
        f"enforcement_case c {HERE}",
    ),
    (
        TitleItem,
        {
            "id": "c.id",
            "title_id": "c.id",
            "case_id": "c.id",
            "position": "1",
            "kind": "'main'",
            "label": "'货款'",
            "amount": "c.claim",
            "delay_from": "c.filed_on - 60",
        },
        f"enforcement_case c {HERE}",
    ),
    (
        Party,
        {
            "id": "c.id * 3 + k",
            "uid": "gen_random_uuid()",
            "case_id": "c.id",
            "position": "k + 1",
            "role": "CASE WHEN k = 0 THEN 'applicant' ELSE 'debtor' END",
            "kind": "'person'",
            "name": "CASE WHEN k = 0 THEN c.applicant_names ELSE c.debtor_names END",
            "identity_mask": "'5499**********0000'",
            "identity_sealed": "'\\x01'::bytea",
            "identity_index": "sha256(('identity' || c.id || '-' || k)::bytea)",
        },
        f"enforcement_case c, generate_series(0, 2) k {HERE}",
    ),
    (
        Assignment,
        {
            "id": "c.id",
            "case_id": "c.id",
            "person_id": "c.implementer_id",
            "duty": "'implementer'",
            "duty_class": "'implementation'",
            "since": "c.filed_on",
            "is_lead": "true",
        },
        f"enforcement_case c {HERE}",
    ),
    (
        Event,
        {
            "id": "c.id * 12 + k",
            "uid": "gen_random_uuid()",
            "case_id": "c.id",
            "seq": "k",
            "at": "c.filed_on + k * interval '3 day'",
            "actor_id": "c.implementer_id",
            "act": "'case.file'",
            "body": "b.body",
            "prev_hash": "sha256(c.id::text::bytea)",
            "hash": "sha256(b.body)",
            "input_hash": "sha256(b.body)",
        },
        """enforcement_case c, generate_series(1, 12) k, LATERAL (SELECT convert_to(json_build_object(
            'act', 'case.file', 'actor', 'bench-officer', 'documents', json_build_array(),
            'outcome', json_build_object('number', c.number, 'title', 't'),
            'seq', k)::text, 'UTF8') AS body) b """
        + HERE,
    ),
    (
        Deadline,
        {
            "id": "c.id * 6 + k",
            "case_id": "c.id",
            "court_id": "c.court_id",
            "rule": "'notice.send'",
            "kind": "'task'",
            "starts_on": "c.filed_on",
            "suspensions": "'[]'",
            "due_on": "%(today)s::date + 30 + k",
            "state": "CASE WHEN c.stage = 'closed' THEN 'met' ELSE 'open' END",
            "duty": "'implementer'",
            "owner_id": "c.implementer_id",
            "act": "'notice.issue'",
            "opened_by_id": "c.id * 12 + 1",
            "closed_by_id": "CASE WHEN c.stage = 'closed' THEN c.id * 12 + 2 END",
            "closed_on": "CASE WHEN c.stage = 'closed' THEN c.filed_on END",
            "alert_on": "CASE WHEN c.stage <> 'closed' THEN %(today)s::date + 27 + k END",
        },
        f"enforcement_case c, generate_series(1, 6) k {HERE}",
    ),
]
