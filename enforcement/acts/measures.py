"""Restraining the debtor's assets (查封、扣押、冻结): each measure with what the law asks of it besides."""

from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from enforcement.acts.measures_input import MeasureInput
from enforcement.acts.measures_taking import TakeMeasure
from enforcement.coverage import ZERO, net_value
from enforcement.engine import ActInput, MoneyField, OfCase, Refused
from enforcement.engine.act import yuan
from enforcement.models import AssetKind, Case, Measure, MeasureKind, PartyKind
from law.citations import (
    CPL,
    CPL_INTERPRETATION,
    ENFORCEMENT_RULES,
    EQUITY_RULES,
    SEIZURE_RULES,
)
from law.money import withholding
from law.money.exemptions import Withholding


class FreezeDepositInput(MeasureInput):
    asset = OfCase("assets", only={"kind": "deposit"}, label=_("Deposit"))
    amount = MoneyField(label=_("Amount to freeze (CNY)"))
    kept_for_living = MoneyField(
        label=_("Left for living costs (CNY)"),
        allow_zero=True,
        required=False,
        default=Decimal("0.00"),
        help_text=_("Necessary living costs of the debtor and dependants stay free; not for companies."),
    )


class FreezeDeposit(TakeMeasure):
    """Freeze a deposit up to the uncovered claim (冻结存款), at most one year."""

    code = "measure.freeze-deposit"
    title = _("Freeze a deposit")
    summary = _("%(sum)s of “%(description)s” frozen until %(until)s, rank %(rank)s")
    basis = (CPL.art(253), CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(1))
    term = "control.deposit.term"
    writs = ("ruling.freeze", "notice.assist")
    kind = MeasureKind.FREEZE
    takes = frozenset({AssetKind.DEPOSIT})
    none_recorded = _("No deposit is recorded on this case.")
    all_taken = _("Every deposit recorded on this case is frozen already.")
    is_money = True
    Input: ClassVar[type[ActInput]] = FreezeDepositInput

    def initial(self, case: Case) -> dict[str, Any]:
        free, uncovered = self._free(case), self._coverage(case).uncovered
        amount = uncovered
        if len(free) == 1 and free[0].value:
            amount = min(uncovered, free[0].value)
        return super().initial(case) | ({"amount": amount} if amount else {}) | {"kept_for_living": "0.00"}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        asset = data["asset"]
        if data["kept_for_living"] and asset.owner.kind != PartyKind.PERSON:
            raise Refused(
                gettext("Living costs are left to people, not to a company; leave it at 0."),
                SEIZURE_RULES.art(3),
                field="kept_for_living",
            )
        if data["kept_for_living"] and asset.value is not None and asset.value <= data["kept_for_living"]:
            raise Refused(
                gettext("The balance of %(balance)s is needed for living costs; nothing is left to freeze.")
                % {"balance": yuan(asset.value)},
                SEIZURE_RULES.art(3),
                field="kept_for_living",
            )
        super().check(case, data)

    def _said(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return super()._said(case, data) | {"kept_for_living": data["kept_for_living"]}

    def _writ_data(self, case: Case, data: dict[str, Any], measure: Measure) -> dict[str, Any]:
        return super()._writ_data(case, data, measure) | {"kept_for_living": yuan(data["kept_for_living"])}


RIGHTS = frozenset(
    {AssetKind.EQUITY, AssetKind.SECURITY, AssetKind.INSURANCE, AssetKind.CLAIM, AssetKind.OTHER}
)


class FreezeRightInput(MeasureInput):
    asset = OfCase("assets", only={"kind__in": sorted(RIGHTS)}, label=_("Right"))
    amount = MoneyField(
        label=_("Part of its value (CNY)"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Leave empty to freeze it as a whole."),
    )


class FreezeRight(TakeMeasure):
    """Freeze equity, securities, insurance, a claim or another right (冻结其他财产权), at most three years.

    Equity is frozen from the day it is published in the credit information system (EQUITY_RULES 6).
    """

    code = "measure.freeze-right"
    title = _("Freeze a property right")
    summary = _("“%(description)s” frozen until %(until)s, rank %(rank)s")
    basis = (CPL.art(253), CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(1), EQUITY_RULES.art(6))
    term = "control.other-right.term"
    writs = ("ruling.freeze", "notice.assist")
    kind = MeasureKind.FREEZE
    takes = RIGHTS
    none_recorded = _("No equity, securities, insurance, claim or other right is recorded on this case.")
    all_taken = _("Every right recorded on this case is frozen already.")
    Input: ClassVar[type[ActInput]] = FreezeRightInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        worth = data["asset"].value
        if data["amount"] is not None and worth is not None and data["amount"] > worth:
            raise Refused(
                gettext("The right is worth %(value)s; no larger part of it can be frozen.")
                % {"value": yuan(worth)},
                EQUITY_RULES.art(5),
                field="amount",
            )
        super().check(case, data)

    def _covers(self, case: Case, data: dict[str, Any]) -> Decimal:
        worth = net_value(data["asset"])
        if data["amount"] is None:
            return worth or ZERO
        return data["amount"] if worth is None else min(data["amount"], worth)


class WithholdWageInput(MeasureInput):
    asset = OfCase("assets", only={"kind": "wage"}, label=_("Wage"))
    minimum = MoneyField(
        label=_("Minimum living standard per head and month (CNY)"),
        help_text=_("The local standard; it stays with the debtor and each dependant."),
    )
    dependants = serializers.DecimalField(
        label=_("Dependants"),
        max_digits=4,
        decimal_places=2,
        min_value=Decimal("0"),
        required=False,
        default=Decimal("0"),
        help_text=_("Heads the debtor supports; one supported by two people counts 0.5."),
    )


class WithholdWage(TakeMeasure):
    """Withhold income above the minimum living costs (扣留、提取收入), until the claim is paid.

    The law names no longest term; the order is looked at again after three years at the latest.
    """

    code = "measure.withhold-wage"
    title = _("Withhold wages")
    summary = _(
        "%(monthly)s a month withheld from “%(description)s” until %(until)s, %(kept)s left for living"
    )
    basis = (CPL.art(254), SEIZURE_RULES.art(3), ENFORCEMENT_RULES.art(29))
    term = "control.other-right.term"
    writs = ("ruling.freeze", "notice.assist")
    kind = MeasureKind.FREEZE
    takes = frozenset({AssetKind.WAGE})
    none_recorded = _("No wage is recorded on this case.")
    all_taken = _("Every wage recorded on this case is withheld already.")
    is_money = True
    Input = WithholdWageInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        if data["asset"].value is None:
            raise Refused(
                gettext("Record the net income of a month first; what may be withheld follows from it."),
                (CPL.art(254), SEIZURE_RULES.art(3)),
                field="asset",
                code="no-income",
            )
        shares = self._shares(case, data)
        if not shares.withheld_month:
            raise Refused(
                gettext(
                    "The net income of %(income)s does not exceed the minimum living costs of %(minimum)s;"
                    " nothing may be withheld."
                )
                % {"income": yuan(data["asset"].value), "minimum": yuan(shares.minimum)},
                (CPL.art(254), SEIZURE_RULES.art(3)),
                field="asset",
                code="living-costs",
            )
        if not self._coverage(case).uncovered:
            raise Refused(
                gettext("The claim is covered already; release something before wages are withheld."),
                (SEIZURE_RULES.art(19), CPL.art(254)),
                field="asset",
                code="excess",
            )
        super().check(case, data)

    def _shares(self, case: Case, data: dict[str, Any]) -> Withholding:
        uncovered = self._coverage(case).uncovered
        return withholding(data["asset"].value, data["minimum"], [data["dependants"]], uncovered)

    def _amount(self, case: Case, data: dict[str, Any]) -> Decimal | None:
        """What can be withheld over the term, at most the uncovered claim."""
        months = data["months"] or self._ceiling(data["asset"])
        return min(self._coverage(case).uncovered, self._shares(case, data).withheld_month * months)

    def _said(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        shares = self._shares(case, data)
        return super()._said(case, data) | {
            "monthly": yuan(shares.withheld_month),
            "kept": yuan(shares.kept_month),
        }

    def _writ_data(self, case: Case, data: dict[str, Any], measure: Measure) -> dict[str, Any]:
        shares = self._shares(case, data)
        return super()._writ_data(case, data, measure) | {
            "withheld_month": yuan(shares.withheld_month),
            "kept_month": yuan(shares.kept_month),
        }


class SealInput(MeasureInput):
    asset = OfCase("assets", only={"kind__in": ["house", "land"]}, label=_("House or land"))


class Seal(TakeMeasure):
    """Seal a house or land (查封), at most three years. An only home may be sealed, though not sold."""

    code = "measure.seal"
    title = _("Seal a house or land")
    summary = _("“%(description)s” sealed until %(until)s, rank %(rank)s")
    basis = (CPL.art(255), CPL.art(256), CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(7))
    term = "control.immovable.term"
    writs = ("ruling.seal", "notice.assist")
    kind = MeasureKind.SEAL
    takes = frozenset({AssetKind.HOUSE, AssetKind.LAND})
    none_recorded = _("No house or land is recorded on this case.")
    all_taken = _("Every house and piece of land recorded on this case is sealed already.")
    Input: ClassVar[type[ActInput]] = SealInput


class SeizeInput(MeasureInput):
    asset = OfCase("assets", only={"kind__in": ["vehicle", "other"]}, label=_("Vehicle or thing"))


class Seize(TakeMeasure):
    """Seize a vehicle or another movable (扣押), at most two years."""

    code = "measure.seize"
    title = _("Seize a vehicle or thing")
    summary = _("“%(description)s” seized until %(until)s, rank %(rank)s")
    basis = (CPL.art(255), CPL.art(256), CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(6))
    term = "control.movable.term"
    writs = ("ruling.seal", "notice.assist")
    kind = MeasureKind.SEIZE
    takes = frozenset({AssetKind.VEHICLE, AssetKind.OTHER})
    none_recorded = _("No vehicle or other thing is recorded on this case.")
    all_taken = _("Every vehicle and thing recorded on this case is seized already.")
    Input: ClassVar[type[ActInput]] = SeizeInput
