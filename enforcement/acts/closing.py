"""Closing a case that was performed (执行完毕结案). Whatever is red on the checklist blocks."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.acts.money import MONEY_STAGES
from enforcement.engine import Act, ActInput, Refused
from enforcement.engine.act import yuan
from enforcement.models import Case, Stage
from enforcement.queries.closing import CLOSING_ACT, FULL, VOLUNTARY, closing_checklist, unmet
from law.citations import CPL, ENFORCEMENT_RULES

WRIT = "notice.closing"
LIMITS = ("closing.limit", "closing.limit.nonlitigation", "closing.extend", "product.next-step")


class CloseInput(ActInput):
    """As what the case is closed."""

    way = serializers.ChoiceField(
        label=_("Closed as"),
        choices=[(FULL, _("Fully enforced")), (VOLUNTARY, _("Performed voluntarily"))],
        default=FULL,
    )
    confirmation = serializers.CharField(
        label=_("Applicants' confirmation"),
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html"},
        help_text=_("For voluntary performance: where the applicants confirmed that they got everything."),
    )


class ClosePerformed(Act):
    """Close a case in which everything owed was paid (执行完毕): computed conditions, decided by the head."""

    code = CLOSING_ACT
    title = _("Close as performed")
    group = "closing"
    summary = _("Closed as performed: %(received)s received, %(paid_out)s paid to the creditors")
    tone = "in"
    basis = (ENFORCEMENT_RULES.art("64(1)"), CPL.art(239))
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.BUREAU_HEAD
    stages = MONEY_STAGES
    writs = (WRIT,)
    Input = CloseInput

    def ready(self, case: Case) -> None:
        red = unmet(closing_checklist(case))
        if red:
            raise Refused(
                " ".join([gettext("The case can't be closed yet."), *(one.detail for one in red)]),
                ENFORCEMENT_RULES.art("64(1)"),
                code="not-performed",
            )

    def check(self, case: Case, data: dict[str, Any]) -> None:
        red = unmet(closing_checklist(case, data["way"]))
        if red:
            raise Refused(red[0].detail, ENFORCEMENT_RULES.art("64(1)"), field="way", code="not-performed")
        if data["way"] == VOLUNTARY and not data["confirmation"].strip():
            raise Refused(
                gettext("Voluntary performance needs the applicants' confirmation. Say where it is on file."),
                ENFORCEMENT_RULES.art("64(1)"),
                field="confirmation",
                code="no-confirmation",
            )

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return {"received": yuan(case.received), "paid_out": yuan(case.paid_out)}

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        return [(WRIT, {"closing": {"code": data["way"]}})]

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        self.effects.write(case, WRIT, extra={"closing": {"code": data["way"]}})
        case.stage, case.closed_on, case.closing_code = Stage.CLOSED, self.day, data["way"]
        self.effects.meet(case, *LIMITS)
        # Nothing runs on a closed case: no clock, no wait, no term.
        self.effects.stop_all(case)
        self.effects.notify([case.implementer], "case.closed", case=case, tone="in", number=case.number)
        return self.propose_summary(case, data) | {
            "way": data["way"],
            "confirmation": data["confirmation"],
            "days": case.days_open,
        }
