"""An answer is stored as it came, counts once, and is never lost, whatever goes wrong after."""

import json
from datetime import timedelta
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections

from enforcement.engine import Refused
from enforcement.models import Deadline, DeadlineState, Event, Notice
from law import clock
from linkage import inbox
from linkage.acts.answering import AnswerRequest
from linkage.models import Answer, AnswerState, RequestState
from tests.linkage_world import linked

pytestmark = pytest.mark.django_db

BRANCH = "demo-bank-chengguan"


@pytest.fixture
def inquiry(link, case):
    return link.inquire(case, matters=["BANK-INQ-DEP"], agencies=[BRANCH])[0]


def raw(number: str = "回执-1", **values) -> bytes:
    return json.dumps({"number": number, "outcome": "nothing"} | values, ensure_ascii=False).encode()


def receive(link, request, body: bytes, number: str = "回执-1", person=None) -> inbox.Received:
    request.refresh_from_db()
    return inbox.receive(request, person or link.teller, body, number, channel="rest")


def answered(request) -> int:
    return Event.objects.filter(case=request.case_id, act="request.answer").count()


def test_a_first_answer_is_stored_with_its_bytes_and_applied(link, inquiry):
    received = receive(link, inquiry, raw())
    assert received.is_new
    assert (received.answer.state, received.answer.raw) == (AnswerState.APPLIED, raw().decode())
    assert received.answer.event is not None
    assert received.answer.event.idempotency_key == f"receipt:{BRANCH}:回执-1"
    inquiry.refresh_from_db()
    assert inquiry.state == RequestState.ANSWERED


def test_an_answer_proves_that_the_request_had_arrived(link, inquiry):
    assert inquiry.delivered_at is None
    receive(link, inquiry, raw())
    inquiry.refresh_from_db()
    assert inquiry.delivered_at is not None


def test_the_same_bytes_again_are_the_first_answer_again(link, inquiry):
    first = receive(link, inquiry, raw())
    again = receive(link, inquiry, raw())
    assert not again.is_new
    assert again.answer == first.answer
    assert answered(inquiry) == 1


def test_one_changed_byte_under_the_same_number_is_set_aside(link, inquiry):
    first = receive(link, inquiry, raw())
    for _ in range(3):
        with pytest.raises(inbox.OtherBytes):
            receive(link, inquiry, raw() + b" ")
    aside = Answer.objects.get(state=AnswerState.QUARANTINED)
    assert aside.raw == raw().decode() + " "
    assert Notice.objects.filter(code="answer.quarantined", person=inquiry.case.implementer).count() == 1
    assert answered(inquiry) == 1
    first.answer.refresh_from_db()
    assert first.answer.state == AnswerState.APPLIED


def test_two_agencies_may_use_the_same_number(link, case):
    one, two = link.inquire(case, matters=["BANK-INQ-DEP"])
    receive(link, one, raw(), person=link.teller if one.agency == link.branch else link.second_teller)
    receive(link, two, raw(), person=link.teller if two.agency == link.branch else link.second_teller)
    assert Answer.objects.filter(state=AnswerState.APPLIED, number="回执-1").count() == 2


def test_the_number_of_one_request_does_not_answer_another(link, world, inquiry):
    receive(link, inquiry, raw())
    other = link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"], agencies=[BRANCH])[0]
    with pytest.raises(inbox.OtherBytes):
        receive(link, other, raw())
    other.refresh_from_db()
    assert other.state == RequestState.ISSUED


def test_an_answer_older_than_what_is_known_is_kept_and_changes_nothing(link, inquiry):
    receive(link, inquiry, raw())
    late = receive(link, inquiry, raw("回执-0", outcome="refused", remarks="系统故障"), "回执-0")
    assert (late.answer.state, late.error) == (AnswerState.SUPERSEDED, None)
    again = receive(link, inquiry, raw("回执-0", outcome="refused", remarks="系统故障"), "回执-0")
    assert again.answer == late.answer
    inquiry.refresh_from_db()
    assert inquiry.outcome == "nothing"


def test_what_is_wrong_with_an_answer_may_be_corrected_under_its_number(link, inquiry):
    wrong = receive(link, inquiry, raw(outcome="perhaps"))
    assert wrong.answer.state == AnswerState.REFUSED
    assert "outcome" in wrong.answer.problem
    right = receive(link, inquiry, raw())
    assert right.answer.state == AnswerState.APPLIED
    assert answered(inquiry) == 1
    assert not receive(link, inquiry, raw()).is_new


def test_a_rule_that_refuses_an_answer_is_named_and_its_sender_may_cure_it(link, inquiry):
    without_ground = raw(outcome="refused")
    received = receive(link, inquiry, without_ground)
    assert isinstance(received.error, Refused)
    assert received.answer.state == AnswerState.REFUSED
    again = receive(link, inquiry, without_ground)
    assert again.answer == received.answer, "the same bytes make no second row"
    assert not Deadline.objects.filter(rule="linkage.check", subject=inquiry.uid).exists()


def test_an_agency_that_did_what_can_not_be_accepted_is_on_the_officers_desk(link, inquiry):
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    received = receive(link, inquiry, raw(outcome="done", handled_at=tomorrow))
    assert received.answer.state == AnswerState.REFUSED
    assert "after now" in received.answer.problem
    inquiry.refresh_from_db()
    assert inquiry.state == RequestState.ISSUED
    check = Deadline.objects.get(rule="linkage.check", subject=inquiry.uid, state=DeadlineState.OPEN)
    assert check.owner == inquiry.case.implementer
    assert Event.objects.filter(case=inquiry.case_id, act="request.answer-refused").count() == 1


def test_a_trial_run_says_what_would_happen_and_leaves_nothing(link, inquiry):
    outcome = inbox.try_out(inquiry, link.teller, json.loads(raw()))
    assert outcome["outcome"] == "nothing"
    assert answered(inquiry) == 0
    assert not Answer.objects.exists()
    inquiry.refresh_from_db()
    assert inquiry.state == RequestState.ISSUED
    with pytest.raises(Refused):
        inbox.try_out(inquiry, link.teller, json.loads(raw(outcome="refused")))


# --- faults -----------------------------------------------------------------------------------------
class Broken:
    """A fault of ours in the act, until it is mended."""

    def __init__(self, monkeypatch, error: Exception):
        self.monkeypatch = monkeypatch

        def breaks(*_arguments):
            raise error

        monkeypatch.setattr(AnswerRequest, "perform", breaks)

    def mend(self):
        self.monkeypatch.undo()


@pytest.mark.parametrize("error", [ZeroDivisionError(), DatabaseError("away")])
def test_an_answer_that_meets_a_fault_is_kept_and_applied_by_the_sweep(link, inquiry, monkeypatch, error):
    fault = Broken(monkeypatch, error)
    received = receive(link, inquiry, raw())
    assert (received.is_new, received.answer.state) == (True, AnswerState.RECEIVED)
    with clock.freeze(clock.now() + timedelta(seconds=61)):
        inbox.apply_waiting(clock.now())
        assert answered(inquiry) == 0
        fault.mend()
        inbox.apply_waiting(clock.now())
        inbox.apply_waiting(clock.now())
    received.answer.refresh_from_db()
    assert received.answer.state == AnswerState.APPLIED
    assert answered(inquiry) == 1


def test_a_worker_that_dies_between_storing_and_acting_loses_nothing(link, inquiry, monkeypatch):
    def dies(*_arguments, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr(inbox, "apply", dies)
    with pytest.raises(KeyboardInterrupt):
        receive(link, inquiry, raw())
    monkeypatch.undo()
    assert Answer.objects.get().state == AnswerState.RECEIVED
    again = receive(link, inquiry, raw())
    assert (again.is_new, again.answer.state) == (False, AnswerState.APPLIED)


def test_after_a_fault_was_mended_stored_answers_are_played_again_from_their_bytes(
    link, inquiry, monkeypatch, capsys
):
    fault = Broken(monkeypatch, ZeroDivisionError())
    receive(link, inquiry, raw())
    fault.mend()
    for _ in range(2):
        call_command("replay_answers", agency=BRANCH)
    assert f"{BRANCH} 回执-1: applied" in capsys.readouterr().out
    assert answered(inquiry) == 1


def test_an_answer_refused_by_a_wrong_rule_is_played_again_after_the_rule_was_mended(
    link, inquiry, monkeypatch
):
    fault = Broken(monkeypatch, Refused("A rule that is wrong."))
    assert receive(link, inquiry, raw(outcome="done")).answer.state == AnswerState.REFUSED
    fault.mend()
    call_command("replay_answers", refused=True, number="回执-1")
    assert Answer.objects.get().state == AnswerState.APPLIED


def test_what_an_agency_said_is_never_changed_in_the_database(link, inquiry):
    answer = receive(link, inquiry, raw()).answer
    answer.raw_sha256 = b"x" * 32
    with pytest.raises(DatabaseError, match="stored as received"):
        answer.save()


@pytest.mark.django_db(transaction=True)
def test_the_same_answer_from_everywhere_at_once_counts_once(world):
    link = linked(world)
    request = link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"], agencies=[BRANCH])[0]
    came: list[inbox.Received] = []

    def send():
        try:
            came.append(receive(link, type(request).objects.get(pk=request.pk), raw(), person=None))
        finally:
            connections.close_all()

    senders = [Thread(target=send) for _ in range(12)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(came) == 12
    assert sum(one.is_new for one in came) == 1
    assert {one.answer.pk for one in came} == {Answer.objects.get().pk}
    assert Answer.objects.get().state == AnswerState.APPLIED
    assert answered(request) == 1


def test_the_sender_who_left_the_agency_answers_nothing(link, inquiry, monkeypatch):
    fault = Broken(monkeypatch, ZeroDivisionError())
    answer = receive(link, inquiry, raw()).answer
    fault.mend()
    with clock.freeze(clock.now() + timedelta(minutes=2)):
        monkeypatch.setattr(AnswerRequest, "admits", classmethod(lambda *_: None))
        inbox.apply_waiting(clock.now())
    answer.refresh_from_db()
    assert answer.state == AnswerState.REFUSED
    assert "no longer works" in answer.problem
