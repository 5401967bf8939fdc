"""Matters agencies answer (协助事项): what a request must carry, what its answer says, by when, and why.

The table is ``data/linkage_matters.csv``; blocks that repeat are abbreviated there (``@C`` the case, ``@P``
the person, ``@W`` the writ, ``@A`` an amount, ``@T`` a term, ``#R`` the receipt).  ``default_days`` is ours
where no text sets a clock: a joint conference or an agreement may set another.  Rows not read in a text keep
``verified=no``.
"""

import csv
import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files

from law import tibetan


class FieldKind(enum.StrEnum):
    """What a field of a request or an answer holds."""

    TEXT = "text"
    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"
    NUMBER = "number"
    FLAG = "flag"
    ACCOUNT = "account"
    IDENTITY = "identity"
    GROUP = "group"
    ROWS = "rows"


@dataclass(frozen=True)
class MatterField:
    """One field of a matter; ``fields`` are those of a group or of each row."""

    name: str
    kind: FieldKind
    required: bool = True
    fields: tuple["MatterField", ...] = ()

    def label(self, language: str = "en") -> str:
        """What a person reads beside it, in Chinese, Tibetan or English."""
        row = _field_rows().get(self.name)
        if row is None:
            return self.name.replace("_", " ").capitalize()
        return tibetan.in_language(
            language, "linkage_fields", self.name, zh=row["name_zh"], en=row["name_en"]
        )


@dataclass(frozen=True)
class Matter:
    """One matter one kind of agency answers. ``days`` are working days until the answer is due;
    ``longest_months`` bounds its term, ``None`` where nothing does."""

    code: str
    agency_kind: str
    agency_zh: str
    name_zh: str
    name_en: str
    request_kind: str
    constraints: tuple[str, ...]
    carries: frozenset[str]
    request_fields: tuple[MatterField, ...]
    answer_fields: tuple[MatterField, ...]
    writs: str
    credentials: str
    answer_due: str
    answer_due_nature: str
    days: int
    validity: str
    longest_months: int | None
    renewal: str
    release_trigger: str
    limits: str
    basis: str
    refusal_consequence: str
    verified: bool
    unverified_parts: str
    note: str
    effective_from: date | None
    effective_to: date | None

    def name(self, language: str = "en") -> str:
        """The name in Chinese, Tibetan or English."""
        return tibetan.in_language(language, "linkage_matters", self.code, zh=self.name_zh, en=self.name_en)

    @property
    def needs_writ(self) -> bool:
        """Whether it binds only with a writ of the court beside the request."""
        return "W" in self.carries

    @property
    def is_inquiry(self) -> bool:
        return self.request_kind == "inquiry"

    @property
    def clock_is_statutory(self) -> bool:
        return self.answer_due_nature.startswith("statutory")

    def in_force_on(self, day: date) -> bool:
        """Whether the matter may be asked on a day; a bound that is not set does not exclude."""
        if self.effective_from is not None and day < self.effective_from:
            return False
        return self.effective_to is None or day <= self.effective_to


class MatterTableError(ValueError):
    """A row of the table that can not be read."""


_MONTHS_OF_VALIDITY = (
    (re.compile(r"≤(\d+)年"), 12),
    (re.compile(r"^(\d+)年"), 12),
    (re.compile(r"≤(\d+)个月"), 1),
)
_TOKEN = re.compile(r"(?P<name>[a-z_][a-z_0-9]*)(?:\([^)]*\))?(?P<rows>\[\])?(?P<optional>\?)?(?P<open>\{)?")
_MARK = re.compile(r"[@#](?P<mark>[A-Z])(?:\([^)]*\))?")


def _read_fields(text: str) -> tuple[frozenset[str], tuple[MatterField, ...]]:
    """The abbreviated blocks and the fields of one cell. Raises ``MatterTableError``."""
    marks = frozenset(match["mark"] for match in _MARK.finditer(text))
    rest = _MARK.sub(" ", text)
    fields, end = _read_level(rest, 0)
    if rest[end:].strip():
        raise MatterTableError(f"can't read {rest[end:]!r} of {text!r}")
    return marks, fields


def _read_level(text: str, position: int) -> tuple[tuple[MatterField, ...], int]:
    fields: list[MatterField] = []
    alternative = False
    while position < len(text):
        character = text[position]
        if character in " ,":
            position += 1
            continue
        if character == "/" and fields:
            # Of two that stand for each other (a/b) neither is demanded by itself.
            fields[-1] = replace(fields[-1], required=False)
            alternative = True
            position += 1
            continue
        if character == "}":
            break
        match = _TOKEN.match(text, position)
        if match is None:
            break
        position = match.end()
        inner: tuple[MatterField, ...] = ()
        if match["open"]:
            inner, position = _read_level(text, position)
            if text[position : position + 1] != "}":
                raise MatterTableError(f"a bracket is not closed in {text!r}")
            position += 1
        kind = _kind_of(match["name"])
        if match["rows"]:
            kind = FieldKind.ROWS
        elif inner:
            kind = FieldKind.GROUP
        required = not match["optional"] and not alternative
        fields.append(MatterField(match["name"], kind, required, inner))
        alternative = False
    return tuple(fields), position


@cache
def named_fields() -> dict[str, MatterField]:
    """Every field that has a name of its own, by its word in the table of matters."""
    return {name: MatterField(name, _kind_of(name)) for name in _field_rows()}


def _kind_of(name: str) -> FieldKind:
    row = _field_rows().get(name)
    return FieldKind(row["kind"]) if row is not None else FieldKind.TEXT


@cache
def _field_rows() -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in _rows("linkage_fields.csv")}


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("law") / "data" / name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def _months(validity: str) -> int | None:
    for pattern, months in _MONTHS_OF_VALIDITY:
        match = pattern.search(validity)
        if match is not None:
            return int(match[1]) * months
    return None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def matters() -> dict[str, Matter]:
    """Every matter by its code, in the order of the table. Raises ``MatterTableError``."""
    found = {}
    for row in _rows("linkage_matters.csv"):
        carries, request_fields = _read_fields(row["request_fields"])
        _receipt, answer_fields = _read_fields(row["receipt_fields"])
        found[row["code"]] = Matter(
            code=row["code"],
            agency_kind=row["agency_kind"],
            agency_zh=row["agency"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            request_kind=row["request_kind"],
            constraints=tuple(part for part in row["constraint_matter"].split(";") if part),
            carries=carries,
            request_fields=request_fields,
            answer_fields=answer_fields,
            writs=row["writ_required"],
            credentials=row["credentials"],
            answer_due=row["answer_due"],
            answer_due_nature=row["answer_due_nature"],
            days=int(row["default_days"]),
            validity=row["validity_max"],
            longest_months=_months(row["validity_max"]),
            renewal=row["renewal"],
            release_trigger=row["release_trigger"],
            limits=row["limits"],
            basis=row["legal_basis"],
            refusal_consequence=row["refusal_consequence"],
            verified=row["verified"] == "yes",
            unverified_parts=row["unverified_parts"],
            note=row["note"],
            effective_from=_day(row["effective_from"]),
            effective_to=_day(row["effective_to"]),
        )
    return found


def matter(code: str) -> Matter:
    """The matter of a code. Raises ``KeyError``."""
    return matters()[code]
