"""Agencies for tests, and requests on their way."""

from dataclasses import dataclass, field
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from directory.models import Agency, Duty, DutyHolding, Person
from enforcement import engine
from enforcement.models import Case
from law import clock
from linkage.models import Channel, ChannelKind, MatterAnswered, Member, Request
from tests.world import World, set_up

BANK_MATTERS = (
    "BANK-INQ-DEP",
    "BANK-FRZ-DEP",
    "BANK-FRZ-RENEW",
    "BANK-FRZ-WAIT",
    "BANK-DEDUCT",
    "BANK-REL",
)
LAND_MATTERS = ("LAND-INQ", "LAND-SEAL", "LAND-SEAL-RENEW", "LAND-SEAL-WAIT", "LAND-UNSEAL", "LAND-TRANSFER")


@dataclass
class Linked:
    """A world with two banks (one with a branch) and a land register, and somebody at each."""

    world: World
    bank: Agency
    branch: Agency
    second_bank: Agency
    land: Agency
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def teller(self) -> Person:
        return self.people["teller"]

    @property
    def second_teller(self) -> Person:
        return self.people["second_teller"]

    @property
    def registrar(self) -> Person:
        return self.people["registrar"]

    def inquire(self, case: Case, **data: Any) -> list[Request]:
        """Inquiries sent by the officer of the case."""
        result = engine.submit(engine.act_named("request.inquire"), case, self.world.implementer, data)
        return list(Request.objects.filter(ordered_by=result.event).order_by("id"))

    def answer(self, request: Request, person: Person, **data: Any) -> engine.Result:
        """Answer as somebody of the agency."""
        values = {"request": str(request.uid), "outcome": "done", "number": f"N-{request.pk}"} | data
        return engine.submit(engine.act_named("request.answer"), request.case, person, values)


def make_agency(
    world: World,
    code: str,
    kind: str,
    name: str,
    matters: tuple[str, ...],
    headquarters: Agency | None = None,
) -> Agency:
    """A member agency with a portal, that answers these matters."""
    agency = Agency.objects.create(code=code, kind=kind, name=name, headquarters=headquarters)
    Member.objects.create(agency=agency, liaison=world.court, joined_on=clock.today(), duties="")
    Channel.objects.create(agency=agency, kind=ChannelKind.PORTAL)
    for matter in matters:
        MatterAnswered.objects.create(agency=agency, matter=matter)
    return agency


def make_staff(username: str, agency: Agency, *duties: Duty) -> Person:
    """Somebody who holds duties at an agency."""

    def make() -> Person:
        person = Person.objects.create(
            username=username, name=username, agency=agency, password="correct horse battery"
        )
        for duty in duties:
            DutyHolding.objects.create(
                person=person, duty=duty, agency=agency, during=DateRange(clock.today(), None)
            )
        return person

    person: Person = set_up(make)
    return person


def linked(world: World) -> Linked:
    bank = make_agency(world, "demo-bank", "bank", "高原示例银行", ())
    branch = make_agency(world, "demo-bank-chengguan", "bank", "高原示例银行城关支行", BANK_MATTERS, bank)
    second = make_agency(world, "second-bank", "bank", "雪域示例银行", BANK_MATTERS)
    land = make_agency(world, "demo-land", "land", "示例市不动产登记中心", LAND_MATTERS)
    people = {
        "teller": make_staff("teller", branch, Duty.AGENCY_OPERATOR),
        "teller_reviewer": make_staff("teller_reviewer", branch, Duty.AGENCY_REVIEWER),
        "bank_head": make_staff("bank_head", bank, Duty.AGENCY_OPERATOR, Duty.AGENCY_ADMINISTRATOR),
        "second_teller": make_staff("second_teller", second, Duty.AGENCY_OPERATOR),
        "registrar": make_staff("registrar", land, Duty.AGENCY_OPERATOR),
    }
    return Linked(world, bank, branch, second, land, people)
