"""Libraries, fonts and programs of the operating system that the locked Python packages rely on."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from launcher import LOGS
from launcher.console import Problem, complain, say
from launcher.processes import step, tail

LOG = LOGS / "apt.log"
SKIP = "ZHIXING_SKIP_SYSTEM_PACKAGES"


@dataclass(frozen=True)
class Need:
    package: str
    why: str
    met: Callable[[], bool]


def _library(name: str) -> Callable[[], bool]:
    def met() -> bool:
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
        return True

    return met


@cache
def _families() -> str:
    """The names of all font families; by fontconfig, which is how Pango will look for them."""
    if not shutil.which("fc-list"):
        return ""
    return subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=False).stdout


def _font(family: str) -> Callable[[], bool]:
    return lambda: family in _families()


def _program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


RUN = (
    Need("libpango-1.0-0", "lays out the text of documents", _library("libpango-1.0.so.0")),
    Need("libpangoft2-1.0-0", "lays out the text of documents", _library("libpangoft2-1.0.so.0")),
    Need("libharfbuzz-subset0", "makes a PDF in 0.2 s instead of 14 s", _library("libharfbuzz-subset.so.0")),
    Need("fontconfig", "finds fonts", _program("fc-list")),
    Need("fonts-noto-cjk", "Chinese in documents", _font("Noto Serif CJK SC")),
    Need("fonts-noto-core", "Tibetan in documents", _font("Noto Serif Tibetan")),
    Need("fonts-ddc-uchen", "Tibetan headings in documents", _font("DDC Uchen")),
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TEST = (
    *RUN,
    Need("poppler-utils", "reads the PDFs back", _program("pdftotext")),
    Need("gettext", "checks the catalogues", _program("msgfmt")),
)
BROWSER = Need("chromium", "opens the pages in browser tests", _program(*BROWSERS))


def ensure(needs: Iterable[Need] = RUN) -> None:
    """Install what is missing, or say the one line that does, and stop."""
    missing = [need for need in needs if not need.met()]
    if not missing:
        return
    if os.environ.get(SKIP) == "1":
        say(f"without {', '.join(need.package for need in missing)}, as {SKIP}=1 asks")
        return
    packages = [need.package for need in missing]
    reasons = "\n".join(f"    {need.package}: {need.why}" for need in missing)
    if not shutil.which("apt-get"):
        raise Problem(
            f"This system lacks what these Debian packages hold; install their like and start again "
            f"(or set {SKIP}=1 to do without):\n{reasons}"
        )
    line = "apt-get update && apt-get install -y --no-install-recommends " + " ".join(packages)
    prefix = _privilege()
    if prefix is None:
        line = f"sudo sh -c '{line}'"
        raise Problem(
            f"Some system packages are missing:\n{reasons}\nRun this one line, then start again:\n    {line}"
        )
    say(f"installing system packages: {' '.join(packages)}")
    install = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y"]
    install += ["--no-install-recommends", *packages]
    update = [*prefix, "apt-get", "update"]
    # A fresh image has no package lists; an old one has lists that name files long gone.
    has_lists = any(Path("/var/lib/apt/lists").glob("*_Packages*"))
    if not has_lists:
        step(update, LOG, "reading the package lists")
    if step(install, LOG, "installing system packages") != 0:
        if has_lists:
            step(update, LOG, "reading the package lists")
        if not has_lists or step(install, LOG, "installing system packages") != 0:
            raise Problem(
                f"The system packages could not be installed. {LOG} ends with:\n{tail(LOG)}\n"
                f"Check the network, or run this line yourself and start again "
                f"(or set {SKIP}=1 to do without):\n    {line}"
            )
    _families.cache_clear()
    still = [need.package for need in missing if not need.met()]
    if still:
        raise Problem(f"Installed, yet not to be found: {', '.join(still)}. See {LOG}.")


def ensure_browser() -> str:
    """The path of a Chromium for the browser tests; empty if there is none (those tests then say so)."""
    if not BROWSER.met():
        if _is_ubuntu():
            # Ubuntu has Chromium only as a snap, which no service or container can install.
            complain(
                "No Chromium: the browser tests will be skipped. Ubuntu offers it as a snap only:\n"
                "    sudo snap install chromium\n"
            )
            return ""
        ensure([BROWSER])
    return next((path for name in BROWSERS if (path := shutil.which(name))), "")


def _privilege() -> list[str] | None:
    """What to put before apt-get, or None if this user may not."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
        if asked.returncode == 0:
            return ["sudo", "-n"]
    return None


def _is_ubuntu() -> bool:
    try:
        return "ID=ubuntu" in Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return False
