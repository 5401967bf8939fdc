"""The working calendar (工作日历): which days are days off in law.

Art. 85 of the Civil Procedure Law moves the last day of a period that is a statutory day off (法定休假日) to
the first day after it.  Practice, and the worked cases of the tests, count as days off the public holidays
*and* ordinary weekends; a weekend day on which the State Council orders work in lieu (调休上班) is a workday
like any other.

Three layers, the later winning:

1. a projection, for years whose arrangement the State Council has not published yet (it does so each
   November for the next year): weekends and the days the holiday regulation itself fixes; it knows of no
   days worked in lieu, so whatever is counted through it is marked as projected;
2. the published arrangement;
3. local days (地方假日), such as the holidays a prefecture of the region grants by decree.  They come from
   the database and are passed in: ``Calendar({date(2026, 2, 18): False})``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib import metadata
from types import MappingProxyType

import chinese_calendar
import holidays

SATURDAY = 5

ONE_DAY = timedelta(days=1)


@cache
def _published_years() -> frozenset[int]:
    """Years for which the arrangement of days off and days worked in lieu is known."""
    return frozenset(day.year for day in chinese_calendar.holidays)


@cache
def _projected_holidays(year: int) -> frozenset[date]:
    return frozenset(day for day in holidays.country_holidays("CN", years=[year]) if day.year == year)


def covers(year: int) -> bool:
    """Whether the arrangement of a year is published."""
    return year in _published_years()


@dataclass(frozen=True)
class Calendar:
    """The days off of one place.

    ``local_days`` says for single days whether they are workdays there: ``False`` is a local day off,
    ``True`` a day worked although the national calendar has it off.
    """

    local_days: Mapping[date, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A copy: a calendar must not change under a deadline that was counted with it.
        object.__setattr__(self, "local_days", MappingProxyType(dict(self.local_days)))

    def __hash__(self) -> int:
        return hash(frozenset(self.local_days.items()))

    def is_workday(self, day: date) -> bool:
        """Whether work is done on a day."""
        local = self.local_days.get(day)
        if local is not None:
            return local
        if covers(day.year):
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < SATURDAY and day not in _projected_holidays(day.year)

    def next_workday(self, day: date) -> date:
        """The first workday on or after a day."""
        while not self.is_workday(day):
            day += ONE_DAY
        return day

    def previous_workday(self, day: date) -> date:
        """The last workday on or before a day."""
        while not self.is_workday(day):
            day -= ONE_DAY
        return day

    def add_workdays(self, day: date, count: int) -> date:
        """The ``count``-th workday after a day, which itself is not counted; before it if negative.

        Zero gives the first workday on or after the day.
        """
        if count == 0:
            return self.next_workday(day)
        step = ONE_DAY if count > 0 else -ONE_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def workdays_between(self, after: date, until: date) -> int:
        """How many workdays there are after one day up to and including another."""
        days = (until - after).days
        return sum(self.is_workday(after + timedelta(days=n)) for n in range(1, days + 1))

    def projected(self, year: int) -> bool:
        """Whether days off of a year are only foreseen, because its arrangement is not published."""
        return not covers(year)

    def is_projected(self, day: date) -> bool:
        """Whether it is only foreseen that a day is, or is not, a workday.

        A local day is known even in a year whose national arrangement is not.
        """
        return self.projected(day.year) and day not in self.local_days

    def version(self, year: int) -> str:
        """Names what the days off of a year were read from; changes when counting with it may change."""
        if covers(year):
            source = f"published:chinese-calendar {package_version('chinese-calendar')}"
        else:
            source = f"projected:holidays {package_version('holidays')}"
        local = sorted((day.isoformat(), works) for day, works in self.local_days.items() if day.year == year)
        if not local:
            return f"{year}:{source}"
        # Short enough for the column it is stored in, whatever the package is called.
        digest = hashlib.sha256(repr((source, local)).encode()).hexdigest()[:12]
        return f"{year}:{source.split(':')[0]}:local {digest}"


@cache
def package_version(name: str) -> str:
    """The installed version of a package; read once, because it is looked up on the disk."""
    return metadata.version(name)


@cache
def default() -> Calendar:
    """The national calendar, without local days."""
    return Calendar()
