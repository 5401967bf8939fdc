"""A whole installation of a test's own: PostgreSQL, Valkey, mail server, workers; each can be killed.

The test's own process is put on it too (database, broker, files), so that acts and questions are asked as
the web would ask them.
"""

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import environ
import psycopg
from django.conf import settings
from django.db import connection, connections
from django.test import override_settings
from redis import Redis

from config.celery import app
from directory.models import Court, Person
from enforcement import bell, tasks
from enforcement.models import Event, Message, MessageState
from launcher import ROOT
from launcher.processes import signal_group, spawn, tail
from launcher.servers import Postgres, Valkey
from tests.faults.mailbox import Mailbox
from tests.world import World

TEMPLATE = "zhixing"  # migrated, with a world in it; every test module has a copy
EVERY_QUEUE = "deliver,link,render,sweep,celery"
CHEAP = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class TookTooLong(AssertionError):
    """What was waited for did not come."""


def eventually(
    condition: Callable[[], Any], patience: float = 180, *, meanwhile: Callable[[], Any] | None = None
) -> Any:
    """The first true answer; ``meanwhile`` is done twice a second. Raises ``TookTooLong``."""
    until = time.monotonic() + patience
    again = 0.0
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > until:
            raise TookTooLong(f"{condition} after {patience} s")
        if meanwhile is not None and time.monotonic() > again:
            meanwhile()
            again = time.monotonic() + 0.5
        time.sleep(0.02)


@dataclass
class Worker:
    """A Celery worker as the launcher starts it: a parent and one child that does the tasks."""

    process: subprocess.Popen[str]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def ready(self) -> bool:
        assert self.process.poll() is None, tail(self.log, 30)
        return "[tasks]" in self.said

    def alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """The parent and its child, as when the machine takes the power away."""
        signal_group(self.process, signal.SIGKILL)
        self.process.wait()

    def kill_child(self) -> None:
        """Only the process that does the tasks; the parent starts another."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in children.read_text().split():
            os.kill(int(pid), signal.SIGKILL)

    def pause(self) -> None:
        signal_group(self.process, signal.SIGSTOP)

    def go_on(self) -> None:
        signal_group(self.process, signal.SIGCONT)


@dataclass
class Installation:
    """Servers of a test's own, and what belongs to them."""

    folder: Path
    postgres: Postgres
    valkey: Valkey
    mailbox: Mailbox
    database: str = TEMPLATE
    workers: list[Worker] = field(default_factory=list)

    @property
    def media(self) -> Path:
        return self.folder / "files" / self.database

    @property
    def redis(self) -> Redis:
        return Redis.from_url(self.valkey.url, decode_responses=False)

    def environment(self, *, shift: int = 0) -> dict[str, str]:
        """For a process of this installation, whose clock is ``shift`` days ahead."""
        return os.environ | {
            "DATABASE_URL": self.postgres.url(self.database),
            "REDIS_URL": self.valkey.url,
            "EMAIL_URL": self.mailbox.url,
            "MEDIA_ROOT": str(self.media),
            "PYTHONPATH": str(ROOT),
            "ZHIXING_CLOCK_SHIFT_DAYS": str(shift),
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, *arguments: str, name: str, shift: int = 0) -> Worker:
        """A process of Python that is stopped with the test."""
        log = self.folder / "logs" / f"{self.database}-{name}-{len(self.workers)}.log"
        process = spawn(
            [sys.executable, *arguments],
            log,
            env=self.environment(shift=shift),
            at_parent_death=signal.SIGKILL,
        )
        self.workers.append(Worker(process, log))
        return self.workers[-1]

    def worker(self, name: str = "worker", *, queues: str = EVERY_QUEUE, shift: int = 0) -> Worker:
        """A worker of these queues; ``ready()`` once its tasks are loaded."""
        options = ["-c", "1", "-l", "INFO", "--without-gossip", "--without-mingle"]
        node = f"{name}{len(self.workers)}@faults"
        command = ["-m", "celery", "-A", "config", "worker", *options, "-Q", queues, "-n", node]
        return self.start(*command, name=name, shift=shift)

    def beat(self) -> Worker:
        schedule = str(self.folder / f"beat-{len(self.workers)}")
        return self.start(
            "-m", "celery", "-A", "config", "beat", "-l", "INFO", "-s", schedule, "--pidfile=", name="beat"
        )

    def stop_workers(self) -> None:
        for worker in self.workers:
            worker.go_on()
            worker.kill()
        self.workers.clear()
        self.wake_broker()
        self.redis.flushall()

    def world(self) -> World:
        """The template's courts and people, as this database has them."""
        courts = {court.code: court for court in Court.objects.all()}
        world = World(courts["藏"], courts["藏01"], courts["藏0102"], courts["藏0103"])
        world.people = {person.username: person for person in Person.objects.exclude(username="system")}
        return world

    @contextmanager
    def lock(self, table: str, mode: str = "SHARE") -> Iterator[psycopg.Connection[Any]]:
        """Let nobody write to a table meanwhile: whoever tries stands still there."""
        with psycopg.connect(self.postgres.url(self.database)) as holder:
            holder.execute(f"LOCK TABLE {table} IN {mode} MODE")
            yield holder
            holder.rollback()

    def waiting(self, table: str) -> int:
        """How many processes stand still before a table."""
        statement = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
        with psycopg.connect(self.postgres.url(self.database)) as asking:
            row = asking.execute(statement, [table]).fetchone()
            assert row is not None
            return int(row[0])

    def ring(self) -> None:
        """What a click or beat does: wake the workers of both queues."""
        bell.ring((tasks.sweep_outbox, ()))

    def queued(self) -> int:
        """How many messages wait in the broker."""
        redis = self.redis
        return sum(redis.llen(f"zhixing:{queue}") for queue in EVERY_QUEUE.split(","))

    def pause_broker(self) -> None:
        """It takes connections and answers nothing."""
        assert self.valkey.process is not None
        signal_group(self.valkey.process, signal.SIGSTOP)

    def silence(self, how: str) -> None:
        """Make the broker disappear ("gone") or fall asleep ("hangs")."""
        self.valkey.crash() if how == "gone" else self.pause_broker()

    def wake_broker(self) -> None:
        """It answers again; after a crash it has forgotten everything."""
        if self.valkey.process is None:
            self.valkey.start()
        else:
            signal_group(self.valkey.process, signal.SIGCONT)

    @contextmanager
    def copy(self, name: str) -> Iterator["Installation"]:
        """A database of its own with the world in it, and this process on it."""
        self.postgres.sql(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
        self.database = name
        with self.entered():
            yield self
        self.database = TEMPLATE

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This process's database, broker, cache and files are the installation's."""
        connection.close()
        kept = dict(connection.settings_dict)
        place = environ.Env.db_url_config(self.postgres.url(self.database))
        names = ("NAME", "HOST", "PORT", "USER", "PASSWORD")
        connection.settings_dict.update({name: place.get(name, "") for name in names})
        # The folder of the socket is an option; so are the limits that the settings add.
        options = {"options": kept["OPTIONS"].get("options", "")} | place.get("OPTIONS", {})
        connection.settings_dict["OPTIONS"] = options
        broker = app.conf.broker_url
        self._use_broker(self.valkey.url)
        cache = settings.CACHES["default"] | {"LOCATION": self.valkey.url_of(1)}
        changes = {"CACHES": {"default": cache}, "MEDIA_ROOT": self.media, "PASSWORD_HASHERS": CHEAP}
        try:
            with override_settings(**changes):
                self._check_place()
                yield
        finally:
            self.stop_workers()
            self._use_broker(broker)
            connections.close_all()
            connection.settings_dict.clear()
            connection.settings_dict.update(kept)

    def _check_place(self) -> None:
        """Nothing of a test may end up in somebody else's database."""
        with connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            assert cursor.fetchone() == (str(self.postgres.data),)

    def _use_broker(self, url: str) -> None:
        app.conf.broker_url = url
        app._after_fork()
        bell._broker.answered()


def forked(work: Callable[[], Any]) -> int:
    """Do something in a process of its own that can be killed; its number."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        for one in connections.all(initialized_only=True):
            one.connection = None  # the parent's; closing it here would close it there
        app._after_fork()
        work()
        connections.close_all()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def kill(pid: int) -> None:
    """``kill -9``, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def ended_well(*pids: int) -> bool:
    """Whether all of these processes end without an error."""
    return [os.waitpid(pid, 0)[1] for pid in pids] == [0] * len(pids)


def events_by_key(prefix: str) -> dict[str, int]:
    """How many events bear each idempotency key."""
    named = Event.objects.filter(idempotency_key__startswith=prefix).values_list("idempotency_key", flat=True)
    keys = [key for key in named if key is not None]
    return {key: keys.count(key) for key in keys}


def everything_delivered() -> bool:
    """Whether no message waits, is under way or was given up."""
    return not Message.objects.exclude(state=MessageState.DELIVERED).exists()


def verified(place: Installation) -> subprocess.CompletedProcess[str]:
    """``manage.py verify_history`` as an operator runs it."""
    return subprocess.run(
        [sys.executable, "manage.py", "verify_history"],
        cwd=ROOT, env=place.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
