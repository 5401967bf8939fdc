"""What requests ask of people at the court: the register, renewals before their day, lines on the desk."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from directory.models import Duty, Person
from enforcement.models import (
    LIVE_STATES,
    Case,
    Deadline,
    DeadlineState,
    Measure,
    Proposal,
    ProposalState,
    Stage,
)
from law import clock
from linkage.models import Difficulty, Request

PAGE = 50
CAP = 100
#: What waits for the court, by rule of its deadline.
WAITING_FOR_US = {
    "linkage.release-unconfirmed": _("Liftings not confirmed"),
    "linkage.check": _("Answers to check"),
    "linkage.reply": _("Questions to reply to"),
    "linkage.bank-objection": _("Written objections to answer"),
    "linkage.difficulty": _("Refusals and delays to settle"),
    "linkage.escalate": _("Superiors to tell"),
    "linkage.renewal-escalated": _("Measures about to lapse"),
}


@dataclass
class DifficultyPage:
    rows: list[Difficulty] = field(default_factory=list)
    after: int | None = None


def register(person: Person, values: dict[str, Any], *, size: int = PAGE) -> DifficultyPage:
    """The register of refusals, delays and interference of the cases a person sees, newest first."""
    rows = Difficulty.objects.filter(case__in=Case.objects.visible_to(person)).select_related(
        "case", "agency", "request", "sanction"
    )
    rows = rows.defer("case__search_terms", "request__facts_sealed").order_by("-id")
    if values.get("state") != "all":
        rows = rows.filter(ending="")
    if values.get("kind"):
        rows = rows.filter(kind=values["kind"])
    if values.get("agency"):
        rows = rows.filter(agency__code=values["agency"])
    after = str(values.get("after") or "")
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: size + 1])
    return DifficultyPage(found[:size], found[size - 1].pk if len(found) > size else None)


RENEWAL_DAYS = (7, 15, 30)


def expiring(person: Person) -> list[tuple[int, list[Measure]]]:
    """Live measures of the person's open cases that end within 7, 15 and 30 days and have no signed reason
    to lapse: (days, measures), each measure once. What an order to renew is under way for bears ``renewal``,
    what is proposed ``proposal``."""
    today = clock.today()
    rows = list(
        Measure.objects.filter(
            case__implementer=person,
            state__in=LIVE_STATES,
            lapse_reason="",
            during__endswith__gt=today,
            during__endswith__lte=today + timedelta(days=RENEWAL_DAYS[-1] + 1),
        )
        .exclude(case__stage=Stage.CLOSED)
        .select_related("case", "asset")
        .defer("case__search_terms")
        .order_by("during__endswith", "id")
    )
    renewals = {
        request.measure_id: request
        for request in Request.objects.waiting().filter(measure__in=rows, ordered_by__act="request.renew")
    }
    proposed: dict[str, Proposal] = {}
    open_ones = Proposal.objects.filter(
        act="request.renew", state=ProposalState.OPEN, case__in={row.case_id for row in rows}
    )
    for proposal in open_ones:
        measures = proposal.input.get("measures") or [proposal.input.get("measure")]
        proposed |= {str(uid): proposal for uid in measures}
    groups: dict[int, list[Measure]] = {days: [] for days in RENEWAL_DAYS}
    for row in rows:
        row.renewal = renewals.get(row.pk)  # type: ignore[attr-defined]
        row.proposal = proposed.get(str(row.uid))  # type: ignore[attr-defined]
        left = (row.last_day - today).days
        groups[next(days for days in RENEWAL_DAYS if left <= days)].append(row)
    return [(days, measures) for days, measures in groups.items() if measures]


@dataclass
class DeskLine:
    """One line of the desk's card: what waits, by the rule of its deadline, and how often."""

    rule: str
    label: str
    number: int
    tone: str = ""


def desk_lines(person: Person) -> list[DeskLine]:
    """What requests ask of a person today: their own deadlines, and those of their duties' pools. Two
    queries, whatever there is."""
    today = clock.today()
    theirs = Q(owner=person)
    for duty in (Duty.BUREAU_HEAD, Duty.COMMAND):
        courts = person.duties.get(duty)
        if courts:
            theirs |= Q(owner=None, duty=duty, court_id__in=sorted(courts))
    rows = (
        Deadline.objects.filter(theirs, state=DeadlineState.OPEN, rule__in=WAITING_FOR_US)
        .order_by()
        .values("rule")
        .annotate(number=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    )
    found = {row["rule"]: row for row in rows}
    late = (
        Deadline.objects.filter(
            owner=person, state=DeadlineState.OPEN, rule="linkage.answer", due_on__lt=today
        )
        .order_by()[:CAP]
        .count()
    )
    lines = [
        DeskLine(
            rule,
            str(label),
            found[rule]["number"],
            "red" if found[rule]["late"] or "release" in rule else "amber",
        )
        for rule, label in WAITING_FOR_US.items()
        if rule in found
    ]
    if late:
        lines.insert(0, DeskLine("linkage.answer", gettext("Answers overdue"), late, "red"))
    return lines
