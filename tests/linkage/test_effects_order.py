"""Answers in any order, some of them lost: the state is that of the latest, the money is all that moved."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enforcement import engine, ledger
from enforcement.models import MeasureState
from law import clock
from linkage.models import Lift
from tests.linkage.orders import deposit, freeze, frozen, order
from tests.linkage.test_orders_money import PAYEE

_numbers = count(1)
any_order = settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def some_of(*names: str):
    """Some of the messages, in any order, now and then one twice."""
    return st.permutations([*names, names[0]]).flatmap(
        lambda messages: st.integers(0, len(messages)).map(lambda size: messages[:size])
    )


class Mail:
    """Answers that are sent once and may arrive late, never, or twice."""

    def __init__(self, link):
        self.link, self.letters, self.arrived = link, {}, set()
        self.now = clock.now()

    def write(self, name, request, minutes_ago: int, **answer):
        answer |= {
            "number": f"M-{next(_numbers)}",
            "corrects": True,
            "handled_at": (self.now - timedelta(minutes=minutes_ago)).isoformat(),
        }
        self.letters[name] = (request, answer)

    def deliver(self, name):
        request, answer = self.letters[name]
        if name in self.arrived:
            with pytest.raises(engine.Refused):
                self.link.answer(request, self.link.teller, **answer)
            return
        self.link.answer(request, self.link.teller, **answer)
        self.arrived.add(name)


@any_order
@given(messages=some_of("part", "rest", "second", "released"))
def test_money_is_the_sum_of_what_moved_whatever_comes_first(link, messages):
    case = link.world.assigned_case()
    measure = frozen(link, case, "35000.00", deposit(link, case, "50000.00"))
    wanted = {"asset": str(measure.asset.uid)} | PAYEE
    first = order(link, "request.deduct", case, amount="10000.00", **wanted)[0]
    second = order(link, "request.deduct", case, amount="5000.01", **wanted)[0]
    freezing = measure.requests.get(ordered_by__act="request.freeze-deposit")
    release = order(
        link, "request.lift", case, requests=[str(freezing.uid)], ground="wrong", reason="已核实为案外人财产"
    )[0]
    mail = Mail(link)
    tag = case.pk
    mail.write(
        "part", first, 9, outcome="part", facts={"amount_deducted": "4000.00", "bank_txn_no": f"A{tag}"}
    )
    mail.write("rest", first, 6, facts={"amount_deducted": "6000.00", "bank_txn_no": f"B{tag}"})
    mail.write("second", second, 5, facts={"amount_deducted": "5000.01", "bank_txn_no": f"C{tag}"})
    mail.write("released", release, 1)
    for name in messages:
        mail.deliver(name)
    sums = {"part": Decimal("4000.00"), "rest": Decimal("6000.00"), "second": Decimal("5000.01")}
    moved = sum((sums[name] for name in mail.arrived if name in sums), Decimal("0.00"))
    assert sum((row.amount for row in ledger.balances(case, ["2020"])), Decimal("0.00")) == moved
    first.refresh_from_db()
    latest = "done" if "rest" in mail.arrived else "part" if "part" in mail.arrived else ""
    assert first.outcome == latest
    if {"part", "rest"} <= mail.arrived:
        states = {one.outcome: one.state for one in first.answers.all()}
        assert states == {"part": "superseded", "done": "applied"}
    measure.refresh_from_db()
    assert (measure.release_confirmed_on is not None) == ("released" in mail.arrived)
    assert (Lift.objects.get(case=case).confirmed_on is not None) == ("released" in mail.arrived)


@any_order
@given(messages=some_of("whole", "part", "never"))
def test_a_freeze_is_what_the_latest_answer_says(link, messages):
    case = link.world.assigned_case()
    request = freeze(link, case, "35000.00")
    mail = Mail(link)
    mail.write("whole", request, 9, facts={"amount_frozen": "35000.00"})
    mail.write("part", request, 6, outcome="part", facts={"amount_frozen": "30000.00"})
    mail.write("never", request, 3, outcome="nothing")
    for name in messages:
        mail.deliver(name)
    measure = case.measures.first()
    if "never" in mail.arrived:
        assert measure is None or measure.state == MeasureState.RELEASED
    elif "part" in mail.arrived:
        assert measure.amount == Decimal("30000.00")
    elif "whole" in mail.arrived:
        assert measure.amount == Decimal("35000.00")
    else:
        assert measure is None
