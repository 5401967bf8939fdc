"""Measures of control: taken, ranked, renewed, lapsed, released and confirmed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from rest_framework.exceptions import ValidationError

from directory.models import Duty, Person
from enforcement import engine
from enforcement.daily import run_due
from enforcement.engine import Refused
from enforcement.engine.effects import Effects
from enforcement.invariants import broken
from enforcement.lapsing import lapse_expired
from enforcement.models import (
    Asset,
    AssetKind,
    DeadlineKind,
    DeadlineState,
    Measure,
    MeasureState,
    Notice,
)
from enforcement.writs import preview_html
from law import clock, terms
from law.calendar import default
from law.counting import add_months
from tests.enforcement.control import OFFICERS, freeze, propose, record, release, running, sister_case, take
from tests.world import bank_card, make_person


# --- taking ---------------------------------------------------------------------------------------
def test_a_freeze_is_proposed_by_the_officer_decided_by_the_judge_and_lasts_a_year(world, case):
    measure = freeze(world, case, "60000.00", kept_for_living="1500.00")
    today = clock.today()
    assert (measure.state, measure.rank, measure.amount) == (MeasureState.IN_FORCE, 1, Decimal("60000.00"))
    assert (measure.proposed_by.username, measure.decided_by.username) == ("implementer", "judge")
    assert (measure.during.lower, measure.last_day) == (today, add_months(today, 12))
    assert "第253条" in measure.basis
    assert measure.remedy == "objection"
    assert measure.ordered_by.act == "measure.freeze-deposit"
    assert set(case.documents.values_list("writ", flat=True)) == {"ruling.freeze", "notice.assist"}
    assert measure.notice == case.documents.get(writ="notice.assist")
    term = case.deadlines.get(rule="control.deposit.term")
    assert (term.kind, term.due_on, term.act) == (DeadlineKind.TERM, measure.last_day, "measure.renew")
    assert (term.subject, term.owner) == (measure.uid, world.implementer)


def test_the_ruling_of_a_measure_is_to_be_served_on_debtor_and_applicant(world, case):
    freeze(world, case)
    assert running(case, "product.serve").count() == 2


def test_a_measure_before_the_notice_opens_three_days_for_the_notice_once(world, case):
    freeze(world, case)
    freeze(world, case)
    notice = running(case, "notice.send.after-measure").get()
    assert (notice.act, notice.starts_on) == ("notice.issue", clock.today())


@pytest.mark.parametrize(
    ("code", "kind", "extra", "months", "writ"),
    [
        ("measure.freeze-right", "equity", {}, 36, "ruling.freeze"),
        ("measure.freeze-right", "other", {}, 36, "ruling.freeze"),
        ("measure.seal", "house", {}, 36, "ruling.seal"),
        ("measure.seal", "land", {}, 36, "ruling.seal"),
        ("measure.seize", "vehicle", {}, 24, "ruling.seal"),
        ("measure.seize", "other", {}, 24, "ruling.seal"),
    ],
)
def test_each_kind_of_asset_has_its_ceiling(world, case, code, kind, extra, months, writ):
    asset = record(world, case, kind, register_number="X1", value="1000.00")
    with pytest.raises((Refused, ValidationError)) as refusal:
        propose(world, code, case, asset, months=months + 1)
    assert "months" in (getattr(refusal.value, "field", "") or getattr(refusal.value, "detail", {}))
    measure = take(world, code, case, asset, **extra)
    assert measure.last_day == add_months(clock.today(), months)
    assert case.documents.filter(writ=writ).exists()
    assert running(case, "disposal.reference.start", subject=asset.uid).exists()


def test_a_shorter_term_is_kept_and_ends_on_the_corresponding_day(world, case):
    assert freeze(world, case, months=3).last_day == add_months(clock.today(), 3)


def test_the_table_of_terms_covers_every_kind_of_asset(db):
    for kind in AssetKind.choices:
        for measure in ("freeze", "seal", "seize"):
            assert terms.most_months(measure, kind[0]) in {12, 24, 36}
    assert terms.last_day(date(2027, 2, 28), 12) == date(2028, 2, 28)
    assert terms.last_day(date(2028, 2, 29), 12) == date(2029, 2, 28)


@pytest.mark.parametrize("officers", ["implementer", "implementer、implementer", "", " ， "])
def test_two_different_officers_carry_a_measure_out(world, case, officers):
    with pytest.raises(ValidationError) as error:
        propose(world, "measure.freeze-deposit", case, record(world, case), amount="1", officers=officers)
    assert "officers" in error.value.detail


def test_a_measure_is_not_in_force_before_its_case_nor_after_today(world, case):
    asset = record(world, case)
    for day in (clock.today() + timedelta(days=1), case.filed_on - timedelta(days=1)):
        with pytest.raises(Refused) as refusal:
            propose(world, "measure.freeze-deposit", case, asset, amount="1", effective_on=day.isoformat())
        assert refusal.value.field == "effective_on"


def test_what_is_restrained_already_is_renewed_and_not_taken_again(world, case):
    measure = freeze(world, case)
    with pytest.raises(Refused) as refusal:
        freeze(world, case, asset=measure.asset)
    assert refusal.value.code == "all-taken"
    record(world, case)
    with pytest.raises(Refused, match="Renew") as refusal:
        freeze(world, case, asset=measure.asset)
    assert refusal.value.code == "held"


def test_no_order_leaves_about_a_debtor_without_a_checked_identity(world):
    case = world.assigned_case(parties=[world.applicant(), world.debtor(identity_number="")])
    with pytest.raises(Refused, match="identity number"):
        propose(world, "measure.freeze-deposit", case, record(world, case), amount="1")


def test_a_measure_is_for_an_assigned_officer_and_its_proposer_does_not_decide(world, case):
    asset = record(world, case)
    with pytest.raises(Refused) as refusal:
        world.do("measure.freeze-deposit", case, "second_implementer", asset=str(asset.uid))
    assert refusal.value.code == "duty"
    proposed = propose(world, "measure.freeze-deposit", case, asset, amount="1.00")
    assert not case.measures.exists()
    with pytest.raises(Refused) as refusal:
        world.approve(proposed, "implementer")
    assert refusal.value.code == "four-eyes"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("measure.freeze-deposit", "No deposit"),
        ("measure.freeze-right", "No equity"),
        ("measure.withhold-wage", "No wage"),
        ("measure.seal", "No house"),
        ("measure.seize", "No vehicle"),
        ("measure.renew", "No measure"),
        ("measure.release", "No measure"),
        ("measure.let-lapse", "No measure"),
        ("measure.move-up", "No measure"),
        ("measure.confirm-release", "No release"),
    ],
)
def test_what_can_not_be_done_yet_is_offered_with_its_reason(world, case, code, words):
    offers = {offer.act.code: offer for offer in engine.offered(case, world.implementer)}
    assert not offers[code].allowed
    assert offers[code].why_not.startswith(words)
    assert offers[code].why_not_basis


def test_the_form_starts_with_the_uncovered_claim_the_balance_and_the_ceiling(world, case):
    asset = record(world, case, value="700.00")
    shown = acting(world, case, "measure.freeze-deposit").initial(case)
    assert (shown["asset"], shown["amount"], shown["months"]) == (asset.uid, Decimal("700.00"), 12)
    assert shown["effective_on"] == clock.today()


def acting(world, case, code):
    """The act as the officer has it before them: nothing typed, nothing done."""
    act = engine.act_named(code)
    run = engine.Run(
        case=case,
        register=None,
        court=case.court,
        actor=world.implementer,
        duty=Duty.IMPLEMENTER,
        at=clock.now(),
        day=clock.today(),
        effects=Effects(event_id=0, at=clock.now(), day=clock.today(), calendar=default()),
    )
    return act(run)


def test_living_costs_are_left_to_people_and_not_to_companies(world, case):
    company = world.assigned_case(parties=[world.applicant(), world.company()])
    with pytest.raises(Refused) as refusal:
        freeze(world, company, kept_for_living="10")
    assert refusal.value.field == "kept_for_living"
    with pytest.raises(Refused, match="nothing is left"):
        freeze(world, case, asset=record(world, case, value="800.00"), kept_for_living="800.00")


def test_a_wage_is_withheld_above_the_minimum_of_debtor_and_dependants(world, case):
    wage = record(world, case, "wage", value="5000.00")
    measure = take(world, "measure.withhold-wage", case, wage, minimum="900.00", dependants="1.5", months=12)
    said = measure.ordered_by.outcome
    assert (said["monthly"], said["kept"]) == ("2,750.00", "2,250.00")
    assert measure.amount == Decimal("33000.00")


def test_a_wage_that_only_feeds_the_family_is_left_alone(world, case):
    wage = record(world, case, "wage", value="1800.00")
    with pytest.raises(Refused, match="does not exceed the minimum") as refusal:
        propose(world, "measure.withhold-wage", case, wage, minimum="900.00", dependants="1")
    assert refusal.value.code == "living-costs"


def test_no_larger_part_of_a_right_is_frozen_than_there_is(world, case):
    equity = record(world, case, "equity", value="1000.00")
    with pytest.raises(Refused, match="worth 1,000.00"):
        propose(world, "measure.freeze-right", case, equity, amount="1000.01")
    assert take(world, "measure.freeze-right", case, equity, amount="400.00").amount == Decimal("400.00")


# --- ranks ----------------------------------------------------------------------------------------
@pytest.fixture
def held_elsewhere(world, case):
    """The same account frozen first by another court, then waiting on this case."""
    number = bank_card()
    other = sister_case(world)
    asset = record_as(world, other, number)
    first = freeze_as(world, other, asset)
    return first, record(world, case, account_number=number)


def record_as(world, other, number):
    done = world.do(
        "asset.record",
        other,
        "sister_implementer",
        owner=str(other.parties.get(role="debtor").uid),
        kind="deposit",
        description="甲户",
        holder="高原某银行",
        account_number=number,
        found_on=clock.today().isoformat(),
        source="网络查控",
    )
    return Asset.objects.get(uid=done.outcome["asset"])


def freeze_as(world, other, asset):
    world.people["sister_judge"] = make_person("sister_judge", world.sister, Duty.ENFORCEMENT_JUDGE)
    proposed = world.do(
        "measure.freeze-deposit",
        other,
        "sister_implementer",
        asset=str(asset.uid),
        amount="100.00",
        effective_on=clock.today().isoformat(),
        officers="甲、乙",
    )
    return Measure.objects.get(uid=world.approve(proposed, "sister_judge").outcome["measure"])


def test_what_another_court_holds_is_waited_for_and_its_case_is_not_named(world, case, held_elsewhere):
    first, mine = held_elsewhere
    with pytest.raises(Refused, match="another court comes first") as refusal:
        freeze(world, case, asset=mine, rank=1)
    assert refusal.value.field == "rank"
    assert first.case.number not in refusal.value.reason
    waiting = freeze(world, case, asset=mine)
    assert (waiting.rank, waiting.state) == (2, MeasureState.WAITING)


def test_a_case_of_the_same_court_that_comes_first_is_named(world, case):
    number = bank_card()
    other = world.assigned_case()
    freeze(world, other, asset=record(world, other, account_number=number))
    with pytest.raises(Refused, match=other.number):
        freeze(world, case, asset=record(world, case, account_number=number), rank=1)


def test_a_waiting_measure_moves_up_when_the_first_is_released_and_its_officer_is_told(world, case):
    number = bank_card()
    other = world.assigned_case()
    first = freeze(world, other, asset=record(world, other, account_number=number))
    waiting = freeze(world, case, asset=record(world, case, account_number=number))
    up = {"measure": str(waiting.uid), "effective_on": clock.today().isoformat()}
    with pytest.raises(Refused, match="still waits"):
        world.do("measure.move-up", case, "implementer", **up)
    release(world, other, first)
    assert Notice.objects.get(code="measure.may-move-up", case=case).person == world.implementer
    world.do("measure.move-up", case, "implementer", **up, months=6)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.rank) == (MeasureState.IN_FORCE, 1)
    assert waiting.last_day == add_months(clock.today(), 6)
    assert running(case, "control.deposit.term").get().due_on == waiting.last_day


# --- renewal and lapse ----------------------------------------------------------------------------
def test_a_renewal_begins_after_the_old_last_day_and_opens_the_new_term(world, case):
    measure = freeze(world, case, months=2)
    old = measure.last_day
    with clock.travel(old):
        proposed = world.do("measure.renew", case, "implementer", measure=str(measure.uid))
        assert measure.during.upper == old + timedelta(days=1)
        world.approve(proposed, "judge")
    measure.refresh_from_db()
    assert measure.last_day == add_months(old, 12)
    assert measure.during.lower == clock.today()
    assert running(case, "control.deposit.term").get().due_on == measure.last_day
    assert case.deadlines.filter(rule="control.deposit.term", state=DeadlineState.MET).count() == 1
    assert case.documents.filter(writ="ruling.renew").count() == 1


def test_a_renewal_keeps_within_the_ceiling(world, case):
    measure = freeze(world, case)
    with pytest.raises(Refused, match="at most 12 months"):
        world.do("measure.renew", case, "implementer", measure=str(measure.uid), months=13)


def test_what_expired_can_not_be_renewed_even_if_it_was_proposed_in_time(world, case):
    measure = freeze(world, case, months=1)
    with clock.travel(measure.last_day):
        proposed = world.do("measure.renew", case, "implementer", measure=str(measure.uid))
    with clock.travel(measure.last_day + timedelta(days=1)):
        with pytest.raises(Refused, match="its effect is gone"):
            world.approve(proposed, "judge")
        with pytest.raises(Refused, match="its effect is gone"):
            world.do("measure.renew", case, "implementer", measure=str(measure.uid))


def test_the_system_lets_expired_measures_lapse_the_day_after_and_tells_the_officer(world, case):
    measure = freeze(world, case, months=1)
    with clock.travel(measure.last_day):
        assert lapse_expired(clock.today())["lapsed"] == 0
    with clock.travel(measure.last_day + timedelta(days=1)):
        assert lapse_expired(clock.today()) == {"lapsed": 1, "refused": {}}
        assert lapse_expired(clock.today())["lapsed"] == 0
    measure.refresh_from_db()
    assert measure.state == MeasureState.LAPSED
    assert not running(case, "control.deposit.term").exists()
    told = Notice.objects.filter(code="measure.lapsed").values_list("person__username", flat=True)
    assert set(told) == {"implementer", "judge"}
    assert case.events.get(act="measure.lapse").actor.kind == "system"


def test_only_the_system_records_a_lapse_and_only_of_what_ended(world, case):
    measure = freeze(world, case)
    with pytest.raises(Refused):
        world.do("measure.lapse", case, "implementer", measure=str(measure.uid))
    with pytest.raises(Refused, match="in force until"):
        world.do("measure.lapse", case, Person.objects.system(), measure=str(measure.uid))


def test_a_lapse_that_was_signed_for_ends_its_warnings_and_surprises_nobody(world, case):
    measure = freeze(world, case, months=1)
    proposed = world.do("measure.let-lapse", case, "implementer", measure=str(measure.uid), reason="余额为零")
    world.approve(proposed, "judge")
    measure.refresh_from_db()
    assert (measure.lapse_reason, measure.state) == ("余额为零", MeasureState.IN_FORCE)
    assert not running(case, "control.deposit.term").exists()
    assert not broken()
    with clock.travel(measure.last_day + timedelta(days=1)):
        lapse_expired(clock.today())
        assert not {"lapsing-measures", "unwatched-measures"} & set(broken())
    assert not Notice.objects.filter(code="measure.lapsed").exists()


def test_the_daily_work_lets_measures_lapse(world, case):
    measure = freeze(world, case, months=1)
    with clock.travel(measure.last_day + timedelta(days=1)):
        run_due()
    measure.refresh_from_db()
    assert measure.state == MeasureState.LAPSED


def test_a_renewal_takes_a_signed_lapse_back(world, case):
    measure = freeze(world, case)
    world.approve(
        world.do("measure.let-lapse", case, "implementer", measure=str(measure.uid), reason="余额为零"),
        "judge",
    )
    world.approve(world.do("measure.renew", case, "implementer", measure=str(measure.uid)), "judge")
    measure.refresh_from_db()
    assert measure.lapse_reason == ""
    assert running(case, "control.deposit.term").exists()


# --- what is shown before it is done --------------------------------------------------------------
def sheets(world, case, code, typed):
    """The writs that what was typed would make, as the form shows them."""
    act = acting(world, case, code)
    form = act.Input(data=typed, context={"case": case})
    assert form.is_valid(), form.errors
    return {
        writ: preview_html(case, writ, day=clock.today(), party=extra.pop("party", None), extra=dict(extra))
        for writ, extra in ((writ, dict(extra)) for writ, extra in act.preview(case, form.validated_data))
    }


def test_the_writs_are_shown_before_a_measure_is_proposed(world, case):
    asset = record(world, case)
    typed = {"asset": str(asset.uid), "amount": "60000", "officers": OFFICERS, "effective_on": clock.today()}
    shown = sheets(world, case, "measure.freeze-deposit", typed)
    assert set(shown) == {"ruling.freeze", "notice.assist"}
    assert "60,000.00" in shown["ruling.freeze"]
    assert asset.account_mask in shown["notice.assist"]
    assert not case.measures.exists()


@pytest.mark.parametrize(
    ("code", "data"), [("measure.renew", {}), ("measure.release", {"ground": "wrong", "reason": "有误"})]
)
def test_the_writs_about_a_measure_are_shown_before_they_are_made(world, case, code, data):
    measure = freeze(world, case)
    shown = sheets(world, case, code, {"measure": str(measure.uid)} | data)
    assert len(shown) == 2
    assert all(measure.asset.description in html for html in shown.values())
