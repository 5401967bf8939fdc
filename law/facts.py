"""Reading the facts from which a deadline is counted, as they come over REST or from a form."""

import re
from datetime import date, datetime
from typing import TypeGuard

from law.money.errors import FactError
from law.steps import mark as _

#: More days than any period has; a larger number is a slip of the keyboard.
MOST_DAYS = 36_500

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST_YEAR, _LAST_YEAR = 1949, 2999


def start_fact(value: object) -> date | datetime:
    """The day on which, or the aware moment at which, a period starts; ``start`` of the facts."""
    if isinstance(value, str):
        value = value.strip()
        try:
            # Other ISO forms (20260105, 2026-W02-1) are refused: more often slips than dates.
            value = date.fromisoformat(value) if _DATE.fullmatch(value) else datetime.fromisoformat(value)
        except ValueError:
            raise FactError("start", _("The start is a date (2026-01-31) or a time with its zone.")) from None
    if not isinstance(value, date):
        raise FactError("start", _("The start is a date (2026-01-31) or a time with its zone."))
    if isinstance(value, datetime) and value.tzinfo is None:
        raise FactError("start", _("A time needs its zone, such as 2026-01-31T09:30:00+08:00."))
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise FactError("start", _("The start is not in a year the calendar can reckon with."))
    return value


def excluded_days_fact(value: object) -> list[date] | int:
    """Days that do not count: their number, or the days themselves; ``excluded_days`` of the facts."""
    wrong = _("Excluded days are a number of days or a list of dates (2026-01-31).")
    if value is None or value == "":
        return []
    if is_count(value) and 0 <= value <= MOST_DAYS:
        return value
    if not isinstance(value, list | tuple) or len(value) > MOST_DAYS:
        raise FactError("excluded_days", wrong)
    days = []
    for index, each in enumerate(value):
        try:
            if isinstance(each, str) and _DATE.fullmatch(each):
                each = date.fromisoformat(each)
        except ValueError:
            raise FactError(f"excluded_days[{index}]", wrong) from None
        if not isinstance(each, date) or isinstance(each, datetime):
            raise FactError(f"excluded_days[{index}]", wrong)
        days.append(each)
    return days


def is_count(value: object) -> TypeGuard[int]:
    """Whether a fact is a whole number; ``True`` is not one, although Python thinks so."""
    return isinstance(value, int) and not isinstance(value, bool)
