"""Celery's Redis transport, which a broken message does not bring down.

The original opens an envelope in the worker's main loop: one that is no JSON, or whose body is no base64,
ends the worker. Here it is noted and dropped, before anything counts on it: it was no bell of ours.
"""

import json
from queue import Empty
from typing import Any

import structlog
from kombu.transport import TRANSPORT_ALIASES, redis

log = structlog.get_logger("broker")


class Channel(redis.Channel):
    """Passes over what is no envelope."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            log.warning("broken_message", error=type(error).__name__)
            raise Empty from error


class Transport(redis.Transport):
    """The Redis transport with that channel; passes over envelopes that can't be opened."""

    Channel = Channel

    def _deliver(self, message: Any, queue: str) -> None:
        try:
            self.channels[0].message_to_python(message)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            log.warning("broken_message", error=type(error).__name__)
            return
        super()._deliver(message, queue)


def install() -> None:
    """Under the names by which an address asks for it."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = "config.broker:Transport"
