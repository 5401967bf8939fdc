"""Counting of periods (期间计算): the arithmetic under the rules of :mod:`law.deadlines`.

Civil Procedure Law art. 85 and art. 125 of its interpretation: the hour or day on which a period begins is
not counted; a period of months or years ends on the corresponding day, or on the last day of a month that
has no such day; a period whose last day is a day off ends on the first day after it.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from law import clock
from law.calendar import Calendar

ONE_DAY = timedelta(days=1)

Span = tuple[date, date]
"""A stretch of days, both inclusive."""


class Unit(StrEnum):
    """What a period is measured in; the values are those of the rule table."""

    HOUR = "hour"
    DAY = "day"
    WORKING_DAY = "working-day"
    MONTH = "month"
    YEAR = "year"
    IMMEDIATELY = "immediately"


class Direction(StrEnum):
    AFTER = "after"
    BEFORE = "before"
    IMMEDIATE = "immediate"


@dataclass(frozen=True)
class Counting:
    """How a rule is counted: ``dir=after;first_day=excluded;roll=yes;suspended_by=none`` of its row."""

    direction: Direction
    roll: bool
    first_excluded: bool
    set_by: str = ""
    suspended_by: str = ""

    @classmethod
    def parse(cls, text: str) -> "Counting":
        """Read the ``counting_rule`` column.  Whatever follows ``suspended_by=`` is prose and kept whole."""
        rule, _, suspended_by = text.partition("suspended_by=")
        if rule.startswith("immediate"):
            return cls(Direction.IMMEDIATE, roll=False, first_excluded=False)
        parts = dict(part.split("=", 1) for part in rule.strip(";").split(";"))
        return cls(
            direction=Direction(parts["dir"]),
            roll=parts["roll"] == "yes",
            first_excluded="excluded"
            in (parts.get("first_day"), parts.get("first_hour"), parts.get("event_day")),
            set_by=parts.get("set_by", ""),
            suspended_by="" if suspended_by == "none" else suspended_by,
        )


def add_months(day: date, months: int) -> date:
    """The corresponding day that many months later or earlier; the last day of a month that has none."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def shift(day: date, amount: int, unit: Unit, calendar: Calendar) -> date:
    """The day on which ``amount`` whole units after (or, negative, before) a day are full."""
    if unit is Unit.WORKING_DAY:
        return calendar.add_workdays(day, amount)
    if unit is Unit.MONTH:
        return add_months(day, amount)
    if unit is Unit.YEAR:
        return add_months(day, amount * 12)
    return day + timedelta(days=amount)


def add_hours(moment: datetime, hours: int, *, first_excluded: bool) -> datetime:
    """The moment on which that many hours are full, in Beijing time.

    A period in hours runs from the hour *after* the one in which it begins (次时起算).
    """
    begins = moment.astimezone(clock.SHANGHAI)
    if first_excluded:
        begins = begins.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    # Added in UTC: Beijing had summer time from 1986 to 1991, and an hour must be an hour.
    return (begins.astimezone(UTC) + timedelta(hours=hours)).astimezone(clock.SHANGHAI)


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same days as stretches in order that neither overlap nor touch.  Days are never counted twice."""
    merged: list[Span] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + ONE_DAY:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def stand_still(start: date, end: date, spans: Iterable[Span], *, calendar: Calendar, roll: bool) -> date:
    """The end of a period in days, months or years that does not run during ``spans``.

    Only days inside the period push its end.  A stretch that begins while a period waits for the first
    workday after its last day pushes that day too, as the period has not yet ended.
    """
    for first, last in merge(spans):
        first = max(first, start + ONE_DAY)
        if last < first:
            continue
        if first <= end:
            end += last - first + ONE_DAY
        elif roll and first <= calendar.next_workday(end):
            end = last + ONE_DAY
        else:
            break
    return end


def count_workdays(start: date, amount: int, spans: Iterable[Span], *, calendar: Calendar) -> date:
    """The ``amount``-th workday after a day, skipping workdays on which the period does not run."""
    still = merge(spans)
    day, left = start, amount
    while left > 0:
        day += ONE_DAY
        pause = next((span for span in still if span[0] <= day <= span[1]), None)
        if pause:
            day = pause[1]
        elif calendar.is_workday(day):
            left -= 1
    return day
