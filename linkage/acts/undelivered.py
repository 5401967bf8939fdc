"""Requests the wire did not deliver (未送达的请求): told to the officer, sent again, or served on paper."""

from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement import outbox, tasks
from enforcement.engine import Act, ActInput, OfCase, Refused, UploadField
from enforcement.models import Case, Deadline, DeadlineState, Message, MessageState, Stage
from law import clock
from law.citations import CPL, NETWORK_FREEZE
from linkage.acts.base import RequestInput
from linkage.acts.following import CHECK_RULE
from linkage.delivering import KIND, UNDELIVERED_RULE
from linkage.models import Request

UNSENT = (MessageState.READY, MessageState.LEASED, MessageState.PARKED)


def unsent(request: Request) -> list[Message]:
    """Messages about a request that have not reached its agency, locked."""
    rows = Message.objects.select_for_update().filter(dispatch__request=request, kind=KIND, state__in=UNSENT)
    return list(rows.order_by("pk"))


class UndeliveredInput(RequestInput):
    tries = serializers.IntegerField(min_value=0)


class Undelivered(Act):
    """Note that a request did not get through; done by the system, so that somebody finds another way."""

    code = "request.undelivered"
    title = _("Request not delivered")
    group = "linkage"
    summary = _("%(number)s did not reach %(agency)s after %(tries)s tries")
    tone = "bad"
    basis = (NETWORK_FREEZE.art(1), CPL.art(253))
    by_system = True
    stages = frozenset(Stage)
    offered_as_step = False
    Input = UndeliveredInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.messages = unsent(data["request"])
        told = Deadline.objects.filter(
            case=case, rule=UNDELIVERED_RULE, state=DeadlineState.OPEN, subject=data["request"].uid
        )
        if not self.messages or told.exists():
            raise Refused(
                gettext("Nothing about this request waits to be delivered."),
                NETWORK_FREEZE.art(1),
                field="request",
                code="delivered",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        request = data["request"]
        self.effects.open_deadline(
            case,
            UNDELIVERED_RULE,
            duty=Duty.IMPLEMENTER,
            act="request.resend",
            subject=request.uid,
            label=f"{request.matter.name_zh} · {request.agency.name}"[:160],
        )
        self.effects.notify(
            [case.implementer], "message.parked", case=case, tone="bad", recipient=request.agency.name
        )
        return {
            "request": request.uid,
            "number": request.number,
            "agency": request.agency.name,
            "tries": data["tries"],
        }


class AnswerRefusedInput(RequestInput):
    receipt = serializers.CharField(max_length=80)
    reason = serializers.CharField(max_length=500)


class AnswerRefused(Act):
    """Note that an agency says it did what the court could not accept; done by the system."""

    code = "request.answer-refused"
    title = _("Answer not accepted")
    group = "linkage"
    summary = _("The answer %(receipt)s of %(agency)s to %(number)s was not accepted: %(reason)s")
    tone = "bad"
    basis = (NETWORK_FREEZE.art(4), CPL.art(253))
    by_system = True
    stages = frozenset(Stage)
    offered_as_step = False
    Input = AnswerRefusedInput

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        request = data["request"]
        self.effects.open_deadline(
            case,
            CHECK_RULE,
            duty=Duty.IMPLEMENTER,
            act="request.check",
            subject=request.uid,
            label=f"{request.matter.name_zh} · {request.agency.name}"[:160],
        )
        self.effects.notify(
            [case.implementer],
            "answer.refused",
            case=case,
            tone="bad",
            agency=request.agency.name,
            number=request.number,
        )
        return {
            "request": request.uid,
            "number": request.number,
            "agency": request.agency.name,
            "receipt": data["receipt"],
            "reason": data["reason"],
        }


class _ByHand(Act):
    """What a person does about a request that did not get through."""

    group = "linkage"
    by = frozenset({Duty.IMPLEMENTER, Duty.COMMAND})
    stages = frozenset(Stage)
    offered_as_step = False

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.messages = unsent(data["request"])
        if not self.messages:
            raise Refused(
                gettext("Everything about %(number)s has reached %(agency)s.")
                % {"number": data["request"].number, "agency": data["request"].agency.name},
                self.basis,
                field="request",
                code="delivered",
            )


class Resend(_ByHand):
    """Send again what the agency's system did not take (重新发送), from the first try, now."""

    code = "request.resend"
    title = _("Send a request again")
    summary = _("%(number)s is sent to %(agency)s again")
    basis = (NETWORK_FREEZE.art(1), CPL.art(253))
    Input = RequestInput

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        request = data["request"]
        for message in self.messages:
            if message.state == MessageState.PARKED:
                outbox.requeue(message)
            elif message.state == MessageState.READY:
                Message.objects.filter(pk=message.pk).update(due_at=self.at, attempts=0)
        self.effects.meet(case, UNDELIVERED_RULE, subject=request.uid)
        transaction.on_commit(partial(tasks.ring, {KIND}))
        return {"request": request.uid, "number": request.number, "agency": request.agency.name}


class ServeOnPaperInput(ActInput):
    request = OfCase("requests", label=_("Request"))
    served_on = serializers.DateField(label=_("Served on"))
    handed_to = serializers.CharField(label=_("Handed to"), max_length=80)
    proof = UploadField(purpose="proof", label=_("Proof of service (送达回证)"))


class ServeOnPaper(_ByHand):
    """Note that a request was served on paper (纸质送达) as the wire failed; nothing is sent any more."""

    code = "request.serve-on-paper"
    title = _("Serve a request on paper")
    summary = _("%(number)s was served on %(agency)s on paper on %(served_on)s, handed to %(handed_to)s")
    basis = (CPL.art(253), CPL.art(87))
    Input = ServeOnPaperInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        super().check(case, data)
        issued_on = clock.legal_day(data["request"].issued_at)
        if not issued_on <= data["served_on"] <= self.day:
            raise Refused(
                gettext("It was served between %(first)s, when it was issued, and today.")
                % {"first": issued_on},
                CPL.art(87),
                field="served_on",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        request = data["request"]
        Message.objects.filter(pk__in=[message.pk for message in self.messages]).update(
            state=MessageState.CANCELLED, lease=None
        )
        if request.delivered_at is None:
            # The day is proved, the hour is not: a day counts from its first moment, but never before issue.
            request.delivered_at = max(clock.start_of(data["served_on"]), request.issued_at)
            request.save(update_fields=["delivered_at"])
        self.effects.meet(case, UNDELIVERED_RULE, subject=request.uid)
        return {
            "request": request.uid,
            "number": request.number,
            "agency": request.agency.name,
            "served_on": data["served_on"],
            "handed_to": data["handed_to"],
            "proof": data["proof"],
        }
