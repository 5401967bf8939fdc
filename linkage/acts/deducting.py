"""Ordering money to be taken (协助扣划、提取): within what is frozen and within what is owed; the ruling also
freezes (CPL interpretation 484)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.acts.measures_taking import CONTROL_STAGES
from enforcement.acts.service import to_serve
from enforcement.claims import outstanding
from enforcement.coverage import ZERO
from enforcement.engine import Act, ActInput, LiveChoiceField, MoneyField, OfCase, Refused, Remedy
from enforcement.engine.act import yuan
from enforcement.models import Asset, AssetKind, Case, Measure, MeasureState, PartyKind, PartyRole
from law import identity, linkage
from law.citations import CPL, CPL_INTERPRETATION, SEIZURE_RULES
from linkage.acts.base import Draft, issue, refuse_incomplete
from linkage.acts.ordering import (
    TAKING,
    addressee,
    agencies_for,
    agency_of,
    facts_of,
    order_behind,
    pending_orders,
    refuse_transferred,
)
from linkage.models import Request

#: Matters by which money leaves a kind of asset, the usual one first.
DEDUCTIONS: dict[str, tuple[str, ...]] = {
    AssetKind.DEPOSIT: ("BANK-DEDUCT", "BANK-INCOME", "HRSS-PENSION"),
    AssetKind.SECURITY: ("SEC-DEDUCT", "SEC-SELL"),
    AssetKind.INSURANCE: ("INS-DEDUCT",),
    AssetKind.CLAIM: ("TAX-REFUND",),
    AssetKind.OTHER: ("PFUND-DEDUCT",),
}
ALL_DEDUCTIONS = tuple(dict.fromkeys(code for codes in DEDUCTIONS.values() for code in codes))


class DeductInput(ActInput):
    asset = OfCase("assets", only={"kind__in": sorted(DEDUCTIONS)}, label=_("Deposit or other money"))
    amount = MoneyField(label=_("Amount to deduct (CNY)"))
    payee_account = serializers.CharField(
        label=_("Court account for case money"),
        max_length=40,
        help_text=_("The money goes there and nowhere else."),
    )
    payee_bank = serializers.CharField(label=_("Bank of that account"), max_length=120)
    matter = serializers.ChoiceField(
        label=_("Matter"),
        choices=[(code, linkage.matter(code).name_zh) for code in ALL_DEDUCTIONS],
        required=False,
        allow_blank=True,
        default="",
        help_text=_("If empty: what is usual for this kind of thing."),
    )
    agency = LiveChoiceField(
        choices_of=agencies_for(*ALL_DEDUCTIONS),
        label=_("Agency"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("If empty: the agency that holds the thing or reported it."),
    )
    kept_for_living = MoneyField(
        label=_("Left for living costs (CNY)"), allow_zero=True, required=False, default=Decimal("0.00")
    )

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        try:
            attrs["payee_account"] = identity.check_account(attrs["payee_account"])
        except identity.IdentityError as error:
            raise serializers.ValidationError({"payee_account": [error.sentence.render(gettext)]}) from None
        return attrs


class OrderDeduction(Act):
    """Order a bank or other holder to transfer money to the court (协助扣划)."""

    code = "request.deduct"
    title = _("Order money to be deducted")
    group = "linkage"
    summary = _("%(agency)s ordered to deduct %(sum)s from “%(description)s”")
    basis = (CPL.art(253), CPL.art(254), CPL_INTERPRETATION.art(484))
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.ENFORCEMENT_JUDGE
    stages = CONTROL_STAGES
    affects = "debtor"
    remedy = Remedy.OBJECTION
    term = "control.deposit.term"  # the freeze that goes with the ruling
    released_by = "request.lift"
    writs = ("ruling.deduct", "notice.assist-deduct")
    Input = DeductInput

    def ready(self, case: Case) -> None:
        if not self._takable(case):
            raise Refused(
                gettext("No deposit or other money of the debtor is recorded on this case."),
                self.basis,
                code="no-asset",
            )

    def _takable(self, case: Case) -> list[Asset]:
        return [asset for asset in case.assets.all() if asset.kind in DEDUCTIONS]

    def initial(self, case: Case) -> dict[str, Any]:
        frozen = [
            measure
            for measure in case.measures.all()
            if measure.state == MeasureState.IN_FORCE and measure.asset.kind in DEDUCTIONS and measure.amount
        ]
        frozen.sort(key=lambda one: self.about not in {str(one.uid), str(one.asset.uid)})
        shown: dict[str, Any] = {"kept_for_living": "0.00"} | self._usual_payee(case)
        if frozen:
            owed = outstanding(case, self.day)
            shown |= {"asset": frozen[0].asset.uid, "amount": min(frozen[0].amount or owed, owed)}
        return shown

    def _usual_payee(self, case: Case) -> dict[str, str]:
        """The account that the latest order of this court named."""
        latest = (
            Request.objects.filter(case__court_id=case.court_id, facts__has_key="payee_account")
            .order_by("-id")
            .first()
        )
        facts = latest.carried() if latest is not None else {}
        return {name: str(facts[name]) for name in ("payee_account", "payee_bank") if facts.get(name)}

    # --- what the law forbids -----------------------------------------------------------------
    def check(self, case: Case, data: dict[str, Any]) -> None:
        asset = data["asset"]
        refuse_transferred(asset)
        pending = pending_orders(case)
        self._check_waiting(asset, pending)
        self._check_held(asset, data, pending)
        self._check_owed(case, data, pending)
        refuse_incomplete(self._draft(case, data), writ_follows=True)

    def _check_waiting(self, asset: Asset, pending: Iterable[Request]) -> None:
        """A freeze that is not answered yet is waited for: until then nobody knows what is held."""
        for one in pending:
            if one.asset_id == asset.pk and one.measure_id is None:
                raise Refused(
                    gettext("Order %(number)s about “%(asset)s” still waits for the answer of %(agency)s.")
                    % {"number": one.number, "asset": asset.description, "agency": one.agency.name},
                    SEIZURE_RULES.art(1),
                    field="asset",
                    code="pending",
                )

    def _check_held(self, asset: Asset, data: dict[str, Any], pending: Iterable[Request]) -> None:
        measure = held_by(asset)
        if measure is not None and measure.state == MeasureState.WAITING:
            raise Refused(
                gettext("The freeze on “%(asset)s” waits behind another court's; nothing can be taken yet.")
                % {"asset": asset.description},
                SEIZURE_RULES.art(26),
                field="asset",
                code="waiting",
            )
        on_the_way = _ordered(one for one in pending if one.asset_id == asset.pk)
        there = measure.amount if measure is not None and measure.amount is not None else asset.value
        if there is not None and data["amount"] + on_the_way > there:
            raise Refused(
                gettext("Only %(there)s is frozen there, of which %(ordered)s is being deducted already.")
                % {"there": yuan(there), "ordered": yuan(on_the_way)},
                (CPL.art(253), CPL_INTERPRETATION.art(484)),
                field="amount",
                code="more-than-frozen",
            )
        if data["kept_for_living"] and asset.owner.kind != PartyKind.PERSON:
            raise Refused(
                gettext("Living costs are left to people, not to a company; leave it at 0."),
                SEIZURE_RULES.art(3),
                field="kept_for_living",
            )
        kept = data["kept_for_living"]
        if kept and asset.value is not None and data["amount"] > max(ZERO, asset.value - kept):
            raise Refused(
                gettext("Of the balance of %(balance)s, %(kept)s stays for living costs.")
                % {"balance": yuan(asset.value), "kept": yuan(kept)},
                (CPL.art(254), SEIZURE_RULES.art(3)),
                field="amount",
                code="living-costs",
            )

    def _check_owed(self, case: Case, data: dict[str, Any], pending: Iterable[Request]) -> None:
        owed, on_the_way = outstanding(case, self.day), _ordered(pending)
        if data["amount"] + on_the_way > owed:
            raise Refused(
                gettext(
                    "With the fee %(owed)s is owed today, of which %(ordered)s is being deducted already."
                    " Nothing more may be taken."
                )
                % {"owed": yuan(owed), "ordered": yuan(on_the_way)},
                CPL.art(253),
                field="amount",
                code="more-than-owed",
            )

    # --- what it does -------------------------------------------------------------------------
    def _draft(self, case: Case, data: dict[str, Any]) -> Draft:
        asset = data["asset"]
        measure = held_by(asset)
        matter = linkage.matter(data["matter"] or DEDUCTIONS[asset.kind][0])
        behind = order_behind(measure) if measure is not None else None
        wanted = data["agency"]
        agency = agency_of(asset, matter, wanted) if wanted or behind is None else behind.agency
        typed = {name: data[name] for name in ("payee_account", "payee_bank")} | {
            "purpose": f"{case.number}执行案款",
            "living_reserve": data["kept_for_living"],
            "living_reserve_cny": data["kept_for_living"],
            "monthly_amount": data["amount"],
            "method": "强制卖出",
            "price_rule": "市价委托",
        }
        return Draft(
            matter,
            agency,
            party=asset.owner,
            asset=asset,
            measure=measure,
            amount=data["amount"],
            facts=facts_of(asset, matter, typed, amount=data["amount"]),
        )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        asset, draft = data["asset"], self._draft(case, data)
        extra = self._writ_data(case, data, draft) | {"deciders": [self.actor]}
        ruling = self.effects.write(case, self.writs[0], party=asset.owner, extra=extra)
        notice = self.effects.write(case, self.writs[1], party=asset.owner, extra=extra)
        applicants = [party for party in case.parties.all() if party.role == PartyRole.APPLICANT]
        to_serve(self, ruling, asset.owner, *applicants)
        draft.documents = [ruling, notice]
        request = issue(self, case, [draft])[0]
        return self._said(data, draft) | {"request": request.uid, "requests": [request.number]}

    def _writ_data(self, case: Case, data: dict[str, Any], draft: Draft) -> dict[str, Any]:
        payee = {
            "name": case.court.name,
            "bank": data["payee_bank"],
            "account": data["payee_account"],
        }
        return addressee(draft) | {"asset": data["asset"], "amount": data["amount"], "payee": payee}

    def _said(self, data: dict[str, Any], draft: Draft) -> dict[str, Any]:
        return {
            "asset": data["asset"].uid,
            "description": data["asset"].description,
            "measure": draft.measure.uid if draft.measure is not None else None,
            "amount": data["amount"],
            "sum": yuan(data["amount"]),
            "agency": draft.agency.name,
            "matter": draft.matter.code,
        }

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return self._said(data, self._draft(case, data)) | {"owed": outstanding(case, self.day)}

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        extra = self._writ_data(case, data, self._draft(case, data)) | {"party": data["asset"].owner}
        return [(writ, extra) for writ in self.writs]


def held_by(asset: Asset) -> Measure | None:
    """The live measure on a thing."""
    return next((measure for measure in asset.measures.all() if measure.is_live), None)


def _ordered(orders: Iterable[Request]) -> Decimal:
    """What is being deducted already, in CNY."""
    return sum((one.amount or ZERO for one in orders if one.matter.request_kind in TAKING), ZERO)
