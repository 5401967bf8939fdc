"""Entries of the register of refusals, delays and interference: made, judged, ended."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Agency, Duty
from enforcement import engine
from enforcement.engine import Act, ActInput, LiveChoiceField, OfCase, Refused, Run
from enforcement.models import Case
from law.citations import CPL, CPL_INTERPRETATION, DECISION_2011, ENFORCEMENT_RULES, Citation
from linkage import register
from linkage.acts.chasing import ESCALATE_RULE, LIFT_RULE, responsible
from linkage.acts.following import FOLLOWING_STAGES, REPLY_RULES, RequestOf, running
from linkage.models import (
    ARTICLE_OF,
    LAWFUL_GROUNDS,
    Difficulty,
    DifficultyGround,
    DifficultyKind,
    Ending,
    Outcome,
    Question,
    Request,
)
from linkage.register import DIFFICULTY_RULE

ARTICLE_OF_KIND: dict[str, Citation] = {
    DifficultyKind.REFUSAL: CPL.art(117),
    DifficultyKind.DELAY: CPL_INTERPRETATION.art("192(4)"),
    DifficultyKind.TIP_OFF: CPL_INTERPRETATION.art(189),
    DifficultyKind.OWN_RELEASE: ENFORCEMENT_RULES.art(26),
    DifficultyKind.INTERFERENCE: DECISION_2011.art("四"),
}


class DifficultyOf(OfCase):
    """A difficulty on the register of the case; a form lists the open ones."""

    def __init__(self, **options: Any):
        super().__init__("difficulties", **options)

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(ending="").select_related("agency", "request")

    def display_value(self, instance: Difficulty) -> str:
        what = instance.request.number if instance.request is not None else instance.said[:60]
        return f"{instance.number} · {instance.get_kind_display()} · {instance.whose} · {what}"


def of_task(act: Act, case: Case) -> dict[str, Any]:
    """The difficulty of the task a form was opened from, else of the first one due."""
    tasks = running(case, DIFFICULTY_RULE)
    about = next((one for one in tasks if str(one.subject) == act.about), None)
    first = about or min(tasks, key=lambda one: (one.due_on, one.pk), default=None)
    return {"difficulty": str(first.subject)} if first is not None else {}


def agencies_of(context: dict[str, Any]) -> dict[str, str]:
    """Every member agency."""
    return {agency.code: str(agency) for agency in Agency.objects.filter(is_active=True)}


class RecordInput(ActInput):
    """One entry of the register."""

    kind = serializers.ChoiceField(label=_("Kind"), choices=DifficultyKind.choices)
    agency = LiveChoiceField(
        choices_of=agencies_of, label=_("Agency"), required=False, allow_blank=True, default=""
    )
    by_whom = serializers.CharField(
        label=_("Who, if it is no member agency"),
        max_length=160,
        required=False,
        allow_blank=True,
        default="",
    )
    request = RequestOf(among={}, label=_("About the request"), required=False, allow_null=True, default=None)
    happened_on = serializers.DateField(label=_("Happened on"))
    served_on = serializers.DateField(
        label=_("Order served there on"), required=False, allow_null=True, default=None
    )
    ground = serializers.ChoiceField(
        label=_("Ground given"), choices=DifficultyGround.choices, default=DifficultyGround.NONE
    )
    said = serializers.CharField(
        label=_("What happened, what was said"),
        min_length=4,
        max_length=500,
        style={"base_template": "textarea.html"},
    )
    lawful = serializers.ChoiceField(
        label=_("Was it lawful?"),
        choices=[("yes", _("Lawful")), ("no", _("Not lawful"))],
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Leave empty while it is not judged."),
    )
    reply = serializers.CharField(
        label=_("What the court answered"), max_length=500, required=False, allow_blank=True, default=""
    )


class RecordDifficulty(Act):
    """Enter a refusal, delay, tip-off, own release or interference on the register (登记).

    An agency that released on its own recovers the thing or answers for it itself (ENFORCEMENT_RULES 26).
    """

    code = "difficulty.record"
    title = _("Enter a refusal or interference")
    group = "linkage"
    summary = _("Register: %(kind)s by %(whose)s: %(said)s")
    tone = "bad"
    basis = (CPL.art(117), CPL_INTERPRETATION.art(189), CPL_INTERPRETATION.art(192), DECISION_2011.art("四"))
    by = frozenset({Duty.IMPLEMENTER, Duty.ENFORCEMENT_JUDGE, Duty.COMMAND, Duty.BUREAU_HEAD})
    stages = FOLLOWING_STAGES
    Input = RecordInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        request = data["request"]
        self.agency = Agency.objects.filter(code=data["agency"]).first() if data["agency"] else None
        basis = ARTICLE_OF_KIND[data["kind"]]
        if data["agency"] and self.agency is None:
            raise Refused(gettext("No such agency."), basis, field="agency")
        if request is not None:
            if self.agency is not None and self.agency.pk != request.agency_id:
                raise Refused(
                    gettext("%(number)s went to %(agency)s; name that agency or leave it empty.")
                    % {"number": request.number, "agency": request.agency},
                    basis,
                    field="agency",
                    code="other-agency",
                )
            self.agency = request.agency
        if self.agency is None and not data["by_whom"].strip():
            raise Refused(gettext("Say who it was."), basis, field="by_whom", code="nobody")
        for name in ("happened_on", "served_on"):
            if data[name] is not None and data[name] > self.day:
                raise Refused(gettext("This day lies after today."), basis, field=name, code="future")
        lawful = data["lawful"] == "yes"
        if lawful and (data["kind"] != DifficultyKind.REFUSAL or data["ground"] not in LAWFUL_GROUNDS):
            raise Refused(
                gettext("Only a refusal is lawful, and only on one of the grounds the law knows."),
                ARTICLE_OF[data["ground"]],
                field="lawful",
                code="no-lawful-ground",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        request = data["request"]
        served = data["served_on"] or (register.arrived_on(request) if request is not None else None)
        entry = register.enter(
            self,
            case,
            kind=data["kind"],
            request=request,
            agency=self.agency,
            by_whom=data["by_whom"],
            served_on=served,
            happened_on=data["happened_on"],
            ground=data["ground"],
            said=data["said"],
            is_lawful={"yes": True, "no": False}.get(data["lawful"]),
            reply=data["reply"],
        )
        if entry.is_lawful:
            register.end(self, entry, Ending.LAWFUL, self.actor)
        else:
            register.open_task(self, case, entry)
        self.effects.notify(
            [one for one in responsible(case) if one is not None and one.pk != self.actor.pk],
            "difficulty.recorded",
            case=case,
            tone="bad",
            whose=entry.whose,
            kind=entry.kind,
        )
        return {
            "difficulty": entry.uid,
            "number": entry.number,
            "kind": entry.get_kind_display(),
            "whose": entry.whose,
            "said": entry.said,
        }


class SettleInput(ActInput):
    difficulty = DifficultyOf(label=_("Entry of the register"))
    ending = serializers.ChoiceField(
        label=_("How it ended"),
        choices=[one for one in Ending.choices if one[0] != Ending.RECALLED],
        style={"base_template": "radio.html"},
    )
    reply = serializers.CharField(
        label=_("What the court answered, and why it ends here"),
        min_length=4,
        max_length=500,
        style={"base_template": "textarea.html"},
    )


class SettleDifficulty(Act):
    """End an entry of the register (销记): carried out after all, lawful, punished, or no more is done."""

    code = "difficulty.settle"
    title = _("Settle an entry of the register")
    group = "linkage"
    summary = _("Register: %(number)s (%(whose)s) ended: %(ending)s")
    basis = (CPL.art(117), CPL_INTERPRETATION.art(192))
    by = frozenset({Duty.IMPLEMENTER, Duty.COMMAND, Duty.BUREAU_HEAD})
    stages = FOLLOWING_STAGES
    Input = SettleInput

    def ready(self, case: Case) -> None:
        if not running(case, DIFFICULTY_RULE):
            raise Refused(gettext("No entry of the register is open."), CPL.art(117), code="none-open")

    def initial(self, case: Case) -> dict[str, Any]:
        return of_task(self, case)

    def check(self, case: Case, data: dict[str, Any]) -> None:
        difficulty, ending = data["difficulty"], data["ending"]
        request = difficulty.request
        reason = ""
        if not difficulty.is_open:
            reason = gettext("This entry is settled.")
        elif ending == Ending.SANCTIONED and difficulty.fined_on is None and difficulty.advised_on is None:
            reason = gettext("Neither a fine nor advice was decided for it.")
        elif ending == Ending.LAWFUL and difficulty.kind != DifficultyKind.REFUSAL:
            reason = gettext("Only a refusal can be lawful.")
        elif ending == Ending.LAWFUL and difficulty.ground not in LAWFUL_GROUNDS:
            reason = gettext("The ground that was given excuses no agency.")
        elif (
            ending == Ending.PERFORMED
            and request is not None
            and (request.is_waiting or request.outcome == Outcome.REFUSED)
        ):
            reason = gettext("%(number)s was not carried out (%(state)s).") % {
                "number": request.number,
                "state": request.get_outcome_display() or request.get_state_display(),
            }
        if reason:
            raise Refused(reason, ARTICLE_OF[difficulty.ground], field="ending", code="not-so")

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        difficulty = data["difficulty"]
        if data["ending"] == Ending.LAWFUL:
            difficulty.is_lawful = True
        difficulty.reply = data["reply"]
        register.end(self, difficulty, Ending(data["ending"]), self.actor)
        return {
            "difficulty": difficulty.uid,
            "number": difficulty.number,
            "whose": difficulty.whose,
            "ending": Ending(data["ending"]).label,
            "reply": data["reply"],
        }


@engine.on("request.answer")
def follow_answer(run: Run, outcome: dict[str, Any]) -> None:
    """An answer ends the ladder and its delay; a refusal is entered on the register by itself."""
    case = run.case
    assert case is not None
    if outcome.get("without_effect"):
        return
    request = Request.objects.select_related("agency").get(uid=outcome["request"])
    run.effects.stop(case, ESCALATE_RULE, LIFT_RULE, subject=request.uid)
    for question in Question.objects.filter(request=request, replied_at=None, is_objection=False):
        run.effects.stop(case, *REPLY_RULES, subject=question.uid)
    refused = outcome["outcome"] == Outcome.REFUSED
    ended = [DifficultyKind.DELAY] if refused else [DifficultyKind.DELAY, DifficultyKind.REFUSAL]
    for difficulty in Difficulty.objects.filter(request=request, kind__in=ended, ending=""):
        register.end(run, difficulty, Ending.PERFORMED)
    if refused:
        register.enter(
            run,
            case,
            kind=DifficultyKind.REFUSAL,
            request=request,
            agency=request.agency,
            served_on=register.arrived_on(request),
            happened_on=run.day,
            ground=outcome.get("ground") or DifficultyGround.OTHER,
            said=outcome.get("remarks", ""),
        )


@engine.on("request.ask")
def tell_officer(run: Run, outcome: dict[str, Any]) -> None:
    """A question is on the officer's desk at once."""
    assert run.case is not None
    question = Question.objects.select_related("request").get(uid=outcome["question"])
    run.effects.notify(
        [run.case.implementer],
        "request.question",
        case=run.case,
        agency=outcome["agency"],
        matter=question.request.matter.name_zh,
    )
