"""The calculators of the law: one entrance for the browser, for REST and for the running case.

Every kind takes facts in JSON shape (amounts in CNY and rates as text, ISO dates) and answers in JSON shape,
with the arithmetic as ``steps`` and the law it rests on as ``articles``. Wrong or contradictory facts raise
:class:`FactError`, which names the field; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from law.money.errors import FactError, FactErrors
from law.money.fields import Field, boolean, day, integer, listing, text
from law.money.kinds import auctions, claims, distribution, exemptions, fees, interest
from law.money.kinds.base import Answer, Calculator
from law.steps import Step, Translate
from law.steps import mark as _

__all__ = [
    "CALCULATORS",
    "Calculator",
    "FactError",
    "FactErrors",
    "Field",
    "UnknownKind",
    "as_json",
    "run",
]


class UnknownKind(LookupError):
    """There is no calculator of this kind."""


class _DeadlineCalculator(Calculator):
    """Deadlines read their own facts: a start is a day or a moment, excluded days a number or a list."""

    def calculate(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        from law.deadlines import deadline_calculator

        if not isinstance(facts, Mapping):
            raise FactError("facts", _("Give an object with named fields."))
        facts = {name: value for name, value in facts.items() if (name, value) != ("kind", self.kind)}
        known = {field.name for field in self.facts}
        unknown = [name for name in facts if name not in known]
        if unknown:
            raise FactErrors(
                tuple(
                    FactError(
                        str(name)[:200], _("This field is not known here; remove it or correct its name.")
                    )
                    for name in unknown
                )
            )
        for field in self.facts:
            if field.required and field.name not in facts:
                raise FactError(field.name, _("This field is required; fill it in."))
        result = deadline_calculator(facts)
        result["articles"] = [
            {**article, "article": _cited(str(article["article"])), "convention": False}
            for article in result["articles"]
        ]
        return result


def _cited(article: str) -> str:
    """A number such as ``480(2)`` as lawyers cite it; anything else as it stands."""
    number, _bracket, item = article.partition("(")
    return f"第{number}条" + (f"（{item[:-1]}）" if item else "") if number.isdecimal() else article


def _nothing(_facts: dict[str, Any]) -> Answer:
    raise NotImplementedError


DEADLINE = _DeadlineCalculator(
    "deadline",
    _("Deadline"),
    (
        text("rule_code", _("Rule")),
        text("start", _("Start"), help=_("A date, or for rules in hours a time with its zone.")),
        integer("length", _("Length"), required=False, minimum=1, help=_("Where an order sets the length.")),
        listing("excluded_days", _("Days that do not count"), day("day", _("Day")), required=False),
    ),
    (
        text("due", _("Due"), help=_("A date, or for rules in hours a time.")),
        boolean("projected", _("The calendar of that year is not published yet")),
    ),
    _nothing,
)

#: Every calculator by its kind.
CALCULATORS: dict[str, Calculator] = {
    calculator.kind: calculator
    for calculator in (
        *claims.CALCULATORS,
        *interest.CALCULATORS,
        *fees.CALCULATORS,
        *distribution.CALCULATORS,
        *auctions.CALCULATORS,
        *exemptions.CALCULATORS,
        DEADLINE,
    )
}


def run(kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Calculate: the result fields of the kind, ``steps`` (list of Step) and ``articles`` (list of dicts).

    Raises :class:`UnknownKind`, or :class:`FactError` for facts that are wrong or contradict each other.
    """
    try:
        calculator = CALCULATORS[kind]
    except (KeyError, TypeError):
        raise UnknownKind(str(kind)) from None
    return calculator.calculate(facts)


def as_json(result: Mapping[str, Any], translate: Translate = lambda text: text) -> dict[str, Any]:
    """A result as plain JSON, its steps and notes in the language of ``translate``."""
    shaped = dict(result)
    shaped["steps"] = [
        step.render(translate) if isinstance(step, Step) else str(step) for step in result["steps"]
    ]
    shaped["articles"] = [
        {**article, "note": translate(article["note"])} if article.get("note") else dict(article)
        for article in result["articles"]
    ]
    return shaped
