"""The claim account of a case: what is owed on a day, and where each receipt goes."""

from datetime import date
from decimal import Decimal

import pytest
from rest_framework.exceptions import ValidationError

from enforcement.claims import amount_to_be_free, claim_account, fee_due, outstanding
from enforcement.models import Case, Receipt, ReceiptHow, ReceiptState
from law import clock
from law.money import enforcement_fee

DUE = date(2026, 1, 20)


def money(text):
    return Decimal(text)


@pytest.fixture
def owed(world):
    """100 000.00 of main debt whose period ran out on 20 January 2026."""
    with clock.travel(date(2026, 3, 2)):
        return world.file_case(
            applied_on="2026-03-02",
            title_effective_on="2026-01-05",
            performance_due_on=DUE.isoformat(),
            items=[{"kind": "main", "label": "货款", "amount": "100000.00"}],
        )


def account_with(case, day, *receipts):
    """The account if these receipts had arrived; nothing is written."""
    case = Case.objects.prefetch_related("parties", "title_items", "receipts").get(pk=case.pk)
    rows = [
        Receipt(
            pk=number,
            case=case,
            amount=Decimal(amount),
            counts_on=counts_on,
            how=how,
            creditor=creditor,
            debtor=case.parties.all()[1],
            state=ReceiptState.IDENTIFIED,
        )
        for number, (amount, counts_on, how, creditor) in enumerate(receipts, 1)
    ]
    case._prefetched_objects_cache["receipts"] = rows
    return claim_account(case, day)


def by_court(amount, counts_on):
    return (amount, counts_on, ReceiptHow.VOLUNTARY, None)


def test_nothing_runs_on_the_last_day_for_performance_and_one_day_on_the_next(owed):
    assert claim_account(owed, DUE).owed == money("100000.00")
    assert claim_account(owed, date(2026, 1, 21)).owed == money("100017.50")


def test_the_sum_that_frees_the_debtor_is_claim_and_fee(owed):
    free = amount_to_be_free(owed, date(2026, 1, 21))
    assert free.claim == money("100017.50")
    assert free.fee == enforcement_fee(money("100017.50")) == money("1400.26")
    assert free.total == free.claim + free.fee == outstanding(owed, date(2026, 1, 21))
    assert fee_due(owed, date(2026, 1, 21)) == free.fee


def test_exactly_that_sum_leaves_nothing(owed):
    day = date(2026, 5, 1)
    free = amount_to_be_free(owed, day)
    account = account_with(owed, day, by_court(free.total, day))
    assert (account.owed, account.fee_due, account.surplus) == (0, 0, 0)
    assert account.fee_charged == free.fee


def test_a_fen_less_leaves_a_fen(owed):
    day = date(2026, 5, 1)
    free = amount_to_be_free(owed, day)
    account = account_with(owed, day, by_court(free.total - money("0.01"), day))
    assert account.owed + account.fee_due == money("0.01")


def test_a_fen_more_is_the_debtors(owed):
    day = date(2026, 5, 1)
    free = amount_to_be_free(owed, day)
    account = account_with(owed, day, by_court(free.total + money("0.01"), day))
    assert account.surplus == money("0.01")


def test_a_receipt_carries_its_fee_and_the_rest_goes_to_the_claim(owed):
    # N + F(N) = 45 575 with N = 45 000 and F = 50 + 1.5 % of 35 000 = 575.
    account = account_with(owed, DUE, by_court("45575.00", DUE))
    assert account.uses[0].fee == money("575.00")
    assert account.owed == money("55000.00")


def test_a_receipt_too_small_for_the_lowest_fee_goes_to_the_claim_and_the_next_one_makes_up(owed):
    first = account_with(owed, DUE, by_court("50.00", DUE))
    assert (first.uses[0].fee, first.executed) == (0, money("50.00"))
    both = account_with(owed, DUE, by_court("50.00", DUE), by_court("1000.00", DUE))
    assert (both.fee_charged, both.executed) == (money("50.00"), money("1000.00"))


def test_fees_of_many_receipts_add_up_to_the_fee_of_their_sum(owed):
    receipts = [by_court("9000.00", DUE)] * 5
    account = account_with(owed, DUE, *receipts)
    assert abs(account.fee_charged - enforcement_fee(account.executed)) <= money("0.01")
    assert account.fee_charged + account.executed == money("45000.00")


def test_a_receipt_stops_interest_from_the_day_it_counts(owed):
    day = date(2026, 4, 30)  # 100 days
    paid_early = account_with(owed, day, by_court("45575.00", DUE))
    assert paid_early.doubled_interest == (money("55000.00") * money("0.000175") * 100).quantize(
        money("0.01")
    )


def test_a_receipt_that_counts_later_is_not_yet_set_off(owed):
    account = account_with(owed, DUE, by_court("45575.00", date(2026, 2, 1)))
    assert account.owed == money("100000.00")
    assert account.uses == ()


def test_title_debts_come_before_doubled_interest(owed):
    day = date(2026, 4, 30)
    account = account_with(owed, day, by_court("101400.00", day))
    # 101 400 carries a fee of 1 400.00 for 100 000.00: the title is met, its doubled interest waits.
    assert account.main == 0
    assert account.doubled_interest == money("1750.00")


def test_a_direct_payment_carries_no_fee_and_the_next_receipt_pays_it(owed):
    creditor = owed.parties.get(role="applicant")
    direct = ("99000.00", DUE, ReceiptHow.DIRECT, creditor)
    account = account_with(owed, DUE, direct)
    assert (account.owed, account.fee_charged) == (money("1000.00"), 0)
    assert account.fee_due == enforcement_fee(money("100000.00"))
    after = account_with(owed, DUE, direct, by_court("1400.00", DUE))
    assert after.fee_charged == money("1385.22")
    assert after.owed + after.fee_due == money("1000.00")


def test_an_account_of_loaded_rows_asks_nothing(owed, django_assert_num_queries):
    case = (
        Case.objects.select_related("title")
        .prefetch_related("parties", "title_items", "receipts")
        .get(pk=owed.pk)
    )
    with django_assert_num_queries(0):
        amount_to_be_free(case, date(2026, 5, 1))


def test_the_arithmetic_is_shown_step_by_step(owed):
    said = [str(step) for step in amount_to_be_free(owed, date(2026, 4, 30)).steps]
    assert any("100000.00 × 0.000175 × 100 = 1750" in step for step in said)
    assert said[-1] == "to pay on 2026-04-30: 101750.00 + 1426.25 = 103176.25"


def test_interest_on_several_instalments_runs_on_all_of_them(world):
    with clock.travel(date(2026, 3, 2)):
        case = world.file_case(
            applied_on="2026-03-02",
            title_effective_on="2026-01-05",
            performance_due_on="2026-02-20",
            interest_annual="0.0365",
            interest_from="2026-01-01",
            items=[
                {"kind": "main", "label": "第一期", "amount": "10000.00", "delay_from": "2026-01-20"},
                {"kind": "main", "label": "第二期", "amount": "20000.00"},
                {"kind": "main", "label": "违约金", "amount": "500.00", "bears_interest": False},
            ],
        )
    account = claim_account(case, date(2026, 1, 21))
    assert account.general_interest == money("60.00")  # 30 000 × 0.0001 × 20 days
    assert account.doubled_interest == money("1.75")  # only the first instalment is late


def test_the_party_a_sum_is_owed_to_must_be_an_applicant(world):
    items = [{"kind": "main", "label": "货款", "amount": "1.00", "creditor": 2}]
    with pytest.raises(ValidationError) as error:
        world.file_case(items=items)
    assert "items" in error.value.detail
