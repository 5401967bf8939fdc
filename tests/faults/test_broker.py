"""The broker is a bell: forged, doubled or silent, it changes nothing but when a worker looks."""

import base64
import json
import subprocess
import sys
import time
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enforcement import bell
from enforcement.models import Case, Document, DocumentState, Event, Job, Message, MessageState
from enforcement.verification import verify
from launcher import ROOT
from tests.faults.installation import Installation, eventually
from tests.world import World

NOTICE = {"report_days": "10", "contact": "0891-0000000"}
#: A click may meet the silent broker once: half a second for the connection, half for the cache.
LONGEST_WAIT = 3.0


def forged(task: str, arguments: list[object], **changes: object) -> str:
    """A message as Celery's Redis transport keeps it, made by hand."""
    number = str(uuid.uuid4())
    body = base64.b64encode(json.dumps([arguments, {}, {}]).encode()).decode()
    envelope = {
        "body": body,
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": task, "id": number, "root_id": number, "retries": 0},
        "properties": {
            "correlation_id": number,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": "deliver"},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": str(uuid.uuid4()),
        },
    }
    return json.dumps(envelope | changes)


def test_forged_doubled_unknown_and_huge_messages_only_wake_a_worker(
    place: Installation, world: World
) -> None:
    case = world.assigned_case()
    world.do("notice.issue", case, "implementer", report_days=10, contact="0891-0000000")
    if not place.queued():
        place.ring()
    events = Event.objects.count()
    redis = place.redis
    twice = forged("enforcement.render_outbox", [])
    lines = [
        *[twice] * 20,
        forged("enforcement.run_job", [10**9]),
        forged("enforcement.run_job", ["1; DROP TABLE enforcement_event"]),
        forged("enforcement.run_job", [1, 2, 3]),
        forged("enforcement.recount_deadlines", [-1]),
        forged("os.system", ["touch /tmp/x"]),
        forged("enforcement.engine.running.submit", ["case.file"]),
        forged("enforcement.deliver_outbox", ["x" * 20_000_000]),
        forged("enforcement.deliver_outbox", [], body="not base64"),
        forged("enforcement.deliver_outbox", [], **{"content-type": "application/x-python-serialize"}),
        forged("enforcement.deliver_outbox", [], headers={}),
    ]
    for line in lines:
        redis.lpush("zhixing:deliver", line)
    worker = place.worker()
    eventually(lambda: place.queued() == 0)
    eventually(
        lambda: not Message.objects.exclude(state=MessageState.DELIVERED).exists(), meanwhile=place.ring
    )
    assert worker.alive()
    assert Event.objects.count() == events
    assert Job.objects.count() == 0
    assert all(message.attempts == 1 for message in Message.objects.all())
    assert Document.objects.filter(state=DocumentState.READY).count() == 2
    assert verify().faults == []


@pytest.mark.parametrize("how", ["gone", "hangs"])
def test_without_the_broker_pages_and_acts_answer_as_ever_and_the_sweep_delivers_later(
    place: Installation, world: World, how: str
) -> None:
    before, after = world.assigned_case(), world.assigned_case()
    with_broker = _click(world, before)
    place.silence(how)
    started = time.monotonic()
    without = _click(world, after)
    _sign_in()
    assert time.monotonic() - started < LONGEST_WAIT
    assert without == with_broker
    seconds = _clicks_of_another_process(place)
    assert seconds[0] < 2, "the first click waits for half a second at most"
    assert max(seconds[1:]) < 0.1, "the clicks after it don't wait at all"
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.READY}

    place.wake_broker()
    bell._broker.answered()
    place.worker()
    eventually(
        lambda: not Message.objects.exclude(state=MessageState.DELIVERED).exists(), meanwhile=place.ring
    )
    assert Document.objects.filter(state=DocumentState.READY).count() == 4


def _click(world: World, case: Case) -> int:
    """Look at a case and issue its notice; how many statements that took."""
    client = Client()
    client.force_login(world.implementer)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("case", args=[case.uid]))
        assert page.status_code == 200
        answer = client.post(reverse("act", args=[case.uid, "notice.issue"]), NOTICE)
        assert answer.status_code == 303, answer.content.decode()
    assert case.documents.count() == 2
    return len(queries)


def _sign_in() -> None:
    page = Client().post(reverse("account_login"), {"login": "clerk", "password": "correct horse battery"})
    assert page.status_code < 400


RING = """
import time
import django
django.setup()
from enforcement.tasks import ring
for _ in range(4):
    started = time.monotonic()
    ring()
    print("seconds", time.monotonic() - started)
"""


def _clicks_of_another_process(place: Installation) -> list[float]:
    answer = subprocess.run(
        [sys.executable, "-c", RING],
        cwd=ROOT, env=place.environment() | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [float(line.split()[1]) for line in answer.stdout.splitlines() if line.startswith("seconds")]
