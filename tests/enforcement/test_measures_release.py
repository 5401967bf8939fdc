"""Ending a measure: released for a reason, wholly or in part, and carried out by the holder."""

from datetime import timedelta
from decimal import Decimal

import pytest

from enforcement import engine
from enforcement.claims import outstanding
from enforcement.engine import Refused
from enforcement.models import (
    Document,
    MeasureState,
    ReceiptHow,
)
from law import clock
from tests.enforcement.control import freeze, record, release, running, take


def test_a_release_ends_the_measure_and_stays_open_until_the_holder_carried_it_out(world, case):
    measure = freeze(world, case)
    release(world, case, measure)
    assert (measure.state, measure.released_on) == (MeasureState.RELEASED, clock.today())
    assert measure.released_by == case.events.get(act="measure.release", phase="done")
    assert {"ruling.release", "notice.assist"} <= set(Document.objects.values_list("writ", flat=True))
    assert not running(case, "control.deposit.term").exists()
    task = running(case, "control.release").get()
    assert (task.act, task.due_on, task.subject) == ("measure.confirm-release", clock.today(), measure.uid)
    world.do(
        "measure.confirm-release",
        case,
        "implementer",
        measure=str(measure.uid),
        confirmed_on=clock.today().isoformat(),
        reference="HZ-2026-1",
    )
    measure.refresh_from_db()
    assert measure.release_confirmed_on == clock.today()
    assert not running(case, "control.release").exists()
    offers = {offer.act.code: offer for offer in engine.offered(case, world.implementer)}
    assert not offers["measure.confirm-release"].allowed


def test_a_release_is_not_confirmed_before_it_was_ordered(world, case):
    measure = freeze(world, case)
    release(world, case, measure)
    with pytest.raises(Refused) as refusal:
        world.do(
            "measure.confirm-release",
            case,
            "implementer",
            measure=str(measure.uid),
            confirmed_on=(clock.today() - timedelta(days=1)).isoformat(),
            reference="1",
        )
    assert refusal.value.field == "confirmed_on"


def test_a_released_thing_can_be_restrained_again(world, case):
    measure = freeze(world, case)
    release(world, case, measure)
    assert freeze(world, case, asset=measure.asset).state == MeasureState.IN_FORCE


def test_nothing_is_released_as_paid_while_something_is_owed(world, case):
    measure = freeze(world, case)
    with pytest.raises(Refused, match="still owed"):
        release(world, case, measure, ground="paid")


def test_nothing_is_released_as_excess_where_nothing_exceeds(world, case):
    measure = freeze(world, case)
    with pytest.raises(Refused, match="do not go beyond"):
        release(world, case, measure, ground="excess")


def test_part_of_a_frozen_sum_is_released_and_the_rest_stays(world, case):
    measure = freeze(world, case, "1000.00")
    release(world, case, measure, amount="400.00")
    assert (measure.state, measure.amount) == (MeasureState.IN_FORCE, Decimal("600.00"))
    assert running(case, "control.deposit.term").exists()
    assert running(case, "control.release").get().act == "measure.confirm-release"


@pytest.mark.parametrize("part", ["1000.00", "1000.01"])
def test_a_part_is_less_than_the_whole(world, case, part):
    measure = freeze(world, case, "1000.00")
    with pytest.raises(Refused) as refusal:
        release(world, case, measure, amount=part)
    assert refusal.value.field == "amount"


def test_a_thing_is_not_released_in_part(world, case):
    house = record(world, case, "house", register_number="A1", value="1000.00")
    measure = take(world, "measure.seal", case, house)
    with pytest.raises(Refused, match="Only a frozen sum"):
        release(world, case, measure, amount="1.00")


def test_releasing_the_excess_meets_the_duty_to_release_it(world, case):
    house = record(world, case, "house", register_number="A1", value="100000.00")
    measure = take(world, "measure.seal", case, house)
    world.do("asset.value", case, "implementer", asset=str(house.uid), value="900000", value_source="评估")
    assert running(case, "control.excess.release").exists()
    release(world, case, measure, ground="excess")
    assert not running(case, "control.excess.release").exists()


def test_a_paid_debt_releases_and_forbids_renewal(world, case):
    measure = freeze(world, case)
    world.do(
        "money.receive",
        case,
        "finance",
        payer="旦增乙",
        amount=str(outstanding(case, clock.today())),
        how=ReceiptHow.VOLUNTARY,
        counts_on=clock.today().isoformat(),
        arrived_on=clock.today().isoformat(),
        bank_reference="R1",
    )
    with pytest.raises(Refused, match="Nothing is owed"):
        world.do("measure.renew", case, "implementer", measure=str(measure.uid))
    assert release(world, case, measure, ground="paid").outcome["ground_code"] == "paid"
