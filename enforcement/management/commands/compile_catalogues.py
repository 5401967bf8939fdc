"""``manage.py compile_catalogues``: translations from .po to .mo, without GNU gettext on the machine."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Compile locale/*/LC_MESSAGES/*.po into .mo files."

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                target = source.with_suffix(".mo")
                try:
                    with source.open("rb") as opened:
                        catalogue = read_po(opened, locale=source.parent.parent.name, abort_invalid=True)
                except (PoFileError, ValueError) as error:
                    raise CommandError(f"{source.name} of {source.parent.parent.name}: {error}") from error
                wrong = [
                    f"{message.id!r}: {error}"
                    for message, errors in catalogue.check()
                    if not message.fuzzy
                    for error in errors
                ]
                if wrong:
                    # A place that does not exist would fail on the page, in front of the reader.
                    raise CommandError(f"{source.parent.parent.name}: " + "; ".join(wrong))
                with target.open("wb") as opened:
                    write_mo(opened, catalogue)
                translated = sum(1 for message in catalogue if message.id and message.string)
                if options["verbosity"]:
                    self.stdout.write(f"{source.parent.parent.name}: {translated} texts")
