"""From a document to HTML and PDF. The same document gives the same bytes on every machine with the same
fonts: nothing here reads the clock, the settings of a person or the network."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import segno
import weasyprint
from django.conf import settings
from django.template.loader import render_to_string
from weasyprint.urls import URLFetcher, URLFetcherResponse

from enforcement.engine.history import digest
from enforcement.models import Case, Document, Party
from enforcement.writs import copies
from enforcement.writs.declarations import writ_named
from enforcement.writs.kinds import Writ
from enforcement.writs.snapshot import snapshot

#: A host that can't exist (RFC 2606): relative names in a writ resolve to it and nothing else answers.
BASE = "https://writ.invalid/"
SERVED = {"writ.css": "text/css"}
SHELLS = (
    "page.html",
    "_head.html",
    "_intro.html",
    "_measure.html",
    "_party.html",
    "_parties.html",
    "_signature.html",
    "_assist.html",
    "_slip.html",
    "writ.css",
)
PREVIEW_SHELL = "writs/fragment.html"
PAGE_SHELL = "writs/page.html"


class WritFetcher(URLFetcher):
    """Serves our own style sheet by name. Every other address is refused: a writ holds what people typed,
    and nothing they type may make this machine open a file or a connection."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        name = url.removeprefix(BASE)
        if not url.startswith(BASE) or name not in SERVED:
            raise ValueError("A writ opens nothing but its own style sheet.")
        return URLFetcherResponse(url, _file(name).read_bytes(), {"Content-Type": SERVED[name]})


def _file(name: str) -> Path:
    """A file of ``templates/writs``."""
    return Path(settings.BASE_DIR) / "templates" / "writs" / name


@cache
def template_hash(writ: Writ) -> str:
    """SHA-256 over the files a kind of writ is made with."""
    whole = hashlib.sha256()
    for name in (*SHELLS, writ.template):
        whole.update(name.encode() + b"\0" + _file(name).read_bytes() + b"\0")
    return whole.hexdigest()


def verification_url(uid: uuid.UUID) -> str:
    """Where the bearer of a printed writ can compare it with the register."""
    return f"{settings.BASE_URL}/verify/{uid}"


def qr_path(text: str) -> dict[str, Any]:
    """A QR code as one SVG path, a square of one unit for each dark module."""
    rows = segno.make(text, error="m", micro=False).matrix
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows, 4) for x, dark in enumerate(row, 4) if dark
    )
    return {"path": path, "size": len(rows) + 8}


def render_html(document: Document, *, for_agency: bool = False) -> str:
    """The whole page of a writ; for its agency, accounts and identity numbers in full."""
    url = verification_url(document.uid)
    context = {
        "shell": PAGE_SHELL,
        "qr": qr_path(url),
        "event_hash": bytes(document.event.hash).hex(),
        "data_hash": digest(document.data).hex(),
        "copy": ("agency" if for_agency else "file") if copies.has_agency_copy(document) else "",
    }
    data = copies.in_full(document) if for_agency else document.data
    return _render(writ_named(document.writ), data, context)


def render_pdf(document: Document, *, for_agency: bool = False) -> bytes:
    """The writ as PDF: the same bytes each time."""
    return pdf_of(render_html(document, for_agency=for_agency), document.uid)


def pdf_of(html: str, identifier: uuid.UUID) -> bytes:
    """A page of ours as PDF."""
    page = weasyprint.HTML(string=html, base_url=BASE, url_fetcher=WritFetcher())
    return page.write_pdf(pdf_identifier=identifier.bytes)


def preview_html(
    case: Case, writ: str, *, day: date, party: Party | None = None, extra: Mapping[str, Any] | None = None
) -> str:
    """The writ as it would read, for the sheet beside an act's form: a fragment of class ``writ``.

    What is not typed yet is left blank. Raises ``KeyError`` for an unknown code.
    """
    kind = writ_named(writ)
    if kind.needs_party and party is None:
        party = next((one for one in case.parties.all() if one.is_debtor), None)
    data = snapshot(case, kind, number=case.number, day=day, party=party, extra=extra or {})
    return _render(kind, data, {"shell": PREVIEW_SHELL})


def _render(writ: Writ, data: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    return render_to_string(f"writs/{writ.template}", {**data, **context, "kind": writ})
