"""Simulated agencies talk to the court as real ones do: over HTTP, with tokens; badly, if told to."""

import random
import time
from io import StringIO

import httpx
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from directory.models import Duty, Person
from law import clock, identity, linkage
from law.linkage import FieldKind
from linkage import delivering, envelope, signatures
from linkage.models import Answer, Dispatch, Request, RequestState
from linkage.simulator import answers
from linkage.simulator.line import RestLine
from linkage.simulator.office import Manners, Office
from linkage.simulator.receiver import Receiver
from tests.linkage_world import Linked, linked, make_staff
from tests.world import client_system, make_world

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = (0.0, 0.0)


@pytest.fixture
def link(transactional_db) -> Linked:
    return linked(make_world())


@pytest.fixture
def case(link: Linked):
    return link.world.assigned_case()


@pytest.fixture
def credentials(link: Linked) -> tuple[str, str]:
    system = make_staff("bank.system", link.second_bank, Duty.AGENCY_OPERATOR)
    Person.objects.filter(pk=system.pk).update(kind="client")
    return client_system(system, ["linkage:read", "linkage:answer"])


@pytest.fixture
def line(live_server, credentials) -> RestLine:
    return RestLine(live_server.url, *credentials)


def office(line: RestLine, **manners) -> Office:
    return Office("second-bank", line, Manners(delay=AT_ONCE, **manners), seed=7)


def play(one: Office) -> None:
    """Tell an office all that its agency was told, as a webhook would, and let it work."""
    for dispatch in envelope.ready(Dispatch.objects.filter(agency__code=one.code).order_by("id")):
        one.hear(envelope.event(dispatch))
    while not one.idle:
        one.work()


def pull(one: Office) -> None:
    """Read the feed, which holds back what is behind any transaction of the server that still runs."""
    until = time.monotonic() + 240
    while not one.cursor and time.monotonic() < until:
        one.pull()
        time.sleep(0.5)
    one.work()


@pytest.fixture
def inquiry(link: Linked, case) -> Request:
    return link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])[0]


def test_an_office_answers_what_it_is_asked(line, inquiry):
    one = office(line)
    pull(one)
    inquiry.refresh_from_db()
    assert inquiry.state == RequestState.ANSWERED
    assert one.answered == {str(inquiry.uid): 200}


def test_however_badly_it_behaves_an_answer_counts_once(line, inquiry):
    one = office(line, wrong_first=1.0, twice=1.0, disorder=1.0)
    play(one)
    assert one.answered == {str(inquiry.uid): 200}
    assert Answer.objects.filter(request=inquiry, state="applied").count() == 1
    assert inquiry.case.events.filter(act="request.answer").count() == 1


def test_one_that_begins_anew_answers_only_what_still_waits(line, link, case, inquiry):
    play(office(line))
    again = office(line)
    pull(again)
    assert again.answered == {}
    assert Answer.objects.filter(state="quarantined").count() == 0


def test_what_was_recalled_is_not_answered(line, link, inquiry):
    delivering.arrived([inquiry.pk], clock.now())
    link.world.do(
        "request.recall", inquiry.case, "implementer", request=str(inquiry.uid), reason="已履行完毕"
    )
    one = office(line)
    play(one)
    assert one.answered == {}


def test_some_refuse_with_a_ground(line, inquiry):
    play(office(line, refuses=1.0))
    inquiry.refresh_from_db()
    assert inquiry.outcome == "refused"


def test_the_command_plays_a_named_agency(live_server, credentials, inquiry):
    said = StringIO()
    until = time.monotonic() + 240
    while inquiry.state != RequestState.ANSWERED and time.monotonic() < until:
        time.sleep(0.5)
        call_command(
            "agency_simulator", agency="second-bank", client_id=credentials[0], client_secret=credentials[1],
            url=live_server.url, least_delay=0, most_delay=0, once=True, stdout=said,
        )  # fmt: skip
        inquiry.refresh_from_db()
    assert inquiry.state == RequestState.ANSWERED
    assert inquiry.number in said.getvalue()


def test_the_command_says_when_nobody_is_named():
    with pytest.raises(CommandError, match="No client system"):
        call_command("agency_simulator", stdout=StringIO())


def test_a_court_that_can_t_be_reached_is_tried_again(credentials):
    line = RestLine("http://127.0.0.1:9", *credentials)
    assert line.feed("abc") == ([], "abc")
    assert line.answer("x", {"number": "1", "outcome": "nothing"}) >= 500


def test_a_webhook_is_heard_only_from_the_court_and_once(line):
    one = office(line)
    body = b'{"id": "1", "type": "zhixing.request.reminded", "data": {"uid": "u"}}'
    headers = signatures.sign("1", clock.now(), body)
    with Receiver({"second-bank": one}, line.keys()) as receiver:
        url = f"http://127.0.0.1:{receiver.port}"
        assert httpx.post(f"{url}/second-bank", content=body, headers=headers).status_code == 200
        assert httpx.post(f"{url}/second-bank", content=body + b" ", headers=headers).status_code == 401
        assert httpx.post(f"{url}/nobody", content=body, headers=headers).status_code == 404
    assert one.hear({"id": "1", "type": "zhixing.request.reminded", "data": {"uid": "u"}}) is False


@pytest.mark.parametrize("code", linkage.matters())
def test_an_invented_answer_to_any_matter_has_only_its_fields(code):
    order = {
        "uid": f"u-{code}", "matter": code, "amount": "1000.00", "facts": {"person": {"name": "旦增乙"}},
        "term": {"first": "2026-11-23", "last": "2027-11-22"},
    }  # fmt: skip
    outcome, facts = answers.answer(order, clock.now())
    assert outcome in {"done", "part", "nothing"}
    assert set(facts) <= {one.name for one in linkage.matter(code).answer_fields}
    assert answers.answer(order, clock.now())[0] == outcome, "the same request is answered the same way"
    for one in linkage.matter(code).answer_fields:
        if one.kind is FieldKind.MONEY and facts.get(one.name) is not None:
            assert float(facts[one.name]) <= 1000, "never more than was ordered"


def test_invented_cards_pass_their_checksum():
    assert identity.check_account(answers.card(random.Random(1)))
