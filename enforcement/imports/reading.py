"""From a file to rows of cells: XLSX and CSV, nothing executed, nothing evaluated, nothing guessed.

A formula is never evaluated and its cached value never believed: a cell that holds one is a wrong cell.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from xml.sax import ContentHandler, SAXException  # nosec B406  # names alone: defusedxml parses

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from defusedxml.sax import parse as parse_sax
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from enforcement.imports.columns import BY_KEY, NEEDED, column_of

MOST_ROWS = 20_000
MOST_COLUMNS = 120
MOST_UNPACKED = 256 * 1024 * 1024
MOST_PARTS = 1_000
HEADING_ROWS = 5  # a title and remarks may stand above the headings

Cell = str | int | float | bool | None


class WrongFile(Exception):
    """The file can't be read as a sheet of filings; the text says why and what to do."""


@dataclass
class Line:
    """One line of the sheet: its number as the spreadsheet shows it, cells by column key, and formulas."""

    number: int
    cells: dict[str, Cell]
    formulas: list[str] = field(default_factory=list)

    @property
    def blank(self) -> bool:
        return not self.formulas and all(cell in (None, "") for cell in self.cells.values())


def read(name: str, content: bytes) -> list[Line]:
    """The lines below the headings. Raises ``WrongFile``."""
    if not content:
        raise WrongFile(_("The file is empty. Choose the workbook again."))
    if content[:4] == b"PK\x03\x04":
        table, formulas = _workbook(content)
    elif content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise WrongFile(
            _(
                "This is an old or encrypted Excel file."
                " Save it as .xlsx without a password and upload it again."
            )
        )
    elif name.lower().endswith(".csv") and not _looks_binary(content):
        table, formulas = _csv(content), None
    else:
        raise WrongFile(_("This is neither an .xlsx workbook nor a .csv file. Use the template."))
    return _lines(table, formulas)


def sheet(content: bytes) -> tuple[list[list[Any]], set[tuple[int, int]]]:
    """The cells of a workbook's first sheet and the places of its formulas, whatever its headings are.

    Raises ``WrongFile``.
    """
    return _workbook(content)


def _looks_binary(content: bytes) -> bool:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return False
    return (
        b"\0" in content[:4096] or content[:5] in (b"%PDF-", b"\x89PNG\r") or content[:3] == b"\xff\xd8\xff"
    )


# --- headings -------------------------------------------------------------------------------------
def _lines(table: list[list[Any]], formulas: set[tuple[int, int]] | None) -> list[Line]:
    at, keys = _headings(table)
    missing = [key for key in NEEDED if key not in keys.values()]
    if missing:
        language = get_language() or "zh-hans"
        raise WrongFile(
            _("The sheet lacks these columns: %(columns)s. Add them or use the template.")
            % {"columns": "、".join(BY_KEY[key].heading(language) for key in missing)}
        )
    lines = []
    for index in range(at + 1, len(table)):
        row = table[index]
        cells = {key: _cell(row[place]) if place < len(row) else None for place, key in keys.items()}
        if formulas is not None:
            found = [key for place, key in keys.items() if (index, place) in formulas]
        else:
            # In a CSV a formula is text that a spreadsheet would calculate.
            found = [key for key, cell in cells.items() if isinstance(cell, str) and cell.startswith("=")]
        line = Line(index + 1, cells | dict.fromkeys(found), found)
        if not line.blank:
            lines.append(line)
    if not lines:
        raise WrongFile(_("There are headings but no filings below them."))
    if len(lines) > MOST_ROWS:
        raise WrongFile(
            _("The sheet has %(count)s lines; at most %(most)s are read at a time. Divide it.")
            % {"count": len(lines), "most": MOST_ROWS}
        )
    return lines


def _headings(table: list[list[Any]]) -> tuple[int, dict[int, str]]:
    best: tuple[int, dict[int, str]] = (0, {})
    for index, row in enumerate(table[:HEADING_ROWS]):
        keys: dict[int, str] = {}
        for place, cell in enumerate(row[:MOST_COLUMNS]):
            key = column_of(cell) if isinstance(cell, str) else None
            if key is not None:
                if key in keys.values():
                    raise WrongFile(_("The column “%(column)s” stands twice. Keep one.") % {"column": cell})
                keys[place] = key
        if len(keys) > len(best[1]):
            best = index, keys
    if not best[1]:
        raise WrongFile(_("No known headings were found in the first lines. Use the template."))
    return best


def _cell(value: Any) -> Cell:
    """A cell in JSON's own types; a date without a time as ISO text."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


# --- CSV --------------------------------------------------------------------------------------------
def _csv(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    first = text[: text.find("\n") + 1] or text
    delimiter = max(",\t;", key=first.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [row for _number, row in zip(range(MOST_ROWS + HEADING_ROWS + 2), rows, strict=False)]
    except csv.Error as error:
        raise WrongFile(
            _("The CSV breaks off: %(error)s. Save it again from the spreadsheet.") % {"error": error}
        ) from None


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    failed: UnicodeDecodeError | None = None
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            failed = failed or error
            continue
        # Nearly any bytes are some GB18030 text: believe it only if its headings are known ones.
        if failed is None or any(column_of(cell) for cell in re.split(r"[,\t;\r\n]", text[:2000])):
            return text
    assert failed is not None
    line = content[: failed.start].count(b"\n") + 1
    raise WrongFile(
        _("Line %(line)s holds bytes that are neither UTF-8 nor GB18030 text. Save the file as CSV UTF-8.")
        % {"line": line}
    )


# --- XLSX -------------------------------------------------------------------------------------------
class _Cells(ContentHandler):
    """Where formulas stand and how far the sheet reaches, before anything is laid out in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.formulas: set[tuple[int, int]] = set()
        self.row = self.place = -1
        self.furthest = (0, 0)

    def startElement(self, name: str, attributes: Any) -> None:
        tag = name.rpartition(":")[2]
        if tag == "row":
            self.row = int(attributes.get("r", self.row + 2)) - 1
            self.place = -1
        elif tag == "c":
            reference = attributes.get("r", "")
            if reference:
                self.row, self.place = _position(reference)
            else:
                self.place += 1
            self.furthest = max(self.furthest[0], self.row), max(self.furthest[1], self.place)
            if self.furthest[0] > 1_048_576 or self.furthest[1] > 16_384:
                raise SAXException("reference")
        elif tag == "f":
            self.formulas.add((self.row, self.place))


def _position(reference: str) -> tuple[int, int]:
    match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", reference)
    if match is None:
        raise SAXException("reference")
    place = 0
    for letter in match[1]:
        place = place * 26 + ord(letter) - 64
    return int(match[2]) - 1, place - 1


_NS = {
    "m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "p": "http://schemas.openxmlformats.org/package/2006/relationships",
}


def _workbook(content: bytes) -> tuple[list[list[Any]], set[tuple[int, int]]]:
    """The cells of the first sheet, from A1 on, and the places of its formulas."""
    broken = WrongFile(_("The workbook is damaged or not a workbook. Save it again as .xlsx."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive)
            found = _Cells()
            with archive.open(_first_sheet(archive)) as sheet:
                parse_sax(sheet, found, forbid_dtd=True)
        if found.furthest[0] > MOST_ROWS + HEADING_ROWS or found.furthest[1] >= MOST_COLUMNS:
            raise WrongFile(
                _(
                    "The sheet reaches to line %(row)s, column %(column)s;"
                    " at most %(most)s lines and %(wide)s columns are read."
                )
                % {
                    "row": found.furthest[0] + 1,
                    "column": found.furthest[1] + 1,
                    "most": MOST_ROWS,
                    "wide": MOST_COLUMNS,
                }
            )
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            table = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (
        zipfile.BadZipFile,
        CalamineError,
        SAXException,
        DefusedXmlException,
        ElementTree.ParseError,
        NotImplementedError,
        RuntimeError,
        KeyError,
        ValueError,
        EOFError,
    ) as error:
        raise broken from error
    return table, found.formulas


def _check_parts(archive: zipfile.ZipFile) -> None:
    """Refuse bombs, macros, passwords. A part whose real size is not the one it names fails its checksum."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise WrongFile(_("Unpacked, this file is far too large for a sheet of filings. It was not opened."))
    if any(part.flag_bits & 1 for part in parts):
        raise WrongFile(_("The workbook has a password. Save it without one."))
    names = {part.filename for part in parts}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise WrongFile(_("The workbook holds macros. Save it as .xlsx without macros."))
    if "xl/workbook.xml" not in names:
        raise WrongFile(_("This is neither an .xlsx workbook nor a .csv file. Use the template."))
    if archive.testzip() is not None:
        raise zipfile.BadZipFile


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The part that holds the first sheet in the order of the tabs."""
    workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"), forbid_dtd=True)
    sheet = workbook.find("m:sheets/m:sheet", _NS)
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    wanted = None if sheet is None else sheet.get(f"{{{_NS['r']}}}id")
    for link in links.findall("p:Relationship", _NS):
        if link.get("Id") == wanted:
            target = link.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    raise KeyError("sheet")
