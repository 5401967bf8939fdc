"""What is written into history: canonical JSON and its hash chain (RFC 8785, SHA-256)."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import rfc8785
from django.db import models
from django.utils.functional import Promise
from rest_framework import serializers

from directory.sealing import blind_index
from enforcement.engine.fields import SealedField
from enforcement.models.documents import StoredFile
from law import identity

EVENT_MARK = b"\x02"  # 0x00 and 0x01 belong to Merkle leaves and nodes (RFC 9162)
LARGEST_SAFE_INTEGER = 2**53


def plain(value: Any) -> Any:
    """``value`` in JSON's own types: amounts, dates, ids and large integers as text, rows as public ids."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal | UUID | Promise):
        return str(value)
    if isinstance(value, int):
        return value if abs(value) < LARGEST_SAFE_INTEGER else str(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, StoredFile):
        return {"uid": str(value.uid), "sha256": value.sha256, "name": value.name}
    if isinstance(value, models.Model):
        return str(getattr(value, "uid", value.pk))
    raise TypeError(f"{type(value).__name__} can't be written into history.")


def recorded(serializer: serializers.BaseSerializer, data: Any) -> Any:
    """Validated input as history keeps it: sealed fields become their mask and a keyed commitment."""
    if isinstance(serializer, serializers.ListSerializer):
        rows = serializer.child
        assert isinstance(rows, serializers.BaseSerializer)
        return [recorded(rows, row) for row in data]
    assert isinstance(serializer, serializers.Serializer)
    result: dict[str, Any] = {}
    for name, value in data.items():
        field = serializer.fields.get(name)
        if isinstance(field, SealedField):
            result[name] = (
                {"masked": mask(field.kind, value), "commitment": blind_index(value, kind=field.kind).hex()}
                if value
                else ""
            )
        elif isinstance(field, serializers.BaseSerializer) and value is not None:
            result[name] = recorded(field, value)
        else:
            result[name] = plain(value)
    return result


def mask(kind: str, value: str) -> str:
    """What screens and history show of a sealed value of one kind."""
    masks = {
        "identity": identity.mask_identity,
        "phone": identity.mask_phone,
        "account": identity.mask_account,
        # Words that must not be shown in part either: what somebody reported, and who they are.
        "secret": lambda _words: "…",
    }
    # An address keeps its district; house and street are what must not be shown.
    return masks[kind](value) if kind in masks else value[:6] + "…"


def canonical(value: Any) -> bytes:
    """Canonical JSON bytes of a plain value."""
    return rfc8785.dumps(value)


def chain_hash(previous: bytes, body: bytes) -> bytes:
    """Hash of an event from its predecessor's hash and its own body."""
    return hashlib.sha256(EVENT_MARK + bytes(previous) + body).digest()


def digest(value: Any) -> bytes:
    """Hash of any plain value, used to compare the data of writs."""
    return hashlib.sha256(canonical(value)).digest()


def input_commitment(value: Any) -> bytes:
    """Keyed hash of an input as it came, used to tell whether a repeated request is the same one.

    Keyed, because an input may hold an identity number, and a plain hash of one is soon guessed.
    """
    return blind_index(digest(value).hex(), kind="input")
