"""Linkage in the demo (示例): members with matters and channels, requests at every stage, a conference.

Two agencies have systems of their own, which ``manage.py agency_simulator`` plays: what is sent to them is
answered while somebody looks on. The others wait for the demo's people to sign in and answer.
"""

import random
import secrets
from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from oauth2_provider.models import Application

from directory.models import Agency, ClientSystem, Court, Duty, DutyHolding, Person
from enforcement import engine
from enforcement.demo.directory import SignIn
from enforcement.models import Case, PartyKind, PartyRole, Stage
from law import clock, identity
from linkage import delivering
from linkage.acts.agencies import matters_of
from linkage.acts.ordering import coverage_with_pending
from linkage.models import Channel, ChannelKind, MatterAnswered, Member, Request
from linkage.simulator import answers

LIAISON = "藏01"
SEAT = "chengguan"
NEW_AGENCIES = [
    ("snowland-bank", "bank", "雪域示例银行", "གངས་ལྗོངས་དཔེ་མཚོན་དངུལ་ཁང་།"),
    ("housing-office", "housing", "示例市住房和公积金中心", "དཔེ་མཚོན་གྲོང་ཁྱེར་གྱི་སྡོད་ཁང་ལྟེ་གནས།"),
]
SIMULATED = ("snowland-bank", "housing-office")
DUTIES = {
    "bank": "协助查询、冻结、扣划被执行人存款",
    "land": "协助查询、查封、过户不动产",
    "vehicles": "协助查询、查封、过户机动车",
    "market": "协助查询市场主体登记，冻结股权并公示",
    "housing": "协助查询网签备案、住房公积金",
}
NEW_STAFF = [
    ("snowland.operator", "snowland-bank", Duty.AGENCY_OPERATOR, "旦增甲"),
    ("housing.operator", "housing-office", Duty.AGENCY_OPERATOR, "格桑乙"),
]
ANSWERING = {
    "gaoyuan-bank-chengguan": "bank.operator",
    "real-estate-register": "land.operator",
    "vehicle-office": "vehicle.operator",
    "market-regulation": "market.operator",
}
# How long ago (days) each case's inquiries left, and what became of them.
INQUIRIES = [
    (24, "answered"),
    (18, "answered"),
    (15, "overdue"),
    (12, "overdue"),
    (6, "half"),
    (3, "half"),
    (0, "fresh"),
]
MATTERS = ["BANK-INQ-DEP", "LAND-INQ", "VEH-INQ", "MKT-INQ", "HOUSE-INQ"]
FREEZES = ["answered", "answered", "waiting"]


def load(
    people: dict[str, Person], password: str, say: Callable[[str], None]
) -> tuple[list[SignIn], list[dict[str, Any]]]:
    """Members, then requests. Everything on a case is done by acts."""
    chance = random.Random(2011)  # nosec B311  # the same world each time
    with transaction.atomic():
        with connection.cursor() as cursor:
            # An installation begins before there is anybody who could act.
            cursor.execute("SELECT set_config('zhixing.act', 'installation', true)")
        sign_ins = _staff(people, password)
        _members()
        clients = [_system(code, people) for code in SIMULATED]
    player = _Player(people, chance)
    player.inquire()
    player.freeze()
    player.confer()
    say(f"{Member.objects.count()} member agencies, {Request.objects.count()} requests")
    return sign_ins, clients


# --- members ------------------------------------------------------------------------------------
def _staff(people: dict[str, Person], password: str) -> list[SignIn]:
    hashed = make_password(password)
    for number, (code, kind, name, name_bo) in enumerate(NEW_AGENCIES, 101):
        Agency.objects.create(
            code=code,
            kind=kind,
            name=name,
            name_bo=name_bo,
            credit_code=identity.make_credit_code(identity.UNASSIGNED_DIVISION, number),
        )
    found = []
    for username, code, duty, name in NEW_STAFF:
        agency = Agency.objects.get(code=code)
        person = Person.objects.create(
            username=username,
            password=hashed,
            name=name,
            agency=agency,
            email=f"{username}@agency.example",
        )
        _hold(person, duty, agency)
        people[username] = person
        found.append(SignIn(duty.value, username, password, agency.name))
    return found


def _hold(person: Person, duty: Duty, agency: Agency) -> None:
    since = clock.today() - timedelta(days=365)
    DutyHolding.objects.create(person=person, duty=duty, agency=agency, during=DateRange(since, None))


def _members() -> None:
    """Every agency is a member; branches answer for their banks, and systems read a feed."""
    liaison = Court.objects.get(code=LIAISON)
    with_branches = set(Agency.objects.exclude(headquarters=None).values_list("headquarters_id", flat=True))
    for agency in Agency.objects.all():
        Member.objects.create(
            agency=agency,
            liaison=liaison,
            joined_on=clock.today() - timedelta(days=300),
            duties=DUTIES.get(agency.kind, ""),
            contact_name="示例联络员",
            contact_phone="0891-0000000",
            contact_email=f"{agency.code}@agency.example",
        )
        simulated = agency.code in SIMULATED
        Channel.objects.create(agency=agency, kind=ChannelKind.PULL if simulated else ChannelKind.PORTAL)
        if agency.pk not in with_branches:
            MatterAnswered.objects.bulk_create(
                MatterAnswered(agency=agency, matter=code) for code in matters_of(agency.kind)
            )


def _system(code: str, people: dict[str, Person]) -> dict[str, Any]:
    """A client system, with the secret its owner is told once."""
    agency = Agency.objects.get(code=code)
    username, secret = f"client.{code}", secrets.token_urlsafe(36)
    person = Person.objects.create(
        username=username,
        password=make_password(None),
        name=f"{agency.name}系统",
        agency=agency,
        kind="client",
    )
    _hold(person, Duty.AGENCY_OPERATOR, agency)
    people[username] = person
    application = Application.objects.create(
        name=username,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
    )
    scopes = ["linkage:read", "linkage:answer", "matter:*"]
    ClientSystem.objects.create(application=application, person=person, scopes=scopes)
    return {
        "agency": agency.name,
        "agency_code": code,
        "username": username,
        "client_id": application.client_id,
        "client_secret": secret,
        "scopes": scopes,
        "simulated": True,
    }


# --- requests -----------------------------------------------------------------------------------
class _Player:
    """Sends and answers requests on cases of one court, on the days they would have been sent."""

    def __init__(self, people: dict[str, Person], chance: random.Random):
        self.people = people
        self.chance = chance
        self.loaded_at = clock.now()
        court = people[f"{SEAT}.clerk"].court
        rows = Case.objects.filter(
            court=court,
            stage=Stage.CONTROL,
            implementer__isnull=False,
            parties__role=PartyRole.DEBTOR,
            parties__kind=PartyKind.PERSON,
        ).exclude(parties__role=PartyRole.DEBTOR, parties__identity_index=None)
        self.cases = list(rows.distinct().order_by("updated_at")[:20])

    def inquire(self) -> None:
        """One fan-out a case; people of the agencies answer what they have had time for."""
        for days_ago, fate in INQUIRIES:
            case = self.cases.pop(0)
            with self._at(case, days_ago, 10):
                sent = self._do("request.inquire", case, case.implementer, matters=MATTERS)
                requests = list(
                    Request.objects.filter(ordered_by=sent.event).select_related("agency").order_by("id")
                )
                # What is answered late must have arrived in time; the workers begin after the demo is loaded.
                delivering.arrived([one.pk for one in requests], clock.now())
            answered = requests[::2] if fate == "half" else requests if fate == "answered" else []
            for number, request in enumerate(one for one in answered if one.agency.code in ANSWERING):
                with self._at(case, max(days_ago - 1 - number % 3, 0), 15):
                    self._answer(request, case, refuse=fate == "half" and number == 0)

    def freeze(self) -> None:
        """Deposits frozen through the bank: found by an inquiry, ordered, decided, answered."""
        for fate in FREEZES:
            case, uncovered = self._uncovered()
            debtor = case.parties.filter(role=PartyRole.DEBTOR, kind=PartyKind.PERSON)[0]
            owed = min(Decimal(self.chance.randint(2_000, 30_000)), uncovered)
            with self._at(case, 9, 10):
                asset = self._do(
                    "asset.record", case, case.implementer, owner=str(debtor.uid), kind="deposit",
                    description="示例银行活期存款", holder="高原示例银行城关支行",
                    account_number=answers.card(self.chance),
                    value=str(owed * 2), found_on=clock.today().isoformat(), source="网络查控",
                ).outcome["asset"]  # fmt: skip
                proposed = self._do(
                    "request.freeze-deposit", case, case.implementer, asset=asset, amount=str(owed),
                    agency="gaoyuan-bank-chengguan",
                )  # fmt: skip
            assert proposed.proposal is not None
            with self._at(case, 8, 11):
                decider = "president" if proposed.proposal.duty == Duty.PRESIDENT else "judge"
                done = engine.decide(proposed.proposal, self.people[f"{SEAT}.{decider}"], approve=True)
                request = Request.objects.select_related("agency").get(ordered_by=done.event)
                delivering.arrived([request.pk], clock.now())
            if fate == "answered":
                with self._at(case, 7, 15):
                    self._answer(request, case)

    def _uncovered(self) -> tuple[Case, Decimal]:
        """The next case whose claim nothing covers in full, with what is uncovered nine days ago, in CNY."""
        while True:
            case = self.cases.pop(0)
            with self._at(case, 9, 10):
                uncovered = coverage_with_pending(case, clock.today()).uncovered
            if uncovered:
                return case, uncovered

    def _answer(self, request: Request, case: Case, *, refuse: bool = False) -> None:
        at = clock.now()
        who = self.people[ANSWERING[request.agency.code]]
        values: dict[str, Any] = {
            "request": str(request.uid), "number": f"H-{request.number}", "handler": who.name,
        }  # fmt: skip
        if refuse:
            values |= {
                "outcome": "refused", "ground": "not-the-debtor",
                "remarks": "姓名与证件号码不一致，请核对。",
            }  # fmt: skip
        else:
            outcome, facts = answers.answer(_order(request), at)
            values |= {"outcome": outcome, "facts": facts}
        self._do("request.answer", case, who, **values)

    def confer(self) -> None:
        """A conference of last week, what it decided, and two tasks that are under way."""
        command = self.people["lhasa.command"]
        court = command.court
        assert court is not None
        called = [code for code in ANSWERING if Agency.objects.get(code=code).member.liaison_id == court.pk]
        with self._day(9, 9):
            conference = self._do(
                "conference.call", court, command, kind="regular",
                day=(clock.today() + timedelta(days=2)).isoformat(), place="示例市中级人民法院会议室",
                agencies=called,
            ).outcome["conference"]  # fmt: skip
        with self._day(7, 16):
            present = {"presence": "present", "delegate": "示例代表", "post": "科长"}
            rows = [{"agency": code} | present for code in called]
            self._do("conference.attend", court, command, conference=conference, rows=rows)
            self._do(
                "conference.minutes", court, command, conference=conference,
                minutes="通报上季度协助执行情况，研究逾期反馈问题。",
                decisions=[{"text": "各成员单位明确专人办理协助事项，按期反馈。"}],
            )  # fmt: skip
            decision = self._decision(conference)
            for code, task in [
                ("real-estate-register", "制定查封登记当日办理办法"),
                ("vehicle-office", "补报本季度逾期事项办理结果"),
            ]:
                self._do(
                    "conference.task", court, command, resolution=decision, agency=code, task=task,
                    evidence_required="书面材料", due_on=(clock.today() + timedelta(days=14)).isoformat(),
                )  # fmt: skip

    @staticmethod
    def _decision(conference: str) -> str:
        from linkage.models import Resolution

        return str(Resolution.objects.get(conference__uid=conference).uid)

    # --- playing ----------------------------------------------------------------------------------
    def _do(self, code: str, subject: Case | Court, who: Person | None, **data: Any) -> engine.Result:
        assert who is not None
        with transaction.atomic():
            result = engine.submit(engine.act_named(code), subject, who, data)
        if isinstance(subject, Case):
            subject.refresh_from_db()
        return result

    def _at(self, case: Case, days_ago: int, hour: int) -> Any:
        """A moment on that day, after whatever happened on the case before."""
        return clock.freeze(max(self._moment(days_ago, hour), case.updated_at + timedelta(minutes=1)))

    def _day(self, days_ago: int, hour: int) -> Any:
        return clock.freeze(self._moment(days_ago, hour))

    def _moment(self, days_ago: int, hour: int) -> datetime:
        day = clock.legal_day(self.loaded_at) - timedelta(days=days_ago)
        at = datetime.combine(day, time(hour, self.chance.randint(0, 59)), tzinfo=clock.SHANGHAI)
        # A demo loaded in the morning must not act in its own afternoon.
        return min(at, self.loaded_at)


def _order(request: Request) -> dict[str, Any]:
    """What a request says, as far as an invented answer needs it."""
    term = request.term
    return {
        "uid": str(request.uid),
        "matter": request.matter_code,
        "amount": str(request.amount) if request.amount is not None else None,
        "facts": request.carried(),
        "term": {"last": (term.upper - timedelta(days=1)).isoformat()} if term else None,
    }
