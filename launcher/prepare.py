"""Brings a database and the files of the repository up to date, in one process of the environment's Python.

Run by the launcher as `python -m launcher.prepare`: four management commands in one interpreter, since
loading Django costs more than most of them. A line that begins with the mark is for the reader; all else
goes to the log.
"""

import argparse
import hashlib
import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from launcher import ROOT
from launcher.processes import COMPLAINT, MARK

# htmx's extensions: no page loads them, and their comments name modules that don't exist.
UNUSED_STATIC = ["django_htmx/ext/*"]


def tell(text: str) -> None:
    print(f"{MARK}{text}", flush=True)


class Told(io.TextIOBase):
    """A management command's stdout, line by line to the reader."""

    def __init__(self) -> None:
        self._rest = ""

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).replace("\r", "\n").split("\n")
        for line in filter(None, map(str.strip, lines)):
            tell(line)
        return len(text)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--static", type=Path, required=True)
    parser.add_argument("--migrate", action="store_true")
    parser.add_argument("--demo", type=Path, help="load the demo world and describe it in this file")
    parser.add_argument("--url", default="")
    parser.add_argument("--cases", type=int)
    asked = parser.parse_args()

    # Colour codes have no place in a log.
    os.environ.setdefault("NO_COLOR", "1")
    import django
    from django.core.management import call_command
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    _catalogues()
    _static(asked.static)
    if not asked.migrate:
        return 0
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            tell("bringing the database up to date")
            call_command("migrate", interactive=False, verbosity=1)
    except OperationalError as error:
        print(f"{COMPLAINT}The database can't be used: {str(error).strip()}", flush=True)
        return 2
    if asked.demo:
        _certificates()
        tell("loading the demo world, if it isn't there yet")
        options: dict[str, object] = {"write": asked.demo, "url": asked.url}
        if asked.cases is not None:
            options["cases"] = asked.cases
        call_command("load_demo", stdout=Told(), **options)
    return 0


def _certificates() -> None:
    """A seal for each court of the demo, named as what it is."""
    from django.conf import settings

    from enforcement.demo import certificates

    if settings.COURT_CERTIFICATES:
        made = certificates.make(Path(settings.COURT_CERTIFICATES), certificates.courts())
        if made:
            tell(f"{made} certificates made, for the demo only")


def _catalogues() -> None:
    """The translations, when a catalogue is newer than what was made of it."""
    from django.core.management import call_command, get_commands

    sources = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))

    def stale(source: Path) -> bool:
        made = source.with_suffix(".mo")
        return not made.exists() or made.stat().st_mtime_ns < source.stat().st_mtime_ns

    if "compile_catalogues" in get_commands() and any(map(stale, sources)):
        tell("compiling the translations")
        call_command("compile_catalogues", verbosity=0)


def _static(target: Path) -> None:
    """Stylesheets, scripts and fonts, when one of them or the set of packages has changed."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    def files() -> Iterable[str]:
        for finder in get_finders():
            for path, storage in finder.list([]):
                status = Path(storage.path(path)).stat()
                yield f"{path} {status.st_size} {status.st_mtime_ns}"

    fingerprint = hashlib.sha256("\n".join(sorted(files())).encode()).hexdigest()
    stamp = target.with_name(target.name + ".stamp")
    if target.is_dir() and stamp.exists() and stamp.read_text() == fingerprint:
        return
    tell("collecting stylesheets and scripts")
    target.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=UNUSED_STATIC)
    stamp.write_text(fingerprint)


if __name__ == "__main__":
    sys.exit(main())
