"""What a court does with requests that left it: look at answers, reply to questions, have an answer
corrected, take a request back."""

from typing import Any
from uuid import UUID

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.engine import Act, ActInput, LiveChoiceField, OfCase, Refused
from enforcement.models import (
    Case,
    Deadline,
    DeadlineKind,
    DeadlineState,
    Stage,
)
from law.citations import CPL, CPL_INTERPRETATION, NETWORK_FREEZE
from linkage import register
from linkage.acts.base import ANSWER_RULE, tell
from linkage.models import (
    ARTICLE_OF,
    Difficulty,
    DifficultyGround,
    DifficultyKind,
    DispatchKind,
    Ending,
    MatterAnswered,
    Outcome,
    Question,
    Request,
    RequestState,
)

# A holder answers, and confirms a lifting, after the case has closed as well.
FOLLOWING_STAGES = frozenset(Stage) - {Stage.FILED}
CHECK_RULE, REPLY_RULES = "linkage.check", ("linkage.reply", "linkage.bank-objection")
UNDO_RULE = "linkage.undo"
RIGHT, CORRECTION = "right", "correction"
VERDICTS = [(RIGHT, _("It is right")), (CORRECTION, _("It must be corrected"))]
YES, NO = "yes", "no"
LAWFUL = [(YES, _("Lawful")), (NO, _("Not lawful"))]
SHOWN = 200


def running(case: Case, *rules: str) -> list[Deadline]:
    """Running deadlines of these rules, from what the workspace has loaded."""
    return [one for one in case.deadlines.all() if one.state == DeadlineState.OPEN and one.rule in rules]


class RequestOf(OfCase):
    """A request of the case. A form lists those the act is about; another one is refused in words."""

    def __init__(self, *, among: dict[str, Any], **options: Any):
        self.among = among
        super().__init__("requests", **options)

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(**self.among).select_related("agency").order_by("-id")[:SHOWN]

    def display_value(self, instance: Request) -> str:
        return named(instance)


def named(request: Request) -> str:
    """A request as lists of a form show it."""
    return f"{request.number} · {request.matter.name(get_language() or 'en')} · {request.agency}"


def ask_again(act: Act, case: Case, request: Request, note: str) -> None:
    """Ask the agency to correct its answer: its clock begins anew, what followed from the answer stands."""
    agreed = MatterAnswered.objects.filter(agency=request.agency, matter=request.matter_code).first()
    deadline = act.effects.open_deadline(
        case,
        ANSWER_RULE,
        kind=DeadlineKind.WAIT,
        length=(agreed.days if agreed is not None else None) or request.matter.days,
        duty=Duty.IMPLEMENTER,
        act="request.remind",
        subject=request.uid,
        label=f"{request.matter.name_zh} · {request.agency.name}"[:160],
        reason=gettext("Waits for the agency's correction"),
    )
    request.state, request.outcome = RequestState.ACCEPTED, ""
    request.due_on, request.reminded = deadline.due_on, 0
    request.save(update_fields=["state", "outcome", "due_on", "reminded"])
    act.effects.meet(case, CHECK_RULE, subject=request.uid)
    tell(act, case, [request], DispatchKind.CORRECTED, note)


def refuse_unanswered(request: Request, *, checked: bool = False) -> None:
    """Raise ``Refused`` for a request without an answer to look at (``checked``: one looked at will do)."""
    if request.state == RequestState.ANSWERED or (checked and request.state == RequestState.CHECKED):
        return
    reason = (
        gettext("The answer to %(number)s was looked at already.")
        if request.state == RequestState.CHECKED
        else gettext("%(number)s has no answer to look at (%(state)s).")
    )
    raise Refused(
        reason % {"number": request.number, "state": request.get_state_display()},
        NETWORK_FREEZE.art(4),
        field="request",
        code="no-answer",
    )


class CheckInput(ActInput):
    request = RequestOf(among={"state": RequestState.ANSWERED}, label=_("Answer to"))
    verdict = serializers.ChoiceField(
        label=_("The answer"), choices=VERDICTS, default=RIGHT, style={"base_template": "radio.html"}
    )
    lawful = serializers.ChoiceField(
        label=_("The refusal is"),
        choices=LAWFUL,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Only if the agency refused."),
    )
    ground = serializers.ChoiceField(
        label=_("Its ground is"),
        choices=DifficultyGround.choices,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Only if the agency refused, and named another one."),
    )
    remarks = serializers.CharField(
        label=_("Remarks"),
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html"},
        help_text=_("What must be corrected, or why the refusal is lawful or not. The agency reads it."),
    )


class CheckAnswer(Act):
    """Look at an answer (核对反馈): right, or to be corrected. A refusal is judged: lawful or not."""

    code = "request.check"
    title = _("Check an answer")
    group = "linkage"
    summary = _("Answer of %(agency)s to %(number)s (%(matter)s) checked: %(verdict)s")
    basis = (CPL.art(253), NETWORK_FREEZE.art(4))
    by = frozenset({Duty.IMPLEMENTER})
    stages = FOLLOWING_STAGES
    Input = CheckInput

    def ready(self, case: Case) -> None:
        answered = any(
            one.rule == ANSWER_RULE and one.state == DeadlineState.MET for one in case.deadlines.all()
        )
        if not answered and not running(case, CHECK_RULE):
            raise Refused(gettext("No agency has answered yet."), NETWORK_FREEZE.art(4), code="no-answer")

    def initial(self, case: Case) -> dict[str, Any]:
        tasks = running(case, CHECK_RULE)
        about = next((one for one in tasks if str(one.subject) == self.about), None)
        first = about or min(tasks, key=lambda one: (one.due_on, one.pk), default=None)
        return {"request": str(first.subject)} if first is not None else {}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        request = data["request"]
        refuse_unanswered(request)
        refused = request.outcome == Outcome.REFUSED
        if data["verdict"] == CORRECTION and not data["remarks"].strip():
            raise Refused(
                gettext("Say what must be corrected; the agency reads it."),
                NETWORK_FREEZE.art(4),
                field="remarks",
                code="remarks-missing",
            )
        if (data["lawful"] or data["ground"]) and not refused:
            raise Refused(
                gettext("The agency did not refuse, so there is no refusal to judge."),
                CPL.art(117),
                field="lawful",
                code="not-refused",
            )
        self.refusal = (
            Difficulty.objects.filter(request=request, kind=DifficultyKind.REFUSAL, ending="").last()
            if refused
            else None
        )
        if refused and data["verdict"] == RIGHT:
            self._check_judgment(data)

    def _check_judgment(self, data: dict[str, Any]) -> None:
        entered = self.refusal.ground if self.refusal is not None else DifficultyGround.OTHER
        ground = data["ground"] or entered
        if not data["lawful"]:
            raise Refused(
                gettext("The agency refused: say whether the refusal is lawful."),
                ARTICLE_OF[ground],
                field="lawful",
                code="judgment-missing",
            )
        if data["lawful"] == YES and ground == DifficultyGround.INTERNAL:
            raise Refused(
                gettext("Instructions, approval or rules of its own excuse no agency."),
                CPL_INTERPRETATION.art("192(4)"),
                field="lawful",
                code="internal",
            )
        if not data["remarks"].strip():
            raise Refused(
                gettext("Give the reason: it goes on the register, and the agency reads it."),
                ARTICLE_OF[ground],
                field="remarks",
                code="remarks-missing",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        request, refusal = data["request"], self.refusal
        verdict = str(dict(VERDICTS)[data["verdict"]])
        if refusal is not None and data["lawful"]:
            refusal.is_lawful, refusal.reply = data["lawful"] == YES, data["remarks"]
            refusal.ground = data["ground"] or refusal.ground
            refusal.save(update_fields=["is_lawful", "reply", "ground"])
            verdict = gettext("refusal lawful") if refusal.is_lawful else gettext("refusal not lawful")
        if data["verdict"] == CORRECTION:
            if refusal is not None:
                register.open_task(self, case, refusal)
            ask_again(self, case, request, data["remarks"])
        else:
            request.state = RequestState.CHECKED
            request.save(update_fields=["state"])
            self.effects.meet(case, CHECK_RULE, subject=request.uid)
            if refusal is not None and refusal.is_lawful:
                register.end(self, refusal, Ending.LAWFUL, self.actor)
            elif refusal is not None:
                register.open_task(self, case, refusal)
        return {
            "request": request.uid,
            "agency": request.agency.name,
            "number": request.number,
            "matter": request.matter.code,
            "verdict": verdict,
            "remarks": data["remarks"],
        }


class CorrectInput(ActInput):
    request = RequestOf(
        among={"state__in": [RequestState.ANSWERED, RequestState.CHECKED]}, label=_("Answer to")
    )
    note = serializers.CharField(
        label=_("What must be corrected"),
        min_length=4,
        max_length=500,
        style={"base_template": "textarea.html"},
        help_text=_("The agency reads it."),
    )


class CorrectAnswer(Act):
    """Ask an agency to correct its answer (要求更正). What followed from the answer stands meanwhile."""

    code = "request.correct-answer"
    title = _("Have an answer corrected")
    group = "linkage"
    summary = _("%(agency)s is asked to correct its answer to %(number)s: %(note)s")
    basis = (CPL.art(253), NETWORK_FREEZE.art(4))
    by = frozenset({Duty.IMPLEMENTER})
    stages = FOLLOWING_STAGES
    Input = CorrectInput
    ready = CheckAnswer.ready
    initial = CheckAnswer.initial

    def check(self, case: Case, data: dict[str, Any]) -> None:
        refuse_unanswered(data["request"], checked=True)

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        request = data["request"]
        ask_again(self, case, request, data["note"])
        return {
            "request": request.uid,
            "agency": request.agency.name,
            "number": request.number,
            "note": data["note"],
        }


def questions_of(context: dict[str, Any]) -> dict[str, str]:
    """Questions of agencies that wait for a reply, as choices of a form."""
    case = context.get("case")
    if case is None:
        return {}
    rows = Question.objects.filter(case=case, replied_at=None).select_related("request__agency")
    return {str(one.uid): f"{one.request.agency} · {one.text[:80]}" for one in rows[:SHOWN]}


STANDS, GIVES_WAY = "stands", "gives-way"
RESULTS = [(STANDS, _("The order stands")), (GIVES_WAY, _("The order will be corrected or lifted"))]


class ReplyInput(ActInput):
    question = LiveChoiceField(choices_of=questions_of, label=_("Question"))
    reply = serializers.CharField(
        label=_("Reply"), min_length=2, max_length=500, style={"base_template": "textarea.html"}
    )
    result = serializers.ChoiceField(
        label=_("Result"),
        choices=RESULTS,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Only for a written objection of the institution."),
    )


class Reply(Act):
    """Reply to an agency's question (答复询问); its written objection is answered with reasons in 15 days
    (NETWORK_FREEZE 6). The measure stands meanwhile."""

    code = "request.reply"
    title = _("Reply to an agency")
    group = "linkage"
    summary = _("Reply to %(agency)s about %(number)s: %(reply)s")
    basis = (NETWORK_FREEZE.art(6), CPL.art(253))
    by = frozenset({Duty.IMPLEMENTER})
    stages = FOLLOWING_STAGES
    Input = ReplyInput

    def ready(self, case: Case) -> None:
        if not running(case, *REPLY_RULES):
            raise Refused(gettext("No agency waits for a reply."), NETWORK_FREEZE.art(6), code="no-question")

    def initial(self, case: Case) -> dict[str, Any]:
        tasks = running(case, *REPLY_RULES)
        about = next((one for one in tasks if str(one.subject) == self.about), None)
        first = about or min(tasks, key=lambda one: (one.due_on, one.pk), default=None)
        return {"question": str(first.subject)} if first is not None else {}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.question = self._question(case, data["question"])
        if self.question.replied_at is not None:
            raise Refused(
                gettext("This question was replied to."),
                NETWORK_FREEZE.art(6),
                field="question",
                code="replied",
            )
        if self.question.is_objection and not data["result"]:
            raise Refused(
                gettext("This is a written objection: say whether the order stands, and why."),
                NETWORK_FREEZE.art(6),
                field="result",
                code="result-missing",
            )
        if not self.question.is_objection and data["result"]:
            raise Refused(
                gettext("A plain question has no such result; leave it empty."),
                NETWORK_FREEZE.art(6),
                field="result",
                code="no-objection",
            )

    def _question(self, case: Case, named: str) -> Question:
        rows = Question.objects.filter(case=case).select_related("request__agency")
        try:
            question = rows.filter(uid=UUID(named)).first()
        except ValueError:
            question = None
        if question is None:
            raise Refused(
                gettext("No such question on this case."),
                NETWORK_FREEZE.art(6),
                field="question",
                code="no-question",
            )
        return question

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        question, request = self.question, self.question.request
        question.reply, question.replied_by, question.replied_at = data["reply"], self.actor, self.at
        question.save(update_fields=["reply", "replied_by", "replied_at"])
        self.effects.meet(case, *REPLY_RULES, subject=question.uid)
        if data["result"] == GIVES_WAY:
            self.effects.open_deadline(
                case,
                UNDO_RULE,
                duty=Duty.IMPLEMENTER,
                act="case.record-step",
                subject=request.uid,
                label=f"{request.matter.name_zh} · {request.agency.name}"[:160],
            )
        tell(self, case, [request], DispatchKind.REPLIED, data["reply"])
        return {
            "request": request.uid,
            "question": question.uid,
            "agency": request.agency.name,
            "number": request.number,
            "asked": question.text,
            "reply": data["reply"],
            "result": dict(RESULTS).get(data["result"], ""),
        }
