"""``manage.py tibetan_review``: the Tibetan texts that nobody has approved yet, for those who will.

A translator reads ``docs/tibetan-review.md`` beside the pages. A text is approved by taking the ``# draft``
line above it out of the catalogue, or corrected on the site (``translation.correct``).
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from law import case_numbers, citations, closings, deadlines, linkage, nodes

DRAFT = "draft"
HEAD = """# Tibetan drafts to be reviewed

Written by `./zhixing manage tibetan_review` from `locale/bo/LC_MESSAGES/django.po`; not edited by hand.

{number} texts are drafts that no court translator has approved yet. To approve one, take the line `# draft`
above it out of the catalogue and run the command again.
"""
LAW_HEAD = """## `law/data/tibetan.csv`

{number} names of the law's tables, by table and code. All are drafts; they are corrected in that file.

| Table | Code | 中文 | བོད་ཡིག |
|---|---|---|---|
"""


class Command(BaseCommand):
    help = "Write docs/tibetan-review.md: Tibetan drafts by source file, with English and Chinese."

    def add_arguments(self, parser: CommandParser) -> None:
        target = Path(settings.BASE_DIR, "docs", "tibetan-review.md")
        parser.add_argument("--output", type=Path, default=target, metavar="FILE")

    def handle(self, *args: Any, output: Path, **options: Any) -> None:
        output.write_text(review(Path(settings.LOCALE_PATHS[0])), encoding="utf-8")
        if options["verbosity"]:
            self.stdout.write(f"{output.name} is written")


def review(folder: Path) -> str:
    """The list as Markdown. Each draft stands once, under the first file that uses it."""
    chinese = catalogue_of(folder, "zh_Hans")
    files: dict[str, list[Message]] = defaultdict(list)
    for draft in drafts(catalogue_of(folder, "bo")):
        files[min((file for file, _line in draft.locations), default="")].append(draft)
    parts = [HEAD.format(number=sum(map(len, files.values())))]
    for file, messages in sorted(files.items()):
        cells = (map(cell, (one.id, _chinese(chinese, one), one.string)) for one in messages)
        rows = [f"| {' | '.join(row)} |" for row in cells]
        table = ["| English | 中文 | བོད་ཡིག |", "|---|---|---|", *rows]
        parts.append(f"## `{file}`\n\n" + "\n".join(table) + "\n")
    return "\n".join([*parts, names_of_the_law()])


def names_of_the_law() -> str:
    """The Tibetan names of what the law's tables name, beside the Chinese."""
    rows = [
        *(("deadlines", one.code, one.name_zh, one.name("bo")) for one in deadlines.all_rules()),
        *(("nodes", one.code, one.name_zh, one.name("bo")) for one in nodes.nodes()),
        *(("closings", one.code, one.name_zh, one.name("bo")) for one in closings.closings()),
        *(("case_types", one.code, one.name_zh, one.name("bo")) for one in case_numbers.types()),
        *(("instruments", one.key, one.short_zh, one.title("bo")) for one in citations.catalogue()),
        *(("linkage_matters", one.code, one.name_zh, one.name("bo")) for one in linkage.matters().values()),
        *(
            ("linkage_fields", one.name, one.label("zh"), one.label("bo"))
            for one in linkage.named_fields().values()
        ),
    ]
    lines = (f"| {' | '.join(map(cell, row))} |\n" for row in rows)
    return LAW_HEAD.format(number=len(rows)) + "".join(lines)


def catalogue_of(folder: Path, language: str) -> Catalog:
    """The shipped catalogue of a language."""
    with (folder / language / "LC_MESSAGES" / "django.po").open("rb") as opened:
        return read_po(opened, locale=language)


def drafts(catalogue: Catalog) -> Iterator[Message]:
    """Translated texts whose comment says that they are drafts."""
    return (message for message in catalogue if message.id and DRAFT in message.user_comments)


def cell(text: Any) -> str:
    """A text, or the forms of a plural one above another, as a cell of a Markdown table."""
    forms = [text] if isinstance(text, str) else text
    return "<br>".join(form.replace("|", "\\|").replace("<", "&lt;").replace("\n", "<br>") for form in forms)


def _chinese(catalogue: Catalog, message: Message) -> Any:
    found = catalogue.get(message.id, message.context)
    return found.string if found else ""
