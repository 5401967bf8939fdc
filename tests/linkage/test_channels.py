"""Requests leave by each agency's channel; one that fails, hangs or is gone keeps nobody else waiting."""

import json
from datetime import timedelta
from threading import Thread

import httpcore
import pytest
import rfc8785
from django.core import mail
from django.db import connections

from enforcement import abreast, outbox, tasks
from enforcement.engine import Refused
from enforcement.health import outbox_age
from enforcement.models import Deadline, DeadlineState, Message, MessageState, Notice
from enforcement.outbox import SCHEDULE
from law import clock
from linkage import delivering, envelope, signatures
from linkage.channels import addresses, dispatching, wire
from linkage.endpoints import BadEndpoint
from linkage.models import Channel, ChannelKind, Dispatch, Request
from tests.linkage import wire as fake
from tests.world import return_of_service

pytestmark = pytest.mark.django_db

BRANCH, SECOND = "demo-bank-chengguan", "second-bank"


@pytest.fixture
def system():
    with fake.system() as told:
        yield told


def ask(link, case, *agencies, matters=("BANK-INQ-DEP",)):
    return link.inquire(case, matters=list(matters), agencies=list(agencies))


def message_of(request: Request) -> Message:
    return Message.objects.get(dispatch__request=request)


def channel_of(agency) -> Channel:
    return Channel.objects.get(agency=agency)


def later(seconds: float):
    return clock.freeze(clock.now() + timedelta(seconds=seconds))


# --- webhook --------------------------------------------------------------------------------------
def test_a_webhook_gets_a_signed_event_and_then_the_request_has_arrived(link, case, system):
    fake.webhook(link.branch, system.url)
    (request,) = ask(link, case, BRANCH)
    assert abreast.deliver() == 1
    (got,) = system.got
    message = message_of(request)
    event = json.loads(got.body)
    assert message.state == MessageState.DELIVERED
    assert got.headers["webhook-id"] == event["id"] == str(message.pk)
    assert got.headers["content-type"].startswith("application/cloudevents+json")
    assert (event["specversion"], event["type"], event["subject"]) == (
        "1.0",
        "zhixing.request.issued",
        request.number,
    )
    assert event["data"]["facts"]["person"]["identity_number"] == request.party.identity_number
    assert got.body == rfc8785.dumps(event)
    request.refresh_from_db()
    assert request.delivered_at == message.delivered_at


def test_the_same_thing_told_again_is_the_same_bytes(link, case):
    (request,) = ask(link, case, BRANCH)
    dispatch = envelope.ready(Dispatch.objects.filter(request=request)).get()
    first = envelope.body(dispatch)
    with later(3600):
        assert envelope.body(envelope.ready(Dispatch.objects.filter(request=request)).get()) == first


def test_personal_data_stands_neither_in_the_outbox_nor_in_an_attempt(link, case, system):
    fake.webhook(link.branch, system.url)
    system.status, system.body = 500, b"6222020200112233445"
    (request,) = ask(link, case, BRANCH)
    abreast.deliver()
    message = message_of(request)
    written = json.dumps(message.body) + "".join(one.error for one in message.tries.all())
    assert request.party.identity_number not in written
    assert "6222020200112233445" not in written
    assert "HTTP 5xx (500)" in written


def test_personal_data_is_masked_when_the_agency_may_no_longer_see_it(link, case):
    (request,) = ask(link, case, BRANCH)
    number = request.party.identity_number
    request.visible_until = clock.today() - timedelta(days=1)
    assert number not in str(envelope.facts(request))


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_is_an_arrival_whatever_the_body_says(link, case, system, status):
    fake.webhook(link.branch, system.url)
    system.status, system.body = status, b"" if status == 204 else b"<html>welcome</html>"
    (request,) = ask(link, case, BRANCH)
    abreast.deliver()
    assert message_of(request).state == MessageState.DELIVERED


@pytest.mark.parametrize("status", [302, 400, 401, 404, 500, 502])
def test_anything_else_is_tried_again_later(link, case, system, status):
    fake.webhook(link.branch, system.url)
    system.status, system.headers = status, {"location": "http://169.254.169.254/"}
    (request,) = ask(link, case, BRANCH)
    with clock.freeze():
        abreast.deliver()
        waits = (message_of(request).due_at - clock.now()).total_seconds()
    assert 0.8 * SCHEDULE[0] <= waits <= 1.2 * SCHEDULE[0]
    assert len(system.got) == 1
    request.refresh_from_db()
    assert request.delivered_at is None


@pytest.mark.parametrize(("asked", "obeyed"), [("99999", 3600), ("120", 120), ("1", 4)])
def test_a_receiver_that_asks_for_rest_gets_it_up_to_an_hour(link, case, system, asked, obeyed):
    fake.webhook(link.branch, system.url)
    system.status, system.headers = 429, {"retry-after": asked}
    first, second = ask(link, case, BRANCH, matters=["BANK-INQ-DEP"])[0], None
    with clock.freeze():
        abreast.deliver()
        waits = (message_of(first).due_at - clock.now()).total_seconds()
        assert obeyed <= waits <= max(obeyed, 6)
        second = link.inquire(case, matters=["LAND-INQ"], agencies=["demo-land"])[0]
        opens = channel_of(link.branch).breaker_open_until
        assert opens is not None
        assert opens > clock.now()
        assert abreast.deliver() == 1, "others are served meanwhile"
    assert message_of(second).state == MessageState.DELIVERED


def test_an_address_that_is_gone_parks_at_once_and_switches_the_channel_off(link, case, system):
    fake.webhook(link.branch, system.url)
    system.status = 410
    (request,) = ask(link, case, BRANCH)
    abreast.deliver()
    assert message_of(request).state == MessageState.PARKED
    assert not channel_of(link.branch).is_active
    delivering.tell_of_undelivered()
    assert Deadline.objects.filter(
        rule="linkage.undelivered", subject=request.uid, state=DeadlineState.OPEN
    ).exists()


def test_a_body_without_an_end_is_cut(link, case, system):
    fake.webhook(link.branch, system.url)
    system.status, system.endless = 200, True
    (request,) = ask(link, case, BRANCH)
    abreast.deliver()
    assert message_of(request).state == MessageState.DELIVERED


def test_a_header_that_drips_ends_with_the_time_of_the_whole_call(settings, monkeypatch):
    monkeypatch.setattr(wire, "TOTAL_SECONDS", 0.6)
    with fake.dripping() as url, pytest.raises(httpcore.TimeoutException):
        wire.post(url, ["127.0.0.0/8"], {"content-type": "text/plain"}, b"x")


def test_nothing_of_the_environment_leads_a_call_elsewhere(system, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    answered = wire.post(system.url, ["127.0.0.0/8"], {"content-type": "text/plain"}, b"x")
    assert (answered.status, len(system.got)) == (204, 1)


# --- where a call may go --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("127.0.0.1", ["10.0.0.0/8"]),
        ("169.254.169.254", ["169.254.0.0/16"]),
        ("::ffff:169.254.169.254", ["169.254.0.0/16"]),
        ("::ffff:127.0.0.1", ["10.0.0.0/8"]),
        ("0.0.0.0", ["0.0.0.0/8"]),
        ("224.0.0.1", ["224.0.0.0/8"]),
        ("2130706433", ["10.0.0.0/8"]),
        ("10.9.0.1", ["10.8.0.0/16"]),
    ],
)
def test_a_host_outside_the_agencys_networks_is_not_called(address, networks):
    with pytest.raises((BadEndpoint, OSError)):
        addresses.resolve(address, 443, networks)


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_outside_trials_this_machine_is_nobodys_network(settings, address):
    settings.DEV = False
    with pytest.raises(BadEndpoint):
        addresses.resolve(address, 443, ["127.0.0.0/8"])


def test_a_name_that_changes_between_the_look_and_the_call_is_caught_at_the_call(monkeypatch, system):
    """What is resolved is what is connected to; there is no second look that could differ."""
    asked = []

    def answers(host, port, **options):
        asked.append(host)
        place = ("10.1.1.1" if len(asked) == 1 else "127.0.0.1", port)
        return [(2, 1, 6, "", place)]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", answers)
    assert addresses.resolve("bank.test.cn", 80, ["10.0.0.0/8"]) == "10.1.1.1"
    with pytest.raises(BadEndpoint, match="no network"):
        wire.post("http://bank.demo.cn/inbox", ["10.0.0.0/8"], {}, b"x")
    assert system.got == []


def test_a_name_that_leads_here_and_there_leads_nowhere(monkeypatch):
    places = [(2, 1, 6, "", ("10.1.1.1", 80)), (2, 1, 6, "", ("192.168.1.1", 80))]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: places)
    with pytest.raises(BadEndpoint):
        addresses.resolve("bank.demo.cn", 80, ["10.0.0.0/8"])


# --- breaker and places ---------------------------------------------------------------------------
def failing(link, case, count):
    """Messages of several cases to the branch, whose system refuses connections."""
    fake.webhook(link.branch, "http://127.0.0.1:9/")
    return [ask(link, link.world.assigned_case(), BRANCH)[0] for _ in range(count)]


def test_after_five_failures_in_a_row_an_endpoint_is_left_alone_and_then_tried_once_a_minute(link, case):
    failing(link, case, 8)
    start = clock.now()
    with clock.freeze(start):
        tried = abreast.deliver()
        assert 5 <= tried <= 8
        assert channel_of(link.branch).breaker_open_until == start + dispatching.PROBE_PAUSE
    with clock.freeze(start + timedelta(seconds=59)):
        assert abreast.deliver() == 0
        assert outbox_age(clock.now()) == 0, "who is left alone is no sign of a dead worker"
        assert not outbox.anything_due(kinds=["dispatch"])
    with clock.freeze(start + timedelta(seconds=61)):
        assert abreast.deliver() == 1


def test_one_success_closes_the_breaker(link, case, system):
    (request,) = failing(link, case, 1)
    channel = channel_of(link.branch)
    channel.failures, channel.breaker_open_until, channel.url = 9, clock.now(), system.url
    channel.save()
    with later(1):
        abreast.deliver()
    channel.refresh_from_db()
    assert (channel.failures, channel.breaker_open_until) == (0, None)
    assert message_of(request).state == MessageState.DELIVERED


def test_an_agency_that_refuses_for_an_hour_gets_everything_once_and_in_order(link, case, system):
    fake.webhook(link.branch, "http://127.0.0.1:9/")
    requests = [ask(link, one, BRANCH)[0] for one in (case, link.world.assigned_case())]
    start = clock.now()
    for minute in range(0, 60, 5):
        with clock.freeze(start + timedelta(minutes=minute)):
            abreast.deliver()
    assert not system.got
    channel = channel_of(link.branch)
    channel.url = system.url
    channel.save()
    for hour in range(1, 8):
        with clock.freeze(start + timedelta(hours=hour)):
            abreast.deliver()
            abreast.deliver()
    assert {message_of(one).state for one in requests} == {MessageState.DELIVERED}
    assert sorted(got.headers["webhook-id"] for got in system.got) == sorted(
        str(message_of(one).pk) for one in requests
    )


def test_an_agency_never_gets_more_calls_at_a_time_than_it_takes(link, case, system):
    fake.webhook(link.branch, system.url, concurrency=2)
    for _ in range(6):
        ask(link, link.world.assigned_case(), BRANCH)
    taken = outbox.lease_abreast("dispatch", dispatching.traffic(clock.now()), 32)
    assert len(taken) == 2
    assert outbox.lease_abreast("dispatch", dispatching.traffic(clock.now()), 32) == []
    with later(121):
        again = outbox.lease_abreast("dispatch", dispatching.traffic(clock.now()), 32)
        assert len(again) == 2, "a worker that never came back gives its places free"


def test_messages_of_one_case_to_one_agency_keep_their_order(link, world, system):
    fake.webhook(link.branch, system.url)
    case = world.assigned_case(parties=[world.applicant(), world.debtor(), world.company()])
    requests = [
        link.inquire(case, matters=["BANK-INQ-DEP"], agencies=[BRANCH], debtors=[str(party.uid)])[0]
        for party in case.parties.filter(role="debtor").order_by("id")
    ]
    system.status = 500
    assert abreast.deliver() == 1, "the second waits for the first"
    system.status = 204
    assert abreast.deliver() == 0
    with later(10):
        assert abreast.deliver() == 2
    assert [got.headers["webhook-id"] for got in system.got[1:]] == [
        str(message_of(request).pk) for request in requests
    ]


def test_a_hanging_agency_holds_its_own_places_and_nobody_else_waits(transactional_db, world):
    from tests.linkage_world import linked

    link = linked(world)
    with fake.system() as dead, fake.system() as quick:
        dead.hangs = True
        fake.webhook(link.branch, dead.url)
        fake.webhook(link.second_bank, quick.url)
        for _ in range(10):
            ask(link, world.assigned_case(), BRANCH)
        case = world.assigned_case()
        ask(link, case, SECOND)

        def work():
            abreast.deliver(seconds=3)
            connections.close_all()

        worker = Thread(target=work)
        worker.start()
        fake.until(lambda: len(quick.got) == 1, 10)
        fake.until(lambda: dead.together == 4, 10)
        ask(link, world.assigned_case(), SECOND)
        fake.until(lambda: len(quick.got) == 2, 10)
        assert dead.most_together == 4
        dead.hold.set()
        dead.hangs = False
        worker.join()
    assert not Message.objects.filter(recipient=SECOND).exclude(state=MessageState.DELIVERED).exists()


# --- portal, pull ---------------------------------------------------------------------------------
def test_what_goes_to_a_portal_has_arrived_and_an_e_mail_says_only_how_much(link, case):
    link.branch.member.contact_email = "contact@bank.example"
    link.branch.member.save()
    (request,) = ask(link, case, BRANCH)
    abreast.deliver()
    request.refresh_from_db()
    assert request.delivered_at is not None
    outbox.deliver_due(leave=["render"])
    (received,) = mail.outbox
    assert received.to == ["contact@bank.example"]
    text = f"{received.subject}{received.body}"
    assert "1" in text
    for secret in (request.number, case.number, request.party.name, request.matter.name_zh):
        assert secret not in text


def test_an_agency_gets_at_most_one_e_mail_in_a_quarter_of_an_hour(link, world):
    link.branch.member.contact_email = "contact@bank.example"
    link.branch.member.save()
    start = clock.now()
    for minute in range(0, 14, 2):
        with clock.freeze(start + timedelta(minutes=minute)):
            ask(link, world.assigned_case(), BRANCH)
            abreast.deliver()
            outbox.deliver_due(leave=["render"])
    assert len(mail.outbox) == 1
    with clock.freeze(start + timedelta(minutes=16)):
        outbox.deliver_due(leave=["render"])
    assert len(mail.outbox) == 2
    assert "7" in mail.outbox[1].subject


def test_what_is_to_be_pulled_has_not_arrived_before(link, case):
    Channel.objects.filter(agency=link.branch).update(kind=ChannelKind.PULL)
    (request,) = ask(link, case, BRANCH)
    abreast.deliver()
    request.refresh_from_db()
    assert message_of(request).state == MessageState.DELIVERED
    assert request.delivered_at is None


# --- what follows when it does not arrive -----------------------------------------------------------
def given_up(link, case):
    (request,) = failing(link, case, 1)
    message = message_of(request)
    Message.objects.filter(pk=message.pk).update(attempts=len(SCHEDULE))
    abreast.deliver()
    assert message_of(request).state == MessageState.PARKED
    delivering.tell_of_undelivered()
    return request


def test_what_can_not_be_delivered_is_on_the_desk_of_the_officer(link, case):
    request = given_up(link, case)
    delivering.tell_of_undelivered()
    task = Deadline.objects.get(rule="linkage.undelivered", subject=request.uid)
    assert (task.owner, task.act) == (request.case.implementer, "request.resend")
    assert Notice.objects.filter(person=request.case.implementer, code="message.parked").count() == 1


def test_a_person_sends_it_again(link, case, system):
    request = given_up(link, case)
    fake.webhook(link.branch, system.url, failures=0, breaker_open_until=None)
    link.world.do("request.resend", request.case, "implementer", request=str(request.uid))
    assert abreast.deliver() == 1
    request.refresh_from_db()
    assert request.delivered_at is not None
    task = Deadline.objects.get(rule="linkage.undelivered", subject=request.uid)
    assert task.state == DeadlineState.MET
    with pytest.raises(Refused, match="has reached"):
        link.world.do("request.resend", request.case, "implementer", request=str(request.uid))


def test_a_person_serves_it_on_paper_and_nothing_is_sent_any_more(link, case, system):
    request = given_up(link, case)
    link.world.do(
        "request.serve-on-paper",
        request.case,
        "implementer",
        request=str(request.uid),
        served_on=clock.today().isoformat(),
        handed_to="柜台经理",
        proof=return_of_service(),
    )
    request.refresh_from_db()
    assert clock.legal_day(request.delivered_at) == clock.today()
    assert message_of(request).state == MessageState.CANCELLED
    fake.webhook(link.branch, system.url)
    with later(3600):
        assert abreast.deliver() == 0


def test_nobody_serves_on_paper_before_it_was_issued(link, case):
    request = given_up(link, case)
    with pytest.raises(Refused) as refused:
        link.world.do(
            "request.serve-on-paper",
            request.case,
            "implementer",
            request=str(request.uid),
            served_on=(clock.today() - timedelta(days=1)).isoformat(),
            handed_to="柜台经理",
            proof=return_of_service(),
        )
    assert refused.value.field == "served_on"


def test_acts_ring_only_the_workers_they_need(monkeypatch):
    rung = []
    monkeypatch.setattr(tasks.bell, "ring", lambda *calls: rung.append({task.name for task, _ in calls}))
    tasks.ring({"dispatch"})
    tasks.ring({"render", "email"})
    assert rung == [
        {"enforcement.link_outbox"},
        {"enforcement.render_outbox", "enforcement.deliver_outbox"},
    ]


def test_our_keys_can_be_read_by_those_who_verify():
    assert all(key.startswith("whpk_") for key in signatures.our_keys().values())
