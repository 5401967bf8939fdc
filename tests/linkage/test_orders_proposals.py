"""The smallest set of accounts: covers what is needed or takes all, and never more than is needed."""

from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement import engine
from enforcement.claims import outstanding
from law import clock
from linkage.models import Request
from linkage.proposals import Account, proposal_for, smallest_set
from tests.linkage.orders import deposit, freeze, frozen, propose

cents = st.integers(min_value=0, max_value=5_000_000).map(lambda fen: Decimal(fen) / 100)


@st.composite
def accounts(draw, may_be_indivisible=False):
    values = draw(st.lists(cents, max_size=7))
    return [
        Account(
            str(place),
            value,
            owner=draw(st.sampled_from("ab")),
            keeps_living=draw(st.booleans()),
            is_indivisible=may_be_indivisible and draw(st.booleans()),
        )
        for place, value in enumerate(values)
    ]


@given(accounts(), cents)
def test_it_covers_the_need_or_takes_everything_and_never_more(found, need):
    proposal = smallest_set(found, need)
    whole = sum((one.available for one in found), Decimal(0))
    assert proposal.total == min(need, whole)
    by_key = {one.key: one.available for one in found}
    assert all(Decimal(0) < amount <= by_key[key] for key, amount in proposal.amounts.items())


@given(accounts(), cents)
def test_no_smaller_number_of_accounts_would_do(found, need):
    proposal = smallest_set(found, need)
    if proposal.missing:
        return
    for size in range(len(proposal.amounts)):
        assert all(sum(one.available for one in few) < need for few in combinations(found, size))


@given(accounts(may_be_indivisible=True), cents)
def test_only_what_cannot_be_divided_goes_beyond_the_need(found, need):
    proposal = smallest_set(found, need)
    whole = {one.key for one in found if one.is_indivisible}
    if proposal.total > need:
        assert set(proposal.amounts) & whole


@given(accounts(), cents, cents)
def test_living_costs_stay_free(found, need, kept):
    proposal = smallest_set(found, need, kept)
    for owner in {one.owner for one in found if one.keeps_living}:
        own = [one for one in found if one.owner == owner and one.keeps_living]
        there = sum((one.available for one in own), Decimal(0))
        taken = sum((proposal.amounts.get(one.key, Decimal(0)) for one in own), Decimal(0))
        assert there - taken >= min(kept, there)


def test_the_last_account_is_the_smallest_that_completes_the_sum():
    found = [Account("a", Decimal("90.00")), Account("b", Decimal("50.00")), Account("c", Decimal("30.00"))]
    assert smallest_set(found, Decimal("25.00")).amounts == {"c": Decimal("25.00")}
    assert smallest_set(found, Decimal("100.00")).amounts == {"a": Decimal("90.00"), "c": Decimal("10.00")}


def test_the_arithmetic_is_shown():
    proposal = smallest_set([Account("a", Decimal("90.00"), "x", True)], Decimal("100.00"), Decimal("10.00"))
    assert [str(step) for step in proposal.steps] == [
        "of 90.00 stay 10.00 for living",
        "of 80.00 freeze 80.00; still needed: 20.00",
    ]


class TestFreezingWhatWasFound:
    def test_the_proposal_takes_off_what_is_covered_and_ordered(self, link, case):
        frozen(link, case, "20000.00", deposit(link, case, "20000.00"))
        freeze(link, case, "10000.00", deposit(link, case, "10000.00"))
        big = deposit(link, case, "300000.00")
        deposit(link, case, "500.00")
        proposal = proposal_for(case, clock.today())
        need = outstanding(case, clock.today()) - Decimal("30000.00")
        assert proposal.amounts == {str(big.uid): need}

    def test_all_accounts_are_ordered_at_once_each_from_its_bank(self, link, case):
        first = deposit(link, case, "80000.00")
        second = deposit(link, case, "80000.00", holder=link.second_bank.name)
        proposal = proposal_for(case, clock.today())
        rows = [{"asset": uid, "amount": str(amount)} for uid, amount in proposal.amounts.items()]
        assert len(rows) == 2
        link.world.approve(propose(link, "request.freeze-found", case, rows=rows), "judge")
        requests = list(Request.objects.filter(case=case))
        assert {(one.asset, one.agency) for one in requests} == {
            (first, link.branch),
            (second, link.second_bank),
        }
        assert sum(one.amount for one in requests) == outstanding(case, clock.today())
        assert all(one.documents.count() == 2 for one in requests)
        link.answer(next(one for one in requests if one.agency == link.branch), link.teller)
        assert case.measures.get().kind == "freeze"

    def test_together_they_stay_within_the_claim(self, link, case):
        rows = [{"asset": str(deposit(link, case, "90000.00").uid), "amount": "90000.00"} for _ in range(2)]
        with pytest.raises(engine.Refused, match="exceeds the uncovered claim") as refusal:
            propose(link, "request.freeze-found", case, rows=rows)
        assert refusal.value.field == "rows[1].amount"

    def test_one_account_stands_in_the_list_once(self, link, case):
        asset = deposit(link, case, "90000.00")
        rows = [{"asset": str(asset.uid), "amount": "1.00"}] * 2
        with pytest.raises(engine.Refused, match="twice"):
            propose(link, "request.freeze-found", case, rows=rows)

    def test_a_person_keeps_what_living_costs(self, link, case):
        asset = deposit(link, case, "5000.00")
        rows = [{"asset": str(asset.uid), "amount": "4000.00"}]
        with pytest.raises(engine.Refused, match="stays for living"):
            propose(link, "request.freeze-found", case, rows=rows, kept_for_living="1000.01")
        propose(link, "request.freeze-found", case, rows=rows, kept_for_living="1000.00")
