"""What an agency does with a request (办理、反馈): accept it, answer it, ask back.

Measures on the case follow from answers, never from wishes.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty, PersonKind
from enforcement.engine import Refused
from enforcement.engine.fields import MoneyField, SealedField
from enforcement.engine.history import mask, plain
from enforcement.models import Case
from law import linkage
from law.citations import CPL, NETWORK_FREEZE
from law.clock import SHANGHAI
from law.linkage import FieldKind
from linkage.acts.base import AgencyAct, RequestInput, refuse_settled
from linkage.models import Answer, AnswerState, Ground, Outcome, Question, Request, RequestState

#: What an answer of one kind of matter does to the case. Called with the running act, the case, the request
#: and the validated answer (``outcome``, ``facts``, ``handled_at`` …); returns what the timeline adds.
#: ``check`` or ``found`` in what it returns lets the officer look at it. A correction calls it again, refused
#: or not; what it can't undo by itself it leaves and says so under ``check``.
Effect = Callable[["AnswerRequest", Case, Request, dict[str, Any]], dict[str, Any]]
_effects: dict[str, Effect] = {}
#: Code of the refusal of an answer that is lawful but for the agency's second person.
NEEDS_SECOND_PERSON = "second-person"


def effect_of(*request_kinds: str) -> Callable[[Effect], Effect]:
    """Say what an answer to matters of these kinds does to the case."""

    def register(effect: Effect) -> Effect:
        for kind in request_kinds:
            _effects[kind] = effect
        return effect

    return register


def kind_of(request: Request) -> str:
    """What kind of answer a request asks for: lifting and renewing borrow the matter of what they continue
    where the table has none of their own."""
    if request.undoes_id is not None:
        return "release"
    return "renew" if request.ordered_by.act == "request.renew" else request.matter.request_kind


#: Kinds whose answers tell of money that moved: that counts whenever it is told.
MOVES_MONEY = frozenset({"deduct", "dispose"})
#: What happens when an order was carried out after it had been recalled.
_undo_late: list[Effect] = []


def undoes_late(effect: Effect) -> Effect:
    """Say what an answer does whose request was recalled before."""
    _undo_late.append(effect)
    return effect


def fields_of(fields: tuple[linkage.MatterField, ...], language: str = "en") -> dict[str, serializers.Field]:
    """Serializer fields for the fields of a matter; what an effect needs, it asks for itself."""
    return {one.name: _field(one, language) for one in fields}


def _field(one: linkage.MatterField, language: str) -> serializers.Field:
    label = one.label(language)
    if one.kind in {FieldKind.ROWS, FieldKind.GROUP}:
        inner = one.fields or (linkage.MatterField("remarks", FieldKind.TEXT),)
        rows = type(f"{one.name.title()}Facts", (serializers.Serializer,), fields_of(inner, language))
        return (
            rows(many=True, required=False, label=label)
            if one.kind is FieldKind.ROWS
            else rows(required=False, label=label)
        )
    if one.kind is FieldKind.MONEY:
        return MoneyField(label=label, required=False, allow_null=True, allow_zero=True)
    if one.kind is FieldKind.DATE:
        return serializers.DateField(label=label, required=False, allow_null=True)
    if one.kind is FieldKind.MOMENT:
        return serializers.DateTimeField(
            label=label, required=False, allow_null=True, default_timezone=SHANGHAI
        )
    if one.kind is FieldKind.NUMBER:
        return serializers.IntegerField(label=label, required=False, allow_null=True, min_value=0)
    if one.kind is FieldKind.FLAG:
        return serializers.BooleanField(label=label, required=False, allow_null=True, default=None)
    if one.kind in {FieldKind.ACCOUNT, FieldKind.IDENTITY}:
        return SealedField(
            kind=one.kind.value, label=label, max_length=40, required=False, allow_blank=True, default=""
        )
    return serializers.CharField(label=label, max_length=300, required=False, allow_blank=True, default="")


class AnswerInput(RequestInput):
    """An answer: what became of the request, the agency's own number, and what the matter asks besides."""

    outcome = serializers.ChoiceField(label=_("Result"), choices=Outcome.choices)
    number = serializers.CharField(
        label=_("Receipt number"),
        max_length=80,
        help_text=_("Your own number of this answer; it names the answer once."),
    )
    handled_at = serializers.DateTimeField(
        label=_("Handled at"), required=False, allow_null=True, default=None, default_timezone=SHANGHAI
    )
    handler = serializers.CharField(
        label=_("Handled by"), max_length=80, required=False, allow_blank=True, default=""
    )
    ground = serializers.ChoiceField(
        label=_("Ground"), choices=Ground.choices, required=False, allow_blank=True, default=""
    )
    remarks = serializers.CharField(
        label=_("Remarks"),
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html"},
        help_text=_("If refused: the ground, and what would make it acceptable."),
    )
    corrects = serializers.BooleanField(label=_("Corrects an earlier answer"), required=False, default=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        """With the fields of the request's matter, once the request is known."""
        fields = super().get_fields()
        request = self._request()
        if request is not None:
            name = "".join(part.title() for part in request.matter_code.split("-"))
            facts = type(
                f"{name}Answer",
                (serializers.Serializer,),
                fields_of(request.matter.answer_fields, get_language() or "en"),
            )
            fields["facts"] = facts(required=False)
        else:
            fields["facts"] = serializers.DictField(label=_("What the matter asks"), required=False)
        return fields

    def _request(self) -> Request | None:
        known: Request | None = self.context.get("asked")  # a form that nobody has typed into yet
        if known is not None:
            return known
        case, data = self.context.get("case"), getattr(self, "initial_data", None)
        if case is None or not data:
            return None
        try:
            return Request.objects.filter(case=case, uid=data["request"]).first()
        except (KeyError, TypeError, ValidationError):
            return None


class Accept(AgencyAct):
    """Take a request on (签收): it was read and will be carried out, or refused with a ground."""

    code = "request.accept"
    title = _("Accept a request")
    summary = _("%(agency)s accepted %(number)s")
    tone = "in"
    basis = (CPL.art(253), NETWORK_FREEZE.art(4))

    def check(self, case: Case, data: dict[str, Any]) -> None:
        refuse_settled(data["request"])
        if data["request"].state == RequestState.ACCEPTED:
            raise Refused(
                gettext("This request was accepted already."), NETWORK_FREEZE.art(4), field="request"
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        request = data["request"]
        request.state = RequestState.ACCEPTED
        request.accepted_at = self.at
        request.delivered_at = request.delivered_at or self.at
        request.save(update_fields=["state", "accepted_at", "delivered_at"])
        return {"agency": request.agency.name, "number": request.number}


class AnswerRequest(AgencyAct):
    """Answer a request (反馈): done, done in part, waiting in rank, nothing found, or refused with a ground.

    A sealed electronic answer equals one on paper (NETWORK_FREEZE 4).
    """

    code = "request.answer"
    title = _("Answer a request")
    summary = _("%(agency)s answered %(number)s (%(matter)s): %(said)s")
    tone = "in"
    basis = (CPL.art(253), CPL.art(254), CPL.art(262), NETWORK_FREEZE.art(4))
    Input = AnswerInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        request, outcome = data["request"], data["outcome"]
        if request.is_waiting and self._corrects_what_was_done(request):
            data["corrects"] = True  # the court asked to correct it, or to carry out the rest
        corrects = data["corrects"] and request.state in {RequestState.ANSWERED, RequestState.CHECKED}
        if not corrects and not _is_late(request, outcome):
            refuse_settled(request)
        if outcome == Outcome.REFUSED and not data["remarks"].strip():
            raise Refused(
                gettext("Say on what ground it is refused, and what would make it acceptable."),
                CPL.art(117),
                field="remarks",
                code="ground-missing",
            )
        if data["handled_at"] is not None and data["handled_at"] > self.at:
            raise Refused(
                gettext("It can't have been handled after now."), NETWORK_FREEZE.art(4), field="handled_at"
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        request, facts = data["request"], data.get("facts") or {}
        data["facts"] = facts
        data["handled_at"] = data["handled_at"] or self.at
        said = Outcome(data["outcome"]).label
        if request.state == RequestState.RECALLED or self._is_outdated(request, data):
            return self._keep_without_effect(case, request, data)
        request.state = RequestState.ANSWERED
        request.outcome = data["outcome"]
        request.answered_at = self.at
        request.delivered_at = request.delivered_at or self.at
        request.save(update_fields=["state", "outcome", "answered_at", "delivered_at"])
        answer = self._file(request, data)
        earlier = Answer.objects.filter(request=request, state=AnswerState.APPLIED).exclude(pk=answer.pk)
        corrects = earlier.update(state=AnswerState.SUPERSEDED) > 0
        self.effects.meet(case, "linkage.answer", subject=request.uid)
        followed: dict[str, Any] = {}
        effect = _effects.get(kind_of(request))
        if effect is not None and (data["outcome"] != Outcome.REFUSED or corrects):
            followed = effect(self, case, request, data)
        self._refuse_alone(request, answer)
        self._open_check(case, request, data, followed)
        self.effects.notify(
            [case.implementer],
            "request.answered",
            case=case,
            tone="bad" if data["outcome"] == Outcome.REFUSED else "in",
            agency=request.agency.name,
            matter=request.matter.name_zh,
            outcome=data["outcome"],
        )
        return {
            "request": request.uid,
            "agency": request.agency.name,
            "number": request.number,
            "matter": request.matter.code,
            "outcome": data["outcome"],
            "said": said,
            "receipt": data["number"],
            "ground": data["ground"],
            "remarks": data["remarks"],
        } | followed

    def _corrects_what_was_done(self, request: Request) -> bool:
        known = Answer.objects.filter(request=request, state=AnswerState.APPLIED)
        return request.answered_at is not None and known.exclude(outcome=Outcome.REFUSED).exists()

    def _is_outdated(self, request: Request, data: dict[str, Any]) -> bool:
        """Whether a correction tells of an earlier moment than what is known already."""
        known = Answer.objects.filter(request=request, state=AnswerState.APPLIED).last()
        return known is not None and known.handled_at is not None and data["handled_at"] < known.handled_at

    def _keep_without_effect(self, case: Case, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Keep an answer that comes after a recall or a later one; what was done all the same is undone."""
        answer = self._file(request, data, AnswerState.SUPERSEDED)
        followed: dict[str, Any] = {}
        if request.state == RequestState.RECALLED:
            for undo in _undo_late:
                followed |= undo(self, case, request, data)
        elif kind_of(request) in MOVES_MONEY:
            followed = _effects[kind_of(request)](self, case, request, data)
        self._refuse_alone(request, answer)
        self._open_check(case, request, data, followed)
        return {
            "request": request.uid,
            "agency": request.agency.name,
            "number": request.number,
            "matter": request.matter.code,
            "outcome": data["outcome"],
            "said": Outcome(data["outcome"]).label,
            "receipt": data["number"],
            "without_effect": not followed.get("booked"),
        } | followed

    def _file(
        self, request: Request, data: dict[str, Any], state: AnswerState = AnswerState.APPLIED
    ) -> Answer:
        """Mark the stored answer as applied; one that came through the engine alone is stored now."""
        named = Answer.objects.filter(agency=request.agency, number=data["number"])
        # What was refused, or set aside, has not used up its number.
        answer = named.exclude(state__in=[AnswerState.REFUSED, AnswerState.QUARANTINED]).first()
        if answer is None:
            answer = self._stored(request, data)
        elif answer.request_id != request.pk or answer.state in {AnswerState.APPLIED, AnswerState.SUPERSEDED}:
            raise Refused(
                gettext("Receipt number %(number)s was used for another answer.")
                % {"number": data["number"]},
                NETWORK_FREEZE.art(4),
                field="number",
                code="number-used",
            )
        answer.state = state
        answer.outcome = data["outcome"]
        answer.handled_at = data["handled_at"]
        answer.handler = data["handler"]
        answer.ground = data["ground"]
        answer.remarks = data["remarks"]
        answer.facts = masked(request.matter.answer_fields, data["facts"])
        answer.event_id = self.effects.event_id
        if answer.answered_by_id != self.actor.pk:
            answer.confirmed_by = self.actor
        answer.save()
        return answer

    def _refuse_alone(self, request: Request, answer: Answer) -> None:
        """Raise ``Refused`` if the agency wants a second person (复核) and nobody confirmed. The last check:
        what it stops is lawful in everything else and may wait for a reviewer. A system of the agency signs
        for it as a whole and is not asked."""
        member = getattr(request.agency, "member", None)
        if member is None or not member.needs_second_person or self.actor.kind != PersonKind.HUMAN:
            return
        reviews = self.actor.agency_duties.get(Duty.AGENCY_REVIEWER, set())
        if answer.confirmed_by_id is None or request.agency_id not in reviews:
            raise Refused(
                gettext("At %(agency)s a second person confirms an answer before it leaves.")
                % {"agency": request.agency.name},
                NETWORK_FREEZE.art(4),
                code=NEEDS_SECOND_PERSON,
            )

    def _stored(self, request: Request, data: dict[str, Any]) -> Answer:
        raw = json.dumps(plain(data | {"facts": data["facts"]}), ensure_ascii=False, sort_keys=True)
        return prepare(request, self.actor, data["number"], raw.encode(), channel="portal", at=self.at)

    def _open_check(
        self, case: Case, request: Request, data: dict[str, Any], followed: dict[str, Any]
    ) -> None:
        """Somebody looks at what needs a decision: refusals, parts, and whatever was found."""
        looked_at = followed.get("found") or followed.get("check")
        if data["outcome"] in {Outcome.REFUSED, Outcome.PART} or looked_at:
            self.effects.open_deadline(
                case,
                "linkage.check",
                duty=Duty.IMPLEMENTER,
                act="request.check",
                subject=request.uid,
                label=f"{request.matter.name_zh} · {request.agency.name}"[:160],
            )


def _is_late(request: Request, outcome: str) -> bool:
    """Whether an agency tells that it carried out what was recalled meanwhile: that must be known."""
    return request.state == RequestState.RECALLED and outcome not in {Outcome.REFUSED, Outcome.NOTHING}


def prepare(request: Request, person: Any, number: str, raw: bytes, *, channel: str, at: datetime) -> Answer:
    """A received answer, not saved: the bytes as they came, sealed, with their hash."""
    answer = Answer(
        request=request,
        case_id=request.case_id,
        agency_id=request.agency_id,
        number=number,
        answered_by=person,
        channel=channel,
        raw_sha256=hashlib.sha256(raw).digest(),
        received_at=at,
    )
    answer.raw = raw.decode()
    return answer


def masked(fields: tuple[linkage.MatterField, ...], facts: dict[str, Any]) -> dict[str, Any]:
    """What an answer says, with accounts and identity numbers masked: as pages show it."""
    shown: dict[str, Any] = {}
    for one in fields:
        value = facts.get(one.name)
        if value in (None, "", []):
            continue
        if one.kind is FieldKind.ROWS and one.fields:
            shown[one.name] = [masked(one.fields, row) for row in value]
        elif one.kind is FieldKind.GROUP:
            shown[one.name] = masked(one.fields, value)
        elif one.kind in {FieldKind.ACCOUNT, FieldKind.IDENTITY}:
            shown[one.name] = mask(one.kind.value, value)
        else:
            shown[one.name] = plain(value)
    return shown


class AskInput(RequestInput):
    text = serializers.CharField(
        label=_("Question"), max_length=500, style={"base_template": "textarea.html"}
    )
    is_objection = serializers.BooleanField(
        label=_("This is our written objection to the order"), required=False, default=False
    )


class Ask(AgencyAct):
    """Ask the court about a request (询问), or object to it in writing (书面异议).

    The order stands meanwhile.
    """

    code = "request.ask"
    title = _("Ask the court")
    summary = _("%(agency)s asks about %(number)s: %(text)s")
    tone = "in"
    basis = (NETWORK_FREEZE.art(6), CPL.art(253))
    Input = AskInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        refuse_settled(data["request"])

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        request = data["request"]
        question = Question.objects.create(
            request=request,
            case=case,
            text=data["text"],
            is_objection=data["is_objection"],
            asked_by=self.actor,
            asked_at=self.at,
        )
        self.effects.open_deadline(
            case,
            "linkage.bank-objection" if data["is_objection"] else "linkage.reply",
            duty=Duty.IMPLEMENTER,
            act="request.reply",
            subject=question.uid,
            label=f"{request.matter.name_zh} · {request.agency.name}"[:160],
        )
        return {
            "agency": request.agency.name,
            "number": request.number,
            "text": data["text"],
            "question": question.uid,
        }
