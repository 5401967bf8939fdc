"""Inspecting uploads: what a file says it is, what it begins with and what a decoder reads must agree.

Every check works on bytes already bounded by ``settings.UPLOAD_MAX_BYTES``, so memory is bounded too; what a
decoder would blow up is measured from headers first.
"""

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import filetype
import openpyxl
import pikepdf
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 60_000_000
MOST_PAGES = 2000
MOST_PDF_OBJECTS = 500_000
DEEPEST_PDF = 60
MOST_ENTRIES = 2000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 200
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Actions that only move within the document; every other kind runs, opens or sends something.
HARMLESS_ACTIONS = {"/GoTo", "/URI", "/Named", "/Thread", "/Hide", "/SetOCGState", "/Trans", "/GoTo3DView"}
ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent", "/AF"}


class UnacceptableFile(ValueError):
    """A file that can't be taken; its text is the sentence for the person who sent it."""


@dataclass(frozen=True)
class Inspected:
    """What is kept of an upload: its bytes (an image's without its metadata) and its true type."""

    content: bytes
    content_type: str


def inspect(content: bytes, extension: str) -> Inspected:
    """Check content against its extension ("pdf", without dot). Raises ``UnacceptableFile``."""
    if not content:
        raise UnacceptableFile(_("The file is empty."))
    return CHECKS[extension](content)


def _must_be(content: bytes, *types: str | None) -> None:
    found = filetype.guess(content)
    if (found.mime if found else None) not in types:
        raise UnacceptableFile(
            _("The content of the file is not what its name says. Save it again in the right format.")
        )


# --- PDF ------------------------------------------------------------------------------------------
def _pdf(content: bytes) -> Inspected:
    _must_be(content, "application/pdf")
    if not content.startswith(b"%PDF-") or content[content.rfind(b"%%EOF") + 5 :].strip(b"\r\n\t \0"):
        raise UnacceptableFile(_("The file holds something besides a PDF. Print it to PDF again."))
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            if document.is_encrypted:
                raise UnacceptableFile(_("The PDF is encrypted. Send it without a password."))
            if len(document.objects) > MOST_PDF_OBJECTS or len(document.pages) > MOST_PAGES:
                raise UnacceptableFile(
                    _("The PDF has more than %(count)d pages or is too complex. Split it.")
                    % {"count": MOST_PAGES}
                )
            if not document.pages:
                raise UnacceptableFile(_("The PDF has no pages."))
            for part in document.objects:
                _refuse_active(part, 0)
            _refuse_active(document.Root, 0)
    except pikepdf.PasswordError:
        raise UnacceptableFile(_("The PDF is encrypted. Send it without a password.")) from None
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError) as error:
        if isinstance(error, UnacceptableFile):
            raise
        raise UnacceptableFile(_("The PDF is damaged and can't be read. Print it to PDF again.")) from None
    return Inspected(content, "application/pdf")


def _refuse_active(part: Any, depth: int) -> None:
    """Refuse scripts, launching actions and attachments, also in dictionaries that stand inside others."""
    if depth > DEEPEST_PDF:
        raise UnacceptableFile(_("The PDF is damaged and can't be read. Print it to PDF again."))
    if isinstance(part, pikepdf.Array):
        for one in part:
            if isinstance(one, pikepdf.Object) and not one.is_indirect:
                _refuse_active(one, depth + 1)
        return
    if not isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
        return
    keys = set(part.keys())
    action = str(part.get("/S", "")) if "/S" in keys else ""
    is_action = str(part.get("/Type", "")) == "/Action" or action in {"/Launch", "/JavaScript", "/SubmitForm"}
    if (
        "/EmbeddedFiles" in keys
        or "/EF" in keys
        or "/AF" in keys
        or part.get("/Subtype") == "/FileAttachment"
    ):
        raise UnacceptableFile(_("The PDF carries attached files. Send them one by one."))
    if keys & ACTIVE_KEYS or is_action and action not in HARMLESS_ACTIONS:
        raise UnacceptableFile(
            _("The PDF carries scripts or actions that open something. Print it to PDF again, then send it.")
        )
    for key in keys:
        value = part.get(key)
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            _refuse_active(value, depth + 1)


# --- images ---------------------------------------------------------------------------------------
def _image(content: bytes, kind: str, mime: str) -> Inspected:
    _must_be(content, mime)
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise UnacceptableFile(
                    _("The picture has more than %(count)d million pixels. Make it smaller.")
                    % {"count": MOST_PIXELS // 1_000_000}
                )
            if kind == "PNG":
                # Reads every chunk's checksum up to the last; decoding alone stops when it has its pixels.
                Image.open(io.BytesIO(content), formats=[kind]).verify()
            picture.load()
            # Turned as the camera meant it, because the note about it goes with the other metadata.
            clean = ImageOps.exif_transpose(picture)
            clean.info = {name: value for name, value in clean.info.items() if name == "transparency"}
            if kind == "JPEG" and clean.mode not in {"L", "RGB"}:
                clean = clean.convert("RGB")
            kept = io.BytesIO()
            clean.save(kept, kind, **({"quality": 90} if kind == "JPEG" else {}))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, UnacceptableFile):
            raise
        raise UnacceptableFile(
            _("The picture is damaged and can't be read. Take or scan it again.")
        ) from None
    return Inspected(kept.getvalue(), mime)


# --- tables ---------------------------------------------------------------------------------------
def _xlsx(content: bytes) -> Inspected:
    _must_be(content, XLSX_TYPE, "application/zip")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _refuse_bomb(entries, len(content))
            names = {entry.filename.lower() for entry in entries}
            types = archive.read("[Content_Types].xml")
        if any(
            name.endswith((".bin", ".exe", ".dll")) and "printersettings" not in name for name in names
        ) or (
            b"macroEnabled" in types or any("embeddings/" in name or "vbaproject" in name for name in names)
        ):
            raise UnacceptableFile(
                _("The workbook carries macros or embedded files. Save it as a plain .xlsx workbook.")
            )
        openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False).close()
    except (zipfile.BadZipFile, KeyError, OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, UnacceptableFile):
            raise
        raise UnacceptableFile(_("The workbook is damaged and can't be read. Save it again.")) from None
    return Inspected(content, XLSX_TYPE)


def _refuse_bomb(entries: list[zipfile.ZipInfo], packed: int) -> None:
    """An archive that unpacks to far more than it weighs. ``zipfile`` never reads past the stated sizes."""
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > packed * MOST_RATIO:
        raise UnacceptableFile(_("The workbook unpacks to far more than a table holds. Save it again."))
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnacceptableFile(_("The workbook is encrypted. Send it without a password."))


def _csv(content: bytes) -> Inspected:
    _must_be(content, None)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UnacceptableFile(_("The table is neither UTF-8 nor GB 18030 text. Save it as CSV UTF-8."))
    try:
        for _row in csv.reader(io.StringIO(text, newline=""), strict=True):
            pass
    except csv.Error:
        raise UnacceptableFile(_("The table is damaged and can't be read. Save it as CSV again.")) from None
    if "\0" in text or text.lstrip()[:1] == "<":
        raise UnacceptableFile(
            _("The content of the file is not what its name says. Save it again in the right format.")
        )
    return Inspected(content, "text/csv")


CHECKS: dict[str, Callable[[bytes], Inspected]] = {
    "pdf": _pdf,
    "jpg": lambda content: _image(content, "JPEG", "image/jpeg"),
    "jpeg": lambda content: _image(content, "JPEG", "image/jpeg"),
    "png": lambda content: _image(content, "PNG", "image/png"),
    "xlsx": _xlsx,
    "csv": _csv,
}
