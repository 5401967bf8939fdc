"""Files: kept once under the SHA-256 of their bytes, outside any web root; their names are data only."""

import hashlib
import os
import tempfile
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext as _

from directory.models import Person
from enforcement.inspection import XLSX_TYPE, UnacceptableFile, inspect
from enforcement.models import Case, StoredFile

#: Extensions people may send, by purpose.
ACCEPTED = {
    "proof": ("pdf", "jpg", "jpeg", "png"),
    "import": ("xlsx", "csv"),
}
#: What the system makes itself is not inspected.
OWN_TYPES = {
    "writ": "application/pdf",
    "agency-copy": "application/octet-stream",  # encrypted: see enforcement.writs.copies
    "result": XLSX_TYPE,
}
LONGEST_NAME = 200


class AtomicStorage(FileSystemStorage):
    """Files appear whole or not at all: written beside their place, flushed, then renamed."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        # A name is the hash of its bytes: what is there already is the same file.
        return name

    def _save(self, name: str, content: File) -> str:
        place = Path(self.path(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=place.parent, prefix=".unfinished-")
        try:
            with os.fdopen(handle, "wb") as target:
                for chunk in content.chunks():
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            Path(unfinished).chmod(settings.FILE_UPLOAD_PERMISSIONS)
            Path(unfinished).replace(place)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        return name


def accept_attribute(purpose: str) -> str:
    """Value of a file input's ``accept``."""
    return ",".join(f".{extension}" for extension in ACCEPTED[purpose])


def store(
    source: Any, *, name: str = "", person: Person, purpose: str, case: Case | None, at: datetime
) -> StoredFile:
    """Keep an upload (anything with ``read``) or bytes. The same bytes are kept once, and the same person
    sending them again for the same case and purpose gets the same entry.

    Raises ``UnacceptableFile`` with a sentence: not of a kind this purpose takes, larger than
    ``settings.UPLOAD_MAX_BYTES``, not what its name says, carrying something active, or no room left.
    """
    content = source if isinstance(source, bytes) else _read(source)
    name = clean_name(name or getattr(source, "name", ""))
    if purpose in OWN_TYPES:
        content_type = OWN_TYPES[purpose]
    else:
        inspected = inspect(content, _extension(name, purpose))
        content, content_type = inspected.content, inspected.content_type
    digest = hashlib.sha256(content).hexdigest()
    stored = StoredFile(
        sha256=digest,
        size=len(content),
        content_type=content_type,
        name=name,
        stored_by=person,
        stored_at=at,
        case=case,
        purpose=purpose,
    )
    known = StoredFile.objects.filter(sha256=digest, stored_by=person, case=case, purpose=purpose).first()
    if not default_storage.exists(stored.path) or default_storage.size(stored.path) != len(content):
        try:
            default_storage.save(stored.path, ContentFile(content))
        except OSError:
            raise UnacceptableFile(
                _("The file could not be kept: the store does not take it now. Nothing was saved; try later.")
            ) from None
    if known is None:
        stored.save(force_insert=True)
    return known or stored


def open_file(stored: StoredFile) -> File:
    """The bytes of a file, open for reading."""
    return default_storage.open(stored.path, "rb")


def clean_name(name: str) -> str:
    """A name as it may be shown: no path, no invisible or direction-changing characters, 200 at most."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(
        character
        for character in base
        if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ).strip()
    if len(shown) <= LONGEST_NAME:
        return shown
    stem, dot, extension = shown.rpartition(".")
    return stem[: LONGEST_NAME - len(extension) - 1] + dot + extension if dot else shown[:LONGEST_NAME]


def _read(source: Any) -> bytes:
    limit = settings.UPLOAD_MAX_BYTES
    size = getattr(source, "size", None)
    content = b"" if size is not None and size > limit else source.read(limit + 1)
    if (size or 0) > limit or len(content) > limit:
        raise UnacceptableFile(
            _("The file is larger than %(size)d MiB. Make it smaller or split it.") % {"size": limit // 2**20}
        )
    return content


def _extension(name: str, purpose: str) -> str:
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in ACCEPTED[purpose]:
        raise UnacceptableFile(
            _("Only these kinds of file are taken here: %(kinds)s.")
            % {"kinds": ", ".join(one.upper() for one in ACCEPTED[purpose])}
        )
    return extension
