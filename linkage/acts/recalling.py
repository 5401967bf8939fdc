"""Taking a request back (撤回)."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.engine import Act, ActInput, Refused
from enforcement.models import Case, Message, MessageState
from law.citations import NETWORK_FREEZE, SEIZURE_RULES
from linkage import register
from linkage.acts.base import ANSWER_RULE, tell
from linkage.acts.following import CHECK_RULE, FOLLOWING_STAGES, REPLY_RULES, RequestOf, running
from linkage.models import (
    WAITING_STATES,
    Channel,
    ChannelKind,
    Difficulty,
    DispatchKind,
    Ending,
    Priority,
    Question,
    Request,
    RequestState,
)

OF_A_REQUEST = (
    ANSWER_RULE,
    CHECK_RULE,
    "linkage.escalate",
    "linkage.release-unconfirmed",
    "linkage.undelivered",
)


def withdraw_clocks(act: Act, case: Case, request: Request) -> None:
    """Nothing more is expected about a request: neither its answer, nor a look at it, nor a reply."""
    act.effects.stop(case, *OF_A_REQUEST, subject=request.uid)
    for question in Question.objects.filter(request=request, replied_at=None):
        act.effects.stop(case, *REPLY_RULES, subject=question.uid)


class RecallInput(ActInput):
    request = RequestOf(among={"state__in": list(WAITING_STATES)}, label=_("Request"))
    reason = serializers.CharField(
        label=_("Reason"), min_length=2, max_length=300, style={"base_template": "textarea.html"}
    )


class Recall(Act):
    """Take a request back (撤回). Until it arrived, any; after that only one that binds nobody: what an order
    did, a release undoes."""

    code = "request.recall"
    title = _("Recall a request")
    group = "linkage"
    summary = _("%(number)s to %(agency)s recalled: %(reason)s")
    basis = (SEIZURE_RULES.art(28), NETWORK_FREEZE.art(3))
    by = frozenset({Duty.IMPLEMENTER})
    stages = FOLLOWING_STAGES
    Input = RecallInput

    def ready(self, case: Case) -> None:
        if not running(case, ANSWER_RULE):
            raise Refused(
                gettext("No request of this case waits for an answer."),
                NETWORK_FREEZE.art(3),
                code="none-waiting",
            )

    def check(self, case: Case, data: dict[str, Any]) -> None:
        request = data["request"]
        if not request.is_waiting:
            self._refuse(
                gettext("%(number)s is settled (%(state)s); there is nothing to take back.")
                % {"number": request.number, "state": request.get_state_display()},
                "settled",
            )
        if request.priority == Priority.LIFT:
            self._refuse(
                gettext("A lifting is not taken back: it took effect with the ruling. Take a new measure."),
                "lift",
            )
        messages = list(
            Message.objects.select_for_update().filter(
                dispatch__request=request, dispatch__kind=DispatchKind.ISSUED
            )
        )
        # What a worker holds may be there by now.
        has_left = (
            request.is_delivered
            or request.state != RequestState.ISSUED
            or any(one.state == MessageState.LEASED for one in messages)
        )
        if has_left and request.matter.needs_writ:
            self._refuse(
                gettext(
                    "%(number)s reached %(agency)s and binds it; only a release undoes it. Lift the measure"
                    " instead."
                )
                % {"number": request.number, "agency": request.agency},
                "binding",
            )
        # A feed shows what was put into it; there the recall stands behind the request.
        is_pulled = Channel.objects.filter(agency=request.agency, kind=ChannelKind.PULL).exists()
        unsent = {MessageState.READY, MessageState.PARKED}
        self.unsent = [] if has_left or is_pulled else [one for one in messages if one.state in unsent]

    def _refuse(self, reason: str, code: str) -> None:
        raise Refused(reason, self.basis, field="request", code=code)

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        request = data["request"]
        request.state = RequestState.RECALLED
        request.save(update_fields=["state"])
        withdraw_clocks(self, case, request)
        for difficulty in Difficulty.objects.filter(request=request, ending=""):
            register.end(self, difficulty, Ending.RECALLED)
        if self.unsent:
            Message.objects.filter(pk__in=[one.pk for one in self.unsent]).update(
                state=MessageState.CANCELLED
            )
        else:
            tell(self, case, [request], DispatchKind.RECALLED, data["reason"])
        self.effects.notify(
            [request.decided_by],
            "request.recalled",
            case=case,
            number=request.number,
            agency=request.agency.name,
        )
        return {
            "request": request.uid,
            "agency": request.agency.name,
            "number": request.number,
            "reason": data["reason"],
            "had_left": not self.unsent,
        }
