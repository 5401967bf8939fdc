"""Shapes of acts, proposals, calculators, files and jobs; pages of rows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.api.shapes.cases import (
    AssetRow,
    CaseRow,
    DeadlineRow,
    DocumentRow,
    EventRow,
    MeasureRow,
    ObjectionRow,
    PartyRow,
    PaymentRow,
    PlanRow,
    ReceiptRow,
    ServiceRow,
)
from enforcement.api.shapes.common import Rule, day, one_of, public_id, text
from enforcement.models import (
    JobRowState,
    JobState,
    Phase,
    ProposalState,
)


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
