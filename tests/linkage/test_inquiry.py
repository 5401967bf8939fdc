"""An inquiry leaves the court, the bank answers, the timeline shows it."""

import pytest

from enforcement import engine
from enforcement.models import Deadline, DeadlineState, Message
from linkage.models import Answer, AnswerState, Dispatch, Request, RequestState


@pytest.fixture
def inquiry(link, case) -> Request:
    return link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["demo-bank-chengguan"])[0]


def test_every_debtor_is_asked_about_at_every_agency_that_answers(link, case):
    requests = link.inquire(case)
    assert {(one.agency.code, one.matter_code) for one in requests} == {
        ("demo-bank-chengguan", "BANK-INQ-DEP"),
        ("second-bank", "BANK-INQ-DEP"),
        ("demo-land", "LAND-INQ"),
    }
    assert Message.objects.filter(kind="dispatch").count() == Dispatch.objects.count() == 3
    waits = Deadline.objects.filter(case=case, rule="linkage.answer", state=DeadlineState.OPEN)
    assert {wait.subject for wait in waits} == {one.uid for one in requests}


def test_what_is_already_asked_is_not_asked_twice(link, case, inquiry):
    with pytest.raises(engine.Refused, match="still waits"):
        link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["demo-bank-chengguan"])


def test_identity_numbers_are_sealed_in_a_request(inquiry):
    number = inquiry.party.identity_number
    assert inquiry.carried()["person"]["identity_number"] == number
    assert number not in str(inquiry.facts)
    assert number.encode() not in bytes(inquiry.ordered_by.body)


def test_the_bank_answers_what_it_was_asked(link, case, inquiry):
    link.answer(
        inquiry,
        link.teller,
        facts={"accounts": [{"account_no": "6222020200112233445", "balance": "35000.00", "status": "正常"}]},
    )
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.outcome) == (RequestState.ANSWERED, "done")
    answer = Answer.objects.get(request=inquiry)
    assert answer.state == AnswerState.APPLIED
    assert "6222020200112233445" not in str(answer.facts)
    assert not Deadline.objects.filter(
        subject=inquiry.uid, rule="linkage.answer", state=DeadlineState.OPEN
    ).exists()


@pytest.mark.parametrize("who", ["second_teller", "registrar"])
def test_another_agency_does_not_see_the_request(link, inquiry, who):
    with pytest.raises(engine.OutOfSight):
        link.answer(inquiry, link.people[who])


def test_the_headquarters_sees_what_is_addressed_to_its_branch(link, inquiry):
    link.answer(inquiry, link.people["bank_head"], outcome="nothing")
    inquiry.refresh_from_db()
    assert inquiry.outcome == "nothing"


def test_a_teller_sees_nothing_else_of_the_case(link, case, inquiry):
    with pytest.raises(engine.OutOfSight):
        engine.submit(engine.act_named("case.wait"), case, link.teller, {"request": str(inquiry.uid)})


def test_a_refusal_needs_its_ground(link, inquiry):
    with pytest.raises(engine.Refused, match="ground"):
        link.answer(inquiry, link.teller, outcome="refused")


def test_no_order_leaves_about_somebody_nobody_identified(link, world):
    case = world.assigned_case(parties=[world.applicant(), world.debtor(identity_number="")])
    with pytest.raises(engine.Refused, match="identity"):
        link.inquire(case)
