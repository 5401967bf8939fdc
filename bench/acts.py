"""Acts per second: through the engine beside hand-written SQL, and over REST beside a bare view."""

import hashlib
import itertools
import json
import multiprocessing
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from django.db import connection, connections, transaction

from bench import generate, server
from bench.clients import bearer
from bench.measure import emit, progress
from directory.models import Person
from enforcement import engine
from enforcement.models import Case, Party
from law import clock

PROCESSES, ROUNDS, SECONDS = 4, 3, 4  # rounds of both in turn, so that a drift of the machine touches both
ENGINE_SHARE, REST_SHARE, REST_PER_SECOND = 0.2, 0.5, 120
CASES, LEAST = 100, 4_000
ACT = "asset.record"


@dataclass(frozen=True)
class Subject:
    """A case to act on, and the debtor who owns what is recorded there."""

    case: int
    uid: str
    debtor: int
    debtor_uid: str


def run(sizes: list[int]) -> None:
    """Both comparisons, on the officer's open cases among the first size of cases."""
    generate.cases(max(sizes[0], LEAST))
    debtors = (
        Party.objects.filter(role="debtor", position=2, case__implementer__username="bench-officer")
        .exclude(case__stage="closed")
        .order_by("case_id")
        .values_list("case_id", "case__uid", "pk", "uid")
    )
    subjects = [Subject(case, str(uid), pk, str(own)) for case, uid, pk, own in debtors[:CASES]]
    _engine(subjects)
    _rest(subjects)


def _engine(subjects: list[Subject]) -> None:
    progress("acts through the engine and the same rows by hand-written SQL, 4 processes")
    model = _one_act(subjects[0])
    through = by_hand = 0
    for _round in range(ROUNDS):
        through += _in_processes(_do_acts, subjects)
        by_hand += _in_processes(partial(_do_sql, model), subjects)
    emit(
        "acts.engine",
        value=through / ROUNDS / SECONDS,
        unit="acts/s",
        limit=by_hand / ROUNDS / SECONDS,
        ratio=through / by_hand,
        wanted=f">= {ENGINE_SHARE:.0%} of hand-written SQL",
        ok=through >= ENGINE_SHARE * by_hand,
    )


def _one_act(subject: Subject) -> bytes:
    """The body of an event as the engine writes it: the hand-written rows are no smaller."""
    person = Person.objects.get(username="bench-officer")
    result = engine.do(engine.act_named(ACT), Case(pk=subject.case), person, _input(subject))
    return bytes(result.event.body)


def _in_processes(work: Callable[[list[Subject]], int], subjects: list[Subject]) -> int:
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        return sum(pool.map(work, [subjects[place::PROCESSES] for place in range(PROCESSES)]))


def _input(subject: Subject) -> dict[str, Any]:
    mark = uuid.uuid4().hex[:12].upper()
    return {
        "owner": subject.debtor_uid,
        "kind": "vehicle",
        "description": f"小型客车 {mark}",
        "register_number": mark,
        "found_on": clock.today().isoformat(),
        "source": "查询",
    }


def _until() -> Iterator[int]:
    """Numbers until the time is over."""
    over = time.perf_counter() + SECONDS
    return itertools.takewhile(lambda _number: time.perf_counter() < over, itertools.count())


def _do_acts(subjects: list[Subject]) -> int:
    act, done = engine.act_named(ACT), 0
    person = Person.objects.get(username="bench-officer")
    for number in _until():
        subject = subjects[number % len(subjects)]
        engine.do(act, Case(pk=subject.case), person, _input(subject), key=str(uuid.uuid4()))
        done += 1
    connections.close_all()
    return done


LOCK = """
SELECT event_count, head_hash, set_config('zhixing.act', id::text, true),
       set_config('pghistory.context_id', %s, true), set_config('pghistory.context_metadata', %s, true)
  FROM enforcement_case WHERE id = %s FOR UPDATE
"""
ASSET = """
INSERT INTO enforcement_asset (uid, case_id, owner_id, kind, description, holder, account_mask,
                               register_number,
                               value_source, prior_claims, is_only_home, is_indivisible, found_on, source)
VALUES (%s, %s, %s, 'vehicle', %s, '', '', %s, '', 0, false, false, %s, '查询')
"""
EVENT = """
INSERT INTO enforcement_event (uid, case_id, seq, at, actor_id, act, phase, body, prev_hash, hash,
                               idempotency_key, input_hash)
VALUES (%s, %s, %s, %s, %s, %s, 'done', %s, %s, %s, %s, %s)
"""


def _do_sql(body: bytes, subjects: list[Subject]) -> int:
    """The rows of such an act with the least a careful programmer would send and not one check: asset and
    event; the database's own triggers write the asset's history and move the head of the chain."""
    officer, done = Person.objects.get(username="bench-officer").pk, 0
    for number in _until():
        subject = subjects[number % len(subjects)]
        at, event, mark = clock.now(), str(uuid.uuid4()), uuid.uuid4().hex[:12].upper()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LOCK, [event, json.dumps({"event": event}), subject.case])
            count, head, *_ = cursor.fetchone()
            asset: list[Any] = [str(uuid.uuid4()), subject.case, subject.debtor]
            asset += [f"小型客车 {mark}", mark, at.date()]
            cursor.execute(ASSET, asset)
            digest = hashlib.sha256(b"\x02" + bytes(head) + body).digest()
            row: list[Any] = [event, subject.case, count + 1, at, officer, ACT, body, bytes(head), digest]
            cursor.execute(EVENT, [*row, str(uuid.uuid4()), digest])
        done += 1
    connections.close_all()
    return done


def _rest(subjects: list[Subject]) -> None:
    headers = {"Authorization": f"Bearer {bearer()}"}
    _join(subjects, Person.objects.get(username="bench-system"))
    progress("acts over REST and a bare view that authenticates the same way, 4 clients")
    with server.web() as url:
        over_rest = bare = 0
        for _round in range(ROUNDS):
            over_rest += _with_clients(url, headers, partial(_post_act, subjects))
            bare += _with_clients(url, headers, _post_row)
    each = ROUNDS * SECONDS
    emit(
        "acts.rest",
        value=over_rest / each,
        unit="acts/s",
        limit=bare / each,
        ratio=over_rest / bare,
        wanted=f">= {REST_SHARE:.0%} of a bare view and >= {REST_PER_SECOND}/s",
        ok=over_rest >= REST_SHARE * bare and over_rest >= REST_PER_SECOND * each,
    )


def _post_act(subjects: list[Subject], client: httpx.Client, number: int) -> httpx.Response:
    subject = subjects[number % len(subjects)]
    key = {"Idempotency-Key": str(uuid.uuid4())}
    return client.post(f"/api/v1/cases/{subject.uid}/acts/{ACT}/", json=_input(subject), headers=key)


def _post_row(client: httpx.Client, number: int) -> httpx.Response:
    return client.post("/bare/insert/", json={})


def _join(subjects: list[Subject], person: Person) -> None:
    """The client's person works on the cases too."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "INSERT INTO enforcement_assignment (case_id, person_id, duty, duty_class, since, is_lead)"
            " SELECT unnest(%s::bigint[]), %s, 'implementer', 'implementation', %s, false"
            " ON CONFLICT DO NOTHING",
            [[subject.case for subject in subjects], person.pk, clock.today()],
        )


def _with_clients(
    url: str, headers: dict[str, str], call: Callable[[httpx.Client, int], httpx.Response]
) -> int:
    def client(place: int) -> int:
        done = 0
        with httpx.Client(base_url=url, headers=headers, timeout=60) as http:
            for number in _until():
                answer = call(http, place + number * PROCESSES)
                if answer.status_code != 201:
                    raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")
                done += 1
        return done

    with ThreadPoolExecutor(PROCESSES) as pool:
        return sum(pool.map(client, range(PROCESSES)))
