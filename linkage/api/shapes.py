"""Shapes of what systems of agencies read (for the schema; the rows come from ``linkage.queries.feeds``)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from enforcement.api.shapes.common import day, money, one_of, public_id, text
from linkage.models import AnswerState, Outcome, Priority, RequestState

OUTCOMES = [("", ""), *Outcome.choices]


def moment(*, null: bool = False) -> serializers.DateTimeField:
    return serializers.DateTimeField(allow_null=null)


class RequestRow(serializers.Serializer):
    """A request in a list."""

    uid = public_id()
    number = text()
    agency = text(_("Code of the agency or branch it is addressed to."))
    matter = text(_("Code of the matter; see `matters/`."))
    priority = one_of(Priority)
    case_number = text()
    court = text()
    amount = money(null=True)
    issued_at = moment()
    delivered_at = moment(null=True)
    due_on = day()
    state = one_of(RequestState)
    outcome = serializers.ChoiceField(choices=OUTCOMES, allow_blank=True)


class RequestPage(serializers.Serializer):
    results = RequestRow(many=True)
    next_cursor = text(null=True)
    next = text(null=True)


class OrderCase(serializers.Serializer):
    number = text()
    court = text()
    court_name = text()


class OrderOfficer(serializers.Serializer):
    name = text()
    work_card = text()
    duty_card = text()


class OrderTerm(serializers.Serializer):
    first = day()
    last = day()


class OrderDocument(serializers.Serializer):
    uid = public_id()
    writ = text()
    number = text()
    href = text(_("Where its PDF is."))


class Order(serializers.Serializer):
    """What a request says: never changed after it was issued."""

    uid = public_id()
    number = text()
    agency = text()
    matter = text()
    matter_name = text()
    priority = one_of(Priority)
    case = OrderCase()
    officer = OrderOfficer()
    decided_by = text()
    basis = text()
    issued_at = moment()
    due_on = day()
    amount = money(null=True)
    term = OrderTerm(allow_null=True)
    facts = serializers.DictField(help_text=_("What the matter asks; its shape is in `matters/`."))
    documents = OrderDocument(many=True)
    undoes = text(_("Number of the request it undoes."), null=True)
    lift = text(null=True)


class AnswerRow(serializers.Serializer):
    uid = public_id()
    number = text(_("The agency's own number."))
    state = one_of(AnswerState)
    received_at = moment()
    problem = text(_("Why it was not accepted."))


class QuestionRow(serializers.Serializer):
    uid = public_id()
    text = text()
    is_objection = serializers.BooleanField()
    asked_at = moment()
    reply = serializers.CharField(allow_blank=True)
    replied_at = moment(null=True)


class RequestDetail(Order):
    """A request, and what became of it."""

    state = one_of(RequestState)
    outcome = serializers.ChoiceField(choices=OUTCOMES, allow_blank=True)
    delivered_at = moment(null=True)
    accepted_at = moment(null=True)
    answered_at = moment(null=True)
    answers = AnswerRow(many=True)
    questions = QuestionRow(many=True)


class OrderEventData(Order):
    note = text()


class OrderEvent(serializers.Serializer):
    """A CloudEvents 1.0 object; what is signed is its canonical JSON (RFC 8785)."""

    specversion = text()
    id = public_id()
    source = text()  # type: ignore[assignment]
    type = text(_("Such as `zhixing.request.issued`."))
    subject = text(_("Number of the request."))
    time = moment()
    datacontenttype = text()
    dataschema = text()
    data = OrderEventData()  # type: ignore[assignment]


class FeedEntry(serializers.Serializer):
    event = OrderEvent()
    headers = serializers.DictField(
        child=serializers.CharField(), help_text=_("Our signature, as on a webhook, made now.")
    )


class FeedPage(serializers.Serializer):
    results = FeedEntry(many=True)
    cursor = text(_("Where to go on; keep it."), null=True)
    more = serializers.BooleanField(help_text=_("Whether there is more to read at once."))


class EventName(serializers.Serializer):
    uid = public_id()
    hash = text(_("Hash of the event in the case's history, hexadecimal."))


class AnswerReceived(serializers.Serializer):
    """What the court holds of an answer; the same however often it is sent."""

    uid = public_id()
    number = text()
    request = public_id()
    request_number = text()
    state = one_of(AnswerState)
    received_at = moment()
    sha256 = text(_("Hash of the bytes as they came, hexadecimal."))
    event = EventName(allow_null=True)
    problem = text()


class TriedOut(serializers.Serializer):
    """An answer that would be accepted."""

    accepted = serializers.BooleanField()
    outcome = serializers.DictField()


class RequestStanding(serializers.Serializer):
    """Where a request stands after an act on it."""

    request = public_id()
    number = text()
    state = one_of(RequestState)
    at = moment()
    event = EventName(allow_null=True)


class MatterRow(serializers.Serializer):
    code = text()
    name = text()
    agency_kind = text()
    request_kind = text()
    answer_days = serializers.IntegerField(help_text=_("Working days to answer."))
    basis = text()
    verified = serializers.BooleanField(help_text=_("False where a part was not seen in a text."))
    href = text()


class Matters(serializers.Serializer):
    results = MatterRow(many=True)


class MatterDetail(MatterRow):
    """With JSON Schemas of what a request carries and what an answer says."""

    request_schema = serializers.DictField()
    answer_schema = serializers.DictField()


class OurKey(serializers.Serializer):
    id = text()
    algorithm = text()
    public_key = text(_("`whpk_` and the base64 of 32 bytes."))


class OurKeys(serializers.Serializer):
    results = OurKey(many=True)
