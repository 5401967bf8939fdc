"""Whether a paper is the court's (真伪核验): what the public page says of a writ, and of a file beside it.

Everybody may ask who has the code of a writ, so the answer names no person: court, number, kind, day, amount
and the last figures of an account.
"""

import enum
import hashlib
import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.cache import cache

from enforcement.engine import OutOfSight
from enforcement.files import open_file
from enforcement.models import Document, DocumentState, StoredFile
from enforcement.writs import copies, signing
from enforcement.writs.standing import Standing, standing_of

# Kinds whose page says whether they are valid and since when, and nothing else.
SILENT = frozenset({"certificate.lift"})
# Who signed a file never changes; reading it out of the PDF takes a while.
SIGNATURE_KEPT = 3600  # seconds
_SIGNATURE_BYTES = re.compile(rb"/Contents\s*<([0-9A-Fa-f]{512,})>")


class Match(enum.StrEnum):
    """What a file somebody holds is, beside what the court issued."""

    SIGNED = "signed"  # byte for byte what the court gave out, with its signature
    UNSIGNED = "unsigned"  # byte for byte, from before a signature
    APPENDED = "appended"  # something was added after the signature
    BROKEN = "broken"  # it bears the court's signature over other bytes
    ANOTHER = "another"  # another writ of a court
    FOREIGN = "foreign"  # nothing a court issued


@dataclass(frozen=True)
class Paper:
    """What may be said of a writ in public."""

    document: Document
    standing: Standing
    amount: str
    account: str
    signature: dict[str, Any] | None  # signer, at, intact; nothing where the court does not sign

    @property
    def is_silent(self) -> bool:
        return self.document.writ in SILENT

    @property
    def lifted_on(self) -> date | None:
        """For the certificate of a lift: the day of the last confirmation, else of the order."""
        lift = self.document.data.get("lift", {})
        day = lift.get("confirmed_on") or lift.get("ordered_on") or {}
        return date.fromisoformat(day["iso"]) if day else None

    @property
    def is_confirmed(self) -> bool:
        return bool(self.document.data.get("lift", {}).get("confirmed_on"))


def paper(uid: UUID) -> Paper:
    """What may be said of a finished writ. Raises ``OutOfSight``."""
    found = (
        Document.objects.filter(uid=uid, state=DocumentState.READY)
        .select_related("case__court", "file", "signed_file", "agency_file")
        .first()
    )
    if found is None:
        raise OutOfSight
    data = found.data
    amount = data.get("amount") or data.get("measure", {}).get("amount") or {}
    return Paper(
        document=found,
        standing=standing_of(found),
        amount=str(amount.get("figure", "")),
        account=str(data.get("asset", {}).get("account_mask") or ""),
        signature=_signature(found.signed_file) if found.signed_file is not None else None,
    )


def _signature(file: StoredFile) -> dict[str, Any]:
    key = f"signature:{file.sha256}"
    known: dict[str, Any] | None = cache.get(key)
    if known is None:
        with open_file(file) as content:
            found = signing.signature_of(content.read())
        known = {
            "signer": found.signer if found else "",
            "at": found.at if found else None,
            "intact": found is not None and found.intact,
        }
        cache.set(key, known, SIGNATURE_KEPT)
    return known


def named_by_file(content: bytes) -> UUID | None:
    """The writ whose file this is, byte for byte."""
    digest = hashlib.sha256(content).hexdigest()
    file = StoredFile.objects.filter(sha256=digest, purpose="writ").order_by("pk").first()
    if file is None or file.case_id is None:
        return None
    documents = Document.objects.filter(case_id=file.case_id, state=DocumentState.READY)
    given = documents.filter(file=file) | documents.filter(signed_file=file)
    return given.values_list("uid", flat=True).first()


def compare(document: Document, content: bytes) -> Match:
    """What a file is, beside this writ.

    The file is compared and never interpreted: it comes from anybody. A signature holds for exactly the
    bytes the court signed, and those are known here.
    """
    digest = hashlib.sha256(content).hexdigest()
    signed = document.signed_file
    if signed is not None and digest == signed.sha256:
        return Match.SIGNED
    if document.agency_sha256 and digest == document.agency_sha256:
        return Match.SIGNED if signed is not None else Match.UNSIGNED
    if document.file is not None and digest == document.file.sha256:
        return Match.UNSIGNED
    for given in _signed_bytes(document):
        if content.startswith(given):
            return Match.APPENDED
        seals = _SIGNATURE_BYTES.findall(given)
        if seals and seals[-1] in content:
            return Match.BROKEN
    return Match.ANOTHER if named_by_file(content) is not None else Match.FOREIGN


def _signed_bytes(document: Document) -> list[bytes]:
    """What the court gave out of this writ with its signature."""
    if document.signed_file is None:
        return []
    with open_file(document.signed_file) as file:
        given = [file.read()]
    return [*given, copies.agency_copy(document)] if document.agency_file is not None else given
