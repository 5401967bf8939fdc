"""Import of filings (批量立案): a workbook or CSV, checked row by row, then filed by a job, nothing twice."""

from enforcement.imports.checking import (
    MOST_BYTES,
    already_on_file,
    check,
    may_import,
    ready_to_start,
    take,
)
from enforcement.imports.columns import COLUMNS, Column
from enforcement.imports.reading import WrongFile, read
from enforcement.imports.sheets import error_lines, error_sheet, template

__all__ = [
    "COLUMNS",
    "MOST_BYTES",
    "Column",
    "WrongFile",
    "already_on_file",
    "check",
    "error_lines",
    "error_sheet",
    "may_import",
    "read",
    "ready_to_start",
    "take",
    "template",
]
