"""The ledger: what the database itself refuses, and what stays true however acts follow each other."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from enforcement import ledger
from enforcement.claims import claim_account
from enforcement.distribution import live_plan, surplus
from enforcement.engine import Refused
from enforcement.models import Balance, Case, Entry, LedgerAccount, Line, Receipt
from law import clock
from tests.enforcement.cash import arrive, arrive_unidentified, confirmed, decided, ordered, planned
from tests.world import World


def entry_of(case, source, **changes):
    event = case.events.first()
    return Entry.objects.create(
        **(
            {
                "event": event,
                "court": case.court,
                "case": case,
                "at": clock.now(),
                "legal_day": clock.today(),
                "source": source,
                "memo": "试",
            }
            | changes
        )
    )


def line_of(entry, account, amount):
    return Line.objects.create(
        entry=entry, court=entry.court, account=account, case=entry.case, amount=Decimal(amount)
    )


def as_an_act(case, write):
    """Write rows with the guard open, and let the deferred checks run as they do at commit."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case.pk)])
        write()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_the_database_refuses_an_entry_that_does_not_balance(case):
    def write():
        entry = entry_of(case, "a")
        line_of(entry, "1010", "10.00")
        line_of(entry, "2020", "-9.99")

    with pytest.raises(DatabaseError, match="sums to"):
        as_an_act(case, write)


def test_the_database_refuses_an_entry_of_one_line(case):
    with pytest.raises(DatabaseError, match="1 lines"):
        as_an_act(case, lambda: line_of(entry_of(case, "a"), "1010", "10.00"))


def test_the_database_refuses_an_entry_without_lines(case):
    with pytest.raises(DatabaseError, match="0 lines"):
        as_an_act(case, lambda: entry_of(case, "a"))


def test_the_database_refuses_a_line_of_zero(case):
    with pytest.raises(IntegrityError, match="a_line_is_not_zero"):
        as_an_act(case, lambda: line_of(entry_of(case, "a"), "1010", "0.00"))


def test_the_database_refuses_a_second_entry_of_one_source(case):
    arrive_source = "arrive:x"

    def write():
        for _time in range(2):
            entry = entry_of(case, arrive_source)
            line_of(entry, "1010", "10.00")
            line_of(entry, "2020", "-10.00")

    with pytest.raises(IntegrityError, match="source"):
        as_an_act(case, write)


def test_the_database_refuses_a_second_reversal(world, case):
    arrive(world, case, "10.00")
    first = Entry.objects.get()

    def write():
        for number in range(2):
            entry = entry_of(case, f"reverse {number}", reverses=first)
            line_of(entry, "1010", "5.00")
            line_of(entry, "2020", "-5.00")

    with pytest.raises(IntegrityError, match="reverses"):
        as_an_act(case, write)


def test_the_database_refuses_a_balance_below_zero(case):
    def write():
        entry = entry_of(case, "a")
        line_of(entry, "2020", "10.00")
        line_of(entry, "1010", "-10.00")

    with pytest.raises(IntegrityError, match="no_balance_below_zero"):
        as_an_act(case, write)


def test_entries_and_lines_are_written_only_by_acts_and_never_changed(world, case):
    arrive(world, case, "10.00")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', '', true)")
    with pytest.raises(DatabaseError, match="only inside an act"), transaction.atomic():
        entry_of(case, "outside")
    for change in (
        lambda: Line.objects.update(amount=Decimal("1.00")),
        lambda: Line.objects.all().delete(),
        lambda: Entry.objects.update(memo="x"),
    ):
        with pytest.raises(DatabaseError, match=r"append-only|vanishes"):
            as_an_act(case, change)


def test_an_entry_that_does_not_balance_is_a_mistake_of_ours(case):
    with pytest.raises(ValueError, match="does not balance"):
        ledger.post(
            None,  # type: ignore[arg-type]
            source="a",
            memo="",
            lines=[
                (LedgerAccount.BANK, case, None, Decimal("1.00")),
                (LedgerAccount.TO_DISTRIBUTE, case, None, Decimal("-2.00")),
            ],
        )


def test_a_trial_balance_takes_the_same_queries_however_many_entries_there_are(world, case):
    counts = []
    for _time in range(2):
        arrive(world, case, "10.00")
        with CaptureQueriesContext(connection) as queries:
            ledger.trial_balance(world.court)
        counts.append(len(queries))
    assert counts == [1, 1]


class Money(RuleBasedStateMachine):
    """Arrivals, claims, plans, payments, returns, corrections and refunds in any order."""

    world: World  # set by the test, which owns the database

    @initialize()
    def start(self):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.case = self.world.assigned_case()
        self.arrived = Decimal(0)
        self.left = Decimal(0)

    def teardown(self):
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def balance(self, *accounts):
        return sum((row.amount for row in ledger.balances(self.case, accounts)), Decimal(0))

    def attempt(self, action):
        """Do it; a refusal must change nothing."""
        before = {row.pk: row.amount for row in Balance.objects.all()}
        try:
            with transaction.atomic():
                action()
        except Refused:
            assert before == {row.pk: row.amount for row in Balance.objects.all()}
            return False
        return True

    amounts = st.decimals(min_value="0.01", max_value="150000", places=2).map(str)

    @precondition(lambda self: self.case.receipts.count() < 6)
    @rule(amount=amounts)
    def money_arrives(self, amount):
        arrive(self.world, self.case, amount)
        self.arrived += Decimal(amount)

    @precondition(lambda self: self.case.receipts.count() < 6)
    @rule(amount=amounts)
    def unidentified_money_is_claimed(self, amount):
        receipt = arrive_unidentified(self.world, amount)
        self.world.do("money.identify", self.case, "finance", receipt=str(receipt.uid))
        self.arrived += Decimal(amount)

    @precondition(lambda self: self.balance("2020") and not live_plan(self.case.plans.all()))
    @rule(part=st.sampled_from(["1", "0.5"]))
    def a_plan_is_made(self, part):
        amount = (self.balance("2020") * Decimal(part)).quantize(Decimal("0.01")) or Decimal("0.01")
        self.attempt(lambda: planned(self.world, self.case, str(amount)))

    @precondition(lambda self: self.balance("2110", "2120", "2180", "2190"))
    @rule()
    def it_is_ordered(self):
        self.attempt(lambda: ordered(self.world, self.case))

    @precondition(lambda self: self.balance("2410"))
    @rule()
    def the_bank_pays(self):
        self.left += self.balance("2410")
        confirmed(self.world, self.case)

    @precondition(lambda self: self.balance("2410"))
    @rule()
    def the_bank_returns_one(self):
        payment = self.case.payments.filter(state="ordered").earliest("pk")
        self.world.do("money.bounce", self.case, "finance", payment=str(payment.uid), reason="退汇")

    @precondition(lambda self: self.case.receipts.filter(state="identified").count() > 2)
    @rule(act=st.sampled_from(["correct", "return"]))
    def an_arrival_is_taken_back(self, act):
        receipt = self.case.receipts.filter(state="identified").latest("pk")
        if act == "correct":
            done = self.attempt(
                lambda: decided(
                    self.world,
                    "money.correct",
                    self.case,
                    "finance",
                    receipt=str(receipt.uid),
                    mistake="record",
                    reason="误记",
                )
            )
            self.arrived -= receipt.amount if done else 0
        else:
            self.attempt(
                lambda: decided(
                    self.world,
                    "money.refund",
                    self.case,
                    "finance",
                    to="payer",
                    receipt=str(receipt.uid),
                    reason="误汇",
                )
            )

    @precondition(lambda self: surplus(self.case, clock.today()) > 0)
    @rule()
    def what_is_over_goes_back(self):
        self.attempt(
            lambda: decided(self.world, "money.refund", self.case, "finance", to="debtor", reason="多付")
        )

    @precondition(lambda self: self.case.plans.filter(state="approved").exists())
    @rule()
    def the_plan_is_cancelled(self):
        self.attempt(
            lambda: decided(self.world, "money.plan-cancel", self.case, "implementer", reason="重作")
        )

    @invariant()
    def every_entry_and_the_whole_balance(self):
        if not hasattr(self, "case"):
            return
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        trial = ledger.trial_balance(self.world.court)
        assert trial.balanced
        assert trial == ledger.posted_balance(self.world.court)
        assert ledger.trial_balance(self.world.court, self.case).balanced
        assert not Balance.objects.filter(amount__lt=0).exists()

    @invariant()
    def what_arrived_is_here_or_left(self):
        if not hasattr(self, "case"):
            return
        assert self.balance("1010") == self.arrived - self.left
        in_court = sum(
            Receipt.objects.filter(case=self.case, state__in=["identified", "returned"]).values_list(
                "amount", flat=True
            ),
            Decimal(0),
        )
        assert in_court == self.arrived

    @invariant()
    def the_account_and_the_ledger_agree(self):
        if not hasattr(self, "case"):
            return
        case = Case.objects.get(pk=self.case.pk)
        account = claim_account(case, clock.today())
        assert all(use.fee >= 0 and use.to_claims >= 0 and use.surplus >= 0 for use in account.uses)
        assert account.executed + account.fee_charged + account.surplus == case.received
        assert case.deadlines.filter(state="open", kind__in=["task", "wait"]).exists()


@pytest.mark.django_db
def test_money_stays_whole_however_acts_follow_each_other(world):
    Money.world = world
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=4,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
