"""Writs and files, always as a download and never inline."""

import io
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from enforcement.models import Document, StoredFile
from enforcement.queries import documents, readers
from enforcement.web.access import Request, reads
from enforcement.writs import copies


@require_GET
@reads("documents.document", "documents.current_file", "readers.note")
def document(request: Request, uid: UUID) -> HttpResponseBase:
    """A writ as PDF; while it is being made, or could not be, a page that says so."""
    found = documents.document(request.user, uid)
    file = documents.current_file(found)
    if file is None:
        context = {"document": found, "case": found.case}
        return render(request, "enforcement/documents/waiting.html", context, status=202)
    readers.note(request.user, "document", case=found.case, purpose=found.writ)
    return download(file)


@require_GET
@reads("documents.stored_file", "readers.note")
def stored_file(request: Request, uid: UUID) -> HttpResponseBase:
    """A file of a visible case."""
    found = documents.stored_file(request.user, uid)
    readers.note(request.user, "file", case=found.case, purpose=found.purpose)
    return download(found)


def download(file: StoredFile) -> FileResponse:
    """A stored file as an attachment that a browser will neither guess about nor run."""
    return _attachment(default_storage.open(file.path, "rb"), file.name, file.content_type)


def given_to_agency(document: Document) -> FileResponse:
    """What the agency gets that a writ is addressed to: its own copy, or the signed file where there is none.
    Only for that agency, while it may see it; the caller has checked and logged that."""
    assert document.file is not None
    if copies.has_agency_copy(document):
        return _attachment(io.BytesIO(copies.agency_copy(document)), document.file.name, "application/pdf")
    return download(document.given_file or document.file)


def _attachment(content: Any, name: str, content_type: str) -> FileResponse:
    response = FileResponse(content, as_attachment=True, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
