"""Shapes of what is read (for the schema; the rows come from ``queries.feeds`` by the same names).

Amounts are CNY as text with two places, days are ISO dates, moments ISO times with their zone.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from directory.models import Duty
from enforcement.models import (
    DeadlineKind,
    DeadlineState,
    DocumentState,
    JobRowState,
    JobState,
    PartyKind,
    PartyRole,
    Phase,
    ProposalState,
    Stage,
)
from enforcement.models.assets import AssetKind, MeasureKind, MeasureState
from enforcement.models.cases import TitleKind
from enforcement.models.documents import ServiceMethod, ServiceState
from enforcement.models.money import PaymentState, PlanState, ReceiptState
from enforcement.models.objections import ObjectionKind, ObjectionState


def text(help_text: Any = None, *, null: bool = False) -> serializers.CharField:
    return serializers.CharField(allow_blank=True, allow_null=null, help_text=help_text)


def one_of(choices: Any, **options: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=choices.choices, **options)


def money(*, null: bool = False, places: int = 2) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=17, decimal_places=places, allow_null=null)


def day(*, null: bool = False) -> serializers.DateField:
    return serializers.DateField(allow_null=null)


def public_id(*, null: bool = False) -> serializers.UUIDField:
    return serializers.UUIDField(allow_null=null)


class Rule(serializers.Serializer):
    """A place in the law."""

    instrument = text()
    article = text()
    verified = serializers.BooleanField(help_text=_("False where the text itself was not seen."))
    label = text()  # type: ignore[assignment]


class Problem(serializers.Serializer):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text=_("A name, `urn:zhixing:problem:` and the code; not an address."))
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField(help_text=_("The path that was called."))
    code = serializers.CharField()
    rules = Rule(many=True, help_text=_("What the refusal rests on."))
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text=_("Sentences by the path of their field, such as `parties[0].name`."),
    )
    request_id = serializers.CharField(allow_blank=True, help_text=_("Quote it when you report something."))


def problem_response(description: Any) -> OpenApiResponse:
    """A problem as one of an operation's answers."""
    return OpenApiResponse(Problem, description)


class CaseRow(serializers.Serializer):
    """A case as lists show it."""

    uid = public_id()
    number = text()
    court = text(_("Code of the court."))
    stage = one_of(Stage)
    type_code = text()
    cause = text()
    filed_on = day()
    applied_on = day()
    implementer = text(_("User name of the officer."), null=True)
    claim = money()
    received = money()
    paid_out = money()
    applicant_names = text()
    debtor_names = text()
    closed_on = day(null=True)
    closing_code = text()
    event_count = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class TitleItem(serializers.Serializer):
    kind = text()
    label = text()  # type: ignore[assignment]
    amount = money()
    delay_from = day()


class Title(serializers.Serializer):
    """What is enforced."""

    kind = one_of(TitleKind)
    number = text()
    made_by = text()
    effective_on = day()
    performance_due_on = day()
    obligation = text()
    interest_annual = money(null=True, places=6)
    interest_from = day(null=True)
    interest_to = day(null=True)
    interest_year_basis = serializers.IntegerField()
    items = TitleItem(many=True)


class CaseDetail(CaseRow):
    head_hash = text(_("Hash of the newest event; keep it as a proof of the history up to here."))
    title = Title()


class PartyRow(serializers.Serializer):
    uid = public_id()
    role = one_of(PartyRole)
    kind = one_of(PartyKind)
    name = text()
    name_bo = text()
    identity_mask = text()
    phone_mask = text()
    address_mask = text()
    representative = text()
    language = text()
    agreed_to_electronic_service = serializers.BooleanField()
    account_holder = text()
    account_bank = text()
    account_mask = text()


class DocumentRow(serializers.Serializer):
    uid = public_id()
    case = public_id()
    writ = text()
    number = text()
    version = serializers.IntegerField()
    party = public_id(null=True)
    event = public_id()
    made_on = day()
    state = one_of(DocumentState)
    pages = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(allow_null=True)
    sha256 = text(null=True)


class DeadlineRow(serializers.Serializer):
    id = serializers.IntegerField()
    rule = text()
    kind = one_of(DeadlineKind)
    label = text()  # type: ignore[assignment]
    subject = public_id(null=True)
    starts_on = day()
    due_on = day()
    projected = serializers.BooleanField(help_text=_("The calendar of that year is not published yet."))
    state = one_of(DeadlineState)
    duty = text()
    owner = text(null=True)
    act = text(_("Code of the act that meets it."))
    reason = text()
    closed_on = day(null=True)


class DeadlineDetail(DeadlineRow):
    name = text()
    why = serializers.ListField(child=serializers.CharField(), help_text=_("How the day was counted."))
    rules = Rule(many=True)


class AssetRow(serializers.Serializer):
    uid = public_id()
    kind = one_of(AssetKind)
    description = text()
    holder = text()
    account_mask = text()
    register_number = text()
    value = money(null=True)
    value_source = text()
    prior_claims = money()
    is_only_home = serializers.BooleanField()
    is_indivisible = serializers.BooleanField()
    found_on = day()
    source = text()  # type: ignore[assignment]
    owner = public_id()


class MeasureRow(serializers.Serializer):
    uid = public_id()
    kind = one_of(MeasureKind)
    rank = serializers.IntegerField()
    amount = money(null=True)
    state = one_of(MeasureState)
    basis = text()
    released_on = day(null=True)
    release_ground = text()
    asset = public_id()
    since = day(null=True)
    until = day(null=True)


class ServiceRow(serializers.Serializer):
    uid = public_id()
    method = one_of(ServiceMethod)
    state = one_of(ServiceState)
    sent_on = day()
    served_on = day(null=True)
    received_by = text()
    remarks = text()
    document = public_id()
    party = public_id()


class ObjectionRow(serializers.Serializer):
    uid = public_id()
    kind = one_of(ObjectionKind)
    number = text(null=True)
    objector = text()
    grounds = text()
    received_on = day()
    state = one_of(ObjectionState)
    stops_disposal = serializers.BooleanField()
    ruled_on = day(null=True)
    ruling = text()
    party = public_id(null=True)
    asset = public_id(null=True)


class ReceiptRow(serializers.Serializer):
    uid = public_id()
    payer = text()
    payer_account_mask = text()
    amount = money()
    how = text()
    counts_on = day()
    arrived_on = day()
    bank_reference = text()
    memo = text()
    state = one_of(ReceiptState)
    debtor = public_id(null=True)


class PlanRow(serializers.Serializer):
    uid = public_id()
    pot = money()
    fee = money()
    state = one_of(PlanState)
    as_of = day()
    steps = serializers.ListField(child=serializers.JSONField())


class PaymentRow(serializers.Serializer):
    uid = public_id()
    payee = text()
    payee_bank = text()
    payee_account_mask = text()
    amount = money()
    state = one_of(PaymentState)
    ordered_on = day()
    settled_on = day(null=True)
    bank_reference = text()
    plan = public_id(null=True)
    party = public_id(null=True)


class EventRow(serializers.Serializer):
    """One event; `hash` = SHA-256(0x02 ‖ `prev_hash` ‖ RFC 8785 form of `content`)."""

    uid = public_id()
    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    act = text()
    phase = one_of(Phase)
    prev_hash = text()
    hash = text()
    content = serializers.DictField()


class Offer(serializers.Serializer):
    """An act and whether it is possible now."""

    code = text()
    title = text()
    group = text()
    allowed = serializers.BooleanField()
    why_not = text()
    rules = Rule(many=True)
    due_on = day(null=True)
    duty = one_of(Duty)
    decided_by = text(_("Duty that must decide it; empty if nobody need."))
    href = text()


class MadeDocument(serializers.Serializer):
    uid = public_id()
    writ = text()
    number = text()


class CaseName(serializers.Serializer):
    uid = public_id()
    number = text()


class ProposalName(serializers.Serializer):
    uid = public_id()
    duty = one_of(Duty)


class Done(serializers.Serializer):
    """The event an act made."""

    uid = public_id()
    seq = serializers.IntegerField()
    hash = text()
    at = serializers.DateTimeField()
    act = text()
    phase = one_of(Phase)
    outcome = serializers.DictField()
    documents = MadeDocument(many=True)
    case = CaseName(allow_null=True)
    proposal = ProposalName(allow_null=True)


class ProposalRow(serializers.Serializer):
    uid = public_id()
    case = public_id()
    case_number = text()
    act = text()
    duty = one_of(Duty)
    state = one_of(ProposalState)
    proposed_by = text()
    proposed_at = serializers.DateTimeField()
    summary = serializers.DictField()
    input = serializers.DictField()
    reason = text()


class Decision(serializers.Serializer):
    """Approve or not; without approval the reason is needed."""

    approve = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({name: [_("There is no such field here.")] for name in unknown})
        if not isinstance(data.get("approve"), bool):
            raise serializers.ValidationError({"approve": [_("Give true or false.")]})
        return super().to_internal_value(data)


class CalculatorKind(serializers.Serializer):
    """One calculator and the facts it asks for."""

    kind = text()
    title = text()
    facts = serializers.ListField(child=serializers.DictField())
    results = serializers.ListField(child=serializers.DictField())
    href = text()


class Calculators(serializers.Serializer):
    results = CalculatorKind(many=True)


class Article(serializers.Serializer):
    """A place in the law a calculation rests on."""

    instrument = text()
    article = text()
    verified = serializers.BooleanField()


class StoredFileRow(serializers.Serializer):
    uid = public_id()
    name = text()
    content_type = text()
    size = serializers.IntegerField()
    sha256 = text()


class JobLine(serializers.Serializer):
    """A job as lists show it."""

    uid = public_id()
    kind = text()
    act = text()
    court = text()
    state = one_of(JobState)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    total = serializers.IntegerField()


class JobDetail(JobLine):
    counts = serializers.DictField(child=serializers.IntegerField(), help_text=_("Rows by state."))
    remaining_seconds = serializers.IntegerField(allow_null=True)


class JobRowLine(serializers.Serializer):
    """One row of a job; ``errors`` are sentences by line of the sheet and column."""

    position = serializers.IntegerField()
    source_row = serializers.IntegerField(allow_null=True)
    state = one_of(JobRowState)
    label = text()  # type: ignore[assignment]
    errors = serializers.DictField()  # type: ignore[assignment]
    warnings = serializers.ListField(child=serializers.JSONField())
    result = text()
    case = public_id(null=True)


def page_of(row: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """The shape of a page of such rows."""
    return type(
        f"{row.__name__}Page",
        (serializers.Serializer,),
        {
            "results": row(many=True),
            "next_cursor": serializers.CharField(allow_null=True),
            "next": serializers.CharField(allow_null=True, help_text=_("Address of the next page.")),
        },
    )


CasePage = page_of(CaseRow)
EventPage = page_of(EventRow)
ProposalPage = page_of(ProposalRow)
JobPage = page_of(JobLine)
JobRowPage = page_of(JobRowLine)
OF_CASE = {
    "parties": page_of(PartyRow),
    "documents": page_of(DocumentRow),
    "deadlines": page_of(DeadlineRow),
    "assets": page_of(AssetRow),
    "measures": page_of(MeasureRow),
    "services": page_of(ServiceRow),
    "objections": page_of(ObjectionRow),
    "receipts": page_of(ReceiptRow),
    "plans": page_of(PlanRow),
    "payments": page_of(PaymentRow),
}


class Offers(serializers.Serializer):
    results = Offer(many=True)
