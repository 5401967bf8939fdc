"""Lists, search, workspace and the interface's list, at two sizes, beside bare views of fifty rows."""

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib import import_module

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import generate, server
from bench.clients import bearer
from bench.measure import emit, in_turn, p95, progress
from directory.models import Person
from directory.sealing import blind_index
from enforcement.models import Case, Event
from enforcement.queries.cases import cursor_of
from law import clock, identity

TIMES = 120
# Pages and limits wanted: ms at p95, times the bare view's p95, growth from the smaller to the larger size.
PAGE_MS, API_MS, TIMES_BARE, GROWTH = 40, 20, 5, 1.25
LOOKING_UP = 10  # one person may look up thirty identity numbers an hour, so several take turns


@dataclass
class Target:
    """What is asked for, beside which bare view; ``clients`` take turns."""

    name: str
    path: str
    bare: str
    clients: list[httpx.Client]
    bound: float = PAGE_MS
    post: dict[str, str] | None = None


def run(sizes: list[int]) -> None:
    """Measure every page at every size; growth is told at the last."""
    first: dict[str, float] = {}
    for size in sizes:
        progress(f"generating {size} cases")
        generate.cases(size)
        with server.web() as url:
            person = Person.objects.get(username="bench-officer")
            browser = browser_of(person, url)
            progress("measuring pages")
            for target in targets(url, browser, person):
                turns = itertools.cycle(target.clients)
                calls = [
                    partial(ask, turns, target),
                    partial(ask, itertools.repeat(browser), target, bare=True),
                ]
                _tell(target, size, person, in_turn(calls, times=TIMES), first)


def _tell(
    target: Target,
    size: int,
    person: Person,
    sampled: list[list[float]],
    first: dict[str, float],
) -> None:
    samples, bare = sampled
    own, limit = p95(samples), p95(bare)
    growth = own / first.setdefault(target.name, own)
    emit(
        f"pages.{target.name}",
        cases=size,
        samples=samples,
        queries=queries_of(person, target),
        value=own,
        unit="ms p95",
        limit=limit,
        ratio=own / limit,
        growth=round(growth, 2),
        wanted=f"<= {target.bound} ms, <= {TIMES_BARE} x bare, growth <= {GROWTH}",
        ok=own <= target.bound and own <= TIMES_BARE * limit and growth <= GROWTH,
    )


def targets(url: str, browser: httpx.Client, person: Person) -> list[Target]:
    """Everything that is measured, with the rows it needs."""
    assert person.court_id is not None
    listed = Case.objects.filter(court_id=person.court_id).order_by("-filed_on", "-id")
    one = listed[0]
    deep = listed[listed.count() * 9 // 10]
    code = identify(one)
    officers = Person.objects.filter(court_id=person.court_id, username__startswith="officer-")[:LOOKING_UP]
    system = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {bearer()}"}, timeout=60)
    pages = {
        "list.first": "/cases/",
        "list.filtered": "/cases/?stage=control",
        "list.far": f"/cases/?after={cursor_of(deep)}",
        # One character: more cases than a page shows, at every size.
        "search.name": f"/search/?q={one.debtor_names[1]}",
        "search.number": f"/search/?q={one.serial}",
        "workspace.200-events": f"/cases/{long_case(one).uid}/",
        "desk": "/",
    }
    return [
        *(Target(name, path, "/bare/page/", [browser]) for name, path in pages.items()),
        Target(
            "search.identity",
            "/search/",
            "/bare/page/",
            [browser_of(officer, url) for officer in officers],
            post={"q": code},
        ),
        Target("api.list-50", "/api/v1/cases/?page_size=50", "/bare/json/", [system], bound=API_MS),
    ]


def ask(clients: Iterator[httpx.Client], target: Target, *, bare: bool = False) -> None:
    """One request of the next client; raises ``RuntimeError`` when the page does not come."""
    client = next(clients)
    if target.post is None or bare:
        answer = client.get(target.bare if bare else target.path)
    else:
        token = {"X-CSRFToken": client.cookies[settings.CSRF_COOKIE_NAME]}
        answer = client.post(target.path, data=target.post, headers=token)
    if answer.status_code != 200:
        raise RuntimeError(f"{target.name} answered {answer.status_code}: {answer.text[:300]}")


def queries_of(person: Person, target: Target) -> int:
    """Statements a page costs, counted in this process."""
    client = Client(raise_request_exception=True, SERVER_NAME="127.0.0.1")
    headers = {"Authorization": f"Bearer {bearer()}"} if target.bound == API_MS else {}
    if not headers:
        client.cookies[settings.SESSION_COOKIE_NAME] = session_of(person)
    for _ in range(2):  # the first loads what a process remembers
        with CaptureQueriesContext(connection) as captured:
            if target.post is None:
                answer = client.get(target.path, headers=headers)
            else:
                answer = client.post(target.path, target.post)
        if answer.status_code != 200:
            raise RuntimeError(f"{target.name} answered {answer.status_code}")
    return len(captured)


def browser_of(person: Person, url: str) -> httpx.Client:
    """A browser in which the person has signed in and opened a first page."""
    browser = httpx.Client(
        base_url=url, cookies={settings.SESSION_COOKIE_NAME: session_of(person)}, timeout=60
    )
    browser.get("/cases/").raise_for_status()
    return browser


def session_of(person: Person) -> str:
    """A session as signing in makes it."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[1]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store["started_at"] = store["seen_at"] = clock.now().timestamp()
    store.save()
    return str(store.session_key)


def long_case(case: Case) -> Case:
    """The same case with 200 events."""
    missing = 200 - case.event_count
    if missing > 0:
        model = Event.objects.filter(case=case).first()
        assert model is not None
        body = bytes(model.body)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                """
                INSERT INTO enforcement_event
                    (uid, case_id, seq, at, actor_id, act, phase, body, prev_hash, hash, input_hash)
                SELECT gen_random_uuid(), %s, %s + n, %s, %s, 'case.file', 'done', %s, %s, %s, %s
                FROM generate_series(1, %s) n
                """,
                [
                    case.pk,
                    case.event_count,
                    clock.now(),
                    model.actor_id,
                    body,
                    b"\0",
                    hashlib.sha256(body).digest(),
                    b"\0",
                    missing,
                ],
            )
            cursor.execute("UPDATE enforcement_case SET event_count = 200 WHERE id = %s", [case.pk])
    return case


def identify(case: Case) -> str:
    """Give one generated party a real identity number to search for."""
    number = identity.make_resident_number(identity.UNASSIGNED_DIVISION, date(1980, 1, 1), case.pk % 999 + 1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE enforcement_party SET identity_index = %s WHERE case_id = %s AND position = 2",
            [blind_index(number, kind="identity"), case.pk],
        )
        # Look-ups of an earlier run would count against the hour's limit.
        cursor.execute("TRUNCATE enforcement_readlog")
    return number
