"""Writs and files, always as a download and never inline; and the public check of a writ."""

from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from enforcement.engine import OutOfSight
from enforcement.models import DocumentState, StoredFile
from enforcement.queries import documents, readers
from enforcement.web.access import Request, public, reads


@require_GET
@reads("documents.document", "readers.note")
def document(request: Request, uid: UUID) -> HttpResponseBase:
    """A writ as PDF; while it is being made, or could not be, a page that says so."""
    found = documents.document(request.user, uid)
    if found.state != DocumentState.READY or found.file is None:
        context = {"document": found, "case": found.case}
        return render(request, "enforcement/documents/waiting.html", context, status=202)
    readers.note(request.user, "document", case=found.case, purpose=found.writ)
    return download(found.file)


@require_GET
@reads("documents.stored_file", "readers.note")
def stored_file(request: Request, uid: UUID) -> HttpResponseBase:
    """A file of a visible case."""
    found = documents.stored_file(request.user, uid)
    readers.note(request.user, "file", case=found.case, purpose=found.purpose)
    return download(found)


def download(file: StoredFile) -> FileResponse:
    """A stored file as an attachment that a browser will neither guess about nor run."""
    response = FileResponse(
        default_storage.open(file.path, "rb"),
        as_attachment=True,
        filename=file.name,
        content_type=file.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@public
@require_GET
@reads("documents.public_document")
def verify(request: Request, uid: UUID) -> HttpResponse:
    """Whether a writ is genuine: number, court, day and hash, nothing about the people in it."""
    try:
        found = documents.public_document(uid)
    except OutOfSight:
        return render(request, "enforcement/documents/verify.html", {"document": None}, status=404)
    return render(request, "enforcement/documents/verify.html", {"document": found})
