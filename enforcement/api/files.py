"""Files sent ahead of the act that names them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from enforcement import files
from enforcement.api import shapes
from enforcement.api.endpoint import Endpoint
from enforcement.api.problems import BadRequest
from enforcement.inspection import UnacceptableFile
from enforcement.models import Case
from enforcement.queries import feeds
from law import clock

UPLOAD = {
    "multipart/form-data": {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
        "additionalProperties": False,
    }
}


def sent_file(request: Any) -> Any:
    """The one file of the request. Raises ``BadRequest``."""
    found = request.FILES.getlist("file")
    others = sorted((set(request.FILES) | set(request.data)) - {"file"})
    if len(found) != 1 or others:
        sentence = _("Send exactly one file, in the field “file”, and nothing else.")
        raise BadRequest(sentence, "file", {name: [sentence] for name in others or ["file"]})
    return found[0]


class _Upload(Endpoint):
    scopes = {"POST": "cases:act"}
    parser_classes = [MultiPartParser]
    tag = "files"
    takes = {"POST": UPLOAD}
    gives = {"POST": {201: shapes.StoredFileRow}}

    def keep(self, request: Any, case: Case | None) -> Response:
        """Keep the file; the same bytes sent again give the same entry."""
        try:
            stored = files.store(
                sent_file(request), person=request.user, purpose="proof", case=case, at=clock.now()
            )
        except UnacceptableFile as error:
            raise BadRequest(str(error), "file", {"file": [str(error)]}) from None
        row = {name: getattr(stored, name) for name in ("uid", "name", "content_type", "size", "sha256")}
        return Response(row, status=201)


class CaseFiles(_Upload):
    """A file for an act on a case; the act's field takes its ``uid``."""

    operations = {"POST": "send_case_file"}
    summaries = {"POST": gettext_lazy("Send a file that an act on this case will name")}

    def post(self, request: Any, uid: UUID) -> Response:
        return self.keep(request, feeds.case_named(request.user, uid))


class Files(_Upload):
    """A file for an act at a court."""

    operations = {"POST": "send_file"}
    summaries = {"POST": gettext_lazy("Send a file that an act at a court will name")}

    def post(self, request: Any) -> Response:
        return self.keep(request, None)
