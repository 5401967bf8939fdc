"""What the court does with answers and questions: check, have corrected, reply, recall."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from rest_framework.exceptions import ValidationError

from enforcement import engine
from enforcement.models import Deadline, DeadlineState, Message, MessageState, Notice, Stage
from enforcement.queries.notices import SENTENCES
from law import clock
from linkage.models import (
    Channel,
    ChannelKind,
    Difficulty,
    Dispatch,
    DispatchKind,
    Question,
    Request,
    RequestState,
)
from tests.linkage.letters import arrive, asked, found, open_rules
from tests.linkage.orders import freeze


@pytest.fixture
def request_(link, case) -> Request:
    return asked(link, case)


def check(link, request, **data):
    values = {"request": str(request.uid)} | data
    return link.world.do("request.check", request.case, "implementer", **values)


def told(request) -> list[str]:
    return list(request.dispatches.values_list("kind", flat=True))


# --- checking -------------------------------------------------------------------------------------
def test_an_answer_that_is_right_is_checked_and_its_task_met(link, case, request_):
    found(link, request_)
    assert "linkage.check" in open_rules(case, subject=request_.uid)
    check(link, request_, verdict="right")
    request_.refresh_from_db()
    assert request_.state == RequestState.CHECKED
    assert open_rules(case, subject=request_.uid) == set()


def test_what_has_no_answer_is_not_checked(link, request_):
    other = link.inquire(request_.case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])[0]
    link.answer(request_, link.teller, outcome="nothing")
    with pytest.raises(engine.Refused, match="no answer to look at"):
        check(link, other)


def test_an_answer_is_checked_once(link, request_):
    link.answer(request_, link.teller, outcome="nothing")
    check(link, request_)
    with pytest.raises(engine.Refused, match="already"):
        check(link, request_)


def test_no_answer_anywhere_is_said_before_the_form(link, case, request_):
    with pytest.raises(engine.Refused, match="No agency has answered yet"):
        check(link, request_)


def test_a_correction_starts_the_clock_anew_and_is_told_to_the_agency(link, case, request_):
    found(link, request_)
    check(link, request_, verdict="correction", remarks="余额缺少币种。")
    request_.refresh_from_db()
    assert (request_.state, request_.outcome, request_.reminded) == (RequestState.ACCEPTED, "", 0)
    dispatch = request_.dispatches.get(kind=DispatchKind.CORRECTED)
    assert dispatch.note == "余额缺少币种。"
    wait = Deadline.objects.get(case=case, subject=request_.uid, state=DeadlineState.OPEN)
    assert (wait.rule, wait.due_on) == ("linkage.answer", request_.due_on)


def test_a_correction_says_what_is_wrong(link, request_):
    found(link, request_)
    with pytest.raises(engine.Refused, match="what must be corrected"):
        check(link, request_, verdict="correction")


def test_the_corrected_answer_counts_as_a_correction_without_the_agency_saying_so(link, case, request_):
    found(link, request_)
    link.world.do("request.correct-answer", case, "implementer", request=str(request_.uid), note="余额有误。")
    link.answer(request_, link.teller, number="second", facts={"accounts": []}, outcome="nothing")
    request_.refresh_from_db()
    assert (request_.state, request_.outcome) == (RequestState.ANSWERED, "nothing")
    states = list(request_.answers.order_by("id").values_list("state", flat=True))
    assert states == ["superseded", "applied"]


def test_what_waits_for_its_answer_needs_no_correction(link, case, request_):
    other = asked(link, case, "second-bank")
    found(link, request_)
    with pytest.raises(engine.Refused, match="no answer to look at"):
        link.world.do(
            "request.correct-answer", case, "implementer", request=str(other.uid), note="余额有误。"
        )


# --- refusals are judged --------------------------------------------------------------------------
@pytest.fixture
def refused(link, case, request_) -> Request:
    link.answer(request_, link.teller, outcome="refused", ground="no-writ", remarks="未附协助查询通知书。")
    request_.refresh_from_db()
    return request_


def test_a_refusal_is_on_the_register_by_itself(refused):
    entry = Difficulty.objects.get(request=refused)
    assert (entry.kind, entry.ground, entry.said) == ("refusal", "no-writ", "未附协助查询通知书。")
    assert entry.is_lawful is None
    assert entry.is_open
    assert entry.served_on == clock.legal_day(refused.delivered_at)


def test_a_refusal_is_not_passed_without_a_judgment(link, refused):
    with pytest.raises(engine.Refused, match="whether the refusal is lawful"):
        check(link, refused)


def test_a_judgment_gives_its_reason(link, refused):
    with pytest.raises(engine.Refused, match="reason"):
        check(link, refused, lawful="no")


def test_a_lawful_refusal_ends_its_entry(link, case, refused):
    check(link, refused, lawful="yes", remarks="确未附送通知书，重新送达。")
    entry = Difficulty.objects.get(request=refused)
    assert (entry.is_lawful, entry.ending, entry.settled_by) == (True, "lawful", link.world.implementer)
    assert "linkage.difficulty" not in open_rules(case)


def test_an_unlawful_refusal_stays_open_with_a_task(link, case, refused):
    check(link, refused, lawful="no", remarks="通知书已随附，应当办理。")
    entry = Difficulty.objects.get(request=refused)
    assert (entry.is_lawful, entry.is_open, entry.reply) == (False, True, "通知书已随附，应当办理。")
    assert "linkage.difficulty" in open_rules(case, subject=entry.uid)


def test_an_internal_rule_excuses_nobody(link, request_):
    link.answer(request_, link.teller, outcome="refused", ground="other", remarks="须经总行审批。")
    with pytest.raises(engine.Refused, match="excuse no agency"):
        check(link, request_, lawful="yes", ground="internal", remarks="总行规定。")
    check(link, request_, lawful="no", ground="internal", remarks="内部审批不是理由。")
    assert Difficulty.objects.get(request=request_).ground == "internal"


@pytest.mark.parametrize("judgment", [{"lawful": "yes"}, {"ground": "internal"}])
def test_where_nobody_refused_there_is_nothing_to_judge(link, request_, judgment):
    link.answer(request_, link.teller, outcome="nothing")
    with pytest.raises(engine.Refused, match="did not refuse"):
        check(link, request_, **judgment)


def test_a_refusal_that_gives_way_ends_its_entry(link, case, refused):
    check(link, refused, verdict="correction", remarks="通知书已随附，请依法办理。")
    link.answer(refused, link.teller, number="after-all", outcome="nothing")
    entry = Difficulty.objects.get(request=refused)
    assert entry.ending == "performed"
    assert not {"linkage.difficulty", "linkage.answer"} & open_rules(case)


# --- replying -------------------------------------------------------------------------------------
def ask(link, request, **data) -> Question:
    values = {"request": str(request.uid), "text": "户名与证件号不符，是否继续？"} | data
    engine.submit(engine.act_named("request.ask"), request.case, link.teller, values)
    return Question.objects.get(request=request)


def reply(link, about, **data):
    values = {"question": str(about.uid), "reply": "以证件号为准。"} | data
    return link.world.do("request.reply", about.case, "implementer", **values)


def test_a_reply_reaches_the_agency_and_meets_its_clock(link, case, request_):
    question = ask(link, request_)
    assert "linkage.reply" in open_rules(case, subject=question.uid)
    assert Notice.objects.filter(person=link.world.implementer, code="request.question").exists()
    reply(link, question)
    question.refresh_from_db()
    assert (question.reply, question.replied_by) == ("以证件号为准。", link.world.implementer)
    assert request_.dispatches.get(kind=DispatchKind.REPLIED).note == "以证件号为准。"
    assert not open_rules(case, subject=question.uid)
    # The order stands meanwhile: the agency's own clock runs on.
    assert open_rules(case, subject=request_.uid) == {"linkage.answer"}


def test_a_question_is_replied_to_once(link, request_):
    question = ask(link, request_)
    ask_again = asked(link, request_.case, "second-bank")
    engine.submit(
        engine.act_named("request.ask"),
        request_.case,
        link.second_teller,
        {"request": str(ask_again.uid), "text": "金额是多少？"},
    )
    reply(link, question)
    with pytest.raises(engine.Refused, match="was replied to"):
        reply(link, question)


def test_an_institutions_objection_is_answered_with_a_result(link, case, request_):
    question = ask(link, request_, is_objection=True)
    due = Deadline.objects.get(subject=question.uid)
    assert (due.rule, (due.due_on - clock.today()).days >= 15) == ("linkage.bank-objection", True)
    with pytest.raises(engine.Refused, match="whether the order stands"):
        reply(link, question)
    reply(link, question, result="stands")
    assert not open_rules(case, subject=question.uid)


def test_an_objection_that_is_right_leaves_a_task_to_undo(link, case, request_):
    question = ask(link, request_, is_objection=True)
    reply(link, question, result="gives-way")
    assert "linkage.undo" in open_rules(case, subject=request_.uid)


def test_a_plain_question_has_no_result(link, request_):
    question = ask(link, request_)
    with pytest.raises(engine.Refused, match="no such result"):
        reply(link, question, result="stands")


@pytest.mark.parametrize("named", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_a_question_that_is_none_is_not_found(link, request_, named):
    question = ask(link, request_)
    with pytest.raises((engine.Refused, ValidationError), match="question|choice|blank"):
        reply(link, question, question=named)
    question.refresh_from_db()
    assert question.replied_at is None


# --- recalling ------------------------------------------------------------------------------------
def recall(link, request, who="implementer"):
    return link.world.do(
        "request.recall", request.case, who, request=str(request.uid), reason="被执行人已履行。"
    )


def test_a_request_that_has_not_left_is_cancelled_and_nobody_told(link, case):
    request = link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])[0]
    recall(link, request)
    request.refresh_from_db()
    assert request.state == RequestState.RECALLED
    assert told(request) == [DispatchKind.ISSUED]
    assert Message.objects.get(dispatch__request=request).state == MessageState.CANCELLED
    assert not open_rules(case, subject=request.uid)


def test_an_inquiry_that_arrived_is_recalled_and_the_agency_told(link, case, request_):
    recall(link, request_)
    request_.refresh_from_db()
    assert request_.state == RequestState.RECALLED
    assert told(request_) == [DispatchKind.ISSUED, DispatchKind.RECALLED]
    assert not open_rules(case, subject=request_.uid)


def test_a_request_that_is_being_sent_counts_as_gone(link, case):
    request = link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])[0]
    Message.objects.filter(dispatch__request=request).update(state=MessageState.LEASED)
    recall(link, request)
    assert told(request) == [DispatchKind.ISSUED, DispatchKind.RECALLED]


def test_an_order_that_arrived_is_undone_by_a_release_only(link, case):
    order = freeze(link, case, "30000.00")
    arrive(order)
    with pytest.raises(engine.Refused, match="only a release undoes it"):
        recall(link, order)


def test_an_order_that_has_not_left_can_be_recalled(link, case):
    order = freeze(link, case, "30000.00")
    recall(link, order)
    order.refresh_from_db()
    assert order.state == RequestState.RECALLED
    assert not Dispatch.objects.filter(request=order, kind=DispatchKind.RECALLED).exists()
    assert Notice.objects.filter(person=link.world.people["judge"], code="request.recalled").exists()


def test_a_feed_shows_the_recall_behind_the_order_nobody_fetched_yet(link, case):
    Channel.objects.filter(agency=link.branch).update(kind=ChannelKind.PULL)
    order = freeze(link, case, "30000.00")
    Message.objects.filter(dispatch__request=order).update(state=MessageState.DELIVERED)
    recall(link, order)
    assert told(order) == [DispatchKind.ISSUED, DispatchKind.RECALLED]


def test_an_order_that_is_being_sent_is_not_recalled(link, case):
    order = freeze(link, case, "30000.00")
    Message.objects.filter(dispatch__request=order).update(state=MessageState.LEASED)
    with pytest.raises(engine.Refused, match="only a release undoes it"):
        recall(link, order)


def test_what_was_answered_is_not_recalled(link, case, request_):
    asked(link, case, "second-bank")
    link.answer(request_, link.teller, outcome="nothing")
    with pytest.raises(engine.Refused, match="nothing to take back"):
        recall(link, request_)


def test_a_recall_ends_questions_about_the_request(link, case, request_):
    question = ask(link, request_)
    recall(link, request_)
    assert not open_rules(case, subject=question.uid)
    # An open case still has somebody's next step.
    assert case.stage != Stage.CLOSED
    assert open_rules(case)


@pytest.mark.parametrize("who", ["second_implementer", "finance", "clerk"])
def test_only_the_officer_of_the_case_follows_up(link, request_, who):
    with pytest.raises(engine.Refused):
        recall(link, request_, who)


# --- notices --------------------------------------------------------------------------------------
def codes_of_notices() -> set[str]:
    """Every code a notice of this room is given by ``effects.notify``."""
    told: set[str] = set()
    for file in Path(settings.BASE_DIR, "linkage").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") != "notify":
                continue
            if len(node.args) > 1:
                texts = (part.value for part in ast.walk(node.args[1]) if isinstance(part, ast.Constant))
                told.update(text for text in texts if isinstance(text, str))
    return told


def test_every_notice_of_this_room_has_its_sentence():
    assert "request.overdue" in codes_of_notices()
    assert codes_of_notices() - set(SENTENCES) == set()
