"""Client systems as they call: a token by client credentials, then JSON with it."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from directory.models import Duty, Person
from tests.world import client_system, make_person

SCOPES = ["cases:read", "cases:act", "cases:decide", "calculators"]
_keys = count(1)


@dataclass
class Caller:
    """One client system on the line."""

    client_id: str
    secret: str
    person: Person
    headers: dict[str, str] = field(default_factory=dict)
    http: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def sign_in(self, scope: str = "") -> "Caller":
        answer = self.ask_token(scope)
        assert answer.status_code == 200, answer.content
        self.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return self

    def ask_token(self, scope: str = "", **changes: str) -> Any:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.secret,
            "scope": scope,
        } | changes
        body = "&".join(f"{name}={value}" for name, value in form.items() if value)
        return self.http.post("/api/token/", body, content_type="application/x-www-form-urlencoded")

    def get(self, path: str, **headers: str) -> Any:
        return self.http.get(path, headers=self.headers | headers)

    def post(self, path: str, data: Any, **headers: str) -> Any:
        """Post JSON; a key of its own unless one is given."""
        sent = {"Idempotency-Key": f"key-{next(_keys)}"} | self.headers
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(path, data, content_type="application/json", headers=sent)

    def raw(self, path: str, body: bytes, content_type: str = "application/json") -> Any:
        sent = {"Idempotency-Key": f"key-{next(_keys)}"} | self.headers
        return self.http.post(path, body, content_type=content_type, headers=sent)


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


@pytest.fixture
def caller_of(world):
    """Make a signed-in client system that holds duties at a court."""

    def make(*duties: Duty, court=None, scopes: list[str] | None = None) -> Caller:
        person = make_person(f"system-{next(_keys)}", court or world.court, *duties)
        client_id, secret = client_system(person, SCOPES if scopes is None else scopes)
        return Caller(client_id, secret, person).sign_in()

    return make


@pytest.fixture
def clerk(caller_of):
    """The docketing system of the first basic court."""
    return caller_of(Duty.FILING_CLERK)


@pytest.fixture
def head(caller_of):
    """A system that acts with the duty of the head of the bureau."""
    return caller_of(Duty.BUREAU_HEAD)


@pytest.fixture
def sister(caller_of, world):
    """A system of the court next door."""
    return caller_of(Duty.FILING_CLERK, Duty.BUREAU_HEAD, court=world.sister)
