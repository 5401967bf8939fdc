"""Linkage in figures: deliveries, answers, the inbox, a fan-out, and one agency that is dead."""

import json
import resource
import threading
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.test import Client

from bench import agencies, server
from bench.measure import emit, in_turn, p95, progress
from bench.receiver import receiver
from bench.tasks import COUNTER, noop
from directory.models import Agency, Person
from enforcement import tasks
from enforcement.models import Message, MessageState
from law import clock
from linkage.models import Request, RequestState
from linkage.simulator.office import Manners, Office

BANKS, CASES, CLICKS, ANSWERS, CLIENTS, WIDE = 50, 20, 20, 400, 8, 10_000
DELIVERED_SHARE, DEAD_SHARE, INBOX_SHARE = 0.6, 1.10, 1.25
FEW, MANY = 10_000, 1_000_000
POLL_SECONDS, RING_SECONDS, PATIENCE = 2.0, 5.0, 300.0


def run(sizes: list[int]) -> None:
    """All figures of linkage."""
    _fan_out()
    banks = agencies.agencies("bank", BANKS)
    with receiver() as url, agencies.workers() as both:
        _deliveries(url, banks, both)
        _dead(url, banks, both)
    systems = [agencies.system(bank) for bank in banks]
    with server.web() as court:
        _answers(court, banks, systems[0][1])
        _click(court, banks, [token for _person, token in systems])
    _inbox(banks[0])


def wait_for(condition: Callable[[], bool], rest: float = 0.02) -> float:
    """Seconds until something holds. Raises ``RuntimeError``."""
    start = rung = time.perf_counter()
    while not condition():
        now = time.perf_counter()
        if now - start > PATIENCE:
            raise RuntimeError(f"It did not come within {PATIENCE:.0f} s.")
        if now - rung > RING_SECONDS:  # as beat does
            tasks.ring({"dispatch"})
            rung = now
        time.sleep(rest)
    return time.perf_counter() - start


def _nothing_waits(others_than: str = "") -> bool:
    waiting = Message.objects.filter(kind="dispatch", state__in=[MessageState.READY, MessageState.LEASED])
    return not waiting.exclude(recipient=others_than).exists()


# --- deliveries ---------------------------------------------------------------------------------
def _deliveries(url: str, banks: list[Agency], both: agencies.Workers) -> None:
    """Webhooks by two workers, beside bare posts of the same bodies and tasks that do nothing."""
    number = BANKS * CASES
    progress(f"delivering {number} requests by webhook")
    agencies.push_to(url, banks)
    cases = [agencies.case() for _ in range(CASES)]
    wait_for(_nothing_waits)
    both.hold()
    for case in cases:
        agencies.ask(case)
    both.go_on()
    ours = number / wait_for(_nothing_waits)
    bare = number / _bare_posts(url, number)
    both.hold()
    cache.set(COUNTER, 0, timeout=None)
    for _ in range(number):
        noop.apply_async(queue="link")
    both.go_on()
    no_ops = number / wait_for(lambda: int(cache.get(COUNTER)) >= number)
    lower = min(bare, no_ops)
    emit(
        "linkage.deliveries",
        value=ours,
        unit="deliveries/s",
        limit=lower,
        ratio=ours / lower,
        posts=round(bare),
        tasks=round(no_ops),
        wanted=f">= {DELIVERED_SHARE:.0%} of the lower of bare httpx posts and Celery no-op tasks",
        ok=ours >= DELIVERED_SHARE * lower,
    )


def _bare_posts(url: str, number: int) -> float:
    body = json.dumps({"id": "x" * 36, "data": "y" * 1200}).encode()

    def post(_place: int) -> None:
        with httpx.Client(trust_env=False) as client:
            for _ in range(number // 2):
                client.post(f"{url}/bare", content=body).raise_for_status()

    start = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(post, range(2)))
    return time.perf_counter() - start


def _dead(url: str, banks: list[Agency], both: agencies.Workers) -> None:
    """What the others wait when one of fifty does not answer."""
    progress("one dead agency among fifty")
    waits: dict[int, list[float]] = {}
    for hanging in (0, 1, 0, 1):
        agencies.push_to(url, banks, hanging)
        cases = [agencies.case() for _ in range(CASES // 2)]
        both.hold()
        requests = [one.pk for case in cases for one in agencies.ask(case)]
        begun = clock.now()
        both.go_on()
        wait_for(lambda: _nothing_waits(banks[0].code))
        arrived = Request.objects.filter(pk__in=requests).exclude(agency=banks[0])
        taken = [
            (at - begun).total_seconds() * 1000
            for at in arrived.values_list("delivered_at", flat=True)
            if at is not None
        ]
        waits.setdefault(hanging, []).extend(taken)
        agencies.push_to(url, banks)
        Message.objects.filter(kind="dispatch").exclude(state=MessageState.DELIVERED).update(
            state=MessageState.DELIVERED, lease=None
        )
    ratio = p95(waits[1]) / p95(waits[0])
    emit(
        "linkage.dead-agency",
        samples=waits[1],
        limit=p95(waits[0]),
        ratio=ratio,
        unit="ms",
        wanted="effect on the others' p95 under 10 %",
        ok=ratio < DEAD_SHARE,
    )


# --- over REST ----------------------------------------------------------------------------------
def _answers(court: str, banks: list[Agency], token: str) -> None:
    """Answers accepted a second, from eight clients of one bank."""
    progress(f"{ANSWERS} answers over REST")
    orders = [str(agencies.ask(agencies.case(), agencies=[banks[0].code])[0].uid) for _ in range(ANSWERS)]

    def answer(place: int) -> int:
        accepted = 0
        with httpx.Client(base_url=court, headers={"authorization": f"Bearer {token}"}) as client:
            for order in orders[place::CLIENTS]:
                body = {"outcome": "nothing", "number": f"B-{order}"}
                sent = client.post(f"/api/v1/linkage/requests/{order}/answers/", json=body, timeout=60)
                accepted += sent.status_code == 202
        return accepted

    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        accepted = sum(pool.map(answer, range(CLIENTS)))
    emit(
        "linkage.answers",
        value=accepted / (time.perf_counter() - start),
        unit="answers/s",
        clients=CLIENTS,
        wanted="every one accepted; no limit was set",
        ok=accepted == ANSWERS,
    )


class _Line:
    """A bank's program that looks every two seconds and answers at once."""

    def __init__(self, court: str, token: str):
        self.http = httpx.Client(
            base_url=court, headers={"authorization": f"Bearer {token}"}, timeout=60, trust_env=False
        )

    def feed(self, cursor: str) -> tuple[list[dict[str, Any]], str]:
        page = self.http.get("/api/v1/linkage/feed/", params={"cursor": cursor} if cursor else {}).json()
        return [entry["event"] for entry in page["results"]], page["cursor"] or cursor

    def waiting(self) -> set[str] | None:
        return set()

    def accept(self, order: str) -> int:
        return 200

    def answer(self, order: str, body: dict[str, Any]) -> int:
        return self.http.post(f"/api/v1/linkage/requests/{order}/answers/", json=body).status_code


def _click(court: str, banks: list[Agency], tokens: list[str]) -> None:
    """From the clerk's click to the answer on the timeline, with fifty banks polling."""
    progress("from the click to the answer on the timeline")
    manners = Manners(delay=(0, 0), accepts_first=False)
    offices = [
        Office(bank.code, _Line(court, token), manners) for bank, token in zip(banks, tokens, strict=True)
    ]
    for office in offices:
        _read_up(office)
    stop = threading.Event()
    threads = [threading.Thread(target=_poll, args=(one, place, stop)) for place, one in enumerate(offices)]
    for thread in threads:
        thread.start()
    samples = []
    try:
        for place in range(CLICKS):
            case = agencies.case()
            start = time.perf_counter()
            asked = agencies.ask(case, agencies=[banks[place % BANKS].code])[0].pk
            wait_for(partial(_is_answered, asked))
            samples.append((time.perf_counter() - start) * 1000)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    limit = POLL_SECONDS * 1000
    emit(
        "linkage.click-to-timeline",
        samples=samples,
        unit="ms",
        limit=limit,
        polling=BANKS,
        wanted=f"p95 < {POLL_SECONDS + 1:.0f} s, of which {POLL_SECONDS:.0f} s are between two polls",
        ok=p95(samples) < limit + 1000,
    )


def _is_answered(request: int) -> bool:
    return Request.objects.get(pk=request).state == RequestState.ANSWERED


def _read_up(office: Office) -> None:
    """Pass over what was told before."""
    before = ""
    office.pull()
    while office.cursor != before:
        before = office.cursor
        events, office.cursor = office.line.feed(office.cursor)
        del events


def _poll(office: Office, place: int, stop: threading.Event) -> None:
    stop.wait(POLL_SECONDS * place / BANKS)  # not all at the same moment
    while not stop.is_set():
        office.pull()
        office.work()
        stop.wait(POLL_SECONDS)


# --- one act, many requests ---------------------------------------------------------------------
def _fan_out() -> None:
    progress(f"one act that issues {WIDE} requests")
    agencies.agencies("wide", WIDE)
    timed, traced = agencies.case(), agencies.case()
    start = time.perf_counter()
    issued = len(agencies.ask(timed))
    seconds = time.perf_counter() - start
    tracemalloc.start()
    agencies.ask(traced)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE enforcement_message SET state = 'delivered' WHERE kind = 'dispatch'")
    emit(
        "linkage.fan-out",
        value=seconds,
        unit="s",
        requests=issued,
        peak_mib=round(peak / 2**20, 1),
        resident_mib=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        wanted="no limit was set: time and memory are told",
        ok=issued == WIDE,
    )


# --- the inbox ----------------------------------------------------------------------------------
INBOX = """
INSERT INTO linkage_request (uid, case_id, number, matter_code, agency_id, party_id, priority, facts, basis,
    ordered_by_id, requested_by_id, state, outcome, issued_at, due_on, reminded {names})
SELECT gen_random_uuid(), r.case_id, 'B-' || n, r.matter_code, %(agency)s, r.party_id, n %% 5, r.facts,
    r.basis, r.ordered_by_id, r.requested_by_id, 'issued', '', r.issued_at - n %% 90 * interval '1 day',
    %(today)s::date + (n %% 60)::int - 30, 0 {values}
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n, (SELECT * FROM linkage_request LIMIT 1) r
"""


def _inbox(bank: Agency) -> None:
    """An agency's first page with few and with many requests that wait."""
    person = Person.objects.filter(agency=bank).first()
    assert person is not None
    Person.objects.filter(pk=person.pk).update(kind="human")
    client = Client(SERVER_NAME="localhost")
    client.force_login(Person.objects.get(pk=person.pk))
    found = {}
    before = 0
    for number in (FEW, MANY):
        progress(f"an inbox of {number} requests")
        _fill(bank, before + 1, number)
        before = number
        found[number] = in_turn([lambda: _page(client)], times=60)[0]
    ratio = p95(found[MANY]) / p95(found[FEW])
    emit(
        "linkage.inbox",
        samples=found[MANY],
        unit="ms",
        limit=p95(found[FEW]),
        ratio=ratio,
        requests=MANY,
        wanted=f"growth of p95 from {FEW} requests <= {INBOX_SHARE}",
        ok=ratio <= INBOX_SHARE,
    )


def _page(client: Client) -> None:
    answer = client.get("/portal/")
    assert answer.status_code == 200, answer.status_code


def _fill(bank: Agency, first: int, last: int) -> None:
    given = {
        "uid", "case", "number", "matter_code", "agency", "party", "priority", "facts", "basis", "ordered_by",
        "requested_by", "state", "outcome", "issued_at", "due_on", "reminded",
    }  # fmt: skip
    # Every other column keeps the value of the request they are copied from.
    more = [
        field.column
        for field in Request._meta.concrete_fields
        if field.name not in given and not field.primary_key and not field.null
    ]
    statement = INBOX.format(
        names="".join(f", {name}" for name in more), values="".join(f", r.{name}" for name in more)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        # The guards of acts would be measured once a row; these rows stand for years of acts.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, {"agency": bank.pk, "first": first, "last": last, "today": clock.today()})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE linkage_request")
    connections.close_all()
