"""A small client of the linkage interface, to be copied into an agency's own system.

It needs httpx and cryptography only. Set ZHIXING_URL, ZHIXING_CLIENT_ID and ZHIXING_CLIENT_SECRET; for signed
answers also ZHIXING_SIGNING_KEY, the base64 of an Ed25519 private key (32 bytes), then:

    python agency_client.py keys            # a new pair of keys; give the public one to the court
    python agency_client.py inbox           # requests that wait
    python agency_client.py run             # follow the feed and answer with ``decide`` below

``decide`` is the place for what your own system knows. Nothing here keeps personal data.
"""

import base64
import json
import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

API = "/api/v1/linkage"
WINDOW = 300  # seconds our clocks may differ
TRIES, LONGEST_PAUSE = 6, 60.0
AGAIN = {429, 500, 502, 503, 504}


class NotAccepted(Exception):
    """The court did not take it; the response says why, in words and with the rules it rests on."""

    def __init__(self, response: httpx.Response):
        super().__init__(f"{response.status_code}: {response.text[:500]}")
        self.response = response


# --- signatures (Standard Webhooks, v1a) ------------------------------------------------------------
def sign(private_key: Ed25519PrivateKey, message_id: str, body: bytes) -> dict[str, str]:
    """Headers that prove who sent a body."""
    timestamp = str(int(time.time()))
    signature = base64.b64encode(private_key.sign(f"{message_id}.{timestamp}.".encode() + body)).decode()
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return dict(zip(names, (message_id, timestamp, f"v1a,{signature}"), strict=True))


def verify(headers: Mapping[str, str], body: bytes, public_keys: list[str]) -> bool:
    """Whether one of the court's keys (``whpk_…``, see ``Client.court_keys``) signed these bytes just now.

    Call it on the raw body of a webhook, before anything is read from it. Then drop what bears a
    ``webhook-id`` you have already: a message may come twice.
    """
    sent = {name.lower(): value for name, value in headers.items()}
    timestamp = sent.get("webhook-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(int(timestamp) - time.time()) > WINDOW:
        return False
    content = f"{sent.get('webhook-id', '')}.{timestamp}.".encode() + body
    for part in sent.get("webhook-signature", "")[:2000].split(" "):
        version, _comma, text = part.partition(",")
        if version != "v1a":
            continue
        for key in public_keys:
            try:
                public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix("whpk_")))
                public.verify(base64.b64decode(text, validate=True), content)
            except (InvalidSignature, ValueError):
                continue
            return True
    return False


def canonical(event: dict[str, Any]) -> bytes:
    """The bytes that were signed, from an event of the feed: its keys and values need no more than this."""
    return json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def new_keys() -> tuple[str, str]:
    """A private key to keep and a public key to hand over, as text."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(private.private_bytes_raw()).decode(), "whpk_" + base64.b64encode(public).decode()


# --- the interface ----------------------------------------------------------------------------------
class Client:
    """One agency's access. Every call is repeated while the network or the court's system is away; nothing
    is done twice by that, because answers bear your number and other acts a key."""

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        signing_key: str = "",
        *,
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self.http = http or httpx.Client(base_url=url, timeout=httpx.Timeout(30, connect=5))
        self.credentials = {"client_id": client_id, "client_secret": client_secret}
        self.key = (
            Ed25519PrivateKey.from_private_bytes(base64.b64decode(signing_key)) if signing_key else None
        )
        self.sleep = sleep
        self._token, self._token_ends = "", 0.0

    def inbox(self, **filters: str) -> Iterator[dict[str, Any]]:
        """Requests that wait, most urgent first: ``inbox(matter="BANK-*", due_before="2026-12-01")``."""
        path: str | None = str(httpx.URL(f"{API}/requests/", params=filters))
        while path:
            page = self._call("GET", path).json()
            yield from page["results"]
            path = page["next"]

    def request(self, uid: str) -> Any:
        """One request in full."""
        return self._call("GET", f"{API}/requests/{uid}/").json()

    def document(self, uid: str, document_uid: str) -> bytes:
        """The PDF of a writ that goes with a request."""
        return self._call("GET", f"{API}/requests/{uid}/documents/{document_uid}/content/").content

    def court_keys(self) -> list[str]:
        """Public keys the court's system signs with; ask for them once a day."""
        return [row["public_key"] for row in self._call("GET", f"{API}/keys/").json()["results"]]

    def feed(self, cursor: str = "") -> Iterator[tuple[dict[str, Any], str]]:
        """What the court said behind a cursor, each verified, with the cursor to keep after."""
        keys, more = self.court_keys(), True
        while more:
            path = f"{API}/feed/?page_size=1" + (f"&cursor={cursor}" if cursor else "")
            page = self._call("GET", path).json()
            more, cursor = page["more"], page["cursor"] or cursor
            for entry in page["results"]:
                if not verify(entry["headers"], canonical(entry["event"]), keys):
                    raise ValueError("This event was not signed by the court's system.")
                yield entry["event"], cursor

    def accept(self, uid: str) -> Any:
        """Take a request on."""
        return self._send(uid, "accept", {}, key=f"accept-{uid}")

    def ask(self, uid: str, text: str, *, objection: bool = False) -> Any:
        """Ask the court, or object in writing."""
        said = {"text": text, "is_objection": objection}
        return self._send(uid, "questions", said, key=f"ask-{secrets.token_hex(8)}")

    def answer(self, uid: str, number: str, outcome: str, **values: Any) -> Any:
        """Answer a request. ``number`` is your own number of this answer: sent again with the same values it
        gives the first answer again, so keep it before you send, and repeat it after a failure."""
        return self._send(uid, "answers", {"number": number, "outcome": outcome} | values)

    # how it is called
    def _send(self, uid: str, what: str, said: dict[str, Any], key: str = "") -> Any:
        body = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
        headers = {"idempotency-key": key} if key else {}
        return self._call("POST", f"{API}/requests/{uid}/{what}/", body, headers).json()

    def _call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        for number in range(1, TRIES + 1):
            pause = min(2.0 ** (number - 1), LONGEST_PAUSE)
            try:
                response = self.http.request(method, path, content=body, headers=self._headers(body, headers))
            except httpx.TransportError:
                if number == TRIES:
                    raise
                self.sleep(pause)
                continue
            if response.is_success:
                return response
            if response.status_code == 401 and number == 1:
                self._token = ""  # nosec B105  # none: it may have ended sooner than we thought
            elif response.status_code in AGAIN and number < TRIES:
                self.sleep(max(pause, float(response.headers.get("retry-after", 0))))
            else:
                raise NotAccepted(response)
        raise AssertionError("the last try returned or raised")

    def _headers(self, body: bytes | None, headers: Mapping[str, str] | None) -> dict[str, str]:
        sent = {"authorization": f"Bearer {self._valid_token()}"} | dict(headers or {})
        if body is not None:
            sent["content-type"] = "application/json"
            if self.key is not None:  # anew for each try: the time is part of it
                sent |= sign(self.key, f"msg_{secrets.token_hex(12)}", body)
        return sent

    def _valid_token(self) -> str:
        if not self._token or time.monotonic() > self._token_ends:
            response = self.http.post(
                "/api/token/", data={"grant_type": "client_credentials"} | self.credentials
            )
            if not response.is_success:
                raise NotAccepted(response)
            found = response.json()
            self._token, self._token_ends = found["access_token"], time.monotonic() + found["expires_in"] - 30
        return self._token


# --- your own system ----------------------------------------------------------------------------------
def decide(order: dict[str, Any]) -> dict[str, Any] | None:
    """What to answer, from your own system; ``None`` leaves it to a person. ``matters/{code}/`` of the
    interface has the fields of ``facts`` for each matter."""
    if order["matter"].endswith("-INQ-DEP"):
        return {"outcome": "nothing", "remarks": "No account in this name."}
    return None


def follow(
    client: Client, kept: Path, decide: Callable[[dict[str, Any]], dict[str, Any] | None] = decide
) -> int:
    """Deal with everything new in the feed; ``kept`` remembers the cursor. How many were answered."""
    answered = 0
    cursor = kept.read_text().strip() if kept.exists() else ""
    for event, place in client.feed(cursor):
        order = event["data"]
        if event["type"] == "zhixing.request.issued":
            client.accept(order["uid"])
            answer = decide(order)
            if answer is not None:
                client.answer(order["uid"], f"{order['number']}-1", **answer)
                answered += 1
        kept.write_text(place)
    return answered


def main(what: str = "") -> None:
    if what == "keys":
        print("private (keep): {}\npublic (hand over): {}".format(*new_keys()))
        return
    url, client_id, secret = (os.environ[f"ZHIXING_{name}"] for name in ("URL", "CLIENT_ID", "CLIENT_SECRET"))
    client = Client(url, client_id, secret, os.environ.get("ZHIXING_SIGNING_KEY", ""))
    if what == "inbox":
        for row in client.inbox():
            print(row["due_on"], row["number"], row["matter"], row["case_number"])
    while what == "run":
        print(f"{follow(client, Path('zhixing-cursor'))} answered")
        time.sleep(10)


if __name__ == "__main__":
    main(*sys.argv[1:2])
