"""Bodies as they came, and the signature over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser

from directory.models import Person
from enforcement.api.parsers import MOST_BYTES, read
from enforcement.api.problems import BadRequest
from linkage import signatures
from linkage.models import Request


class TooLarge(exceptions.APIException):
    """The body is larger than any answer (413)."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too-large"


class SignatureRefused(exceptions.APIException):
    """Who sent it can't be told (401)."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_detail = gettext_lazy("The signature does not hold.")
    default_code = "signature"
    auth_header = 'Signature realm="zhixing", algorithm="ed25519"'


class RawJSON(BaseParser):
    """The bytes themselves: what was signed is checked before anything is made of it."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            raw = stream.read(MOST_BYTES + 1)
        except RequestDataTooBig:
            raise TooLarge(_("The body is larger than 1 MiB.")) from None
        if len(raw) > MOST_BYTES:
            raise TooLarge(_("The body is larger than 1 MiB."))
        return raw


def raw_body(request: Any) -> bytes:
    """The bytes of the request; an empty body has none."""
    return request.data if isinstance(request.data, bytes) else b""


def checked(request: Any, order: Request) -> signatures.Signed | None:
    """The signature of a body. An agency that gave a key signs all it sends; ``None`` for one that gave none.

    Raises ``SignatureRefused``.
    """
    keys = keys_of(request.user, order)
    if not keys:
        return None
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        return signatures.verify(headers, raw_body(request), keys)
    except signatures.BadSignature as error:
        raise SignatureRefused(error.reason, error.code) from None


def keys_of(person: Person, order: Request) -> list[Any]:
    """Keys a system signs with: its own agency's, or those of the branch it answers for."""
    assert person.agency_id is not None
    return signatures.live_keys(person.agency_id) or signatures.live_keys(order.agency_id)


def read_object(raw: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises ``BadRequest``."""
    data = read(raw)
    if not isinstance(data, dict):
        raise BadRequest(_("The body is a JSON object with named fields."), "unreadable")
    return data
