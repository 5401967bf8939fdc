"""What the debtor owns: recorded once, sealed, valued."""

from datetime import timedelta

import pytest
from rest_framework.exceptions import ValidationError

from enforcement.engine import Refused
from enforcement.models import Asset, DeadlineState, Event
from law import clock
from tests.enforcement.control import freeze, record, take
from tests.world import bank_card


def test_an_account_number_is_sealed_masked_and_findable_and_never_in_history(world, case):
    number = bank_card()
    asset = record(world, case, account_number=number)
    assert asset.account_number == number
    assert number not in asset.account_mask
    assert asset.account_index is not None
    assert number.encode() not in bytes(Event.objects.get(case=case, act="asset.record").body)


def test_the_same_account_is_recorded_once_on_a_case_however_it_is_spaced(world, case):
    number = bank_card()
    record(world, case, account_number=number)
    spaced = " ".join([number[:4], number[4:8], number[8:]])
    with pytest.raises(Refused, match="already") as refusal:
        record(world, case, account_number=spaced)
    assert refusal.value.field == "account_number"
    assert case.assets.count() == 1


def test_the_same_house_is_recorded_once_however_its_number_is_typed(world, case):
    record(world, case, "house", register_number="540102 001003 gb00001 f00010001")
    with pytest.raises(Refused, match="already"):
        record(world, case, "house", register_number="540102001003GB00001F00010001")


def test_another_case_may_record_the_same_account(world, case):
    number = bank_card()
    record(world, case, account_number=number)
    assert record(world, world.assigned_case(), account_number=number).account_index


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        ("deposit", {"account_number": ""}, "account_number"),
        ("deposit", {"account_number": "123"}, "account_number"),
        ("deposit", {"holder": ""}, "holder"),
        ("wage", {}, "value"),
        ("vehicle", {"is_only_home": True}, "is_only_home"),
        ("house", {"found_on": "2999-01-01"}, "found_on"),
        ("house", {"owner": "6f0d9f0a-7b39-4c6e-9a4e-0b1f4d1a2c3d"}, "owner"),
    ],
)
def test_an_asset_is_refused_with_the_field_that_is_wrong(world, case, kind, changes, field):
    with pytest.raises(ValidationError) as error:
        record(world, case, kind, **changes)
    assert field in error.value.detail
    assert not Asset.objects.exists()


def test_only_a_debtor_owns_an_asset_of_the_case(world, case):
    with pytest.raises(ValidationError) as error:
        record(world, case, "house", owner=str(case.parties.get(role="applicant").uid))
    assert "owner" in error.value.detail


def test_an_officer_without_the_case_records_nothing(world, case):
    with pytest.raises(Refused) as refusal:
        world.do("asset.record", case, "second_implementer")
    assert refusal.value.code == "duty"


def test_a_value_that_shows_an_excess_opens_the_duty_to_release_it(world, case):
    house = record(world, case, "house", register_number="A1", value="100000.00")
    take(world, "measure.seal", case, house)
    world.do("asset.value", case, "implementer", asset=str(house.uid), value="900000", value_source="评估")
    task = case.deadlines.get(rule="control.excess.release")
    assert (task.state, task.act, task.due_on) == (DeadlineState.OPEN, "measure.release", clock.today())


def test_a_value_that_shows_no_excess_any_more_meets_the_duty(world, case):
    house = record(world, case, "house", register_number="A1", value="100000.00")
    take(world, "measure.seal", case, house)
    for value in ("900000", "90000"):
        world.do("asset.value", case, "implementer", asset=str(house.uid), value=value, value_source="评估")
    assert case.deadlines.get(rule="control.excess.release").state == DeadlineState.MET


def test_a_reference_price_meets_the_duty_to_start_pricing_and_an_estimate_does_not(world, case):
    house = record(world, case, "house", register_number="A1", value="100000.00")
    take(world, "measure.seal", case, house)
    pricing = case.deadlines.get(rule="disposal.reference.start")
    assert pricing.due_on >= clock.today() + timedelta(days=30)
    value = {"asset": str(house.uid), "value": "99000", "value_source": "网络询价"}
    world.do("asset.value", case, "implementer", **value)
    pricing.refresh_from_db()
    assert pricing.state == DeadlineState.OPEN
    world.do("asset.value", case, "implementer", **value, is_reference_price=True)
    pricing.refresh_from_db()
    assert pricing.state == DeadlineState.MET


def test_recording_a_value_needs_an_asset(world, case):
    with pytest.raises(ValidationError):
        world.do("asset.value", case, "implementer", value="1")
    freeze(world, case)
    assert (
        world.do(
            "asset.value",
            case,
            "implementer",
            asset=str(case.assets.get().uid),
            value="0",
            value_source="银行回执",
        ).outcome["value"]
        == "0.00"
    )
