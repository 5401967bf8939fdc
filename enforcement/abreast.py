"""Messages delivered many at a time (并行投递): whoever does not answer delays nobody else.

One thread talks to the database: it takes messages, and marks what the calls, each in a thread of its own,
came to. Calls that end together are marked together.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction

from enforcement import outbox
from enforcement.models import Attempt, Message, MessageState
from law import clock

log = structlog.get_logger("outbox")

WIDTH = 32  # calls at a time in one process
# A task may run 90 seconds; after these no more messages are taken, and a call lasts 20 at most.
SECONDS = 30.0
TOGETHER = 0.02  # seconds in which calls that end are marked in one transaction
IDLE = 0.25  # seconds between looks for more while calls hang


@dataclass
class _Call:
    message: Message
    started: datetime


def deliver(kinds: Iterable[str] | None = None, *, width: int = WIDTH, seconds: float = SECONDS) -> int:
    """Deliver what is due of the kinds that go abreast, for some seconds; how many messages were tried."""
    until = time.monotonic() + seconds
    tried = 0
    with ThreadPoolExecutor(width, thread_name_prefix="deliver") as pool:
        for kind in outbox.kinds_abreast() if kinds is None else kinds:
            tried += _deliver_kind(kind, pool, width, until)
    return tried


def _deliver_kind(kind: str, pool: ThreadPoolExecutor, width: int, until: float) -> int:
    handler = outbox.handler_of(kind)
    assert handler.abreast is not None
    under_way: dict[Future[None], _Call] = {}
    tried = 0
    while True:
        taken: list[Message] = []
        if len(under_way) < width and time.monotonic() < until:
            traffic = handler.abreast.traffic(clock.now())
            taken = outbox.lease_abreast(kind, traffic, width - len(under_way))
            tried += len(taken)
            under_way |= _begin(handler, taken, pool)
        if not under_way:
            return tried
        done, _pending = wait(under_way, timeout=TOGETHER, return_when=ALL_COMPLETED)
        if not done and not taken:
            done, _pending = wait(under_way, timeout=IDLE, return_when=FIRST_COMPLETED)
        _settle(handler, {future: under_way.pop(future) for future in done})


def _begin(
    handler: outbox.Handler, messages: list[Message], pool: ThreadPoolExecutor
) -> dict[Future[None], _Call]:
    assert handler.abreast is not None
    started = clock.now()
    messages = [one for one in messages if not outbox.stopped_each_time(one, handler, started)]
    calls = handler.abreast.prepare(messages) if messages else {}
    return {pool.submit(calls.get(one.pk, _unprepared)): _Call(one, started) for one in messages}


def _unprepared() -> None:
    raise LookupError("Nothing is known of what this message should say.")


def _settle(handler: outbox.Handler, ended: dict[Future[None], _Call]) -> None:
    arrived: list[_Call] = []
    for future, call in ended.items():
        error = future.exception()
        if error is None:
            arrived.append(call)
            continue
        log.warning(
            "delivery_failed",
            message=str(call.message.pk),
            kind=call.message.kind,
            error=type(error).__name__,
        )
        _alone(lambda call=call, error=error: outbox.fail(call.message, handler, call.started, error), call)  # type: ignore[misc]
    if not arrived:
        return
    if not _alone(lambda: _mark(handler, arrived), *arrived):
        # What one of them can't be marked for must not be told of the others.
        for call in arrived:
            _alone(lambda call=call: _mark(handler, [call]), call)  # type: ignore[misc]


def _alone(work: Callable[[], None], *calls: _Call) -> bool:
    """Do what may fail for one message without stopping the rest; whether it went well. What isn't marked is
    taken again when its lease has run out."""
    try:
        work()
    except Exception:
        log.exception("delivery_not_marked", messages=[str(call.message.pk) for call in calls])
        return False
    return True


def _mark(handler: outbox.Handler, arrived: list[_Call]) -> None:
    """Mark delivered messages by their lease, note the tries, let follow what follows; all or nothing."""
    assert handler.abreast is not None
    with transaction.atomic():
        ended = clock.now()
        leases = {call.message.lease for call in arrived}
        held = set(
            Message.objects.select_for_update()
            .filter(pk__in=[call.message.pk for call in arrived], state=MessageState.LEASED, lease__in=leases)
            .order_by("pk")
            .values_list("pk", "lease")
        )
        mine = [call for call in arrived if (call.message.pk, call.message.lease) in held]
        if len(mine) < len(arrived):
            log.warning("lease_lost", count=len(arrived) - len(mine))
        if not mine:
            return
        Message.objects.filter(pk__in=[call.message.pk for call in mine]).update(
            state=MessageState.DELIVERED, lease=None, delivered_at=ended
        )
        Attempt.objects.bulk_create(
            Attempt(
                message=call.message,
                number=call.message.attempts,
                started_at=call.started,
                ended_at=ended,
                ok=True,
                error="",
            )
            for call in mine
        )
        handler.abreast.delivered([call.message for call in mine], ended)
