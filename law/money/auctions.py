"""Sums in auctions: lowest prices, deposits, commission, and what a defaulting buyer pays for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from law.money.arithmetic import FEN, ZERO, exact, round_down, round_up
from law.money.fees import Tiers, tiered

__all__ = [
    "DefaultingBuyer",
    "NetworkAuction",
    "TraditionalAuction",
    "commission_cap",
    "defaulting_buyer",
    "network_auction",
    "traditional_auction",
]

COMMISSION: Tiers = (
    (2_000_000, Fraction(5, 100)),
    (10_000_000, Fraction(3, 100)),
    (50_000_000, Fraction(2, 100)),
    (100_000_000, Fraction(1, 100)),
    (None, Fraction(5, 1000)),
)


@dataclass(frozen=True)
class NetworkAuction:
    """Limits and sums of an online auction in CNY, and whether what was set keeps within them."""

    min_start_1: Decimal
    min_start_2: Decimal
    deposit_min: Decimal
    deposit_max: Decimal
    start_price_1_lawful: bool
    deposit_lawful: bool
    applicant_pays_deposit: Decimal
    balance_due_from_buyer: Decimal


def network_auction(
    valuation: Decimal,
    start_price_1: Decimal,
    deposit: Decimal,
    applicant_claim: Decimal,
    hammer_price: Decimal,
) -> NetworkAuction:
    """An online auction (网络司法拍卖), in CNY.

    First start price ≥ 70 % of the valuation or market price; second ≥ 80 % of the first; deposit 5 to
    20 % of the start price. An applicant who bids pays only what the deposit exceeds his claim. Minimums
    round up, maximums down. Source: 网络司法拍卖规定 第十、十七、二十六条.
    """
    min_start_1 = round_up(exact(valuation) * Fraction(70, 100))
    deposit_min = round_up(exact(start_price_1) * Fraction(5, 100))
    deposit_max = round_down(exact(start_price_1) * Fraction(20, 100))
    return NetworkAuction(
        min_start_1=min_start_1,
        min_start_2=round_up(exact(start_price_1) * Fraction(80, 100)),
        deposit_min=deposit_min,
        deposit_max=deposit_max,
        start_price_1_lawful=start_price_1 >= min_start_1,
        deposit_lawful=deposit_min <= deposit <= deposit_max,
        applicant_pays_deposit=max(ZERO, deposit - applicant_claim),
        balance_due_from_buyer=hammer_price - deposit,
    )


@dataclass(frozen=True)
class TraditionalAuction:
    """Limits and sums of an auction by an auctioneer in CNY; movables have no third round."""

    reserve_1: Decimal
    min_reserve_2: Decimal
    min_reserve_3: Decimal | None
    deposit_min: Decimal
    no_surplus_at_last_reserve: bool
    reserve_must_reach: Decimal
    commission_cap: Decimal

    @property
    def last_reserve(self) -> Decimal:
        """The lowest reserve that the last round may have."""
        return self.min_reserve_2 if self.min_reserve_3 is None else self.min_reserve_3


def traditional_auction(
    asset_kind: Literal["movable", "immovable"],
    valuation: Decimal,
    priority_claims: Decimal,
    enforcement_costs: Decimal,
    hammer_price: Decimal,
) -> TraditionalAuction:
    """An auction through an auctioneer, in CNY: two rounds for movables, three for everything else.

    The first reserve is the valuation, each next ≥ 80 % of the last; deposit ≥ 5 % of the valuation. Where
    the reserve does not exceed priority claims and costs there is no surplus, and an applicant who still
    wants the auction needs a reserve of at least ``reserve_must_reach``.
    Source: 拍卖变卖规定 第五、六、十、二十四、二十五、二十九条.
    """
    second = round_up(exact(valuation) * Fraction(80, 100))
    third = round_up(exact(second) * Fraction(80, 100)) if asset_kind == "immovable" else None
    ahead = priority_claims + enforcement_costs
    return TraditionalAuction(
        reserve_1=valuation,
        min_reserve_2=second,
        min_reserve_3=third,
        deposit_min=round_up(exact(valuation) * Fraction(5, 100)),
        no_surplus_at_last_reserve=ahead >= (second if third is None else third),
        reserve_must_reach=ahead + FEN,
        commission_cap=commission_cap(hammer_price),
    )


def commission_cap(hammer_price: Decimal) -> Decimal:
    """The most an auctioneer may take from the buyer, in CNY, rounded down.

    5 % to 2 million, 3 % to 10 million, 2 % to 50 million, 1 % to 100 million, 0.5 % above.
    Source: 拍卖变卖规定 第二十九条.
    """
    return round_down(tiered(exact(hammer_price), COMMISSION))


@dataclass(frozen=True)
class DefaultingBuyer:
    """What a defaulting buyer's deposit pays, and what is left of it or still owed, in CNY."""

    costs: Decimal
    price_gap: Decimal
    case_debt: Decimal
    other_debts: Decimal
    back_to_buyer: Decimal
    still_owed_by_buyer: Decimal


def defaulting_buyer(
    channel: Literal["network", "traditional"],
    deposit: Decimal,
    costs_lost: Decimal,
    first_price: Decimal,
    second_price: Decimal,
    case_debt_open: Decimal,
) -> DefaultingBuyer:
    """Use the deposit of a buyer who did not pay (悔拍), in CNY.

    Online the deposit is kept: costs, price gap, debt of the case, then debts of the debtor that concern
    the asset. Elsewhere the buyer owes costs (the commission of the first auction included) and the price
    gap; what the deposit exceeds goes back.
    Source: 网络司法拍卖规定 第二十四条; 拍卖变卖规定 第二十二条. That a shortfall is owed
    online too is a convention (网络司法拍卖规定 第三十七条第三款).
    """
    gap_due = max(ZERO, first_price - second_price)
    costs = min(deposit, costs_lost)
    gap = min(deposit - costs, gap_due)
    rest = deposit - costs - gap
    kept = channel == "network"
    debt = min(rest, case_debt_open) if kept else ZERO
    return DefaultingBuyer(
        costs=costs,
        price_gap=gap,
        case_debt=debt,
        other_debts=rest - debt if kept else ZERO,
        back_to_buyer=ZERO if kept else rest,
        still_owed_by_buyer=costs_lost + gap_due - costs - gap,
    )
