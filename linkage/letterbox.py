"""The letters box (收函): what another court sends is stored as it came, then understood.

A letter that opens a delegation waits for the filing clerk; any other is taken in at once, under a key that
makes it count once.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from directory.models import Court, Person
from enforcement import engine
from enforcement.engine import OutOfSight, Refused
from law import clock
from law.deadlines import rule
from linkage import letters, signatures
from linkage.models import (
    Delegation,
    Direction,
    Letter,
    LetterKind,
    LetterState,
    PeerCourt,
    VerifyingKey,
)
from linkage.signatures import Signed

log = structlog.get_logger("letters")


class NotHere(Exception):
    """No such peer, court or delegation."""


class OtherBytes(Exception):
    """A letter of this id came before, with other bytes."""


@dataclass(frozen=True)
class Receipt:
    """What the sender is told: whether it came for the first time, and what became of it."""

    letter: Letter
    is_new: bool

    @property
    def said(self) -> dict[str, Any]:
        return {
            "letter": str(self.letter.letter_id),
            "state": self.letter.state,
            "problem": self.letter.problem,
        }


def receive(peer: PeerCourt, headers: Mapping[str, str], body: bytes) -> Receipt:
    """Verify, store, and take in a letter of a peer.

    Raises ``BadSignature``, ``letters.Unreadable``, ``NotHere``, ``OtherBytes``; whatever else goes wrong
    leaves the stored letter as received, and the sender, who tries again, tries that again.
    """
    signed = signatures.verify(headers, body, _keys(peer))
    envelope = letters.read(body)
    if signed.headers[signatures.ID] != str(envelope["letter_id"]):
        raise letters.Unreadable(gettext("The id of the letter is not the one that was signed."))
    letter, is_new = _store(peer, signed, envelope, body)
    if letter.state == LetterState.RECEIVED and letter.kind != LetterKind.SENT:
        _take_in(letter)
    return Receipt(letter, is_new)


def _keys(peer: PeerCourt) -> list[VerifyingKey]:
    keys = {"current": peer.public_key, "next": peer.next_public_key}
    return [VerifyingKey(key_id=name, public_key=key) for name, key in keys.items() if key]


def _store(peer: PeerCourt, signed: Signed, envelope: dict[str, Any], body: bytes) -> tuple[Letter, bool]:
    known = _known(peer, envelope, body)
    if known is not None:
        return known, False
    kind = envelope["kind"]
    court = _court(peer, envelope)
    letter = Letter(
        peer=peer,
        direction=Direction.IN,
        kind=kind,
        letter_id=envelope["letter_id"],
        number=envelope["number"],
        court=court,
        signed_headers=signed.headers,
        key_id=signed.key_id,
        at=clock.now(),
        due_on=rule("delegation.file").due(clock.today()).day if kind == LetterKind.SENT else None,
        state=LetterState.RECEIVED,
    )
    letters.seal(letter, body)
    try:
        with transaction.atomic():
            letter.save(force_insert=True)
    except IntegrityError:
        # The same letter a moment ago, over another connection.
        known = _known(peer, envelope, body)
        if known is None:
            raise
        return known, False
    log.info("letter_received", peer=peer.code, kind=str(kind), letter=str(letter.uid))
    return letter, True


def _known(peer: PeerCourt, envelope: dict[str, Any], body: bytes) -> Letter | None:
    letter = Letter.objects.filter(peer=peer, direction=Direction.IN, letter_id=envelope["letter_id"]).first()
    if letter is not None and bytes(letter.body_sha256) != hashlib.sha256(body).digest():
        log.warning("letter_differs", peer=peer.code, letter=str(letter.uid))
        raise OtherBytes
    return letter


def _court(peer: PeerCourt, envelope: dict[str, Any]) -> Court:
    """The court of ours a letter is for: named by one that opens a delegation, else that of the case."""
    if envelope["kind"] == LetterKind.SENT:
        court = Court.objects.filter(code=str(envelope["data"].get("to", ""))[:16]).first()
        if court is None:
            raise NotHere
        return court
    found = _delegation(peer, envelope["number"])
    if found is None:
        raise NotHere
    return found.case.court


def _delegation(peer: PeerCourt, number: str) -> Delegation | None:
    return (
        Delegation.objects.select_related("case__court")
        .filter(peer=peer, direction=Direction.OUT, number=number)
        .first()
    )


def _take_in(letter: Letter) -> None:
    delegation = _delegation(letter.peer, letter.number)
    if delegation is None:
        raise NotHere
    try:
        engine.do(
            engine.act_named("delegation.hear"),
            delegation.case,
            Person.objects.system(),
            {"letter": str(letter.uid)},
            key=f"letter:{letter.uid}",
        )
    except (Refused, OutOfSight) as refusal:
        Letter.objects.filter(pk=letter.pk, state=LetterState.RECEIVED).update(
            state=LetterState.REFUSED, problem=str(refusal)[:500]
        )
    letter.refresh_from_db()
