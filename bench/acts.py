"""Acts per second: through the engine beside hand-written SQL, and over REST beside a bare view."""

import hashlib
import multiprocessing
import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from django.db import connection, connections, transaction

from bench import generate, server
from bench.clients import bearer
from bench.measure import emit, progress
from directory.models import Person
from enforcement import engine
from enforcement.models import Case
from law import clock

PROCESSES = 4
SECONDS = 8
ENGINE_SHARE, REST_SHARE, REST_PER_SECOND = 0.2, 0.5, 120


def run(sizes: list[int]) -> None:
    """Both comparisons, on cases of the first size."""
    generate.cases(sizes[0])
    cases = list(
        Case.objects.exclude(stage="closed")
        .filter(court__code="藏0102")
        .order_by("pk")
        .values_list("pk", "uid", "debtor_names")[:400]
    )
    _repair_chains([pk for pk, _uid, _names in cases])
    _engine(cases)
    _rest(cases)


def _engine(cases: list[Any]) -> None:
    progress("acts through the engine, 4 processes")
    through = _in_processes(_do_acts, cases)
    progress("the same rows by hand-written SQL, 4 processes")
    by_hand = _in_processes(_do_sql, cases)
    emit(
        "acts.engine",
        value=through,
        unit="acts/s",
        limit=by_hand,
        ratio=through / by_hand,
        wanted=f">= {ENGINE_SHARE:.0%} of hand-written SQL",
        ok=through >= ENGINE_SHARE * by_hand,
    )


def _in_processes(work: Any, cases: list[Any]) -> float:
    connections.close_all()
    context = multiprocessing.get_context("fork")
    with context.Pool(PROCESSES) as pool:
        counts = pool.map(work, [cases[number::PROCESSES] for number in range(PROCESSES)])
    return sum(counts) / SECONDS


def _do_acts(cases: list[Any]) -> int:
    connections.close_all()
    act = engine.act_named(ACT)
    person = Person.objects.get(username="bench-officer")
    done, until = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        pk, _uid, _names = cases[done % len(cases)]
        engine.do(act, Case(pk=pk), person, _input(pk, f"{os.getpid()}-{done}"), key=str(uuid.uuid4()))
        done += 1
    connections.close_all()
    return done


ACT = "asset.record"


def _input(case_id: int, mark: str) -> dict[str, Any]:
    with_owner = _owners.get(case_id)
    if with_owner is None:
        with_owner = _owners[case_id] = str(
            Case.objects.get(pk=case_id).parties.filter(role="debtor").values_list("uid", flat=True)[0]
        )
    return {
        "owner": with_owner,
        "kind": "vehicle",
        "description": f"小型客车 {mark}",
        "register_number": mark,
        "found_on": clock.today().isoformat(),
        "source": "查询",
    }


_owners: dict[int, str] = {}


def _do_sql(cases: list[Any]) -> int:
    """The rows an act of this kind writes, with the least that a careful programmer would send."""
    connections.close_all()
    officer = Person.objects.get(username="bench-officer").pk
    owners = {
        pk: Case.objects.get(pk=pk).parties.filter(role="debtor").values_list("pk", flat=True)[0]
        for pk, _uid, _names in cases
    }
    done, until = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        pk = cases[done % len(cases)][0]
        at = clock.now()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT event_count, head_hash, set_config('zhixing.act', id::text, true),"
                " set_config('pghistory.context_id', %s, true), set_config('pghistory.context_metadata', '{}', true)"
                " FROM enforcement_case WHERE id = %s FOR UPDATE",
                [str(uuid.uuid4()), pk],
            )
            count, head, *_ = cursor.fetchone()
            cursor.execute(
                "INSERT INTO enforcement_asset (uid, case_id, owner_id, kind, description, holder, account_mask,"
                " register_number, value_source, prior_claims, is_only_home, is_indivisible, found_on, source)"
                " VALUES (%s, %s, %s, 'vehicle', '小型客车', '', '', %s, '', 0, false, false, %s, '查询')",
                [str(uuid.uuid4()), pk, owners[pk], f"{os.getpid()}-{done}", at.date()],
            )
            body = b'{"act":"asset.record","outcome":{}}'
            digest = hashlib.sha256(b"\x02" + bytes(head) + body).digest()
            cursor.execute(
                "INSERT INTO enforcement_event (uid, case_id, seq, at, actor_id, act, phase, body, prev_hash, hash,"
                " idempotency_key, input_hash) VALUES (%s, %s, %s, %s, %s, %s, 'done', %s, %s, %s, %s, %s)",
                [
                    str(uuid.uuid4()),
                    pk,
                    count + 1,
                    at,
                    officer,
                    ACT,
                    body,
                    bytes(head),
                    digest,
                    str(uuid.uuid4()),
                    digest,
                ],
            )
            cursor.execute("UPDATE enforcement_case SET updated_at = %s WHERE id = %s", [at, pk])
        done += 1
    connections.close_all()
    return done


def _repair_chains(cases: list[int]) -> None:
    """Generated heads are placeholders; acts need a head of 32 bytes to go on from."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE enforcement_case SET head_hash = sha256(number::bytea), event_count = "
            "(SELECT max(seq) FROM enforcement_event WHERE case_id = enforcement_case.id) WHERE id = ANY(%s)",
            [cases],
        )


def _rest(cases: list[Any]) -> None:
    headers = {"Authorization": f"Bearer {bearer()}"}
    system = Person.objects.get(username="bench-system")
    _join(cases, system)
    with server.web() as url:
        progress("acts over REST, 4 clients")
        inputs = [(uid, _input(pk, "")) for pk, uid, _names in cases]

        def act(client: httpx.Client, number: int) -> httpx.Response:
            uid, data = inputs[number % len(inputs)]
            mark = f"r{number}-{uuid.uuid4().hex[:12]}"
            return client.post(
                f"/api/v1/cases/{uid}/acts/{ACT}/",
                json=data | {"description": mark, "register_number": mark},
                headers={"Idempotency-Key": str(uuid.uuid4())},
            )

        def insert(client: httpx.Client, number: int) -> httpx.Response:
            return client.post("/bare/insert/", json={})

        over_rest = _with_clients(url, headers, act)
        progress("a bare view that authenticates the same way, 4 clients")
        bare = _with_clients(url, headers, insert)
    emit(
        "acts.rest",
        value=over_rest,
        unit="acts/s",
        limit=bare,
        ratio=over_rest / bare,
        wanted=f">= {REST_SHARE:.0%} of a bare view and >= {REST_PER_SECOND}/s",
        ok=over_rest >= REST_SHARE * bare and over_rest >= REST_PER_SECOND,
    )


def _join(cases: list[Any], person: Person) -> None:
    """The client's person works on the cases too."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "INSERT INTO enforcement_assignment (case_id, person_id, duty, duty_class, since, is_lead)"
            " SELECT unnest(%s::bigint[]), %s, 'implementer', 'implementation', %s, false ON CONFLICT DO NOTHING",
            [[pk for pk, _uid, _names in cases], person.pk, clock.today()],
        )


def _with_clients(url: str, headers: dict[str, str], call: Any) -> float:
    def client(place: int) -> int:
        done, number = 0, place
        with httpx.Client(base_url=url, headers=headers, timeout=60) as http:
            until = time.perf_counter() + SECONDS
            while time.perf_counter() < until:
                answer = call(http, number)
                if answer.status_code != 201:
                    raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")
                done += 1
                number += PROCESSES
        return done

    with ThreadPoolExecutor(PROCESSES) as pool:
        return sum(pool.map(client, range(PROCESSES))) / SECONDS
