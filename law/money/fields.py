"""Facts as declared fields: enough to read them, to build a form and to describe them in a schema.

Reading is strict, because a sum computed from a misread fact would be believed: unknown keys, numbers that
are not strings, exponents, full-width digits, impossible dates and oversized lists are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from law.money.arithmetic import as_money, parse_decimal
from law.money.errors import Errors
from law.steps import mark as _

__all__ = [
    "MAX_ROWS",
    "Field",
    "boolean",
    "choice",
    "day",
    "integer",
    "listing",
    "mapping",
    "money",
    "nested",
    "rate",
    "read",
    "text",
]

MAX_ROWS = 500
MAX_TEXT = 64
EARLIEST, LATEST = date(1949, 10, 1), date(2199, 12, 31)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_RATIO = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", re.ASCII)

Type = Literal["money", "rate", "date", "int", "bool", "choice", "list", "map", "text", "object"]


@dataclass(frozen=True)
class Field:
    """One fact (or one field of a result).

    ``label`` and ``help`` are English literals to be translated. ``choices`` are (value, label). ``fields``
    are the fields of an ``object`` or of each row of a ``list``; a list or map of plain values has ``of``
    instead, and a map has ``key``, the type of its keys. ``minimum`` and ``maximum`` are both allowed values;
    for a list they bound its length. A ``ratio`` rate may also be written ``1/3``.
    """

    name: str
    type: Type
    label: str
    required: bool = True
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    fields: tuple[Field, ...] = ()
    of: Field | None = None
    key: Field | None = None
    minimum: str | int | None = None
    maximum: str | int | None = None
    ratio: bool = False

    def describe(self, translate: Any = lambda text: text) -> dict[str, Any]:
        """The field as plain JSON, labels translated."""
        shape: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "label": translate(self.label) if self.label else "",
            "required": self.required,
        }
        if self.help:
            shape["help"] = translate(self.help)
        if self.choices:
            shape["choices"] = [{"value": value, "label": translate(label)} for value, label in self.choices]
        if self.fields:
            shape["fields"] = [field.describe(translate) for field in self.fields]
        for name in ("of", "key"):
            if getattr(self, name) is not None:
                shape[name] = getattr(self, name).describe(translate)
        for name in ("minimum", "maximum"):
            if getattr(self, name) is not None:
                shape[name] = getattr(self, name)
        if self.ratio:
            shape["ratio"] = True
        return shape


def money(name: str, label: str, *, required: bool = True, zero: bool = False, help: str = "") -> Field:
    """An amount in CNY; 0 only where ``zero`` says that it makes sense."""
    return Field(name, "money", label, required, help, minimum="0.00" if zero else "0.01")


def rate(
    name: str,
    label: str,
    *,
    required: bool = True,
    maximum: str = "1",
    zero: bool = True,
    ratio: bool = False,
    help: str = "",
) -> Field:
    """A fraction such as 0.048 (for 4.8 %)."""
    return Field(
        name, "rate", label, required, help, minimum="0" if zero else None, maximum=maximum, ratio=ratio
    )


def day(name: str, label: str, *, required: bool = True, help: str = "") -> Field:
    return Field(name, "date", label, required, help)


def integer(
    name: str,
    label: str,
    *,
    minimum: int = 0,
    maximum: int = 100_000,
    required: bool = True,
    choices: Sequence[int] = (),
    help: str = "",
) -> Field:
    shown = tuple((str(value), str(value)) for value in choices)
    return Field(name, "int", label, required, help, choices=shown, minimum=minimum, maximum=maximum)


def boolean(name: str, label: str, *, required: bool = True, help: str = "") -> Field:
    return Field(name, "bool", label, required, help)


def choice(
    name: str, label: str, choices: Mapping[str, str], *, required: bool = True, help: str = ""
) -> Field:
    return Field(name, "choice", label, required, help, choices=tuple(choices.items()))


def text(name: str, label: str, *, required: bool = True, help: str = "") -> Field:
    return Field(name, "text", label, required, help, maximum=MAX_TEXT)


def nested(name: str, label: str, fields: Sequence[Field], *, required: bool = True, help: str = "") -> Field:
    return Field(name, "object", label, required, help, fields=tuple(fields))


def listing(
    name: str,
    label: str,
    of: Field | Sequence[Field],
    *,
    required: bool = True,
    least: int = 0,
    most: int = MAX_ROWS,
    help: str = "",
) -> Field:
    """A list of plain values (``of`` one field) or of rows (``of`` the fields of a row)."""
    if isinstance(of, Field):
        return Field(name, "list", label, required, help, of=of, minimum=least, maximum=most)
    return Field(name, "list", label, required, help, fields=tuple(of), minimum=least, maximum=most)


def mapping(name: str, label: str, key: Field, of: Field, *, required: bool = True, help: str = "") -> Field:
    return Field(name, "map", label, required, help, key=key, of=of, minimum=1, maximum=MAX_ROWS)


def read(fields: Sequence[Field], facts: Any) -> dict[str, Any]:
    """Facts as Python values: ``Decimal`` for money, ``Fraction`` for rates, ``date`` for dates.

    Facts left out are absent from the answer. Raises :class:`~law.money.errors.FactErrors` with every wrong
    fact.
    """
    errors = Errors()
    values = _read_object(fields, facts, "", errors)
    errors.raise_if_any()
    return values


def _read_object(fields: Sequence[Field], facts: Any, path: str, errors: Errors) -> dict[str, Any]:
    if not isinstance(facts, Mapping):
        errors.add(path or "facts", _("Give an object with named fields."))
        return {}
    before = f"{path}." if path else ""
    known = {field.name for field in fields}
    for name in facts:
        if name not in known:
            errors.add(
                f"{before}{name}"[:200], _("This field is not known here; remove it or correct its name.")
            )
    values = {}
    for field in fields:
        if field.name in facts:
            value = _read(field, facts[field.name], before + field.name, errors)
            if value is not None:
                values[field.name] = value
        elif field.required:
            errors.add(before + field.name, _("This field is required; fill it in."))
    return values


def _read(field: Field, value: Any, path: str, errors: Errors) -> Any:
    if field.type == "object":
        return _read_object(field.fields, value, path, errors)
    if field.type == "list":
        return _read_list(field, value, path, errors)
    if field.type == "map":
        return _read_map(field, value, path, errors)
    return _READERS[field.type](field, value, path, errors)


def _read_list(field: Field, value: Any, path: str, errors: Errors) -> list[Any] | None:
    if not isinstance(value, list):
        errors.add(path, _("Give a list."))
        return None
    if not _size_is_right(field, len(value), path, errors):
        return None
    if field.of is not None:
        return [_read(field.of, row, f"{path}[{index}]", errors) for index, row in enumerate(value)]
    return [_read_object(field.fields, row, f"{path}[{index}]", errors) for index, row in enumerate(value)]


def _read_map(field: Field, value: Any, path: str, errors: Errors) -> dict[Any, Any] | None:
    if not isinstance(value, Mapping):
        errors.add(path, _("Give an object with named fields."))
        return None
    if not _size_is_right(field, len(value), path, errors):
        return None
    assert field.key is not None, "a map declares its keys"
    assert field.of is not None, "a map declares its values"
    answer = {}
    for key, entry in value.items():
        place = f"{path}.{key}"[:200]
        answer[_read(field.key, key, place, errors)] = _read(field.of, entry, place, errors)
    return answer


def _size_is_right(field: Field, size: int, path: str, errors: Errors) -> bool:
    least, most = int(field.minimum or 0), int(field.maximum or MAX_ROWS)
    if size < least:
        errors.add(path, _("At least %(least)s entries are needed; add what is missing."), least=str(least))
    elif size > most:
        errors.add(path, _("At most %(most)s entries are read; shorten the list."), most=str(most))
    return least <= size <= most


def _read_money(field: Field, value: Any, path: str, errors: Errors) -> Decimal | None:
    try:
        amount = as_money(value) if isinstance(value, str) else None
    except ValueError:
        amount = None
    if amount is None:
        errors.add(
            path,
            _(
                "Give the amount as text in yuan with at most two decimals and 17 digits in all, "
                'without signs, separators or exponents, such as "1200.50".'
            ),
        )
    elif amount < Decimal(str(field.minimum or 0)):
        errors.add(path, _("The amount must be more than zero."))
        return None
    return amount


def _read_rate(field: Field, value: Any, path: str, errors: Errors) -> Fraction | None:
    number: Fraction | None = None
    if isinstance(value, str):
        ratio = _RATIO.fullmatch(value) if field.ratio else None
        try:
            number = Fraction(int(ratio[1]), int(ratio[2])) if ratio else Fraction(parse_decimal(value, 12))
        except ValueError:
            number = None
    if number is None:
        errors.add(
            path,
            _('Give the number as text in plain digits, at most 12 decimals, such as "0.048" for 4.8 %%.'),
        )
    elif field.maximum is not None and number > Fraction(str(field.maximum)):
        errors.add(
            path,
            _('At most %(maximum)s is possible here; write a percentage as a fraction, "0.048" for 4.8 %%.'),
            maximum=str(field.maximum),
        )
        return None
    elif field.minimum is None and not number:
        errors.add(path, _("The number must be more than zero."))
        return None
    return number


def _read_date(field: Field, value: Any, path: str, errors: Errors) -> date | None:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            errors.add(path, _("There is no such day in the calendar; correct the date."))
            return None
        if EARLIEST <= found <= LATEST:
            return found
        errors.add(path, _("The date must lie between 1949-10-01 and 2199-12-31."))
    else:
        errors.add(path, _('Give the date as text, year-month-day, such as "2024-03-31".'))
    return None


def _read_int(field: Field, value: Any, path: str, errors: Errors) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        errors.add(path, _("Give a whole number."))
        return None
    if field.choices and str(value) not in dict(field.choices):
        shown = ", ".join(name for name, _label in field.choices)
        errors.add(path, _("Only these are possible: %(choices)s."), choices=shown)
        return None
    low, high = int(field.minimum or 0), int(field.maximum or 0)
    if not low <= value <= high:
        errors.add(path, _("The number must lie between %(low)s and %(high)s."), low=str(low), high=str(high))
        return None
    return value


def _read_bool(field: Field, value: Any, path: str, errors: Errors) -> bool | None:
    if isinstance(value, bool):
        return value
    errors.add(path, _("Give true or false."))
    return None


def _read_choice(field: Field, value: Any, path: str, errors: Errors) -> str | None:
    names = [name for name, _label in field.choices]
    if isinstance(value, str) and value in names:
        return value
    errors.add(path, _("Only these are possible: %(choices)s."), choices=", ".join(names))
    return None


def _read_text(field: Field, value: Any, path: str, errors: Errors) -> str | None:
    if (
        isinstance(value, str)
        and 0 < len(value) <= MAX_TEXT
        and value == value.strip()
        and value.isprintable()
    ):
        return value
    errors.add(
        path,
        _("Give a text of 1 to %(most)s characters without blanks at its ends."),
        most=str(MAX_TEXT),
    )
    return None


_READERS = {
    "money": _read_money,
    "rate": _read_rate,
    "date": _read_date,
    "int": _read_int,
    "bool": _read_bool,
    "choice": _read_choice,
    "text": _read_text,
}
