"""The debtor's report of their property (财产报告): arrived, false, or never arrived."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.engine import Act, ActInput, MoneyField, OfCase, Refused, UploadField
from enforcement.models import (
    OPEN_STAGES,
    AssetKind,
    Case,
    Deadline,
    DeadlineState,
    Party,
    PartyRole,
    Service,
    ServiceState,
    Stage,
)
from law.citations import CPL, PROPERTY_INVESTIGATION

ARRIVED, FALSE, ABSENT = "arrived", "false", "not-arrived"
RESULTS = [
    (ARRIVED, _("Arrived")),
    (FALSE, _("Found to be false or refused")),
    (ABSENT, _("Did not arrive in time")),
]
MOST_ASSETS = 60


class DeclaredInput(ActInput):
    """One thing the debtor says they own."""

    kind = serializers.ChoiceField(label=_("Kind"), choices=AssetKind.choices)
    description = serializers.CharField(label=_("Description"), max_length=300)
    value = MoneyField(label=_("Value (CNY)"), required=False, allow_null=True, default=None)


class ReportInput(ActInput):
    """What came of the order to report property."""

    party = OfCase("parties", only={"role": PartyRole.DEBTOR}, label=_("Debtor"))
    result = serializers.ChoiceField(label=_("Result"), choices=RESULTS)
    received_on = serializers.DateField(label=_("Received on"), required=False, allow_null=True, default=None)
    report = UploadField(
        purpose="proof", label=_("The report"), required=False, allow_null=True, default=None
    )
    # A list of them takes a length, which a single one, as the type checker sees it, does not.
    declared = DeclaredInput(  # type: ignore[call-arg]
        label=_("Declared property"), many=True, required=False, default=list, max_length=MOST_ASSETS
    )
    remarks = serializers.CharField(
        label=_("What was found"),
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html"},
        help_text=_("Needed if the report is false or was refused."),
    )


class RecordReport(Act):
    """Record the debtor's property report, or that there is none (财产报告)."""

    code = "report.record"
    title = _("Record the property report")
    group = "notice"
    summary = _("Property report of %(debtor)s: %(result_words)s")
    basis = (CPL.art(252), PROPERTY_INVESTIGATION.art(5), PROPERTY_INVESTIGATION.art(9))
    by = frozenset({Duty.IMPLEMENTER})
    stages = OPEN_STAGES - {Stage.FILED}
    Input = ReportInput

    def ready(self, case: Case) -> None:
        if not any(document.writ == "order.property-report" for document in case.documents.all()):
            raise Refused(
                gettext("No order to report property has been made. Issue the notice first."),
                PROPERTY_INVESTIGATION.art(3),
                code="no-order",
            )

    def check(self, case: Case, data: dict[str, Any]) -> None:
        debtor: Party = data["party"]
        served = (
            Service.objects.filter(
                case=case, party=debtor, document__writ="order.property-report", state=ServiceState.SERVED
            )
            .order_by("-served_on")
            .first()
        )
        # A report may come from a debtor whose service is not proved yet; a default needs the proof.
        if served is None and data["result"] != ARRIVED:
            raise Refused(
                gettext("The order has not been served on %(debtor)s, so nothing was due yet.")
                % {"debtor": debtor.name},
                PROPERTY_INVESTIGATION.art(5),
                field="party",
                code="not-served",
            )
        self.period = Deadline.objects.filter(
            case=case, rule="report.submit", subject=debtor.uid, state=DeadlineState.OPEN
        ).first()
        if data["result"] == ABSENT:
            self._check_absent(debtor, data)
        else:
            self._check_arrived(data)

    def _check_absent(self, debtor: Party, data: dict[str, Any]) -> None:
        if self.period is None:
            raise Refused(
                gettext("No period to report runs for %(debtor)s.") % {"debtor": debtor.name},
                PROPERTY_INVESTIGATION.art(5),
                field="party",
                code="no-period",
            )
        if self.period.due_on >= self.day:
            raise Refused(
                gettext("%(debtor)s may report until %(day)s.")
                % {"debtor": debtor.name, "day": self.period.due_on},
                PROPERTY_INVESTIGATION.art(9),
                field="result",
                code="running",
            )
        if data["received_on"] is not None or data["declared"] or data["report"] is not None:
            raise Refused(
                gettext("A report that did not arrive has no day of receipt and declares nothing."),
                PROPERTY_INVESTIGATION.art(9),
                field="received_on" if data["received_on"] is not None else "declared",
                code="contradiction",
            )

    def _check_arrived(self, data: dict[str, Any]) -> None:
        if data["result"] == FALSE and not data["remarks"].strip():
            raise Refused(
                gettext("Say what is false, or how the report was refused."),
                PROPERTY_INVESTIGATION.art(9),
                field="remarks",
                code="account",
            )
        received = data["received_on"]
        if data["result"] == ARRIVED and received is None:
            raise Refused(
                gettext("Write the day the report was received."),
                PROPERTY_INVESTIGATION.art(5),
                field="received_on",
                code="day",
            )
        if received is not None and received > self.day:
            raise Refused(
                gettext("The report can't be received after today."),
                PROPERTY_INVESTIGATION.art(5),
                field="received_on",
                code="day",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        debtor = data["party"]
        received = data["received_on"]
        late = bool(self.period and received and received > self.period.due_on)
        self.effects.meet(case, "report.submit", subject=debtor.uid)
        # A new finding about the same debtor takes the place of what was to be decided on the last one.
        self.effects.stop(case, "product.verify-report", "product.report-penalty", subject=debtor.uid)
        follow_up = "product.verify-report" if data["result"] == ARRIVED else "product.report-penalty"
        self.effects.open_deadline(
            case,
            follow_up,
            duty=Duty.IMPLEMENTER,
            act="case.record-step",
            subject=debtor.uid,
            label=debtor.name,
        )
        return {
            "debtor": debtor.name,
            "result": data["result"],
            "result_words": str(dict(RESULTS)[data["result"]]),
            "received_on": received,
            "late": late,
            "declared": data["declared"],
            "report": data["report"].sha256 if data["report"] is not None else "",
            "offers": ["asset.record"] if data["declared"] else [],
        }
