"""The example client answers for a bank over a real server, as its programmer would run it."""

import importlib.util
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.core.cache import cache

from directory.models import Duty
from enforcement import abreast
from linkage.models import Answer, AnswerState, Dispatch, RequestState, VerifyingKey
from tests.linkage import wire
from tests.linkage_world import linked, make_staff
from tests.world import client_system

pytestmark = [pytest.mark.api, pytest.mark.django_db(transaction=True)]

BRANCH = "demo-bank-chengguan"
_spec = importlib.util.spec_from_file_location(
    "agency_client", Path(settings.BASE_DIR) / "examples" / "agency_client.py"
)
assert _spec is not None
assert _spec.loader is not None
agency_client = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(agency_client)


class Flaky(httpx.BaseTransport):
    """A network that loses every second answer, after the court's system has done its part."""

    def __init__(self):
        self.inner = httpx.HTTPTransport()
        self.calls = 0

    def handle_request(self, request):
        self.calls += 1
        response = self.inner.handle_request(request)
        if "/answers/" in request.url.path and self.calls % 2:
            response.close()
            raise httpx.ReadError("lost", request=request)
        return response


@pytest.fixture
def bank(world, live_server):
    """A bank's branch with a client of its own and a key it signs with."""
    cache.clear()
    link = linked(world)
    person = make_staff("system-of-the-branch", link.branch, Duty.AGENCY_OPERATOR)
    client_id, secret = client_system(person, ["linkage:read", "linkage:answer"])
    private, public = agency_client.new_keys()
    wire_key = agency_client.base64.b64decode(public.removeprefix("whpk_"))
    VerifyingKey.objects.create(
        agency=link.branch, key_id="2026-01", public_key=wire_key, valid_from=wire.clock.now()
    )
    http = httpx.Client(base_url=live_server.url, transport=Flaky(), timeout=30)
    client = agency_client.Client(
        live_server.url, client_id, secret, private, http=http, sleep=lambda _: None
    )
    yield link, client
    http.close()


def test_it_follows_the_feed_and_answers_each_request_once_over_a_bad_line(bank, world, tmp_path):
    link, client = bank
    requests = [
        link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"], agencies=[BRANCH])[0] for _ in range(3)
    ]
    assert {row["number"] for row in client.inbox()} == {request.number for request in requests}
    kept, done = tmp_path / "cursor", []

    # Transactions of others on the same server may hold the feed back for a moment.
    def all_done() -> bool:
        done.append(agency_client.follow(client, kept))
        return sum(done) == 3

    wire.until(all_done, 60)
    for request in requests:
        request.refresh_from_db()
        assert (request.state, request.outcome) == (RequestState.ANSWERED, "nothing")
    assert Answer.objects.filter(state=AnswerState.APPLIED, key_id="2026-01").count() == 3
    assert agency_client.follow(client, kept) == 0
    assert list(client.inbox()) == []


def test_it_asks_and_reads_and_hears_why_an_answer_is_not_accepted(bank, world):
    link, client = bank
    request = link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"], agencies=[BRANCH])[0]
    uid = str(request.uid)
    client.ask(uid, "是否包括理财账户？")
    assert client.request(uid)["questions"][0]["text"] == "是否包括理财账户？"
    with pytest.raises(agency_client.NotAccepted, match="ground"):
        client.answer(uid, "回执-9", "refused")
    assert client.answer(uid, "回执-9", "nothing")["state"] == "applied"


def test_it_tells_our_webhook_from_anybody_elses(bank, world):
    link, client = bank
    with wire.system() as system:
        wire.webhook(link.branch, system.url)
        link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"], agencies=[BRANCH])
        abreast.deliver()
        (got,) = system.got
    keys = client.court_keys()
    assert agency_client.verify(got.headers, got.body, keys)
    assert not agency_client.verify(got.headers, got.body + b" ", keys)
    assert not agency_client.verify(got.headers | {"webhook-timestamp": "1"}, got.body, keys)
    assert not agency_client.verify(got.headers, got.body, [agency_client.new_keys()[1]])
    assert Dispatch.objects.get().message_id.hex == got.headers["webhook-id"].replace("-", "")


def test_it_is_short_enough_to_be_read():
    text = (Path(settings.BASE_DIR) / "examples" / "agency_client.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 250
