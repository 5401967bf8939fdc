"""Distribution plans: one creditor and several, objections, sums held, cancelling."""

from datetime import date
from decimal import Decimal

import pytest
from rest_framework.exceptions import ValidationError

from enforcement import engine, ledger
from enforcement.acts.plans import objection_ends
from enforcement.engine import Refused
from enforcement.engine.offers import offered
from enforcement.models import DeadlineState, LedgerAccount, PlanState, Stage
from enforcement.queries.cases import workspace
from law import clock
from tests.enforcement.cash import (
    amounts,
    arrive,
    confirmed,
    day,
    decided,
    moving,
    ordered,
    planned,
    serve,
    serve_plan,
)

START = date(2026, 3, 2)


@pytest.fixture
def one(world):
    """One creditor, 100 000.00 owed, nothing late yet on the day of the receipts."""
    with clock.travel(START):
        return world.assigned_case(
            applied_on="2026-03-02", title_effective_on="2026-01-05", performance_due_on="2026-01-20"
        )


@pytest.fixture
def two(world):
    """Two creditors, 60 000.00 and 30 000.00 owed."""
    with clock.travel(START):
        return world.assigned_case(
            applied_on="2026-03-02",
            title_effective_on="2026-01-05",
            performance_due_on="2026-01-20",
            items=[
                {"kind": "main", "label": "货款", "amount": "60000.00", "creditor": 1},
                {"kind": "main", "label": "加工费", "amount": "30000.00", "creditor": 2},
            ],
            parties=[
                world.applicant(name="卓玛丙"),
                world.applicant(name="格桑丁", name_bo=""),
                world.debtor(),
            ],
        )


def shares(case):
    rows = ledger.balances(case, [LedgerAccount.CREDITORS])
    return {row.party.name: str(row.amount) for row in rows if row.party}


def party(case, name):
    return str(case.parties.get(name=name).uid)


def test_a_plan_needs_money_and_no_other_plan_in_hand(world, one):
    with pytest.raises(Refused, match="no money to distribute"):
        world.do("money.plan", one, "implementer", amount="1.00")
    arrive(world, one, "1000.00")
    planned(world, one, "400.00")
    with pytest.raises(Refused, match="being carried out"):
        world.do("money.plan", one, "implementer", amount="600.00")


def test_no_more_is_distributed_than_there_is(world, one):
    arrive(world, one, "1000.00")
    with pytest.raises(Refused, match="Only 1,000.00"):
        world.do("money.plan", one, "implementer", amount="1000.01")


def test_a_plan_is_proposed_by_the_officer_and_decided_by_the_head(world, one):
    arrive(world, one, "45575.00")
    with pytest.raises(Refused, match="is for"):
        world.do("money.plan", one, "finance", amount="45575.00")
    proposal = world.do("money.plan", one, "implementer", amount="45575.00").proposal
    assert proposal.summary["fee"] == "575.00"
    assert proposal.summary["lines"] == ["卓玛丙 45,000.00"]
    assert amounts(one) == {"2020": "45575.00"}
    engine.decide(proposal, world.head, approve=True)
    assert amounts(one) == {"2110": "45000.00", "2120": "575.00"}
    one.refresh_from_db()
    assert one.stage == Stage.DISTRIBUTION
    assert one.documents.get().writ == "notice.distribution"
    plan = one.plans.get()
    assert (plan.proposed_by, plan.decided_by) == (world.implementer, world.head)


def test_a_plan_that_is_not_approved_moves_nothing(world, one):
    arrive(world, one, "1000.00")
    proposal = world.do("money.plan", one, "implementer", amount="1000.00").proposal
    engine.decide(proposal, world.head, approve=False, reason="漏列债权人")
    assert amounts(one) == {"2020": "1000.00"}
    assert moving(one)


def test_money_that_arrived_after_the_proposal_waits_for_the_next_plan(world, one):
    arrive(world, one, "1000.00")
    result = world.do("money.plan", one, "implementer", amount="1000.00")
    arrive(world, one, "500.00")
    world.approve(result, "head")
    assert amounts(one)["2020"] == "500.00"
    rows = one.deadlines.filter(rule="money.pay", state=DeadlineState.OPEN)
    assert {row.act for row in rows} == {"money.plan", "money.pay"}


def test_two_plans_in_parts_give_what_one_would_have_given(world, one):
    arrive(world, one, "45575.00")
    planned(world, one, "10000.00")
    ordered(world, one)
    confirmed(world, one)
    planned(world, one)
    lines = [line for plan in one.plans.all() for line in plan.lines.all()]
    given = {
        account: sum(line.amount for line in lines if line.account == account) for account in ("2110", "2120")
    }
    assert given == {"2110": Decimal("45000.00"), "2120": Decimal("575.00")}


def test_one_creditor_is_paid_without_waiting_for_objections(world, one):
    arrive(world, one, "1000.00")
    planned(world, one)
    assert not one.deadlines.filter(rule="money.plan.object").exists()
    assert len(ordered(world, one)) == 2


def test_several_creditors_share_in_proportion_to_what_each_is_owed(world, two):
    arrive(world, two, "45575.00")
    planned(world, two)
    assert shares(two) == {"卓玛丙": "30000.00", "格桑丁": "15000.00"}


def test_a_plan_of_several_is_served_on_everybody_before_anything_is_paid(world, two):
    with clock.travel(date(2026, 5, 6)):
        arrive(world, two, "45575.00")
        planned(world, two)
        with pytest.raises(Refused, match="first be served"):
            ordered(world, two)
        serve_plan(world, two)
        assert objection_ends(two) == date(2026, 5, 21)
        waits = two.deadlines.filter(rule="money.plan.object", state=DeadlineState.OPEN)
        assert {wait.due_on for wait in waits} == {date(2026, 5, 21)}
        with pytest.raises(Refused, match="until 2026-05-21"):
            ordered(world, two)
    with clock.travel(date(2026, 5, 21)), pytest.raises(Refused, match="until 2026-05-21"):
        ordered(world, two)
    with clock.travel(date(2026, 5, 22)):
        assert len(ordered(world, two)) == 3
        assert not two.deadlines.filter(rule="money.plan.object", state=DeadlineState.OPEN).exists()


def test_the_payout_clock_stands_still_while_objections_may_come(world, two):
    with clock.travel(date(2026, 5, 6)):
        arrive(world, two, "45575.00")
        before = two.deadlines.get(rule="money.pay", state=DeadlineState.OPEN).due_on
        planned(world, two)
        serve_plan(world, two)
        running = two.deadlines.get(rule="money.pay", state=DeadlineState.OPEN)
        assert (running.act, running.starts_on) == ("money.pay", date(2026, 5, 6))
        assert (running.due_on - before).days >= 15


def test_what_is_disputed_is_held_and_the_rest_is_paid(world, two):
    with clock.travel(date(2026, 5, 6)):
        arrive(world, two, "45575.00")
        planned(world, two)
        serve_plan(world, two)
    with clock.travel(date(2026, 5, 15)):
        world.do(
            "money.plan-object",
            two,
            "implementer",
            party=party(two, "格桑丁"),
            received_on=day(0),
            grounds="卓玛丙的债权已部分清偿",
            shares=[
                {"party": party(two, "卓玛丙"), "amount": "25000.00"},
                {"party": party(two, "格桑丁"), "amount": "20000.00"},
            ],
        )
        assert shares(two) == {"卓玛丙": "25000.00", "格桑丁": "15000.00"}
        assert amounts(two)["2160"] == "5000.00"
        assert two.plans.get().state == PlanState.OBJECTED
        assert "money.plan.oppose" in moving(two)
    with clock.travel(date(2026, 5, 22)):
        ordered(world, two)
        confirmed(world, two)
        assert amounts(two) == {"2160": "5000.00"}
        assert "money.plan.oppose" in moving(two)
    with clock.travel(date(2026, 6, 30)):
        decided(world, "money.plan-release", two, "implementer", outcome="no-suit", ground="未起诉")
        assert shares(two) == {"卓玛丙": "5000.00"}
        ordered(world, two)
        confirmed(world, two)
        assert two.plans.get().state == PlanState.PAID
        assert two.paid_out == Decimal("45000.00")
        assert moving(two)


def test_a_judgment_divides_exactly_what_was_held(world, two):
    arrive(world, two, "45575.00")
    planned(world, two)
    with pytest.raises(Refused, match="No plan is under objection"):
        world.do("money.plan-release", two, "implementer", outcome="judgment", ground="判决")
    facts = {"party": party(two, "格桑丁"), "received_on": day(0), "grounds": "异议"}
    world.do(
        "money.plan-object",
        two,
        "implementer",
        **facts,
        shares=[{"party": party(two, "卓玛丙"), "amount": "0.00"}],
    )
    with pytest.raises(Refused, match="must be the held sum, 30,000.00"):
        world.do(
            "money.plan-release",
            two,
            "implementer",
            outcome="judgment",
            ground="判决",
            shares=[{"party": party(two, "格桑丁"), "amount": "29999.99"}],
        )
    with pytest.raises(Refused, match="Leave the shares empty"):
        world.do(
            "money.plan-release",
            two,
            "implementer",
            outcome="withdrawn",
            ground="撤回",
            shares=[{"party": party(two, "格桑丁"), "amount": "30000.00"}],
        )
    decided(
        world,
        "money.plan-release",
        two,
        "implementer",
        outcome="judgment",
        ground="判决",
        shares=[
            {"party": party(two, "格桑丁"), "amount": "29000.00"},
            {"party": party(two, "旦增乙"), "amount": "1000.00"},
        ],
    )
    assert shares(two) == {"格桑丁": "44000.00"}
    assert amounts(two)["2180"] == "1000.00"


def test_an_objection_comes_from_a_party_in_time_and_disputes_something(world, two):
    with clock.travel(date(2026, 5, 6)):
        with pytest.raises(Refused, match="not lawful at this stage"):
            world.do(
                "money.plan-object",
                two,
                "implementer",
                party=party(two, "格桑丁"),
                received_on=day(0),
                grounds="x",
                shares=[{"party": party(two, "卓玛丙"), "amount": "1.00"}],
            )
        arrive(world, two, "45575.00")
        planned(world, two)
        serve_plan(world, two)
    facts = {"party": party(two, "格桑丁"), "grounds": "异议"}
    lower = [{"party": party(two, "卓玛丙"), "amount": "1.00"}]
    with clock.travel(date(2026, 5, 22)):
        with pytest.raises(Refused, match="came too late"):
            world.do("money.plan-object", two, "implementer", **facts, received_on="2026-05-22", shares=lower)
        with pytest.raises(Refused, match="take nothing"):
            world.do(
                "money.plan-object",
                two,
                "implementer",
                **facts,
                received_on="2026-05-20",
                shares=[{"party": party(two, "卓玛丙"), "amount": "30000.00"}],
            )
        with pytest.raises(Refused, match="shares of creditors"):
            world.do(
                "money.plan-object",
                two,
                "implementer",
                **facts,
                received_on="2026-05-20",
                shares=[{"party": party(two, "旦增乙"), "amount": "1.00"}],
            )
        with pytest.raises(ValidationError):
            world.do(
                "money.plan-object", two, "implementer", **facts, received_on="2026-05-20", shares=lower * 2
            )
        ordered(world, two)
        with pytest.raises(Refused, match="being paid"):
            world.do("money.plan-object", two, "implementer", **facts, received_on="2026-05-20", shares=lower)


def test_a_plan_nobody_was_paid_from_can_be_cancelled_and_made_anew(world, two):
    arrive(world, two, "45575.00")
    planned(world, two)
    serve(world, two, two.documents.get(), two.parties.get(name="卓玛丙"))
    world.do(
        "money.plan-object",
        two,
        "implementer",
        party=party(two, "卓玛丙"),
        received_on=day(0),
        grounds="漏列",
        shares=[{"party": party(two, "格桑丁"), "amount": "0.00"}],
    )
    decided(world, "money.plan-cancel", two, "implementer", reason="漏列债权人")
    assert amounts(two) == {"2020": "45575.00"}
    assert moving(two) == ["notice.send", "money.pay"]
    planned(world, two)
    assert shares(two) == {"卓玛丙": "30000.00", "格桑丁": "15000.00"}
    assert [document.version for document in two.documents.all()] == [1, 2]


def test_a_plan_being_paid_is_not_cancelled(world, one):
    arrive(world, one, "1000.00")
    planned(world, one)
    ordered(world, one)
    with pytest.raises(Refused, match="can't be taken back"):
        world.do("money.plan-cancel", one, "implementer", reason="重作")


def test_asking_what_may_be_done_with_the_money_costs_no_query(world, two, django_assert_num_queries):
    arrive(world, two, "45575.00")
    planned(world, two)
    for person in (world.implementer, world.finance):
        case = workspace(person, two.uid)
        assert person.duties  # loaded before counting, as the page has them
        with django_assert_num_queries(0):
            found = {offer.act.code: offer for offer in offered(case, person)}
    assert "served" in found["money.pay"].why_not
