"""The first word to the debtor: notice to perform (执行通知) and order to report property (报告财产令)."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.acts.service import to_serve
from enforcement.engine import Act, ActInput, Refused
from enforcement.models import Case, DocumentState, Party, Stage
from law.citations import CPL, CPL_INTERPRETATION, PROPERTY_INVESTIGATION

LONGEST_REPORT = 30  # days; the law leaves the period to the order, this bound is the product's


class NoticeInput(ActInput):
    """What the order sets."""

    report_days = serializers.IntegerField(
        label=_("Days to report property"),
        min_value=1,
        max_value=LONGEST_REPORT,
        help_text=_("The law leaves this period to the order; it runs from the day the debtor receives it."),
    )
    contact = serializers.CharField(
        label=_("Telephone of the officer"), max_length=60, help_text=_("Printed on the notice.")
    )


class IssueNotice(Act):
    """Send every debtor the notice to perform and, for money claims, the order to report property."""

    code = "notice.issue"
    title = _("Issue the notice to perform")
    group = "notice"
    summary = _("Notice to perform and property-report order made for %(debtors)s")
    basis = (CPL.art(251), CPL_INTERPRETATION.art(480), PROPERTY_INVESTIGATION.art(3))
    by = frozenset({Duty.IMPLEMENTER})
    stages = frozenset({Stage.NOTICE, Stage.CONTROL, Stage.DISPOSAL})
    writs = ("notice.execution", "order.property-report")
    bulk = True
    Input = NoticeInput

    def ready(self, case: Case) -> None:
        missing = self._debtors(case)
        if not missing:
            raise Refused(
                gettext(
                    "Every debtor has the notice already. What could not be served is served again as it is."
                ),
                CPL.art(251),
                code="issued",
            )
        nameless = [debtor.name for debtor in missing if not debtor.identity_mask]
        if nameless:
            raise Refused(
                gettext(
                    "An order names its addressee: record the identity number or credit code of %(names)s."
                )
                % {"names": "、".join(nameless)},
                PROPERTY_INVESTIGATION.art(3),
                code="identity",
            )

    def initial(self, case: Case) -> dict[str, Any]:
        return {"report_days": 10}

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        return [(writ, dict(data)) for writ in self._writs(case)]

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        debtors = self._debtors(case)
        for debtor in debtors:
            for writ in self._writs(case):
                document = self.effects.write(case, writ, party=debtor, extra=dict(data))
                to_serve(self, document, debtor)
        self.effects.meet(case, "notice.send", "notice.send.after-measure", "notice.property-order")
        if case.stage == Stage.NOTICE:
            case.stage = Stage.CONTROL
        return {
            "debtors": "、".join(debtor.name for debtor in debtors),
            "report_days": data["report_days"],
            "documents": [document.uid for document in self.effects.documents],
        }

    def _writs(self, case: Case) -> tuple[str, ...]:
        """A debtor who owes no money is told to perform, not to report (art. 3 speaks of money claims)."""
        return self.writs if case.claim > 0 else self.writs[:1]

    def _debtors(self, case: Case) -> list[Party]:
        """Debtors who have no notice, or only one that could not be made."""
        told = {
            document.party_id
            for document in case.documents.all()
            if document.writ == "notice.execution" and document.state != DocumentState.FAILED
        }
        return [party for party in case.parties.all() if party.is_debtor and party.pk not in told]
