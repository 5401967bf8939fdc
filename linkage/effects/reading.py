"""Reading what an answer says (回执): amounts, days and ranks, and what no answer may say."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from enforcement.coverage import ZERO
from enforcement.engine import Act, Refused
from enforcement.engine.act import yuan
from law import clock
from law.citations import CPL, CPL_INTERPRETATION, NETWORK_FREEZE, SEIZURE_RULES
from linkage.models import Outcome, Request

OUR_CURRENCY = frozenset({"", "CNY", "RMB", "人民币", "元", "人民币元"})
FIRST_WAITING = 2
_DIGITS = re.compile(r"\d+")


def amount_in(facts: dict[str, Any], *names: str) -> Decimal | None:
    """The first of these amounts that was given, in CNY."""
    for name in names:
        if facts.get(name) is not None:
            amount: Decimal = facts[name]
            return amount
    return None


def refuse_foreign(facts: dict[str, Any]) -> None:
    """Raise ``Refused`` for an amount in another currency: an order is in CNY."""
    currency = str(facts.get("currency") or "").strip().upper()
    if currency not in OUR_CURRENCY:
        raise Refused(
            gettext("The order is in CNY; an amount in %(currency)s can't answer it. Give the amount in CNY.")
            % {"currency": currency},
            (CPL.art(253), NETWORK_FREEZE.art(4)),
            field="facts",
            code="currency",
        )


def refuse_more_than_ordered(request: Request, amount: Decimal | None) -> None:
    """Raise ``Refused`` for more than the order names (CPL 253: not beyond what must be performed)."""
    if amount is not None and request.amount is not None and amount > request.amount:
        raise Refused(
            gettext("%(amount)s is more than the %(ordered)s that was ordered; nothing of it was applied.")
            % {"amount": yuan(amount), "ordered": yuan(request.amount)},
            CPL.art(253),
            field="facts",
            code="more-than-ordered",
        )


def amount_done(request: Request, data: dict[str, Any], *names: str) -> Decimal | None:
    """The sum an answer says was carried out: as given, else all that was ordered. Raises ``Refused``."""
    facts, outcome = data["facts"], data["outcome"]
    refuse_foreign(facts)
    amount = amount_in(facts, *names)
    refuse_more_than_ordered(request, amount)
    if request.amount is None:
        return amount
    if outcome == Outcome.PART and (amount is None or amount == request.amount):
        raise Refused(
            gettext("Of %(ordered)s only a part was carried out: say how much.")
            % {"ordered": yuan(request.amount)},
            NETWORK_FREEZE.art(4),
            field="facts",
            code="amount-missing",
        )
    if amount is not None and amount <= ZERO:
        raise Refused(
            gettext("An amount of 0 is no result of this kind; answer “nothing found”."),
            NETWORK_FREEZE.art(4),
            field="outcome",
            code="nothing",
        )
    return request.amount if amount is None else amount


def day_of(value: Any) -> date | None:
    """The legal day of a day or moment."""
    if isinstance(value, datetime):
        return clock.legal_day(value)
    return value if isinstance(value, date) else None


def first_day(facts: dict[str, Any], *names: str) -> date | None:
    """The first of these days that was given."""
    return next((day for name in names if (day := day_of(facts.get(name))) is not None), None)


def period(act: Act, request: Request, data: dict[str, Any]) -> tuple[date, date]:
    """First and last day of what an answer restrains. Raises ``Refused`` for a day the order does not cover.

    It begins with the day registered, published or handled; it ends on the last day the order names, or
    before.
    """
    facts = data["facts"]
    handled = clock.legal_day(data["handled_at"])
    start = first_day(
        facts, "start_on", "published_at", "registered_at", "recorded_at", "sealed_at", "waiting_since"
    )
    start = start or handled
    assert request.term is not None, "an order to restrain names its term"
    ordered_first, ordered_last = request.term.lower, request.term.upper - date.resolution
    end = first_day(facts, "end_on") or ordered_last
    if start < ordered_first or start > act.day:
        raise Refused(
            gettext("It can have begun from %(day)s, the day of the order, until today.")
            % {"day": ordered_first},
            SEIZURE_RULES.art(1),
            field="facts",
            code="start",
        )
    if end > ordered_last or end < start:
        raise Refused(
            gettext("The order lasts until %(day)s; the term can't end after that, or before it begins.")
            % {"day": ordered_last},
            (CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(27)),
            field="facts",
            code="term",
        )
    return start, end


def rank_in(data: dict[str, Any]) -> int:
    """The rank an answer states: 1 is in force, “轮候1” waits behind it and is 2."""
    text = str(data["facts"].get("rank") or "")
    digits = _DIGITS.search(text)
    number = int(digits[0]) if digits else 1
    if "轮候" in text or (data["outcome"] == Outcome.WAITING and number == 1):
        number = number + 1 if digits else FIRST_WAITING
    return max(1, min(number, 99))
