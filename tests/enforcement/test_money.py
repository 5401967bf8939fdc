"""Money that arrives, is claimed, goes back, or was recorded wrongly."""

from datetime import date
from decimal import Decimal

import pytest
from rest_framework.exceptions import ValidationError

from enforcement import ledger
from enforcement.engine import LiveChoiceField, OutOfSight, Refused
from enforcement.models import (
    Case,
    DeadlineState,
    Entry,
    LedgerAccount,
    Notice,
    Party,
    Receipt,
    ReceiptState,
)
from enforcement.queries.money import court_money, numbers_in, suggest_cases, suggest_receipts
from law import clock
from tests.enforcement.cash import (
    amounts,
    arrive,
    arrive_unidentified,
    confirmed,
    day,
    decided,
    fact,
    moving,
    ordered,
    planned,
)


def balance(case, account):
    return ledger.balance(case, LedgerAccount(account), case.parties.get(role="debtor") if case else None)


def test_an_arrival_is_posted_for_the_case_and_starts_the_payout_clock(world, case):
    receipt = arrive(world, case, "5000.00")
    assert amounts(case) == {"2020": "5000.00"}
    assert ledger.balance(case, LedgerAccount.BANK) == Decimal("5000.00")
    assert case.received == Decimal("5000.00")
    clock_row = case.deadlines.get(rule="money.pay", state=DeadlineState.OPEN)
    assert (clock_row.subject, clock_row.act, clock_row.owner) == (
        receipt.uid,
        "money.plan",
        world.implementer,
    )
    assert Notice.objects.filter(person=world.implementer, code="money.arrived").exists()


def test_the_payers_account_is_sealed_and_shown_masked(world, case):
    receipt = arrive(world, case, "10.00", payer_account="6212260000000000000"[:19])
    assert receipt.payer_account == "6212260000000000000"
    assert "6212260000000000000" not in receipt.payer_account_mask
    assert b"6212260000000000000" not in bytes(case.events.first().body)


def test_one_bank_reference_arrives_once(world, case):
    arrive(world, case, "10.00", bank_reference="A1")
    with pytest.raises(Refused, match="recorded already"):
        arrive(world, case, "10.00", bank_reference="A1")
    with pytest.raises(Refused, match="recorded already"):
        arrive_unidentified(world, "10.00", bank_reference="A1")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "0.001"}, "amount"),
        ({"amount": "1e3"}, "amount"),
        ({"amount": "１000"}, "amount"),
        ({"arrived_on": "2999-01-01"}, "arrived_on"),
        ({"how": "direct"}, "how"),
        ({"how": "deduction"}, "counts_on"),
        ({"counts_on": "2999-01-01"}, "counts_on"),
        ({"currency": "USD"}, "currency"),
    ],
)
def test_an_arrival_with_wrong_facts_is_not_recorded(world, case, changes, field):
    with pytest.raises(ValidationError) as error:
        arrive(world, case, **({"amount": "10.00"} | changes))
    assert field in error.value.detail
    assert not Receipt.objects.exists()


def test_no_more_may_be_deducted_than_is_owed_with_the_fee(world, case):
    with pytest.raises(Refused, match="Nothing more may be taken"):
        arrive(world, case, "500000.00", how="deduction", counts_on=day(0))
    arrive(world, case, "500000.00", how="other")
    with pytest.raises(Refused, match="Nothing more may be taken"):
        arrive(world, case, "0.01", how="deduction", counts_on=day(0))


def test_with_several_debtors_the_one_paid_for_is_named(world):
    case = world.assigned_case(parties=[world.applicant(), world.debtor(), world.debtor(name="扎西己")])
    with pytest.raises(Refused, match="several debtors"):
        arrive(world, case, "10.00")
    second = case.parties.get(name="扎西己")
    arrive(world, case, "10.00", debtor=str(second.uid))
    assert ledger.balance(case, LedgerAccount.TO_DISTRIBUTE, second) == Decimal("10.00")


def test_only_finance_records_arrivals_and_only_of_its_court(world, case):
    with pytest.raises(Refused, match="is for"):
        world.do("money.receive", case, "implementer", **fact("某"))
    with pytest.raises(OutOfSight):
        world.do("money.receive", case, "sister_implementer", **fact("某"))
    with pytest.raises(OutOfSight):
        world.do("money.receive-unidentified", world.sister, "finance", **fact("某"))


def test_unidentified_money_is_claimed_for_its_case(world, case):
    receipt = arrive_unidentified(world, "700.00")
    assert ledger.balance(None, LedgerAccount.UNIDENTIFIED) == Decimal("700.00")
    world.do("money.identify", case, "implementer", receipt=str(receipt.uid))
    assert ledger.balance(None, LedgerAccount.UNIDENTIFIED) == 0
    assert ledger.balance(None, LedgerAccount.BANK) == 0
    assert amounts(case) == {"2020": "700.00"}
    assert "money.pay" in moving(case)
    receipt.refresh_from_db()
    assert (receipt.state, receipt.case, receipt.counts_on) == ("identified", case, receipt.arrived_on)
    with pytest.raises(Refused, match="no such unidentified arrival"):
        world.do("money.identify", case, "implementer", receipt=str(receipt.uid))


def test_another_courts_money_can_not_be_claimed(world, case):
    receipt = arrive_unidentified(world, "700.00")
    other = world.assigned_case()
    for wrong in ("", "nonsense", str(other.uid)):
        with pytest.raises((Refused, ValidationError)):
            world.do("money.identify", case, "implementer", receipt=wrong)
    assert Receipt.objects.get(pk=receipt.pk).state == ReceiptState.UNIDENTIFIED


def test_suggestions_rank_case_number_then_name_then_amount(world, case):
    exact = world.assigned_case(
        items=[{"kind": "main", "label": "货款", "amount": "700.00"}],
        parties=[world.applicant(), world.debtor(name="另一人")],
    )
    named = arrive_unidentified(world, "1.00", payer="旦增乙")
    numbered = arrive_unidentified(world, "700.00", payer="某公司", memo=f"{case.number}执行款")
    assert suggest_cases(named, world.finance)[0].case == case
    found = suggest_cases(numbered, world.finance)
    assert [one.case for one in found] == [case, exact]
    assert found[0].reasons == ("number",)
    assert found[1].reasons == ("amount",)
    assert [one.receipt for one in suggest_receipts(case)] == [numbered, named]
    assert suggest_cases(named, world.sister_head) == []


def test_case_numbers_are_found_in_remarks_however_they_are_written():
    assert numbers_in("代付(2026)藏0102执12号案款") == {"（2026）藏0102执12号"}
    assert numbers_in("2026年货款12号") == set()


def test_the_courts_money_shows_what_waits(world, case):
    arrive_unidentified(world, "700.00")
    arrive(world, case, "10.00")
    shown = court_money(world.finance)
    assert [one.receipt.amount for one in shown.unidentified] == [Decimal("700.00")]
    assert [one.case for one in shown.payouts] == [case]
    assert shown.trial.balanced
    assert shown.trial.assets == Decimal("710.00")
    with pytest.raises(OutOfSight):
        court_money(world.administrator)


def test_unidentified_money_returns_only_to_its_account_and_by_two_people(world):
    unknown = arrive_unidentified(world, "5.00", payer_account="")
    with pytest.raises(Refused, match="not known"):
        world.do("money.return", world.court, "head", receipt=str(unknown.uid), reason="误汇")
    receipt = arrive_unidentified(world, "700.00")
    with pytest.raises(Refused, match="is for"):
        world.do("money.return", world.court, "finance", receipt=str(receipt.uid), reason="误汇")
    world.do("money.return", world.court, "head", receipt=str(receipt.uid), reason="误汇")
    assert ledger.balance(None, LedgerAccount.IN_TRANSIT) == Decimal("700.00")
    with pytest.raises(Refused, match="is for"):
        world.do(
            "money.confirm-return",
            world.court,
            "head",
            receipt=str(receipt.uid),
            bank_reference="B",
            settled_on=day(0),
        )
    world.do(
        "money.confirm-return",
        world.court,
        "finance",
        receipt=str(receipt.uid),
        bank_reference="B",
        settled_on=day(0),
    )
    assert ledger.balance(None, LedgerAccount.BANK) == Decimal("5.00")
    with pytest.raises(Refused, match="no such return"):
        world.do(
            "money.confirm-return",
            world.court,
            "finance",
            receipt=str(receipt.uid),
            bank_reference="B",
            settled_on=day(0),
        )


def test_a_direct_payment_meets_the_claim_and_touches_no_account(world, case):
    creditor = case.parties.get(role="applicant")
    facts = {"creditor": str(creditor.uid), "amount": "1000.00", "paid_on": day(0), "memo": "收条"}
    with pytest.raises(Refused, match="confirmed"):
        world.do("money.record-direct", case, "implementer", **facts)
    with pytest.raises(Refused, match="record at most|Record at most"):
        world.do(
            "money.record-direct",
            case,
            "implementer",
            **(facts | {"amount": "900000.00"}),
            confirmed_by_creditor=True,
        )
    world.do("money.record-direct", case, "implementer", **facts, confirmed_by_creditor=True)
    assert not Entry.objects.exists()
    assert (case.received, case.paid_out) == (Decimal("1000.00"), Decimal("1000.00"))
    decided(
        world,
        "money.correct",
        case,
        "implementer",
        receipt=str(case.receipts.get().uid),
        mistake="record",
        reason="误记",
    )
    assert (case.received, case.paid_out) == (0, 0)


def test_a_wrong_record_is_reversed_and_its_reference_is_free_again(world, case):
    receipt = arrive(world, case, "100.00", bank_reference="R1")
    decided(
        world, "money.correct", case, "finance", receipt=str(receipt.uid), mistake="record", reason="金额录错"
    )
    assert ledger.trial_balance(world.court).accounts == {}
    assert case.received == 0
    assert moving(case)
    arrive(world, case, "10.00", bank_reference="R1")
    assert amounts(case) == {"2020": "10.00"}


@pytest.mark.parametrize("claimed", [False, True])
def test_money_of_another_case_becomes_unidentified_and_is_claimed_there(world, case, claimed):
    other = world.assigned_case()
    if claimed:
        receipt = arrive_unidentified(world, "100.00")
        world.do("money.identify", case, "implementer", receipt=str(receipt.uid))
    else:
        receipt = arrive(world, case, "100.00")
    decided(world, "money.correct", case, "finance", receipt=str(receipt.uid), mistake="case", reason="串案")
    assert amounts(case) == {}
    assert ledger.balance(None, LedgerAccount.UNIDENTIFIED) == Decimal("100.00")
    world.do("money.identify", other, "implementer", receipt=str(receipt.uid))
    assert amounts(other) == {"2020": "100.00"}
    assert ledger.trial_balance(world.court) == ledger.posted_balance(world.court)


def test_money_that_moved_on_can_not_be_corrected(world, case):
    receipt = arrive(world, case, "100.00")
    planned(world, case)
    with pytest.raises(Refused, match="in a plan"):
        world.do("money.correct", case, "finance", receipt=str(receipt.uid), mistake="record", reason="误记")


def test_what_is_overpaid_goes_back_to_the_debtor(world, case):
    arrive(world, case, "200000.00", how="other")
    with pytest.raises(Refused, match="Beyond claim and fee"):
        world.do("money.refund", case, "implementer", to="debtor", amount="150000.00", reason="多付")
    decided(world, "money.refund", case, "implementer", to="debtor", reason="多付")
    payment = case.payments.get()
    debtor = case.parties.get(role="debtor")
    assert (payment.account, payment.party, payment.payee) == ("2180", debtor, "旦增乙")
    assert payment.payee_account == case.receipts.get().payer_account
    plan = planned(world, case)
    assert not plan.lines.filter(account="2180").exists()
    assert plan.pot + payment.amount == Decimal("200000.00")


def test_a_mistaken_payment_goes_back_whole_to_the_account_it_came_from(world, case):
    receipt = arrive(world, case, "100.00", payer="路人")
    decided(world, "money.refund", case, "finance", to="payer", receipt=str(receipt.uid), reason="误汇")
    receipt.refresh_from_db()
    payment = case.payments.get()
    assert (payment.payee, payment.payee_account, payment.amount) == (
        "路人",
        receipt.payer_account,
        receipt.amount,
    )
    assert receipt.state == ReceiptState.RETURNED
    assert case.received == 0
    world.do("money.bounce", case, "finance", payment=str(payment.uid), reason="账号不符")
    assert amounts(case) == {"2190": "100.00"}
    again = ordered(world, case)[0]
    assert again.payee_account == receipt.payer_account
    confirmed(world, case)
    assert amounts(case) == {}
    assert moving(case)


def test_a_mistaken_payment_from_an_unknown_account_stays(world, case):
    receipt = arrive(world, case, "100.00", payer="路人", payer_account="")
    with pytest.raises(Refused, match="may go to no other"):
        world.do("money.refund", case, "finance", to="payer", receipt=str(receipt.uid), reason="误汇")


def test_interest_stops_on_the_day_of_deduction_and_not_of_arrival(world):
    with clock.travel(date(2026, 3, 2)):
        case = world.assigned_case(
            applied_on="2026-03-02", title_effective_on="2026-01-05", performance_due_on="2026-01-20"
        )
    with clock.travel(date(2026, 4, 10)):
        arrive(world, case, "1000.00", how="deduction", counts_on="2026-04-01")
        early = Case.objects.get(pk=case.pk)
        assert early.receipts.get().counts_on == date(2026, 4, 1)
        assert early.receipts.get().arrived_on == date(2026, 4, 10)


def test_parties_of_other_cases_do_not_exist_here(world, case):
    other = world.assigned_case()
    foreign = Party.objects.get(case=other, role="debtor")
    with pytest.raises(ValidationError) as error:
        arrive(world, case, "10.00", debtor=str(foreign.uid))
    assert "No such entry" in str(error.value.detail)


class TestWhichArrivalIsProposed:
    def proposed(self, world, case):
        from enforcement.queries import acts, cases

        form = acts.on_case(world.implementer, cases.workspace(world.implementer, case.uid), "money.identify")
        receipt = form.act.Input(context=form.context).fields["receipt"]
        assert isinstance(receipt, LiveChoiceField)
        return form.initial({}).get("receipt"), list(receipt.choices)

    def test_the_one_that_names_the_case_before_one_of_the_debtor(self, world, case):
        strange = arrive_unidentified(world, "5.00", payer="某公司")
        named = arrive_unidentified(world, "6.00", payer="旦增乙")
        numbered = arrive_unidentified(world, "7.00", payer="某公司", memo=f"执行款{case.number}")
        first, choices = self.proposed(world, case)
        assert first == str(numbered.uid)
        assert choices == [str(one.uid) for one in (numbered, named, strange)]

    def test_none_where_nothing_speaks_for_the_case_or_two_do_alike(self, world, case):
        arrive_unidentified(world, "5.00", payer="某公司")
        assert self.proposed(world, case)[0] is None
        for amount in ("6.00", "7.00"):
            arrive_unidentified(world, amount, payer="旦增乙")
        assert self.proposed(world, case)[0] is None
