"""Signatures of what is sent and answered (签名): headers of Standard Webhooks, Ed25519 in both directions.

Signed is ``id.timestamp.body``. Only ``v1a`` is taken: with ``v1`` both sides hold the same key, so that it
proves nothing to a third party.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext

from law import clock
from linkage.models import VerifyingKey

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
HEADERS = (ID, TIMESTAMP, SIGNATURE)
WINDOW = 300  # seconds a clock may be off, either way
SIGNATURE_BYTES = 64
LONGEST_HEADER = 1000  # characters; before anything is compared or decoded
MOST_SIGNATURES = 5
PUBLIC_PREFIX = "whpk_"

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class BadSignature(Exception):
    """Whoever sent this can't be told by its signature. ``code`` is a stable word for systems."""

    def __init__(self, reason: str, code: str = "signature"):
        super().__init__(reason)
        self.reason = reason
        self.code = code


@dataclass(frozen=True)
class Signed:
    """A signature that holds: which key made it, and the headers as they came."""

    key_id: str
    signature: str
    headers: dict[str, str]


# --- ours -----------------------------------------------------------------------------------------
def sign(message_id: str, moment: datetime, body: bytes) -> dict[str, str]:
    """Headers for a body of ours, signed with every key of the ring, the current one first."""
    timestamp = str(int(moment.timestamp()))
    content = _content(message_id, timestamp, body)
    signatures = [
        "v1a," + base64.b64encode(Ed25519PrivateKey.from_private_bytes(seed).sign(content)).decode()
        for seed in settings.LINKAGE_SIGNING_KEYS.values()
    ]
    return {ID: message_id, TIMESTAMP: timestamp, SIGNATURE: " ".join(signatures)}


def our_keys() -> dict[str, str]:
    """The public halves of our keys by their ids, as Standard Webhooks writes them."""
    found = {}
    for key_id, seed in settings.LINKAGE_SIGNING_KEYS.items():
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        found[key_id] = PUBLIC_PREFIX + base64.b64encode(raw).decode()
    return found


# --- theirs ---------------------------------------------------------------------------------------
def live_keys(agency_id: int) -> list[VerifyingKey]:
    """Public keys an agency signs with now; none if it never gave one."""
    now = clock.now()
    live = VerifyingKey.objects.filter(agency=agency_id, valid_from__lte=now)
    return list(live.filter(Q(valid_until=None) | Q(valid_until__gt=now)).order_by("id"))


def verify(headers: Mapping[str, str], body: bytes, keys: Iterable[VerifyingKey]) -> Signed:
    """The key whose signature holds over these bytes. ``headers`` by names in small letters.

    Raises ``BadSignature``, for whatever else the headers may hold.
    """
    sent = _present(headers)
    if not _ID.fullmatch(sent[ID]):
        raise BadSignature(
            gettext("The header %(name)s holds 1 to 80 letters, digits, hyphens or underscores.")
            % {"name": ID}
        )
    _check_clock(sent[TIMESTAMP])
    content = _content(sent[ID], sent[TIMESTAMP], body)
    signatures = _read(sent[SIGNATURE])
    for key in keys:
        public = Ed25519PublicKey.from_public_bytes(bytes(key.public_key))
        for signature in signatures:
            if _holds(public, signature, content):
                return Signed(key.key_id, base64.b64encode(signature).decode(), sent)
    raise BadSignature(
        gettext("No key of this agency made this signature over these bytes."), "signature-unknown"
    )


def _present(headers: Mapping[str, str]) -> dict[str, str]:
    sent = {name: headers.get(name, "") for name in HEADERS}
    missing = [name for name, value in sent.items() if not value]
    if missing:
        raise BadSignature(
            gettext("This agency signs what it sends; missing: %(names)s.") % {"names": ", ".join(missing)},
            "signature-missing",
        )
    too_long = [name for name, value in sent.items() if len(value) > LONGEST_HEADER]
    if too_long:
        raise BadSignature(
            gettext("The header %(name)s is longer than %(most)s characters.")
            % {"name": too_long[0], "most": LONGEST_HEADER}
        )
    return sent


def _check_clock(timestamp: str) -> None:
    if not _TIMESTAMP.fullmatch(timestamp):
        raise BadSignature(
            gettext("The header %(name)s holds whole seconds since 1970.") % {"name": TIMESTAMP}
        )
    skew = int(timestamp) - int(clock.now().timestamp())
    if abs(skew) > WINDOW:
        raise BadSignature(
            gettext(
                "The time in %(name)s is %(seconds)s seconds off; at most %(most)s are allowed. Set your"
                " clock, and sign anew when you repeat a request."
            )
            % {"name": TIMESTAMP, "seconds": f"{skew:+d}", "most": WINDOW},
            "clock-skew",
        )


def _read(header: str) -> list[bytes]:
    """The ``v1a`` signatures of a header; others are passed over."""
    parts = header.split(" ")
    if len(parts) > MOST_SIGNATURES:
        raise BadSignature(
            gettext("The header %(name)s holds more than %(most)s signatures.")
            % {"name": SIGNATURE, "most": MOST_SIGNATURES}
        )
    found = []
    for part in parts:
        version, _comma, text = part.partition(",")
        if version != "v1a":
            continue
        try:
            signature = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
        if len(signature) == SIGNATURE_BYTES:
            found.append(signature)
    if not found:
        raise BadSignature(
            gettext("The header %(name)s holds no signature “v1a,” with the base64 of 64 bytes (Ed25519).")
            % {"name": SIGNATURE}
        )
    return found


def _holds(key: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _content(message_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body
