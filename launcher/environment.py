"""The Python environment in .venv: made once, filled from the lock file, left alone while that holds."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from launcher import LOCK, LOGS, PYTHON, ROOT, VENV
from launcher.console import Problem, say
from launcher.processes import step, tail

STAMP = VENV / ".zhixing-lock"
LOG = LOGS / "install.log"
_NEEDED_BYTES = 1_500_000_000
_NO_NETWORK = (
    "name resolution",
    "NameResolutionError",
    "NewConnectionError",
    "ConnectTimeoutError",
    "Network is unreachable",
    "Max retries exceeded",
    "No matching distribution found",
)


def ensure() -> None:
    """Make .venv and install exactly what requirements.lock says; nothing to do if both still hold."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    version = python_version()
    if version and STAMP.exists() and STAMP.read_text().strip() == wanted:
        return
    free = shutil.disk_usage(ROOT).free
    if free < _NEEDED_BYTES:
        raise Problem(
            f"The packages and the demo need about 1.5 GB, and {ROOT} has {free / 1e9:.1f} GB left. "
            "Make room and start again."
        )
    if not version:
        _create()
    _install()
    STAMP.write_text(wanted + "\n")


def python_version() -> str:
    """The version of .venv's Python, or nothing if there is none that works (a system upgrade breaks it)."""
    try:
        answer = subprocess.run(
            [PYTHON, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ""
    version = answer.stdout.strip()
    return version if tuple(map(int, version.split("."))) >= (3, 11) else ""


def _create() -> None:
    try:
        import ensurepip  # noqa: F401 (Debian splits it off into python3-venv)
        import venv  # noqa: F401
    except ImportError:
        raise Problem(
            f"This Python ({sys.executable}) lacks venv. Install it and start again:\n"
            f"    {'' if os.geteuid() == 0 else 'sudo '}apt-get install -y python3-venv"
        ) from None
    say(f"making .venv with Python {sys.version.split()[0]}")
    status = step([sys.executable, "-m", "venv", "--clear", VENV], LOG, "making .venv")
    if status != 0:
        raise Problem(f".venv could not be made. {LOG} ends with:\n{tail(LOG)}")


def _install() -> None:
    total = len(re.findall(r"^[\w.-]+(?:\[[^\]]*\])?==", LOCK.read_text(), re.MULTILINE))
    say(f"installing {total} locked packages (a minute or less from a warm cache)")

    def collected(text: str) -> str:
        if "Installing collected packages" in text:
            return "all here, now unpacking them"
        done = len(re.findall(r"^(?:Collecting|Requirement already satisfied)", text, re.MULTILINE))
        return f"{min(done, total)} of {total}"

    # Wheels only: nothing is built, so no compiler is needed and no package runs code while installing.
    options: list[str | Path] = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", LOCK]
    if uv := shutil.which("uv"):
        command: list[str | Path] = [uv, "pip", "install", "--python", PYTHON, *options]
        if step(command, LOG, "installing packages with uv") == 0:
            return
        say("uv could not install them; trying pip")
    pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-compile"]
    if step([PYTHON, *pip, *options], LOG, "installing packages", progress=collected, every=5) != 0:
        raise Problem(_why())


def _why() -> str:
    text = LOG.read_text(encoding="utf-8", errors="replace")
    end = f"{LOG} ends with:\n{tail(LOG)}"
    if "DO NOT MATCH THE HASHES" in text:
        return f"A package is not the one the lock file names (hash differs). Nothing was installed. {end}"
    if "No space left" in text:
        return f"The disk is full. Make room and start again. {end}"
    if any(sign in text for sign in _NO_NETWORK):
        return (
            "The package index could not be reached, or does not have a package of the lock file. Check the "
            f"network, or name a mirror in PIP_INDEX_URL, and start again. {end}"
        )
    return f"The packages could not be installed. {end}"


def in_venv(program: str) -> Path:
    return VENV / "bin" / program
