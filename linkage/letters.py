"""What courts of two installations write to each other (函): composed here, read here.

A letter is one CloudEvents envelope in JSON. Personal data stands in its body in full, so bodies are kept
sealed and leave signed, over TLS, for the registered networks of the peer alone.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils.translation import gettext

from directory.models import Court
from enforcement.engine import Act
from enforcement.models import Case, Message, Party
from linkage.models import Delegation, Direction, Letter, LetterKind, LetterState, PeerCourt

SPECVERSION = "1.0"
TYPE_PREFIX = "cn.zhixing."
LARGEST_LETTER = 1024 * 1024
MESSAGE_KIND = "letter"
ONE_DAY = timedelta(days=1)


class Unreadable(ValueError):
    """The bytes are no letter of ours; ``str()`` says what is wrong with them."""


# --- composing ----------------------------------------------------------------------------------
def write(act: Act, delegation: Delegation, kind: LetterKind, data: dict[str, Any]) -> Letter:
    """A letter about a delegation, with the message that carries it, in the order of the case's acts."""
    letter = post(act, delegation.peer, kind, delegation.number, data, case=delegation.case)
    return letter


def post(
    act: Act, peer: Any, kind: LetterKind, number: str, data: dict[str, Any], *, case: Case | None
) -> Letter:
    """A letter and its message; one without a case answers a delegation that was not filed."""
    letter_id = uuid4()
    body = envelope(letter_id, act.court, kind, act.at, {"number": number} | data)
    message = Message(
        event_id=act.effects.event_id,
        case=case,
        kind=MESSAGE_KIND,
        recipient=f"court:{peer.code}",
        body={"letter": str(letter_id), "kind": kind.value},
        created_at=act.at,
        due_at=act.at,
    )
    act.effects.post([message])
    letter = Letter(
        peer=peer,
        direction=Direction.OUT,
        kind=kind,
        letter_id=letter_id,
        number=number,
        court=act.court,
        case=case,
        at=act.at,
        state=LetterState.WRITTEN,
        event_id=act.effects.event_id,
        message=message,
    )
    seal(letter, body)
    letter.save(force_insert=True)
    return letter


def seal(letter: Letter, body: bytes) -> None:
    """Put the bytes on a letter, sealed, with their hash."""
    from hashlib import sha256

    letter.body = body.decode()
    letter.body_sha256 = sha256(body).digest()


def envelope(
    letter_id: UUID, court: Court | PeerCourt, kind: LetterKind, at: datetime, data: dict[str, Any]
) -> bytes:
    """The bytes of a letter."""
    return json.dumps(
        {
            "specversion": SPECVERSION,
            "id": str(letter_id),
            "source": f"/courts/{court.code}",
            "type": TYPE_PREFIX + kind.value,
            "time": at.isoformat(),
            "datacontenttype": "application/json",
            "data": {"court": {"code": court.code, "name": court.name}} | data,
        },
        ensure_ascii=False,
        sort_keys=True,
        default=str,
    ).encode()


def delegated(case: Case, *, officer: str, phone: str) -> dict[str, Any]:
    """What the receiving court needs to file the case (DELEGATION 5): the application in full, what was found
    and restrained, who was in charge. Opens sealed values."""
    title, parties = case.title, list(case.parties.order_by("position"))
    return {
        "case_number": case.number,
        "officer": {"name": officer, "phone": phone},
        "filing": {
            "cause": case.cause,
            "title_kind": title.kind,
            "title_number": title.number,
            "title_made_by": title.made_by,
            "title_effective_on": title.effective_on,
            "performance_due_on": title.performance_due_on,
            "obligation": title.obligation,
            "interest_annual": title.interest_annual,
            "interest_from": title.interest_from,
            "interest_to": title.interest_to,
            "interest_year_basis": title.interest_year_basis,
            "items": [
                {
                    "kind": item.kind,
                    "label": item.label,
                    "amount": item.amount,
                    "delay_from": item.delay_from,
                    "creditor": item.creditor.position if item.creditor else None,
                    "bears_interest": item.bears_interest,
                }
                for item in case.title_items.select_related("creditor").order_by("position")
            ],
            "parties": [_party(party) for party in parties],
        },
        "assets": [
            {
                "owner": asset.owner.position,
                "kind": asset.kind,
                "description": asset.description,
                "holder": asset.holder,
                "account_number": asset.account_number if asset.account_sealed else "",
                "register_number": asset.register_number,
                "value": asset.value,
                "value_source": asset.value_source,
                "prior_claims": asset.prior_claims,
                "is_only_home": asset.is_only_home,
                "is_indivisible": asset.is_indivisible,
                "found_on": asset.found_on,
                "measures": [
                    {
                        "kind": measure.kind,
                        "rank": measure.rank,
                        "amount": measure.amount,
                        "first": measure.during.lower,
                        "last": measure.during.upper - ONE_DAY,
                        "state": measure.state,
                        "basis": measure.basis,
                        "officers": measure.carried_out_by,
                    }
                    for measure in asset.measures.all()
                    if measure.is_live
                ],
            }
            for asset in case.assets.select_related("owner").prefetch_related("measures").order_by("id")
        ],
    }


def _party(party: Party) -> dict[str, Any]:
    return {
        "role": party.role,
        "kind": party.kind,
        "name": party.name,
        "name_bo": party.name_bo,
        "identity_number": party.identity_number,
        "phone": party.phone,
        "address": party.address,
        "representative": party.representative,
        "language": party.language,
        "agreed_to_electronic_service": party.agreed_to_electronic_service,
        "account_bank": party.account_bank,
        "account_number": party.account_number,
    }


# --- reading ------------------------------------------------------------------------------------
def read(body: bytes) -> dict[str, Any]:
    """The envelope of a letter's bytes, with ``kind`` and ``letter_id`` read. Raises ``Unreadable``."""
    try:
        letter = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(gettext("The body is no JSON.")) from error
    if not isinstance(letter, Mapping) or not isinstance(letter.get("data"), Mapping):
        raise Unreadable(gettext("The body is no CloudEvents envelope with an object as data."))
    word = str(letter.get("type", "")).removeprefix(TYPE_PREFIX)
    if letter.get("specversion") != SPECVERSION or word not in LetterKind:
        raise Unreadable(gettext("There is no letter of this type here."))
    number = letter["data"].get("number")
    if not isinstance(number, str) or not 1 <= len(number) <= 24:
        raise Unreadable(gettext("The letter names no delegation by its number."))
    try:
        letter_id = UUID(str(letter.get("id")))
    except ValueError as error:
        raise Unreadable(gettext("The letter has no id.")) from error
    return {**letter, "kind": LetterKind(word), "letter_id": letter_id, "number": number}


def content(letter: Letter) -> dict[str, Any]:
    """What a stored letter says. Opens its body."""
    found: dict[str, Any] = json.loads(letter.body)["data"]
    return found


def day(text: Any) -> date | None:
    """A day of a letter."""
    return date.fromisoformat(text) if text else None
