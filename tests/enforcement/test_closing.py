"""Closing a performed case: computed conditions, what blocks, and that nothing runs afterwards."""

import pytest

from enforcement.claims import amount_to_be_free
from enforcement.engine import Refused
from enforcement.models import Case, DeadlineState, Stage
from enforcement.queries.closing import closing_checklist, unmet
from law import clock
from law.closings import closing
from tests.enforcement.cash import arrive, confirmed, day, decided, noticed, ordered, planned


def fresh(case):
    return Case.objects.get(pk=case.pk)


def red(case, way="done.full"):
    return [condition.code for condition in unmet(closing_checklist(fresh(case), way))]


@pytest.fixture
def performed(world, case):
    """Everything owed arrived and was paid out; all writs are served."""
    noticed(world, case)
    arrive(world, case, str(amount_to_be_free(fresh(case), clock.today()).total))
    planned(world, case)
    ordered(world, case)
    confirmed(world, case)
    return case


def test_the_checklist_tells_what_is_missing_and_what_mends_it(world, case):
    found = {condition.code: condition for condition in closing_checklist(fresh(case))}
    assert not found["claim"].met
    assert found["claim"].cure_act == "money.receive"
    assert "is owed to the creditors" in found["claim"].detail
    assert found["measures"].met
    assert red(case) == ["claim", "fee"]


def test_each_step_of_the_money_turns_one_condition_green(world, case):
    noticed(world, case)
    arrive(world, case, str(amount_to_be_free(fresh(case), clock.today()).total))
    assert red(case) == ["money"]
    planned(world, case)
    assert red(case) == ["money"]
    ordered(world, case)
    assert red(case) == ["money", "payments"]
    confirmed(world, case)
    assert red(case) == []


def test_a_performed_case_closes_and_nothing_runs_any_more(world, performed):
    assert performed.deadlines.filter(act="case.close-performed", state=DeadlineState.OPEN).exists()
    with pytest.raises(Refused, match="is for"):
        world.do("case.close-performed", performed, "finance", way="done.full")
    decided(world, "case.close-performed", performed, "implementer", way="done.full")
    assert (performed.stage, performed.closed_on) == (Stage.CLOSED, clock.today())
    assert closing(performed.closing_code).family == "done"
    assert not performed.deadlines.filter(state=DeadlineState.OPEN).exists()
    assert performed.deadlines.get(rule="closing.limit").state == DeadlineState.MET
    assert performed.documents.filter(writ="notice.closing").exists()
    with pytest.raises(Refused, match="not lawful at this stage"):
        arrive(world, performed, "1.00")


def test_an_unperformed_case_is_not_closed(world, case):
    with pytest.raises(Refused, match="can't be closed yet"):
        world.do("case.close-performed", case, "implementer", way="done.full")


def test_what_turns_red_after_the_proposal_blocks_the_decision(world, performed):
    result = world.do("case.close-performed", performed, "implementer", way="done.full")
    arrive(world, performed, "1.00", how="other")
    with pytest.raises(Refused, match="can't be closed yet"):
        world.approve(result, "head")
    assert fresh(performed).stage != Stage.CLOSED


def test_a_writ_that_is_not_served_blocks(world, case):
    world.do("notice.issue", case, "implementer", report_days="10", contact="0891-0000000")
    condition = next(one for one in closing_checklist(fresh(case)) if one.code == "writs")
    assert not condition.met
    assert "旦增乙" in condition.detail
    assert condition.cure_act == "service.record"


def test_voluntary_performance_needs_the_applicants_word_and_no_coercion(world, case):
    noticed(world, case)
    total = amount_to_be_free(fresh(case), clock.today()).total
    arrive(world, case, str(total), how="deduction", counts_on=day(0))
    planned(world, case)
    ordered(world, case)
    confirmed(world, case)
    assert red(case, "done.voluntary") == ["voluntary"]
    with pytest.raises(Refused, match="taken by the court"):
        world.do("case.close-performed", case, "implementer", way="done.voluntary", confirmation="笔录")
    decided(world, "case.close-performed", case, "implementer", way="done.full")


def test_voluntary_performance_closes_with_the_confirmation_on_file(world, performed):
    with pytest.raises(Refused, match="applicants' confirmation"):
        world.do("case.close-performed", performed, "implementer", way="done.voluntary")
    decided(
        world,
        "case.close-performed",
        performed,
        "implementer",
        way="done.voluntary",
        confirmation="笔录第2页",
    )
    assert performed.closing_code == "done.voluntary"


def test_an_open_proposal_blocks(world, performed):
    arrive(world, performed, "1.00", how="other")
    world.do("money.refund", performed, "implementer", to="debtor", reason="多付")
    assert red(performed) == ["money", "proposals"]
