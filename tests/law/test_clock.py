"""The one clock: nothing legal depends on the machine's now."""

import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from law import clock

ROOT = Path(__file__).resolve().parents[2]


def test_now_is_aware_and_in_utc():
    assert clock.now().utcoffset() == timedelta(0)


def test_the_legal_day_changes_at_midnight_in_beijing():
    assert clock.legal_day(datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert clock.legal_day(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)


def test_a_day_starts_at_midnight_in_beijing():
    assert clock.start_of(date(2026, 3, 2)) == datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    assert clock.legal_day(clock.start_of(date(2026, 3, 2))) == date(2026, 3, 2)


def test_a_moment_without_a_zone_has_no_legal_day():
    with pytest.raises(ValueError, match="zone"):
        clock.legal_day(datetime(2026, 3, 1))
    with pytest.raises(ValueError, match="zone"), clock.travel(datetime(2026, 3, 1)):
        pass


def test_travelling_moves_the_legal_day_and_time_runs_on():
    with clock.travel(date(2030, 5, 1)):
        first = clock.now()
        assert clock.today() == date(2030, 5, 1)
        assert clock.now() >= first
    assert not clock.is_moved() or clock.today() != date(2030, 5, 1)


def test_freezing_stops_time():
    with clock.freeze(datetime(2026, 3, 1, 4, tzinfo=UTC)):
        assert clock.now() == clock.now() == datetime(2026, 3, 1, 4, tzinfo=UTC)


def test_freezing_without_a_moment_stops_at_the_present_of_this_clock():
    with clock.travel(date(2030, 5, 1)), clock.freeze():
        assert clock.now() == clock.now()
        assert clock.today() == date(2030, 5, 1)


def _fail_in(day: date) -> None:
    with clock.travel(day):
        assert clock.today() == day
        raise RuntimeError


def test_positions_are_nested_and_restored_even_after_an_error():
    with clock.freeze(date(2030, 1, 1)):
        with pytest.raises(RuntimeError):
            _fail_in(date(2040, 1, 1))
        assert clock.today() == date(2030, 1, 1)


def test_other_threads_live_on_the_same_day():
    seen = []
    with clock.freeze(date(2031, 7, 1)):
        thread = threading.Thread(target=lambda: seen.append(clock.today()))
        thread.start()
        thread.join()
    assert seen == [date(2031, 7, 1)]


def test_leaving_an_outer_block_first_keeps_the_inner_position():
    outer, inner = clock.freeze(date(2030, 1, 1)), clock.freeze(date(2040, 1, 1))
    outer.__enter__()
    inner.__enter__()
    outer.__exit__(None, None, None)
    assert clock.today() == date(2040, 1, 1)
    inner.__exit__(None, None, None)


def test_the_offset_says_how_far_the_clock_is_moved():
    with clock.travel(clock.now() + timedelta(days=10)):
        assert abs(clock.offset() - timedelta(days=10)) < timedelta(seconds=5)


def _in_a_process(shift: str) -> subprocess.CompletedProcess[str]:
    code = "from law import clock; print((clock.offset() + clock.timedelta(seconds=30)).days)"
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT), clock.SHIFT_VARIABLE: shift},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_environment_shifts_a_whole_process():
    assert _in_a_process("90").stdout.strip() == "90"
    assert _in_a_process("").stdout.strip() == "0"


def test_a_shift_that_is_no_number_is_refused_at_start():
    assert "whole number of days" in _in_a_process("soon").stderr
