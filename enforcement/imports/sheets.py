"""Workbooks we hand out: the template with its explanations, the wrong lines with their errors."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from enforcement import jobs
from enforcement.imports.columns import BY_KEY, COLUMNS
from enforcement.models import Job, JobRowState

SHEET = "立案"
WIDE = {"title_number": 26, "obligation": 36, "title_made_by": 24}


def open_workbook(target: Any) -> Workbook:
    """A workbook that never turns text into formulas or links, written row by row."""
    return Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )


def template(language: str) -> bytes:
    """An empty sheet with headings in the language, one example of two lines, and a sheet that explains."""
    target = io.BytesIO()
    book = open_workbook(target)
    head = book.add_format(
        {"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True, "valign": "top"}
    )
    must = book.add_format(
        {
            "bold": True,
            "bg_color": "#1D3F72",
            "font_color": "#FFFFFF",
            "border": 1,
            "text_wrap": True,
            "valign": "top",
        }
    )
    text = book.add_format({"num_format": "@"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(SHEET)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(COLUMNS):
        # Text format keeps the last digits of identity and account numbers.
        sheet.set_column(place, place, WIDE.get(column.key, 16), text)
        if column.words:
            words = [words[0] for _value, words in column.words]
            sheet.data_validation(
                1, place, 20_000, place, {"validate": "list", "source": words, "error_type": "warning"}
            )
    for place, column in enumerate(COLUMNS):
        sheet.write_string(0, place, column.heading(language), must if column.needed else head)
    about = book.add_worksheet("说明" if language.startswith("zh") else "Explanations")
    about.set_column(0, 0, 30)
    about.set_column(1, 1, 10)
    about.set_column(2, 2, 64)
    about.set_column(3, 3, 30)
    number = 0
    for line in _introduction():
        about.write_string(number, 0, line)
        number += 1
    number += 1
    for place, title in enumerate((_("Column"), _("Needed"), _("What to write"), _("Example"))):
        about.write_string(number, place, title, head)
    for column in COLUMNS:
        number += 1
        parts = [str(column.help)] if column.help else []
        if column.words:
            parts.append("、".join(words[0] for _value, words in column.words))
        about.write_string(number, 0, column.heading(language), wrap)
        about.write_string(number, 1, _("yes") if column.needed else "", wrap)
        about.write_string(number, 2, "\n".join(parts), wrap)
        about.write_string(number, 3, column.example, wrap)
    book.close()
    return target.getvalue()


def _introduction() -> list[str]:
    return [
        _("One line is one filing. Fill the dark columns for each."),
        _("More debtors, applicants or sums: add lines with the same number in the first column."),
        _("Headings may be Chinese, Tibetan or English; their order is free; other columns are ignored."),
        _("Write identity and account numbers as text. Formulas are not read."),
        _("Uploading a file again files nothing twice: what is on file is skipped."),
    ]


@dataclass
class ErrorLine:
    """One wrong cell as the page and the sheet show it."""

    position: int
    line: int | None
    column: str
    message: str
    label: str


def error_lines(job: Job, language: str, *, most: int | None = None) -> Iterator[ErrorLine]:
    """Wrong cells of a job in the order of the sheet."""
    rows = job.rows.filter(state__in=[JobRowState.BAD, JobRowState.REFUSED]).order_by("position")
    shown = 0
    for row in rows.only("position", "source_row", "errors", "label").iterator(chunk_size=500):
        for line, columns in row.errors.items():
            for key, messages in columns.items():
                if most is not None and shown >= most:
                    return
                shown += 1
                heading = BY_KEY[key].heading(language) if key in BY_KEY else ""
                yield ErrorLine(
                    row.position,
                    int(line) if line.isdigit() else row.source_row,
                    heading,
                    " ".join(messages),
                    row.label,
                )


def error_sheet(job: Job, language: str) -> bytes:
    """The lines that were not filed, as they were written, with what is wrong with each."""
    target = io.BytesIO()
    book = open_workbook(target)
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF7"})
    bad = book.add_format({"bg_color": "#FCEBEA", "num_format": "@"})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(SHEET)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(COLUMNS) - 1, 16, text)
    sheet.set_column(len(COLUMNS), len(COLUMNS), 80)
    for place, column in enumerate(COLUMNS):
        sheet.write_string(0, place, column.heading(language), bold)
    sheet.write_string(0, len(COLUMNS), _("Errors"), bold)
    number = 0
    rows = job.rows.filter(state__in=[JobRowState.BAD, JobRowState.REFUSED]).order_by("position")
    for row in rows.iterator(chunk_size=500):
        for line, cells, formulas in jobs.opened_input(job, row).get("lines", []):
            number += 1
            wrong = row.errors.get(str(line), {})
            for place, column in enumerate(COLUMNS):
                cell = cells.get(column.key)
                shown = "" if cell is None or column.key in formulas else str(cell)
                sheet.write_string(number, place, shown, bad if column.key in wrong else text)
            sheet.write_string(number, len(COLUMNS), _summary(wrong, line, language))
    book.close()
    return target.getvalue()


def _summary(wrong: dict[str, list[str]], line: int, language: str) -> str:
    parts = []
    for key, messages in wrong.items():
        heading = BY_KEY[key].heading(language) if key in BY_KEY else ""
        parts.append(f"{heading}: {' '.join(messages)}" if heading else " ".join(messages))
    return (_("Line %(line)s: ") % {"line": line} + "; ".join(parts)) if parts else ""
