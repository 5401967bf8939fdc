"""Writs per second and core, and the sweep of deadlines."""

import resource
import time
import uuid
from collections.abc import Callable

from django.db import connection, transaction
from weasyprint import HTML

from bench import generate
from bench.measure import emit, progress
from directory.models import Court, Person
from enforcement import outbox, tasks, writs
from enforcement.models import Deadline, Document, Message, Notice
from enforcement.writs.rendering import BASE, WritFetcher
from law import clock
from tests.world import World

WRITS = 24
WRIT_SHARE = 0.8
OPEN, DUE, SWEEP_SECONDS = 600_000, 5_000, 2
FLAT_MIB = 50


def run_writs(sizes: list[int]) -> None:
    """Writs through the outbox as a worker makes them, beside bare WeasyPrint on the same HTML, in turn."""
    progress("making writs")
    wanted = WRITS + 1  # the first loads fonts and is not counted
    while Message.objects.filter(kind="render", state="ready").count() < wanted:
        _noticed_case()
    ours = bare = 0.0
    for number in range(wanted):
        done = list(Document.objects.filter(state="ready").values_list("pk", flat=True))
        took = _seconds(lambda: outbox.deliver_due(1, kinds=("render",)))
        document = Document.objects.select_related("event").exclude(pk__in=done).get(state="ready")
        page = HTML(string=writs.render_html(document), base_url=BASE, url_fetcher=WritFetcher())
        alone = _seconds(page.write_pdf)
        if number:
            ours, bare = ours + took, bare + alone
    emit(
        "writs",
        value=WRITS / ours,
        unit="writs/s/core",
        limit=WRITS / bare,
        ratio=bare / ours,
        wanted=f">= {WRIT_SHARE:.0%} of bare WeasyPrint",
        ok=bare >= WRIT_SHARE * ours,
    )


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _noticed_case() -> None:
    """A case whose execution notice and order to report property wait for their PDF."""
    court = Court.objects.select_related("parent__parent").get(code="藏0102")
    names = {"clerk": "bench-clerk", "implementer": "bench-officer", "head": "bench-head"}
    people = {name: Person.objects.get(username=username) for name, username in names.items()}
    middle = court.parent
    assert middle is not None
    assert middle.parent is not None
    world = World(middle.parent, middle, court, court, people)
    case = world.assigned_case(title_number=f"（2026）民初{uuid.uuid4().int % 10**9}号")
    world.do("notice.issue", case, "implementer", report_days=10, contact="0891-0000000")


def run_sweep(sizes: list[int]) -> None:
    """Every deadline open, at most six hundred thousand; five thousand of them to be warned of today."""
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
        ok=seconds < SWEEP_SECONDS and warned >= min(DUE, open_now) and grown < FLAT_MIB,
    )
