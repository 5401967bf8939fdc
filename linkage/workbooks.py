"""Orders as a workbook and answers back from it (批量下载、回填), for offices without systems.

The same sheet goes both ways: what was asked on the left, what is answered on the right. A request whose
answer is a table takes as many lines as it has rows, all with the number of the request.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from directory.models import Person
from enforcement.imports.sheets import open_workbook
from enforcement.models import ReadLog
from enforcement.queries import words
from law import clock, linkage
from law.clock import SHANGHAI
from law.linkage import FieldKind, MatterField
from linkage import answer_forms
from linkage.acts.base import addressed_to
from linkage.answer_forms import WrongTable
from linkage.models import Answer, AnswerState, Ground, Outcome, Request
from linkage.queries import portal, portal_lists

MOST_ORDERS = 2_000
SHEET = "答复"
NUMBER = "request"
#: Columns every order fills; what the agency answers follows.
ASKED = (NUMBER, "court", "case", "matter", "name", "identity", "order", "amount", "until", "due")
RESULT, RECEIPT, GROUND, REMARKS = "result", "receipt", "ground", "remarks"
ANSWERED = (RESULT, RECEIPT)
LAST = (GROUND, REMARKS)


def _heading(name: str) -> str:
    titles = {
        NUMBER: _("Request number"),
        "court": _("Court"),
        "case": _("Case number"),
        "matter": _("Matter"),
        "name": _("Debtor"),
        "identity": _("Identity document or credit code"),
        "order": _("What is ordered"),
        "amount": _("Amount (CNY)"),
        "until": _("Last day"),
        "due": _("Answer due"),
        RESULT: _("Result"),
        RECEIPT: _("Our reference"),
        GROUND: _("Ground, if refused"),
        REMARKS: _("Remarks"),
    }
    return f"{titles[name]} [{name}]"


def _columns(requests: Iterable[Request]) -> list[MatterField]:
    """The fields that answers to these requests have, each once; those of a table as columns of its own."""
    found: dict[str, MatterField] = {}
    for code in dict.fromkeys(request.matter_code for request in requests):
        for one in linkage.matter(code).answer_fields:
            inner = one.fields if one.kind is FieldKind.ROWS else (one,)
            for each in inner:
                if each.kind not in {FieldKind.ROWS, FieldKind.GROUP}:
                    found.setdefault(each.name, each)
    return list(found.values())


def orders(person: Person) -> tuple[bytes, int]:
    """A workbook of what waits and the person may answer, in full, with columns for the answers; each order
    in it is a reading. How many, at most ``MOST_ORDERS``."""
    page = portal_lists.inbox(person, size=MOST_ORDERS)
    requests = [row.request for row in page.rows if portal.in_full(person, row.request)]
    sealed = dict(
        Request.objects.filter(pk__in=[one.pk for one in requests]).values_list("pk", "facts_sealed")
    )
    for request in requests:
        request.facts_sealed = sealed[request.pk]
    target = io.BytesIO()
    book = open_workbook(target)
    head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "text_wrap": True, "valign": "top"})
    fill = book.add_format({"bold": True, "bg_color": "#1D3F72", "font_color": "#FFFFFF", "text_wrap": True})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(SHEET)
    sheet.freeze_panes(1, 1)
    fields = _columns(requests)
    names = [*ASKED, *ANSWERED, *(one.name for one in fields), *LAST]
    sheet.set_column(0, len(names), 18, text)
    language = words.language()
    labels = {one.name: f"{one.label(language)} [{one.name}]" for one in fields}
    results = [str(outcome.label) for outcome in Outcome]
    if requests:
        sheet.data_validation(
            1,
            len(ASKED),
            len(requests),
            len(ASKED),
            {"validate": "list", "source": results, "error_type": "warning"},
        )
    for place, name in enumerate(names):
        own = place >= len(ASKED)
        sheet.write_string(0, place, labels.get(name) or _heading(name), fill if own else head)
    for number, request in enumerate(requests, 1):
        for place, value in enumerate(_asked(request, language)):
            sheet.write_string(number, place, value)
    book.close()
    moment = clock.now()
    ReadLog.objects.bulk_create(
        [
            ReadLog(person=person, case=one.case, at=moment, what="request.workbook", purpose=one.number)
            for one in requests
        ],
        batch_size=1000,
    )
    return target.getvalue(), len(requests)


def _asked(request: Request, language: str) -> list[str]:
    carried = request.carried()
    person = carried.get("person") or {}
    ordered = "; ".join(
        f"{line.label}: {line.text or '、'.join(one.text for one in line.inner)}"
        for line in portal.lines_of(request.matter.request_fields, carried)
    )
    last = request.term.upper - timedelta(days=1) if request.term and request.term.upper else None
    return [
        request.number,
        str(request.case.court),
        request.case.number,
        request.matter.name(language),
        str(person.get("name", "")),
        str(person.get("identity_number") or ""),
        ordered,
        f"{request.amount:.2f}" if request.amount is not None else "",
        last.isoformat() if last else "",
        request.due_on.isoformat(),
    ]


# --- back again -----------------------------------------------------------------------------------
@dataclass
class Filled:
    """Answers read from a workbook, by request number, and what could not be read of each."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    lines: int = 0


def read(person: Person, name: str, content: bytes) -> Filled:
    """Answers of a filled workbook. Lines without a result are left for later. Raises ``WrongTable``."""
    table = answer_forms.table_of(name, content)
    if not table:
        raise WrongTable(_("The table is empty."))
    keys = [_key(cell) for cell in table[0]]
    if NUMBER not in keys or RESULT not in keys:
        raise WrongTable(
            _("The sheet lacks the column of the request number or of the result. Use this page's.")
        )
    lines: dict[str, list[dict[str, str]]] = {}
    for row in table[1:]:
        cells = {key: cell for key, cell in zip(keys, row, strict=False) if key}
        if cells.get(NUMBER):
            lines.setdefault(cells[NUMBER].strip().upper(), []).append(cells)
    if len(lines) > MOST_ORDERS:
        raise WrongTable(
            _("The sheet has %(count)s requests; at most %(most)s are taken at once.")
            % {"count": len(lines), "most": MOST_ORDERS}
        )
    known = {one.number: one for one in portal.visible(person).filter(number__in=list(lines))}
    filled = Filled(lines=sum(len(rows) for rows in lines.values()))
    for number, rows in lines.items():
        _read_one(filled, number, rows, known.get(number))
    return filled


def _key(cell: str) -> str:
    start, end = cell.rfind("["), cell.rfind("]")
    return cell[start + 1 : end] if 0 <= start < end else cell.strip()


def _read_one(filled: Filled, number: str, rows: list[dict[str, str]], request: Request | None) -> None:
    said = next((row[RESULT] for row in rows if row.get(RESULT)), "")
    if not said:
        return
    if request is None:
        filled.problems[number] = _("There is no such request.")
        return
    outcome = _of(Outcome, said)
    if not outcome:
        filled.problems[number] = _("“%(text)s” is none of the results.") % {"text": said[:40]}
        return
    first = rows[0]
    ground = _of(Ground, first.get(GROUND, ""))
    filled.answers[number] = {
        "request": str(request.uid),
        "outcome": outcome,
        "number": first.get(RECEIPT, "")[:80],
        "ground": ground,
        "remarks": (first.get(REMARKS, "") or first.get(GROUND, ""))[:500],
        "facts": _facts(request, rows),
    }


def _of(choices: Any, text: str) -> str:
    """The value of a choice, written as its name in the language of the page, in English, or as its code."""
    wanted = text.strip().casefold()
    for value, label in choices.choices:
        if wanted in {value.casefold(), str(label).casefold()}:
            return str(value)
    return ""


def _facts(request: Request, rows: list[dict[str, str]]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for one in request.matter.answer_fields:
        if one.kind is FieldKind.ROWS:
            inner = [_cells(one.fields, row) for row in rows]
            facts[one.name] = [cells for cells in inner if cells]
        elif one.kind is not FieldKind.GROUP:
            facts |= _cells((one,), rows[0])
    return facts


def _cells(fields: tuple[MatterField, ...], row: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields:
        text = row.get(one.name, "").strip()
        if not text or one.kind in {FieldKind.ROWS, FieldKind.GROUP}:
            continue
        if one.kind is FieldKind.FLAG:
            found[one.name] = text.casefold() in {"true", "yes", "y", "1", "是", "✓"}
        elif one.kind in {FieldKind.MONEY, FieldKind.NUMBER}:
            found[one.name] = text.replace(",", "").replace("，", "").lstrip("¥")
        elif one.kind is FieldKind.DATE:
            found[one.name] = answer_forms.as_date(text)
        else:
            found[one.name] = text
    return found


# --- the end of a day -----------------------------------------------------------------------------
@dataclass
class Day:
    """What arrived and what was answered on one day, and what is still open (counted to a hundred)."""

    on: date
    arrived: list[Request]
    answers: list[Answer]
    cut: bool = False


MOST_LINES = 20_000
SHOWN_LINES = 200


def day(person: Person, on: date, *, most: int = SHOWN_LINES) -> Day:
    """Orders that arrived and answers that were given on a day, for the person's agencies."""
    start = datetime(on.year, on.month, on.day, tzinfo=SHANGHAI)
    ends = start + timedelta(days=1)
    arrived = (
        portal.visible(person)
        .filter(issued_at__gte=start, issued_at__lt=ends)
        .select_related("case__court", "agency", "party")
        .prefetch_related("dispatches")
        .defer("facts_sealed")
        .order_by("id")
    )
    answers = (
        Answer.objects.filter(
            Q(received_at__gte=start, received_at__lt=ends), agency__in=addressed_to(person, portal.STAFF)
        )
        .exclude(state=AnswerState.CONFIRMING)
        .select_related("request__case__court", "request__agency", "answered_by", "confirmed_by", "event")
        .defer("raw_sealed")
        .order_by("id")
    )
    found = Day(on, list(arrived[: most + 1]), list(answers[: most + 1]))
    found.cut = len(found.arrived) > most or len(found.answers) > most
    found.arrived, found.answers = found.arrived[:most], found.answers[:most]
    return found


@transaction.atomic
def statement(person: Person, on: date) -> bytes:
    """The day's orders, answers and hashes as a workbook: what both sides compare. No personal data."""
    found = day(person, on, most=MOST_LINES)
    target = io.BytesIO()
    book = open_workbook(target)
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF7"})
    language = words.language()
    sheet = book.add_worksheet("请求")
    sheet.set_column(0, 7, 22)
    _line(
        sheet,
        0,
        [_heading(name) for name in (NUMBER, "court", "case", "matter", "amount", "due")] + [_("State")],
        bold,
    )
    for number, one in enumerate(found.arrived, 1):
        amount = f"{one.amount:.2f}" if one.amount is not None else ""
        _line(
            sheet,
            number,
            [
                one.number,
                str(one.case.court),
                one.case.number,
                one.matter.name(language),
                amount,
                one.due_on.isoformat(),
                str(one.get_state_display()),
            ],
        )
    sheet = book.add_worksheet("答复")
    sheet.set_column(0, 8, 22)
    titles = [
        _heading(NUMBER),
        _heading(RECEIPT),
        _("Received at"),
        _("Result"),
        _("State"),
        _("Answered by"),
    ]
    _line(sheet, 0, [*titles, _("Confirmed by"), "SHA-256", _("Hash of the court's entry")], bold)
    for number, answer in enumerate(found.answers, 1):
        _line(
            sheet,
            number,
            [
                answer.request.number,
                answer.number,
                timezone.localtime(answer.received_at).strftime("%Y-%m-%d %H:%M:%S"),
                str(answer.get_outcome_display()),
                str(answer.get_state_display()),
                str(answer.answered_by),
                str(answer.confirmed_by or ""),
                bytes(answer.raw_sha256).hex(),
                bytes(answer.event.hash).hex() if answer.event else "",
            ],
        )
    book.close()
    return target.getvalue()


def _line(sheet: Any, number: int, cells: list[str], style: Any = None) -> None:
    for place, cell in enumerate(cells):
        sheet.write_string(number, place, cell, style)
