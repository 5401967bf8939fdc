"""Paying out: payee accounts, orders by two people, the bank's answer."""

from decimal import Decimal

import pytest
from rest_framework.exceptions import ValidationError

from enforcement import engine, ledger
from enforcement.engine import Refused
from enforcement.engine.offers import offered
from enforcement.models import DeadlineState, Notice, PaymentState, PlanState
from tests.enforcement.cash import amounts, arrive, confirmed, day, moving, ordered, planned
from tests.world import bank_card


@pytest.fixture
def ready(world, case):
    """A case with an approved plan for 1 000.00: 50.00 of fee, 950.00 for the creditor."""
    arrive(world, case, "1000.00")
    planned(world, case)
    return case


def creditor(case):
    return case.parties.get(role="applicant")


def test_nothing_is_paid_without_a_plan(world, case):
    arrive(world, case, "1000.00")
    with pytest.raises(Refused, match="Nothing was approved"):
        world.do("money.pay", case, "finance", total="1000.00")


def test_finance_orders_and_the_head_approves_what_was_ordered(world, ready):
    with pytest.raises(Refused, match="is for"):
        world.do("money.pay", ready, "implementer", total="1000.00")
    with pytest.raises(Refused, match="is 1,000.00 now"):
        world.do("money.pay", ready, "finance", total="999.99")
    result = world.do("money.pay", ready, "finance", total="1000.00")
    assert result.proposal.summary["payments"] == ["卓玛丙 950.00", "国库 50.00"]
    assert not ready.payments.exists()
    with pytest.raises(Refused):
        engine.decide(result.proposal, world.finance, approve=True)
    world.approve(result, "head")
    paid = ready.payments.get(account="2110")
    assert (paid.payee, paid.payee_bank, paid.ordered_by) == ("卓玛丙", "高原某银行", world.finance)
    assert paid.payee_account == creditor(ready).account_number
    assert paid.payee_account not in paid.payee_account_mask
    assert amounts(ready) == {"2410": "1000.00"}


def test_without_a_payee_account_the_refusal_says_what_to_do(world):
    case = world.assigned_case(parties=[world.applicant(account_bank="", account_number=""), world.debtor()])
    arrive(world, case, "1000.00")
    planned(world, case)
    with pytest.raises(Refused, match="No payee account is known of 卓玛丙"):
        ordered(world, case)
    card = bank_card()
    world.do(
        "party.payee-account",
        case,
        "implementer",
        party=str(creditor(case).uid),
        holder="卓玛丙",
        bank="某银行",
        account=card,
    )
    assert creditor(case).account_number == card
    assert card not in str(case.events.first().content)
    ordered(world, case)
    assert case.payments.get(account="2110").payee_account == card


def test_a_payee_account_changes_only_with_a_reason_once_a_plan_is_approved(world, ready):
    facts = {"party": str(creditor(ready).uid), "holder": "卓玛丙", "bank": "某银行"}
    with pytest.raises(Refused, match="Say why it is changed"):
        world.do("party.payee-account", ready, "implementer", **facts, account=bank_card())
    with pytest.raises(Refused, match="power of attorney"):
        world.do(
            "party.payee-account", ready, "implementer", **(facts | {"holder": "他人"}), account=bank_card()
        )
    with pytest.raises(ValidationError):
        world.do("party.payee-account", ready, "implementer", **facts, account="12ab")
    world.do("party.payee-account", ready, "clerk", **facts, account=bank_card(), note="原账户已注销")


def test_a_payee_account_does_not_change_while_a_payment_awaits_its_decision(world, ready):
    result = world.do("money.pay", ready, "finance", total="1000.00")
    facts = {"party": str(creditor(ready).uid), "holder": "卓玛丙", "bank": "某银行", "note": "改账户"}
    with pytest.raises(Refused, match="awaits its decision"):
        world.do("party.payee-account", ready, "implementer", **facts, account=bank_card())
    engine.decide(result.proposal, world.head, approve=False, reason="核对账户")
    world.do("party.payee-account", ready, "implementer", **facts, account=bank_card())


def test_a_confirmed_payment_leaves_the_bank_and_meets_its_clock(world, ready):
    payments = ordered(world, ready)
    first = next(payment for payment in payments if payment.account == "2110")
    facts = {"payment": str(first.uid), "bank_reference": "B1"}
    with pytest.raises(Refused, match="and today"):
        world.do("money.confirm", ready, "finance", **facts, settled_on=day(1))
    with pytest.raises(Refused, match="and today"):
        world.do("money.confirm", ready, "finance", **facts, settled_on=day(-1))
    world.do("money.confirm", ready, "finance", **facts, settled_on=day(0))
    assert ready.paid_out == Decimal("950.00")
    assert ready.plans.get().state == PlanState.APPROVED
    assert ledger.trial_balance(world.court).assets == Decimal("50.00")
    other = next(payment for payment in payments if payment != first)
    with pytest.raises(Refused, match="this bank reference"):
        world.do(
            "money.confirm", ready, "finance", payment=str(other.uid), bank_reference="B1", settled_on=day(0)
        )
    with pytest.raises(ValidationError):
        world.do("money.confirm", ready, "finance", **facts, settled_on=day(0))
    confirmed(world, ready)
    assert ready.plans.get().state == PlanState.PAID
    assert amounts(ready) == {}
    assert not ready.deadlines.filter(rule="money.pay", state=DeadlineState.OPEN).exists()
    assert moving(ready)
    assert Notice.objects.filter(person=world.implementer, code="money.paid").count() == 2


def test_a_returned_payment_is_payable_again(world, ready):
    payment = next(one for one in ordered(world, ready) if one.account == "2110")
    world.do("money.bounce", ready, "finance", payment=str(payment.uid), reason="户名不符")
    assert amounts(ready) == {"2110": "950.00", "2410": "50.00"}
    assert ready.payments.get(pk=payment.pk).state == PaymentState.BOUNCED
    waiting = ready.deadlines.filter(rule="money.pay", state=DeadlineState.OPEN).values_list("act", flat=True)
    assert sorted(waiting) == ["money.confirm", "money.pay"]
    confirmed(world, ready)
    assert ready.plans.get().state == PlanState.APPROVED
    again = ordered(world, ready)
    assert [one.amount for one in again] == [Decimal("950.00")]
    confirmed(world, ready)
    assert ready.plans.get().state == PlanState.PAID
    assert ready.paid_out == Decimal("950.00")


def test_nothing_is_confirmed_that_was_not_ordered(world, ready):
    with pytest.raises(ValidationError, match="No such entry"):
        world.do("money.bounce", ready, "finance", payment=str(creditor(ready).uid), reason="x")
    offers = {offer.act.code: offer for offer in offered(ready, world.finance)}
    assert offers["money.confirm"].why_not == "No payment is under way."


def test_each_clock_of_the_money_path_hands_over_to_the_next(world, case):
    def clocks():
        rows = case.deadlines.filter(rule="money.pay", state=DeadlineState.OPEN)
        return sorted({(row.act, row.duty) for row in rows})

    arrive(world, case, "1000.00")
    assert clocks() == [("money.plan", "implementer")]
    planned(world, case)
    assert clocks() == [("money.pay", "finance")]
    ordered(world, case)
    assert clocks() == [("money.confirm", "finance")]
    confirmed(world, case)
    assert clocks() == []
