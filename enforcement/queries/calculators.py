"""Calculators by subject, and the facts of a case for them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from directory.models import Person
from enforcement import claims
from enforcement.models import Case, ReceiptHow
from enforcement.queries import cases
from law import clock
from law.calculators import CALCULATORS, Calculator


def listed() -> list[tuple[str, list[tuple[Calculator, str]]]]:
    """Calculators in groups, each with its title in the language of the page."""
    groups = [
        (
            _("Claim and interest"),
            ["claim_account", "performance_period", "old_rule", "foreign_currency", "rate_ceiling"],
        ),
        (
            _("Fees"),
            ["enforcement_fee", "fee_increments", "fee_inside_pot", "fee_without_amount", "preservation_fee"],
        ),
        (_("Distribution and income"), ["distribution", "distribution_objection", "income", "home_sale"]),
        (_("Auctions"), ["network_auction", "traditional_auction", "defaulting_buyer"]),
        (_("Time"), ["deadline"]),
    ]
    placed = {kind for _name, kinds in groups for kind in kinds}
    rest = [kind for kind in CALCULATORS if kind not in placed]
    if rest:
        groups.append((_("Others"), rest))
    return [
        (name, [(CALCULATORS[kind], _(CALCULATORS[kind].title)) for kind in kinds if kind in CALCULATORS])
        for name, kinds in groups
    ]


def facts_of_case(person: Person, uid: UUID) -> tuple[Case, dict[str, Any]]:
    """A visible case and the facts of its claim account as of today. Raises ``OutOfSight``."""
    case = cases.one(person, uid)
    title = case.title
    items = [
        {
            "id": f"{item.position} {item.label}",
            "kind": item.kind,
            "amount": f"{item.amount:.2f}",
            "delay_from": item.delay_from.isoformat(),
        }
        for item in case.title_items.order_by("position")
    ]
    receipts = [_receipt(use) for use in claims.claim_account(case, clock.today()).uses]
    facts: dict[str, Any] = {"items": items, "receipts": receipts, "as_of": clock.today().isoformat()}
    main = next((item for item in items if item["kind"] == "main"), None)
    if title.interest_annual is not None and title.interest_from is not None and main is not None:
        facts["general_interest"] = {
            "on": main["id"],
            "from": title.interest_from.isoformat(),
            "to": title.interest_to.isoformat() if title.interest_to else "",
            "rates": [
                {
                    "from": title.interest_from.isoformat(),
                    "annual": format(title.interest_annual.normalize(), "f"),
                }
            ],
            "year_basis": title.interest_year_basis,
        }
    return case, facts


#: How the calculator calls the ways in which money came, and the day that stops the interest there.
WAYS = {
    ReceiptHow.DEDUCTION: ("deduction", "deducted_on"),
    ReceiptHow.WITHHOLDING: ("deduction", "deducted_on"),
    ReceiptHow.AUCTION: ("auction", "ruling_effective_on"),
}


def _receipt(use: claims.Use) -> dict[str, Any]:
    """A receipt as the calculator reads it: net of the enforcement fee it carried."""
    kind, day = WAYS.get(ReceiptHow(use.receipt.how or ReceiptHow.OTHER), ("voluntary", "paid_on"))
    return {
        "kind": kind,
        day: use.receipt.counts_on.isoformat(),
        "amount": f"{use.receipt.amount - use.fee:.2f}",
    }
