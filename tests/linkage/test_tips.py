"""A tip is taken from anybody, a team is sent, the case learns the result, and nobody learns who reported."""

import re
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from directory.models import Duty, Person
from enforcement import engine, outbox
from enforcement.models import Deadline, Event, Message, Notice, ReadLog
from enforcement.queries import search
from law import clock
from linkage.models import DutyTeam, IdentityPermission, Tip, TipMessage
from linkage.nearness import by_nearness, distance
from linkage.queries import tips
from tests.world import make_person, set_up

TEXT = "旦增乙的货车停在我家隔壁的修理厂，车头朝东。"
NAME, PHONE = "央金拉姆", "13812345678"


@pytest.fixture(autouse=True)
def _no_counts_of_others():
    cache.clear()


def record(world, actor="command", **changes) -> Tip:
    data = {
        "kind": "asset",
        "text": TEXT,
        "place": "城关区某修理厂",
        "reporter_name": NAME,
        "reporter_phone": PHONE,
        "channel": "hotline",
    } | changes
    result = world.do("tip.record", world.court, actor, **data)
    return Tip.objects.get(uid=result.outcome["tip"])


def on_duty(world, *people, court=None, actor="command", **changes) -> DutyTeam:
    begins = clock.now() - timedelta(hours=1)
    data = {
        "leader": people[0],
        "people": list(people[1:]),
        "phone": "0891-6000000",
        "begins_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=12)).isoformat(),
    } | changes
    result = world.do("tip.set-roster", court or world.court, actor, **data)
    return DutyTeam.objects.get(uid=result.outcome["team"])


def respond(world, tip, actor="implementer", finding="车辆已找到并控制。"):
    return world.do("tip.respond", tip.court, actor, tip=str(tip.uid), finding=finding)


def close(world, tip, **changes):
    data = {"tip": str(tip.uid), "outcome": "asset-controlled"} | changes
    return world.do("tip.close", tip.court, "command", **data)


@pytest.fixture
def team(world) -> DutyTeam:
    return on_duty(world, "implementer", "second_implementer")


@pytest.fixture
def responded(world, team) -> Tip:
    tip = record(world)
    world.do("tip.dispatch", world.court, "command", tip=str(tip.uid))
    respond(world, tip)
    tip.refresh_from_db()
    return tip


# --- taking --------------------------------------------------------------------------------------------
def test_anybody_reports_without_signing_in_or_a_name_and_gets_code_and_pin(world, client):
    page = client.get(reverse("report"))
    assert page.status_code == 200
    answer = client.post(reverse("report"), {"kind": "moving", "court": world.court.code, "text": TEXT})
    body = answer.content.decode()
    (code,) = re.findall(r'id="code">([A-Z0-9-]{11})<', body)
    (pin,) = re.findall(r'id="pin">(\d{6})<', body)
    tip = Tip.objects.get()
    assert (tip.court, tip.channel, tip.has_reporter) == (world.court, "web", False)
    assert tip.text == TEXT
    assert tips.claimed(code.lower().replace("-", " "), pin) == tip
    assert Notice.objects.filter(person=world.command, code="tip.received").exists()


def test_the_same_form_sent_twice_is_one_tip(world, client):
    values = {"kind": "asset", "court": world.court.code, "text": TEXT, "idempotency_key": "abc"}
    client.post(reverse("report"), values)
    again = client.post(reverse("report"), values).content.decode()
    assert Tip.objects.count() == 1
    assert "arrived already" in again


@pytest.mark.parametrize(
    "wrong", [{"text": ""}, {"kind": "gossip"}, {"court": "无此院"}, {"text": "长" * 2001}]
)
def test_a_report_that_says_nothing_is_shown_again(world, client, wrong):
    values = {"kind": "asset", "court": world.court.code, "text": TEXT} | wrong
    answer = client.post(reverse("report"), values)
    assert answer.status_code == 422
    assert not Tip.objects.exists()


def test_one_address_does_not_flood_the_court(world, client):
    values = {"kind": "asset", "court": world.court.code, "text": TEXT}
    answers = [client.post(reverse("report"), values).status_code for _each in range(6)]
    assert answers == [200] * 5 + [429]
    other = client.post(reverse("report"), values, REMOTE_ADDR="192.0.2.7")
    assert other.status_code == 200


def test_a_court_is_not_flooded_from_many_addresses_either(world, client, monkeypatch):
    monkeypatch.setattr(tips, "MOST_AN_HOUR", 2)
    values = {"kind": "asset", "court": world.court.code, "text": TEXT}
    answers = [
        client.post(reverse("report"), values, REMOTE_ADDR=f"192.0.2.{each}").status_code for each in range(3)
    ]
    assert answers == [200, 200, 429]


@pytest.mark.parametrize("actor", ["command", "clerk"])
def test_the_hotline_writes_a_tip_down(world, actor):
    tip = record(world, actor)
    assert (tip.channel, tip.division, tip.state) == ("hotline", "540102", "received")


def test_an_area_without_a_court_is_refused(world):
    with pytest.raises(engine.Refused) as refused:
        record(world, division="999999")
    assert refused.value.code == "unknown-area"


# --- clocks --------------------------------------------------------------------------------------------
def test_what_happens_now_has_an_hour_and_the_rest_a_working_day(world):
    urgent, usual = record(world, is_urgent=True), record(world)
    assert urgent.due_at is not None
    assert usual.due_at is not None
    assert urgent.due_at - urgent.received_at <= timedelta(hours=2)
    assert usual.due_at - usual.received_at > timedelta(hours=12)


def test_overdue_tips_reach_the_command_centres_once_until_the_clock_is_set_anew(world, team):
    upper = make_person("upper_command", world.intermediate, Duty.COMMAND)
    tip = record(world, is_urgent=True)
    assert tips.warn_overdue() == 0
    assert tip.due_at is not None
    with clock.travel(tip.due_at + timedelta(minutes=1)):
        assert [tips.warn_overdue(), tips.warn_overdue()] == [1, 0]
        told = set(Notice.objects.filter(code="tip.overdue").values_list("person__username", flat=True))
        assert told == {"command", upper.username}
        world.do("tip.dispatch", world.court, "command", tip=str(tip.uid))
        tip.refresh_from_db()
    assert tip.due_at is not None
    with clock.travel(tip.due_at + timedelta(minutes=1)):
        assert tips.warn_overdue() == 1


# --- duty and dispatch -----------------------------------------------------------------------------------
def test_nearness_goes_by_county_city_region():
    assert [distance("540102", code) for code in ("540102", "540103", "540200", "510000")] == [0, 1, 2, 3]


def test_the_nearest_team_is_sent_and_told(world, team):
    make_person("sister_command", world.sister, Duty.COMMAND)
    sister = on_duty(
        world, "sister_implementer", court=world.sister, actor=Person.objects.get(username="sister_command")
    )
    assert [one.pk for one in by_nearness("540103", [team, sister])] == [sister.pk, team.pk]
    here, there = record(world), record(world, division="540103")
    for tip, expected in ((here, team), (there, sister)):
        world.do("tip.dispatch", world.court, "command", tip=str(tip.uid))
        tip.refresh_from_db()
        assert (tip.state, tip.team) == ("dispatched", expected)
    assert Notice.objects.filter(person=world.second_implementer, code="tip.dispatched").count() == 1
    assert Notice.objects.filter(person__username="sister_command", code="tip.dispatched").exists()


def test_without_a_team_on_duty_nobody_is_sent(world):
    tip = record(world)
    with pytest.raises(engine.Refused) as refused:
        world.do("tip.dispatch", world.court, "command", tip=str(tip.uid))
    assert refused.value.code == "nobody-on-duty"
    team = on_duty(world, "implementer")
    world.do("tip.end-roster", world.court, "command", team=str(team.uid))
    with pytest.raises(engine.Refused):
        world.do("tip.dispatch", world.court, "command", tip=str(tip.uid))


@pytest.mark.parametrize(
    ("people", "changes", "field"),
    [
        (["clerk"], {}, "leader"),
        (["sister_implementer"], {}, "leader"),
        (["implementer", "clerk"], {}, "people"),
        (["implementer"], {"ends_at": "2020-01-01T00:00:00+08:00"}, "ends_at"),
        (["implementer"], {"ends_at": "2099-01-01T00:00:00+08:00"}, "ends_at"),
    ],
)
def test_officers_of_the_court_are_on_duty_for_a_week_at_most(world, people, changes, field):
    with pytest.raises(engine.Refused) as refused:
        on_duty(world, *people, **changes)
    assert refused.value.field == field


def test_the_team_that_was_sent_responds_and_no_other(world, team):
    make_person("third", world.court, Duty.IMPLEMENTER)
    tip = record(world)
    with pytest.raises(engine.Refused) as refused:
        respond(world, tip)
    assert refused.value.code == "not-dispatched"
    world.do("tip.dispatch", world.court, "command", tip=str(tip.uid))
    with pytest.raises(engine.Refused) as refused:
        respond(world, tip, Person.objects.get(username="third"))
    assert refused.value.code == "not-found"
    respond(world, tip, "second_implementer")
    tip.refresh_from_db()
    assert (tip.state, tip.rule) == ("responded", "linkage.tip-close")
    assert tip.finding.startswith("车辆")


def test_a_team_of_the_neighbour_reaches_the_one_tip_it_was_sent_for(world):
    chief = make_person("sister_command", world.sister, Duty.COMMAND)
    on_duty(world, "sister_implementer", court=world.sister, actor=chief)
    tip = record(world)
    with pytest.raises(engine.OutOfSight):
        respond(world, tip, "sister_implementer")
    world.do("tip.dispatch", world.court, "command", tip=str(tip.uid))
    respond(world, tip, "sister_implementer")
    with pytest.raises(engine.OutOfSight):
        respond(world, tip, "sister_implementer")


# --- closing -------------------------------------------------------------------------------------------
def test_the_case_learns_the_result_once_and_its_officer_gets_a_task(world, case, responded):
    close(world, responded, case_number=case.number, result="车辆一辆已扣押。")
    outbox.deliver_due(kinds=["tip-outcome"])
    Message.objects.filter(kind="tip-outcome").update(state="ready", due_at=clock.now())
    outbox.deliver_due(kinds=["tip-outcome"])
    event = Event.objects.get(case=case, act="case.tip-outcome")
    assert event.outcome["result"] == "车辆一辆已扣押。"
    assert Deadline.objects.get(case=case, rule="linkage.tip-follow").owner == world.implementer
    assert Notice.objects.filter(person=world.implementer, code="tip.outcome", case=case).count() == 1


def test_a_find_needs_the_team_the_case_and_words(world, case, responded):
    fresh = record(world)
    for tip, data, code in (
        (fresh, {"case_number": case.number, "result": "x"}, "not-responded"),
        (responded, {}, "no-case"),
        (responded, {"case_number": case.number}, "no-result"),
        (responded, {"case_number": "（2026）藏0102执99999号", "result": "x"}, "not-found"),
    ):
        with pytest.raises(engine.Refused) as refused:
            close(world, tip, **data)
        assert refused.value.code == code
    close(world, fresh, outcome="not-ours")
    with pytest.raises(engine.Refused) as refused:
        close(world, fresh, outcome="known")
    assert refused.value.code == "not-found"


# --- both directions -----------------------------------------------------------------------------------
def test_court_and_reporter_write_to_each_other_by_code_and_pin(world, client):
    result = world.do("tip.record", world.court, "command", kind="asset", text=TEXT, channel="visit")
    code, pin = result.revealed.split(" ")
    tip = Tip.objects.get()
    world.do("tip.reply", world.court, "command", tip=str(tip.uid), text="已安排核实，谢谢。")
    asked = client.post(reverse("report_status"), {"code": code, "pin": pin})
    assert "已安排核实" in asked.content.decode()
    client.post(reverse("report_status"), {"code": code, "pin": pin, "text": "车牌尾号 12。"})
    assert [one.text for one in tip.messages.all()] == ["已安排核实，谢谢。", "车牌尾号 12。"]
    wrong = client.post(reverse("report_status"), {"code": code, "pin": "000000" if pin != "000000" else "1"})
    assert wrong.status_code == 422
    assert "已安排" not in wrong.content.decode()


def test_a_pin_is_not_found_by_trying(world):
    result = world.do("tip.record", world.court, "command", kind="asset", text=TEXT)
    code, pin = result.revealed.split(" ")
    wrong = f"{(int(pin) + 1) % 10**6:06}"
    for _each in range(tips.MOST_WRONG_PINS):
        assert tips.claimed(code, wrong) is None
    assert tips.claimed(code, pin) is None, "the code answers no more"
    assert tips.claimed("AAAAA-AAAAA", pin) is None


def test_looks_by_one_address_are_limited(world, client):
    answers = [
        client.post(reverse("report_status"), {"code": "AAAAA-AAAAA", "pin": "1"}).status_code
        for _each in range(21)
    ]
    assert answers[-1] == 429


# --- who reported (D8) ---------------------------------------------------------------------------------
SECRETS = [NAME, PHONE, TEXT, TEXT[:6], "隔壁的修理厂"]


def test_no_event_message_or_row_holds_a_word_of_whoever_reported(world, case, responded):
    world.do("tip.reply", world.court, "command", tip=str(responded.uid), text=f"{NAME}，谢谢")
    close(world, responded, case_number=case.number, result="车辆一辆已扣押。", reply=f"谢谢{NAME}")
    outbox.deliver_due(kinds=["tip-outcome"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " AND table_type = 'BASE TABLE'"
        )
        tables = [row[0] for row in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # names of our own tables
            content = "\n".join(row[0] for row in cursor.fetchall())
            # What is binary is shown in hexadecimal: a text in it must not stand in the open either.
            found = [
                one for one in SECRETS if one in content or one.encode().hex() in content.replace("\\\\x", "")
            ]
            assert found == [], table


def test_the_cases_officer_finds_the_reporter_nowhere(world, case, responded, client):
    close(world, responded, case_number=case.number, result="车辆一辆已扣押。")
    outbox.deliver_due(kinds=["tip-outcome"])
    client.force_login(world.implementer)
    pages = [
        client.get(reverse(name, args=[case.uid])).content.decode()
        for name in ("case", "case_history", "case_print", "case_readers")
    ]
    assert "车辆一辆已扣押" in pages[1]
    assert not any(responded.number in page for page in pages)
    # The officer was of the team: that they were sent out is on their desk, and nothing else.
    pages += [client.get(reverse(name)).content.decode() for name in ("desk", "notices")]
    for page in pages:
        assert [one for one in SECRETS if one in page] == []
    assert client.get(reverse("tip", args=[responded.uid])).status_code == 404, "closed: the team is back"
    for text in (NAME, PHONE, "修理厂"):
        assert search.search(world.implementer, text).cases == []


def test_an_export_of_the_case_holds_the_result_at_most(world, case, responded, client):
    close(world, responded, case_number=case.number, result="车辆一辆已扣押。")
    outbox.deliver_due(kinds=["tip-outcome"])
    client.force_login(world.implementer)
    content = b"".join(client.post(reverse("export"), {"query": ""}).streaming_content)
    book = openpyxl.load_workbook(BytesIO(content))
    cells = str([[cell.value for cell in row] for sheet in book for row in sheet])
    assert case.number in cells
    assert [one for one in [*SECRETS, responded.number] if one in cells] == []


def test_the_ticket_is_for_command_and_the_team_sent_and_reading_is_written_down(world, team, client):
    tip = record(world)
    url = reverse("tip", args=[tip.uid])
    for who, status in (
        (world.command, 200),
        (world.implementer, 404),
        (world.clerk, 404),
        (world.head, 404),
    ):
        client.force_login(who)
        assert client.get(url).status_code == status, who
    world.do("tip.dispatch", world.court, "command", tip=str(tip.uid))
    client.force_login(world.implementer)
    page = client.get(url).content.decode()
    assert TEXT in page
    assert NAME not in page
    assert PHONE not in page
    client.force_login(world.president)
    page = client.get(url).content.decode()
    assert TEXT not in page
    client.force_login(world.command)
    assert NAME not in client.get(url).content.decode()
    assert set(ReadLog.objects.filter(what="tip").values_list("person__username", flat=True)) == {
        "command",
        "implementer",
        "president",
    }


def test_two_people_open_an_identity_once_and_within_a_day(world):
    tip = record(world)
    asked = {"tip": str(tip.uid)}
    with pytest.raises(engine.Refused) as refused:
        world.do("tip.show-identity", world.court, "finance", **asked)
    assert refused.value.code == "four-eyes"
    allowed = {"person": "finance", "ground": "reward", "reason": "发放悬赏金"}
    world.do("tip.allow-identity", world.court, "president", **asked, **allowed)
    with pytest.raises(engine.Refused):
        world.do("tip.show-identity", world.court, "command", **asked)
    shown = world.do("tip.show-identity", world.court, "finance", **asked)
    assert shown.revealed == f"{NAME} {PHONE}"
    assert NAME.encode() not in bytes(shown.event.body)
    with pytest.raises(engine.Refused):
        world.do("tip.show-identity", world.court, "finance", **asked)
    world.do("tip.allow-identity", world.court, "president", **asked, **allowed)
    with clock.travel(clock.now() + timedelta(hours=25)), pytest.raises(engine.Refused):
        world.do("tip.show-identity", world.court, "finance", **asked)
    assert ReadLog.objects.filter(what="tip.identity").count() == 1


def test_nobody_lets_themselves_look_and_nobody_looks_where_nobody_said_who_they_are(world):
    both = make_person("both", world.court, Duty.PRESIDENT, Duty.COMMAND)
    tip = record(world)
    values = {"person": "both", "ground": "reward", "reason": "发放悬赏金"}
    with pytest.raises(engine.Refused) as refused:
        world.do("tip.allow-identity", world.court, both, tip=str(tip.uid), **values)
    assert refused.value.code == "four-eyes"
    nameless = record(world, reporter_name="", reporter_phone="")
    with pytest.raises(engine.Refused) as refused:
        world.do(
            "tip.allow-identity",
            world.court,
            "president",
            tip=str(nameless.uid),
            **values | {"person": "command"},
        )
    assert refused.value.code == "nobody"


def test_a_tip_is_changed_inside_acts_only_but_for_what_the_clock_and_the_public_page_note(world):
    tip = record(world)
    Tip.objects.filter(pk=tip.pk).update(wrong_pins=3, warned_at=clock.now())
    set_up(lambda: None)  # ends the act that the test's own transaction still names
    Tip.objects.filter(pk=tip.pk).update(wrong_pins=4)
    for change in (
        lambda: Tip.objects.filter(pk=tip.pk).update(state="closed"),
        lambda: Tip.objects.filter(pk=tip.pk).update(reporter_name_sealed=b"x"),
        lambda: tip.delete(),
        lambda: TipMessage.objects.create(
            tip=tip, from_court=True, written_by=world.command, text_sealed=b"x", at=clock.now()
        ),
        lambda: IdentityPermission.objects.create(
            tip=tip,
            allowed_by=world.president,
            allowed_to=world.command,
            purpose="x",
            until=clock.now(),
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# --- pages ---------------------------------------------------------------------------------------------
def test_the_board_is_the_command_centres(world, team, client):
    tip = record(world)
    client.force_login(world.command)
    assert tip.number in client.get(reverse("tips")).content.decode()
    client.force_login(world.clerk)
    page = client.get(reverse("tips"))
    assert page.status_code == 200
    assert tip.number not in page.content.decode()
    client.force_login(world.head)
    assert client.get(reverse("tips")).status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "bo"])
def test_public_pages_open_in_both_languages(world, client, settings, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for name in ("report", "report_status"):
        assert f'lang="{language}"' in client.get(reverse(name)).content.decode()
