"""Documents of cases: what is known of one, and its PDF as a download."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from rest_framework.response import Response

from enforcement.api import shapes
from enforcement.api.endpoint import Endpoint
from enforcement.api.problems import NotReady
from enforcement.files import open_file
from enforcement.queries import documents, feeds, readers


class DocumentDetail(Endpoint):
    """One document; ``state`` says whether its PDF is made already."""

    scopes = {"GET": "cases:read"}
    tag = "documents"
    operations = {"GET": "read_document"}
    summaries = {"GET": gettext_lazy("One document")}
    gives = {"GET": {200: shapes.DocumentRow}}

    def get(self, request: Any, uid: UUID) -> Response:
        return Response(feeds.document_row(documents.document(request.user, uid)))


class DocumentContent(Endpoint):
    """The PDF, as an attachment: it is never shown inside this host's own pages."""

    scopes = {"GET": "cases:read"}
    tag = "documents"
    may_answer = (409,)
    operations = {"GET": "read_document_content"}
    summaries = {"GET": gettext_lazy("The PDF of a document")}
    gives = {"GET": {(200, "application/pdf"): OpenApiTypes.BINARY}}

    def get(self, request: Any, uid: UUID) -> FileResponse:
        found = documents.document(request.user, uid)
        file = documents.current_file(found)
        if file is None:
            raise NotReady(_("The document is still being made. Ask again in a few seconds."))
        readers.note(request.user, f"document:{found.writ}"[:40], case=found.case)
        response = FileResponse(open_file(file), content_type="application/pdf")
        name = f"{found.number}-{found.writ}.pdf"
        response["Content-Disposition"] = (
            f"attachment; filename=\"{uid}.pdf\"; filename*=UTF-8''{quote(name)}"
        )
        response["Content-Length"] = str(file.size)
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response
