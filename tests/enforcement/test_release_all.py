"""A paid debt: everything that still restrains the debtor is lifted by one decision."""

import pytest

from enforcement import engine
from enforcement.engine import Refused
from enforcement.models import Case, MeasureState, Receipt
from enforcement.queries import desk
from enforcement.queries.closing import closing_checklist
from enforcement.writs.rendering import render_html
from law import clock
from tests.enforcement import cash, control
from tests.enforcement.control import running

ACT = "case.release-all"


def owed(case):
    from enforcement.claims import outstanding

    return str(outstanding(Case.objects.get(pk=case.pk), clock.today()))


def duty(case):
    """The open duty to release everything."""
    return running(case, "control.release", act=ACT)


def release_all(world, case, **data):
    form = {"reason": "债权已全部清偿"} | data
    done = world.approve(world.do(ACT, case, "implementer", **form), "judge")
    case.refresh_from_db()
    return done


@pytest.fixture
def restrained(world, case):
    """A case with a frozen deposit and a seized vehicle."""
    control.freeze(world, case)
    vehicle = control.record(world, case, "vehicle", register_number="藏A示1", value="20000.00")
    control.take(world, "measure.seize", case, vehicle)
    return case


@pytest.fixture
def paid(world, restrained):
    cash.arrive(world, restrained, owed(restrained))
    return restrained


def test_one_decision_and_one_ruling_release_every_measure(world, paid):
    done = release_all(world, paid)
    measures = list(paid.measures.all())
    assert [measure.state for measure in measures] == [MeasureState.RELEASED] * 2
    assert {measure.released_by for measure in measures} == {done.event}
    ruling = paid.documents.get(writ="ruling.release")
    text = render_html(ruling)
    for measure in measures:
        assert measure.asset.description in text
    assert "第二十八条" in text
    assert "尚未履行完毕" not in text
    assert world.judge.name in text


def test_each_holder_is_told_and_must_confirm(world, paid):
    release_all(world, paid)
    ruling = paid.documents.get(writ="ruling.release")
    notices = [one for one in paid.documents.filter(writ="notice.assist") if one.data["action"] == "release"]
    assert {one.data["ruling"] for one in notices} == {ruling.number}
    assert len(notices) == 2
    waiting = running(paid, "control.release", act="measure.confirm-release")
    assert {one.subject for one in waiting} == {measure.uid for measure in paid.measures.all()}
    assert not running(paid, "control.deposit.term").exists()
    assert not running(paid, "control.movable.term").exists()


def test_the_ruling_is_served_once_on_the_debtor_and_each_applicant(world, paid):
    """Two measures by two rulings would be served four times."""
    release_all(world, paid)
    labels = running(paid, "product.serve").values_list("label", flat=True)
    about = [label for label in labels if label.startswith("执行裁定书")]
    names = [party.name for party in paid.parties.all()]
    new = [label for label in about if label.endswith(tuple(names))]
    rulings = paid.documents.filter(writ__startswith="ruling.").count()
    assert len(new) == rulings * len(names)


def test_payment_in_full_opens_the_duty_and_its_task_leads_the_desk(world, restrained):
    assert not duty(restrained).exists()
    cash.arrive(world, restrained, "1000.00")
    assert not duty(restrained).exists()
    cash.arrive(world, restrained, owed(restrained))
    task = duty(restrained).get()
    assert (task.due_on, task.owner) == (clock.today(), world.implementer)
    mine = desk.desk(world.implementer)
    assert mine.tasks[0] == task
    assert task in mine.to_lift


def test_the_duty_is_met_by_the_release(world, paid):
    release_all(world, paid)
    assert not duty(paid).exists()
    assert paid.deadlines.get(rule="control.release", act=ACT).state == "met"


def test_releasing_one_by_one_meets_it_with_the_last(world, paid):
    first, last = paid.measures.order_by("pk")
    control.release(world, paid, first, ground="paid")
    assert duty(paid).exists()
    control.release(world, paid, last, ground="paid")
    assert paid.deadlines.get(rule="control.release", act=ACT).state == "met"


def test_money_that_was_never_this_case_s_leaves_the_debt_and_stops_the_duty(world, paid):
    receipt = Receipt.objects.get(case=paid)
    cash.decided(
        world,
        "money.correct",
        paid,
        "finance",
        receipt=str(receipt.uid),
        mistake="case",
        reason="认领错误",
    )
    assert paid.deadlines.get(rule="control.release", act=ACT).state == "stopped"
    with pytest.raises(Refused) as refusal:
        release_all(world, paid)
    assert refusal.value.code == "not-paid"


@pytest.mark.parametrize("short", ["half", "only the interest"])
def test_nothing_is_released_while_something_is_owed(world, restrained, short):
    cash.arrive(world, restrained, {"half": "60000.00", "only the interest": "120000.00"}[short])
    with pytest.raises(Refused) as refusal:
        release_all(world, restrained)
    assert (refusal.value.code, str(refusal.value.basis[0])) == (
        "not-paid",
        str(engine.act_named(ACT).basis[0]),
    )


def test_there_is_nothing_to_release_without_a_measure(world, case):
    cash.arrive(world, case, owed(case))
    assert not duty(case).exists()
    with pytest.raises(Refused) as refusal:
        release_all(world, case)
    assert refusal.value.code == "no-measure"


def test_a_waiting_measure_is_released_too_and_the_next_in_line_is_told(world, paid):
    sister = control.sister_case(world)
    vehicle = paid.assets.get(kind="vehicle")
    theirs = world.do(
        "asset.record",
        sister,
        "sister_implementer",
        owner=str(sister.parties.get(role="debtor").uid),
        kind="vehicle",
        description="vehicle 甲",
        register_number=vehicle.register_number,
        found_on=clock.today().isoformat(),
        source="网络查控",
    )
    judge = control_judge(world)
    proposed = world.do(
        "measure.seize",
        sister,
        "sister_implementer",
        asset=str(theirs.outcome["asset"]),
        effective_on=clock.today().isoformat(),
        officers="甲、乙",
    )
    world.approve(proposed, judge)
    assert sister.measures.get().state == MeasureState.WAITING
    release_all(world, paid)
    from enforcement.models import Notice

    assert Notice.objects.filter(person=world.sister_implementer, code="measure.may-move-up").exists()


def control_judge(world):
    from directory.models import Duty
    from tests.world import make_person

    return make_person("sister_judge", world.sister, Duty.ENFORCEMENT_JUDGE)


def test_the_facts_are_written_from_the_claim_account(world, paid):
    from enforcement.queries import acts, cases

    form = acts.on_case(world.implementer, cases.workspace(world.implementer, paid.uid), ACT)
    facts = form.initial({})["reason"]
    assert "已全部清偿" in facts
    assert "121,260.00元" in facts, "120 000.00 and the interest for the days it came late"


def test_the_closing_checklist_leads_to_it(world, paid):
    condition = next(one for one in closing_checklist(paid) if one.code == "measures")
    assert (condition.met, condition.cure_act) == (False, ACT)
