"""Joint conferences (联席会议): what is open for the next one, what was decided, who did it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Min, Q
from django.utils.translation import gettext_lazy as _

from directory.models import Agency, Court, Duty, Person
from enforcement.engine import OutOfSight
from enforcement.models import Objection, ObjectionState, StoredFile
from law import clock
from linkage import scoring
from linkage.models import (
    WAITING_STATES,
    AgendaKind,
    Attendance,
    Conference,
    ConferenceTask,
    Difficulty,
    Member,
    Presence,
    Request,
    RequestState,
    TaskReport,
    TaskState,
)
from linkage.queries.agencies import keeper, kept_below, may_keep, requests_below

PAGE = 40
NUMBERS_SHOWN = 12
PARTS_IN = (Duty.AGENCY_OPERATOR, Duty.AGENCY_REVIEWER, Duty.AGENCY_ADMINISTRATOR)


# --- what is open -------------------------------------------------------------------------------------
def open_points(court: Court, agencies: list[int], day: date) -> list[dict[str, Any]]:
    """Points of an agenda: answers overdue and difficulties not settled, by agency, and disputed assets.

    They hold counts and numbers of requests: agencies at the table are not told who a debtor is.
    """
    return [
        *_overdue(court, agencies, day),
        *_difficulties(court, agencies),
        *_disputed(court),
    ]


def _overdue(court: Court, agencies: list[int], day: date) -> list[dict[str, Any]]:
    late = requests_below(court).filter(agency__in=agencies, state__in=WAITING_STATES, due_on__lt=day)
    rows = late.order_by().values("agency_id").annotate(count=Count("pk"), since=Min("due_on"))
    return [
        {
            "kind": AgendaKind.OVERDUE.value,
            "agency_id": row["agency_id"],
            "facts": {
                "count": row["count"],
                "since": row["since"].isoformat(),
                "numbers": list(
                    late.filter(agency=row["agency_id"])
                    .order_by("due_on", "pk")
                    .values_list("number", flat=True)[:NUMBERS_SHOWN]
                ),
            },
        }
        for row in rows.order_by("since")
    ]


def _difficulties(court: Court, agencies: list[int]) -> list[dict[str, Any]]:
    unsettled = Difficulty.objects.filter(
        **{f"case__{court.level_column}": court.pk}, agency__in=agencies, ending=""
    )
    rows = unsettled.order_by().values("agency_id").annotate(count=Count("pk"))
    return [
        {
            "kind": AgendaKind.REFUSAL.value,
            "agency_id": row["agency_id"],
            "facts": {
                "count": row["count"],
                "numbers": list(
                    unsettled.filter(agency=row["agency_id"])
                    .order_by("pk")
                    .values_list("number", flat=True)[:NUMBERS_SHOWN]
                ),
            },
        }
        for row in rows.order_by("-count")
    ]


def _disputed(court: Court) -> list[dict[str, Any]]:
    disputed = Objection.objects.filter(
        **{f"case__{court.level_column}": court.pk},
        asset__isnull=False,
        state__in=[ObjectionState.RECEIVED, ObjectionState.FILED],
    )
    count = disputed.values("asset").distinct().count()
    if not count:
        return []
    kinds = sorted(set(disputed.values_list("asset__kind", flat=True)))
    return [
        {
            "kind": AgendaKind.ASSET.value,
            "agency_id": None,
            "facts": {"count": count, "kinds": kinds},
        }
    ]


# --- for the court ------------------------------------------------------------------------------------
@dataclass
class Listing:
    court: Court
    rows: Sequence[Conference]
    tasks: list[ConferenceTask]
    to_judge: int
    after: int | None
    may_keep: bool


def listed(person: Person, *, after: int | None = None) -> Listing:
    """Conferences of the person's court, the latest first, and tasks not done yet. Raises ``OutOfSight``."""
    court = keeper(person)
    rows = (
        Conference.objects.filter(court=court)
        .annotate(
            called=Count("attendances", distinct=True),
            given=Count("tasks", distinct=True),
            done=Count("tasks", filter=Q(tasks__state=TaskState.DONE), distinct=True),
        )
        .order_by("-pk")
    )
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows[: PAGE + 1])
    tasks = (
        ConferenceTask.objects.filter(conference__court=court)
        .exclude(state=TaskState.DONE)
        .select_related("agency", "conference", "resolution")
        .order_by("due_on", "pk")
    )
    waiting = list(tasks[:PAGE])
    return Listing(
        court,
        found[:PAGE],
        waiting,
        sum(one.state == TaskState.REPORTED for one in waiting),
        found[PAGE - 1].pk if len(found) > PAGE else None,
        may_keep(person),
    )


@dataclass
class ConferencePage:
    conference: Conference
    agenda: list[Any]
    attendances: list[Attendance]
    resolutions: list[Any]
    tasks: list[ConferenceTask]
    may_keep: bool
    for_agency: bool

    @property
    def overdue(self) -> list[Any]:
        """Points drafted from overdue answers, for the list of the pack."""
        return [item for item in self.agenda if item.kind == AgendaKind.OVERDUE and item.facts]

    @property
    def present(self) -> int:
        return sum(one.presence == Presence.PRESENT for one in self.attendances)


def one(person: Person, uid: Any) -> ConferencePage:
    """A conference, for its court and for the agencies that were called. Raises ``OutOfSight``."""
    conference = Conference.objects.select_related("court").filter(uid=uid).first()
    if conference is None:
        raise OutOfSight
    own = agencies_of(person)
    if own:
        if not conference.attendances.filter(agency__in=own).exists():
            raise OutOfSight
    elif keeper(person).pk != conference.court_id:
        raise OutOfSight
    tasks = (
        conference.tasks.select_related("agency", "resolution")
        .prefetch_related("reports__reported_by", "reports__evidence", "reports__judged_by")
        .order_by("due_on", "pk")
    )
    # An agency reads what was decided, and the tasks that are its own.
    if own:
        tasks = tasks.filter(agency__in=own)
    return ConferencePage(
        conference,
        list(conference.agenda.select_related("agency")),
        list(conference.attendances.select_related("agency")),
        list(conference.resolutions.all()),
        list(tasks),
        not own and may_keep(person),
        bool(own),
    )


def agencies_of(person: Person) -> set[int]:
    """Ids of the agencies somebody works for."""
    return set().union(*(person.agency_duties.get(duty, set()) for duty in PARTS_IN))


def evidence(person: Person, uid: Any) -> StoredFile:
    """A file that proves a task, for the court that gave it and the agency that sent it. Raises
    ``OutOfSight``."""
    reports = TaskReport.objects.filter(evidence__uid=uid).select_related("evidence")
    own = agencies_of(person)
    if own:
        reports = reports.filter(task__agency__in=own)
    else:
        reports = reports.filter(task__conference__court=keeper(person))
    report = reports.first()
    if report is None or report.evidence is None:
        raise OutOfSight
    return report.evidence


# --- the year's score -----------------------------------------------------------------------------------
@dataclass
class Scored:
    agency: Agency
    record: scoring.Record
    score: scoring.Score


def scores(person: Person, year: int) -> tuple[Court, list[Scored]]:
    """The year's score of each member, best first, then those asked nothing. Raises ``OutOfSight``."""
    court = keeper(person)
    agencies = [
        member.agency
        for member in Member.objects.filter(kept_below(court), agency__is_active=True).select_related(
            "agency"
        )
    ]
    return court, scored(agencies, year)


def scored(agencies: list[Agency], year: int) -> list[Scored]:
    """Scores of these agencies over a year, up to today."""
    records = records_of({one.pk for one in agencies}, year)
    rows = [Scored(one, records[one.pk], scoring.score(records[one.pk])) for one in agencies]
    return sorted(rows, key=lambda row: (row.score.total is None, -(row.score.total or 0), row.agency.name))


def records_of(agencies: set[int], year: int) -> dict[int, scoring.Record]:
    """What agencies did in a year, by their ids: whatever is not due yet does not count."""
    today = clock.today()
    counts: dict[int, dict[str, int]] = {pk: {} for pk in agencies}

    def add(rows: Any) -> None:
        for row in rows:
            counts[row.pop("agency_id")].update(row)

    requests = Request.objects.filter(agency__in=agencies).exclude(state=RequestState.RECALLED).order_by()
    ended = Q(due_on__lt=today) | ~Q(state__in=WAITING_STATES)
    add(
        requests.filter(ended, due_on__year=year)
        .values("agency_id")
        .annotate(
            answers_due=Count("pk"),
            answered_in_time=Count("pk", filter=Q(answered_at__date__lte=F("due_on"))),
        )
    )
    add(requests.filter(answered_at__year=year).values("agency_id").annotate(answered=Count("pk")))
    add(
        Difficulty.objects.filter(
            agency__in=agencies, kind="refusal", is_lawful=False, happened_on__year=year
        )
        .order_by()
        .values("agency_id")
        .annotate(refused_unlawfully=Count("request", distinct=True))
    )
    # A task reported in time counts once the court has looked at the evidence, not before.
    open_look = Q(state=TaskState.REPORTED, reported_on__lte=F("due_on"))
    tasks = ConferenceTask.objects.filter(agency__in=agencies, due_on__year=year).order_by()
    add(
        tasks.filter(Q(state=TaskState.DONE) | Q(due_on__lt=today))
        .exclude(open_look)
        .values("agency_id")
        .annotate(
            tasks_due=Count("pk"),
            tasks_in_time=Count("pk", filter=Q(state=TaskState.DONE, done_on__lte=F("due_on"))),
        )
    )
    add(
        Attendance.objects.filter(agency__in=agencies, conference__state="held", conference__day__year=year)
        .order_by()
        .values("agency_id")
        .annotate(
            called=Count("pk"),
            came=Count("pk", filter=Q(presence__in=[Presence.PRESENT, Presence.EXCUSED])),
        )
    )
    for row in counts.values():
        # A refusal of last year's answer, judged this year, takes nothing that is not there.
        row["refused_unlawfully"] = min(row.get("refused_unlawfully", 0), row.get("answered", 0))
    return {pk: scoring.Record(**row) for pk, row in counts.items()}


# --- for agencies ---------------------------------------------------------------------------------------
@dataclass
class Own:
    """What an agency sees of conferences: those it was called to, its tasks, its score of the year."""

    conferences: list[Conference]
    tasks: list[ConferenceTask]
    scores: list[Scored]
    year: int
    may_report: bool


def own(person: Person) -> Own:
    """Conferences and tasks of the agencies somebody works for. Raises ``OutOfSight``."""
    ids = agencies_of(person)
    if not ids:
        raise OutOfSight
    year = clock.today().year
    conferences = Conference.objects.filter(attendances__agency__in=ids).select_related("court").distinct()
    tasks = (
        ConferenceTask.objects.filter(agency__in=ids)
        .select_related("agency", "conference__court", "resolution")
        .prefetch_related("reports")
        .order_by("due_on", "pk")
    )
    reports = {Duty.AGENCY_OPERATOR, Duty.AGENCY_ADMINISTRATOR} & set(person.agency_duties)
    return Own(
        list(conferences[:PAGE]),
        [*tasks.exclude(state=TaskState.DONE), *tasks.filter(state=TaskState.DONE, due_on__year=year)],
        scored(list(Agency.objects.filter(pk__in=ids, is_active=True)), year),
        year,
        bool(reports),
    )


FORMULA = _(
    "Score = the sum of weight × done ÷ all over the four parts, over the sum of the weights in which"
    " something was asked, times 100. Parts in which nothing was asked do not count."
)
