"""The broker is a bell: forged, doubled or silent, it changes nothing but when a worker looks."""

import base64
import json
import subprocess
import sys
import uuid

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enforcement import bell
from enforcement.models import Case, Document, DocumentState, Event, Job, Message, MessageState
from enforcement.verification import verify
from launcher import ROOT
from tests.faults.installation import Installation, eventually, everything_delivered
from tests.world import World

NOTICE = {"report_days": "10", "contact": "0891-0000000"}
#: A click that met the silent broker with the client's own patience took six to ten seconds, each time.
CLICKS, SECONDS = 20, 5.0


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


def test_without_the_broker_pages_and_acts_answer_as_ever_and_the_sweep_delivers_later(
    place: Installation, world: World
) -> None:
    cases = [world.assigned_case() for _ in range(3)]
    with_broker = _click(world, cases[0])
    for how, case in zip(("hangs", "gone"), cases[1:], strict=True):
        place.silence(how)
        assert _click(world, case) == with_broker, how
        _sign_in()
        assert _seconds_of_another_process(place) < SECONDS, how
        place.wake_broker()
        bell._broker.answered()
    assert place.queued() == 0, "the broker has forgotten everything"
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.READY}
    place.worker()
    eventually(everything_delivered, meanwhile=place.ring)
    assert Document.objects.filter(state=DocumentState.READY).count() == 6


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


RING = f"""
import time
import django
django.setup()
from django.core.cache import cache
from enforcement.tasks import ring
started = time.monotonic()
for number in range({CLICKS}):
    cache.add(f"click {{number}}", 1)
    ring(["email"])
print("seconds", time.monotonic() - started)
"""


def _seconds_of_another_process(place: Installation) -> float:
    """How long a process that never met the broker waits for it, all clicks together."""
    answer = subprocess.run(
        [sys.executable, "-c", RING],
        cwd=ROOT, env=place.environment() | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(answer.stdout.split("seconds")[1])
