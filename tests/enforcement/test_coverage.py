"""Over-seizure: measures keep within what is owed, to the fen for money."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement.claims import outstanding
from enforcement.coverage import Coverage, coverage, covered_by
from enforcement.engine import Refused
from enforcement.models import Asset, Measure
from law import clock
from tests.enforcement.control import freeze, propose, record, take

FEN = Decimal("0.01")
amounts = st.decimals(min_value=0, max_value=Decimal("9999999999.99"), places=2)


@given(due=amounts, forecast=amounts, value=amounts)
def test_excess_and_uncovered_are_never_negative_and_never_both(due, forecast, value):
    shown = Coverage(due=due, forecast=forecast, until=date(2026, 1, 1), value=value)
    assert shown.excess >= 0
    assert shown.uncovered >= 0
    assert shown.excess == 0 or shown.uncovered == 0
    assert shown.limit + shown.excess == value + shown.uncovered


@given(due=amounts, forecast=amounts, value=amounts)
def test_exactly_the_uncovered_sum_fits_and_one_fen_more_does_not(due, forecast, value):
    shown = Coverage(due=due, forecast=forecast, until=date(2026, 1, 1), value=value)
    assert shown.excess_with(shown.uncovered) == 0
    assert shown.excess_with(shown.uncovered + FEN) == FEN


@given(
    kind=st.sampled_from(["deposit", "wage", "house", "equity", "claim"]),
    value=st.none() | amounts,
    prior=amounts,
    amount=st.none() | amounts,
    state=st.sampled_from(["in-force", "waiting", "released", "lapsed"]),
)
def test_a_measure_covers_no_more_than_its_sum_and_nothing_unless_in_force(kind, value, prior, amount, state):
    asset = Asset(kind=kind, value=value, prior_claims=prior)
    covered = covered_by(Measure(asset=asset, kind="freeze", amount=amount, state=state))
    assert covered >= 0
    if state != "in-force":
        assert covered == 0
    if amount is not None:
        assert covered <= amount
    if value is not None and kind != "wage":
        assert covered <= max(Decimal(0), value - prior)


def test_the_limit_is_the_claim_account_with_fee_and_the_interest_until_disposal(world, case):
    shown = coverage(case, clock.today())
    assert shown.due == outstanding(case, clock.today())
    assert shown.limit == outstanding(case, shown.until)
    assert shown.forecast > 0
    assert shown.due > Decimal("120000.00")


def test_a_freeze_of_exactly_the_uncovered_claim_is_accepted_and_a_fen_more_refused(world, case):
    uncovered = coverage(case, clock.today()).uncovered
    asset = record(world, case)
    with pytest.raises(Refused, match="exceeds") as refusal:
        propose(world, "measure.freeze-deposit", case, asset, amount=str(uncovered + FEN))
    assert (refusal.value.field, refusal.value.code) == ("amount", "excess")
    freeze(world, case, uncovered, asset=asset)
    assert coverage(case, clock.today()).uncovered == 0


def test_two_freezes_share_the_claim(world, case):
    uncovered = coverage(case, clock.today()).uncovered
    freeze(world, case, uncovered - 100)
    with pytest.raises(Refused, match="exceeds the uncovered claim of 100.00 by 0.01"):
        freeze(world, case, "100.01")
    freeze(world, case, "100.00")


def test_money_beyond_the_claim_needs_a_reason_and_the_president(world, case):
    over = coverage(case, clock.today()).uncovered + 500
    proposed = propose(
        world,
        "measure.freeze-deposit",
        case,
        record(world, case),
        amount=str(over),
        excess_reason="账户余额将于三日内转出",
    )
    proposal = case.proposals.get()
    assert proposal.duty == "president"
    assert (proposal.summary["coverage"], proposal.summary["excess"]) == ("excess", "500.00")
    with pytest.raises(Refused):
        world.approve(proposed, "judge")
    world.approve(proposed, "president")
    assert case.measures.get().excess_reason == "账户余额将于三日内转出"


def test_a_reason_without_an_excess_leaves_the_judge_to_decide_and_is_not_kept(world, case):
    measure = freeze(world, case, "10.00", excess_reason="多虑")
    assert measure.excess_reason == ""


def test_a_freeze_that_exceeds_by_the_time_it_is_decided_is_refused_then(world, case):
    uncovered = coverage(case, clock.today()).uncovered
    waiting = propose(world, "measure.freeze-deposit", case, record(world, case), amount=str(uncovered))
    freeze(world, case, "50000.00")
    with pytest.raises(Refused, match="exceeds"):
        world.approve(waiting, "judge")
    assert case.measures.count() == 1


def test_a_judge_can_not_decide_what_became_the_presidents_meanwhile(world, case):
    uncovered = coverage(case, clock.today()).uncovered
    waiting = propose(
        world,
        "measure.freeze-deposit",
        case,
        record(world, case),
        amount=str(uncovered),
        excess_reason="理由",
    )
    assert case.proposals.get().duty == "enforcement-judge"
    freeze(world, case, "50000.00")
    with pytest.raises(Refused, match="only the president"):
        world.approve(waiting, "judge")


def test_a_thing_worth_more_than_the_claim_needs_a_reason_but_only_a_judge(world, case):
    house = record(world, case, "house", register_number="A1", value="2000000", prior_claims="500000")
    with pytest.raises(Refused, match="1,500,000.00 exceeds") as refusal:
        take(world, "measure.seal", case, house)
    assert refusal.value.field == "excess_reason"
    take(world, "measure.seal", case, house, excess_reason="不可分，无其他财产")
    assert coverage(case, clock.today()).excess > 0


def test_an_order_of_a_sum_covers_only_what_the_account_holds(world, case):
    asset = record(world, case, value="300.00")
    freeze(world, case, "50000.00", asset=asset)
    assert coverage(case, clock.today()).value == Decimal("300.00")


def test_a_waiting_measure_covers_nothing_and_exceeds_nothing(world, case):
    other = world.assigned_case()
    asset = record(world, other, "house", register_number="A1", value="100000")
    take(world, "measure.seal", other, asset)
    mine = record(world, case, "house", register_number="A1", value="900000")
    assert take(world, "measure.seal", case, mine).rank == 2
    assert coverage(case, clock.today()).value == 0
