"""Requests as the court sees them: those of a case, of an officer, one with all that happened to it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Prefetch, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from directory.models import Person
from enforcement.engine import OutOfSight
from enforcement.models import (
    Attempt,
    Case,
    Measure,
)
from enforcement.queries import words
from enforcement.templatetags import pieces
from law import clock, linkage
from linkage.ladder import Step
from linkage.models import (
    WAITING_STATES,
    Answer,
    Difficulty,
    DispatchKind,
    Outcome,
    Priority,
    Question,
    Request,
    RequestDocument,
    RequestState,
)

PAGE = 50
IN_PANEL = 6
FAN_OUTS = 3
CAP = 100
STATES = [
    ("waiting", _("Waiting for the answer")),
    ("overdue", _("Overdue")),
    ("undelivered", _("Not delivered")),
    ("check", _("To check")),
    ("refused", _("Refused")),
    ("lift", _("Liftings to confirm")),
    ("settled", _("Settled")),
]
TONES = {
    Outcome.DONE: "green",
    Outcome.PART: "amber",
    Outcome.WAITING: "amber",
    Outcome.NOTHING: "",
    Outcome.REFUSED: "red",
}
LADDER = [
    (Step.FIRST, _("First reminder")),
    (Step.SECOND, _("Second reminder")),
    (Step.SUPERIOR, _("Superior told")),
    (Step.CONFERENCE, _("Conference")),
    (Step.PENALTY, _("Advice or fine")),
]


def chip(request: Request, today: date) -> tuple[str, str]:
    """How a request stands, as label and tone."""
    if request.state == RequestState.RECALLED:
        return str(RequestState.RECALLED.label), ""
    if not request.is_waiting:
        return str(Outcome(request.outcome).label), TONES[Outcome(request.outcome)]
    if request.delivered_at is None:
        return gettext("Not delivered"), "red" if request.due_on < today else "amber"
    if request.due_on < today:
        return gettext("Overdue"), "red"
    return str(request.get_state_display()), "blue" if request.state == RequestState.ACCEPTED else ""


def dressed(requests: list[Request], today: date) -> list[Request]:
    """Requests with what lists show of them."""
    for request in requests:
        request.label, request.tone = chip(request, today)  # type: ignore[attr-defined]
        request.matter_name = request.matter.name(words.language())  # type: ignore[attr-defined]
    return requests


# --- one case -------------------------------------------------------------------------------------
@dataclass
class FanOut:
    """Requests one act sent out together."""

    event: int
    at: datetime
    total: int
    answered: int
    late: int


@dataclass
class CasePanel:
    """What the page of a case shows of its requests."""

    total: int = 0
    waiting: int = 0
    overdue: int = 0
    to_check: int = 0
    fan_outs: list[FanOut] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def panel(case: Case) -> CasePanel:
    """The requests of a visible case: how many, the fan-outs, the most urgent ones. Three queries."""
    today = clock.today()
    rows = Request.objects.filter(case=case)
    groups = list(
        rows.exclude(state=RequestState.RECALLED)
        .order_by()
        .values("ordered_by")
        .annotate(
            total=Count("pk"),
            waiting=Count("pk", filter=Q(state__in=WAITING_STATES)),
            late=Count("pk", filter=Q(state__in=WAITING_STATES, due_on__lt=today)),
            unchecked=Count("pk", filter=Q(state=RequestState.ANSWERED)),
            at=Max("issued_at"),
        )
        .order_by("-ordered_by")
    )
    urgent = rows.filter(Q(state__in=WAITING_STATES) | Q(state=RequestState.ANSWERED)).select_related(
        "agency"
    )
    shown = urgent.defer("facts_sealed").order_by("priority", "due_on", "id")[:IN_PANEL] if groups else []
    questions = Question.objects.filter(case=case, replied_at=None).select_related("request__agency")
    return CasePanel(
        total=sum(group["total"] for group in groups),
        waiting=sum(group["waiting"] for group in groups),
        overdue=sum(group["late"] for group in groups),
        to_check=sum(group["unchecked"] for group in groups),
        fan_outs=[
            FanOut(
                group["ordered_by"],
                group["at"],
                group["total"],
                group["total"] - group["waiting"],
                group["late"],
            )
            for group in groups
            if group["total"] > 1
        ][:FAN_OUTS],
        requests=dressed(list(shown), today),
        questions=list(questions[:IN_PANEL]) if groups else [],
    )


@dataclass
class RequestPage:
    """A page of requests; ``after`` names the row the next page begins behind."""

    rows: list[Request] = field(default_factory=list)
    after: str | None = None


def narrowed(requests: QuerySet[Request], values: dict[str, Any]) -> QuerySet[Request]:
    """Requests in a state of ``STATES``, of one agency, matter, court or fan-out."""
    today = clock.today()
    late = Q(state__in=WAITING_STATES, due_on__lt=today)
    states: dict[str, Q] = {
        "waiting": Q(state__in=WAITING_STATES),
        "overdue": late & Q(delivered_at__isnull=False),
        "undelivered": Q(state__in=WAITING_STATES, delivered_at=None),
        "check": Q(state=RequestState.ANSWERED),
        "refused": Q(outcome=Outcome.REFUSED),
        "lift": Q(state__in=WAITING_STATES, priority=Priority.LIFT),
        "settled": Q(state__in=[RequestState.CHECKED, RequestState.RECALLED]),
    }
    if values.get("state") in states:
        requests = requests.filter(states[values["state"]])
    for name, column in {
        "agency": "agency__code",
        "matter": "matter_code",
        "court": "case__court__code",
    }.items():
        if values.get(name):
            requests = requests.filter(**{column: values[name]})
    sent = str(values.get("sent") or "")
    return requests.filter(ordered_by=int(sent)) if sent.isdecimal() and len(sent) < 19 else requests


def _page(requests: QuerySet[Request], after: str, size: int) -> RequestPage:
    """By clock: keyset on (due_on, id)."""
    day, _dot, key = after.partition(".")
    try:
        behind = (date.fromisoformat(day), int(key))
    except ValueError:
        behind = None
    if behind is not None:
        requests = requests.filter(Q(due_on__gt=behind[0]) | Q(due_on=behind[0], pk__gt=behind[1]))
    rows = list(
        requests.select_related("agency", "case")
        .defer("facts_sealed", "case__search_terms")
        .order_by("due_on", "id")[: size + 1]
    )
    page = dressed(rows[:size], clock.today())
    last = page[-1] if len(rows) > size else None
    return RequestPage(page, f"{last.due_on.isoformat()}.{last.pk}" if last is not None else None)


def of_case(case: Case, values: dict[str, Any], *, size: int = PAGE) -> RequestPage:
    """Requests of a visible case, by clock."""
    return _page(narrowed(Request.objects.filter(case=case), values), str(values.get("after") or ""), size)


def listed(person: Person, values: dict[str, Any], *, size: int = PAGE) -> RequestPage:
    """Requests of the cases a person implements, or with ``all`` of all the person sees, by clock."""
    requests = (
        Request.objects.filter(case__in=Case.objects.visible_to(person))
        if values.get("all")
        else Request.objects.filter(case__implementer=person)
    )
    return _page(narrowed(requests, values), str(values.get("after") or ""), size)


def counts(person: Person) -> dict[str, int]:
    """How many requests of the person's own cases are in each urgent state, at most a hundred."""
    mine = Request.objects.filter(case__implementer=person)
    return {
        state: narrowed(mine, {"state": state}).order_by()[:CAP].count()
        for state in ("overdue", "lift", "undelivered", "check")
    }


# --- one request ----------------------------------------------------------------------------------
@dataclass
class Happening:
    """One line of a request's course. ``tone`` is "in", "bad" or nothing."""

    at: datetime
    title: str
    text: str = ""
    detail: str = ""
    tone: str = ""


@dataclass
class RequestFile:
    """One request with its course, its answers, and what followed."""

    request: Request
    course: list[Happening]
    answers: list[Answer]
    questions: list[Question]
    measures: list[Measure]
    difficulties: list[Difficulty]
    ladder: list[tuple[str, bool]]


def one(person: Person, uid: UUID) -> RequestFile:
    """A request of a visible case. Raises ``OutOfSight``."""
    request = (
        Request.objects.filter(uid=uid, case__in=Case.objects.visible_to(person))
        .select_related(
            "agency", "case__court", "party", "asset", "requested_by", "decided_by", "lift", "measure__asset"
        )
        .prefetch_related(
            Prefetch("accompanied_by", RequestDocument.objects.select_related("document")),
            "dispatches__message__tries",
            Prefetch("answers", Answer.objects.select_related("answered_by", "confirmed_by", "event")),
            Prefetch("questions", Question.objects.select_related("asked_by", "replied_by")),
            Prefetch("difficulties", Difficulty.objects.select_related("agency", "sanction")),
        )
        .first()
    )
    if request is None:
        raise OutOfSight
    dressed([request], clock.today())
    answers = list(request.answers.all())
    events = [answer.event_id for answer in answers if answer.event_id is not None]
    followed = Q(ordered_by__in=events) | Q(released_by__in=events)
    if request.measure_id is not None:
        followed |= Q(pk=request.measure_id)
    measures = Measure.objects.filter(followed, case=request.case).select_related("asset")
    return RequestFile(
        request=request,
        course=_course(request, answers),
        answers=answers,
        questions=list(request.questions.all()),
        measures=list(measures),
        difficulties=list(request.difficulties.all()),
        ladder=[(str(name), request.reminded >= step) for step, name in LADDER],
    )


DISPATCHED = {
    DispatchKind.ISSUED: _("Issued"),
    DispatchKind.RECALLED: _("Recalled"),
    DispatchKind.REPLIED: _("Reply sent"),
    DispatchKind.REMINDED: _("Reminded"),
    DispatchKind.CORRECTED: _("Correction asked for"),
}


def _course(request: Request, answers: list[Answer]) -> list[Happening]:
    """All that happened to a request, the last first."""
    course: list[Happening] = []
    for dispatch in request.dispatches.all():
        tone = "bad" if dispatch.kind in {DispatchKind.REMINDED, DispatchKind.RECALLED} else ""
        course.append(
            Happening(
                dispatch.at,
                str(DISPATCHED[DispatchKind(dispatch.kind)]),
                words.said(dispatch.note),
                tone=tone,
            )
        )
        course += [_try(attempt) for attempt in dispatch.message.tries.all()]
    if request.delivered_at is not None:
        course.append(Happening(request.delivered_at, gettext("Delivered: from here it binds"), tone="in"))
    if request.accepted_at is not None:
        course.append(Happening(request.accepted_at, gettext("Accepted"), str(request.agency), tone="in"))
    for question in request.questions.all():
        title = gettext("Written objection") if question.is_objection else gettext("Question")
        course.append(Happening(question.asked_at, title, question.text))
    for answer in answers:
        said = Outcome(answer.outcome).label if answer.outcome else answer.get_state_display()
        course.append(
            Happening(
                answer.received_at,
                gettext("Answer"),
                f"{said} · {answer.number}",
                detail=" · ".join(
                    [answer.get_channel_display(), str(answer.answered_by), answer.get_state_display()]
                ),
                tone="bad" if answer.outcome == Outcome.REFUSED else "in",
            )
        )
    return sorted(course, key=lambda one: one.at, reverse=True)


def _try(attempt: Attempt) -> Happening:
    number = {"number": attempt.number}
    if attempt.ok:
        return Happening(attempt.started_at, gettext("Try %(number)s: sent") % number)
    return Happening(
        attempt.started_at, gettext("Try %(number)s: failed") % number, detail=attempt.error, tone="bad"
    )


def fields(answer: Answer) -> list[tuple[str, Any]]:
    """What an answer says, masked, as labels and texts; rows of a table as lists of such pairs."""
    known = {one.name: one for one in answer.request.matter.answer_fields}
    shown: list[tuple[str, Any]] = []
    for name, value in answer.facts.items():
        one = known.get(name)
        inner = {each.name: each for each in one.fields} if one is not None else {}
        if isinstance(value, list):
            shown.append((_label(name, one), [_row(row, inner) for row in value]))
        elif isinstance(value, dict):
            shown.append((_label(name, one), [_row(value, inner)]))
        else:
            shown.append((_label(name, one), _said(value, one)))
    return shown


def _label(name: str, one: linkage.MatterField | None) -> str:
    return one.label(words.language()) if one is not None else name


def _said(value: Any, one: linkage.MatterField | None) -> str:
    if one is not None and one.kind is linkage.FieldKind.MONEY:
        return pieces.money(value)
    return _plain(value)


def _row(row: Any, known: dict[str, linkage.MatterField]) -> list[tuple[str, str]]:
    if not isinstance(row, dict):
        return [("", _plain(row))]
    return [(_label(name, known.get(name)), _said(value, known.get(name))) for name, value in row.items()]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list | dict):
        return "、".join(map(str, value if isinstance(value, list) else value.values()))
    return str(value)
