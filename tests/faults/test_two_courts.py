"""Two installations, each with a database and a web server of its own: a case is delegated from one to the
other by letters over HTTP, and what comes of it travels back (委托执行)."""

import base64
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from django.test import override_settings

from directory.models import Court, Duty
from enforcement import engine, outbox
from enforcement.models import Case, Event, Message, MessageState
from law import clock
from linkage import signatures
from linkage.models import Delegation, Letter
from tests.faults.installation import Installation, eventually
from tests.world import World, make_person

HOME = "127.0.0.0/8"
THERE = "川0104"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Side:
    """One court with its installation."""

    place: Installation
    seed: bytes
    port: int
    world: World | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def public_key(self) -> str:
        with override_settings(LINKAGE_SIGNING_KEYS={"one": self.seed}):
            return signatures.our_keys()["one"]

    @contextmanager
    def inside(self) -> Iterator[World]:
        """This process works in that installation, with its database and its key."""
        with self.place.entered(), override_settings(LINKAGE_SIGNING_KEYS={"one": self.seed}, DEV=True):
            yield self.place.world()

    def serve(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LINKAGE_SIGNING_KEY", f"one:{base64.b64encode(self.seed).decode()}")
        monkeypatch.setenv("ZHIXING_BIND", f"127.0.0.1:{self.port}")
        monkeypatch.setenv("WEB_CONCURRENCY", "1")
        monkeypatch.setenv("ZHIXING_DEV", "1")
        web = self.place.start(
            "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi:application", name="web"
        )
        self.place.workers.remove(web)
        self.web = web
        eventually(self._answers)

    def _answers(self) -> bool:
        assert self.web.alive(), self.web.said[-2000:]
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
def sides(
    servers: Installation, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> Iterator[tuple[Side, Side]]:
    """The delegating court and the other one, each on its own."""
    made = []
    for name in ("here", "there"):
        database = f"two-{name}"
        servers.postgres.sql(f'CREATE DATABASE "{database}" TEMPLATE "{servers.database}"')
        place = Installation(servers.folder, servers.postgres, servers.valkey, servers.mailbox, database)
        made.append(Side(place, name.encode().ljust(32, b"."), free_port()))
    try:
        with django_db_blocker.unblock():
            for side in made:
                side.serve(monkeypatch)
            yield made[0], made[1]
    finally:
        for side in made:
            if hasattr(side, "web"):
                side.web.kill()


def other_court(world: World) -> Court:
    """A court of another province, with people of its own."""
    high = Court.objects.create(
        code="川", name="某省高级人民法院", level="high", division_code="510000", verified=False
    )
    middle = Court.objects.create(
        code="川01",
        name="某市中级人民法院",
        level="intermediate",
        parent=high,
        division_code="510100",
        verified=False,
    )
    court = Court.objects.create(
        code=THERE,
        name="某市某区人民法院",
        level="basic",
        parent=middle,
        division_code="510104",
        verified=False,
    )
    for name, duty in {
        "their_clerk": Duty.FILING_CLERK,
        "their_head": Duty.BUREAU_HEAD,
        "their_officer": Duty.IMPLEMENTER,
        "their_command": Duty.COMMAND,
    }.items():
        world.people[name] = make_person(name, court, duty)
    return court


def trust(court: Court, person: Any, code: str, name: str, side: Side) -> None:
    values = {
        "code": code, "name": name, "level": "basic", "url": side.url,
        "networks": [HOME], "public_key": side.public_key,
    }  # fmt: skip
    engine.submit(engine.act_named("peer.add"), court, person, values)


def post_letters() -> None:
    """What a worker does."""
    outbox.deliver_due(kinds=["letter"])
    waiting = Message.objects.filter(kind="letter").exclude(state=MessageState.DELIVERED)
    assert not waiting.exists(), [str(one.tries.values_list("error", flat=True).last()) for one in waiting]


def test_a_case_goes_to_another_installation_and_its_results_come_back(sides: tuple[Side, Side]) -> None:
    here, there = sides
    with there.inside() as world:
        court = other_court(world)
        trust(court, world.people["their_command"], "藏0102", "拉萨市城关区人民法院", here)
    with here.inside() as world:
        trust(world.court, world.people["command"], THERE, "某市某区人民法院", there)
        case = world.assigned_case()
        debtor = case.parties.get(role="debtor").identity_number
        values = {"peer": THERE, "reason": "财产在该区", "phone": "0891-0000000"}
        world.approve(world.do("delegation.send", case, "implementer", **values), "head")
        post_letters()
        # The answer to the post was lost: the same letter leaves once more.
        Message.objects.filter(kind="letter").update(state=MessageState.READY, due_at=clock.now())
        post_letters()
    with there.inside() as world:
        court = Court.objects.get(code=THERE)
        letter = Letter.objects.get()
        filed = engine.submit(
            engine.act_named("delegation.accept"),
            court,
            world.people["their_clerk"],
            {"letter": str(letter.uid), "contact": "028-1"},
        ).case
        assert filed is not None
        assert Case.objects.get().parties.get(role="debtor").identity_number == debtor
        theirs = Case.objects.get(pk=filed.pk)
        world.do("case.assign", theirs, "their_head", officer="their_officer")
        post_letters()
    with here.inside():
        delegation = Delegation.objects.get()
        assert (delegation.state, delegation.other_number) == ("filed", filed.number)
        assert delegation.other_officer == "their_officer"
        assert case.deadlines.filter(rule="delegation.notify", state="open").exists()
        assert Event.objects.filter(act="delegation.hear").count() == 2
    with there.inside() as world:
        theirs = Case.objects.get(pk=filed.pk)
        world.do("delegation.report", theirs, "their_officer", text="已查明存款，正在冻结")
        post_letters()
    with here.inside():
        heard = Event.objects.filter(act="delegation.hear").order_by("id").last()
        assert heard is not None
        assert heard.outcome["said"] == "已查明存款，正在冻结"
        assert Case.objects.count() == 1, "each court keeps its own case"
