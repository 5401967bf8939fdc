"""Whoever is killed between court and agency: every request has exactly one effect there, every accepted
answer exactly one effect on its case."""

import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from django.db import DatabaseError, InterfaceError, connection
from django.test import override_settings

from directory.models import Agency, Duty, Person
from enforcement import bell, tasks
from enforcement.models import Case, Event, Message, MessageState
from linkage.models import Answer, Channel, ChannelKind, Dispatch, Request, RequestState
from linkage.simulator.line import RestLine
from linkage.simulator.office import Manners, Office
from tests.faults.installation import Installation, Worker, eventually, verified
from tests.linkage_world import Linked, linked, make_staff
from tests.world import World, client_system

SEED = int(os.environ.get("ZHIXING_FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
KILLS = int(os.environ.get("ZHIXING_FAULT_KILLS", "100"))
CASES = 16  # three agencies each
AIMED = 3  # kills in the very middle of a delivery, whatever the dice say
LONGEST_WAIT, LONGEST_HOLD = 10, 12  # seconds
QUEUES = {"one": "deliver,link,sweep,celery", "two": "render,link,celery,sweep"}


class Agencies:
    """The systems of agencies: they carry out what they are told once for each ``webhook-id``."""

    def __init__(self, dice: random.Random):
        self.posts: Counter[str] = Counter()
        self.effects: dict[str, str] = {}  # webhook-id -> path
        self.lock = threading.Lock()
        self.dice = dice
        self.calm = False
        self.aimed = threading.Event()  # the next post is held until somebody was killed over it
        self.in_hand = threading.Event()
        self.let_go = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "Agencies":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def take(self, path: str, headers: Mapping[str, str]) -> int:
        name = headers["webhook-id"]
        with self.lock:
            self.posts[name] += 1
            pause, moody = self.dice.uniform(0, 0.15), 0.5 if self.calm else self.dice.random()
        if moody < 0.1:
            return 503  # not taken: it must come again
        with self.lock:
            self.effects.setdefault(name, path)
        # Carried out, not yet said so: the moment for a kill.
        if self.aimed.is_set():
            self.in_hand.set()
            self.let_go.wait(LONGEST_HOLD)
        else:
            time.sleep(pause)
        return 500 if moody > 0.95 else 200

    def kill_over_a_post(self, kill: Callable[[], None]) -> bool:
        """Kill whoever delivers while an agency has the post in hand; whether one came."""
        self.in_hand.clear()
        self.let_go.clear()
        self.aimed.set()
        ring()
        came = self.in_hand.wait(LONGEST_WAIT)
        kill()
        self.aimed.clear()
        self.let_go.set()
        return came

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        agencies = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status = agencies.take(self.path, headers)
                try:
                    self.send_response(status)
                    self.send_header("content-length", "0")
                    self.end_headers()
                except OSError:  # the worker was killed meanwhile
                    self.close_connection = True

            def log_message(self, text: str, *values: object) -> None:
                """The test counts."""

        return Handler


@pytest.fixture
def link(world: World) -> Linked:
    return linked(world)


def kill_children(place: Installation, workers: dict[str, Worker]) -> None:
    """Every process that delivers dies; the workers themselves live on, or are started again."""
    for name in sorted(workers):
        try:
            workers[name].kill_child()
        except (FileNotFoundError, ProcessLookupError):
            workers[name] = place.worker(name, queues=QUEUES[name])


def strike(place: Installation, workers: dict[str, Worker], dice: random.Random) -> str:
    """Somebody dies: mostly whoever delivers, now and then a server."""
    what = dice.choices(["child", "worker", "broker", "backends"], [88, 4, 4, 4])[0]
    name = dice.choice(sorted(workers))
    if what == "child":
        try:
            workers[name].kill_child()
        except (FileNotFoundError, ProcessLookupError):
            workers[name] = place.worker(name, queues=QUEUES[name])
    elif what == "worker":
        workers[name].kill()
        workers[name] = place.worker(name, queues=QUEUES[name])
    elif what == "broker":
        place.redis.flushall()
    else:
        ours = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{}'"
        place.postgres.sql(ours.format(place.database))
    return what


def test_every_request_has_one_effect_at_its_agency_whoever_is_killed(
    place: Installation, link: Linked
) -> None:
    print(f"seed {SEED} (ZHIXING_FAULT_SEED)")
    dice = random.Random(SEED)
    cases = [link.world.assigned_case() for _ in range(CASES)]
    with Agencies(random.Random(SEED)) as agencies:
        for channel in Channel.objects.select_related("agency"):
            channel.kind, channel.url = ChannelKind.WEBHOOK, f"{agencies.url}/{channel.agency.code}"
            channel.networks = ["127.0.0.0/8"]
            channel.save()
        workers = {name: place.worker(name, queues=queues) for name, queues in QUEUES.items()}
        for worker in workers.values():
            eventually(worker.ready)
        struck = Counter[str]()
        issued: list[Request] = []
        for number in range(KILLS):
            if number % (KILLS // CASES or 1) == 0 and cases:
                issued += again(lambda: link.inquire(cases[-1]))
                cases.pop()
                if struck["over a post"] < AIMED:
                    struck["over a post"] += agencies.kill_over_a_post(lambda: kill_children(place, workers))
            struck[strike(place, workers, dice)] += 1
            ring()
            time.sleep(dice.uniform(0.02, 0.2))
        for case in cases:
            issued += again(lambda case=case: link.inquire(case))
        print(dict(struck))
        # Everybody is up again; tomorrow every lease of the dead has run out and every breaker has closed.
        for worker in workers.values():
            worker.kill()
        agencies.calm = True
        place.worker("tomorrow", shift=1)
        eventually(everything_told, patience=300, meanwhile=ring)
    dispatches = {str(one.message_id): one for one in Dispatch.objects.select_related("agency", "request")}
    assert {one.request_id for one in dispatches.values()} == {one.pk for one in issued}
    assert len(dispatches) == len(issued), "a request is told once"
    assert set(agencies.effects) == set(dispatches)
    for name, path in agencies.effects.items():
        assert path == f"/{dispatches[name].agency.code}", "never to another agency"
    assert not Request.objects.filter(delivered_at=None).exists()
    assert struck["over a post"], "nobody was hit in the middle of a delivery"
    assert sum(agencies.posts.values()) > len(issued), "what an agency had in hand was sent again"
    answer = verified(place)
    assert answer.returncode == 0, answer.stderr


def ring() -> None:
    """What a click or beat does."""
    bell.ring((tasks.sweep_outbox, ()))


def again(act):
    """Somebody repeats what the servers' death cut short."""
    until = time.monotonic() + 60
    while True:
        try:
            return act()
        except (DatabaseError, InterfaceError):
            if time.monotonic() > until:
                raise
            connection.close()
            time.sleep(0.1)


def everything_told() -> bool:
    """Whether every message to an agency left."""
    try:
        waiting = Message.objects.filter(kind="dispatch").exclude(state=MessageState.DELIVERED)
        return not waiting.exists()
    except (DatabaseError, InterfaceError):
        connection.close()
        return False


# --- answers ------------------------------------------------------------------------------------
class Web:
    """The court's web server, which can be killed and started again on the same address."""

    def __init__(self, place: Installation):
        self.place = place
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        os.environ["ZHIXING_BIND"], os.environ["WEB_CONCURRENCY"] = f"127.0.0.1:{self.port}", "2"
        command = ("-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi:application")
        self.process = self.place.start(*command, name="web")

    def up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def web_of(place: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setenv("ZHIXING_BIND", "")
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    web = Web(place)
    eventually(web.up)
    yield web
    web.process.kill()


def test_every_accepted_answer_has_one_effect_whoever_is_killed(
    place: Installation, link: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {SEED} (ZHIXING_FAULT_SEED)")
    dice = random.Random(SEED)
    cases = [link.world.assigned_case() for _ in range(CASES)]
    requests = [one for case in cases for one in link.inquire(case)]
    Message.objects.filter(kind="dispatch").update(state=MessageState.DELIVERED)
    recalled = requests[::11]
    with web_of(place, monkeypatch) as web:
        answering = Agency.objects.filter(matters__isnull=False).distinct()
        offices = [office(web, agency, dice) for agency in answering]
        stop = threading.Event()
        threads = [threading.Thread(target=keep_office, args=(one, stop), daemon=True) for one in offices]
        for thread in threads:
            thread.start()
        for one in recalled:
            values = {"request": str(one.uid), "reason": "已履行完毕"}
            try:
                link.world.do("request.recall", one.case, "implementer", **values)
            except Exception as error:  # the agency was faster
                print("not recalled:", type(error).__name__)
        for number in range(5):
            time.sleep(dice.uniform(0.3, 1.2))
            disturb(number, place, web)
        eventually(lambda: settled(requests), patience=240)
        stop.set()
        for thread in threads:
            thread.join(60)
        eventually(web.up)
        # Late, and once more: what was answered is answered again by systems that lost their memory.
        for system in offices:
            for uid, body in system.bodies.items():
                assert system.line.answer(uid, body) < 500
    applied = Answer.objects.filter(state="applied")
    assert Counter(applied.values_list("request", flat=True)).most_common(1)[0][1] == 1
    events = Counter(Event.objects.filter(act="request.answer").values_list("case_id", flat=True))
    answered = Counter(applied.values_list("case_id", flat=True))
    assert events == answered, "an answer has one event, and an event one answer"
    for case in Case.objects.all():
        found = [bytes(one.account_index or b"") for one in case.assets.exclude(account_index=None)]
        assert len(found) == len(set(found)), "an account is found once"
    for one in Request.objects.filter(state=RequestState.RECALLED):
        assert not applied.filter(request=one).exists(), "nothing follows after a recall"
    answer = verified(place)
    assert answer.returncode == 0, answer.stderr


def office(web: Web, agency: Agency, dice: random.Random) -> Office:
    """The system of an agency that answers badly: wrongly first, twice, in another order."""
    system = make_staff(f"system.{agency.code}", agency, Duty.AGENCY_OPERATOR)
    Person.objects.filter(pk=system.pk).update(kind="client")
    # The web server checks the secret, with the hashers of the product.
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"]):
        credentials = client_system(system, ["linkage:read", "linkage:answer"])
    line = RestLine(web.url, *credentials)
    manners = Manners(delay=(0.0, 6.0), wrong_first=0.3, twice=0.5, disorder=1.0)
    return Office(agency.code, line, manners, seed=dice.randrange(10**6))


def keep_office(one: Office, stop: threading.Event) -> None:
    """An office at work; a court that is away is tried again."""
    while not stop.is_set():
        one.pull()
        one.work()
        stop.wait(0.2)


def disturb(number: int, place: Installation, web: Web) -> None:
    """The web dies in the middle of answers, PostgreSQL too; Redis forgets everything."""
    if number % 3 == 0:
        web.process.kill()
        web.start()
    elif number % 3 == 1:
        connection.close()
        place.postgres.crash()
        place.postgres.start()
    else:
        place.redis.flushall()


def settled(requests: list[Request]) -> bool:
    """Whether nothing waits for an agency any more."""
    try:
        return not Request.objects.filter(pk__in=[one.pk for one in requests]).waiting().exists()
    except (DatabaseError, InterfaceError):
        connection.close()
        return False
