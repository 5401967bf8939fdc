"""Child processes: started so that none outlives the launcher, stopped gently and then firmly."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from launcher import ROOT
from launcher.console import Interrupted, Problem, say, signals

MARK = "» "  # begins a line of a child's output that is meant for the reader
COMPLAINT = f"{MARK}! "  # begins the sentence with which a child gives up

_PR_SET_PDEATHSIG = 1
_libc: ctypes.CDLL | None
try:
    _libc = ctypes.CDLL(None, use_errno=True)
except OSError:
    _libc = None  # the kernel's help is missing; stopping still works unless the launcher is killed


def die_with_parent(number: int) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `number` when the thread that started the child ends.

    This covers `kill -9` of the launcher. It runs after the change of user, which would clear it.
    """

    def set_signal() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)

    return set_signal


def spawn(
    command: Sequence[str | Path],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    user: str | int | None = None,
    group: int | None = None,
    cwd: Path = ROOT,
    at_parent_death: int = signal.SIGTERM,
) -> subprocess.Popen[str]:
    """Start a process in a session of its own (the terminal's Ctrl-C goes to the launcher alone).

    Call it under `signals.held()`, so that no signal falls between the start and the note of it.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as out:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=dict(env) if env is not None else None,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=[] if user is not None else None,
            preexec_fn=die_with_parent(at_parent_death),
        )
    if stdin is not None:
        assert process.stdin
        process.stdin.write(stdin)
        process.stdin.close()
    return process


def signal_group(process: subprocess.Popen[str], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def stop(process: subprocess.Popen[str], *, number: int = signal.SIGTERM, patience: float = 15) -> None:
    """Ask with `number`, wait, then kill what is left of the process and its children."""
    if process.poll() is None:
        process.send_signal(number)
        until = time.monotonic() + patience
        while process.poll() is None and time.monotonic() < until and not signals.impatient:
            time.sleep(0.05)
    signal_group(process, signal.SIGKILL)
    process.wait()


def tail(log: Path, lines: int = 15) -> str:
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "    (no log)"
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:]) or "    (the log is empty)"


def step(
    command: Sequence[str | Path],
    log: Path,
    what: str,
    *,
    env: Mapping[str, str] | None = None,
    progress: Callable[[str], str] = lambda text: "",
    every: float = 10,
) -> int:
    """Run a long command into a fresh log, with a line now and then that it is still at work.

    Lines the command marks for the reader are passed on as they come; `progress` turns the log's text
    into a short figure for the lines in between.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    process: subprocess.Popen[str] | None = None
    spoke = time.monotonic()
    with log.open(encoding="utf-8", errors="replace") as output:
        rest = ""
        try:
            with signals.held():
                process = spawn(command, log, env=env)
            while True:
                ended = process.poll() is not None
                *lines, rest = (rest + output.read()).split("\n")
                for line in lines:
                    if line.startswith(MARK) and not line.startswith(COMPLAINT):
                        say(line.removeprefix(MARK))
                        spoke = time.monotonic()
                if ended:
                    break
                if time.monotonic() - spoke >= every:
                    spoke = time.monotonic()
                    figure = progress(log.read_text(encoding="utf-8", errors="replace"))
                    say(f"… {what}{': ' + figure if figure else ''}")
                time.sleep(0.1)
        finally:
            if process is not None:
                stop(process, patience=5)
    return int(process.returncode)


def attached(command: Sequence[str | Path], env: Mapping[str, str]) -> int:
    """Run a command on the launcher's own terminal and give back its exit status."""
    process: subprocess.Popen[bytes] | None = None
    try:
        with signals.held():
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=ROOT,
                env=dict(env),
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        status = process.wait()
    except Interrupted as interrupted:
        if process is None:
            raise
        # A terminal has sent its Ctrl-C to the command too; anything else is passed on.
        if interrupted.number != signal.SIGINT or not sys.stdin.isatty():
            process.send_signal(interrupted.number)
        while process.poll() is None:
            time.sleep(0.05)
            if signals.impatient:
                process.kill()
        status = process.returncode
    return status if status >= 0 else 128 - status


@dataclass
class Supervisor:
    """The demo's own processes. One that ends by itself ends the rest, with its log named."""

    env: Mapping[str, str]
    logs: Path
    running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str | Path]) -> None:
        log = self.logs / f"{name}.log"
        with signals.held():
            log.unlink(missing_ok=True)
            self.running[name] = spawn(command, log, env=self.env)

    def check(self) -> None:
        for name, process in self.running.items():
            if process.poll() is not None:
                log = self.logs / f"{name}.log"
                raise Problem(
                    f"{name} ended by itself (exit status {process.returncode}). Its log, {log}, ends with:\n"
                    f"{tail(log)}"
                )

    def stop(self, patience: float = 12) -> None:
        """All at once; a Celery worker first finishes the task it is on, unless that takes too long."""
        for process in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until = time.monotonic() + patience
        while (
            any(process.poll() is None for process in self.running.values())
            and time.monotonic() < until
            and not signals.impatient
        ):
            time.sleep(0.05)
        for process in self.running.values():
            signal_group(process, signal.SIGKILL)  # also children that a dead parent left behind
            process.wait()
        self.running.clear()
