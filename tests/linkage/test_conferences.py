"""Conferences are called, held and written down; what they decide becomes tasks with a day and evidence."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from rest_framework.exceptions import ValidationError

from directory.models import Duty
from enforcement import daily, engine
from enforcement.models import Event, Message, Notice
from law import clock
from linkage import liaison, scoring
from linkage.acts.conferences import names_a_case
from linkage.models import AgendaItem, Attendance, Conference, ConferenceTask, Resolution, TaskReport
from linkage.queries import conferences
from tests.linkage_world import make_staff
from tests.world import make_person, return_of_service, set_up

MINUTES = "各成员单位通报了办理情况，讨论了查询反馈时限。"
DECISION = "城关支行自下月起安排专人当日反馈查询。"


def call(world, **changes) -> Conference:
    data = {"kind": "regular", "day": clock.today().isoformat(), "place": "三楼会议室"} | changes
    result = world.do("conference.call", world.court, "command", **data)
    return Conference.objects.get(uid=result.outcome["conference"])


def attend(world, conference, **presence):
    """Everybody came, but those named."""
    rows = [
        {"agency": one.agency.code, "presence": "present", "delegate": "某主任"}
        | presence.get(one.agency.code.replace("-", "_"), {})
        for one in conference.attendances.select_related("agency")
    ]
    return world.do("conference.attend", world.court, "command", conference=str(conference.uid), rows=rows)


def hold(world, conference, *decisions) -> Conference:
    attend(world, conference)
    world.do(
        "conference.minutes",
        world.court,
        "command",
        conference=str(conference.uid),
        minutes=MINUTES,
        decisions=[{"text": text} for text in decisions or (DECISION,)],
    )
    conference.refresh_from_db()
    return conference


def give(world, conference, agency="demo-bank-chengguan", **changes) -> ConferenceTask:
    data = {
        "resolution": str(conference.resolutions.get(number=1).uid),
        "agency": agency,
        "task": "安排专人当日反馈查询",
        "evidence_required": "内部通知复印件",
        "due_on": (clock.today() + timedelta(days=20)).isoformat(),
    } | changes
    result = world.do("conference.task", world.court, "command", **data)
    return ConferenceTask.objects.get(uid=result.outcome["task_uid"])


def report(world, task, person, **changes):
    data = {"task": str(task.uid), "progress": "已发文"} | changes
    return world.do("conference.report-progress", world.court, person, **data)


@pytest.fixture
def held(world, link) -> Conference:
    return hold(world, call(world))


@pytest.fixture
def task(world, held) -> ConferenceTask:
    return give(world, held)


# --- calling and preparing -----------------------------------------------------------------------------
def test_every_member_is_called_and_told(world, link):
    set_up(lambda: type(link.teller).objects.filter(pk=link.teller.pk).update(email="teller@bank.example"))
    conference = call(world)
    assert set(conference.attendances.values_list("agency__code", flat=True)) == {
        "demo-bank",
        "demo-bank-chengguan",
        "second-bank",
        "demo-land",
    }
    assert Notice.objects.filter(code="conference.called", person=link.registrar).exists()
    mail = Message.objects.get(kind="email")
    assert mail.recipient == str(link.teller.pk)
    assert conference.number not in str(mail.body)


def test_what_is_overdue_stands_on_the_agenda_without_a_partys_name(world, link, case):
    (request,) = link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])
    with clock.travel(request.due_on + timedelta(days=4)):
        conference = call(world)
        item = conference.agenda.get(kind="overdue")
    assert item.agency == link.second_bank
    assert item.facts["numbers"] == [request.number]
    assert "1 answers overdue" in item.heading
    debtor = case.parties.get(role="debtor")
    whole = f"{item.heading}{item.text}{item.facts}"
    assert debtor.name not in whole
    assert case.number not in whole


def test_an_agenda_is_rewritten_and_what_became_open_is_added_once(world, link, case):
    conference = call(world)
    values = {"conference": str(conference.uid), "items": [{"title": "通报上季度情况"}]}
    world.do("conference.agenda", world.court, "command", **values)
    assert [one.heading for one in conference.agenda.all()] == ["通报上季度情况"]
    (request,) = link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])
    with clock.travel(request.due_on + timedelta(days=1)):
        for _twice in range(2):
            world.do(
                "conference.agenda", world.court, "command", conference=str(conference.uid), add_open=True
            )
    assert [one.kind for one in conference.agenda.all()] == ["other", "overdue"]


def test_a_conference_of_the_past_or_without_an_occasion_is_not_called(world, link):
    with pytest.raises(engine.Refused) as refused:
        call(world, day=(clock.today() - timedelta(days=1)).isoformat())
    assert refused.value.field == "day"
    with pytest.raises(engine.Refused) as refused:
        call(world, kind="ad-hoc")
    assert refused.value.code == "no-purpose"
    assert call(world, kind="ad-hoc", purpose="旺季前协调", agencies=["demo-land"]).attendances.count() == 1


def test_nobody_can_be_called_where_nobody_is_a_member(world):
    with pytest.raises(engine.Refused) as refused:
        call(world)
    assert refused.value.code == "nobody"


# --- holding -------------------------------------------------------------------------------------------
def test_minutes_wait_for_the_day_and_for_attendance(world, link):
    later = call(world, day=(clock.today() + timedelta(days=2)).isoformat())
    for code, data in (
        ("conference.minutes", {"minutes": MINUTES}),
        ("conference.attend", {"rows": [{"agency": "demo-land", "presence": "absent"}]}),
    ):
        with pytest.raises(engine.Refused) as refused:
            world.do(code, world.court, "command", conference=str(later.uid), **data)
        assert refused.value.code == "too-early"
    today = call(world)
    with pytest.raises(engine.Refused) as refused:
        world.do("conference.minutes", world.court, "command", conference=str(today.uid), minutes=MINUTES)
    assert refused.value.code == "no-attendance"


def test_who_is_present_has_a_name(world, link):
    conference = call(world)
    with pytest.raises(engine.Refused) as refused:
        attend(world, conference, demo_land={"delegate": ""})
    assert refused.value.code == "no-name"
    result = attend(world, conference, demo_land={"presence": "absent", "delegate": ""})
    assert (result.outcome["present"], result.outcome["absent"]) == (3, 1)


def test_minutes_once_kept_stand(world, held):
    for code, data in (
        ("conference.minutes", {"minutes": "别的"}),
        ("conference.agenda", {"items": []}),
        ("conference.attend", {"rows": [{"agency": "demo-land", "presence": "absent"}]}),
    ):
        with pytest.raises(engine.Refused) as refused:
            world.do(code, world.court, "command", conference=str(held.uid), **data)
        assert refused.value.code == "held"


@pytest.mark.parametrize(
    "text",
    [
        "（2026）藏0102执123号案件应当中止",
        "(2026)藏0102执123号",
        "〔2025〕藏01民终45号判决不予执行",
        "（ 2026 ）藏 0102 执 123 号",
    ],
)
def test_a_conference_decides_no_case(world, link, text):
    assert names_a_case(text)
    conference = call(world)
    attend(world, conference)
    with pytest.raises(engine.Refused) as refused:
        world.do(
            "conference.minutes",
            world.court,
            "command",
            conference=str(conference.uid),
            minutes=MINUTES,
            decisions=[{"text": text}],
        )
    assert refused.value.code == "decides-a-case"
    assert "第6条" in str(refused.value.basis[0]) or "6" in str(refused.value.basis[0])


@pytest.mark.parametrize("text", [DECISION, "按法发〔2010〕15号文件办理", "2026年起每季度一次"])
def test_cooperation_is_what_it_decides(text):
    assert not names_a_case(text)


# --- tasks ---------------------------------------------------------------------------------------------
def test_a_task_is_given_under_a_decision_to_who_was_called(world, link, held):
    task = give(world, held, due_on=None)
    assert task.due_on > clock.today()
    assert Notice.objects.filter(code="conference.task", person=link.teller).exists()
    assert not Notice.objects.filter(code="conference.task", person=link.registrar).exists()
    smaller = hold(world, call(world, agencies=["demo-land"]))
    with pytest.raises(engine.Refused) as refused:
        give(world, smaller)
    assert refused.value.code == "not-called"
    with pytest.raises(engine.Refused) as refused:
        give(world, held, task="尽快处理（2026）藏0102执1号")
    assert refused.value.code == "decides-a-case"
    with pytest.raises(engine.Refused) as refused:
        give(world, held, due_on=clock.today().isoformat())
    assert refused.value.field == "due_on"


def test_done_means_evidence_that_the_court_accepted(world, link, task):
    with pytest.raises(engine.Refused) as refused:
        report(world, task, link.teller, is_done=True)
    assert refused.value.code == "no-evidence"
    report(world, task, link.teller, progress="正在办理")
    report(world, task, link.teller, is_done=True, evidence=return_of_service())
    task.refresh_from_db()
    assert (task.state, task.done_on) == ("reported", None)
    with pytest.raises(engine.Refused) as refused:
        report(world, task, link.teller)
    assert refused.value.code == "not-open"
    waiting = TaskReport.objects.get(is_done=True)
    world.do("conference.accept-evidence", world.court, "command", report=str(waiting.uid))
    task.refresh_from_db()
    assert (task.state, task.done_on, task.in_time) == ("done", clock.today(), True)


def test_returned_evidence_opens_the_task_again_on_its_old_day(world, link, task):
    due = task.due_on
    report(world, task, link.teller, is_done=True, evidence=return_of_service())
    waiting = TaskReport.objects.get()
    with pytest.raises(ValidationError):
        world.do("conference.return-evidence", world.court, "command", report=str(waiting.uid))
    world.do("conference.return-evidence", world.court, "command", report=str(waiting.uid), reply="缺少印章")
    task.refresh_from_db()
    assert (task.state, task.due_on, task.reported_on) == ("open", due, None)
    with pytest.raises(engine.Refused) as refused:
        world.do("conference.accept-evidence", world.court, "command", report=str(waiting.uid))
    assert refused.value.code == "not-found"


@pytest.mark.parametrize("who", ["second_teller", "registrar"])
def test_another_agency_does_not_report_for_it(world, link, task, who):
    with pytest.raises(engine.Refused) as refused:
        report(world, task, link.people[who])
    assert refused.value.code == "not-found"


def test_a_reviewer_and_people_of_the_court_do_not_report(world, link, task):
    with pytest.raises(engine.OutOfSight):
        report(world, task, link.people["teller_reviewer"])
    with pytest.raises(engine.Refused) as refused:
        report(world, task, "command")
    assert refused.value.code == "duty"


def test_tasks_are_reminded_of_and_overdue_ones_reach_the_court(world, link, task):
    assert "conference-tasks" in daily.WORK
    days = {
        ahead: liaison.remind_of_tasks(task.due_on - timedelta(days=ahead))["notices"]
        for ahead in (8, 7, 3, 0, -1)
    }
    assert days == {8: 0, 7: 2, 3: 2, 0: 2, -1: 3}
    late = Notice.objects.filter(code="conference.task-overdue")
    assert {one.person.username for one in late} == {"teller", "bank_head", "command"}


def test_rows_of_a_conference_are_written_inside_acts_only(world, held):
    set_up(lambda: None)  # ends the act that the test's own transaction still names
    for change in (
        lambda: Conference.objects.filter(pk=held.pk).update(minutes="别的"),
        lambda: Resolution.objects.filter(conference=held).update(text="别的"),
        lambda: Attendance.objects.filter(conference=held).update(presence="absent"),
        lambda: AgendaItem.objects.create(conference=held, position=99, title="补"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# --- the score -----------------------------------------------------------------------------------------
def test_the_score_by_hand():
    """36 of 40 answers in time, 3 of 4 tasks, 2 of 40 refused without lawful ground, 3 of 4 conferences:
    40·0.9 + 30·0.75 + 20·0.95 + 10·0.75 = 36 + 22.5 + 19 + 7.5 = 85.0."""
    reached = scoring.score(scoring.Record(40, 36, 4, 3, 40, 2, 4, 3))
    assert [part.points for part in reached.parts] == [
        Decimal("36.0"),
        Decimal("22.5"),
        Decimal("19.0"),
        Decimal("7.5"),
    ]
    assert reached.total == Decimal("85.0")


def test_parts_in_which_nothing_was_asked_do_not_count():
    """Only tasks 1 of 2 and attendance 2 of 2: (30·0.5 + 10·1) ÷ 40 × 100 = 62.5."""
    assert scoring.score(scoring.Record(tasks_due=2, tasks_in_time=1, called=2, came=2)).total == Decimal(
        "62.5"
    )
    assert scoring.score(scoring.Record()).total is None


def test_counts_that_can_not_be_are_refused():
    with pytest.raises(ValueError, match="answers"):
        scoring.score(scoring.Record(answers_due=1, answered_in_time=2))


def test_the_record_counts_what_was_due(world, link, case, task):
    early, late = link.inquire(case, matters=["BANK-INQ-DEP"])
    assert early.agency == link.branch
    link.answer(early, link.teller, outcome="nothing")
    with clock.travel(late.due_on + timedelta(days=2)):
        link.answer(late, link.second_teller, outcome="nothing")
        records = conferences.records_of({link.branch.pk, link.second_bank.pk}, clock.today().year)
    mine, other = records[link.branch.pk], records[link.second_bank.pk]
    assert (mine.answers_due, mine.answered_in_time, mine.answered) == (1, 1, 1)
    assert (other.answers_due, other.answered_in_time, other.answered) == (1, 0, 1)
    assert (mine.called, mine.came) == (1, 1)
    assert mine.tasks_due == 0, "the day of the task has not come"
    with clock.travel(task.due_on + timedelta(days=1)):
        record = conferences.records_of({link.branch.pk}, task.due_on.year)[link.branch.pk]
    assert (record.tasks_due, record.tasks_in_time) == (1, 0)


# --- pages ---------------------------------------------------------------------------------------------
def test_the_court_sees_its_conferences_and_the_sister_court_does_not(world, link, task, client):
    held = task.conference
    client.force_login(world.command)
    assert held.number in client.get(reverse("conferences")).content.decode()
    page = client.get(reverse("conference", args=[held.uid])).content.decode()
    assert DECISION in page
    assert "安排专人当日反馈查询" in page
    assert "Attendance sheet" in client.get(reverse("conference_pack", args=[held.uid])).content.decode()
    assert "recommended values" in client.get(reverse("conference_scores")).content.decode()
    client.force_login(make_person("sister_command", world.sister, Duty.COMMAND))
    assert client.get(reverse("conference", args=[held.uid])).status_code == 404
    client.force_login(world.clerk)
    assert client.get(reverse("conferences")).status_code == 404


def test_an_agency_sees_the_conference_its_own_tasks_and_its_own_score(world, link, task, client):
    give(world, task.conference, "second-bank", task="另一家银行的任务")
    client.force_login(link.teller)
    own = client.get(reverse("portal_conferences")).content.decode()
    assert "安排专人当日反馈查询" in own
    assert "另一家银行的任务" not in own
    page = client.get(reverse("conference", args=[task.conference.uid])).content.decode()
    assert "另一家银行的任务" not in page
    form = reverse("court_act", args=[world.court.code, "conference.report-progress"])
    assert client.get(form, {"task": str(task.uid)}).status_code == 200
    assert client.get(reverse("conferences")).status_code == 404
    stranger = make_staff("stranger", link.land)
    client.force_login(stranger)
    assert client.get(reverse("conference", args=[task.conference.uid])).status_code == 404


def test_evidence_is_for_the_court_and_its_sender(world, link, task, client):
    report(world, task, link.teller, is_done=True, evidence=return_of_service())
    evidence = TaskReport.objects.get().evidence
    assert evidence is not None
    url = reverse("conference_evidence", args=[evidence.uid])
    for who, status in ((link.teller, 200), (world.command, 200), (link.registrar, 404), (world.clerk, 404)):
        client.force_login(who)
        assert client.get(url).status_code == status, who


def test_what_happened_is_on_the_register(world, task):
    assert list(
        Event.objects.filter(act__startswith="conference.").order_by("id").values_list("act", flat=True)
    ) == [
        "conference.call",
        "conference.attend",
        "conference.minutes",
        "conference.task",
    ]
