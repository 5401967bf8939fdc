"""Load the demo world: courts, people, agencies and some 300 cases, once."""

import json
import random
import secrets
import time
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from directory.models import Person
from enforcement.demo import directory
from enforcement.demo.additions import additions
from enforcement.demo.story import CHAPTERS, Story
from enforcement.models import Case, Notice
from law import clock

# Writs of the recent past are made at once; older ones one by one, so that a first look is not slowed.
MADE_AT_ONCE = 40


class Command(BaseCommand):
    help = "Load the demo world (does nothing if there are people already)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", type=int, default=sum(share for _name, share in CHAPTERS))
        parser.add_argument("--write", type=Path, help="where to write sign-ins and client secrets (JSON)")
        parser.add_argument("--url", default="http://127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEV:
            raise CommandError("The demo world is only for development: set ZHIXING_DEV=1.")
        if Person.objects.filter(kind="human").exists():
            self.stdout.write("There are people already; nothing loaded.")
            return
        started = time.monotonic()
        password = f"demo-{secrets.token_urlsafe(9)}"
        people, sign_ins, clients = directory.set_up(password)
        self.stdout.write(f"{len(people)} people, {len(clients)} client systems")
        self._cases(people, options["cases"], started)
        for add in additions:
            more_sign_ins, more_clients = add(people, password, self.stdout.write)
            sign_ins += more_sign_ins
            clients += more_clients
        if options["write"]:
            self._write(options["write"], options["url"], sign_ins, clients)
        self.stdout.write(f"{Case.objects.count()} cases in {time.monotonic() - started:.0f} s")

    def _cases(self, people: dict[str, Person], wanted: int, started: float) -> None:
        chance = random.Random(20110930)  # nosec B311  # the same world each time
        loaded_at, today = clock.now(), clock.today()
        stories = [
            Story(people[f"{word}.clerk"].court, word, people, chance, today)  # type: ignore[arg-type]
            for word in directory.STAFFED
        ]
        for story in stories:
            story.loaded_at = loaded_at
        # Most cases are at the two basic courts, as in life.
        shares = [stories[2]] * 6 + [stories[3]] * 3 + [stories[1]]
        total = sum(share for _name, share in CHAPTERS)
        chapters = [name for name, share in CHAPTERS for _ in range(max(1, round(share * wanted / total)))]
        chance.shuffle(chapters)
        for number, chapter in enumerate(chapters[:wanted], 1):
            story = stories[0] if number % 75 == 0 else shares[number % len(shares)]
            with transaction.atomic():
                story.play(chapter, number)
            if number % 50 == 0:
                self.stdout.write(f"{number} cases, {time.monotonic() - started:.0f} s")
                self.stdout.flush()
        for story in stories[2:]:
            story.arrivals(5)
        self._spread_writs()
        # What people would have read by now.
        now = clock.now()
        Notice.objects.filter(at__lt=now - timedelta(days=4)).update(read_at=now)

    def _spread_writs(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE enforcement_message m SET due_at = %(now)s + o.place * interval '1 second'
                  FROM (SELECT id, row_number() OVER (ORDER BY created_at DESC) - %(at_once)s AS place
                          FROM enforcement_message WHERE kind = 'render' AND state = 'ready') o
                 WHERE o.id = m.id AND o.place > 0
                """,
                {"now": clock.now(), "at_once": MADE_AT_ONCE},
            )

    def _write(
        self, path: Path, url: str, sign_ins: list[directory.SignIn], clients: list[dict[str, Any]]
    ) -> None:
        world = {
            "url": url,
            "users": [
                {"role": one.role, "username": one.username, "password": one.password, "court": one.seat}
                for one in sign_ins
            ],
            "api_clients": [client | {"token_url": f"{url}/api/token/"} for client in clients],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(world, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
