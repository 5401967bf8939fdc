"""The ladder behind late answers, and the register of refusals, delays and interference."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enforcement import daily, engine
from enforcement.models import Deadline, DeadlineState, Document, Message, MessageState, Notice
from enforcement.verification import verify
from law import clock
from law.calendar import default
from linkage import chasing, ladder
from linkage.ladder import Step
from linkage.models import (
    Difficulty,
    Dispatch,
    DispatchKind,
    MatterAnswered,
    Member,
    Request,
)
from tests.linkage.letters import arrive, asked, at_noon, open_rules
from tests.linkage.orders import frozen, order
from tests.linkage_world import make_agency

ONE_DAY = timedelta(days=1)


@pytest.fixture
def request_(link, case) -> Request:
    return asked(link, case)


def day_of(step: Step, request: Request):
    found = ladder.day_of(step, request, default())
    assert found is not None
    return found


def reminders(request: Request) -> int:
    return Dispatch.objects.filter(request=request, kind=DispatchKind.REMINDED).count()


def remind(link, case, who="implementer", **data):
    return link.world.do("request.remind", case, who, **data)


# --- the clock reminds ----------------------------------------------------------------------------
def test_the_first_reminder_leaves_three_working_days_after_the_answer_was_due(link, request_):
    calendar = default()
    first = day_of(Step.FIRST, request_)
    assert calendar.workdays_between(request_.due_on, first) == 3
    with at_noon(first - ONE_DAY):
        assert chasing.send_reminders() == 0
    with at_noon(first):
        assert chasing.send_reminders() == 1
        assert chasing.send_reminders() == 0
    assert reminders(request_) == 1


def test_the_second_follows_on_the_fifth_and_calls_for_the_superior(link, case, request_):
    with at_noon(day_of(Step.FIRST, request_)):
        chasing.send_reminders()
    second = day_of(Step.SECOND, request_)
    assert default().workdays_between(request_.due_on, second) == 5
    with at_noon(second):
        assert chasing.send_reminders() == 1
        task = Deadline.objects.get(case=case, rule="linkage.escalate", state=DeadlineState.OPEN)
        assert (task.duty, task.act, task.subject) == ("bureau-head", "request.escalate", request_.uid)
    with at_noon(second + 10 * ONE_DAY):
        assert chasing.send_reminders() == 0
    assert reminders(request_) == 2


def test_officer_head_and_command_are_told(link, case, request_):
    with at_noon(day_of(Step.FIRST, request_)):
        chasing.send_reminders()
    told = set(
        Notice.objects.filter(code="request.overdue", case=case).values_list("person__username", flat=True)
    )
    assert told == {"implementer", "head", "command"}


def test_the_first_reminder_enters_the_delay_once(link, case, request_):
    for step in (Step.FIRST, Step.SECOND):
        with at_noon(day_of(step, request_)):
            chasing.send_reminders()
    entry = Difficulty.objects.get(request=request_)
    assert (entry.kind, entry.agency, entry.is_open) == ("delay", request_.agency, True)
    assert "linkage.difficulty" in open_rules(case, subject=entry.uid)


def test_a_late_answer_ends_the_ladder(link, case, request_):
    for step in (Step.FIRST, Step.SECOND):
        with at_noon(day_of(step, request_)):
            chasing.send_reminders()
    with at_noon(day_of(Step.SECOND, request_)):
        link.answer(request_, link.teller, outcome="nothing")
    assert Difficulty.objects.get(request=request_).ending == "performed"
    assert not {"linkage.escalate", "linkage.difficulty", "linkage.answer"} & open_rules(case)


def test_what_never_arrived_is_never_late(link, case):
    request = link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])[0]
    with at_noon(request.due_on + 60 * ONE_DAY):
        assert chasing.send_reminders() == 0
        with pytest.raises(engine.Refused, match="has not reached"):
            remind(link, case, requests=[str(request.uid)])


def test_what_arrived_late_is_late_later(link, case):
    request = link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])[0]
    on_time = request.due_on
    with at_noon(on_time + 7 * ONE_DAY):
        arrive(request)
        assert ladder.answer_day(request, default()) > on_time + 7 * ONE_DAY
        assert chasing.send_reminders() == 0


def test_days_without_beat_are_one_step_not_two(link, case, request_):
    late = day_of(Step.SECOND, request_) + 4 * ONE_DAY
    with at_noon(late):
        daily.run_due()
        daily.run_due()
    assert reminders(request_) == 1
    with at_noon(late + ONE_DAY):
        daily.run_due()
    assert reminders(request_) == 2


def test_a_fan_out_is_one_act_and_each_agency_is_told_once(link, case):
    requests = link.inquire(case)
    arrive(*requests)
    with at_noon(max(day_of(Step.FIRST, one) for one in requests)):
        assert chasing.send_reminders() == 1
    assert [reminders(one) for one in requests] == [1] * len(requests)
    assert case.events.filter(act="request.remind").count() == 1


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(days=st.lists(st.integers(0, 25), min_size=1, max_size=10), agreed=st.integers(1, 8))
def test_no_step_before_its_day_and_none_twice_whatever_days_the_clock_runs(link, case, days, agreed):
    MatterAnswered.objects.filter(agency=link.branch, matter="BANK-INQ-DEP").update(days=agreed)
    for earlier in Request.objects.filter(case=case, agency=link.branch).waiting():
        link.world.do("request.recall", case, "implementer", request=str(earlier.uid), reason="再试")
    request = asked(link, case)
    taken: dict[Step, object] = {}
    for offset in sorted(days):
        day = clock.today() + offset * ONE_DAY
        with at_noon(day):
            before = reminders(request)
            chasing.send_reminders()
            request.refresh_from_db()
            new = reminders(request) - before
            assert new <= 1
            if new:
                step = Step(request.reminded)
                assert step not in taken
                assert day >= day_of(step, request)
                taken[step] = day
    assert reminders(request) == request.reminded == len(taken)


# --- people remind --------------------------------------------------------------------------------
def test_a_person_may_remind_as_soon_as_the_answer_is_late_but_not_before(link, case, request_):
    with at_noon(request_.due_on), pytest.raises(engine.Refused, match="No answer is late"):
        remind(link, case)
    with at_noon(request_.due_on + ONE_DAY):
        done = remind(link, case, note="请今日反馈。")
    assert done.outcome["numbers"] == [request_.number]
    assert Dispatch.objects.get(request=request_, kind=DispatchKind.REMINDED).note == "请今日反馈。"


def test_the_clock_does_not_repeat_what_a_person_sent(link, case, request_):
    with at_noon(request_.due_on + ONE_DAY):
        remind(link, case)
    with at_noon(day_of(Step.FIRST, request_)):
        assert chasing.send_reminders() == 0
    with at_noon(day_of(Step.SECOND, request_)):
        assert chasing.send_reminders() == 1
    assert reminders(request_) == 2


def test_nobody_sends_the_second_reminder_before_its_day(link, case, request_):
    with at_noon(request_.due_on + ONE_DAY):
        remind(link, case)
        with pytest.raises(engine.Refused, match="next reminder"):
            remind(link, case, requests=[str(request_.uid)])


def test_a_third_reminder_is_the_superiors(link, case, request_):
    for step in (Step.FIRST, Step.SECOND):
        with at_noon(day_of(step, request_)):
            chasing.send_reminders()
    with at_noon(day_of(Step.SECOND, request_) + ONE_DAY), pytest.raises(engine.Refused, match="superior"):
        remind(link, case, requests=[str(request_.uid)])


# --- liftings -------------------------------------------------------------------------------------
@pytest.fixture
def lifting(link, case) -> Request:
    frozen(link, case, "30000.00")
    lift = order(link, "request.lift", case, ground="wrong", reason="账户属于案外人。")[0]
    arrive(lift)
    return lift


def test_an_unconfirmed_lifting_is_red_on_two_desks_after_one_working_day(link, case, lifting):
    with at_noon(default().add_workdays(clock.today(), 1)):
        assert chasing.send_reminders() == 0
    with at_noon(default().add_workdays(clock.today(), 1) + ONE_DAY):
        assert chasing.send_reminders() == 1
        tasks = Deadline.objects.filter(
            case=case, rule="linkage.release-unconfirmed", state=DeadlineState.OPEN
        )
        assert {(task.duty, task.owner) for task in tasks} == {
            ("implementer", link.world.implementer),
            ("bureau-head", None),
        }
        assert all(task.due_on < clock.today() for task in tasks)


def test_a_confirmed_lifting_clears_both_desks(link, case, lifting):
    with at_noon(default().add_workdays(clock.today(), 1) + ONE_DAY):
        chasing.send_reminders()
        link.answer(lifting, link.teller)
        assert "linkage.release-unconfirmed" not in open_rules(case)


def test_a_lifting_is_not_taken_back(link, case, lifting):
    with pytest.raises(engine.Refused, match="not taken back"):
        link.world.do("request.recall", case, "implementer", request=str(lifting.uid), reason="错误")


# --- the superior ---------------------------------------------------------------------------------
@pytest.fixture
def reminded(link, case, request_) -> Request:
    for step in (Step.FIRST, Step.SECOND):
        with at_noon(day_of(step, request_)):
            chasing.send_reminders()
    request_.refresh_from_db()
    return request_


def escalate(link, request, who="head", **data):
    return link.world.do("request.escalate", request.case, who, **({"request": str(request.uid)} | data))


def test_the_headquarters_is_told_by_a_request_with_a_letter(link, case, reminded):
    with at_noon(day_of(Step.SECOND, reminded)):
        done = escalate(link, reminded, facts="已催办两次。")
    letter = Document.objects.get(case=case, writ="letter.superior")
    told = Request.objects.get(ordered_by=done.event)
    assert (told.agency, told.matter_code) == (link.bank, "JC-ESCALATE")
    assert list(told.documents.all()) == [letter]
    assert reminded.number in letter.data["requests"][0]["number"]
    reminded.refresh_from_db()
    assert reminded.reminded == Step.SUPERIOR
    assert "linkage.escalate" not in open_rules(case, subject=reminded.uid)


def test_the_letter_names_no_party_and_no_account(link, case, reminded):
    with at_noon(day_of(Step.SECOND, reminded)):
        done = escalate(link, reminded)
    told = Request.objects.get(ordered_by=done.event)
    debtor = case.parties.get(role="debtor")
    assert told.party is None
    assert debtor.name not in str(told.carried())


def test_a_superior_that_is_not_linked_gets_a_letter_on_paper(link, case):
    Member.objects.filter(agency=link.second_bank).update(superior_name="示例银行业监督管理局")
    request = asked(link, case, "second-bank")
    for step in (Step.FIRST, Step.SECOND):
        with at_noon(day_of(step, request)):
            chasing.send_reminders()
    with at_noon(day_of(Step.SECOND, request)):
        done = escalate(link, request, "command")
    assert done.outcome["superior"] == "示例银行业监督管理局"
    assert {"product.serve", "linkage.superior"} <= open_rules(case)


def test_without_a_superior_the_refusal_says_what_to_add(link, case):
    request = asked(link, case, "second-bank")
    for step in (Step.FIRST, Step.SECOND):
        with at_noon(day_of(step, request)):
            chasing.send_reminders()
    with at_noon(day_of(Step.SECOND, request)), pytest.raises(engine.Refused, match="No superior"):
        escalate(link, request)


def test_nobody_is_denounced_before_two_reminders(link, case, request_):
    with at_noon(day_of(Step.FIRST, request_)):
        chasing.send_reminders()
        with pytest.raises(engine.Refused, match="reminded of .* twice"):
            escalate(link, request_)


def test_an_unlawful_refusal_needs_no_reminder(link, case, request_):
    link.answer(request_, link.teller, outcome="refused", ground="other", remarks="须经总行审批。")
    world = link.world
    world.do(
        "request.check", case, "implementer", request=str(request_.uid), lawful="no", remarks="应当办理。"
    )
    assert escalate(link, request_).outcome["superior"] == link.bank.name


def test_the_officer_does_not_escalate(link, case, reminded):
    with at_noon(day_of(Step.SECOND, reminded)), pytest.raises(engine.Refused, match="is for"):
        escalate(link, reminded, "implementer")


def test_the_superior_is_told_once(link, case, reminded):
    with at_noon(day_of(Step.SECOND, reminded)):
        escalate(link, reminded)
        with pytest.raises(engine.Refused, match="was told"):
            escalate(link, reminded)


# --- advice and fines -----------------------------------------------------------------------------
def advise(link, entry, **data):
    values = {
        "difficulty": str(entry.uid),
        "measure": "fine",
        "unit_amount": "50000.00",
        "reasons": "两次催办后仍拒不反馈，致款项被转移。",
    } | data
    return link.world.do("request.advise", entry.case, "implementer", **values)


@pytest.fixture
def delay(reminded) -> Difficulty:
    return Difficulty.objects.get(request=reminded)


def test_the_president_fines_unit_and_person_each_by_a_decision(link, case, delay):
    proposed = advise(link, delay, person="李某", post="行长", person_amount="10000.00")
    assert proposed.proposal.duty == "president"
    link.world.approve(proposed, "president")
    delay.refresh_from_db()
    assert (delay.fine_of_unit, delay.fine_of_person, delay.fined_person) == (50000, 10000, "李某")
    decisions = list(Document.objects.filter(case=case, writ="decision.fine").order_by("id"))
    assert len(decisions) == 2
    assert "司惩" in decisions[0].number
    assert decisions[0].number != decisions[1].number
    assert decisions[0].data["amount"]["figure"] == "50,000.00"
    assert decisions[1].data["person"]["name"]["zh"] == "李某"
    assert set(delay.request.documents.all()) >= set(decisions)


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [
        ({"unit_amount": "49999.99"}, "fined 50,000.00 to 1,000,000.00"),
        ({"unit_amount": "1000000.01"}, "fined 50,000.00 to 1,000,000.00"),
        ({"unit_amount": "", "person": "李某", "person_amount": "100000.01"}, "at most 100,000.00"),
        ({"unit_amount": ""}, "how much"),
        ({"person": "李某"}, "with the amount, or neither"),
        ({"person_amount": "5000.00"}, "with the amount, or neither"),
        ({"measure": "advice"}, "no fine"),
    ],
)
def test_fines_stay_within_the_law(link, delay, amounts, reason):
    with pytest.raises(engine.Refused, match=reason):
        advise(link, delay, **amounts)


def test_one_act_is_fined_once(link, delay):
    link.world.approve(advise(link, delay), "president")
    with pytest.raises(engine.Refused, match="fined once"):
        advise(link, delay)


def test_without_proof_of_service_nobody_is_fined(link, case):
    link.world.do(
        "difficulty.record",
        case,
        "implementer",
        kind="tip-off",
        agency="second-bank",
        happened_on=clock.today().isoformat(),
        said="柜员告知被执行人转移存款。",
    )
    with pytest.raises(engine.Refused, match="proof of service"):
        advise(link, Difficulty.objects.get(case=case))


def test_a_refusal_is_judged_before_it_is_punished_and_a_lawful_one_never_is(link, case, request_, delay):
    link.answer(request_, link.teller, outcome="refused", ground="no-writ", remarks="未附通知书。")
    refusal = Difficulty.objects.get(request=request_, kind="refusal")
    world = link.world
    world.do(
        "difficulty.record",
        case,
        "implementer",
        kind="interference",
        by_whom="某局某某",
        happened_on=clock.today().isoformat(),
        said="打电话要求暂缓冻结。",
    )
    with pytest.raises(engine.Refused, match="Judge the refusal first"):
        advise(link, refusal)
    world.do(
        "request.check", case, "implementer", request=str(request_.uid), lawful="yes", remarks="确未附。"
    )
    with pytest.raises(engine.Refused, match="settled"):
        advise(link, refusal)


def test_advice_goes_to_a_linked_supervision_organ_with_its_clock(link, case, delay):
    organ = make_agency(link.world, "demo-supervision", "supervision", "示例监察委员会", ("SUP-ADVICE",))
    done = link.world.approve(
        advise(link, delay, measure="advice", unit_amount="", organ=organ.code), "president"
    )
    sent = Request.objects.get(ordered_by=done.event)
    assert (sent.agency, sent.matter_code) == (organ, "SUP-ADVICE")
    delay.refresh_from_db()
    assert delay.advised_on == clock.today()
    assert delay.request.reminded == Step.PENALTY


def test_advice_without_a_linked_organ_is_handed_over_on_paper(link, case, delay):
    link.world.approve(advise(link, delay, measure="advice", unit_amount=""), "president")
    assert "product.serve" in open_rules(case)
    assert Document.objects.filter(case=case, writ="advice.judicial").exists()


# --- the register ---------------------------------------------------------------------------------
def record(link, case, who="implementer", **data):
    values = {
        "kind": "interference",
        "by_whom": "某局某某",
        "happened_on": clock.today().isoformat(),
        "said": "打电话要求暂缓冻结。",
    } | data
    link.world.do("difficulty.record", case, who, **values)
    return Difficulty.objects.filter(case=case).latest("id")


def test_interference_is_entered_and_told_to_head_and_command(link, case):
    entry = record(link, case)
    assert (entry.by_whom, entry.agency, entry.is_open) == ("某局某某", None, True)
    told = Notice.objects.filter(code="difficulty.recorded").values_list("person__username", flat=True)
    assert set(told) == {"head", "command"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"by_whom": ""}, "who it was"),
        ({"happened_on": "2999-01-01"}, "after today"),
        ({"served_on": "2999-01-01"}, "after today"),
        ({"agency": "no-such-agency"}, "No such agency"),
        ({"lawful": "yes"}, "Only a refusal is lawful"),
        ({"kind": "refusal", "ground": "internal", "lawful": "yes"}, "Only a refusal is lawful"),
    ],
)
def test_an_entry_says_who_when_and_on_what_ground(link, case, data, reason):
    with pytest.raises(engine.Refused, match=reason):
        record(link, case, **data)


def test_an_entry_about_a_request_takes_agency_and_day_from_it(link, case, request_):
    entry = record(link, case, kind="own-release", by_whom="", request=str(request_.uid))
    assert (entry.agency, entry.served_on) == (request_.agency, clock.legal_day(request_.delivered_at))
    with pytest.raises(engine.Refused, match="name that agency"):
        record(link, case, kind="own-release", agency="second-bank", request=str(request_.uid))


def test_a_lawful_refusal_is_entered_and_ended_at_once(link, case):
    entry = record(link, case, kind="refusal", agency="second-bank", ground="transferred", lawful="yes")
    assert (entry.is_lawful, entry.ending) == (True, "lawful")


def settle(link, entry, ending, **data):
    values = {"difficulty": str(entry.uid), "ending": ending, "reply": "已当面说明，不再追究。"} | data
    link.world.do("difficulty.settle", entry.case, "implementer", **values)
    entry.refresh_from_db()


def test_an_entry_ends_with_what_the_court_answered(link, case):
    entry = record(link, case)
    settle(link, entry, "dropped")
    assert (entry.ending, entry.reply, entry.ended_on) == (
        "dropped", "已当面说明，不再追究。", clock.today()
    )  # fmt: skip
    assert not open_rules(case, subject=entry.uid)


@pytest.mark.parametrize(
    ("ending", "reason"),
    [("sanctioned", "Neither a fine"), ("lawful", "Only a refusal"), ("performed", "was not carried out")],
)
def test_an_entry_does_not_end_in_what_did_not_happen(link, delay, ending, reason):
    with pytest.raises(engine.Refused, match=reason):
        settle(link, delay, ending)


def test_an_entry_is_settled_once(link, case):
    entry, _other = record(link, case), record(link, case)
    settle(link, entry, "dropped")
    with pytest.raises(engine.Refused, match="is settled"):
        settle(link, entry, "dropped")


def test_a_recall_ends_the_delay(link, case, request_):
    with at_noon(request_.due_on + ONE_DAY):
        remind(link, case)
    link.world.do("request.recall", case, "implementer", request=str(request_.uid), reason="已履行。")
    assert Difficulty.objects.get(request=request_).ending == "recalled"


def test_the_chain_of_a_chased_case_verifies(link, case, delay):
    link.world.approve(advise(link, delay), "president")
    case.refresh_from_db()
    assert verify(case=case).faults == []
    assert Message.objects.filter(case=case, kind="dispatch").exclude(state=MessageState.CANCELLED).exists()


# --- renewals -------------------------------------------------------------------------------------
def test_what_lapses_in_three_days_is_the_heads(link, case):
    measure = frozen(link, case, "30000.00")
    with at_noon(measure.last_day - 4 * ONE_DAY):
        assert chasing.escalate_renewals() == 0
    with at_noon(measure.last_day - 3 * ONE_DAY):
        assert chasing.escalate_renewals() == 1
        assert chasing.escalate_renewals() == 0
        task = Deadline.objects.get(case=case, rule="linkage.renewal-escalated", state=DeadlineState.OPEN)
        assert (task.duty, task.due_on) == ("bureau-head", measure.last_day)


def test_a_measure_left_to_lapse_for_a_reason_is_not_late(link, case):
    measure = frozen(link, case, "30000.00")
    with at_noon(measure.last_day - 5 * ONE_DAY):
        wish = {"measure": str(measure.uid), "reason": "另有足额财产。"}
        link.world.approve(link.world.do("measure.let-lapse", case, "implementer", **wish), "judge")
    with at_noon(measure.last_day - 2 * ONE_DAY):
        assert chasing.escalate_renewals() == 0
