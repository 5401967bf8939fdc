"""The directory of member agencies (成员单位) for the court, and an agency's own people, systems and keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from directory.models import Agency, ClientSystem, Court, Duty, DutyHolding, Person
from directory.models.agencies import AgencyKind
from directory.models.people import PersonKind
from enforcement.engine import OutOfSight, all_acts
from enforcement.models import Event
from enforcement.queries.staff import Happening, sentence_of
from law import clock, linkage
from linkage.acts.agency_systems import MATTER_SCOPE, fingerprint
from linkage.models import WAITING_STATES, Channel, Member, Request, VerifyingKey

HISTORY = 40
LOOKED_THROUGH = 400
#: Duties whose holders look at the directory; the command centre keeps it.
LOOKS = (Duty.COMMAND, Duty.BUREAU_HEAD, Duty.PRESIDENT, Duty.AUDITOR)
GROUPS = ("agencies", "agency-staff", "conferences")


def keeper(person: Person) -> Court:
    """The court whose directory somebody may look at. Raises ``OutOfSight``."""
    court = person.court
    if court is None or not any(person.holds(duty, court.pk) for duty in LOOKS):
        raise OutOfSight
    return court


def may_keep(person: Person) -> bool:
    """Whether somebody keeps the directory of their court."""
    return person.court_id is not None and person.holds(Duty.COMMAND, person.court_id)


def kept_below(court: Court) -> Q:
    """Members kept by a court or a court below it."""
    return Q(liaison=court) | Q(liaison__parent=court) | Q(liaison__parent__parent=court)


@dataclass
class Figures:
    """Of requests addressed to an agency: waiting now, of these overdue; answered this year, in time."""

    waiting: int = 0
    overdue: int = 0
    answered: int = 0
    in_time: int = 0

    @property
    def share(self) -> int | None:
        """Answers in time, in per cent."""
        return round(100 * self.in_time / self.answered) if self.answered else None


def figures(requests: QuerySet[Request]) -> dict[int, Figures]:
    """Figures of requests by agency."""
    today = clock.today()
    answered = Q(answered_at__gte=clock.start_of(today.replace(month=1, day=1)))
    rows = requests.values("agency_id").annotate(
        waiting=Count("pk", filter=Q(state__in=WAITING_STATES)),
        overdue=Count("pk", filter=Q(state__in=WAITING_STATES, due_on__lt=today)),
        answered=Count("pk", filter=answered),
        in_time=Count("pk", filter=answered & Q(answered_at__date__lte=F("due_on"))),
    )
    return {
        row["agency_id"]: Figures(row["waiting"], row["overdue"], row["answered"], row["in_time"])
        for row in rows
    }


@dataclass
class Row:
    agency: Agency
    member: Member
    channel: Channel | None
    figures: Figures
    matters: int
    branches: list[Row] = field(default_factory=list)


@dataclass
class Group:
    """Agencies of one kind; a branch stands below its headquarters."""

    label: str
    rows: list[Row]


@dataclass
class Directory:
    court: Court
    groups: list[Group]
    missing: list[str]
    left: list[Agency]


def directory(person: Person) -> Directory:
    """Member agencies kept by the person's court and the courts below, by kind. Raises ``OutOfSight``."""
    court = keeper(person)
    members = (
        Member.objects.filter(kept_below(court))
        .select_related("agency__channel", "agency__headquarters", "liaison")
        .annotate(count=Count("agency__matters"))
        .order_by("agency__kind", "agency__name")
    )
    live = [member for member in members if member.agency.is_active]
    counts = figures(requests_below(court))
    rows = {
        member.agency_id: Row(
            member.agency,
            member,
            getattr(member.agency, "channel", None),
            counts.get(member.agency_id, Figures()),
            member.count,
        )
        for member in live
    }
    groups: dict[str, list[Row]] = {}
    for row in rows.values():
        above = rows.get(row.agency.headquarters_id or 0)
        if above is not None:
            above.branches.append(row)
        else:
            groups.setdefault(row.agency.kind, []).append(row)
    named = [Group(str(kind.label), groups[kind.value]) for kind in AgencyKind if kind.value in groups]
    expected = [kind for kind in AgencyKind if kind not in {AgencyKind.OTHER, AgencyKind.CONGRESS}]
    missing = [str(kind.label) for kind in expected if kind.value not in groups]
    return Directory(
        court, named, missing, [member.agency for member in members if not member.agency.is_active]
    )


def requests_below(court: Court) -> QuerySet[Request]:
    """Requests of cases of a court and the courts below it."""
    return Request.objects.filter(**{f"case__{court.level_column}": court.pk})


@dataclass
class MatterRow:
    """A matter with its clock: the agency's own, or the table's; ``statutory`` if a text sets it."""

    matter: linkage.Matter
    days: int
    own: bool


@dataclass
class AgencyPage:
    court: Court
    agency: Agency
    member: Member
    channel: Channel | None
    matters: list[MatterRow]
    figures: Figures
    people: list[Person]
    systems: list[System]
    keys: list[Key]
    history: list[Happening]
    may_keep: bool


def one(person: Person, code: str) -> AgencyPage:
    """An agency of the directory with its history. Raises ``OutOfSight``."""
    court = keeper(person)
    member = (
        Member.objects.filter(kept_below(court), agency__code=code)
        .select_related("agency__headquarters", "agency__channel", "liaison", "superior")
        .first()
    )
    if member is None:
        raise OutOfSight
    agency = member.agency
    counts = figures(requests_below(court).filter(agency=agency))
    return AgencyPage(
        court,
        agency,
        member,
        getattr(agency, "channel", None),
        matters(agency),
        counts.get(agency.pk, Figures()),
        list(_people([agency.pk]).order_by("-is_active", "name")),
        _systems([agency.pk]),
        _keys([agency.pk]),
        history(member.liaison, {agency.code}),
        may_keep(person) and member.liaison_id == court.pk and agency.is_active,
    )


def matters(agency: Agency) -> list[MatterRow]:
    """What an agency answers, and by which clock."""
    rows = []
    for answered in agency.matters.all():
        matter = linkage.matters().get(answered.matter)
        if matter is not None:
            rows.append(MatterRow(matter, answered.days or matter.days, answered.days is not None))
    return rows


def history(court: Court, codes: set[str]) -> list[Happening]:
    """What was done about agencies in the register of their liaison court, newest first."""
    acts = [act.code for act in all_acts() if act.group in GROUPS]
    events = Event.objects.filter(register__court=court, act__in=acts).select_related("actor").order_by("-id")
    found = []
    for event in events[:LOOKED_THROUGH]:
        if event.outcome.get("agency") in codes:
            found.append(Happening(event, sentence_of(event)))
            if len(found) == HISTORY:
                break
    return found


# --- the agency's own administrator -------------------------------------------------------------------
@dataclass
class Seat:
    """An agency somebody administers, with the court on whose register they do it."""

    agency: Agency
    liaison: Court


def administered(person: Person) -> list[Seat]:
    """The agencies somebody administers, their own first. Raises ``OutOfSight``."""
    ids = person.agency_duties.get(Duty.AGENCY_ADMINISTRATOR, set())
    members = Member.objects.filter(agency__in=ids, agency__is_active=True).select_related(
        "agency", "liaison"
    )
    seats = [Seat(member.agency, member.liaison) for member in members]
    if not seats:
        raise OutOfSight
    return sorted(seats, key=lambda seat: (seat.agency.pk != person.agency_id, seat.agency.name))


@dataclass
class Staff:
    person: Person
    current: list[DutyHolding]
    coming: list[DutyHolding]


@dataclass
class PeoplePage:
    seats: list[Seat]
    liaison: Court
    rows: list[Staff]
    history: list[Happening]


def people(person: Person) -> PeoplePage:
    """People of the agencies somebody administers, with their duties. Raises ``OutOfSight``."""
    seats = administered(person)
    ids = [seat.agency.pk for seat in seats]
    today = clock.today()
    held: dict[int, Staff] = {}
    for one_person in _people(ids).order_by("-is_active", "agency__name", "name"):
        held[one_person.pk] = Staff(one_person, [], [])
    for holding in (
        DutyHolding.objects.filter(person__in=held, agency__isnull=False)
        .select_related("agency")
        .order_by("duty")
    ):
        row = held[holding.person_id]
        if holding.during.lower > today:
            row.coming.append(holding)
        elif holding.during.upper is None or holding.during.upper > today:
            row.current.append(holding)
    codes = {seat.agency.code for seat in seats}
    return PeoplePage(seats, seats[0].liaison, list(held.values()), history(seats[0].liaison, codes))


def _people(agencies: list[int]) -> QuerySet[Person]:
    return (
        Person.objects.filter(agency__in=agencies, kind=PersonKind.HUMAN)
        .select_related("agency")
        .prefetch_related("holdings")
    )


@dataclass
class System:
    """A client system: what it may do, and for which matters."""

    system: ClientSystem
    scopes: list[str]
    matters: list[str]


@dataclass
class Key:
    key: VerifyingKey
    fingerprint: str
    is_live: bool


@dataclass
class KeysPage:
    seats: list[Seat]
    liaison: Court
    systems: list[System]
    keys: list[Key]
    channels: list[Channel]


def keys(person: Person) -> KeysPage:
    """Systems, keys and channels of the agencies somebody administers. Raises ``OutOfSight``."""
    seats = administered(person)
    ids = [seat.agency.pk for seat in seats]
    channels = Channel.objects.filter(agency__in=ids).select_related("agency")
    return KeysPage(seats, seats[0].liaison, _systems(ids), _keys(ids), list(channels))


def _systems(agencies: list[int]) -> list[System]:
    rows = (
        ClientSystem.objects.filter(person__agency__in=agencies)
        .select_related("application", "person__agency")
        .order_by("-is_active", "person__name")
    )
    return [System(row, *_scopes(row.scopes)) for row in rows]


def _scopes(scopes: list[Any]) -> tuple[list[str], list[str]]:
    plain = [scope for scope in scopes if not scope.startswith(MATTER_SCOPE)]
    patterns = [scope.removeprefix(MATTER_SCOPE) for scope in scopes if scope.startswith(MATTER_SCOPE)]
    return plain, patterns


def _keys(agencies: list[int]) -> list[Key]:
    now = clock.now()
    rows = VerifyingKey.objects.filter(agency__in=agencies).select_related("agency").order_by("-valid_from")
    return [
        Key(row, fingerprint(row.public_key), row.valid_until is None or row.valid_until > now)
        for row in rows
    ]
