"""The bell (铃): wake workers after a commit, and never make a person wait for it.

What is to be done is in PostgreSQL, and the sweeps find it; the broker only makes it sooner. So a call
lasts half a second at most, and a broker that did not answer is left alone for a while: of all the clicks
a process serves meanwhile, only one has waited.
"""

import time
from threading import Lock

import structlog
from celery import Task
from kombu.exceptions import OperationalError
from kombu.pools import producers

log = structlog.get_logger("bell")

PATIENCE = 0.5  # seconds for a connection, and for an answer
PAUSE = 10.0  # seconds until a server that did not answer is tried again


class Breaker:
    """Remembers for some seconds that a server did not answer. One for a process, shared by its threads."""

    def __init__(self, pause: float = PAUSE) -> None:
        self.pause = pause
        self._until = 0.0
        self._lock = Lock()

    @property
    def open(self) -> bool:
        """Whether the server is to be left alone. Every ``pause`` seconds one caller is let through."""
        with self._lock:
            now = time.monotonic()
            if self._until == 0.0:
                return False
            if now >= self._until:
                self._until = now + self.pause
                return False
            return True

    def failed(self) -> None:
        """The server did not answer."""
        with self._lock:
            self._until = time.monotonic() + self.pause

    def answered(self) -> None:
        """The server answered."""
        self._until = 0.0


_broker = Breaker()
_OPTIONS = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "max_retries": 0}


def ring(*calls: tuple[Task, tuple[int, ...]]) -> bool:
    """Ask workers to run these tasks with these arguments; whether the broker took it."""
    if _broker.open:
        return False
    try:
        for task, arguments in calls:
            connection = task.app.connection_for_write(transport_options=_OPTIONS)
            with producers[connection].acquire(block=True, timeout=PATIENCE) as producer:
                task.apply_async(arguments, producer=producer)
    except OperationalError as error:
        _broker.failed()
        log.warning("broker_away", error=type(error).__name__)
        return False
    _broker.answered()
    return True
