"""How agencies answer: the same figures for the courts' boards, for an agency itself, and for its score.

All are counted over a stretch of legal days, both in. What was recalled counts nowhere. A request is late
against its own day, moved by as many days as it took to arrive; what never arrived is nobody's delay.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DateTimeField, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import TruncDate

from directory.models import Agency, CourtLevel, Duty, Person
from enforcement.engine import OutOfSight
from enforcement.models.cases import column_of_sight
from law import clock
from law.clock import SHANGHAI
from linkage.models import WAITING_STATES, Outcome, Request, RequestState

PAGE = 50
SPAN = timedelta(days=90)
# Whoever answers for more than their own cases.
SEE_BOARDS = frozenset({Duty.BUREAU_HEAD, Duty.COMMAND, Duty.PRESIDENT, Duty.SUPERVISOR})


class MedianSpan(Aggregate):
    """The median of spans of time."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True)
class Figures:
    """What was asked, and how it was answered. ``due`` were to be answered in the time, ``in_time`` of them
    were; ``overdue`` wait for their answer at its end. ``median_days`` from issue to answer."""

    issued: int = 0
    answered: int = 0
    due: int = 0
    in_time: int = 0
    overdue: int = 0
    refused: int = 0
    median_days: float | None = None

    @property
    def in_time_percent(self) -> int | None:
        """Of what was due, what was answered by its day; ``None`` where nothing was due."""
        return self.in_time * 100 // self.due if self.due else None


@dataclass
class BoardRow:
    """Figures of one agency, matter or court. ``key`` is its code."""

    key: str
    name: str
    figures: Figures


@dataclass
class Board:
    """A page of a board; ``after`` names the row the next page begins behind."""

    rows: list[BoardRow] = field(default_factory=list)
    total: Figures = field(default_factory=Figures)
    after: str | None = None


def _moments(first: date, last: date) -> tuple[Any, Any]:
    return clock.start_of(first), clock.start_of(last + timedelta(days=1))


def _counted(requests: QuerySet[Request], first: date, last: date) -> QuerySet[Request]:
    """The requests that count in a stretch of days, with the days the figures compare."""
    begins, ends = _moments(first, last)
    touched = (
        Q(issued_at__gte=begins, issued_at__lt=ends)
        | Q(answered_at__gte=begins, answered_at__lt=ends)
        | Q(due_on__range=(first, last))
        | Q(state__in=WAITING_STATES, due_on__lte=last)
    )
    answered_day = TruncDate("answered_at", tzinfo=SHANGHAI)
    lag = TruncDate("delivered_at", tzinfo=SHANGHAI) - TruncDate("issued_at", tzinfo=SHANGHAI)
    return (
        requests.exclude(state=RequestState.RECALLED)
        .filter(touched)
        .annotate(
            answered_day=answered_day,
            last_day=ExpressionWrapper(F("due_on") + lag, output_field=DateTimeField()),
        )
    )


def _aggregates(first: date, last: date) -> dict[str, Any]:
    begins, ends = _moments(first, last)
    within = Q(answered_at__gte=begins, answered_at__lt=ends)
    fell_due = Q(due_on__range=(first, last), due_on__lt=clock.today(), delivered_at__isnull=False)
    early = Q(due_on__range=(first, last), answered_day__isnull=False)
    late_now = Q(
        state__in=WAITING_STATES,
        due_on__lte=last,
        delivered_at__isnull=False,
        last_day__lt=clock.start_of(clock.today()),
    )
    return {
        "issued": Count("pk", filter=Q(issued_at__gte=begins, issued_at__lt=ends)),
        "answered": Count("pk", filter=within),
        "due": Count("pk", filter=fell_due | early),
        "in_time": Count("pk", filter=early & Q(answered_day__lte=F("last_day"))),
        "overdue": Count("pk", filter=late_now),
        "refused": Count("pk", filter=within & Q(outcome=Outcome.REFUSED)),
        "median": MedianSpan(F("answered_at") - F("issued_at"), filter=within),
    }


def _figures(row: dict[str, Any]) -> Figures:
    median: timedelta | None = row["median"]
    return Figures(
        issued=row["issued"],
        answered=row["answered"],
        due=row["due"],
        in_time=row["in_time"],
        overdue=row["overdue"],
        refused=row["refused"],
        median_days=round(median / timedelta(days=1), 1) if median is not None else None,
    )


def figures(agency: Agency, first: date, last: date) -> Figures:
    """The agency's own figures and those of its branches, in a stretch of legal days (both in)."""
    branches = Request.objects.filter(Q(agency=agency) | Q(agency__headquarters=agency))
    return _figures(_counted(branches, first, last).aggregate(**_aggregates(first, last)))


def may_see(person: Person) -> bool:
    """Whether the boards are for somebody: heads, presidents, supervisors and the command centre."""
    return bool(SEE_BOARDS & set(person.duties))


def in_sight(person: Person, values: dict[str, Any]) -> QuerySet[Request]:
    """Requests of the courts a person answers for, narrowed to a court, an agency or a matter. Cases granted
    singly are no court's figures. Raises ``OutOfSight``."""
    column = column_of_sight(person) if may_see(person) else ""
    if not column:
        raise OutOfSight
    requests = Request.objects.filter(**{f"case__{column}": person.court_id})
    if values.get("court"):
        requests = requests.filter(case__court__code=values["court"])
    if values.get("agency"):
        requests = requests.filter(agency__code=values["agency"])
    if values.get("matter"):
        requests = requests.filter(matter_code=values["matter"])
    return requests


GROUPS = {
    "agency": ("agency__code", "agency__name"),
    "matter": ("matter_code", "matter_code"),
    "court": ("case__court__code", "case__court__name"),
}


def board(
    person: Person,
    by: str,
    first: date,
    last: date,
    values: dict[str, Any] | None = None,
    *,
    size: int = PAGE,
) -> Board:
    """Figures by agency, matter or court, what is most overdue first; keyset on (overdue, code).

    ``values`` may hold ``court``, ``agency``, ``matter`` and ``after``. Raises ``OutOfSight``.
    """
    values = values or {}
    key, name = GROUPS[by]
    counted = _counted(in_sight(person, values), first, last)
    rows = counted.order_by().values(key, name).annotate(**_aggregates(first, last)).order_by("-overdue", key)
    overdue, _dot, after = str(values.get("after") or "").partition(".")
    if overdue.isdecimal() and len(overdue) < 10 and after:
        rows = rows.filter(Q(overdue__lt=int(overdue)) | Q(overdue=int(overdue), **{f"{key}__gt": after}))
    found = list(rows[: size + 1])
    page = [BoardRow(row[key], row[name], _figures(row)) for row in found[:size]]
    last_row = page[-1] if len(found) > size else None
    return Board(
        page,
        _figures(counted.aggregate(**_aggregates(first, last))),
        f"{last_row.figures.overdue}.{last_row.key}" if last_row is not None else None,
    )


def has_courts_below(person: Person) -> bool:
    """Whether a board by court tells them anything."""
    return person.court is not None and person.court.level != CourtLevel.BASIC
