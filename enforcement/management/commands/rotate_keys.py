"""``manage.py rotate_keys``: seal everything with the current key, so that an older one can be taken away."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from enforcement.rotation import BATCH, remaining, rotate


class Command(BaseCommand):
    help = (
        "Seal all values anew with the first key of FIELD_KEYS, in batches; run again after an interruption."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=BATCH, help="values in one transaction")
        parser.add_argument("--check", action="store_true", help="only count what bears an older key")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            for place, count in rotate(batch=options["batch"]):
                if count:
                    self.stdout.write(f"{place}: {count}")
        left = remaining()
        for name, count in left.items():
            self.stdout.write(f"{name}: {count} with an older key")
        if not left:
            current = next(iter(settings.FIELD_KEYS))
            self.stdout.write(f"Everything is sealed with {current}.")
