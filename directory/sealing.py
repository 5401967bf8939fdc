"""Sealed values (加密字段): personal data that the database holds only as ciphertext.

A sealed value is ``key id ‖ nonce ‖ AES-256-GCM ciphertext``. The associated data names the table, the
column and the row, so a ciphertext moved to another row or column does not open. Exact values stay
searchable through :func:`blind_index`, a keyed hash; nothing else of a sealed value is searchable.
"""

import hashlib
import hmac
import os
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed value does not open: its key is gone, or it was moved or changed."""


def _place(table: str, column: str, row: UUID) -> bytes:
    return f"{table}|{column}|{row}".encode()


def seal(value: str, *, table: str, column: str, row: UUID) -> bytes:
    """Encrypt ``value`` for one column of one row, with the current key."""
    key_id, key = next(iter(settings.FIELD_KEYS.items()))
    nonce = os.urandom(NONCE_BYTES)
    prefix = key_id.encode()
    return (
        bytes([len(prefix)])
        + prefix
        + nonce
        + AESGCM(key).encrypt(nonce, value.encode(), _place(table, column, row))
    )


def unseal(sealed: bytes | memoryview, *, table: str, column: str, row: UUID) -> str:
    """Decrypt a sealed value. Raises :class:`SealBroken`."""
    sealed = bytes(sealed)
    key_id = key_id_of(sealed)
    key = settings.FIELD_KEYS.get(key_id)
    if key is None:
        raise SealBroken(f"The key {key_id!r} that sealed {table}.{column} is not in the key ring.")
    body = sealed[1 + sealed[0] :]
    try:
        return (
            AESGCM(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _place(table, column, row)).decode()
        )
    except InvalidTag:
        raise SealBroken(f"A sealed value of {table}.{column} was changed or moved to another row.") from None


def key_id_of(sealed: bytes) -> str:
    """The id of the key that sealed a value."""
    sealed = bytes(sealed)
    return sealed[1 : 1 + sealed[0]].decode()


def blind_index(value: str, *, kind: str) -> bytes:
    """Keyed hash of a normalised value, 32 bytes; equal values of one ``kind`` have equal hashes."""
    return hmac.new(settings.BLIND_INDEX_KEY, f"{kind}|{value}".encode(), hashlib.sha256).digest()


class Sealed:
    """Descriptor: reads and writes a sealed binary column as text.

    ``number = Sealed("number_sealed")`` on a model with a ``uid``; the empty text is stored as NULL.
    """

    def __init__(self, column: str):
        self.column = column

    def __get__(self, row: models.Model | None, owner: type | None = None) -> Any:
        if row is None:
            return self
        sealed = getattr(row, self.column)
        if not sealed:
            return ""
        return unseal(sealed, table=row._meta.db_table, column=self.column, row=row.uid)  # type: ignore[attr-defined]

    def __set__(self, row: models.Model, value: str) -> None:
        sealed = (
            seal(value, table=row._meta.db_table, column=self.column, row=row.uid)  # type: ignore[attr-defined]
            if value
            else None
        )
        setattr(row, self.column, sealed)
