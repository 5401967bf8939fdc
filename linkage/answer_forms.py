"""The form of an answer, by matter: what is filled in beforehand, rows from a paste or a sheet."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from enforcement.imports.reading import WrongFile, sheet
from enforcement.inspection import UnacceptableFile, inspect
from law import clock
from law.linkage import FieldKind, MatterField
from linkage.acts.answering import AnswerInput
from linkage.models import Ground, Outcome, Request

MOST_ROWS = 500
MOST_CELLS = 20_000
#: What "amount" an answer repeats of the order, by the names the table of matters uses.
AMOUNTS = {
    "amount",
    "amount_requested",
    "amount_frozen",
    "amount_deducted",
    "amount_withdrawn",
    "released_amount",
    "qty_frozen",
}
NOTHING_LEFT = {"amount_unmet", "remaining_frozen", "amount_left"}
TODAY = {"start_on", "new_start_on", "recorded_on", "decided_on"}
NOW = {
    "registered_at",
    "released_at",
    "cancelled_at",
    "deducted_at",
    "recorded_at",
    "published_at",
    "sealed_at",
    "halted_at",
    "at",
    "waiting_since",
    "changed_at",
}
ENDS = {"end_on", "new_end_on"}
#: Results a form offers, by kind of matter; refusing has a form of its own.
RESULTS = {
    "freeze": (Outcome.DONE, Outcome.PART, Outcome.WAITING, Outcome.NOTHING),
    "seize": (Outcome.DONE, Outcome.PART, Outcome.WAITING, Outcome.NOTHING),
}
OTHER_RESULTS = (Outcome.DONE, Outcome.PART, Outcome.NOTHING)


class AnswerForm(AnswerInput):
    """``AnswerInput`` as people fill it in: the request is the page's, the number may be given here."""

    number = serializers.CharField(
        label=gettext_lazy("Our reference"),
        max_length=80,
        required=False,
        allow_blank=True,
        default="",
        help_text=gettext_lazy("Your own number of this answer. If empty, one is given."),
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for name in ("request", "corrects", "ground"):
            fields.pop(name)
        asked: Request = self.context["asked"]
        results = RESULTS.get(asked.matter.request_kind, OTHER_RESULTS)
        fields["outcome"] = serializers.ChoiceField(
            label=gettext_lazy("Result"),
            choices=[(one.value, one.label) for one in results],
            default=Outcome.DONE.value,
        )
        return fields


class RefusalForm(serializers.Serializer):
    """Not doing it (不能办理): a ground, and a sentence that says what would make it acceptable."""

    ground = serializers.ChoiceField(
        label=gettext_lazy("Ground"), choices=Ground.choices, style={"base_template": "radio.html"}
    )
    remarks = serializers.CharField(
        label=gettext_lazy("Reason, and what would make it acceptable"),
        max_length=500,
        style={"base_template": "textarea.html", "rows": 3},
    )


class AskForm(serializers.Serializer):
    """A question to the court, or the institution's written objection."""

    text = serializers.CharField(
        label=gettext_lazy("To the court"),
        max_length=500,
        style={"base_template": "textarea.html", "rows": 3},
    )
    is_objection = serializers.BooleanField(
        label=gettext_lazy("This is our written objection to the order (the court answers within 15 days)"),
        required=False,
        default=False,
    )


# --- filled in beforehand -------------------------------------------------------------------------
def initial(request: Request, carried: dict[str, Any]) -> dict[str, Any]:
    """What the form shows before anything is typed: what the order itself says, done in full and today."""
    return {"outcome": Outcome.DONE.value, "facts": _filled(request.matter.answer_fields, request, carried)}


def _filled(fields: Sequence[MatterField], request: Request, carried: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in fields:
        if one.kind in {FieldKind.ROWS, FieldKind.GROUP}:
            continue
        value = _value(one.name, request, carried)
        if value not in (None, ""):
            values[one.name] = value
    return values


def _value(name: str, request: Request, carried: dict[str, Any]) -> Any:
    if name in carried and not isinstance(carried[name], dict | list):
        return carried[name]
    if name in AMOUNTS:
        return carried.get("release_amount") if name == "released_amount" else _amount(request)
    if name in NOTHING_LEFT:
        return "0.00" if request.amount is not None else ""
    if name in TODAY:
        return clock.today().isoformat()
    if name in NOW:
        return timezone.localtime(clock.now()).replace(tzinfo=None).isoformat(timespec="minutes")
    if name in ENDS:
        last = request.term.upper - timedelta(days=1) if request.term and request.term.upper else None
        return last.isoformat() if last else ""
    if name == "rank":
        return "1"
    if name == "currency":
        return "CNY"
    return True if name == "rank_unchanged" else None


def _amount(request: Request) -> str:
    return f"{request.amount:.2f}" if request.amount is not None else ""


def rows_field(request: Request) -> MatterField | None:
    """The table an answer of the matter consists of, if it does."""
    fields = request.matter.answer_fields
    return next((one for one in fields if one.kind is FieldKind.ROWS and one.fields), None)


# --- rows from a paste or a sheet -----------------------------------------------------------------
class WrongTable(ValueError):
    """The table can't be read as rows of the answer; its text says why."""


def table_of(name: str, content: bytes) -> list[list[str]]:
    """The cells of a sheet (XLSX or CSV) as text. Raises ``WrongTable``."""
    extension = name.rpartition(".")[2].lower()
    if extension not in {"xlsx", "csv"}:
        raise WrongTable(_("Only these kinds of file are taken here: %(kinds)s.") % {"kinds": "XLSX, CSV"})
    try:
        inspect(content, extension)
        if extension == "csv":
            return _delimited(_text(content))
        cells, formulas = sheet(content)
    except (UnacceptableFile, WrongFile) as wrong:
        raise WrongTable(str(wrong)) from wrong
    if formulas:
        row, column = min(formulas)
        raise WrongTable(
            _("Line %(line)s, column %(column)s is a formula; formulas are not read. Paste values instead.")
            % {"line": row + 1, "column": column + 1}
        )
    return [[_cell(value) for value in row] for row in cells]


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def pasted(text: str) -> list[list[str]]:
    """The cells of a block copied from a spreadsheet. Raises ``WrongTable``."""
    return _delimited(text)


def _delimited(text: str) -> list[list[str]]:
    first = text[: text.find("\n") + 1] or text
    delimiter = max("\t,;", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise WrongTable(_("The table breaks off: %(error)s.") % {"error": error}) from None
    return [[cell.strip() for cell in row] for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, datetime):
        midnight = value.hour == value.minute == value.second == 0
        return value.date().isoformat() if midnight else value.isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()


def rows_of(one: MatterField, table: list[list[str]], language: str) -> list[dict[str, str]]:
    """Rows of the answer's table: by headings if the first line has them, else in the order of the form.

    Raises ``WrongTable``.
    """
    plain = [field for field in one.fields if field.kind not in {FieldKind.ROWS, FieldKind.GROUP}]
    lines = [row for row in table if any(cell for cell in row)]
    if not lines:
        raise WrongTable(_("The table is empty."))
    names = headings(plain, lines[0], language)
    if any(names):
        lines = lines[1:]
    else:
        names = [field.name for field in plain]
    if len(lines) > MOST_ROWS:
        raise WrongTable(
            _("The table has %(count)s rows; at most %(most)s are taken in one answer.")
            % {"count": len(lines), "most": MOST_ROWS}
        )
    found = [
        {name: _dated(one, name, cell) for name, cell in zip(names, row, strict=False) if name}
        for row in lines
    ]
    if sum(len(row) for row in found) > MOST_CELLS:
        raise WrongTable(_("The table is too large for one answer. Divide it."))
    return found


def headings(fields: Sequence[MatterField], line: list[str], language: str) -> list[str]:
    """The names of the fields that a line's cells are headings of; empty where one is not."""
    known: dict[str, str] = {}
    for one in fields:
        for label in (one.name, one.label("zh-hans"), one.label("en"), one.label(language)):
            known.setdefault(_bare(label), one.name)
    return [
        known.get(_bare(re.sub(r"\[[a-z_0-9]+\]$", "", cell)), known.get(_bare(_code(cell)), ""))
        for cell in line
    ]


def _code(cell: str) -> str:
    match = re.search(r"\[([a-z_0-9]+)\]$", cell)
    return match[1] if match else ""


def _bare(text: str) -> str:
    return re.sub(r"[\s_()（）*＊]", "", text).casefold()


def _dated(table: MatterField, name: str, cell: str) -> str:
    kind = next((one.kind for one in table.fields if one.name == name), FieldKind.TEXT)
    return as_date(cell) if kind is FieldKind.DATE else cell


def as_date(cell: str) -> str:
    """A date as people write it (2026/1/5, 2026年1月5日), in ISO form; anything else as it is."""
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", cell)
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}" if match else cell


def with_rows(post: QueryDict, name: str, rows: list[dict[str, str]]) -> QueryDict:
    """What was posted, with the rows of a table put in place of those of the form."""
    data = post.copy()
    for key in [key for key in data if key.startswith(f"facts.{name}[")]:
        del data[key]
    for index, row in enumerate(rows):
        for field, cell in row.items():
            data[f"facts.{name}[{index}]{field}"] = cell
    return data
