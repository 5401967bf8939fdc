"""Orders to deduct: within what is frozen, within what is owed, and on the ledger once, to the fen."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from enforcement import engine, ledger
from enforcement.claims import outstanding
from enforcement.models import Case, MeasureState, Receipt
from law import clock
from linkage.models import Request
from tests.enforcement.cash import arrive
from tests.enforcement.control import running
from tests.linkage.orders import deposit, freeze, frozen, order, propose
from tests.world import bank_card

PAYEE = {"payee_account": "6200000000000001", "payee_bank": "示例银行拉萨分行"}


def deduct(link, case, measure, amount: str, **data) -> Request:
    wanted = {"asset": str(measure.asset.uid), "amount": amount} | PAYEE | data
    return order(link, "request.deduct", case, **wanted)[0]


def taken(link, request, amount: str, reference: str = "", **answer):
    """The bank says that it deducted."""
    facts = {"amount_deducted": amount, "bank_txn_no": reference or f"TXN{request.pk}"}
    return link.answer(request, link.teller, **({"facts": facts} | answer))


@pytest.fixture
def held(link, case):
    """35 000.00 frozen at the branch, of a balance of 50 000.00."""
    return frozen(link, case, "35000.00", deposit(link, case, "50000.00"))


def on_ledger(case: Case) -> Decimal:
    return sum((row.amount for row in ledger.balances(case, ["2020"])), Decimal("0.00"))


def test_an_order_to_deduct_names_the_courts_account_and_freezes_as_well(link, case, held):
    request = deduct(link, case, held, "20000.00")
    assert request.matter_code == "BANK-DEDUCT"
    assert request.carried()["payee_account"] == PAYEE["payee_account"]
    assert {one.writ for one in request.documents.all()} == {"ruling.deduct", "notice.assist-deduct"}
    assert request.measure == held


def test_the_courts_account_need_not_be_typed_twice(link, case, held):
    deduct(link, case, held, "100.00")
    act: Any = engine.act_named("request.deduct")
    assert act._usual_payee(act, case) == PAYEE


@pytest.mark.parametrize(
    ("amount", "code"), [("35000.01", "more-than-frozen"), ("500000.00", "more-than-frozen")]
)
def test_nothing_beyond_what_is_frozen_is_ordered(link, case, held, amount, code):
    with pytest.raises(engine.Refused) as refusal:
        deduct(link, case, held, amount)
    assert refusal.value.code == code


def test_what_is_being_deducted_already_is_not_ordered_again(link, case, held):
    deduct(link, case, held, "20000.00")
    with pytest.raises(engine.Refused, match="deducted already"):
        deduct(link, case, held, "15000.01")


def test_nothing_beyond_the_debt_is_ordered(link, case, held):
    arrive(link.world, case, "100000.00")
    owed = outstanding(case, clock.today())
    with pytest.raises(engine.Refused) as refusal:
        deduct(link, case, held, str(owed + Decimal("0.01")))
    assert refusal.value.code == "more-than-owed"
    deduct(link, case, held, str(owed))


def test_nothing_is_taken_while_the_freeze_waits_behind_another(link, case):
    request = freeze(link, case, "35000.00")
    link.answer(request, link.teller, outcome="waiting", facts={"rank": "轮候1"})
    with pytest.raises(engine.Refused, match="waits behind"):
        deduct(link, case, case.measures.get(), "1.00")


def test_nothing_is_taken_before_the_bank_answered_the_freeze(link, case):
    asset = deposit(link, case, "50000.00")
    freeze(link, case, "1000.00", asset)
    with pytest.raises(engine.Refused, match="still waits"):
        propose(link, "request.deduct", case, asset=str(asset.uid), amount="1.00", **PAYEE)


def test_a_deduction_may_go_without_a_freeze_because_its_ruling_freezes(link, case):
    asset = deposit(link, case, "50000.00")
    request = order(link, "request.deduct", case, asset=str(asset.uid), amount="1000.00", **PAYEE)[0]
    taken(link, request, "1000.00")
    asset.refresh_from_db()
    assert (on_ledger(case), asset.value) == (Decimal("1000.00"), Decimal("49000.00"))


def test_a_wrong_court_account_is_noticed(link, case, held):
    with pytest.raises(Exception, match="account number has 6 to 34"):
        propose(
            link,
            "request.deduct",
            case,
            asset=str(held.asset.uid),
            amount="1.00",
            **(PAYEE | {"payee_account": "12"}),
        )


class TestTheBankDeducts:
    def test_the_money_is_on_the_ledger_and_less_is_frozen(self, link, case, held):
        request = deduct(link, case, held, "20000.37")
        taken(link, request, "20000.37", "TXN-1")
        receipt = Receipt.objects.get(case=case)
        assert (receipt.amount, receipt.how, receipt.bank_reference) == (
            Decimal("20000.37"),
            "deduction",
            "TXN-1",
        )
        assert receipt.counts_on == clock.today()
        assert receipt.debtor == held.asset.owner
        assert on_ledger(case) == Decimal("20000.37")
        held.refresh_from_db()
        held.asset.refresh_from_db()
        assert held.amount == Decimal("14999.63")
        assert held.asset.value == Decimal("29999.63")
        assert running(case, "money.pay").exists()

    def test_a_freeze_of_nothing_is_over(self, link, case, held):
        taken(link, deduct(link, case, held, "35000.00"), "35000.00")
        held.refresh_from_db()
        assert (held.state, held.amount) == (MeasureState.RELEASED, Decimal("0.00"))
        assert held.release_confirmed_on == clock.today()
        assert not running(case, "control.deposit.term").exists()

    @pytest.mark.parametrize(
        ("facts", "code"),
        [
            ({"amount_deducted": "20000.01"}, "more-than-ordered"),
            ({"amount_deducted": "100.00", "currency": "USD"}, "currency"),
            ({"deducted_at": "2020-01-01T10:00:00+08:00"}, "day"),
        ],
    )
    def test_what_was_not_ordered_is_refused_with_the_rule(self, link, case, held, facts, code):
        request = deduct(link, case, held, "20000.00")
        with pytest.raises(engine.Refused) as refusal:
            link.answer(request, link.teller, facts=facts)
        assert (refusal.value.code, bool(refusal.value.basis)) == (code, True)
        assert not Receipt.objects.exists()

    def test_nothing_is_taken_after_the_debt_was_paid(self, link, case, held):
        request = deduct(link, case, held, "20000.00")
        arrive(link.world, case, str(outstanding(case, clock.today())))
        with pytest.raises(engine.Refused) as refusal:
            taken(link, request, "20000.00")
        assert refusal.value.code == "more-than-owed"

    def test_a_reference_books_once_whoever_records_it_first(self, link, case, held):
        request = deduct(link, case, held, "20000.00")
        arrive(
            link.world,
            case,
            "20000.00",
            bank_reference="TXN-1",
            how="deduction",
            counts_on=clock.today().isoformat(),
        )
        done = taken(link, request, "20000.00", "TXN-1")
        assert done.outcome["booked"] is False
        assert on_ledger(case) == Decimal("20000.00")
        assert not done.outcome.get("check")

    def test_a_reference_of_other_money_is_looked_at(self, link, case, held):
        request = deduct(link, case, held, "20000.00")
        arrive(link.world, case, "5.00", bank_reference="TXN-1")
        done = taken(link, request, "20000.00", "TXN-1")
        assert done.outcome["check"]
        assert running(case, "linkage.check", subject=request.uid).exists()

    def test_the_rest_of_a_part_may_follow_but_never_more_than_ordered(self, link, case, held):
        request = deduct(link, case, held, "20000.00")
        taken(link, request, "12000.00", "TXN-1", outcome="part")
        taken(link, request, "8000.00", "TXN-2", number="N-rest", corrects=True)
        assert on_ledger(case) == Decimal("20000.00")
        with pytest.raises(engine.Refused):
            taken(link, request, "20000.01", "TXN-3", number="N-more", corrects=True)

    def test_parts_that_exceed_the_order_together_are_refused(self, link, case, held):
        request = deduct(link, case, held, "20000.00")
        taken(link, request, "12000.00", "TXN-1", outcome="part")
        with pytest.raises(engine.Refused) as refusal:
            taken(link, request, "8000.01", "TXN-2", number="N-rest", corrects=True)
        assert refusal.value.code == "more-than-ordered"
        assert on_ledger(case) == Decimal("12000.00")

    def test_a_corrected_amount_is_compared_by_hand(self, link, case, held):
        """Money that is booked is not unbooked by a message."""
        request = deduct(link, case, held, "20000.00")
        taken(link, request, "20000.00", "TXN-1")
        done = taken(link, request, "2000.00", "TXN-1", number="N-second", corrects=True)
        assert done.outcome["check"]
        unnamed = {"amount_deducted": "2000.00"}
        done = link.answer(request, link.teller, number="N-third", corrects=True, facts=unnamed)
        assert done.outcome["check"]
        assert on_ledger(case) == Decimal("20000.00")

    def test_a_deduction_that_pays_everything_opens_the_duty_to_lift_the_rest(self, link, case):
        owed = outstanding(case, clock.today())
        first = frozen(link, case, str(owed), deposit(link, case, str(owed)))
        frozen(link, case, "1.00")
        taken(link, deduct(link, case, first, str(owed)), str(owed))
        assert running(case, "control.release", subject=case.uid).exists()

    def test_interest_stops_on_the_day_of_the_deduction(self, link, case, held):
        request = deduct(link, case, held, "20000.00")
        moment = clock.now() - timedelta(minutes=1)
        taken(link, request, "20000.00", handled_at=moment.isoformat())
        assert Receipt.objects.get().counts_on == clock.legal_day(moment)


def test_account_numbers_never_stand_in_history(link, case):
    number = bank_card()
    held = frozen(link, case, "1000.00", deposit(link, case, "5000.00", account_number=number))
    request = deduct(link, case, held, "1000.00")
    taken(link, request, "1000.00")
    bodies = b"".join(bytes(event.body) for event in case.events.all())
    assert number.encode() not in bodies
