"""The outbox (发件箱): messages are leased in PostgreSQL, delivered outside any transaction, and marked with
the lease they were taken with. ``abreast`` delivers those that may keep a worker waiting, many at a time.

A worker that dies leaves its lease to run out; one that wakes after that finds another lease on the row and
changes nothing. The broker only rings. Messages of one case to one recipient leave in the order of the acts
that wrote them; a parked one holds back those behind it.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, models, transaction
from weasyprint.urls import FatalURLFetchingError

from enforcement.models import Attempt, Message, MessageState
from law import clock

log = structlog.get_logger("outbox")

LEASE = timedelta(seconds=120)
BATCH = 4
LONGEST_ERROR = 400
SPREAD = 0.2
MINUTE, HOUR = 60, 3600
LONGEST_REST = HOUR  # seconds a receiver may ask to be left alone
#: Seconds to wait after the first, second … failed try; after the last the message is parked.
SCHEDULE = (5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
#: Making a writ needs nobody else: what fails thrice fails for a reason that waiting doesn't cure.
RENDER_SCHEDULE = (5, MINUTE, 5 * MINUTE)

#: Called within the transaction that marks the message: what it writes is written exactly once.
Finish = Callable[[datetime], None]


class NotBefore(Exception):
    """The receiver asks to be left alone for ``seconds``; at most an hour of it is obeyed."""

    def __init__(self, reason: str, seconds: float):
        super().__init__(reason)
        self.seconds = min(max(0.0, seconds), LONGEST_REST)


class Hopeless(Exception):
    """No later try would fare better: the message is parked at once."""


@dataclass(frozen=True)
class Traffic:
    """Whom to leave alone now, and how many calls at a time each of the others may get."""

    held: frozenset[str] = frozenset()
    most: Mapping[str, int] = field(default_factory=dict)
    usual: int = 4


@dataclass(frozen=True)
class Abreast:
    """How messages of a kind are delivered many at a time, so that one that does not answer delays no other.

    ``prepare`` reads what is to be sent and gives a call for each message; the calls run in threads and touch
    no database. ``delivered`` is called with messages in the transaction that marks them; ``traffic`` before
    any are taken.
    """

    prepare: Callable[[Sequence[Message]], Mapping[uuid.UUID, Callable[[], None]]]
    delivered: Callable[[Sequence[Message], datetime], None]
    traffic: Callable[[datetime], Traffic]


@dataclass(frozen=True)
class Handler:
    """How one kind of message is delivered. ``deliver`` may take its time and talk to others; what it
    returns is done in the transaction that marks the message. ``tried`` follows each failure, within the
    transaction that notes it; ``failed`` follows parking, ``requeued`` the return from there."""

    deliver: Callable[[Message], Finish | None]
    schedule: tuple[int, ...] = SCHEDULE
    failed: Callable[[Message, datetime], None] | None = None
    requeued: Callable[[Message], None] | None = None
    tried: Callable[[Message, BaseException, datetime], None] | None = None
    abreast: Abreast | None = None


_handlers: dict[str, Handler] = {}


def handle(kind: str, handler: Handler) -> None:
    """Say how messages of a kind are delivered. Upper rooms add their own kinds."""
    _handlers[kind] = handler


def handler_of(kind: str) -> Handler:
    """The handler of a kind; ``KeyError`` if nobody delivers it."""
    from enforcement import deliveries  # noqa: F401  (registers the kinds of this room)

    return _handlers[kind]


LEASE_SQL = """
WITH due AS (
    SELECT m.id, m.state AS was FROM enforcement_message m
     WHERE m.state IN ('ready', 'leased') AND m.due_at <= %(now)s
       AND (%(kinds)s::text[] IS NULL OR m.kind = ANY(%(kinds)s)) AND NOT m.kind = ANY(%(except)s)
       AND (m.case_id IS NULL OR NOT EXISTS (
            SELECT 1 FROM enforcement_message e
             WHERE e.case_id = m.case_id AND e.recipient = m.recipient AND e.event_id < m.event_id
               AND e.state IN ('ready', 'leased', 'parked')))
     ORDER BY m.due_at, m.event_id LIMIT %(batch)s FOR UPDATE OF m SKIP LOCKED)
UPDATE enforcement_message m
   SET state = 'leased', lease = %(lease)s, due_at = %(until)s, attempts = m.attempts + 1
  FROM due WHERE m.id = due.id
RETURNING m.id, due.was
"""


def kinds_abreast() -> list[str]:
    """Kinds of messages that are delivered many at a time, by workers of their own."""
    return sorted(kind for kind, handler in _handlers.items() if handler.abreast is not None)


# For recipients that may keep a worker waiting: each has so many places, and a backlog of one is no reason to
# look at nobody else. Workers take turns in counting them, hence the lock.
LEASE_ABREAST_SQL = """
WITH RECURSIVE named(recipient) AS (
    (SELECT min(m.recipient) FROM enforcement_message m
      WHERE m.kind = %(kind)s AND m.state IN ('ready', 'leased'))
    UNION ALL
    SELECT (SELECT min(m.recipient) FROM enforcement_message m
             WHERE m.kind = %(kind)s AND m.state IN ('ready', 'leased') AND m.recipient > named.recipient)
      FROM named WHERE named.recipient IS NOT NULL),
free AS (
    SELECT named.recipient, coalesce((%(most)s::jsonb ->> named.recipient)::int, %(usual)s)
           - (SELECT count(*) FROM enforcement_message l WHERE l.kind = %(kind)s AND l.state = 'leased'
                 AND l.recipient = named.recipient AND l.due_at > %(now)s) AS places
      FROM named WHERE named.recipient IS NOT NULL AND NOT named.recipient = ANY(%(held)s)),
due AS (
    SELECT m.id, m.was FROM free CROSS JOIN LATERAL (
        SELECT m.id, m.state AS was, m.due_at, m.event_id FROM enforcement_message m
         WHERE m.kind = %(kind)s AND m.recipient = free.recipient AND m.state IN ('ready', 'leased')
           AND m.due_at <= %(now)s
           AND (m.case_id IS NULL OR m.event_id <= (
                SELECT min(e.event_id) FROM enforcement_message e
                 WHERE e.case_id = m.case_id AND e.recipient = m.recipient
                   AND e.state IN ('ready', 'leased', 'parked')))
         ORDER BY m.due_at, m.event_id LIMIT greatest(free.places, 0) FOR UPDATE OF m SKIP LOCKED) m
     ORDER BY m.due_at, m.event_id LIMIT %(batch)s)
UPDATE enforcement_message m
   SET state = 'leased', lease = %(lease)s, due_at = %(until)s, attempts = m.attempts + 1
  FROM due WHERE m.id = due.id
RETURNING m.id, due.was
"""


def lease_abreast(kind: str, traffic: Traffic, batch: int) -> list[Message]:
    """Take messages of a kind, of each recipient no more than it has places for."""
    now = clock.now()
    values = {
        "kind": kind,
        "held": list(traffic.held),
        "most": json.dumps(dict(traffic.most)),
        "usual": traffic.usual,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"outbox {kind}"])
        return _take(cursor, LEASE_ABREAST_SQL, now, batch, values)


def lease(
    batch: int = BATCH, *, kinds: Iterable[str] | None = None, leave: Iterable[str] = ()
) -> list[Message]:
    """Take messages that are due, for two minutes. Ones whose worker never came back are taken again."""
    values = {"kinds": None if kinds is None else list(kinds), "except": list(leave)}
    with transaction.atomic(), connection.cursor() as cursor:
        return _take(cursor, LEASE_SQL, clock.now(), batch, values)


def _take(cursor: Any, sql: str, now: datetime, batch: int, values: dict[str, Any]) -> list[Message]:
    cursor.execute(sql, values | {"now": now, "until": now + LEASE, "lease": uuid.uuid4(), "batch": batch})
    taken = dict(cursor.fetchall())
    if not taken:
        return []
    messages = list(Message.objects.filter(pk__in=taken).order_by("event_id"))
    lost = [message for message in messages if taken[message.pk] == MessageState.LEASED]
    Attempt.objects.bulk_create(
        Attempt(
            message=message,
            number=message.attempts - 1,
            started_at=now,
            ended_at=now,
            ok=False,
            error="The worker did not come back.",
        )
        for message in lost
    )
    return messages


def deliver_due(limit: int = 200, *, kinds: Iterable[str] | None = None, leave: Iterable[str] = ()) -> int:
    """Deliver what is due, at most ``limit`` messages; how many were tried.

    ``kinds`` names the only kinds to take, ``leave`` those to leave to another queue.
    """
    tried = 0
    while tried < limit:
        batch = lease(min(BATCH, limit - tried), kinds=kinds, leave=leave)
        if not batch:
            break
        for message in batch:
            _deliver(message)
        tried += len(batch)
    return tried


def due(now: datetime) -> models.QuerySet[Message]:
    """Messages that should have left by now. Those for a recipient that is left alone are not among them."""
    found = Message.objects.filter(state__in=[MessageState.READY, MessageState.LEASED], due_at__lte=now)
    for kind in kinds_abreast():
        abreast = handler_of(kind).abreast
        held = abreast.traffic(now).held if abreast is not None else ()
        if held:
            found = found.exclude(kind=kind, recipient__in=held)
    return found


def anything_due(*, kinds: Iterable[str] | None = None, leave: Iterable[str] = ()) -> bool:
    """Whether something waits to be delivered now."""
    found = due(clock.now()).exclude(kind__in=list(leave))
    return (found if kinds is None else found.filter(kind__in=list(kinds))).exists()


def _deliver(message: Message) -> None:
    """Try once. What goes wrong is on the attempt; nothing is raised but what stops the whole worker."""
    started = clock.now()
    try:
        handler = handler_of(message.kind)
    except KeyError:
        unknown = LookupError(f"Nobody delivers messages of kind {message.kind!r}.")
        fail(message, Handler(deliver=_nobody), started, unknown)
        return
    if stopped_each_time(message, handler, started):
        return
    try:
        finish = handler.deliver(message)
        with transaction.atomic():
            ended = clock.now()
            if not _mine(message).update(state=MessageState.DELIVERED, lease=None, delivered_at=ended):
                log.warning("lease_lost", message=str(message.pk))
                return
            if finish is not None:
                finish(ended)
            _note(message, started, ended, ok=True)
    # A refused fetch derives from BaseException, so that a page can't swallow it; here it ends one message.
    except (Exception, FatalURLFetchingError) as error:
        log.warning("delivery_failed", message=str(message.pk), kind=message.kind, error=type(error).__name__)
        fail(message, handler, started, error)
        if isinstance(error, SoftTimeLimitExceeded):
            raise


def _nobody(message: Message) -> None:
    raise LookupError(message.kind)


def _mine(message: Message) -> models.QuerySet[Message]:
    """The row, if it still bears the lease this worker took."""
    return Message.objects.filter(pk=message.pk, state=MessageState.LEASED, lease=message.lease)


def _note(message: Message, started: datetime, ended: datetime, *, ok: bool, error: str = "") -> None:
    Attempt.objects.create(
        message=message,
        number=message.attempts,
        started_at=started,
        ended_at=ended,
        ok=ok,
        error=error[:LONGEST_ERROR],
    )


def stopped_each_time(message: Message, handler: Handler, started: datetime) -> bool:
    """Park a message that took its worker away on every try; whether it was one."""
    if message.attempts <= len(handler.schedule) + 1:
        return False
    _park(message, handler, started, Hopeless("Its worker was stopped on every try."))
    return True


def fail(message: Message, handler: Handler, started: datetime, error: BaseException) -> None:
    """Note a failed try: again later, or parked after the last one."""
    if message.attempts > len(handler.schedule) or isinstance(error, Hopeless):
        _park(message, handler, started, error)
        return
    with transaction.atomic():
        now = clock.now()
        pause = handler.schedule[message.attempts - 1] * SystemRandom().uniform(1 - SPREAD, 1 + SPREAD)
        if isinstance(error, NotBefore):
            pause = max(pause, error.seconds)
        kept = _mine(message).update(
            state=MessageState.READY, lease=None, due_at=now + timedelta(seconds=pause)
        )
        if kept:
            _note(message, started, now, ok=False, error=_said(error))
            if handler.tried is not None:
                handler.tried(message, error, now)


def _said(error: BaseException) -> str:
    return str(error) if isinstance(error, Hopeless | NotBefore) else f"{type(error).__name__}: {error}"


def _park(message: Message, handler: Handler, started: datetime, error: BaseException) -> None:
    with transaction.atomic():
        now = clock.now()
        if not _mine(message).update(state=MessageState.PARKED, lease=None):
            return
        _note(message, started, now, ok=False, error=_said(error))
        if handler.tried is not None:
            handler.tried(message, error, now)
        if handler.failed is not None:
            handler.failed(message, now)
        log.error("message_parked", message=str(message.pk), kind=message.kind)


def requeue(message: Message) -> bool:
    """Send a parked message again, from the first try; whether it was parked."""
    with transaction.atomic():
        moved = Message.objects.filter(pk=message.pk, state=MessageState.PARKED).update(
            state=MessageState.READY, due_at=clock.now(), attempts=0
        )
        handler = handler_of(message.kind) if moved else None
        if handler is not None and handler.requeued is not None:
            handler.requeued(message)
    return bool(moved)
