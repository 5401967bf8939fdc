"""The notice to perform and the order to report property."""

import pytest
from rest_framework.exceptions import ValidationError

from enforcement import engine
from enforcement.acts.service import service_of
from enforcement.models import DeadlineState, Message

ORDER = {"report_days": 10, "contact": "0891-0000000"}


def writs(case):
    return sorted((document.writ, document.party.name) for document in case.documents.all())


def test_every_debtor_gets_the_notice_and_the_order_in_one_act(world):
    case = world.assigned_case(parties=[world.applicant(), world.debtor(), world.company()])
    world.do("notice.issue", case, "implementer", **ORDER)
    debtors = sorted(party.name for party in case.parties.all() if party.is_debtor)
    assert writs(case) == sorted(
        (writ, name) for writ in ("notice.execution", "order.property-report") for name in debtors
    )
    assert case.stage == "control"


def test_the_notice_meets_its_deadline_and_asks_for_the_service_of_every_writ(world, case):
    world.do("notice.issue", case, "implementer", **ORDER)
    assert case.deadlines.get(rule="notice.send").state == DeadlineState.MET
    tasks = case.deadlines.filter(rule="product.serve", state=DeadlineState.OPEN)
    wanted = {service_of(document, document.party) for document in case.documents.all()}
    assert {task.subject for task in tasks} == wanted
    assert {(task.act, task.owner) for task in tasks} == {("service.record", world.implementer)}


def test_the_period_to_report_does_not_run_before_service(world, case):
    world.do("notice.issue", case, "implementer", **ORDER)
    assert not case.deadlines.filter(rule="report.submit").exists()


def test_the_order_says_the_period_and_the_notice_the_telephone(world, case):
    world.do("notice.issue", case, "implementer", **ORDER)
    assert case.documents.get(writ="order.property-report").data["report_days"] == 10
    assert case.documents.get(writ="notice.execution").data["contact"] == "0891-0000000"


def test_each_writ_is_rendered_after_the_commit(world, case):
    world.do("notice.issue", case, "implementer", **ORDER)
    rendered = set(Message.objects.filter(case=case, kind="render").values_list("recipient", flat=True))
    assert rendered == {str(document.uid) for document in case.documents.all()}


def test_a_notice_that_stands_is_not_issued_again(world, case):
    world.do("notice.issue", case, "implementer", **ORDER)
    with pytest.raises(engine.Refused, match="already") as refusal:
        world.do("notice.issue", case, "implementer", **ORDER)
    assert refusal.value.code == "issued"
    assert case.documents.count() == 2


def test_a_notice_that_could_not_be_made_is_issued_again(world, case):
    world.do("notice.issue", case, "implementer", **ORDER)
    case.documents.update(state="failed")
    world.do("notice.issue", case, "implementer", **ORDER)
    assert case.documents.filter(state="waiting").count() == 2
    assert set(case.documents.filter(state="waiting").values_list("version", flat=True)) == {2}


def test_no_order_leaves_without_knowing_who_the_debtor_is(world):
    case = world.assigned_case(parties=[world.applicant(), world.debtor(identity_number="")])
    with pytest.raises(engine.Refused, match="identity number") as refusal:
        world.do("notice.issue", case, "implementer", **ORDER)
    assert refusal.value.code == "identity"
    assert case.stage == "notice"


@pytest.mark.parametrize("days", [0, 31, "ten"])
def test_the_period_to_report_is_one_to_thirty_days(world, case, days):
    with pytest.raises(ValidationError) as error:
        world.do("notice.issue", case, "implementer", **ORDER | {"report_days": days})
    assert "report_days" in error.value.detail


def test_the_law_leaves_the_period_to_the_order_so_it_must_be_said(world, case):
    with pytest.raises(ValidationError) as error:
        world.do("notice.issue", case, "implementer", contact="0891-0000000")
    assert "report_days" in error.value.detail


def test_only_the_officer_of_the_case_issues_it_and_not_before_assignment(world, case):
    with pytest.raises(engine.Refused) as refusal:
        world.do("notice.issue", case, "second_implementer", **ORDER)
    assert refusal.value.code == "duty"
    unassigned = world.file_case()
    with pytest.raises(engine.Refused) as refusal:
        world.do("notice.issue", unassigned, "implementer", **ORDER)
    assert refusal.value.code == "duty"


def test_the_same_key_makes_no_second_pair_of_writs(world, case):
    act = engine.act_named("notice.issue")
    engine.submit(act, case, world.implementer, ORDER, key="n1")
    assert engine.submit(act, case, world.implementer, ORDER, key="n1").replayed
    assert case.documents.count() == 2


def test_issuing_for_one_debtor_stays_within_its_queries(world, case, django_assert_max_num_queries):
    with django_assert_max_num_queries(45):
        engine.submit(engine.act_named("notice.issue"), case, world.implementer, ORDER)
