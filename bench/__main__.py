"""Run the figures: ``./zhixing bench [pages acts writs sweep linkage] [--cases N [N …]] [--keep NAME]``."""

import argparse
import logging
import os
import sys

import django

from bench import database

FIGURES = ("pages", "acts", "writs", "sweep", "linkage")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./zhixing bench", description=__doc__)
    parser.add_argument("figures", nargs="*", help=f"which figures: {', '.join(FIGURES)} (all)")
    parser.add_argument("--cases", type=int, nargs="+", default=[10_000, 100_000], help="numbers of cases")
    parser.add_argument("--keep", default="", metavar="NAME", help="keep the database for a next run")
    wanted = parser.parse_args()
    unknown = set(wanted.figures) - set(FIGURES)
    if unknown:
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    if min(wanted.cases) < 1:
        parser.error("--cases takes numbers from 1")
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    with database.own(wanted.keep):
        return _measure(
            [name for name in FIGURES if not wanted.figures or name in wanted.figures], sorted(wanted.cases)
        )


def _measure(names: list[str], sizes: list[int]) -> int:
    django.setup()
    # A line for each of some thousand requests would drown the progress.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    from django.core.management import call_command
    from django.db import connections

    from bench import acts, generate, later, linkage, pages
    from bench.measure import progress

    measures = {
        "pages": pages.run,
        "acts": acts.run,
        "writs": later.run_writs,
        "sweep": later.run_sweep,
        "linkage": linkage.run,
    }
    progress("a database of its own")
    call_command("migrate", verbosity=0)
    generate.directory()
    for name in names:
        measures[name](sizes)
    connections.close_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
