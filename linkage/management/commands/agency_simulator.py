"""``manage.py agency_simulator``: answers requests as one or many agencies would.

Each agency's system is described in the file that the demo writes (``var/demo.json``, ``api_clients`` with an
``agency_code``); without a file one is named by ``--agency``, ``--client-id`` and ``--client-secret``.
"""

import json
import logging
import signal
import threading
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linkage.simulator.line import RestLine
from linkage.simulator.office import Manners, Office
from linkage.simulator.receiver import Receiver

MOST_REST = 2.0  # seconds between two looks, while nothing is due
SIMULATED = "simulated"


class Command(BaseCommand):
    help = "Answer requests as agencies would, with delay, errors, duplicates and disorder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clients", type=Path, help="file that lists client systems (var/demo.json)")
        parser.add_argument("--url", default="", help="base address of the court; else that of the file")
        parser.add_argument("--agency", default="", help="code of the one agency to play")
        parser.add_argument("--client-id", default="")
        parser.add_argument("--client-secret", default="")
        parser.add_argument("--least-delay", type=float, default=2.0, help="seconds before an answer")
        parser.add_argument("--most-delay", type=float, default=8.0)
        parser.add_argument("--wrong-first", type=float, default=0.0, help="share answered wrongly first")
        parser.add_argument("--twice", type=float, default=0.0, help="share answered twice")
        parser.add_argument("--disorder", type=float, default=0.0, help="share of rounds in another order")
        parser.add_argument("--refuses", type=float, default=0.0, help="share refused with a ground")
        parser.add_argument("--seed", type=int, help="behave the same way each time")
        parser.add_argument("--webhook-port", type=int, help="take webhooks on this local port")
        parser.add_argument("--once", action="store_true", help="stop when nothing waits any more")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 <= options["least_delay"] <= options["most_delay"]:
            raise CommandError("The delay goes from the lesser to the greater number of seconds.")
        offices = self._offices(options)
        if not offices:
            raise CommandError("No client system of an agency is named to play.")
        self.stdout.write(f"answering as {', '.join(offices)}")
        # A line for each of its calls would drown what it did.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._stopped = threading.Event()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self._stopped.set())
        with ExitStack() as stack:
            if options["webhook_port"] is not None:
                self._listen(stack, offices, options["webhook_port"])
            self._run(list(offices.values()), once=options["once"])

    def _offices(self, options: dict[str, Any]) -> dict[str, Office]:
        manners = Manners(
            delay=(options["least_delay"], options["most_delay"]),
            wrong_first=options["wrong_first"],
            twice=options["twice"],
            disorder=options["disorder"],
            refuses=options["refuses"],
        )
        found = {}
        for number, one in enumerate(self._clients(options)):
            line = RestLine(one["url"], one["client_id"], one["client_secret"], one.get("signing_key", ""))
            seed = None if options["seed"] is None else options["seed"] + number
            found[one["agency_code"]] = Office(one["agency_code"], line, manners, seed=seed, say=self._say)
        return found

    def _clients(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        if options["clients"] is None:
            if not (options["agency"] and options["client_id"] and options["client_secret"]):
                return []
            names = {
                "agency_code": "agency",
                "client_id": "client_id",
                "client_secret": "client_secret",  # nosec B105  # the name of an option
            }
            one = {name: options[option] for name, option in names.items()}
            return [one | {"url": options["url"] or "http://127.0.0.1:8000"}]
        try:
            world = json.loads(options["clients"].read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['clients']} can't be read.") from error
        url = options["url"] or world["url"]
        return [
            one | {"url": url}
            for one in world.get("api_clients", [])
            if one.get(SIMULATED) and options["agency"] in {"", one["agency_code"]}
        ]

    def _listen(self, stack: ExitStack, offices: dict[str, Office], port: int) -> None:
        line = next(iter(offices.values())).line
        assert isinstance(line, RestLine)
        receiver = stack.enter_context(Receiver(offices, line.keys(), port=port))
        self.stdout.write(f"webhooks: http://127.0.0.1:{receiver.port}/<agency>")

    def _run(self, offices: list[Office], *, once: bool) -> None:
        while not self._stopped.is_set():
            new = sum(office.pull() for office in offices)
            done = sum(office.work() for office in offices)
            if once and not new and not done and all(office.idle for office in offices):
                return
            self._stopped.wait(0.2 if new or done else MOST_REST if not once else 0.2)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
