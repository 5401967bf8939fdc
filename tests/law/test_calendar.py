"""Days off: the published arrangement, the projection of later years, local days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law import calendar
from law.calendar import Calendar

DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
NATIONAL = calendar.default()


@pytest.mark.parametrize(
    ("day", "works"),
    [
        # The arrangement of the General Office of the State Council for 2026.
        (date(2026, 1, 1), False),  # New Year's Day
        (date(2026, 1, 4), True),  # Sunday worked in lieu
        (date(2026, 2, 14), True),  # Saturday worked in lieu of the Spring Festival
        (date(2026, 2, 23), False),  # Monday, last day of the Spring Festival
        (date(2026, 2, 28), True),  # Saturday worked in lieu
        (date(2026, 5, 16), False),  # ordinary Saturday
        (date(2026, 5, 18), True),  # ordinary Monday
        (date(2025, 10, 8), False),  # last day of National Day and Mid-Autumn
        (date(2025, 10, 11), True),  # Saturday worked in lieu
    ],
)
def test_published_days(day, works):
    assert NATIONAL.is_workday(day) is works
    assert not NATIONAL.is_projected(day)


def test_a_year_without_an_arrangement_is_projected():
    assert calendar.covers(2026)
    assert not calendar.covers(2041)
    assert NATIONAL.projected(2041)
    assert not NATIONAL.is_workday(date(2041, 10, 1))
    assert not NATIONAL.is_workday(date(2041, 5, 1))
    assert NATIONAL.is_workday(date(2041, 3, 6))
    assert not NATIONAL.is_workday(date(2041, 3, 9))  # a Saturday


def test_local_days_win_over_the_national_calendar():
    losar, worked = date(2026, 3, 4), date(2026, 3, 7)
    local = Calendar({losar: False, worked: True})
    assert NATIONAL.is_workday(losar)
    assert not local.is_workday(losar)
    assert local.is_workday(worked)
    assert local.next_workday(losar) == date(2026, 3, 5)


def test_a_local_day_is_known_even_in_a_projected_year():
    local = Calendar({date(2041, 3, 6): False})
    assert not local.is_projected(date(2041, 3, 6))
    assert local.is_projected(date(2041, 3, 7))


def test_a_calendar_does_not_change_with_the_facts_it_was_made_from():
    days = {date(2026, 3, 4): False}
    local = Calendar(days)
    days.clear()
    assert not local.is_workday(date(2026, 3, 4))


def test_adding_workdays_skips_days_off_and_counts_days_in_lieu():
    assert NATIONAL.add_workdays(date(2026, 2, 12), 3) == date(2026, 2, 24)
    assert NATIONAL.add_workdays(date(2025, 9, 29), 3) == date(2025, 10, 10)
    assert NATIONAL.add_workdays(date(2026, 2, 24), -3) == date(2026, 2, 12)
    assert NATIONAL.add_workdays(date(2026, 2, 21), 0) == date(2026, 2, 24)


def test_the_version_changes_with_the_source_and_with_local_days():
    local = Calendar({date(2026, 3, 4): False})
    assert "published" in NATIONAL.version(2026)
    assert "projected" in NATIONAL.version(2041)
    assert local.version(2026) != NATIONAL.version(2026)
    assert local.version(2025) == NATIONAL.version(2025)


@given(DAYS)
def test_the_next_workday_is_the_first_on_or_after(day):
    found = NATIONAL.next_workday(day)
    assert NATIONAL.is_workday(found)
    assert found >= day
    assert not any(NATIONAL.is_workday(day + timedelta(days=n)) for n in range((found - day).days))


@given(DAYS, st.integers(1, 40))
def test_adding_workdays_adds_that_many(day, count):
    end = NATIONAL.add_workdays(day, count)
    assert NATIONAL.is_workday(end)
    assert NATIONAL.workdays_between(day, end) == count
