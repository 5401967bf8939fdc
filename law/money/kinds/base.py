"""What every calculator has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from law.money.arithmetic import show
from law.money.errors import FactError
from law.money.fields import Field, read
from law.money.sources import Article
from law.steps import Step
from law.steps import mark as _

__all__ = ["Answer", "Calculator", "amounts", "row"]


@dataclass(frozen=True)
class Answer:
    """What a calculation found: result fields in JSON shape, the arithmetic, and what it rests on."""

    fields: Mapping[str, Any]
    steps: Iterable[Step] = ()
    articles: Iterable[Article] = ()


@dataclass(frozen=True)
class Calculator:
    """One kind of calculation.

    ``title`` is an English literal to be translated; ``facts`` and ``results`` declare the fields, good for a
    form and for a schema. Every result also has ``steps`` and ``articles``.
    """

    kind: str
    title: str
    facts: tuple[Field, ...]
    results: tuple[Field, ...]
    compute: Callable[[dict[str, Any]], Answer]

    def calculate(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The result of JSON-shaped facts: amounts as text with two places, rates as text, ISO dates.

        ``steps`` are :class:`~law.steps.Step` objects and ``articles`` dicts. ``kind`` may stand among the
        facts if it is this one. Raises :class:`~law.money.errors.FactError` for facts that are wrong or
        contradict each other.
        """
        if isinstance(facts, Mapping) and "kind" in facts:
            if facts["kind"] != self.kind:
                raise FactError("kind", _("The facts are those of another calculator; choose that one."))
            facts = {name: value for name, value in facts.items() if name != "kind"}
        answer = self.compute(read(self.facts, facts))
        return {
            **answer.fields,
            "steps": list(answer.steps),
            "articles": [article.as_json() for article in answer.articles],
        }


def amounts(by_id: Mapping[str, Decimal]) -> dict[str, str]:
    """Amounts by id, as text."""
    return {id_: show(amount) for id_, amount in by_id.items()}


def row(record: Any, *names: str) -> dict[str, Any]:
    """Chosen attributes of a record in JSON shape: amounts with two places, dates in ISO form."""
    shaped: dict[str, Any] = {}
    for name in names:
        value = getattr(record, name)
        if isinstance(value, Decimal):
            value = show(value)
        elif hasattr(value, "isoformat"):
            value = value.isoformat()
        shaped[name] = value
    return shaped
