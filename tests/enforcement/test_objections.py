"""Objections: received, filed, ruled on by others than those who implement, and what they stop."""

from datetime import timedelta

import pytest
from rest_framework.exceptions import ValidationError

from directory.models import Duty
from enforcement.engine import Refused
from enforcement.models import DeadlineKind, DeadlineState, Notice, Objection, Party
from enforcement.standstill import disposal_is_stopped
from law import case_numbers, clock, deadlines
from tests.enforcement.control import freeze, record, release, take
from tests.world import make_person, return_of_service

PANEL = "reviewer、审判员甲、审判员乙"


@pytest.fixture
def house(world, case):
    """A sealed house of the case, whose disposal has begun to be prepared."""
    asset = record(world, case, "house", register_number="A1", value="100000.00")
    take(world, "measure.seal", case, asset)
    return asset


def receive(world, case, by="clerk", **changes):
    """An objection as it comes in; by default a third party's to the asset given."""
    data = {
        "kind": "third-party",
        "objector": "次仁某",
        "grounds": "该房屋系本人购买并居住。",
        "received_on": clock.today().isoformat(),
    }
    done = world.do("objection.receive", case, by, **(data | changes))
    return Objection.objects.get(uid=done.outcome["objection"])


def against_conduct(world, case, **changes):
    """The debtor's objection to the first measure taken."""
    event = case.events.filter(act__startswith="measure.", phase="done").last()
    debtor = case.parties.get(role="debtor")
    data = {"kind": "conduct", "objector": "", "party": str(debtor.uid), "against": str(event.uid)}
    return receive(world, case, **(data | changes))


def file(world, case, objection):
    world.do("objection.file", case, "clerk", objection=str(objection.uid))
    objection.refresh_from_db()
    return objection


def rule(world, case, objection, outcome="rejected", **changes):
    data = {"objection": str(objection.uid), "outcome": outcome, "ruling": "经审查，……", "panel": PANEL}
    done = world.do("objection.decide", case, "reviewer", **(data | changes))
    objection.refresh_from_db()
    return done


def serve(world, case, objection, party):
    """Serve the ruling on an objection on a party today."""
    day = clock.today().isoformat()
    document = case.documents.get(writ="ruling.objection", number=objection.number)
    world.do(
        "service.record",
        case,
        "implementer",
        document=str(document.uid),
        party=str(party.uid),
        method="direct",
        state="served",
        sent_on=day,
        served_on=day,
        received_by=party.name,
        proof=return_of_service(),
    )
    objection.refresh_from_db()


def running(case, rule, **which):
    return case.deadlines.filter(rule=rule, state=DeadlineState.OPEN, **which)


# --- receiving and filing -------------------------------------------------------------------------
def test_a_third_partys_objection_stops_disposal_at_once_and_is_filed_within_three_days(world, case, house):
    objection = receive(world, case, asset=str(house.uid))
    assert disposal_is_stopped(house) == objection
    assert not running(case, "disposal.reference.start").exists()
    task = running(case, "objection.file").get()
    assert (task.duty, task.act, task.subject) == (Duty.FILING_CLERK, "objection.file", objection.uid)
    assert objection.party == Party.objects.get(case=case, role="third", name="次仁某")
    assert Notice.objects.get(code="objection.received").person == world.implementer


def test_an_objection_to_one_thing_leaves_the_others_to_be_disposed_of(world, case, house):
    car = record(world, case, "vehicle", register_number="藏A00000", value="9000")
    receive(world, case, asset=str(house.uid))
    assert disposal_is_stopped(car) is None


def test_an_objection_to_conduct_stops_nothing(world, case, house):
    objection = against_conduct(world, case)
    assert objection.asset == house
    assert disposal_is_stopped(house) is None
    assert running(case, "disposal.reference.start").exists()


def test_a_filed_objection_has_its_own_number_and_fifteen_days_from_receipt(world, case, house):
    objection = receive(world, case, asset=str(house.uid))
    received = objection.received_on
    with clock.travel(received + timedelta(days=2)):
        file(world, case, objection)
    number = case_numbers.parse(objection.number)
    assert (number.type_code, number.court_code, number.serial) == ("执异", case.court.code, 1)
    task = running(case, "third.decide").get()
    assert (task.duty, task.starts_on) == (Duty.REVIEWING_JUDGE, received)
    assert not running(case, "objection.file").exists()
    assert running(case, "objection.notify").get().act == "objection.notify"
    second = file(world, case, against_conduct(world, case))
    assert case_numbers.parse(second.number).serial == 2
    assert running(case, "objection.decide", subject=second.uid).exists()


def test_telling_the_parties_of_the_filing_meets_its_three_days(world, case, house):
    objection = file(world, case, receive(world, case, asset=str(house.uid)))
    told = {"objection": str(objection.uid), "how": "电话"}
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    with pytest.raises(Refused) as refusal:
        world.do("objection.notify", case, "clerk", **told, notified_on=tomorrow)
    assert refusal.value.field == "notified_on"
    world.do("objection.notify", case, "clerk", **told, notified_on=clock.today().isoformat())
    assert not running(case, "objection.notify").exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"objector": ""}, "objector"),
        ({"kind": "conduct"}, "against"),
        ({}, "asset"),
        ({"received_on": "2999-01-01"}, "received_on"),
    ],
)
def test_an_objection_without_objector_object_or_act_is_refused(world, case, house, changes, field):
    with pytest.raises(ValidationError) as error:
        receive(world, case, **changes)
    assert field in error.value.detail
    assert not Objection.objects.exists()


def test_the_debtor_is_no_third_party(world, case, house):
    debtor = case.parties.get(role="debtor")
    with pytest.raises(ValidationError) as error:
        receive(world, case, asset=str(house.uid), objector="", party=str(debtor.uid))
    assert "party" in error.value.detail


def test_an_act_of_another_case_can_not_be_objected_to_here(world, case, house):
    other = world.assigned_case()
    freeze(world, other)
    foreign = other.events.get(act="measure.freeze-deposit", phase="done")
    with pytest.raises(Refused, match="No such act"):
        against_conduct(world, case, against=str(foreign.uid))


def test_an_objection_older_than_the_case_is_refused(world, case, house):
    before = (case.filed_on - timedelta(days=1)).isoformat()
    with pytest.raises(Refused, match="nothing to object to"):
        receive(world, case, asset=str(house.uid), received_on=before)


def test_a_rejected_objection_can_not_be_raised_again(world, case, house):
    rule(world, case, file(world, case, receive(world, case, asset=str(house.uid))))
    with pytest.raises(Refused, match="raised again") as refusal:
        receive(world, case, asset=str(house.uid))
    assert refusal.value.code == "repeated"
    receive(world, case, asset=str(house.uid), objector="另一人")


# --- ruling ---------------------------------------------------------------------------------------
def test_whoever_took_part_in_implementing_does_not_sit_on_the_panel(world, case, house):
    objection = file(world, case, receive(world, case, asset=str(house.uid)))
    for name in ("judge", "implementer"):
        with pytest.raises(Refused, match="can't review it") as refusal:
            rule(world, case, objection, panel=f"reviewer、审判员甲、{name}")
        assert refusal.value.field == "panel"


def test_whoever_implements_the_case_does_not_rule_even_with_the_duty_to_review(world, case, house):
    objection = file(world, case, receive(world, case, asset=str(house.uid)))
    both = make_person("both", world.court, Duty.ENFORCEMENT_JUDGE, Duty.REVIEWING_JUDGE)
    freeze(world, case, decider=both)
    with pytest.raises(Refused) as refusal:
        world.do("objection.decide", case, both, objection=str(objection.uid))
    assert refusal.value.code == "separation"


@pytest.mark.parametrize("panel", ["reviewer", "reviewer、审判员甲", "reviewer、审判员甲、审判员甲"])
def test_a_panel_has_three_different_members(world, case, house, panel):
    objection = file(world, case, receive(world, case, asset=str(house.uid)))
    with pytest.raises(ValidationError) as error:
        rule(world, case, objection, panel=panel)
    assert "panel" in error.value.detail


def test_the_ruling_judge_is_on_the_panel(world, case, house):
    objection = file(world, case, receive(world, case, asset=str(house.uid)))
    with pytest.raises(Refused, match="name yourself"):
        rule(world, case, objection, panel="审判员甲、审判员乙、审判员丙")


def test_an_objection_that_is_not_filed_is_not_ruled_on(world, case, house):
    objection = receive(world, case, asset=str(house.uid))
    with pytest.raises(ValidationError):
        rule(world, case, objection)


def test_after_a_rejection_disposal_waits_until_fifteen_days_after_service(world, case, house):
    objection = file(world, case, receive(world, case, asset=str(house.uid)))
    rule(world, case, objection)
    assert case.documents.get(writ="ruling.objection").number == objection.number
    assert not running(case, "third.decide").exists()
    assert disposal_is_stopped(house) == objection, "not served yet: no period has begun to run"
    served = clock.today() + timedelta(days=3)
    with clock.travel(served):
        serve(world, case, objection, objection.party)
        last = deadlines.rule("third.standstill").due(served).day
        assert objection.stops_until == last
        wait = running(case, "third.sue").get()
        assert (wait.kind, wait.starts_on) == (DeadlineKind.WAIT, served)
        assert running(case, "disposal.reference.start").get().starts_on == last
    with clock.travel(last):
        assert disposal_is_stopped(house) == objection
    with clock.travel(last + timedelta(days=1)):
        assert disposal_is_stopped(house) is None


def test_an_upheld_third_party_stops_the_object_and_leads_to_its_release(world, case, house):
    objection = file(world, case, receive(world, case, asset=str(house.uid)))
    rule(world, case, objection, "upheld")
    task = running(case, "third.release").get()
    measure = house.measures.get()
    sue = running(case, "third.sue").get()
    assert (task.act, task.subject, task.starts_on) == ("measure.release", measure.uid, sue.due_on)
    served = clock.today() + timedelta(days=2)
    with clock.travel(served):
        serve(world, case, objection, case.parties.get(role="applicant"))
    assert running(case, "third.sue").get().starts_on == served
    assert running(case, "third.release").get().starts_on == running(case, "third.sue").get().due_on
    with clock.travel(clock.today() + timedelta(days=400)):
        assert disposal_is_stopped(house) == objection
    release(world, case, measure, ground="objection")
    assert not running(case, "third.release").exists()


def test_an_upheld_objection_to_conduct_is_undone_at_once(world, case, house):
    objection = file(world, case, against_conduct(world, case))
    rule(world, case, objection, "upheld")
    task = running(case, "control.release").get()
    assert (task.act, task.due_on) == ("measure.release", clock.today())
    assert running(case, "reconsider.apply").get().kind == DeadlineKind.WAIT


def test_an_upheld_objection_to_frozen_equity_is_undone_within_seven_days(world, case):
    equity = record(world, case, "equity", value="1000.00")
    take(world, "measure.freeze-right", case, equity)
    objection = file(world, case, against_conduct(world, case))
    rule(world, case, objection, "upheld")
    assert running(case, "control.equity-excess.release").exists()


# --- guarantees -----------------------------------------------------------------------------------
def test_a_full_guarantee_stops_disposal_and_the_ruling_ends_that(world, case, house):
    objection = file(world, case, against_conduct(world, case))
    accepted = {"objection": str(objection.uid), "guarantee": "银行保函"}
    with pytest.raises(Refused, match="Nothing is stopped"):
        world.do("objection.guarantee", case, "reviewer", **accepted, effect="go-on")
    world.do("objection.guarantee", case, "reviewer", **accepted, effect="stop")
    assert disposal_is_stopped(house) == objection
    rule(world, case, objection)
    assert disposal_is_stopped(house) is None


def test_the_applicants_guarantee_lets_enforcement_go_on(world, case, house):
    objection = file(world, case, receive(world, case, asset=str(house.uid)))
    world.do(
        "objection.guarantee",
        case,
        "reviewer",
        objection=str(objection.uid),
        guarantee="申请执行人保函",
        effect="go-on",
    )
    assert disposal_is_stopped(house) is None
    assert running(case, "disposal.reference.start").exists()


# --- withdrawal and what follows ------------------------------------------------------------------
def test_a_withdrawn_objection_stops_nothing_any_more(world, case, house):
    objection = receive(world, case, asset=str(house.uid))
    world.do("objection.withdraw", case, "clerk", objection=str(objection.uid), reason="自愿撤回")
    assert disposal_is_stopped(house) is None
    assert not running(case, "objection.file").exists()
    assert running(case, "disposal.reference.start").get().starts_on == clock.today()


def test_while_another_objection_stops_the_object_its_periods_stay_stopped(world, case, house):
    first = receive(world, case, asset=str(house.uid))
    second = receive(world, case, asset=str(house.uid), objector="另一人")
    world.do("objection.withdraw", case, "clerk", objection=str(first.uid), reason="自愿撤回")
    assert disposal_is_stopped(house) == second
    assert not running(case, "disposal.reference.start").exists()
    world.do("objection.withdraw", case, "clerk", objection=str(second.uid), reason="自愿撤回")
    assert running(case, "disposal.reference.start").count() == 1


def test_once_under_review_only_the_reviewing_judge_lets_it_be_withdrawn(world, case, house):
    objection = file(world, case, receive(world, case, asset=str(house.uid)))
    why = {"objection": str(objection.uid), "reason": "自愿撤回"}
    with pytest.raises(Refused, match="reviewing judge"):
        world.do("objection.withdraw", case, "clerk", **why)
    world.do("objection.withdraw", case, "reviewer", **why)
    assert not running(case, "third.decide").exists()
    assert not running(case, "objection.notify").exists()


def test_an_action_stops_disposal_until_it_ended(world, case, house):
    objection = file(world, case, receive(world, case, asset=str(house.uid)))
    rule(world, case, objection)
    serve(world, case, objection, objection.party)
    today, later = clock.today(), clock.today() + timedelta(days=40)
    followed = {"objection": str(objection.uid), "reference": "（2026）藏0102民初18号"}
    world.do("objection.record-remedy", case, "implementer", **followed, what="action", on=str(today))
    with clock.travel(later):
        assert disposal_is_stopped(house) == objection
        world.do("objection.record-remedy", case, "implementer", **followed, what="permits", on=str(later))
        assert disposal_is_stopped(house) is None


def test_a_judgment_for_the_objector_leads_to_the_release(world, case, house):
    objection = file(world, case, receive(world, case, asset=str(house.uid)))
    rule(world, case, objection)
    followed = {"objection": str(objection.uid), "reference": "（2026）藏0102民初18号"}
    on = clock.today().isoformat()
    world.do("objection.record-remedy", case, "implementer", **followed, what="bars", on=on)
    assert disposal_is_stopped(house) == objection
    assert running(case, "control.release").get().act == "measure.release"


def test_a_period_is_not_unused_while_it_runs(world, case, house):
    objection = file(world, case, against_conduct(world, case))
    rule(world, case, objection)
    nothing = {"objection": str(objection.uid), "what": "none"}
    with pytest.raises(Refused, match="can still be used"):
        world.do("objection.record-remedy", case, "implementer", **nothing, on=str(clock.today()))
    with clock.travel(clock.today() + timedelta(days=30)):
        world.do("objection.record-remedy", case, "implementer", **nothing, on=str(clock.today()))
    assert not running(case, "reconsider.apply").exists()


def test_conduct_goes_to_reconsideration_and_objects_to_court(world, case, house):
    objection = file(world, case, against_conduct(world, case))
    rule(world, case, objection)
    followed = {"objection": str(objection.uid), "on": str(clock.today()), "reference": "X"}
    with pytest.raises(Refused, match="reconsideration is asked for"):
        world.do("objection.record-remedy", case, "implementer", **followed, what="action")
    unnamed = followed | {"what": "reconsideration", "reference": ""}
    with pytest.raises(Refused, match="Write the number"):
        world.do("objection.record-remedy", case, "implementer", **unnamed)
    world.do("objection.record-remedy", case, "implementer", **followed, what="reconsideration")
    assert running(case, "reconsider.decide").get().kind == DeadlineKind.WAIT
