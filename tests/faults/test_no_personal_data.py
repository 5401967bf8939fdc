"""After a case from filing to payment, no number of a person stands anywhere but under seal."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
from django.conf import settings
from django.test import Client
from django.urls import reverse
from psycopg import sql
from redis import Redis

from directory.models import Person
from enforcement import bell, engine, imports, jobs, tasks
from enforcement.acts.digest import SendDigest
from enforcement.models import Case, Draft, Job, JobState
from launcher.servers import free_port
from law import clock
from tests.enforcement import cash, control
from tests.enforcement.test_imports import line, sheet
from tests.faults.installation import Installation, eventually, everything_delivered
from tests.world import World, bank_card, resident_number

PHONE = "13912345678"


class Browser:
    """Somebody signed in, over real HTTP."""

    def __init__(self, address: str, person: Person) -> None:
        client = Client()
        client.force_login(person)
        cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        self.http = httpx.Client(base_url=address, cookies=cookies, timeout=60)

    def open(self, name: str, *arguments: Any) -> httpx.Response:
        return self.http.get(reverse(name, args=arguments))

    def send(self, url: str, data: dict[str, Any]) -> httpx.Response:
        token = {"X-CSRFToken": self.http.cookies[settings.CSRF_COOKIE_NAME]}
        return self.http.post(url, data=data, headers=token)


@contextmanager
def overheard(place: Installation) -> Iterator[list[bytes]]:
    """Every command the broker and the cache get, as the bytes that a listener on the wire sees."""
    said: list[bytes] = []
    address = urlsplit(place.valkey.url)
    wire = socket.create_connection((address.hostname, address.port))
    if address.password:
        wire.sendall(f"AUTH {address.password}\r\n".encode())
    wire.sendall(b"MONITOR\r\n")

    def listen() -> None:
        while heard := wire.recv(65536):
            said.append(heard)

    ear = threading.Thread(target=listen, daemon=True)
    ear.start()
    yield said
    wire.shutdown(socket.SHUT_RDWR)
    ear.join(5)
    wire.close()


def test_no_number_of_a_person_stands_in_the_open_anywhere(place: Installation, world: World) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    web = place.start(
        "-m", "gunicorn", "-c", "config/gunicorn.py", "-b", f"127.0.0.1:{port}", "config.wsgi:application",
        name="web",
    )  # fmt: skip
    worker = place.worker()
    with overheard(place) as said:
        secrets = _a_whole_case(place, world)
        eventually(lambda: _answers(address))
        secrets |= _pages(world, address)
        secrets |= _import(place, world)
        eventually(everything_delivered, meanwhile=place.ring)
    assert b"LPUSH" in b"".join(said), "nothing was overheard"
    assert place.mailbox.kept

    looked: dict[str, bytes] = {
        "the web's log": web.log.read_bytes(),
        "the worker's log": worker.log.read_bytes(),
        "PostgreSQL's log": place.postgres.log.read_bytes(),
        "Valkey's log": place.valkey.log.read_bytes(),
        "what the broker and the cache were told": b"".join(said),
        "what is in them": _kept_in(place),
        "e-mails": b"\n".join(place.mailbox.kept),
    }
    looked |= {f"table {name}": text for name, text in _tables(place)}
    assert looked["table django_session"], "no session was made"
    assert "旦增乙".encode() in looked["table enforcement_party"], "the search is blind"
    assert "旦增乙".encode() in looked["table enforcement_event"], "the search is blind"
    assert b"asset.record" in looked["the web's log"], "the web's log is not the web's"
    hits = {
        place_name: sorted({number for number in secrets if number.encode() in text})
        for place_name, text in looked.items()
    }
    found = {name: [f"{one[:3]}…{one[-2:]}" for one in numbers] for name, numbers in hits.items() if numbers}
    assert found == {}


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def _a_whole_case(place: Installation, world: World) -> set[str]:
    """From filing to payment, through the engine; the numbers that were told to it."""
    card, payer, deposit = bank_card(), bank_card(), bank_card()
    parties = [world.applicant(phone=PHONE, account_number=card), world.debtor(phone="13887654321")]
    case = cash.noticed(world, world.assigned_case(parties=parties))
    asset = control.record(world, case, account_number=deposit)
    control.freeze(world, case, "1000.00", asset=asset)
    cash.arrive(world, case, "5000.00", payer_account=payer)
    cash.planned(world, case)
    cash.serve_plan(world, case)
    day = clock.today().replace(year=clock.today().year + 1)
    engine.do(SendDigest, world.court, Person.objects.system(), {"day": day.isoformat()})
    numbers = {party["identity_number"] for party in parties} | {party["phone"] for party in parties}
    return numbers | {card, payer, deposit}


def _pages(world: World, address: str) -> set[str]:
    """What people do in the browser, well and badly."""
    case = Case.objects.earliest("pk")
    officer = Browser(address, world.implementer)
    for name in ("case", "case_history", "case_print"):
        assert officer.open(name, case.uid).status_code == 200
    sought, wrong, half = resident_number(), bank_card(), bank_card()
    assert officer.send(reverse("search"), {"q": sought}).status_code < 400
    form = reverse("act", args=[case.uid, "asset.record"])
    assert officer.http.get(form).status_code == 200
    refused = officer.send(form, {"kind": "deposit", "account_number": wrong + "x", "description": ""})
    assert refused.status_code in (200, 422)
    drafted = officer.send(f"{form}draft/", {"kind": "deposit", "account_number": half})
    assert drafted.status_code == 200
    assert Draft.objects.exists()
    assert officer.http.get(f"/cases/{sought}/").status_code == 404
    assert officer.send("/nowhere/", {"q": sought}).status_code in (403, 404)
    stranger = httpx.post(f"{address}/accounts/login/", data={"login": "clerk", "password": "x"})
    assert stranger.status_code == 403
    return {sought, wrong, half}


def _import(place: Installation, world: World) -> set[str]:
    """A sheet of which one line is wrong."""
    good, bad = resident_number(), resident_number()
    broken = bad[:-1] + ("1" if bad[-1] != "1" else "2")
    lines = [
        line(no="1", applicant_identity_number=good, debtor_identity_number=resident_number()),
        line(no="2", title_number="（2025）藏0102民初78号", applicant_identity_number=broken),
    ]
    job = imports.take("filings.xlsx", sheet(*lines), world.clerk)
    bell.ring((tasks.run_job, (job.pk,)))
    state = Job.objects.filter(pk=job.pk).values_list("state", flat=True)
    eventually(lambda: state.get() == JobState.CHECKED)
    jobs.begin(job)
    eventually(lambda: state.get() == JobState.DONE, meanwhile=lambda: jobs.wake(job.pk))
    return {good, broken}


def _kept_in(place: Installation) -> bytes:
    """Keys and values of every database of the broker."""
    found = []
    for number in (0, 1):
        client = Redis.from_url(place.valkey.url_of(number))
        for key in client.scan_iter():
            found.append(key + b" " + (client.dump(key) or b""))
    return b"\n".join(found)


def _tables(place: Installation) -> Iterator[tuple[str, bytes]]:
    """Every row of every table as text, and what its bytes say where they say something."""
    with psycopg.connect(place.postgres.url(place.database)) as reader:
        names = reader.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname = 'public'"
        ).fetchall()
        for (name,) in names:
            rows = reader.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.SQL(name))).fetchall()
            text = "\n".join(row[0] for row in rows).encode()
            spelled = [bytes.fromhex(one.decode()) for one in re.findall(rb"\\x((?:[0-9a-f]{2})+)", text)]
            yield name.strip('"'), b"\n".join([text, *spelled])
