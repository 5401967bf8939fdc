"""The copy of a writ that an agency gets (协助单位联).

A bank can't freeze an account it knows four digits of: its copy names the account and the identity number in
full. Nowhere else do they stand: the snapshot and the file copy hold masks, the values are sealed on the
document, and the finished copy is kept encrypted with a key of its own, which is sealed as well. Whoever
hands a copy out logs it (``enforcement.queries.readers``).
"""

import base64
import copy
import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from directory.sealing import NONCE_BYTES, SealBroken
from enforcement.files import open_file
from enforcement.models import Asset, Document, Party
from enforcement.writs.declarations import Writ

#: Where the full value takes the place of the mask in the data of a writ.
PLACES = {
    "identity": ("party", "identity"),
    "account": ("asset", "account_mask"),
    "transferee": ("transferee", "identity"),
}


class NotMadeYet(Exception):
    """The agency's copy is still being made."""


def values(writ: Writ, party: Party | None, extra: Mapping[str, Any]) -> dict[str, str]:
    """What only the agency's copy names: identity number, account, identity number of a transferee."""
    if not writ.to_agency:
        return {}
    asset, transferee = extra.get("asset"), extra.get("transferee")
    found = {
        "identity": party.identity_number if party is not None else "",
        "account": extra.get("account") or (asset.account_number if isinstance(asset, Asset) else ""),
        "transferee": _identity(transferee),
    }
    return {name: str(value) for name, value in found.items() if value}


def _identity(transferee: Any) -> str:
    if isinstance(transferee, Party):
        return transferee.identity_number
    return str(transferee.get("identity") or "") if isinstance(transferee, Mapping) else ""


def in_full(document: Document) -> dict[str, Any]:
    """The data of a writ with the sealed values in the place of their masks."""
    data: dict[str, Any] = copy.deepcopy(document.data)
    for name, value in json.loads(document.full_values or "{}").items():
        block, field = PLACES[name]
        if data.get(block):
            data[block][field] = value
    return data


def has_agency_copy(document: Document) -> bool:
    """Whether there is, or will be, a copy with full values."""
    return document.full_sealed is not None


def agency_copy(document: Document) -> bytes:
    """What the agency gets. Raises ``NotMadeYet``, and ``directory.sealing.SealBroken`` if it was changed."""
    if document.agency_file is None:
        raise NotMadeYet
    with open_file(document.agency_file) as file:
        stored = file.read()
    try:
        return _cipher(document).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], _place(document))
    except InvalidTag:
        raise SealBroken(f"The agency's copy of writ {document.uid} was changed or moved.") from None


def encrypted(document: Document, content: bytes) -> bytes:
    """The bytes of a copy as they are kept. Gives the document the key and the hash of what is sealed."""
    document.agency_key = base64.b64encode(AESGCM.generate_key(256)).decode()
    document.agency_sha256 = hashlib.sha256(content).hexdigest()
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(document).encrypt(nonce, content, _place(document))


def _cipher(document: Document) -> AESGCM:
    return AESGCM(base64.b64decode(document.agency_key))


def _place(document: Document) -> bytes:
    return f"enforcement_document|agency_file|{document.uid}".encode()
