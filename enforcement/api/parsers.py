"""JSON as it must come: UTF-8, one value per key, no depth bombs, numbers kept exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser

from enforcement.api.problems import BadRequest

MOST_BYTES = 1024 * 1024
DEEPEST = 32
BYTE_ORDER_MARK = "\ufeff"


class _Unreadable(ValueError):
    """Carries the sentence out of the decoder's hooks."""


class StrictJSONParser(BaseParser):
    """RFC 8259 without its liberties: what two readers could read differently is refused."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value, numbers with a point as ``Decimal``. Raises ``BadRequest`` with the sentence."""
        _check_charset(media_type or "")
        try:
            raw = stream.read(MOST_BYTES + 1)
        except RequestDataTooBig:
            raise _bad(_("The body is larger than 1 MiB."), "too-large") from None
        if len(raw) > MOST_BYTES:
            raise _bad(_("The body is larger than 1 MiB."), "too-large")
        return read(raw)


def read(raw: bytes) -> Any:
    """The value of a JSON text. Raises ``BadRequest``."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _bad(_("The body is not UTF-8.")) from None
    if text.startswith(BYTE_ORDER_MARK):
        raise _bad(_("The body begins with a byte order mark. Send UTF-8 without one."))
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_number, parse_int=_integer
        )
    except RecursionError:
        raise _too_deep() from None
    except _Unreadable as error:
        raise _bad(str(error)) from None
    except ValueError:
        raise _bad(_("The body is not JSON.")) from None
    _check_values(value)
    return value


def _check_charset(media_type: str) -> None:
    for parameter in media_type.split(";")[1:]:
        name, _equals, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            raise UnsupportedMediaType(media_type, _("JSON is UTF-8; no other charset is read."))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise _Unreadable(_("The key “%(key)s” stands twice in one object.") % {"key": twice[:60]})
    return found


def _constant(name: str) -> Any:
    raise _Unreadable(_("%(name)s is not a number in JSON.") % {"name": name})


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise _Unreadable(_("A number is too large to be read.")) from None


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # Python refuses thousands of digits
        raise _Unreadable(_("A number is too large to be read.")) from None


def _check_values(value: Any) -> None:
    """Depth, and characters that no text may hold. Raises ``BadRequest``."""
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            _check_text(item)
            continue
        if isinstance(item, dict | list):
            if depth > DEEPEST:
                raise _too_deep()
            waiting.extend((inner, depth + 1) for inner in _inside(item))


def _inside(item: dict[str, Any] | list[Any]) -> Iterator[Any]:
    if isinstance(item, dict):
        yield from item.keys()
        yield from item.values()
    else:
        yield from item


def _check_text(text: str) -> None:
    if "\0" in text:
        raise _bad(_("A text holds a NUL character."))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _bad(_("A text holds half of a surrogate pair, which is no character.")) from None


def _too_deep() -> BadRequest:
    return _bad(_("The body is nested more than %(deepest)s levels deep.") % {"deepest": DEEPEST})


def _bad(sentence: str, code: str = "unreadable") -> BadRequest:
    return BadRequest(sentence, code)
