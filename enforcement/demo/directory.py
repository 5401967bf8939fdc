"""Courts, agencies, people and client systems of the demo."""

import csv
import secrets
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from oauth2_provider.models import Application

from directory.models import Agency, ClientSystem, Court, Duty, DutyHolding, LocalDay, Person
from directory.models.people import SYSTEM_USERNAME
from law import clock, identity

STAFFED = {"gaoyuan": "藏", "lhasa": "藏01", "chengguan": "藏0102", "duilong": "藏0103"}
# Word of the username, duties, name in Chinese and Tibetan. One person for every duty at every staffed court.
STAFF: list[tuple[str, list[Duty], str, str]] = [
    ("clerk", [Duty.FILING_CLERK], "央金甲", "དབྱངས་ཅན།"),
    ("officer", [Duty.IMPLEMENTER], "次仁甲", "ཚེ་རིང་།"),
    ("officer2", [Duty.IMPLEMENTER], "李某乙", ""),
    ("judge", [Duty.ENFORCEMENT_JUDGE], "扎西乙", "བཀྲ་ཤིས།"),
    ("reviewer", [Duty.REVIEWING_JUDGE], "平措丙", "ཕུན་ཚོགས།"),
    ("supervisor", [Duty.SUPERVISOR], "王某丁", ""),
    ("head", [Duty.BUREAU_HEAD], "旺堆戊", "དབང་འདུས།"),
    ("president", [Duty.PRESIDENT], "德吉己", "བདེ་སྐྱིད།"),
    ("finance", [Duty.FINANCE], "达瓦庚", "ཟླ་བ།"),
    ("command", [Duty.COMMAND], "张某辛", ""),
    ("auditor", [Duty.AUDITOR], "尼玛壬", "ཉི་མ།"),
    ("admin", [Duty.COURT_ADMINISTRATOR], "普布癸", "ཕུར་བུ།"),
]
AGENCIES = [
    ("gaoyuan-bank", "bank", "高原示例银行", "མཐོ་སྒང་དཔེ་མཚོན་དངུལ་ཁང་།", None),
    ("gaoyuan-bank-chengguan", "bank", "高原示例银行城关支行", "མཐོ་སྒང་དཔེ་མཚོན་དངུལ་ཁང་གི་ཡན་ལག", "gaoyuan-bank"),
    ("real-estate-register", "land", "示例市不动产登记中心", "དཔེ་མཚོན་གྲོང་ཁྱེར་གྱི་མི་འགུལ་རྒྱུ་ནོར་ཐོ་འགོད་ལྟེ་གནས།", None),
    ("vehicle-office", "vehicles", "示例市车辆管理所", "དཔེ་མཚོན་གྲོང་ཁྱེར་གྱི་རླངས་འཁོར་དོ་དམ་ཁང་།", None),
    ("market-regulation", "market", "示例市市场监督管理局", "དཔེ་མཚོན་གྲོང་ཁྱེར་གྱི་ཁྲོམ་རའི་ལྟ་སྐུལ་དོ་དམ་ཅུའུ།", None),
    ("procuratorate", "procuratorate", "示例市人民检察院", "དཔེ་མཚོན་གྲོང་ཁྱེར་གྱི་མི་དམངས་ཞིབ་དཔྱོད་ཁང་།", None),
]
AGENCY_STAFF = [
    ("bank.operator", "gaoyuan-bank-chengguan", Duty.AGENCY_OPERATOR, "索朗甲"),
    ("bank.reviewer", "gaoyuan-bank-chengguan", Duty.AGENCY_REVIEWER, "陈某乙"),
    ("bank.admin", "gaoyuan-bank", Duty.AGENCY_ADMINISTRATOR, "巴桑丙"),
    ("land.operator", "real-estate-register", Duty.AGENCY_OPERATOR, "白玛丁"),
    ("vehicle.operator", "vehicle-office", Duty.AGENCY_OPERATOR, "刘某戊"),
    ("market.operator", "market-regulation", Duty.AGENCY_OPERATOR, "拉姆己"),
    ("procurator", "procuratorate", Duty.PROCURATOR, "洛桑庚"),
]
# Client systems of courts act with the same duties as people, two of them, because nobody decides alone.
CLIENTS = [
    ("client.case-work", [Duty.FILING_CLERK, Duty.IMPLEMENTER, Duty.FINANCE], "办案系统（示例）"),
    ("client.decisions", [Duty.ENFORCEMENT_JUDGE, Duty.BUREAU_HEAD, Duty.PRESIDENT], "审批系统（示例）"),
]
ALL_SCOPES = ["cases:read", "cases:act", "cases:decide", "calculators"]


@dataclass
class SignIn:
    """A way into the demo, as ``var/demo.json`` lists it."""

    role: str
    username: str
    password: str
    seat: str


def load_courts() -> dict[str, Court]:
    """The region's court tree; safe to run again. Codes and names keep their mark of verification."""
    courts: dict[str, Court] = {}
    with files("law").joinpath("data/courts.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            courts[row["code"]], _created = Court.objects.update_or_create(
                code=row["code"],
                defaults={
                    "name": row["name_zh"],
                    "name_bo": row["name_bo"],
                    "level": row["level"],
                    "parent": courts.get(row["parent_code"]),
                    "division_code": row["division_code"],
                    "verified": row["verified"] == "yes",
                },
            )
    return courts


def set_up(password: str) -> tuple[dict[str, Person], list[SignIn], list[dict[str, Any]]]:
    """Everybody of the demo: people by username, their sign-ins, and the client systems with secrets."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # An installation begins before there is anybody who could act.
            cursor.execute("SELECT set_config('zhixing.act', 'installation', true)")
        courts = load_courts()
        Person.objects.create(username=SYSTEM_USERNAME, name="系统", name_bo="མ་ལག", kind="system")
        # One hash for all: the demo has one password, and hashing it is slow on purpose.
        hashed = make_password(password)
        people: dict[str, Person] = {}
        sign_ins: list[SignIn] = []
        for word, code in STAFFED.items():
            for role, duties, name, name_bo in STAFF:
                person = _person(f"{word}.{role}", hashed, name, name_bo, court=courts[code])
                people[person.username] = person
                for duty in duties:
                    _hold(person, duty, court=courts[code])
                sign_ins.append(SignIn(duties[0].value, person.username, password, str(courts[code].name)))
        agencies = _agencies()
        for username, agency, duty, name in AGENCY_STAFF:
            person = _person(username, hashed, name, "", agency=agencies[agency])
            people[username] = person
            _hold(person, duty, agency=agencies[agency])
            sign_ins.append(SignIn(duty.value, username, password, agencies[agency].name))
        clients = [_client(*client, court=courts["藏0102"], people=people) for client in CLIENTS]
        _local_days(courts["藏"])
    return people, sign_ins, clients


def _person(username: str, hashed: str | None, name: str, name_bo: str, **place: Any) -> Person:
    number = len(username) * 37 % 900 + 100
    person = Person(
        username=username,
        password=hashed or make_password(None),
        name=name,
        name_bo=name_bo,
        employee_number=f"A{number:04}",
        work_card=f"示例工作证{number:04}",
        duty_card=f"示例公务证{number:04}",
        email=f"{username}@court.example",
        **place,
    )
    person.save()
    return person


def _hold(person: Person, duty: Duty, **place: Any) -> None:
    since = clock.today() - timedelta(days=4 * 365)
    DutyHolding.objects.create(person=person, duty=duty, during=DateRange(since, None), **place)


def _agencies() -> dict[str, Agency]:
    agencies: dict[str, Agency] = {}
    for number, (code, kind, name, name_bo, headquarters) in enumerate(AGENCIES, 1):
        agencies[code] = Agency.objects.create(
            code=code,
            kind=kind,
            name=name,
            name_bo=name_bo,
            headquarters=agencies.get(headquarters or ""),
            credit_code=identity.make_credit_code(identity.UNASSIGNED_DIVISION, number),
        )
    return agencies


def _client(
    username: str, duties: list[Duty], name: str, *, court: Court, people: dict[str, Person]
) -> dict[str, Any]:
    person = _person(username, None, name, "", court=court, kind="client")
    people[username] = person
    for duty in duties:
        _hold(person, duty, court=court)
    secret = secrets.token_urlsafe(32)
    application = Application(
        name=username,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
    )
    application.save()
    ClientSystem.objects.create(application=application, person=person, scopes=ALL_SCOPES)
    return {
        "agency": court.name,
        "username": username,
        "client_id": application.client_id,
        "client_secret": secret,
        "scopes": ALL_SCOPES,
    }


def _local_days(court: Court) -> None:
    # Losar and Shoton move with the Tibetan calendar; a court sets its own days each year. These two are
    # examples.
    year = clock.today().year
    for month, day, name, name_bo in [
        (2, 18, "藏历新年（示例）", "ལོ་གསར།"),
        (8, 12, "雪顿节（示例）", "ཞོ་སྟོན།"),
    ]:
        LocalDay.objects.create(
            court=court,
            day=clock.today().replace(year=year, month=month, day=day),
            name=name,
            name_bo=name_bo,
        )
