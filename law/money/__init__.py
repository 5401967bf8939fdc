"""Money in enforcement: what is owed, what it costs, who gets it.

Typed functions beneath the calculators; amounts are ``Decimal`` in CNY with two places. A running case and a
calculator in the browser use the same functions, so that they cannot differ.
"""

from law.money.auctions import commission_cap, defaulting_buyer, network_auction, traditional_auction
from law.money.before_2014 import OldRule, old_rule
from law.money.claims import (
    Allocation,
    Balance,
    ClaimAccount,
    GeneralInterest,
    Item,
    RatePeriod,
    Receipt,
    Suspension,
    claim_account,
)
from law.money.disputes import DisputedClaim, HeldBack, hold_back
from law.money.distribution import Asset, Audit, Bounty, Claim, Cost, Distribution, distribute
from law.money.errors import FactError, FactErrors
from law.money.exemptions import home_sale, withholding
from law.money.fees import (
    Split,
    enforcement_fee,
    fee_increment,
    fee_increments,
    fee_inside_pot,
    fee_without_amount_accepted,
    preservation_fee,
)
from law.money.interest import foreign_currency, performance_period, rate_ceiling
from law.money.sources import Article

__all__ = [
    "Allocation",
    "Article",
    "Asset",
    "Audit",
    "Balance",
    "Bounty",
    "Claim",
    "ClaimAccount",
    "Cost",
    "DisputedClaim",
    "Distribution",
    "FactError",
    "FactErrors",
    "GeneralInterest",
    "HeldBack",
    "Item",
    "OldRule",
    "RatePeriod",
    "Receipt",
    "Split",
    "Suspension",
    "claim_account",
    "commission_cap",
    "defaulting_buyer",
    "distribute",
    "enforcement_fee",
    "fee_increment",
    "fee_increments",
    "fee_inside_pot",
    "fee_without_amount_accepted",
    "foreign_currency",
    "hold_back",
    "home_sale",
    "network_auction",
    "old_rule",
    "performance_period",
    "preservation_fee",
    "rate_ceiling",
    "traditional_auction",
    "withholding",
]
