"""A small world for tests, named after the domain."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from io import BytesIO
from itertools import count
from typing import Any

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from oauth2_provider.models import Application

from directory.models import ClientSystem, Court, Duty, DutyHolding, Person
from enforcement import engine
from enforcement.models import Case
from law import clock, identity

_sequence = count(1)
PEOPLE = {
    "clerk": Duty.FILING_CLERK,
    "implementer": Duty.IMPLEMENTER,
    "second_implementer": Duty.IMPLEMENTER,
    "judge": Duty.ENFORCEMENT_JUDGE,
    "reviewer": Duty.REVIEWING_JUDGE,
    "supervisor": Duty.SUPERVISOR,
    "head": Duty.BUREAU_HEAD,
    "president": Duty.PRESIDENT,
    "finance": Duty.FINANCE,
    "command": Duty.COMMAND,
    "auditor": Duty.AUDITOR,
    "administrator": Duty.COURT_ADMINISTRATOR,
}


def resident_number(year: int = 1980) -> str:
    """An identity number that passes its checksum and belongs to nobody."""
    number = next(_sequence)
    born = date(year, 1, 1) + timedelta(days=number // 999 % 300)
    return identity.make_resident_number(identity.UNASSIGNED_DIVISION, born, number % 999 + 1)


def credit_code() -> str:
    """A credit code that passes its checksum and belongs to nobody."""
    return identity.make_credit_code(identity.UNASSIGNED_DIVISION, next(_sequence))


def bank_card() -> str:
    return identity.make_bank_card(identity.UNASSIGNED_CARD_PREFIX, next(_sequence))


@cache
def _blank_page() -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def return_of_service() -> SimpleUploadedFile:
    """A scanned return of service, as a browser sends it."""
    return SimpleUploadedFile("送达回证.pdf", _blank_page(), content_type="application/pdf")


def set_up(action: Any) -> Any:
    """Write to guarded directory tables the way an installation is set up."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('zhixing.act', 'installation', true)")
        result = action()
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('zhixing.act', '', true)")
        return result


def make_person(username: str, court: Court, *duties: Duty, name: str = "") -> Person:
    """A person with duties at a court since ten years ago."""

    def make() -> Person:
        person = Person.objects.create(
            username=username, name=name or username, court=court, password="correct horse battery"
        )
        for duty in duties:
            DutyHolding.objects.create(
                person=person,
                duty=duty,
                court=court,
                during=DateRange(clock.today() - timedelta(days=3650), None),
            )
        return person

    return set_up(make)


@dataclass
class World:
    """Courts and people, and the ways to get a case to a stage."""

    high: Court
    intermediate: Court
    court: Court
    sister: Court
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    def filing(self, **changes: Any) -> dict[str, Any]:
        """Input of a filing: one applicant, one debtor, 120 000.00 of main debt."""
        today = clock.today()
        return {
            "cause": "买卖合同纠纷",
            "applied_on": (today - timedelta(days=2)).isoformat(),
            "title_kind": "judgment",
            "title_number": f"（{today.year}）藏0102民初{next(_sequence)}号",
            "title_made_by": str(self.court.name),
            "title_effective_on": (today - timedelta(days=80)).isoformat(),
            "performance_due_on": (today - timedelta(days=60)).isoformat(),
            "items": [{"kind": "main", "label": "货款", "amount": "120000.00"}],
            "parties": [self.applicant(), self.debtor()],
        } | changes

    def applicant(self, **changes: Any) -> dict[str, Any]:
        return {
            "role": "applicant",
            "kind": "person",
            "name": "卓玛丙",
            "name_bo": "སྒྲོལ་མ།",
            "identity_number": resident_number(),
            "phone": "13900000000",
            "address": "拉萨市城关区某路 1 号",
            "account_bank": "高原某银行",
            "account_number": bank_card(),
        } | changes

    def debtor(self, **changes: Any) -> dict[str, Any]:
        return {
            "role": "debtor",
            "kind": "person",
            "name": "旦增乙",
            "name_bo": "བསྟན་འཛིན།",
            "identity_number": resident_number(),
            "address": "拉萨市城关区某路 2 号",
        } | changes

    def company(self, **changes: Any) -> dict[str, Any]:
        return (
            self.debtor(
                kind="company",
                name="某某运输公司",
                name_bo="",
                identity_number=credit_code(),
                representative="李某戊",
            )
            | changes
        )

    def do(self, code: str, case: Case | Court, actor: str | Person, **data: Any) -> engine.Result:
        """Submit an act by its code as one of the world's people."""
        person = self.people[actor] if isinstance(actor, str) else actor
        result = engine.submit(engine.act_named(code), case, person, data)
        if isinstance(case, Case):
            case.refresh_from_db()
        return result

    def approve(self, result: engine.Result, decider: str | Person) -> engine.Result:
        """Approve the proposal a ``do`` led to."""
        person = self.people[decider] if isinstance(decider, str) else decider
        assert result.proposal is not None
        done = engine.decide(result.proposal, person, approve=True)
        if result.case is not None:
            result.case.refresh_from_db()
        return done

    def file_case(self, **changes: Any) -> Case:
        """A filed case."""
        result = engine.submit(
            engine.act_named("case.file"), self.court, self.people["clerk"], self.filing(**changes)
        )
        assert result.case is not None
        return Case.objects.get(pk=result.case.pk)

    def assigned_case(self, **changes: Any) -> Case:
        """A case assigned to ``implementer``."""
        case = self.file_case(**changes)
        self.do("case.assign", case, "head", officer=self.people["implementer"].username)
        return case


def make_world() -> World:
    """The court tree and its people."""
    high = Court.objects.create(
        code="藏", name="西藏自治区高级人民法院", level="high", division_code="540000", verified=True
    )
    intermediate = Court.objects.create(
        code="藏01",
        name="拉萨市中级人民法院",
        level="intermediate",
        parent=high,
        division_code="540100",
        verified=False,
    )
    court = Court.objects.create(
        code="藏0102",
        name="拉萨市城关区人民法院",
        level="basic",
        parent=intermediate,
        division_code="540102",
        verified=False,
    )
    sister = Court.objects.create(
        code="藏0103",
        name="拉萨市堆龙德庆区人民法院",
        level="basic",
        parent=intermediate,
        division_code="540103",
        verified=False,
    )
    world = World(high, intermediate, court, sister)
    for name, duty in PEOPLE.items():
        world.people[name] = make_person(name, court, duty)
    world.people["upper_judge"] = make_person("upper_judge", intermediate, Duty.SUPERVISOR)
    world.people["high_head"] = make_person("high_head", high, Duty.BUREAU_HEAD)
    world.people["sister_clerk"] = make_person("sister_clerk", sister, Duty.FILING_CLERK)
    world.people["sister_implementer"] = make_person("sister_implementer", sister, Duty.IMPLEMENTER)
    world.people["sister_head"] = make_person("sister_head", sister, Duty.BUREAU_HEAD)
    if not Person.objects.filter(username="system").exists():
        Person.objects.create(username="system", name="系统", kind="system")
    return world


def client_system(person: Person, scopes: list[str]) -> tuple[str, str]:
    """A client system that acts as ``person``: its id and secret, as its owner would be told them once."""
    application = Application(
        name=person.username,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )
    secret = application.client_secret
    application.save()
    set_up(lambda: ClientSystem.objects.create(application=application, person=person, scopes=scopes))
    return application.client_id, secret
