"""What must hold for any sums and days: nothing is lost, nothing is paid twice, delay never pays."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from law.money import (
    Asset,
    Bounty,
    Claim,
    Cost,
    DisputedClaim,
    GeneralInterest,
    Item,
    RatePeriod,
    Receipt,
    Suspension,
    claim_account,
    distribute,
    enforcement_fee,
    fee_increments,
    fee_inside_pot,
    hold_back,
    old_rule,
    preservation_fee,
    rate_ceiling,
    withholding,
)
from law.money.arithmetic import largest_remainders
from law.money.fees import exact_claim_in_pot, exact_enforcement_fee, exact_preservation_fee

FEN = Decimal("0.01")
START = date(2023, 1, 31)

few = settings(max_examples=60, deadline=None)


def yuan(least=1, most=10**10):
    return st.integers(least, most).map(lambda fen: Decimal(fen).scaleb(-2))


days = st.integers(0, 1500).map(lambda count: START + timedelta(days=count))


@st.composite
def titles(draw):
    items = [Item("principal", "main", draw(yuan()), draw(days))]
    for number in range(draw(st.integers(0, 3))):
        items.append(
            Item(f"item {number}", draw(st.sampled_from(["main", "cost"])), draw(yuan()), draw(days))
        )
    general = None
    if draw(st.booleans()):
        rates = [RatePeriod(START, Fraction(draw(st.integers(0, 2400)), 10_000))]
        if draw(st.booleans()):
            rates.append(RatePeriod(START + timedelta(days=draw(st.integers(1, 900))), Fraction(3, 100)))
        general = GeneralInterest("principal", draw(days), rates, draw(st.sampled_from([360, 365])))
    stays = []
    for _number in range(draw(st.integers(0, 2))):
        first = draw(days)
        last = first + timedelta(days=draw(st.integers(0, 200)))
        stays.append(Suspension(first, last, draw(st.sampled_from(["retrial", "settlement"]))))
    return items, stays, general


receipts = st.lists(st.builds(Receipt, yuan(), days), max_size=5)
END = START + timedelta(days=1600)


def parts_of(allocation):
    return (
        allocation.title_costs,
        allocation.general_interest,
        allocation.main,
        allocation.doubled_interest,
        allocation.surplus,
    )


@few
@given(titles(), receipts)
def test_every_receipt_is_allocated_in_full_and_nothing_is_paid_beyond_what_is_owed(title, money):
    items, stays, general = title
    account = claim_account(items, money, stays, general, END)
    assert len(account.allocations) == len(money)
    assert sum(sum(parts_of(part)) for part in account.allocations) == sum(r.amount for r in money)
    assert all(amount >= 0 for part in account.allocations for amount in parts_of(part))
    for kind, name in (("cost", "title_costs"), ("main", "main")):
        owed = sum(item.amount for item in items if item.kind == kind)
        paid = sum(getattr(part, name) for part in account.allocations)
        assert paid + getattr(account.balance, name) == owed
    balance = account.balance
    assert balance.total == (
        balance.title_costs + balance.general_interest + balance.main + balance.doubled_interest
    )
    assert min(balance.general_interest, balance.doubled_interest) >= 0


@few
@given(titles(), receipts)
def test_a_receipt_reaches_a_later_heading_only_when_the_earlier_are_paid(title, money):
    items, stays, general = title
    for receipt in sorted(money, key=lambda each: each.counts_on):
        so_far = [each for each in money if each.counts_on <= receipt.counts_on]
        account = claim_account(items, so_far, stays, general, receipt.counts_on)
        last, balance = account.allocations[-1], account.balance
        if last.general_interest or last.main:
            assert balance.title_costs == 0
        if last.doubled_interest:
            assert balance.title_costs == balance.general_interest == balance.main == 0
        if last.surplus:
            assert balance.total == 0


@few
@given(titles(), st.integers(0, 1500), st.integers(0, 300))
def test_interest_never_shrinks_while_days_pass(title, first, more):
    items, stays, general = title
    sooner = START + timedelta(days=first)
    early = claim_account(items, [], stays, general, sooner).balance
    late = claim_account(items, [], stays, general, sooner + timedelta(days=more)).balance
    assert late.doubled_interest >= early.doubled_interest
    assert late.general_interest >= early.general_interest


@few
@given(yuan(1, 10**9), yuan(1, 10**9), days, st.integers(0, 300))
def test_paying_later_is_never_cheaper(debt, paid, on, later):
    items = [Item("principal", "main", debt, START)]
    in_time = claim_account(items, [Receipt(paid, on)], as_of=END).balance
    delayed = claim_account(
        items, [Receipt(paid, on + timedelta(days=later))], as_of=END + timedelta(days=300)
    )
    same_end = claim_account(items, [Receipt(paid, on)], as_of=END + timedelta(days=300)).balance
    assert delayed.balance.total + FEN >= same_end.total
    assert same_end.total >= in_time.total


@few
@given(titles(), yuan(2, 10**9), days, st.data())
def test_splitting_a_payment_of_one_day_changes_nothing_beyond_a_fen(title, amount, on, data):
    items, stays, general = title
    part = data.draw(yuan(1, int(amount * 100) - 1))
    whole = claim_account(items, [Receipt(amount, on)], stays, general, END).balance
    split = claim_account(items, [Receipt(part, on), Receipt(amount - part, on)], stays, general, END).balance
    assert abs(whole.total - split.total) <= FEN


@few
@given(titles(), receipts)
def test_days_of_a_retrial_are_not_counted_and_those_of_a_settlement_are(title, money):
    items, _stays, general = title
    stay = (START, END)
    still = claim_account(items, money, [Suspension(*stay, "retrial")], general, END)
    counted = claim_account(items, money, [Suspension(*stay, "settlement")], general, END)
    assert still.balance.doubled_interest == 0
    assert not any(still.days_counted.values())
    assert counted.balance == claim_account(items, money, [], general, END).balance


@few
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8), st.integers(0, 10**10))
def test_shares_add_up_and_stay_within_a_fen_of_proportion(weights, pot):
    shares = largest_remainders(pot, weights)
    total = sum(weights)
    assert sum(shares) == (pot if total else 0)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - (Fraction(pot * weight, total) if total else Fraction(0))) < 1


@st.composite
def plans(draw):
    assets = [Asset(f"asset {n}", draw(yuan(1, 10**8))) for n in range(draw(st.integers(1, 3)))]
    ids = [asset.id for asset in assets]
    claims = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(
            st.sampled_from(["ordinary", "secured", "medical", "restitution", "fine", "confiscation"])
        )
        debt = draw(yuan(1, 10**8))
        extra = {}
        if kind == "secured":
            extra = {
                "asset": draw(st.sampled_from(ids)),
                "priority": draw(st.integers(1, 2)),
                "secured_amount": draw(yuan(1, int(debt * 100))),
            }
        if kind in ("ordinary", "secured", "medical"):
            extra["doubled_interest"] = draw(yuan(0, 10**6))
        claims.append(Claim(f"claim {number}", kind, debt, seizure_rank=draw(st.integers(1, 3)), **extra))
    costs = [
        Cost(f"cost {number}", draw(yuan(1, 10**7)), draw(st.sampled_from([None, *ids])))
        for number in range(draw(st.integers(0, 3)))
    ]
    bounty = None
    if draw(st.booleans()):
        bounty = Bounty(draw(yuan(1, 10**6)), "claim 0", draw(st.sampled_from(["offeror_share", "pot"])))
    options = {
        "mode": draw(st.sampled_from(["pro_rata", "seizure_order"])),
        "living_costs_reserved": draw(st.one_of(st.none(), yuan(1, 10**6))),
        "bounty": bounty,
    }
    return assets, claims, costs, options


@few
@given(plans())
def test_a_plan_hands_out_exactly_what_the_assets_brought(world):
    assets, claims, costs, options = world
    plan = distribute(assets, claims, costs, **options)
    handed_out = (
        sum(plan.costs.values())
        + sum(plan.paid.values())
        + plan.to_debtor
        + (plan.kept_for_family or 0)
        + (plan.bounty_paid or 0)
    )
    assert handed_out == sum(asset.price for asset in assets)
    for claim in claims:
        assert 0 <= plan.paid[claim.id] <= claim.title_debt + claim.doubled_interest
    for cost in costs:
        assert 0 <= plan.costs[cost.id] <= cost.amount


@few
@given(plans())
def test_a_later_rank_gets_something_only_when_the_earlier_are_paid(world):
    assets, claims, costs, options = world
    plan = distribute(assets, claims, costs, **{**options, "bounty": None})
    full = {
        kind: all(
            plan.paid[claim.id]
            >= claim.title_debt + claim.doubled_interest * (kind in ("ordinary", "secured"))
            for claim in claims
            if claim.type == kind
        )
        for kind in ("ordinary", "secured", "medical", "restitution", "fine", "confiscation")
    }
    paid = {kind: sum(plan.paid[c.id] for c in claims if c.type == kind) for kind in full}
    if plan.to_debtor:
        assert all(full.values())
    if paid["confiscation"]:
        assert full["fine"]
    if paid["fine"] or paid["confiscation"]:
        assert all(full[kind] for kind in ("ordinary", "secured", "restitution", "medical"))
    if paid["restitution"] or paid["ordinary"] or paid["secured"]:
        assert full["medical"]
    if paid["ordinary"]:
        assert full["restitution"]


@few
@given(st.lists(st.tuples(yuan(), st.one_of(st.none(), yuan(0))), min_size=1, max_size=6), yuan())
def test_what_is_paid_now_and_held_back_is_the_pot(rows, pot):
    claims = [DisputedClaim(str(n), claim, START, other) for n, (claim, other) in enumerate(rows)]
    found = hold_back(pot, claims)
    assert sum(found.pay_now.values()) + found.held_back + found.to_debtor == pot
    assert found.held_back >= 0
    for claim in claims:
        assert found.pay_now[claim.id] <= min(found.plan[claim.id], found.as_objected[claim.id])


@given(yuan(most=10**13), yuan(most=10**13))
def test_fees_never_fall_and_grow_no_faster_than_their_first_tier(one, other):
    low, high = sorted((Fraction(one), Fraction(other)))
    assert 0 <= exact_enforcement_fee(high) - exact_enforcement_fee(low) <= (high - low) * Fraction(15, 1000)
    assert 0 <= exact_preservation_fee(high) - exact_preservation_fee(low) <= (high - low) * Fraction(1, 100)
    assert enforcement_fee(one) >= 50
    assert 30 <= preservation_fee(other) <= 5000


@given(yuan(least=5001, most=10**13))
def test_a_pot_splits_into_a_claim_and_the_fee_on_that_claim(pot):
    exactly = exact_claim_in_pot(pot)
    assert exactly + exact_enforcement_fee(exactly) == Fraction(pot)
    split = fee_inside_pot(pot)
    assert split.to_claim + split.fee == pot
    if split.to_claim:
        assert abs(enforcement_fee(split.to_claim) - split.fee) <= FEN


@given(st.lists(yuan(), min_size=1, max_size=10))
def test_fees_of_successive_receipts_add_up_to_the_fee_of_their_total(executed):
    increments = fee_increments(executed)
    assert sum(increments) == enforcement_fee(sum(executed))
    assert min(increments) >= 0


@few
@given(
    yuan(),
    st.lists(
        st.builds(
            Receipt, yuan(), st.integers(0, 900).map(lambda count: date(2013, 1, 1) + timedelta(days=count))
        ),
        max_size=4,
    ),
)
def test_under_the_old_rule_too_every_receipt_is_allocated_in_full(debt, money):
    rates = [RatePeriod(date(2012, 7, 6), Decimal("0.06"))]
    account = old_rule(debt, date(2013, 1, 1), rates, 360, money, date(2015, 12, 31))
    for receipt, part in zip(
        sorted(money, key=lambda each: each.counts_on), account.allocations, strict=True
    ):
        parts = (part.main, part.old_interest, part.new_interest, part.surplus)
        assert sum(parts) == receipt.amount
        assert min(parts) >= 0
    assert sum(part.main for part in account.allocations) + account.balance.main == debt
    assert min(account.balance.old_interest, account.balance.new_interest) >= 0


@given(yuan(), st.integers(1, 900), st.integers(0, 20_000), st.integers(0, 900))
def test_enforceable_and_outside_interest_are_the_agreed_interest(principal, lpr, agreed, count):
    found = rate_ceiling(
        principal, Fraction(lpr, 10_000), Fraction(agreed, 10_000), 365, START, START + timedelta(days=count)
    )
    assert found.enforceable + found.outside == found.agreed
    assert found.outside >= 0
    assert (found.outside == 0) or found.agreed_total_annual > found.ceiling_annual


@given(yuan(0), yuan(1, 10**6), st.lists(st.fractions(0, 1, max_denominator=4), max_size=4), yuan())
def test_income_is_kept_or_withheld_and_the_instalments_pay_the_claim(income, minimum, shares, outstanding):
    found = withholding(income, minimum, shares, outstanding)
    assert found.kept_month + found.withheld_month == income
    assert found.kept_month >= min(income, minimum)
    if found.full_months is not None:
        assert found.last_instalment is not None
        assert found.full_months * found.withheld_month + found.last_instalment == outstanding
        assert found.last_instalment < found.withheld_month
