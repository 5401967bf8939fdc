"""The calculators of auctions."""

from __future__ import annotations

from typing import Any

from law.money import auctions, sources
from law.money.arithmetic import ZERO, exact, plain, show
from law.money.errors import Errors
from law.money.fields import boolean, choice, money
from law.money.kinds.base import Answer, Calculator, row
from law.steps import Step
from law.steps import mark as _

__all__ = ["CALCULATORS"]


def _network_auction(facts: dict[str, Any]) -> Answer:
    found = auctions.network_auction(**facts)
    deposit, hammer, start = facts["deposit"], facts["hammer_price"], facts["start_price_1"]
    errors = Errors()
    if deposit > start:
        errors.add("deposit", _("The deposit exceeds the start price; correct one of them."))
    if hammer < found.min_start_2:
        errors.add(
            "hammer_price",
            _("A second auction starts at %(lowest)s or more, and no sale lies below; correct it."),
            lowest=show(found.min_start_2),
        )
    elif hammer < deposit:
        errors.add("hammer_price", _("The deposit exceeds the hammer price; correct one of them."))
    errors.raise_if_any()
    steps = [
        Step(
            _("first: 70 %% of %(valuation)s = %(exact)s → up to %(least)s"),
            {
                "valuation": show(facts["valuation"]),
                "exact": plain(exact(facts["valuation"]) * 70 / 100),
                "least": show(found.min_start_1),
            },
        ),
        Step(
            _("second: %(start)s × 80 %% = %(exact)s → up to %(least)s"),
            {
                "start": show(start),
                "exact": plain(exact(start) * 80 / 100),
                "least": show(found.min_start_2),
            },
        ),
        Step(
            _("deposit 5 %% to 20 %% of the start price: %(least)s to %(most)s"),
            {"least": show(found.deposit_min), "most": show(found.deposit_max)},
        ),
        Step(
            _("applicant who bids: %(deposit)s − claim %(claim)s → %(pays)s"),
            {
                "deposit": show(deposit),
                "claim": show(facts["applicant_claim"]),
                "pays": show(found.applicant_pays_deposit),
            },
        ),
        Step(
            _("buyer still owes %(hammer)s − %(deposit)s = %(due)s"),
            {"hammer": show(hammer), "deposit": show(deposit), "due": show(found.balance_due_from_buyer)},
        ),
    ]
    names = [field.name for field in NETWORK_RESULTS]
    articles = (sources.ONLINE_START, sources.ONLINE_DEPOSIT, sources.ONLINE_SECOND, sources.LIMITS)
    return Answer(row(found, *names), steps, articles)


def _traditional_auction(facts: dict[str, Any]) -> Answer:
    found = auctions.traditional_auction(**facts)
    valuation, hammer = facts["valuation"], facts["hammer_price"]
    errors = Errors()
    if hammer < found.last_reserve:
        errors.add(
            "hammer_price",
            _("Below %(lowest)s, the lowest reserve of the last round, nothing can be sold; correct it."),
            lowest=show(found.last_reserve),
        )
    errors.raise_if_any()
    ahead = facts["priority_claims"] + facts["enforcement_costs"]
    steps = [
        Step(_("reserve of the first round: the valuation %(valuation)s"), {"valuation": show(valuation)}),
        Step(
            _("second round: %(before)s × 80 %% = %(exact)s → up to %(least)s"),
            {
                "before": show(valuation),
                "exact": plain(exact(valuation) * 80 / 100),
                "least": show(found.min_reserve_2),
            },
        ),
    ]
    if found.min_reserve_3 is not None:
        steps.append(
            Step(
                _("third round: %(before)s × 80 %% = %(exact)s → up to %(least)s"),
                {
                    "before": show(found.min_reserve_2),
                    "exact": plain(exact(found.min_reserve_2) * 80 / 100),
                    "least": show(found.min_reserve_3),
                },
            )
        )
    steps += [
        Step(
            _("deposit at least 5 %% of %(valuation)s: %(least)s"),
            {"valuation": show(valuation), "least": show(found.deposit_min)},
        ),
        Step(
            _("priority claims and costs %(ahead)s reach the last reserve %(reserve)s: no surplus")
            if found.no_surplus_at_last_reserve
            else _("priority claims and costs %(ahead)s stay below the last reserve %(reserve)s"),
            {"ahead": show(ahead), "reserve": show(found.last_reserve)},
        ),
        Step(
            _("a surplus needs a reserve of at least %(ahead)s + 0.01 = %(reach)s"),
            {"ahead": show(ahead), "reach": show(found.reserve_must_reach)},
        ),
        Step(
            _("commission on %(hammer)s: at most %(cap)s"),
            {"hammer": show(hammer), "cap": show(found.commission_cap)},
        ),
    ]
    names = [field.name for field in TRADITIONAL_RESULTS]
    result = {name: value for name, value in row(found, *names).items() if value is not None}
    articles = (
        sources.RESERVE,
        sources.NO_SURPLUS,
        sources.DEPOSIT,
        sources.ROUNDS,
        sources.COMMISSION,
        sources.LIMITS,
    )
    return Answer(result, steps, articles)


def _defaulting_buyer(facts: dict[str, Any]) -> Answer:
    found = auctions.defaulting_buyer(**facts)
    network = facts["channel"] == "network"
    errors = Errors()
    if facts["deposit"] > facts["first_price"]:
        errors.add("deposit", _("The deposit exceeds the price of the first auction; correct one of them."))
    errors.raise_if_any()
    gap = max(ZERO, facts["first_price"] - facts["second_price"])
    steps = [
        Step(
            _("price gap: %(first)s − %(second)s → %(gap)s"),
            {"first": show(facts["first_price"]), "second": show(facts["second_price"]), "gap": show(gap)},
        ),
        Step(
            _("deposit %(deposit)s: costs %(costs)s, price gap %(gap)s"),
            {"deposit": show(facts["deposit"]), "costs": show(found.costs), "gap": show(found.price_gap)},
        ),
    ]
    if network:
        steps.append(
            Step(
                _("the rest is kept: debt of this case %(debt)s, related debts of the debtor %(other)s"),
                {"debt": show(found.case_debt), "other": show(found.other_debts)},
            )
        )
    else:
        steps.append(
            Step(_("the rest goes back to the buyer: %(rest)s"), {"rest": show(found.back_to_buyer)})
        )
    result = row(found, "costs", "price_gap", "case_debt", "other_debts")
    articles = [sources.ONLINE_DEFAULT] if network else [sources.DEFAULT]
    if not network:
        result["back_to_buyer"] = show(found.back_to_buyer)
    if not network or found.still_owed_by_buyer:
        result["still_owed_by_buyer"] = show(found.still_owed_by_buyer)
    if found.still_owed_by_buyer:
        steps.append(Step(_("still owed by the buyer: %(owed)s"), {"owed": show(found.still_owed_by_buyer)}))
        if network:
            articles += [sources.ONLINE_SHORTFALL, sources.DEFAULT]
    return Answer(result, steps, articles)


NETWORK_RESULTS = (
    money("min_start_1", _("Lowest first start price"), zero=True),
    money("min_start_2", _("Lowest second start price"), zero=True),
    money("deposit_min", _("Lowest deposit"), zero=True),
    money("deposit_max", _("Highest deposit"), zero=True),
    boolean("start_price_1_lawful", _("First start price is lawful")),
    boolean("deposit_lawful", _("Deposit is lawful")),
    money("applicant_pays_deposit", _("Deposit of an applicant who bids"), zero=True),
    money("balance_due_from_buyer", _("Still due from the buyer"), zero=True),
)
TRADITIONAL_RESULTS = (
    money("reserve_1", _("Reserve of the first round"), zero=True),
    money("min_reserve_2", _("Lowest reserve of the second round"), zero=True),
    money("min_reserve_3", _("Lowest reserve of the third round"), required=False, zero=True),
    money("deposit_min", _("Lowest deposit"), zero=True),
    boolean("no_surplus_at_last_reserve", _("No surplus at the last reserve")),
    money("reserve_must_reach", _("Lowest reserve with a surplus"), zero=True),
    money("commission_cap", _("Highest commission"), zero=True),
)

CALCULATORS = (
    Calculator(
        "network_auction",
        _("Online auction"),
        (
            money("valuation", _("Valuation or market price")),
            money("start_price_1", _("First start price")),
            money("deposit", _("Bidder's deposit")),
            money("applicant_claim", _("Claim of the applicant who bids"), zero=True),
            money("hammer_price", _("Hammer price")),
        ),
        NETWORK_RESULTS,
        _network_auction,
    ),
    Calculator(
        "traditional_auction",
        _("Auction through an auctioneer"),
        (
            choice(
                "asset_kind",
                _("Asset"),
                {"movable": _("movable"), "immovable": _("immovable or other right")},
            ),
            money("valuation", _("Valuation or market price")),
            money("priority_claims", _("Priority claims"), zero=True),
            money("enforcement_costs", _("Enforcement costs"), zero=True),
            money("hammer_price", _("Hammer price")),
        ),
        TRADITIONAL_RESULTS,
        _traditional_auction,
    ),
    Calculator(
        "defaulting_buyer",
        _("Buyer who did not pay"),
        (
            choice(
                "channel",
                _("Auction"),
                {"network": _("online"), "traditional": _("through an auctioneer")},
            ),
            money("deposit", _("Bidder's deposit"), zero=True),
            money(
                "costs_lost",
                _("Costs lost"),
                zero=True,
                help=_("Through an auctioneer: with the commission of the first auction."),
            ),
            money("first_price", _("Price of the first auction")),
            money("second_price", _("Price of the second auction")),
            money("case_debt_open", _("Open debt of this case"), zero=True),
        ),
        (
            money("costs", _("For costs"), zero=True),
            money("price_gap", _("For the price gap"), zero=True),
            money("case_debt", _("For the debt of this case"), zero=True),
            money("other_debts", _("For related debts of the debtor"), zero=True),
            money("back_to_buyer", _("Back to the buyer"), required=False, zero=True),
            money("still_owed_by_buyer", _("Still owed by the buyer"), required=False, zero=True),
        ),
        _defaulting_buyer,
    ),
)
