"""Waiting, recording decisions, extending the time limit, and due days as a function of their facts."""

from datetime import timedelta

import pytest

from directory.models import Duty, LocalDay
from enforcement import engine
from enforcement.acts.procedure import recompute_open_deadlines, resume_expired_waits
from enforcement.engine.effects import recount
from enforcement.engine.opening import calendar_of
from enforcement.models import DeadlineKind, DeadlineState, Event, Notice
from law import clock
from law.deadlines import rule
from tests.world import set_up


def in_days(number):
    return clock.today() + timedelta(days=number)


def running(case, code):
    return case.deadlines.get(rule=code, state=DeadlineState.OPEN)


def is_moving(case):
    """Whether somebody has to do something, or waits for somebody, on an open case."""
    kinds = (DeadlineKind.TASK, DeadlineKind.WAIT)
    return case.deadlines.filter(state=DeadlineState.OPEN, kind__in=kinds).exists()


# --- waiting --------------------------------------------------------------------------------------


def test_a_wait_has_its_day_and_its_reason(world, case):
    world.do("case.wait", case, "implementer", until=in_days(40).isoformat(), reason="等待评估机构出具报告")
    wait = running(case, "product.wait")
    assert wait.kind == DeadlineKind.WAIT
    assert wait.due_on == in_days(40)
    assert wait.reason == "等待评估机构出具报告"
    assert wait.owner == world.implementer


def test_a_wait_moves_no_period_of_the_law(world, case):
    before = {deadline.rule: deadline.due_on for deadline in case.deadlines.all()}
    world.do("case.wait", case, "implementer", until=in_days(40).isoformat(), reason="等待评估机构出具报告")
    after = {deadline.rule: deadline.due_on for deadline in case.deadlines.exclude(rule="product.wait")}
    assert after == before


def test_a_second_wait_takes_the_place_of_the_first(world, case):
    for days in (20, 30):
        world.do("case.wait", case, "implementer", until=in_days(days).isoformat(), reason="等待评估报告")
    assert running(case, "product.wait").due_on == in_days(30)
    assert case.deadlines.filter(rule="product.wait", state=DeadlineState.STOPPED).count() == 1


@pytest.mark.parametrize(("days", "code"), [(0, "past"), (-3, "past"), (181, "too-long")])
def test_a_wait_ends_within_half_a_year(world, case, days, code):
    with pytest.raises(engine.Refused) as refusal:
        world.do("case.wait", case, "implementer", until=in_days(days).isoformat(), reason="等待评估报告")
    assert (refusal.value.code, refusal.value.field) == (code, "until")
    assert not case.deadlines.filter(rule="product.wait").exists()


def test_the_longest_wait_is_allowed(world, case):
    world.do("case.wait", case, "implementer", until=in_days(180).isoformat(), reason="等待评估报告")
    assert running(case, "product.wait").due_on == in_days(180)


def test_when_the_day_has_passed_the_clock_opens_the_next_step(world, case):
    world.do("case.wait", case, "implementer", until=in_days(10).isoformat(), reason="等待评估报告")
    assert resume_expired_waits() == 0
    with clock.travel(in_days(10)):
        assert resume_expired_waits() == 0
    with clock.travel(in_days(11)):
        assert resume_expired_waits() == 1
        assert resume_expired_waits() == 0
    step = running(case, "product.next-step")
    assert (step.kind, step.owner) == (DeadlineKind.TASK, world.implementer)
    assert Event.objects.filter(case=case, act="case.resume").get().actor.username == "system"


def test_the_officer_ends_a_wait_early(world, case):
    world.do("case.wait", case, "implementer", until=in_days(10).isoformat(), reason="等待评估报告")
    world.do("case.resume", case, "implementer")
    assert case.deadlines.get(rule="product.wait").state == DeadlineState.MET
    assert running(case, "product.next-step")


def test_what_does_not_wait_cannot_be_resumed(world, case):
    with pytest.raises(engine.Refused) as refusal:
        world.do("case.resume", case, "implementer")
    assert refusal.value.code == "no-wait"


# --- decisions on file ----------------------------------------------------------------------------


def test_a_recorded_decision_closes_its_task_and_leaves_the_case_moving(world, case):
    world.do("case.wait", case, "implementer", until=in_days(10).isoformat(), reason="等待评估报告")
    world.do("case.resume", case, "implementer")
    first = running(case, "product.next-step")
    world.do("case.record-step", case, "implementer", task="product.next-step", decision="向登记机构调查")
    first.refresh_from_db()
    assert first.state == DeadlineState.MET
    assert is_moving(case)


def test_only_an_open_task_is_settled(world, case):
    with pytest.raises(engine.Refused) as refusal:
        world.do("case.record-step", case, "implementer", task="notice.send", decision="向登记机构调查")
    assert refusal.value.code == "no-task"


def test_closing_the_last_task_of_an_open_case_opens_the_next_step(world, case):
    from enforcement.engine import Act, ActInput
    from law.citations import CPL

    class CloseEverything(Act):
        code = ""
        title = "close"
        basis = (CPL.art(239),)
        by = frozenset({Duty.IMPLEMENTER})
        Input = ActInput

        def perform(self, case, data):
            self.effects.stop_all(case)
            return {}

    CloseEverything.code = "test.close-everything"
    engine.do(CloseEverything, case, world.implementer, {})
    step = running(case, "product.next-step")
    assert step.owner == world.implementer
    assert step.act == "case.record-step"


# --- extension ------------------------------------------------------------------------------------


def test_the_president_extends_the_limit_from_its_last_day(world, case):
    limit = running(case, "closing.limit")
    proposal = world.do("case.extend", case, "implementer", months=2, reason="案情复杂,财产分散")
    assert running(case, "closing.limit") == limit
    world.approve(proposal, "president")
    extended = running(case, "closing.extend")
    assert extended.kind == DeadlineKind.LIMIT
    assert extended.starts_on == limit.due_on
    assert extended.due_on == rule("closing.extend").due(limit.due_on, length=2).day
    limit.refresh_from_db()
    assert limit.state == DeadlineState.STOPPED


def test_the_head_does_not_extend_the_limit(world, case):
    proposal = world.do("case.extend", case, "implementer", reason="案情复杂,财产分散")
    with pytest.raises(engine.Refused) as refusal:
        world.approve(proposal, "head")
    assert refusal.value.code == "duty"


def test_a_further_extension_is_filed_with_the_high_court(world, case):
    world.approve(world.do("case.extend", case, "implementer", reason="案情复杂,财产分散"), "president")
    with pytest.raises(engine.Refused, match="high court") as refusal:
        world.do("case.extend", case, "implementer", reason="评估尚未完成")
    assert refusal.value.field == "filed_with_high_court_on"
    with pytest.raises(engine.Refused) as refusal:
        world.do(
            "case.extend",
            case,
            "implementer",
            reason="评估尚未完成",
            filed_with_high_court_on=in_days(1).isoformat(),
        )
    assert refusal.value.code == "future"
    again = world.do(
        "case.extend",
        case,
        "implementer",
        reason="评估尚未完成",
        filed_with_high_court_on=clock.today().isoformat(),
    )
    world.approve(again, "president")
    assert case.deadlines.filter(rule="closing.extend", state=DeadlineState.OPEN).count() == 1


def test_a_limit_that_ended_is_not_extended_and_not_by_a_late_decision_either(world, case):
    proposal = world.do("case.extend", case, "implementer", reason="案情复杂,财产分散")
    limit = running(case, "closing.limit")
    with clock.travel(limit.due_on + timedelta(days=1)):
        with pytest.raises(engine.Refused, match="before it ends") as refusal:
            world.approve(proposal, "president")
        assert refusal.value.code == "ended"
        with pytest.raises(engine.Refused):
            world.do("case.extend", case, "implementer", reason="案情复杂,财产分散")


def test_an_application_in_the_last_ten_days_is_marked_late(world, case):
    limit = running(case, "closing.limit")
    with clock.travel(limit.due_on - timedelta(days=5)):
        done = world.approve(world.do("case.extend", case, "implementer", reason="案情复杂"), "president")
    assert done.outcome["late"]


# --- due days are recomputed ----------------------------------------------------------------------


def suspend(case, actor, **stretch):
    from enforcement.engine import Act, ActInput
    from law.citations import CPL

    class Suspend(Act):
        code = ""
        title = "suspend"
        basis = (CPL.art(239),)
        by = frozenset({Duty.IMPLEMENTER})
        Input = ActInput

        def perform(self, case, data):
            self.effects.suspend(case, *stretch.pop("rules", ["closing.limit"]), **stretch)
            return {}

    Suspend.code = "test.suspend"
    engine.do(Suspend, case, actor, {})


def test_a_stop_moves_the_limit_by_recomputing_it(world, case):
    limit = running(case, "closing.limit")
    first, last = in_days(5), in_days(34)
    suspend(case, world.implementer, first=first, last=last, cause="notice A")
    expected = rule("closing.limit").due(limit.starts_on, suspensions=[(first, last)]).day
    limit.refresh_from_db()
    assert limit.due_on == expected
    assert limit.alert_on is not None


def test_two_stops_at_the_same_time_count_their_days_once(world, case):
    limit = running(case, "closing.limit")
    suspend(case, world.implementer, first=in_days(5), last=in_days(34), cause="notice A")
    limit.refresh_from_db()
    once = limit.due_on
    suspend(case, world.implementer, first=in_days(5), last=in_days(34), cause="notice B")
    suspend(case, world.implementer, first=in_days(10), last=in_days(20), cause="appraisal")
    limit.refresh_from_db()
    assert limit.due_on == once
    assert len(limit.suspensions) == 3


def test_a_stop_that_ended_early_is_shortened_and_an_empty_one_taken_back(world, case):
    limit = running(case, "closing.limit")
    plain = limit.due_on
    suspend(case, world.implementer, first=in_days(5), last=in_days(34), cause="notice A")
    suspend(case, world.implementer, first=in_days(5), last=in_days(14), cause="notice A")
    limit.refresh_from_db()
    assert (
        limit.due_on
        == rule("closing.limit").due(limit.starts_on, suspensions=[(in_days(5), in_days(14))]).day
    )
    suspend(case, world.implementer, first=in_days(5), last=in_days(4), cause="notice A")
    limit.refresh_from_db()
    assert (limit.due_on, limit.suspensions) == (plain, [])


def test_what_the_law_does_not_suspend_runs_on(world, case):
    with pytest.raises(ValueError, match="Nothing suspends"):
        suspend(case, world.implementer, first=in_days(5), last=in_days(9), cause="x", rules=["notice.send"])


def test_a_day_a_writ_names_is_not_reckoned_anew(world, case):
    deadline = running(case, "closing.limit")
    deadline.calendar_version = ""
    deadline.due_on = in_days(3)
    assert not recount(deadline, calendar_of(case.court), clock.today())
    assert deadline.due_on == in_days(3)


def test_a_new_local_day_off_moves_the_deadlines_that_end_on_it(world, case):
    notice = running(case, "notice.send")
    set_up(
        lambda: LocalDay.objects.create(court=world.high, day=notice.due_on, is_workday=False, name="雪顿节")
    )
    other_court = world.sister
    assert recompute_open_deadlines(other_court) == 0
    assert recompute_open_deadlines(world.high) == 1
    moved = running(case, "notice.send")
    assert moved.due_on == calendar_of(case.court).next_workday(notice.due_on + timedelta(days=1))
    assert "local" in moved.calendar_version
    event = Event.objects.get(case=case, act="case.recount-deadlines")
    assert event.outcome["moved"] == [
        {"rule": "notice.send", "from": notice.due_on.isoformat(), "to": moved.due_on.isoformat()}
    ]
    assert Notice.objects.filter(person=world.implementer, code="deadline.moved").exists()
    assert recompute_open_deadlines(world.high) == 0
