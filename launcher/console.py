"""What the launcher says, and how it hears Ctrl-C."""

import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType

_began = time.monotonic()


class Problem(Exception):
    """Something the reader can put right; the text says what is wrong and what to do."""


class Interrupted(BaseException):
    """Ctrl-C, a TERM or a closed terminal. Not an Exception, so that no handler swallows it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def say(text: str = "") -> None:
    """A progress line with the seconds since the start."""
    plain(f"[{time.monotonic() - _began:5.1f} s] {text}" if text else "")


def plain(text: str) -> None:
    # A closed terminal must not stop the shutdown half-way.
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


def complain(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(f"\n{text}", file=sys.stderr, flush=True)


class Signals:
    """The first signal raises `Interrupted`; later ones only make the shutdown impatient."""

    def __init__(self) -> None:
        self.stopping = False
        self.impatient = False
        self._held = 0
        self._pending: int | None = None

    def listen(self) -> None:
        # A shell script's background job inherits SIGINT ignored, yet `kill -INT` must stop it.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._heard)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup stays in force
            signal.signal(signal.SIGHUP, self._heard)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.stopping:
            self.impatient = True
        elif self._held:
            self._pending = number
        else:
            self.stopping = True
            raise Interrupted(number)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While a process is being started: a signal waits until the process is on record."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self._pending is not None and not self._held and not self.stopping:
            self.stopping = True
            raise Interrupted(self._pending)

    def shut(self) -> None:
        """From here on the clean-up is under way and isn't interrupted."""
        self.stopping = True


signals = Signals()
