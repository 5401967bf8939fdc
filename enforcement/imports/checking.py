"""Checking a sheet of filings and making it a job: groups of lines become filings, errors find their cell."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from rest_framework.exceptions import ValidationError

from directory.models import Duty, Person
from directory.sealing import blind_index
from enforcement import engine, jobs
from enforcement.acts.filing import FileCase, FilingInput, refuse_before_the_period_ends
from enforcement.imports.columns import BY_KEY, NEEDED, value_of_word
from enforcement.imports.reading import Cell, Line, WrongFile, read
from enforcement.models import Case, Job, JobRow, JobRowState, JobState, Party, PartyRole
from law import clock, identity

MOST_BYTES = 20 * 1024 * 1024
AT_ONCE = 1_000  # filings checked while the person waits; a larger sheet is checked by a worker
CHUNK = 250
PARTY_FIELDS = (
    "kind",
    "name",
    "name_bo",
    "identity_number",
    "phone",
    "address",
    "representative",
    "language",
    "account_bank",
    "account_number",
)
CASE_FIELDS = (
    "type_code",
    "cause",
    "applied_on",
    "title_kind",
    "title_number",
    "title_made_by",
    "title_effective_on",
    "performance_due_on",
    "obligation",
    "interest_annual",
    "interest_from",
    "interest_to",
    "interest_year_basis",
)
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


def may_import(person: Person) -> bool:
    """Whether the person files cases at their court."""
    return person.court_id is not None and person.holds(Duty.FILING_CLERK, person.court_id)


def take(name: str, content: bytes, actor: Person) -> Job:
    """Read an uploaded sheet and make a job of it; the rows wait sealed, the file itself is not kept.

    Raises ``WrongFile`` and ``Refused``.
    """
    if not may_import(actor):
        raise engine.Refused(
            _("Filings are imported by a filing clerk of the court."), FileCase.basis, code="duty"
        )
    if len(content) > MOST_BYTES:
        raise WrongFile(_("The file is larger than 20 MiB. Divide it."))
    groups = _groups(read(name, content))
    assert actor.court is not None
    with transaction.atomic():
        job = Job.objects.create(
            kind=jobs.KIND_IMPORT,
            act=FileCase.code,
            court=actor.court,
            owner=actor,
            state=JobState.CHECKING,
            created_at=clock.now(),
            beat_at=clock.now(),
            total=len(groups),
        )
        seen: dict[tuple[str, str], int] = {}
        rows = []
        for position, lines in enumerate(groups, 1):
            twin = _twin(lines, seen)
            stored = {"lines": [[line.number, line.cells, line.formulas] for line in lines], "twin": twin}
            rows.append(
                JobRow(
                    job=job,
                    position=position,
                    source_row=lines[0].number,
                    input=jobs.sealed_input(job, position, stored),
                )
            )
        JobRow.objects.bulk_create(rows, batch_size=1000)
        if len(rows) <= AT_ONCE:
            check(job, seconds=None)
        else:
            jobs.wake(job.pk)
    return job


def _groups(lines: list[Line]) -> list[list[Line]]:
    """Lines of one filing together: those with the same number in the file, wherever they stand."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        number = _text(line.cells.get("no"))
        groups.setdefault(f"no:{number}" if number else f"line:{line.number}", []).append(line)
    return list(groups.values())


def _twin(lines: list[Line], seen: dict[tuple[str, str], int]) -> int | None:
    """The line of an earlier filing of the file on the same title against the same debtor."""
    title = _folded(_text(lines[0].cells.get("title_number")))
    found = None
    for line in lines:
        number = identity.normalise(_text(line.cells.get("debtor_identity_number")))
        for who in filter(None, (number, _folded(_text(line.cells.get("debtor_name"))))):
            first = seen.setdefault((title, who), lines[0].number)
            if title and first != lines[0].number:
                found = first
    return found


def _folded(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


# --- checking ---------------------------------------------------------------------------------------
def check(job: Job, *, seconds: float | None) -> bool:
    """Check rows that were not yet (they have no label); ``False`` if time ran out before the last one."""
    ends = None if seconds is None else time.monotonic() + seconds
    form = FilingInput()
    with override(job.owner.language):
        while True:
            jobs.beat(job)
            rows = list(job.rows.filter(label="", state=JobRowState.READY)[:CHUNK])
            if not rows:
                break
            _check_rows(job, rows, form)
            if ends is not None and time.monotonic() > ends:
                return False
    Job.objects.filter(pk=job.pk, state=JobState.CHECKING).update(state=JobState.CHECKED)
    job.refresh_from_db()
    return True


def _check_rows(job: Job, rows: list[JobRow], form: FilingInput) -> None:
    valid: dict[int, dict[str, Any]] = {}
    for row in rows:
        stored = jobs.opened_input(job, row)
        lines = [Line(*line) for line in stored["lines"]]
        data, origin, errors = filing_of(lines)
        head = lines[0].cells
        row.label = f"{_text(head.get('title_number')) or '—'} · {_text(head.get('debtor_name')) or '—'}"[
            :200
        ]
        if stored["twin"] is not None:
            sentence = _("Same title and same debtor as in line %(line)s of this file.") % {
                "line": stored["twin"]
            }
            _add(errors, lines[0].number, "title_number", sentence)
        try:
            valid[row.position] = form.run_validation(data)
            refuse_before_the_period_ends(valid[row.position])
        except ValidationError as error:
            for path, texts in jobs.flat_errors(error.detail).items():
                number, column = located(path, origin, lines[0].number)
                for text in texts:
                    _add(errors, number, column, text)
        except engine.Refused as refusal:
            _add(errors, lines[0].number, refusal.field, refusal.reason)
        if errors:
            row.state, row.errors = JobRowState.BAD, errors
            valid.pop(row.position, None)
        row.input = jobs.sealed_input(
            job, row.position, {"lines": stored["lines"], "data": data, "origin": origin}
        )
    known = already_on_file(job.owner, valid)
    for row in rows:
        if row.position in known:
            row.state, row.result, row.input = JobRowState.SKIPPED, known[row.position][:200], None
    JobRow.objects.bulk_update(rows, ["label", "state", "errors", "result", "input"])


def _add(errors: dict[str, dict[str, list[str]]], line: int, column: str, text: str) -> None:
    """One message for one cell; the first is enough where a missing cell would say it twice."""
    messages = errors.setdefault(str(line), {}).setdefault(column, [])
    if not messages:
        messages.append(text)


def located(path: str, origin: dict[str, Any], head: int) -> tuple[int, str]:
    """Line and column of an error that validation found at a path such as ``parties[1]identity_number``."""
    match = re.fullmatch(r"(parties|items)\[(\d+)\](\w*)", path)
    if match:
        line, prefix = origin[match[1]][int(match[2])]
        key = f"{prefix}_{match[3]}" if match[3] else f"{prefix}_name"
        if match[1] == "items" and match[3] == "delay_from":
            key = "performance_due_on"
        return line, key if key in BY_KEY else ""
    if path == "items":
        return head, "main_amount"
    return head, path if path in BY_KEY else ""


def already_on_file(actor: Person, filings: dict[int, dict[str, Any]]) -> dict[int, str]:
    """Which filings are cases already: same title number, type and a same debtor (by identity, else name).

    A file uploaded again finds here what it filed before, also where that case was closed since. The number
    is named only to somebody who may see the case.
    """
    if not filings or actor.court is None:
        return {}
    numbers = {data["title_number"] for data in filings.values()}
    parties = Party.objects.filter(
        role=PartyRole.DEBTOR,
        case__high_court=actor.court.line()["high_court"],
        case__title__number__in=numbers,
    ).values_list(
        "case__title__number", "case__type_code", "name", "identity_index", "case_id", "case__number"
    )
    by_title: dict[tuple[str, str], list[Any]] = {}
    for title, type_code, *party in parties:
        by_title.setdefault((title, type_code), []).append(party)
    found: dict[int, tuple[int, str]] = {}
    for position, data in filings.items():
        for name, index, case, number in by_title.get((data["title_number"], data["type_code"]), []):
            if any(
                _same(party, name, index) for party in data["parties"] if party["role"] == PartyRole.DEBTOR
            ):
                found[position] = case, number
    seen = set(
        Case.objects.visible_to(actor)
        .filter(pk__in={case for case, _number in found.values()})
        .values_list("pk", flat=True)
    )
    return {
        position: _("Already on file: %(number)s")
        % {"number": number if case in seen else _("in another court")}
        for position, (case, number) in found.items()
    }


def _same(party: dict[str, Any], name: str, index: Any) -> bool:
    if party["identity_number"] and index:
        return bytes(index) == blind_index(party["identity_number"], kind="identity")
    return bool(party["name"] == name)


def ready_to_start(job: Job) -> bool:
    """Whether a checked import has a row to file."""
    return job.state == JobState.CHECKED and job.rows.filter(state=JobRowState.READY).exists()


# --- from cells to a filing ---------------------------------------------------------------------------
def filing_of(
    lines: list[Line],
) -> tuple[dict[str, Any], dict[str, list[list[Any]]], dict[str, dict[str, list[str]]]]:
    """The input of ``case.file`` that the lines spell, the origin of its parties and sums, wrong cells."""
    errors: dict[str, dict[str, list[str]]] = {}
    read_cells = [{key: _value(line, key, errors) for key in BY_KEY if key in line.cells} for line in lines]
    head = read_cells[0]
    for key in NEEDED:
        if not head.get(key) and key not in errors.get(str(lines[0].number), {}):
            _add(errors, lines[0].number, key, _("This cell is empty; every filing fills it."))
    data: dict[str, Any] = {key: head[key] for key in CASE_FIELDS if head.get(key)}
    origin: dict[str, list[list[Any]]] = {"parties": [], "items": []}
    parties: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for line, cells in zip(lines, read_cells, strict=True):
        if line is not lines[0]:
            _check_continuation(line, cells, head, errors)
        for role in ("applicant", "debtor"):
            party = {name: cells[f"{role}_{name}"] for name in PARTY_FIELDS if cells.get(f"{role}_{name}")}
            if party and not (line is not lines[0] and _repeats(party, role, parties)):
                parties.append({"role": role, **party})
                origin["parties"].append([line.number, role])
        for prefix, kind, label in (("main", "main", "本金"), ("cost", "cost", "案件受理费")):
            if cells.get(f"{prefix}_amount"):
                item = {
                    "kind": kind,
                    "label": cells.get(f"{prefix}_label") or label,
                    "amount": cells[f"{prefix}_amount"],
                }
                if line is not lines[0] and cells.get("performance_due_on"):
                    item["delay_from"] = cells["performance_due_on"]
                items.append(item)
                origin["items"].append([line.number, prefix])
    return data | {"parties": parties, "items": items}, origin, errors


def _repeats(party: dict[str, Any], role: str, parties: Iterable[dict[str, Any]]) -> bool:
    """A further line that names a party again adds nobody."""
    return any({"role": role, **party} == known for known in parties)


def _check_continuation(line: Line, cells: dict[str, Any], head: dict[str, Any], errors: Any) -> None:
    for key in CASE_FIELDS:
        if key != "performance_due_on" and cells.get(key) and cells[key] != head.get(key):
            _add(
                errors,
                line.number,
                key,
                _("Lines of one filing must not differ here; leave it empty or repeat the first line."),
            )


def _value(line: Line, key: str, errors: dict[str, dict[str, list[str]]]) -> str:
    """What a cell says, as the field reads it; a wrong cell adds its error and says nothing."""
    if key in line.formulas:
        _add(
            errors, line.number, key, _("This cell holds a formula. Formulas are not read; write the value.")
        )
        return ""
    cell = line.cells.get(key)
    kind = BY_KEY[key].kind
    if (
        isinstance(cell, float)
        and kind in ("text", "word", "number")
        and (abs(cell) >= 1e15 or not cell.is_integer())
    ):
        _add(
            errors,
            line.number,
            key,
            _(
                "The cell is a number and its last digits may be lost."
                " Format the column as text and write it again."
            ),
        )
        return ""
    if kind == "date" and isinstance(cell, int | float):
        if 19_490_000 < cell < 22_000_000:
            return _day(str(int(cell)))
        _add(errors, line.number, key, _("This is a number, not a day. Write it as 2026-03-31."))
        return ""
    text = _text(cell)
    if kind == "date":
        return _day(text)
    if kind == "money":
        return re.sub(r"^[¥￥]|元$", "", unicodedata.normalize("NFKC", text)).strip()
    if kind == "rate":
        return _rate(text)
    return value_of_word(key, text) if kind == "word" and text else text


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if isinstance(cell, float):
        return (
            format(Decimal(repr(cell)).normalize(), "f") if cell == cell and abs(cell) < 1e300 else repr(cell)
        )
    return unicodedata.normalize("NFC", str(cell)).strip()


def _day(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).removesuffix(" 00:00:00")
    if re.fullmatch(r"\d{8}", plain):
        return f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    match = _DATE.fullmatch(plain)
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}" if match else plain


def _rate(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    if not plain.endswith("%"):
        return plain
    try:
        return format((Decimal(plain[:-1]) / 100).normalize(), "f")
    except InvalidOperation:
        return plain
