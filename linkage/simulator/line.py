"""The line of a simulated agency to the court: the client that agencies are given to copy."""

import time
from typing import Any

import httpx

from examples.agency_client import Client, NotAccepted

UNREACHABLE = 599
LONGEST_PAUSE = 1.0  # seconds; whoever plays many agencies can't wait for one


class RestLine:
    """``url`` is the court's base address. With ``signing_key`` (base64 of 32 bytes) answers are signed."""

    def __init__(self, url: str, client_id: str, client_secret: str, signing_key: str = ""):
        http = httpx.Client(base_url=url, timeout=20, trust_env=False)
        self.client = Client(url, client_id, client_secret, signing_key, http=http, sleep=_rest)

    def feed(self, cursor: str) -> tuple[list[dict[str, Any]], str]:
        """Events behind a cursor and the cursor to keep; none while the court can't be reached."""
        events = []
        try:
            for event, place in self.client.feed(cursor):
                events.append(event)
                cursor = place
        except (NotAccepted, httpx.HTTPError):
            return events, cursor
        return events, cursor

    def waiting(self) -> set[str] | None:
        try:
            return {row["uid"] for row in self.client.inbox()}
        except (NotAccepted, httpx.HTTPError):
            return None

    def accept(self, order: str) -> int:
        try:
            self.client.accept(order)
        except (NotAccepted, httpx.HTTPError) as error:
            return _status(error)
        return 200

    def answer(self, order: str, body: dict[str, Any]) -> int:
        try:
            self.client.answer(order, **body)
        except (NotAccepted, httpx.HTTPError) as error:
            return _status(error)
        return 200

    def keys(self) -> list[str]:
        """The court's public keys, to check its webhooks with."""
        return self.client.court_keys()


def _rest(seconds: float) -> None:
    time.sleep(min(seconds, LONGEST_PAUSE))


def _status(error: Exception) -> int:
    return error.response.status_code if isinstance(error, NotAccepted) else UNREACHABLE
