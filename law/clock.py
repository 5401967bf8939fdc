"""The one clock (时钟): the only place from which anything the law dates takes the current moment.

Neither the machine's nor the database's own "now" has legal meaning here, because a period that is
counted from two clocks can end on two days.  Tests, demonstrations and simulations move this clock:

    with clock.travel(date(2026, 2, 17)):     # time runs on from there
        ...
    with clock.freeze(datetime(...)):         # time stands still
        ...

The position is a property of the *process*, not of a thread or a context: a worker thread started inside
``travel`` must live on the same day as the code that started it.  Positions are nested; leaving a block
takes away the position it had set, and the one beneath it applies again.

``ZHIXING_CLOCK_SHIFT_DAYS`` moves a whole process by a number of days.  It is read once, when this module
is imported, so that the clock can not jump while the process runs.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: The legal time of the whole country; the region has no time zone of its own.
SHANGHAI = ZoneInfo("Asia/Shanghai")

SHIFT_VARIABLE = "ZHIXING_CLOCK_SHIFT_DAYS"


def _machine() -> datetime:
    return datetime.now(UTC)


def _shift_from_environment() -> timedelta:
    written = os.environ.get(SHIFT_VARIABLE, "").strip()
    if not written:
        return timedelta()
    try:
        return timedelta(days=int(written))
    except ValueError:
        raise ValueError(f"{SHIFT_VARIABLE} must be a whole number of days, not {written!r}.") from None


@dataclass(frozen=True, eq=False)
class _Position:
    """Where a block has put the clock: at ``moment``, running on from ``set_at`` or standing still."""

    moment: datetime
    set_at: datetime
    running: bool

    def now(self) -> datetime:
        return self.moment + (_machine() - self.set_at) if self.running else self.moment


_shift = _shift_from_environment()
_positions: list[_Position] = []
_lock = threading.RLock()


def now() -> datetime:
    """The current moment, aware, in UTC."""
    with _lock:
        if _positions:
            return _positions[-1].now()
    return _machine() + _shift


def today() -> date:
    """The current legal day (日), which is the day in Beijing time."""
    return legal_day(now())


def legal_day(moment: datetime) -> date:
    """The legal day on which an aware moment falls."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone has no legal day.")
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """The first moment of a legal day, aware, in Beijing time."""
    return datetime.combine(_plain(day), time.min, tzinfo=SHANGHAI)


def offset() -> timedelta:
    """How far this clock is from the machine's; zero in production."""
    return now() - _machine() if is_moved() else timedelta()


def is_moved() -> bool:
    """Whether the clock shows anything but the machine's time."""
    with _lock:
        return bool(_positions) or bool(_shift)


@contextmanager
def travel(to: datetime | date) -> Iterator[None]:
    """Put the clock at a moment (a date: its first moment in Beijing) and let it run on from there."""
    with _at(to, running=True):
        yield


@contextmanager
def freeze(at: datetime | date | None = None) -> Iterator[None]:
    """Let the clock stand still at a moment; without one, at the present moment of this clock."""
    with _at(now() if at is None else at, running=False):
        yield


@contextmanager
def _at(moment: datetime | date, *, running: bool) -> Iterator[None]:
    position = _Position(moment=_as_moment(moment), set_at=_machine(), running=running)
    with _lock:
        _positions.append(position)
    try:
        yield
    finally:
        with _lock:
            # By identity, not pop(): two threads may leave their blocks in another order than they came.
            _positions.remove(position)


def _as_moment(value: datetime | date) -> datetime:
    if not isinstance(value, datetime):
        return start_of(value).astimezone(UTC)
    if value.tzinfo is None:
        raise ValueError("The clock can only be put at a moment with a time zone.")
    return value.astimezone(UTC)


def _plain(day: date) -> date:
    return day.date() if isinstance(day, datetime) else day
