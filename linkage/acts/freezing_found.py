"""Freezing what an inquiry found (批量冻结): all ticked accounts in one order, the smallest set proposed."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.acts.measures_taking import CONTROL_STAGES
from enforcement.coverage import ZERO
from enforcement.engine import Act, ActInput, MoneyField, OfCase, Refused, Remedy
from enforcement.engine.act import yuan
from enforcement.models import AssetKind, Case, MeasureKind, PartyKind
from law.citations import CPL, CPL_INTERPRETATION, NETWORK_FREEZE, SEIZURE_RULES
from linkage.acts.control import OrderFreezeDeposit
from linkage.acts.ordering import coverage_with_pending
from linkage.proposals import proposal_for

#: An order about one account, with its input.
Ordered = tuple[OrderFreezeDeposit, dict[str, Any]]


class FoundRowInput(ActInput):
    asset = OfCase("assets", only={"kind": AssetKind.DEPOSIT}, label=_("Deposit"))
    amount = MoneyField(label=_("Amount to freeze (CNY)"))


class FreezeFoundInput(ActInput):
    rows = FoundRowInput(many=True, label=_("Accounts"), allow_empty=False)
    kept_for_living = MoneyField(
        label=_("Left to each person for living (CNY)"),
        allow_zero=True,
        required=False,
        default=Decimal("0.00"),
        help_text=_("Of all accounts of a debtor together so much stays free; not for companies."),
    )
    months = serializers.IntegerField(
        label=_("Term in months"),
        min_value=1,
        max_value=12,
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Leave empty for the longest the law allows."),
    )


class FreezeFound(Act):
    """Order all ticked accounts to be frozen (冻结查得存款): each bank gets its own ruling and notice and
    learns nothing of the others."""

    code = "request.freeze-found"
    title = _("Freeze what was found")
    group = "linkage"
    summary = _("%(count)s accounts ordered to be frozen, %(sum)s in all")
    basis = (CPL.art(253), CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(19), NETWORK_FREEZE.art(3))
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.ENFORCEMENT_JUDGE
    stages = CONTROL_STAGES
    affects = "debtor"
    remedy = Remedy.OBJECTION
    term = "control.deposit.term"
    released_by = "request.lift"
    writs = ("ruling.freeze", "notice.assist-freeze")
    kind: ClassVar[MeasureKind] = MeasureKind.FREEZE
    Input = FreezeFoundInput

    def ready(self, case: Case) -> None:
        held = {measure.asset_id for measure in case.measures.all() if measure.is_live}
        if not any(
            asset.kind == AssetKind.DEPOSIT and asset.value and asset.pk not in held
            for asset in case.assets.all()
        ):
            raise Refused(
                gettext("No free deposit with a reported balance is on this case. Ask the banks first."),
                CPL.art(253),
                code="no-asset",
            )

    def initial(self, case: Case) -> dict[str, Any]:
        proposed = proposal_for(case, self.day)
        rows = [{"asset": uid, "amount": amount} for uid, amount in proposed.amounts.items()]
        return {"rows": rows, "kept_for_living": "0.00", "months": 12}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self._check_twice(data)
        self._check_living(data)
        for index, (order, row) in enumerate(self._orders(case, data)):
            try:
                order.check(case, row)
            except Refused as refusal:
                raise Refused(
                    refusal.reason,
                    refusal.basis,
                    field=f"rows[{index}].{refusal.field}" if refusal.field else "rows",
                    code=refusal.code,
                ) from refusal

    def _check_twice(self, data: dict[str, Any]) -> None:
        uids = [row["asset"].uid for row in data["rows"]]
        for index, uid in enumerate(uids):
            if uid in uids[:index]:
                raise Refused(
                    gettext("This account stands in the list twice."),
                    SEIZURE_RULES.art(19),
                    field=f"rows[{index}].asset",
                    code="twice",
                )

    def _check_living(self, data: dict[str, Any]) -> None:
        """Of what a person's accounts hold together, so much stays free (SEIZURE_RULES 3(2))."""
        kept = data["kept_for_living"]
        if not kept:
            return
        ordered: dict[int, Decimal] = {}
        for row in data["rows"]:
            ordered[row["asset"].owner_id] = ordered.get(row["asset"].owner_id, ZERO) + row["amount"]
        for row in data["rows"]:
            owner = row["asset"].owner
            there = sum(
                (one.value or ZERO for one in owner.assets.all() if one.kind == AssetKind.DEPOSIT), ZERO
            )
            if owner.kind == PartyKind.PERSON and ordered[owner.pk] > max(ZERO, there - kept):
                raise Refused(
                    gettext("%(name)s has %(there)s, of which %(kept)s stays for living costs.")
                    % {"name": owner.name, "there": yuan(there), "kept": yuan(kept)},
                    SEIZURE_RULES.art(3),
                    field="rows",
                    code="living-costs",
                )

    def _orders(
        self, case: Case, data: dict[str, Any]
    ) -> Iterator[tuple[OrderFreezeDeposit, dict[str, Any]]]:
        """One order for each account; each sees what those before it will cover."""
        known = coverage_with_pending(case, self.day)
        for row in data["rows"]:
            order = OrderFreezeDeposit(self.run)
            order.__dict__["_known_coverage"] = known
            yield (
                order,
                {
                    "asset": row["asset"],
                    "amount": row["amount"],
                    "kept_for_living": ZERO,
                    "months": data["months"],
                    "agency": "",
                    "excess_reason": "",
                },
            )
            known = replace(known, value=known.value + row["amount"])

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        done = [order.perform(case, row) for order, row in self._orders(case, data)]
        return self._said(data) | {
            "requests": [number for one in done for number in one["requests"]],
            "assets": [one["asset"] for one in done],
        }

    def _said(self, data: dict[str, Any]) -> dict[str, Any]:
        total = sum((row["amount"] for row in data["rows"]), ZERO)
        return {"count": len(data["rows"]), "sum": yuan(total), "amount": total}

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        shown = coverage_with_pending(case, self.day)
        steps = proposal_for(case, self.day, data["kept_for_living"]).steps
        return self._said(data) | {
            "limit": shown.limit,
            "uncovered": shown.uncovered,
            "steps": [str(step) for step in steps],
        }

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        return [writ for order, row in self._orders(case, data) for writ in order.preview(case, row)]
