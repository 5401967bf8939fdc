"""One simulated agency: hears of requests, waits as long as it was told to, answers once each.

It can be told to behave badly: to be late, to answer twice, in another order, wrongly first.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from law import clock
from linkage.simulator import answers


class Line(Protocol):
    """How an office talks to the court: the REST interface, as any agency's program would use it."""

    def feed(self, cursor: str) -> tuple[list[dict[str, Any]], str]:
        """Events behind a cursor, to the end, and the cursor to keep."""

    def waiting(self) -> set[str] | None:
        """Ids of the requests that wait for an answer; ``None`` while the court can't be reached."""

    def accept(self, order: str) -> int:
        """Take a request on; the status of the answer."""

    def answer(self, order: str, body: dict[str, Any]) -> int:
        """Answer a request; the status. The same body gives the same bytes."""


@dataclass(frozen=True)
class Manners:
    """How an office behaves. ``delay`` in seconds, from and to; shares between 0 and 1."""

    delay: tuple[float, float] = (2.0, 8.0)
    wrong_first: float = 0.0
    twice: float = 0.0
    disorder: float = 0.0
    refuses: float = 0.0
    accepts_first: bool = True


@dataclass
class Effects:
    """What an office carried out: how often for each request, by the id it was told under."""

    by_message: dict[str, int] = field(default_factory=dict)
    by_request: dict[str, int] = field(default_factory=dict)

    def carry_out(self, message: str, request: str) -> bool:
        """Note that something was carried out; whether it was for the first time."""
        if message in self.by_message:
            return False
        self.by_message[message] = 1
        self.by_request[request] = self.by_request.get(request, 0) + 1
        return True


@dataclass(order=True)
class _Due:
    at: float
    order: dict[str, Any] = field(compare=False)


class Office:
    """An agency's office. Thread-safe: events may come from a webhook while the clock runs."""

    def __init__(
        self,
        code: str,
        line: Line,
        manners: Manners | None = None,
        *,
        seed: int | None = None,
        say: Callable[[str], None] = lambda text: None,
    ):
        self.code = code
        self.line = line
        self.manners = manners or Manners()
        self.chance = random.Random(seed)  # nosec B311  # how it behaves, nothing that must stay secret
        self.say = say
        self.effects = Effects()
        self.cursor = ""
        self.answered: dict[str, int] = {}  # request -> status of the last answer
        self._heard: set[str] = set()
        self._still_waiting: set[str] | None = None
        self._waiting: list[_Due] = []
        self._recalled: set[str] = set()
        self.bodies: dict[str, dict[str, Any]] = {}  # request -> what was answered
        self._lock = threading.Lock()

    # --- hearing --------------------------------------------------------------------------------
    def pull(self) -> int:
        """Read the feed to its end; how many events were new.

        Whoever begins anew reads all that was ever told, and answers only what still waits.
        """
        if not self.cursor:
            self._still_waiting = self.line.waiting()
            if self._still_waiting is None:
                return 0
        events, self.cursor = self.line.feed(self.cursor)
        new = sum(self.hear(event) for event in events)
        self._still_waiting = None
        return new

    def hear(self, event: dict[str, Any]) -> bool:
        """Take one event; one that came before is dropped by its id. Whether it was new."""
        with self._lock:
            if event["id"] in self._heard:
                return False
            self._heard.add(event["id"])
            order, kind = event["data"], event["type"]
            if kind.endswith("request.issued") and self._still_waiting is not None:
                if order["uid"] in self._still_waiting:
                    self._take_on(event)
            elif kind.endswith("request.issued"):
                self._take_on(event)
            elif kind.endswith("request.recalled"):
                self._recalled.add(order["uid"])
            elif kind.endswith(("request.replied", "request.reminded")):
                self._hurry(order["uid"])
            return True

    def _take_on(self, event: dict[str, Any]) -> None:
        order = event["data"]
        self.effects.carry_out(event["id"], order["uid"])
        self._waiting.append(_Due(time.monotonic() + self.chance.uniform(*self.manners.delay), order))

    def _hurry(self, request: str) -> None:
        for due in self._waiting:
            if due.order["uid"] == request:
                due.at = time.monotonic()

    @property
    def idle(self) -> bool:
        """Whether nothing waits here for an answer."""
        with self._lock:
            return not self._waiting

    # --- answering ------------------------------------------------------------------------------
    def work(self) -> int:
        """Answer what is due now; how many."""
        done = 0
        for order in self._take_due():
            if order["uid"] in self._recalled:
                continue
            self._answer(order)
            done += 1
        return done

    def _take_due(self) -> list[dict[str, Any]]:
        now = time.monotonic()
        with self._lock:
            due = sorted(one for one in self._waiting if one.at <= now)
            self._waiting = [one for one in self._waiting if one.at > now]
        orders = [one.order for one in due]
        if self.chance.random() < self.manners.disorder:
            self.chance.shuffle(orders)
        return orders

    def _answer(self, order: dict[str, Any]) -> None:
        uid = order["uid"]
        if self.manners.accepts_first:
            self.line.accept(uid)
        # What is sent again is the same, to the byte: it names its moment.
        body = self.bodies.setdefault(uid, self.body(order, clock.now()))
        if self.chance.random() < self.manners.wrong_first:
            self.line.answer(uid, body | {"outcome": "perhaps"})
        status = self.line.answer(uid, body)
        if self.chance.random() < self.manners.twice:
            status = self.line.answer(uid, body)
        if status >= 500 or status == 429:
            # The court is busy: the same bytes again, later.
            with self._lock:
                self._waiting.append(_Due(time.monotonic() + 1.0, order))
        self.answered[uid] = status
        self.say(f"{self.code} {order['number']} {order['matter']} {body['outcome']}: {status}")

    def body(self, order: dict[str, Any], at: datetime) -> dict[str, Any]:
        """The answer to an order."""
        chance = random.Random(f"{self.code}{order['uid']}")  # nosec B311
        number = f"{self.code}-{order['number']}"
        if chance.random() < self.manners.refuses:
            return {
                "outcome": "refused", "number": number, "ground": "not-the-debtor",
                "remarks": "查询对象与本单位登记信息不一致，请核对证件号码。", "handler": "示例经办人",
            }  # fmt: skip
        outcome, facts = answers.answer(order, at)
        return {"outcome": outcome, "number": number, "handler": "示例经办人", "facts": facts}
