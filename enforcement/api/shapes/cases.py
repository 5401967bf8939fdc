"""Shapes of a case and of what stands on it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from enforcement.api.shapes.common import Rule, day, money, one_of, public_id, text
from enforcement.models import (
    DeadlineKind,
    DeadlineState,
    DocumentState,
    PartyKind,
    PartyRole,
    Phase,
    Stage,
)
from enforcement.models.assets import AssetKind, MeasureKind, MeasureState
from enforcement.models.cases import TitleKind
from enforcement.models.documents import ServiceMethod, ServiceState
from enforcement.models.money import PaymentState, PlanState, ReceiptState
from enforcement.models.objections import ObjectionKind, ObjectionState


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
