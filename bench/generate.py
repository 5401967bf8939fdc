"""Cases by the hundred thousand, written by the database itself: 3 parties, 12 events, 6 deadlines each.

Only figures are taken from them; acts make the cases people work with.
"""

from datetime import timedelta

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from directory.models import Court, Duty, DutyHolding, Person
from law import clock

SURNAMES = "扎旦次格洛索巴尼达普白德卓强拉仁平措王李张刘陈"
GIVEN = "西增仁桑珠朗玛珍娃布吉嘎巴姆多杰旺堆加央宗"
PEOPLE = {
    "bench-clerk": Duty.FILING_CLERK,
    "bench-officer": Duty.IMPLEMENTER,
    "bench-head": Duty.BUREAU_HEAD,
}


def directory() -> dict[str, Person]:
    """Courts and people the figures are measured with."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', 'installation', true)")
        high = Court.objects.create(
            code="藏", name="西藏自治区高级人民法院", level="high", division_code="540000", verified=True
        )
        middle = Court.objects.create(
            code="藏01", name="中级人民法院", level="intermediate", parent=high, division_code="540100", verified=False
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
            for number in range(2, 12)
        ]
        Person.objects.create(username="system", name="系统", kind="system")
        people = {}
        for username, duty in PEOPLE.items():
            person = Person.objects.create(username=username, name=username, court=courts[0])
            DutyHolding.objects.create(
                person=person,
                duty=duty,
                court=courts[0],
                during=DateRange(clock.today() - timedelta(days=4000), None),
            )
            people[username] = person
    return people


def cases(wanted: int) -> None:
    """Fill up to ``wanted`` cases, spread evenly over the ten basic courts and ten years."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM enforcement_case")
        there = cursor.fetchone()[0]
    if there >= wanted:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # The guards of acts would be measured once a row; these rows stand for ten years of acts.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SELECT id FROM directory_person WHERE username = 'bench-officer'")
        officer = cursor.fetchone()[0]
        for statement in STATEMENTS:
            cursor.execute(
                statement,
                {
                    "first": there + 1,
                    "last": wanted,
                    "officer": officer,
                    "surnames": SURNAMES,
                    "given": GIVEN,
                    "today": clock.today(),
                    "now": clock.now(),
                },
            )
    with connection.cursor() as cursor:
        for table in ("case", "party", "event", "deadline", "title", "titleitem", "assignment"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('enforcement_{table}', 'id'),"  # noqa: S608
                f" (SELECT coalesce(max(id), 1) FROM enforcement_{table}))"
            )
        cursor.execute("VACUUM ANALYZE")


NAME = (
    "substr(%(surnames)s, 1 + (n * 7 + {k}) %% length(%(surnames)s), 1)"
    " || substr(%(given)s, 1 + (n / 23 + {k}) %% length(%(given)s), 1)"
    " || substr(%(given)s, 1 + (n / 529 * 3 + {k}) %% length(%(given)s), 1)"
)

STATEMENTS = [
    # cases
    f"""
    INSERT INTO enforcement_case (id, uid, court_id, intermediate_court_id, high_court_id, number, year,
        type_code, serial, stage, cause, filed_on, applied_on, implementer_id, claim, received, paid_out,
        applicant_names, debtor_names, search_terms, closed_on, closing_code, updated_at, event_count, head_hash)
    SELECT n, gen_random_uuid(), court.id, court.parent_id, high.id,
        '（' || y || '）' || court.code || '执' || n || '号', y, '执', n,
        CASE WHEN n %% 4 < 3 THEN 'closed' ELSE (ARRAY['notice','control','distribution'])[1 + n %% 3] END,
        (ARRAY['买卖合同纠纷','民间借贷纠纷','劳动争议','机动车交通事故责任纠纷'])[1 + n %% 4],
        %(today)s::date - (n %% 3650)::int, %(today)s::date - (n %% 3650)::int - 2, %(officer)s,
        1000 + n %% 900000, 0, 0, a, d,
        ARRAY[substr(a,1,1), substr(a,2,1), substr(a,1,2), substr(a,2,2), substr(d,1,1), substr(d,1,2),
              substr(d,2,2), '#' || n, '#' || y || '-' || n],
        CASE WHEN n %% 4 < 3 THEN %(today)s::date END, CASE WHEN n %% 4 < 3 THEN 'done.full' ELSE '' END,
        %(now)s, 12, '\\x00'::bytea
    FROM (SELECT n, {NAME.format(k=1)} AS a, {NAME.format(k=5)} AS d,
                 extract(year FROM %(today)s::date - (n %% 3650)::int)::int AS y
          FROM generate_series(%(first)s::bigint, %(last)s::bigint) n) rows
    JOIN (SELECT id, code, parent_id, row_number() OVER (ORDER BY code) - 1 AS place
          FROM directory_court WHERE level = 'basic') court ON court.place = n %% 10
    CROSS JOIN (SELECT id FROM directory_court WHERE level = 'high') high
    """,
    """
    INSERT INTO enforcement_title (id, case_id, kind, number, made_by, effective_on, performance_due_on,
        obligation, interest_year_basis)
    SELECT id, id, 'judgment', '（' || year || '）民初' || id || '号', '法院', filed_on - 90, filed_on - 60, '', 365
    FROM enforcement_case WHERE id BETWEEN %(first)s AND %(last)s
    """,
    """
    INSERT INTO enforcement_titleitem (id, title_id, case_id, position, kind, label, amount, delay_from)
    SELECT id, id, id, 1, 'main', '货款', claim, filed_on - 60
    FROM enforcement_case WHERE id BETWEEN %(first)s AND %(last)s
    """,
    """
    INSERT INTO enforcement_party (id, uid, case_id, position, role, kind, name, name_bo, identity_mask,
        identity_sealed, identity_index, phone_mask, address_mask, representative, language,
        agreed_to_electronic_service, account_holder, account_bank, account_mask, search_terms)
    SELECT c.id * 3 + k, gen_random_uuid(), c.id, k + 1, CASE WHEN k = 0 THEN 'applicant' ELSE 'debtor' END,
        'person', CASE WHEN k = 0 THEN c.applicant_names ELSE c.debtor_names END, '', '5499**********0000',
        '\\x01'::bytea, sha256(('identity' || c.id || '-' || k)::bytea), '', '', '', 'zh-hans', false, '', '', '',
        '{}'
    FROM enforcement_case c, generate_series(0, 2) k WHERE c.id BETWEEN %(first)s AND %(last)s
    """,
    """
    INSERT INTO enforcement_assignment (id, case_id, person_id, duty, duty_class, since, is_lead)
    SELECT id, id, implementer_id, 'implementer', 'implementation', filed_on, true
    FROM enforcement_case WHERE id BETWEEN %(first)s AND %(last)s
    """,
    """
    INSERT INTO enforcement_event (id, uid, case_id, seq, at, actor_id, act, phase, body, prev_hash, hash, input_hash)
    SELECT c.id * 12 + k, gen_random_uuid(), c.id, k, c.filed_on + k * interval '3 day', c.implementer_id,
        'case.file', 'done', body, '\\x00'::bytea, sha256(body), '\\x00'::bytea
    FROM enforcement_case c, generate_series(1, 12) k,
        LATERAL (SELECT convert_to('{"act":"case.file","actor":"bench-officer","documents":[],"outcome":{"number":"'
            || c.number || '","title":"t"},"seq":' || k || '}', 'UTF8') AS body) b
    WHERE c.id BETWEEN %(first)s AND %(last)s
    """,
    """
    INSERT INTO enforcement_deadline (id, case_id, court_id, rule, kind, label, starts_on, suspensions, due_on,
        projected, calendar_version, state, duty, owner_id, act, reason, opened_by_id, closed_by_id, closed_on,
        alert_on)
    SELECT c.id * 6 + k, c.id, c.court_id, 'notice.send', 'task', '', c.filed_on, '[]', %(today)s::date + 30 + k,
        false, '', CASE WHEN c.stage = 'closed' THEN 'met' ELSE 'open' END, 'implementer', c.implementer_id,
        'notice.issue', '', c.id * 12 + 1, CASE WHEN c.stage = 'closed' THEN c.id * 12 + 2 END,
        CASE WHEN c.stage = 'closed' THEN c.filed_on END,
        CASE WHEN c.stage = 'closed' THEN NULL ELSE %(today)s::date + 27 + k END
    FROM enforcement_case c, generate_series(1, 6) k WHERE c.id BETWEEN %(first)s AND %(last)s
    """,
]
