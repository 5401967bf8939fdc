"""Filters of the portal's pages: names of matters, answers as tables. None asks the database."""

import hashlib
from datetime import timedelta
from typing import Any

from django import template

from enforcement.queries import words
from enforcement.templatetags import pieces
from enforcement.web.shell import capped
from law import linkage
from linkage.queries.portal import Line

register = template.Library()
register.filter("money", pieces.money)
register.filter("capped", capped)


@register.filter
def matter_name(order: Any) -> str:
    """The name of a request's matter in the language of the page."""
    return str(order.matter.name(words.language()))


@register.filter
def last_day(order: Any) -> str:
    """The last day of a request's term."""
    ends = order.term.upper if order.term else None
    return (ends - timedelta(days=1)).isoformat() if ends else ""


@register.filter
def sha256(answer: Any) -> str:
    """The hash of an answer's bytes."""
    return bytes(answer.raw_sha256).hex()


@register.filter
def entry_hash(event: Any) -> str:
    """The hash of the court's entry."""
    return bytes(event.hash).hex()


@register.filter
def fingerprint(key: Any) -> str:
    """A short name of a public key: the beginning of its hash."""
    return hashlib.sha256(bytes(key.public_key)).hexdigest()[:16]


@register.filter
def matter_answered(row: Any) -> str:
    """The name of a matter an agency answers; its code if this version does not know it any more."""
    known = linkage.matters().get(row.matter)
    return known.name(words.language()) if known else str(row.matter)


@register.filter
def nested(lines: list[Line]) -> bool:
    """Whether the lines are rows of a table."""
    return any(line.inner for line in lines)


@register.filter
def columns(lines: list[Line]) -> list[str]:
    """The headings of a table: every label its rows have, each once."""
    return list(dict.fromkeys(cell.label for line in lines for cell in line.inner))


@register.filter
def cells(lines: list[Line]) -> list[list[Line]]:
    """The rows of a table, each with a cell for every heading."""
    names = columns(lines)
    empty = Line("", "")
    return [
        [next((cell for cell in line.inner if cell.label == name), empty) for name in names] for line in lines
    ]


@register.filter
def flat(line: Line) -> str:
    """A line in one piece of text."""
    inner = "; ".join(flat(each) for each in line.inner)
    text = inner or (pieces.money(line.text) if line.money else line.text)
    return f"{line.label} {text}".strip()
