"""What systems of agencies do: accept a request, answer it, ask about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response

from enforcement import engine
from enforcement.api.endpoint import NoQuery, idempotency_key, json_object
from enforcement.api.schema import IDEMPOTENCY_KEY
from enforcement.engine import Conflict, OutOfSight, Refused
from enforcement.models import Case
from linkage import inbox, signatures
from linkage.acts.answering import Accept, Ask
from linkage.api import shapes, signed
from linkage.api.reading import LinkageEndpoint
from linkage.models import Answer, AnswerState, Ground, Outcome, Request, RequestState
from linkage.queries import feeds

log = structlog.get_logger("linkage")

ANSWER = "linkage:answer"
DRY_RUN = gettext_lazy("Check it; nothing is stored, nothing happens.")


def signature_header(name: str) -> OpenApiParameter:
    """A header of Standard Webhooks."""
    return OpenApiParameter(
        name,
        {"type": "string", "maxLength": signatures.LONGEST_HEADER},
        OpenApiParameter.HEADER,
        description=gettext_lazy("Asked of agencies that gave a public key; see Standard Webhooks, `v1a`."),
    )


SIGNATURE_HEADERS = [signature_header(name) for name in signatures.HEADERS]


class _OnRequest(LinkageEndpoint):
    def order(self, request: Any, uid: UUID) -> Request:
        """The request that was named. Raises ``OutOfSight`` or ``feeds.OtherMatter``."""
        try:
            return feeds.request_named(request.user, uid, request.auth.matters)
        except OutOfSight:
            log.warning("request_out_of_sight", client=request.auth.client, request=str(uid))
            raise


class TryQuery(NoQuery):
    dry_run = serializers.BooleanField(required=False, default=False, help_text=DRY_RUN)


class AnswerBody(serializers.Serializer):
    """An answer; ``facts`` as the schema of the matter says (``matters/{code}/``)."""

    outcome = serializers.ChoiceField(choices=Outcome.choices)
    number = serializers.CharField(
        max_length=inbox.LONGEST_NUMBER, help_text=gettext_lazy("Your own number; it names the answer once.")
    )
    handled_at = serializers.DateTimeField(required=False, allow_null=True)
    handler = serializers.CharField(required=False, allow_blank=True, max_length=80)
    ground = serializers.ChoiceField(choices=Ground.choices, required=False, allow_blank=True)
    remarks = serializers.CharField(required=False, allow_blank=True, max_length=500)
    corrects = serializers.BooleanField(required=False)
    facts = serializers.DictField(required=False)


class Answers(_OnRequest):
    """Answer a request. Sent again with the same bytes, it gives the first answer; what was refused may be
    corrected and sent again under the same number."""

    scopes = {"POST": ANSWER}
    parser_classes = [signed.RawJSON]
    query = TryQuery
    operations = {"POST": "answer_request"}
    summaries = {"POST": gettext_lazy("Answer a request")}
    may_answer = (413,)
    takes = {"POST": AnswerBody}
    headers_of = {
        "POST": [
            OpenApiParameter("dry_run", bool, OpenApiParameter.QUERY, description=DRY_RUN),
            *SIGNATURE_HEADERS,
        ]
    }
    gives = {"POST": {200: shapes.AnswerReceived, 202: shapes.AnswerReceived}}

    def post(self, request: Any, uid: UUID) -> Response:
        order = self.order(request, uid)
        raw = signed.raw_body(request)
        signature = signed.checked(request, order)
        data = signed.read_object(raw)
        number = inbox.number_of(data)
        if self.asked["dry_run"]:
            return Response({"accepted": True, "outcome": inbox.try_out(order, request.user, data)})
        try:
            received = inbox.receive(order, request.user, raw, number, channel="rest", signed=signature)
        except inbox.OtherBytes:
            raise Conflict(
                _("Receipt number %(number)s names another answer already. This one was set aside.")
                % {"number": number},
                field="number",
                code="other-bytes",
            ) from None
        if received.error is not None:
            raise received.error
        answer = received.answer
        new = received.is_new and answer.state != AnswerState.SUPERSEDED
        code = status.HTTP_202_ACCEPTED if new else status.HTTP_200_OK
        return Response(told(answer), status=code)


def told(answer: Answer) -> dict[str, Any]:
    """What the court holds of an answer, from its row alone."""
    event = answer.event
    return {
        "uid": answer.uid,
        "number": answer.number,
        "request": answer.request.uid,
        "request_number": answer.request.number,
        "state": answer.state,
        "received_at": answer.received_at,
        "sha256": bytes(answer.raw_sha256).hex(),
        "event": {"uid": event.uid, "hash": bytes(event.hash).hex()} if event is not None else None,
        "problem": answer.problem,
    }


class _Act(_OnRequest):
    """An act of the agency on one request."""

    scopes = {"POST": ANSWER}
    act: type[engine.Act] = Accept
    headers_of = {"POST": [IDEMPOTENCY_KEY]}
    gives = {"POST": {200: shapes.RequestStanding, 201: shapes.RequestStanding}}

    def does(self, request: Any, order: Request, data: dict[str, Any]) -> Response:
        key = idempotency_key(request)
        values = data | {"request": str(order.uid)}
        result = engine.do(self.act, Case(pk=order.case_id), request.user, values, key=key)
        order.refresh_from_db()
        code = status.HTTP_200_OK if result.replayed else status.HTTP_201_CREATED
        return Response(standing(order, result), status=code)


def standing(order: Request, result: engine.Result | None) -> dict[str, Any]:
    """Where a request stands."""
    event = result.event if result is not None else None
    return {
        "request": order.uid,
        "number": order.number,
        "state": order.state,
        "at": event.at if event is not None else order.accepted_at or order.answered_at or order.issued_at,
        "event": {"uid": event.uid, "hash": bytes(event.hash).hex()} if event is not None else None,
    }


class Acceptance(_Act):
    """Take a request on. One that is accepted or answered already stays as it is (200)."""

    act = Accept
    operations = {"POST": "accept_request"}
    summaries = {"POST": gettext_lazy("Accept a request")}
    takes = {"POST": {"application/json": {"type": "object", "additionalProperties": False}}}

    def post(self, request: Any, uid: UUID) -> Response:
        order = self.order(request, uid)
        data = json_object(request)
        if data:
            raise exceptions.ValidationError({name: [_("There is no such field here.")] for name in data})
        try:
            return self.does(request, order, {})
        except Refused:
            order.refresh_from_db()
            if order.state in {RequestState.ACCEPTED, RequestState.ANSWERED, RequestState.CHECKED}:
                return Response(standing(order, None))
            raise


class QuestionBody(serializers.Serializer):
    text = serializers.CharField(max_length=500)
    is_objection = serializers.BooleanField(
        required=False, help_text=gettext_lazy("A written objection of the institution to the order.")
    )


class Questions(_Act):
    """Ask the court before answering, or object in writing; the order stands meanwhile."""

    act = Ask
    operations = {"POST": "ask_about_request"}
    summaries = {"POST": gettext_lazy("Ask the court about a request")}
    takes = {"POST": QuestionBody}

    def post(self, request: Any, uid: UUID) -> Response:
        order = self.order(request, uid)
        data = json_object(request)
        if "request" in data:
            raise exceptions.ValidationError({"request": [_("There is no such field here.")]})
        return self.does(request, order, data)
