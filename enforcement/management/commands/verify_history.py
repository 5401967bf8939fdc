"""``manage.py verify_history``: is every byte of history as it was written?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from enforcement.models import Case
from enforcement.verification import verify


class Command(BaseCommand):
    help = "Recompute every hash of the history; name the first wrong byte of each chain. Exit code 1 if any."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--case", metavar="NUMBER", help="only this case, by its number")
        which.add_argument("--all", action="store_true", help="all chains (the default)")

    def handle(self, *args: Any, **options: Any) -> None:
        case = None
        if options["case"]:
            case = Case.objects.filter(number=options["case"]).first()
            if case is None:
                raise CommandError(f"There is no case {options['case']}.")
        findings = verify(case=case)
        for fault in findings.faults:
            self.stderr.write(self.style.ERROR(str(fault)))
        if findings.faults:
            raise CommandError(
                f"{len(findings.faults)} faults in {findings.chains} chains, {findings.events} events read."
            )
        self.stdout.write(f"{findings.chains} chains, {findings.events} events: all as they were written.")
