"""Writs per second and core, and the sweep of deadlines."""

import resource
import time

from django.db import connection, transaction
from weasyprint import HTML

from bench import generate
from bench.measure import emit, progress
from directory.models import Court
from enforcement import tasks, writs
from enforcement.models import Deadline, Notice
from enforcement.writs.rendering import BASE, WritFetcher
from law import clock
from tests.world import PEOPLE, World, make_person

WRITS = 12
WRIT_SHARE = 0.8
OPEN, DUE, SWEEP_SECONDS = 600_000, 5_000, 2
FLAT_MIB = 50


def run_writs(sizes: list[int]) -> None:
    """Rendering as the worker does, beside bare WeasyPrint on the same HTML, both in one process."""
    progress("making writs")
    with transaction.atomic():
        world = _world()
        case = world.assigned_case()
        world.do("notice.issue", case, "implementer", report_days="10", contact="0891-0000000")
        documents = (list(case.documents.all()) * WRITS)[:WRITS]
        writs.render_pdf(documents[0])
        start = time.perf_counter()
        for document in documents:
            writs.render_pdf(document)
        ours = WRITS / (time.perf_counter() - start)
        pages = [writs.render_html(document) for document in documents]
        start = time.perf_counter()
        for page in pages:
            HTML(string=page, base_url=BASE, url_fetcher=WritFetcher()).write_pdf()
        bare = WRITS / (time.perf_counter() - start)
        transaction.set_rollback(True)
    emit(
        "writs",
        value=ours,
        unit="writs/s/core",
        limit=bare,
        ratio=ours / bare,
        wanted=f">= {WRIT_SHARE:.0%} of bare WeasyPrint",
        ok=ours >= WRIT_SHARE * bare,
    )


def _world() -> World:
    """The measured courts with people for every step of a case; rolled back with the cases they make."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', 'installation', true)")
    high, middle, court, sister = Court.objects.order_by("pk")[:4]
    world = World(high, middle, court, sister)
    for name, duty in PEOPLE.items():
        world.people[name] = make_person(name, court, duty)
    return world


def run_sweep(sizes: list[int]) -> None:
    """Six hundred thousand open deadlines, five thousand of them to be warned of today."""
    generate.cases(max(sizes))
    progress("opening deadlines")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE enforcement_deadline SET state = 'open', closed_by_id = NULL, closed_on = NULL,"
            " alert_on = NULL, due_on = %(today)s::date + 40"
            " WHERE id IN (SELECT id FROM enforcement_deadline ORDER BY id LIMIT %(open)s)",
            {"today": clock.today(), "open": OPEN},
        )
        cursor.execute(
            "UPDATE enforcement_deadline SET due_on = %(today)s, alert_on = %(today)s"
            " WHERE id IN (SELECT id FROM enforcement_deadline WHERE state = 'open'"
            " ORDER BY id LIMIT %(due)s)",
            {"today": clock.today(), "due": DUE},
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE enforcement_deadline")
    open_now = Deadline.objects.filter(state="open").count()
    noticed = Notice.objects.count()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    tasks.sweep_deadlines()
    seconds = time.perf_counter() - start
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    warned = Notice.objects.count() - noticed
    emit(
        "deadlines.sweep",
        value=seconds,
        unit="s",
        open=open_now,
        warned=warned,
        grown_mib=round(grown, 1),
        wanted=f"< {SWEEP_SECONDS} s for {DUE} due of {OPEN} open, memory flat",
        ok=seconds < SWEEP_SECONDS and warned >= DUE and grown < FLAT_MIB,
    )
