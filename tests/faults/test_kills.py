"""Workers, broker and database are killed at random while people work: nothing is lost, nothing doubled."""

import os
import random
import threading
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count, Q, Sum

from directory.models import Person
from enforcement import engine
from enforcement.acts.digest import SendDigest
from enforcement.models import Case, Document, DocumentState, Event, Line, Message, MessageState
from law import clock
from tests.faults.installation import Installation, Worker, events_by_key, eventually, verified
from tests.world import World

SEED = int(os.environ.get("ZHIXING_FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
CASES, DIGESTS = 24, 48  # three acts a case and one a digest: 120


class Writer(threading.Thread):
    """Somebody who works on, and after an error sends the same again under the same key."""

    def __init__(self, world: World, filings: list[tuple[int, dict[str, Any]]], days: list[Any]) -> None:
        super().__init__(daemon=True)
        self.world, self.filings, self.days = world, filings, days
        self.done: list[str] = []
        self.errors: list[BaseException] = []
        self.retries = 0

    def run(self) -> None:
        try:
            for number, filing in self.filings:
                self._take_on(number, filing)
                if self.days:
                    self._remind(self.days.pop())
            for day in self.days:
                self._remind(day)
        except BaseException as error:
            self.errors.append(error)
        finally:
            connection.close()

    def _take_on(self, number: int, filing: dict[str, Any]) -> None:
        world = self.world
        filed = self._submit(f"f1:file:{number}", "case.file", world.court, "clerk", filing)
        case = filed.case
        assert case is not None
        officer = {"officer": world.people["implementer"].username}
        self._submit(f"f1:assign:{number}", "case.assign", case, "head", officer)
        notice = {"report_days": 10, "contact": "0891-0000000"}
        self._submit(f"f1:notice:{number}", "notice.issue", case, "implementer", notice)

    def _remind(self, day: Any) -> None:
        key = f"f1:digest:{day}"
        self._again(
            key,
            lambda: engine.do(
                SendDigest, self.world.court, Person.objects.system(), {"day": day.isoformat()}, key=key
            ),
        )

    def _submit(self, key: str, act: str, subject: Any, actor: str, data: dict[str, Any]) -> engine.Result:
        def once() -> engine.Result:
            actor_now = Person.objects.get(username=actor)
            return engine.submit(engine.act_named(act), subject, actor_now, data, key=key)

        return self._again(key, once)

    def _again(self, key: str, once: Any) -> engine.Result:
        until = time.monotonic() + 120
        while True:
            try:
                result: engine.Result = once()
            except (DatabaseError, InterfaceError):
                if time.monotonic() > until:
                    raise
                self.retries += 1
                connection.close()
                time.sleep(0.1)
            else:
                self.done.append(key)
                return result


def test_whoever_is_killed_every_act_is_done_once_and_every_message_arrives(
    place: Installation, world: World
) -> None:
    print(f"seed {SEED} (ZHIXING_FAULT_SEED)")
    dice = random.Random(SEED)
    filings = [(number, world.filing()) for number in range(CASES)]
    first = clock.today() + timedelta(days=20)
    days = [first + timedelta(days=number) for number in range(DIGESTS)]
    queues = {"one": "deliver,sweep,celery", "two": "render,celery,sweep"}
    workers = {name: place.worker(name, queues=queue) for name, queue in queues.items()}
    place.beat()
    for worker in workers.values():
        eventually(worker.ready)
    writers = [Writer(world, filings[half::2], days[half::2]) for half in range(2)]
    for writer in writers:
        writer.start()
    connection.close()
    done = Counter[str]()
    for what in _plan(dice):
        _strike(what, place, workers, queues, dice)
        done[what] += 1
        time.sleep(dice.uniform(0.2, 0.8))
    for writer in writers:
        writer.join(180)
        assert not writer.is_alive(), "a writer hangs"
        assert not writer.errors, writer.errors
    print(dict(done), "retries:", sum(writer.retries for writer in writers))

    # Everybody is up again; tomorrow every lease of the dead has run out.
    for worker in workers.values():
        worker.kill()
    place.worker("tomorrow", shift=1)
    ends = (MessageState.DELIVERED, MessageState.PARKED)
    eventually(lambda: not Message.objects.exclude(state__in=ends).exists(), meanwhile=place.ring)

    keys = [key for writer in writers for key in writer.done]
    assert len(keys) == len(set(keys)) == 3 * CASES + DIGESTS
    assert events_by_key("f1:") == dict.fromkeys(keys, 1)
    assert Case.objects.count() == CASES
    assert Message.objects.filter(kind="render").count() == Document.objects.count() == 2 * CASES
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.DELIVERED}
    once = Message.objects.annotate(good=Count("tries", filter=Q(tries__ok=True)), all=Count("tries"))
    for message in once:
        assert message.good == 1, f"{message.kind} was marked {message.good} times"
        assert message.all == message.attempts, "an attempt is missing from the record"
    for document in Document.objects.select_related("file"):
        assert document.state == DocumentState.READY
        assert document.file is not None
        assert (place.media / document.file.path).stat().st_size == document.file.size
    _mails_arrived(place)
    assert Line.objects.aggregate(total=Sum("amount"))["total"] in (None, 0)
    answer = verified(place)
    assert answer.returncode == 0, answer.stderr
    assert f"{Event.objects.count()} events" in answer.stdout


def _plan(dice: random.Random) -> list[str]:
    plan = ["broker"] * 2 + ["database"] * 2 + ["worker"] * 2 + ["backends"] * 2 + ["child"] * 6
    dice.shuffle(plan)
    return plan


def _strike(
    what: str, place: Installation, workers: dict[str, Worker], queues: dict[str, str], dice: random.Random
) -> None:
    name = dice.choice(sorted(workers))
    if what == "child":
        workers[name].kill_child()
    elif what == "worker":
        workers[name].kill()
        workers[name] = place.worker(name, queues=queues[name])
    elif what == "broker":
        place.valkey.crash()
        time.sleep(dice.uniform(0.1, 0.6))
        place.valkey.start()
    elif what == "backends":
        ours = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{}'"
        place.postgres.sql(ours.format(place.database))
    else:
        place.postgres.crash()
        place.postgres.start()


def _mails_arrived(place: Installation) -> None:
    """At least once each; a second one bears the first one's id, so that mail systems drop it."""
    sent = {f"<{pk}@zhixing>" for pk in Message.objects.filter(kind="email").values_list("pk", flat=True)}
    arrived = Counter(mail["Message-ID"] for mail in place.mailbox.mails)
    assert len(sent) == DIGESTS
    assert set(arrived) == sent
    doubled = {key: number for key, number in arrived.items() if number > 1}
    tried = Message.objects.filter(kind="email", attempts__gt=1)
    assert set(doubled) <= {f"<{pk}@zhixing>" for pk in tried.values_list("pk", flat=True)}
