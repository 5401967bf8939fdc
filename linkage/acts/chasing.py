"""What a court does when an agency does not answer, refuses or interferes: remind, tell its superior, propose
judicial advice or a fine, keep the register."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Agency, Duty, DutyHolding, Person
from enforcement.engine import Act, ActInput, Refused
from enforcement.models import Case, DeadlineKind, Document
from law import clock, linkage
from law.citations import (
    CPL,
    CPL_INTERPRETATION,
    DECISION_2011,
)
from law.deadlines import rule
from linkage import ladder, register
from linkage.acts.base import ANSWER_RULE, Draft, issue, tell
from linkage.acts.following import (
    FOLLOWING_STAGES,
    RequestOf,
    named,
    running,
)
from linkage.acts.inquiring import LiveChoicesField
from linkage.ladder import Step
from linkage.models import (
    WAITING_STATES,
    Difficulty,
    DifficultyGround,
    DifficultyKind,
    DispatchKind,
    Member,
    Outcome,
    Priority,
    Request,
)
from linkage.register import DIFFICULTY_RULE

ESCALATE_RULE, LIFT_RULE, SUPERIOR_RULE = (
    "linkage.escalate",
    "linkage.release-unconfirmed",
    "linkage.superior",
)
ESCALATE_MATTER = "JC-ESCALATE"
STEP_NAMES = {Step.FIRST: _("First reminder"), Step.SECOND: _("Second reminder")}


def responsible(case: Case) -> list[Person | None]:
    """The officer of the case, and at its court the head of the bureau and the command centre."""
    holders = DutyHolding.objects.live().filter(
        court_id=case.court_id, duty__in=[Duty.BUREAU_HEAD, Duty.COMMAND], person__is_active=True
    )
    return [case.implementer, *(one.person for one in holders.select_related("person"))]


def late_requests(context: dict[str, Any]) -> dict[str, str]:
    """Requests of a case whose answer is late, as choices of a form."""
    case = context.get("case")
    if case is None:
        return {}
    rows = Request.objects.waiting().filter(
        case=case, delivered_at__isnull=False, due_on__lt=clock.today(), reminded__lt=Step.SECOND
    )
    return {str(one.uid): named(one) for one in rows.select_related("agency")[:200]}


class RemindInput(ActInput):
    requests = LiveChoicesField(
        label=_("Requests"),
        choices_of=late_requests,
        required=False,
        help_text=_("If empty: all that are late."),
    )
    note = serializers.CharField(
        label=_("What the agency reads besides"), max_length=300, required=False, allow_blank=True, default=""
    )


class Remind(Act):
    """Remind agencies of answers that are late (催办), once or twice; the clock does it by itself. The first
    reminder also enters the delay on the register."""

    code = "request.remind"
    title = _("Remind agencies")
    group = "linkage"
    summary = _("%(steps)s: %(numbers)s to %(agencies)s")
    tone = "bad"
    basis = (CPL.art(117), CPL_INTERPRETATION.art(192))
    by = frozenset({Duty.IMPLEMENTER, Duty.COMMAND, Duty.BUREAU_HEAD})
    by_system = True
    stages = FOLLOWING_STAGES
    Input = RemindInput

    def ready(self, case: Case) -> None:
        late = [one for one in running(case, ANSWER_RULE) if one.due_on < self.day]
        if case.is_open and not late:
            raise Refused(gettext("No answer is late."), CPL.art(117), code="not-late")

    def initial(self, case: Case) -> dict[str, Any]:
        known = {str(one.subject) for one in running(case, ANSWER_RULE)}
        return {"requests": [self.about]} if self.about in known else {}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        wanted = set(data.get("requests") or ())
        rows = Request.objects.filter(case=case).select_related("agency", "agency__member__superior")
        rows = rows.filter(uid__in=wanted) if wanted else rows.filter(state__in=WAITING_STATES)
        by_hand = self.actor.kind != "system"
        self.due: list[tuple[Request, Step]] = []
        for request in rows.order_by("id"):
            step = ladder.may_remind(request, self.effects.calendar, self.day, by_hand=by_hand)
            if step is not None:
                self.due.append((request, step))
            elif wanted:
                self._refuse(request, by_hand)
        if not self.due:
            raise Refused(
                gettext("No reminder is due on this case today."),
                CPL.art(117),
                field="requests",
                code="not-due",
            )

    def _refuse(self, request: Request, by_hand: bool) -> None:
        step = ladder.next_reminder(request)
        names = {"number": request.number, "agency": request.agency}
        if not request.is_waiting:
            reason = gettext("%(number)s waits for no answer.")
        elif step is None:
            reason = gettext("%(agency)s was reminded of %(number)s twice. Tell its superior.")
        elif request.delivered_at is None:
            reason = gettext(
                "%(number)s has not reached %(agency)s; nobody is late with what they never got."
            )
        else:
            last = ladder.answer_day(request, self.effects.calendar)
            first_by_hand = by_hand and step is Step.FIRST
            day = last if first_by_hand else ladder.day_of(step, request, self.effects.calendar)
            names["day"] = str(day)
            reason = (
                gettext("%(agency)s may answer %(number)s until %(day)s.")
                if first_by_hand
                else gettext("The next reminder about %(number)s is sent on %(day)s.")
            )
        raise Refused(reason % names, CPL.art(117), field="requests", code="not-due")

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        for request, step in self.due:
            request.reminded = step
        Request.objects.bulk_update([request for request, _step in self.due], ["reminded"])
        for step in ladder.REMINDERS:
            group = [request for request, taken in self.due if taken is step]
            if group:
                tell(self, case, group, DispatchKind.REMINDED, data["note"] or str(STEP_NAMES[step]))
            for request in group:
                self._follow(case, request, step)
        agencies = list(dict.fromkeys(request.agency.name for request, _step in self.due))
        self.effects.notify(
            responsible(case),
            "request.overdue",
            case=case,
            tone="bad",
            count=str(len(self.due)),
            agencies="、".join(agencies[:5]),
        )
        return {
            "count": len(self.due),
            "requests": [request.uid for request, _step in self.due[:200]],
            "numbers": [request.number for request, _step in self.due[:200]],
            "agencies": agencies[:200],
            "steps": list(dict.fromkeys(STEP_NAMES[step] for _request, step in self.due)),
        }

    def _follow(self, case: Case, request: Request, step: Step) -> None:
        label = f"{request.matter.name_zh} · {request.agency.name}"[:160]
        if step is Step.FIRST:
            self._enter_delay(case, request)
        if request.priority == Priority.LIFT and step is Step.FIRST:
            # Somebody is restrained without a right: red on both desks from this day.
            for duty, act in ((Duty.IMPLEMENTER, "request.remind"), (Duty.BUREAU_HEAD, "request.escalate")):
                self.effects.open_deadline(
                    case,
                    LIFT_RULE,
                    starts_on=register.arrived_on(request),
                    duty=duty,
                    act=act,
                    subject=request.uid,
                    label=label,
                )
        if step is Step.SECOND and request.matter.request_kind != "urge":
            self.effects.open_deadline(
                case,
                ESCALATE_RULE,
                duty=Duty.BUREAU_HEAD,
                act="request.escalate",
                subject=request.uid,
                label=label,
            )

    def _enter_delay(self, case: Case, request: Request) -> None:
        known = Difficulty.objects.filter(request=request, kind=DifficultyKind.DELAY, ending="")
        if request.matter.request_kind == "urge" or known.exists():
            return
        delay = register.enter(
            self,
            case,
            kind=DifficultyKind.DELAY,
            request=request,
            agency=request.agency,
            served_on=register.arrived_on(request),
            happened_on=self.day,
            ground=DifficultyGround.NONE,
        )
        register.open_task(self, case, delay)


def superior_of(agency: Agency) -> tuple[Agency | None, str]:
    """Whom an agency answers to: a linked agency, and its name; both empty if nobody is known."""
    member = Member.objects.filter(agency=agency).select_related("superior").first()
    linked = (member.superior if member is not None else None) or agency.headquarters
    if linked is not None and linked.is_active:
        return linked, linked.name
    return None, member.superior_name if member is not None else ""


class EscalateInput(ActInput):
    request = RequestOf(
        among={"reminded__gte": Step.FIRST, "reminded__lt": Step.SUPERIOR}, label=_("Request")
    )
    facts = serializers.CharField(
        label=_("What the superior should know"),
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html"},
        help_text=_("No name or number of a party: the letter names requests only."),
    )


class Escalate(Act):
    """Tell an agency's superior that it does not answer or refuses without a right (通报上级主管单位)."""

    code = "request.escalate"
    title = _("Tell the superior")
    group = "linkage"
    summary = _("%(superior)s was told about %(agency)s: %(numbers)s")
    tone = "bad"
    basis = (CPL.art(117), DECISION_2011.art("四"))
    by = frozenset({Duty.COMMAND, Duty.BUREAU_HEAD})
    stages = FOLLOWING_STAGES
    writs = ("letter.superior",)
    Input = EscalateInput

    def ready(self, case: Case) -> None:
        if case.is_open and not running(case, ESCALATE_RULE, LIFT_RULE, DIFFICULTY_RULE):
            raise Refused(
                gettext("No agency was reminded in vain, and no refusal was found unlawful."),
                CPL.art(117),
                code="nothing-to-tell",
            )

    def initial(self, case: Case) -> dict[str, Any]:
        tasks = running(case, ESCALATE_RULE, LIFT_RULE)
        about = next((one for one in tasks if str(one.subject) == self.about), None)
        first = about or min(tasks, key=lambda one: (one.due_on, one.pk), default=None)
        return {"request": str(first.subject)} if first is not None else {}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        request = data["request"]
        if request.reminded >= Step.SUPERIOR:
            self._refuse(gettext("The superior of %(agency)s was told about %(number)s."), request, "told")
        if not self._may_be_told(request):
            self._refuse(
                gettext(
                    "%(agency)s is first reminded of %(number)s twice (of a lifting once), unless it refused"
                    " without a right."
                ),
                request,
                "too-early",
            )
        self.superior, self.superior_name = superior_of(request.agency)
        if not self.superior_name:
            self._refuse(
                gettext("No superior of %(agency)s is known. Add it to the agency's entry first."),
                request,
                "no-superior",
            )
        others = Request.objects.filter(
            case=case, agency=request.agency, reminded__lt=Step.SUPERIOR
        ).select_related("agency")
        self.told = [one for one in others.order_by("id") if self._may_be_told(one)]

    def _refuse(self, reason: str, request: Request, code: str) -> None:
        raise Refused(
            reason % {"agency": request.agency, "number": request.number},
            CPL.art(117),
            field="request",
            code=code,
        )

    def _may_be_told(self, request: Request) -> bool:
        if request.matter.request_kind == "urge":
            return False
        enough = Step.FIRST if request.priority == Priority.LIFT else Step.SECOND
        if request.is_waiting and request.reminded >= enough:
            return True
        return Difficulty.objects.filter(
            request=request, kind=DifficultyKind.REFUSAL, ending="", is_lawful=False
        ).exists()

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        agency = data["request"].agency
        extra = self._extra(agency, self.superior, self.superior_name, self.told, data["facts"])
        letters = case.documents.filter(writ="letter.superior").count()
        number = f"{case.number}通报{letters + 1}"
        letter = self.effects.write(case, "letter.superior", extra=extra | {"number": number})
        for request in self.told:
            request.reminded = Step.SUPERIOR
            self.effects.meet(case, ESCALATE_RULE, subject=request.uid)
        Request.objects.bulk_update(self.told, ["reminded"])
        numbers = [request.number for request in self.told]
        if self.superior is not None:
            issue(self, case, [self._draft(agency, self.superior, letter, numbers, data["facts"])])
        else:
            to_hand_over(self, case, letter, self.superior_name)
            self.effects.open_deadline(
                case,
                SUPERIOR_RULE,
                kind=DeadlineKind.WAIT,
                duty=Duty.IMPLEMENTER,
                subject=letter.uid,
                label=self.superior_name[:160],
                reason=gettext("Waits for the superior's answer"),
            )
        self.effects.notify(
            [case.implementer],
            "request.escalated",
            case=case,
            agency=agency.name,
            superior=self.superior_name,
        )
        return {
            "agency": agency.name,
            "superior": self.superior_name,
            "numbers": numbers,
            "requests": [request.uid for request in self.told],
            "linked": self.superior is not None,
        }

    def _draft(
        self, agency: Agency, superior: Agency, letter: Document, numbers: list[str], facts: str
    ) -> Draft:
        head = agency.headquarters
        return Draft(
            linkage.matter(ESCALATE_MATTER),
            superior,
            facts={
                "agency": head.name if head is not None else agency.name,
                "branch": agency.name if head is not None else "—",
                "requests": "、".join(numbers),
                "facts": facts or gettext("Reminded without an answer"),
            },
            documents=[letter],
            days=rule(SUPERIOR_RULE).duration,
        )

    def _extra(
        self, agency: Agency, superior: Agency | None, name: str, told: Iterable[Request], facts: str
    ) -> dict[str, Any]:
        return {
            "agency": superior if superior is not None else {"name": name},
            "about": agency,
            "ground": facts,
            "requests": [listed(one) for one in told],
        }

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        agency = data["request"].agency
        superior, name = superior_of(agency)
        extra = self._extra(agency, superior, name, [data["request"]], data.get("facts", ""))
        return [("letter.superior", extra)]


def listed(request: Request) -> dict[str, str]:
    """A request as letters list it: no party, no account."""
    arrived = register.arrived_on(request)
    return {
        "number": request.number,
        "matter": request.matter.name_zh,
        "served_on": arrived.isoformat() if arrived is not None else "",
        "due_on": request.due_on.isoformat(),
        "state": request.outcome and Outcome(request.outcome).value,
    }


def to_hand_over(act: Act, case: Case, document: Document, to: str) -> None:
    """A writ for somebody who is neither a party nor linked: it is handed over on paper, by a task."""
    act.effects.open_deadline(
        case,
        "product.serve",
        duty=Duty.IMPLEMENTER,
        act="case.record-step",
        subject=document.uid,
        label=f"{document.data['heading']['zh']} · {to}"[:160],
    )
