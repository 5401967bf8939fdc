"""Agencies for the figures: fifty banks, one case after the other to ask them about, workers."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from bench.receiver import HANGS
from directory.models import Agency, ClientSystem, Court, Duty, DutyHolding, Person
from enforcement import engine
from enforcement.models import Case
from launcher.processes import die_with_parent
from law import clock
from linkage.models import Channel, ChannelKind, MatterAnswered, Member, Request
from tests.world import World

MATTER = "BANK-INQ-DEP"
SCOPES = ["linkage:read", "linkage:answer"]


def world() -> World:
    """The court the figures are measured at."""
    court = Court.objects.select_related("parent__parent").get(code="藏0102")
    names = {"clerk": "bench-clerk", "implementer": "bench-officer", "head": "bench-head"}
    people = {name: Person.objects.get(username=username) for name, username in names.items()}
    middle = court.parent
    assert middle is not None
    assert middle.parent is not None
    return World(middle.parent, middle, court, court, people)


@contextlib.contextmanager
def installing() -> Iterator[None]:
    """Rows of the directory are written as an installation is set up."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', 'installation', true)")
        yield


def agencies(prefix: str, number: int) -> list[Agency]:
    """So many banks that answer one matter; those of earlier figures stop answering it."""
    court = Court.objects.get(code="藏0102")
    with installing():
        MatterAnswered.objects.all().delete()
        rows = Agency.objects.bulk_create(
            [
                Agency(code=f"{prefix}-{place}", kind="bank", name=f"示例银行{prefix}{place}")
                for place in range(number)
            ]
        )
        Member.objects.bulk_create(Member(agency=row, liaison=court, joined_on=clock.today()) for row in rows)
        Channel.objects.bulk_create(Channel(agency=row) for row in rows)
        MatterAnswered.objects.bulk_create(MatterAnswered(agency=row, matter=MATTER) for row in rows)
    return rows


def system(agency: Agency) -> tuple[Person, str]:
    """A client system of an agency, with a token that outlives the run."""
    token = secrets.token_urlsafe(32)
    with installing():
        person = Person.objects.create(
            username=f"system.{agency.code}", name=agency.name, agency=agency, kind="client"
        )
        DutyHolding.objects.create(
            person=person,
            duty=Duty.AGENCY_OPERATOR,
            agency=agency,
            during=DateRange(clock.today() - timedelta(days=9), None),
        )
        application = Application.objects.create(
            name=agency.code,
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        )
        ClientSystem.objects.create(application=application, person=person, scopes=SCOPES)
        # OAuth tokens live by the machine's clock, as the library that checks them does.
        AccessToken.objects.create(
            application=application,
            token=token,
            expires=timezone.now() + timedelta(days=1),
            scope=" ".join(SCOPES),
        )
    return person, token


def case() -> Case:
    """A case of the officer, with one debtor nobody asked about."""
    return world().assigned_case(title_number=f"（2026）民初{uuid.uuid4().int % 10**9}号")


def ask(about: Case, **data: Any) -> list[Request]:
    """The clerk's click: ask the agencies about the debtor."""
    officer = Person.objects.get(username="bench-officer")
    act = engine.act_named("request.inquire")
    result = engine.submit(act, about, officer, {"matters": [MATTER]} | data)
    return list(Request.objects.filter(ordered_by=result.event))


def push_to(url: str, rows: list[Agency], hanging: int = 0) -> None:
    """Let webhooks of these agencies go to a receiver; the first ``hanging`` of them get no answer."""
    for place, row in enumerate(rows):
        path = HANGS if place < hanging else row.code
        Channel.objects.filter(agency=row).update(
            kind=ChannelKind.WEBHOOK,
            url=f"{url}/{path}",
            networks=["127.0.0.0/8"],
            failures=0,
            breaker_open_until=None,
        )


# --- workers ------------------------------------------------------------------------------------
class Workers:
    """Two Celery workers, which can be held back while work piles up."""

    def __init__(self) -> None:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "bench.settings"}
        self.folder = tempfile.TemporaryDirectory(prefix="zhixing-bench-workers-")
        self.logs = [Path(self.folder.name) / f"{place}.log" for place in range(2)]
        self.processes = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "celery", "-A", "config", "worker", "-I", "bench.tasks"),
                    *("-c", "1", "-l", "INFO", "--without-gossip", "--without-mingle"),
                    *("-Q", "deliver,link,celery", "-n", f"bench{place}@%h"),
                ],
                env=environment,
                stdout=self.logs[place].open("w"),
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
            for place in range(2)
        ]
        until = time.monotonic() + 120
        while not all("[tasks]" in log.read_text(errors="replace") for log in self.logs):
            if time.monotonic() > until:
                self.stop()
                raise RuntimeError("The workers did not start within 120 s.")
            time.sleep(0.2)

    def hold(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        self._signal(signal.SIGKILL)
        for process in self.processes:
            process.wait()
        self.folder.cleanup()

    def _signal(self, number: int) -> None:
        for process in self.processes:
            os.killpg(process.pid, number)


@contextlib.contextmanager
def workers() -> Iterator[Workers]:
    both = Workers()
    try:
        yield both
    finally:
        both.stop()
