"""What systems of agencies read: their inbox, one request with its writs, and the feed."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, serializers
from rest_framework.response import Response

from enforcement.api.endpoint import (
    LARGEST_PAGE,
    Endpoint,
    PageQuery,
    is_known,
    mark,
    moment,
    not_modified,
    position,
    row_id,
)
from enforcement.api.problems import NotReady
from enforcement.api.schema import IF_NONE_MATCH
from enforcement.engine.history import canonical, plain
from enforcement.files import open_file
from enforcement.models import DocumentState
from enforcement.queries import readers
from enforcement.writs import copies
from law import clock
from linkage import envelope, signatures
from linkage.api import shapes
from linkage.queries import feeds, portal

READ = "linkage:read"
TAG_PATTERN = '^"[0-9a-f]{32}"$'
TAG = OpenApiParameter(
    "ETag",
    {"type": "string", "pattern": TAG_PATTERN},
    OpenApiParameter.HEADER,
    response=["200"],
    description=gettext_lazy("Changes with anything below it."),
)


class LinkageEndpoint(Endpoint):
    """A client that may see a matter's requests only if its scopes name the matter."""

    tag = "linkage"

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, feeds.OtherMatter):
            error = exceptions.PermissionDenied(
                _("This client system is not let to the matter %(matter)s.") % {"matter": error}, "scope"
            )
        return super().handle_exception(error)


class InboxQuery(PageQuery):
    """Which requests."""

    view = serializers.ChoiceField(
        choices=["waiting", "answered"],
        default="waiting",
        required=False,
        help_text=gettext_lazy("Those that wait, most urgent first; or those answered, latest first."),
    )
    matter = serializers.RegexField(
        r"^[A-Z-]{1,24}\*?$",
        required=False,
        help_text=gettext_lazy("A matter or a beginning: `BANK-INQ-DEP`, `BANK-*`."),
    )
    agency = serializers.SlugField(
        required=False, max_length=40, help_text=gettext_lazy("Code of the agency or of one branch.")
    )
    due_before = serializers.DateField(required=False)


def whole(part: Any) -> Any:
    """A day in a cursor."""
    return serializers.DateField().to_internal_value(part)


class Requests(LinkageEndpoint):
    """Requests addressed to the client's agency and its branches."""

    scopes = {"GET": READ}
    query = InboxQuery
    operations = {"GET": "list_requests"}
    summaries = {"GET": gettext_lazy("Requests of courts to the agency")}
    gives = {"GET": {200: shapes.RequestPage}}

    def get(self, request: Any) -> Response:
        asked = self.asked
        kinds = (row_id, whole, row_id) if asked["view"] == "waiting" else (moment, row_id)

        def rows(*, after: tuple[Any, ...] | None, size: int) -> feeds.Rows:
            return feeds.requests(
                request.user,
                request.auth.matters,
                view=asked["view"],
                matter=asked.get("matter", ""),
                agency=asked.get("agency", ""),
                due_before=asked.get("due_before"),
                after=after,
                size=size,
            )

        return self.page(request, rows, *kinds)


class RequestDetail(LinkageEndpoint):
    """One request in full. Whoever reads it has received it."""

    scopes = {"GET": READ}
    operations = {"GET": "read_request"}
    summaries = {"GET": gettext_lazy("One request")}
    headers_of = {"GET": [IF_NONE_MATCH, TAG]}
    gives = {"GET": {200: shapes.RequestDetail, 304: None}}

    def get(self, request: Any, uid: UUID) -> Response:
        order, row = feeds.request_row(request.user, uid, request.auth.matters)
        tag = f'"{hashlib.sha256(canonical(plain(row))).hexdigest()[:32]}"'
        if is_known(request, tag):
            return not_modified(tag)
        readers.note(request.user, "request", case=order.case, purpose=order.number)
        return Response(row, headers={"ETag": tag})


class DocumentContent(LinkageEndpoint):
    """A writ that goes with a request, as PDF; the agency's own copy where there is one."""

    scopes = {"GET": READ}
    may_answer = (409,)
    operations = {"GET": "read_request_document"}
    summaries = {"GET": gettext_lazy("The PDF of a writ that goes with a request")}
    gives = {"GET": {(200, "application/pdf"): OpenApiTypes.BINARY}}

    def get(self, request: Any, uid: UUID, document: UUID) -> HttpResponse | FileResponse:
        order, found = feeds.writ(request.user, uid, document, request.auth.matters)
        if portal.time_is_over(order):
            raise exceptions.NotFound
        if found.given_file is None or found.state != DocumentState.READY:
            raise NotReady(_("The document is still being made. Ask again in a few seconds."))
        response: HttpResponse | FileResponse
        if copies.has_agency_copy(found):
            try:
                response = HttpResponse(copies.agency_copy(found), content_type="application/pdf")
            except copies.NotMadeYet:
                raise NotReady(_("The document is still being made. Ask again in a few seconds.")) from None
        else:
            response = FileResponse(open_file(found.given_file), content_type="application/pdf")
        readers.note(request.user, f"document:{found.writ}"[:40], case=order.case, purpose=order.number)
        name = quote(f"{found.number}-{found.writ}.pdf")
        response["Content-Disposition"] = f"attachment; filename=\"{document}.pdf\"; filename*=UTF-8''{name}"
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response


class Feed(LinkageEndpoint):
    """What the agency was told, in the order in which it was told; nothing is ever skipped."""

    scopes = {"GET": READ}
    query = PageQuery
    operations = {"GET": "read_feed"}
    summaries = {"GET": gettext_lazy("Everything the agency was told, behind a cursor")}
    descriptions = {
        "GET": gettext_lazy(
            "Keep `cursor` and send it the next time, also when nothing came. What was read has arrived."
        )
    }
    gives = {"GET": {200: shapes.FeedPage}}

    def get(self, request: Any) -> Response:
        cursor = self.asked.get("cursor")
        size = min(self.asked["page_size"], LARGEST_PAGE)
        after = position(cursor, row_id, row_id)
        found = feeds.feed(request.user, request.auth.matters, after=after, size=size)
        now = clock.now()
        entries = []
        for dispatch in found.dispatches:
            event = envelope.event(dispatch)
            headers = signatures.sign(event["id"], now, canonical(event))
            entries.append({"event": event, "headers": headers})
        last = found.dispatches[-1] if found.dispatches else None
        return Response(
            {
                "results": entries,
                "cursor": mark((last.transaction, last.pk)) if last is not None else cursor,
                "more": found.more,
            }
        )


class Keys(LinkageEndpoint):
    """The public keys that our signatures are checked with; the first is the current one."""

    scopes = {"GET": READ}
    operations = {"GET": "list_our_keys"}
    summaries = {"GET": gettext_lazy("Public keys of this system")}
    gives = {"GET": {200: shapes.OurKeys}}

    def get(self, request: Any) -> Response:
        keys = signatures.our_keys().items()
        return Response(
            {"results": [{"id": name, "algorithm": "ed25519", "public_key": key} for name, key in keys]}
        )
