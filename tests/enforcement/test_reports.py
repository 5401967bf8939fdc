"""The debtor's property report."""

from datetime import timedelta

import pytest

from enforcement import engine
from enforcement.models import Asset, DeadlineState
from law import clock
from tests.world import return_of_service


@pytest.fixture
def ordered(world, case):
    """A case whose debtor was served with the order today and has ten days."""
    world.do("notice.issue", case, "implementer", report_days=10, contact="0891-0000000")
    serve_order(world, case)
    return case


def serve_order(world, case):
    from tests.enforcement.test_service import record

    record(world, case)


def debtor(case):
    return next(party for party in case.parties.all() if party.is_debtor)


def report(world, case, **data):
    return world.do(
        "report.record",
        case,
        "implementer",
        **{"party": str(debtor(case).uid), "result": "arrived", "received_on": clock.today().isoformat()}
        | data,
    )


def after_the_period(case):
    return clock.travel(case.deadlines.get(rule="report.submit").due_on + timedelta(days=1))


def test_a_report_meets_the_period_and_is_to_be_verified(world, ordered):
    done = report(
        world,
        ordered,
        declared=[{"kind": "vehicle", "description": "货车一辆", "value": "60000.00"}],
    )
    assert ordered.deadlines.get(rule="report.submit").state == DeadlineState.MET
    task = ordered.deadlines.get(rule="product.verify-report", state=DeadlineState.OPEN)
    assert task.subject == debtor(ordered).uid
    assert not done.outcome["late"]
    assert done.outcome["declared"][0]["value"] == "60000.00"
    assert done.outcome["offers"] == ["asset.record"]
    assert not Asset.objects.filter(case=ordered).exists()


def test_the_report_itself_is_kept(world, ordered):
    done = report(world, ordered, report=return_of_service())
    assert done.outcome["report"] == ordered.files.get(sha256=done.outcome["report"]).sha256


def test_a_late_report_is_marked(world, ordered):
    with after_the_period(ordered):
        assert report(world, ordered).outcome["late"]


def test_silence_after_the_period_asks_for_a_decision_on_penalty(world, ordered):
    with after_the_period(ordered):
        report(world, ordered, result="not-arrived", received_on=None)
    task = ordered.deadlines.get(rule="product.report-penalty", state=DeadlineState.OPEN)
    assert task.owner == world.implementer
    assert not task.definition.verified
    key = f"product.report-penalty {debtor(ordered).uid}"
    world.do("case.record-step", ordered, "implementer", task=key, decision="提请罚款五千元")
    task.refresh_from_db()
    assert task.state == DeadlineState.MET


def test_nobody_is_in_default_before_the_last_day_has_passed(world, ordered):
    last = ordered.deadlines.get(rule="report.submit").due_on
    with clock.travel(last), pytest.raises(engine.Refused, match="may report until") as refusal:
        report(world, ordered, result="not-arrived", received_on=None)
    assert refusal.value.code == "running"


def test_nobody_is_in_default_of_an_order_they_never_got(world, case):
    world.do("notice.issue", case, "implementer", report_days=10, contact="0891-0000000")
    for result in ("not-arrived", "false"):
        with pytest.raises(engine.Refused, match="not been served") as refusal:
            report(world, case, result=result, received_on=None, remarks="隐瞒车辆")
        assert refusal.value.code == "not-served"


def test_without_an_order_there_is_nothing_to_report(world, case):
    with pytest.raises(engine.Refused) as refusal:
        report(world, case)
    assert refusal.value.code == "no-order"


def test_a_false_report_says_what_is_false(world, ordered):
    with pytest.raises(engine.Refused) as refusal:
        report(world, ordered, result="false")
    assert refusal.value.field == "remarks"
    report(world, ordered, result="false", remarks="隐瞒某银行账户")
    assert ordered.deadlines.filter(rule="product.report-penalty", state=DeadlineState.OPEN).exists()


def test_a_report_found_false_later_replaces_the_task_to_verify_it(world, ordered):
    report(world, ordered)
    report(world, ordered, result="false", received_on=None, remarks="隐瞒某银行账户")
    assert ordered.deadlines.get(rule="product.verify-report").state == DeadlineState.STOPPED


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"received_on": None}, "received_on"),
        ({"received_on": "2099-01-01"}, "received_on"),
    ],
)
def test_a_report_has_its_day(world, ordered, data, field):
    with pytest.raises(engine.Refused) as refusal:
        report(world, ordered, **data)
    assert refusal.value.field == field


def test_what_did_not_arrive_declares_nothing(world, ordered):
    with after_the_period(ordered), pytest.raises(engine.Refused) as refusal:
        report(world, ordered, result="not-arrived")
    assert refusal.value.code == "contradiction"


def test_a_creditor_does_not_report(world, ordered):
    from rest_framework.exceptions import ValidationError

    applicant = ordered.parties.get(role="applicant")
    with pytest.raises(ValidationError) as error:
        report(world, ordered, party=str(applicant.uid))
    assert "party" in error.value.detail
