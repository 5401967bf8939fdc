"""Ordering an agency to freeze, seal or seize (协助冻结、查封、扣押).

The order leaves now; the measure begins when the agency has answered.
"""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from directory.models import Duty
from enforcement import ranks
from enforcement.acts.measures import RIGHTS, FreezeDeposit, FreezeRight, Seal, Seize
from enforcement.acts.measures_taking import TakeMeasure, serve_ruling
from enforcement.coverage import Coverage
from enforcement.engine import MoneyField, OfCase, Refused
from enforcement.models import Asset, Case, Measure
from law import linkage
from law.citations import CPL, CPL_INTERPRETATION, EQUITY_RULES, SEIZURE_RULES
from linkage.acts.base import Draft, issue, refuse_incomplete
from linkage.acts.ordering import (
    MATTERS_OF,
    MatterOrderInput,
    OrderInput,
    addressee,
    agency_of,
    answering_agencies,
    coverage_with_pending,
    facts_of,
    refuse_ordered,
)


class OrderMeasure(TakeMeasure):
    """An order to restrain a thing: all the law asks of the measure but what only the answer says."""

    released_by = "request.lift"
    group = "linkage"

    def initial(self, case: Case) -> dict[str, Any]:
        shown = super().initial(case)
        return {name: value for name, value in shown.items() if name not in {"effective_on", "officers"}}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        refuse_ordered(data["asset"])
        super().check(case, self._complete(data))
        refuse_incomplete(self._draft(case, data), writ_follows=True)

    def decider(self, case: Case, data: dict[str, Any]) -> Duty | None:
        return super().decider(case, self._complete(data))

    def _complete(self, data: dict[str, Any]) -> dict[str, Any]:
        """The input with what a measure is recorded with besides, as far as the order can say it."""
        known = ranks.next_rank(ranks.same_thing(data["asset"]))
        return dict(data) | {"effective_on": self.day, "rank": known, "officers": self.actor.name}

    def _check_rank(self, asset: Asset, data: dict[str, Any]) -> None:
        """The register the agency keeps decides the rank, not what is known here."""

    def _coverage(self, case: Case) -> Coverage:
        known: Coverage | None = self.__dict__.get("_known_coverage")
        if known is None:
            known = self.__dict__["_known_coverage"] = coverage_with_pending(case, self.day)
        return known

    def _draft(self, case: Case, data: dict[str, Any]) -> Draft:
        asset = data["asset"]
        matter = self._matter(asset, data.get("matter", ""), data["agency"])
        amount = self._amount(case, data)
        if amount is None and "A" in matter.carries:
            amount = asset.value
        return Draft(
            matter,
            agency_of(asset, matter, data["agency"]),
            party=asset.owner,
            asset=asset,
            amount=amount,
            first=self.day,
            last=self._last_day(self._complete(data)),
            facts=facts_of(asset, matter, data.get("facts") or {}, amount=amount),
        )

    def _matter(self, asset: Asset, wanted: str, agency: str) -> linkage.Matter:
        """The matter chosen, the one the chosen agency answers, or the usual one."""
        usual = MATTERS_OF[asset.kind]
        if wanted:
            matter = linkage.matter(wanted)
            if wanted not in usual:
                raise Refused(
                    gettext("“%(matter)s” is not for this kind of thing.") % {"matter": matter.name("en")},
                    self.basis,
                    field="matter",
                    code="wrong-matter",
                )
            return matter
        if agency:
            answered = (code for code in usual if any(one.code == agency for one in answering_agencies(code)))
            return linkage.matter(next(answered, usual[0]))
        return linkage.matter(usual[0])

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        assert self.run.proposer is not None, "an order is decided by a second person"
        asset, full = data["asset"], self._complete(data)
        draft = self._draft(case, data)
        measure = self._measure(case, full | {"rank": 1})
        extra = self._writ_data(case, full, measure) | addressee(draft) | {"deciders": [self.actor]}
        ruling = self.effects.write(case, self.writs[0], party=asset.owner, extra=extra)
        notice = self.effects.write(case, self._notice(draft), party=asset.owner, extra=extra)
        serve_ruling(self, case, ruling, measure)
        draft.documents = [ruling, notice]
        request = issue(self, case, [draft])[0]
        return self._said(case, data) | {
            "request": request.uid,
            "requests": [request.number],
            "documents": [ruling.uid, notice.uid],
        }

    def _writ_data(self, case: Case, data: dict[str, Any], measure: Measure) -> dict[str, Any]:
        shown = super()._writ_data(case, self._complete(data), measure)
        shown.pop("officers")
        return shown

    def _said(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        draft = self._draft(case, data)
        shown = super()._said(case, self._complete(data))
        for name in ("rank", "officers"):
            shown.pop(name)
        return shown | {"agency": draft.agency.name, "matter": draft.matter.code}

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        full, draft = self._complete(data), self._draft(case, data)
        extra = self._writ_data(case, full, self._measure(case, full | {"rank": 1}))
        extra |= addressee(draft) | {"party": data["asset"].owner}
        return [(self.writs[0], extra), (self._notice(draft), extra)]

    def _notice(self, draft: Draft) -> str:
        """Equity is frozen by publication, which its notice asks for."""
        return "notice.assist-equity" if draft.matter.code == "MKT-FRZ-EQ" else self.writs[1]


class FreezeDepositOrderInput(OrderInput):
    asset = OfCase("assets", only={"kind": "deposit"}, label=_("Deposit"))
    amount = MoneyField(label=_("Amount to freeze (CNY)"))
    kept_for_living = MoneyField(
        label=_("Left for living costs (CNY)"),
        allow_zero=True,
        required=False,
        default=Decimal("0.00"),
        help_text=_("Necessary living costs of the debtor and dependants stay free; not for companies."),
    )


class OrderFreezeDeposit(OrderMeasure, FreezeDeposit):
    """Order a bank to freeze a deposit up to the uncovered claim (协助冻结存款)."""

    code = "request.freeze-deposit"
    title = _("Order a bank to freeze a deposit")
    summary = _("%(agency)s ordered to freeze %(sum)s of “%(description)s” until %(until)s")
    basis = FreezeDeposit.basis
    writs = ("ruling.freeze", "notice.assist-freeze")
    Input = FreezeDepositOrderInput


class FreezeRightOrderInput(MatterOrderInput):
    asset = OfCase("assets", only={"kind__in": sorted(RIGHTS)}, label=_("Right"))
    amount = MoneyField(
        label=_("Part of its value (CNY)"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Leave empty to freeze it as a whole."),
    )


class OrderFreezeRight(OrderMeasure, FreezeRight):
    """Order securities, equity, an insurance or another right to be frozen (协助冻结其他财产权)."""

    code = "request.freeze-right"
    title = _("Order a property right to be frozen")
    summary = _("%(agency)s ordered to freeze “%(description)s” until %(until)s")
    basis = (CPL.art(253), CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(1), EQUITY_RULES.art(6))
    writs = ("ruling.freeze", "notice.assist-freeze")
    Input = FreezeRightOrderInput


class SealOrderInput(MatterOrderInput):
    asset = OfCase("assets", only={"kind__in": ["house", "land"]}, label=_("House or land"))


class OrderSeal(OrderMeasure, Seal):
    """Order the register to seal a house or land (协助查封登记)."""

    code = "request.seal"
    title = _("Order a house or land to be sealed")
    summary = _("%(agency)s ordered to seal “%(description)s” until %(until)s")
    basis = Seal.basis
    writs = ("ruling.seal", "notice.assist-seal")
    Input = SealOrderInput


class SeizeOrderInput(MatterOrderInput):
    asset = OfCase("assets", only={"kind__in": ["vehicle", "other"]}, label=_("Vehicle or thing"))


class OrderSeize(OrderMeasure, Seize):
    """Order the register of a vehicle, or the holder of a thing, to lock it (协助查封、扣押)."""

    code = "request.seize"
    title = _("Order a vehicle or thing to be seized")
    summary = _("%(agency)s ordered to seize “%(description)s” until %(until)s")
    basis = Seize.basis
    writs = ("ruling.seal", "notice.assist-seal")
    Input = SeizeOrderInput
