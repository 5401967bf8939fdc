"""How endpoints describe themselves (OpenAPI 3.1): every act is an operation with its own input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from enforcement.api import shapes
from enforcement.api.problems import MEDIA_TYPE

# What any endpoint may answer besides its own results.
PROBLEMS = {
    400: _("The request can't be read, or fields are missing or wrong."),
    401: _("No token, or one that no longer holds."),
    403: _("The client lacks the scope, or another person must do it; `code` says which."),
    404: _("It does not exist or is out of sight."),
    405: _("There is no such method here."),
    409: _("The law or the state of the case does not allow it; `rules` names what it rests on."),
    412: _("Somebody acted on the case since the entity tag sent in If-Match."),
    413: _("The file is too large."),
    415: _("Only what the request body names is read."),
    422: _("The idempotency key was used for something else."),
    429: _("Too many requests; Retry-After says when to go on."),
    500: _("Something went wrong here; nothing was done."),
    503: _("The row is in use or the database is away; nothing was done, repeat the request."),
}
EVERYWHERE = (400, 401, 403, 404, 405, 429, 500, 503)
ON_WRITING = (409, 415, 422)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 80, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    required=True,
    description=_("One key for one act. Repeated with the same input it gives the first answer again (200)."),
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    OpenApiParameter.HEADER,
    description=_(
        "Entity tag of the case as last read; the act is refused (412) if anything happened since."
    ),
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=_("Entity tag of what the caller has; unchanged is answered with 304."),
)


def entity_tag_header(*codes: str) -> OpenApiParameter:
    """The tag a response carries."""
    return OpenApiParameter(
        "ETag",
        {"type": "string", "pattern": '^"[0-9]+"$'},
        OpenApiParameter.HEADER,
        response=list(codes),
        description=_("Number of events of the case."),
    )


class ApiSchema(AutoSchema):
    """Reads what a view declares by method (``operations``, ``summaries``, ``takes``, ``gives``)."""

    def get_operation_id(self) -> str:
        return str(self._said("operations"))

    def get_summary(self) -> str | None:
        return str(self._said("summaries"))

    def get_description(self) -> str:  # type: ignore[override]
        descriptions = getattr(self.view, "descriptions", {})
        return str(descriptions.get(self.method, ""))

    def get_tags(self) -> list[str]:
        return [str(getattr(self.view, "tag", ""))]

    def get_override_parameters(self) -> list[Any]:
        parameters = list(getattr(self.view, "headers_of", {}).get(self.method, ()))
        query = getattr(self.view, "query", None)
        if self.method == "GET" and query is not None and query().fields:
            parameters.append(query)
        return parameters

    def get_request_serializer(self) -> Any:
        return getattr(self.view, "takes", {}).get(self.method)

    def get_response_serializers(self) -> Any:
        responses: dict[Any, Any] = dict(self._said("gives"))
        writing = ON_WRITING if self.method == "POST" else ()
        also = getattr(self.view, "may_answer", ())
        for code in sorted({*EVERYWHERE, *writing, *also}):
            responses[(code, MEDIA_TYPE)] = shapes.problem_response(PROBLEMS[code])
        return responses

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        # Acts of different subjects have inputs of the same name; their room and module tell them apart.
        kind = type(serializer)
        name = kind.__qualname__.replace("<locals>", "").replace(".", "")
        room, _dot, module = kind.__module__.partition(".acts.")
        if module:
            name = module.title().replace("_", "") + name
            if room != "enforcement":
                name = room.title() + name
        return str(name)

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False

    def _said(self, name: str) -> Any:
        said: Mapping[str, Any] = getattr(self.view, name)
        return said[self.method]
