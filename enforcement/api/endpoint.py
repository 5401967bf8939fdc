"""What all endpoints share: JSON only, declared query parameters only, keyset pages, entity tags."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.response import Response
from rest_framework.views import APIView

from enforcement.api.problems import BadRequest
from enforcement.api.schema import ApiSchema
from enforcement.queries.feeds import Rows

PAGE = 50
LARGEST_PAGE = 100
LONGEST_KEY = 80
KEY = re.compile(r"[\x21-\x7e]{1,80}")
TAG = re.compile(r'"(\d{1,9})"')


class AlwaysJSON(BaseContentNegotiation):
    """There is one representation; asking for another changes nothing."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        wanted = (request.content_type or "").split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == wanted), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class NoQuery(serializers.Serializer):
    """No query parameters. Unknown ones are refused: a slip is not taken for "everything"."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError(
                {name: [_("There is no such parameter here.")] for name in unknown}
            )
        twice = sorted(name for name in data if len(data.getlist(name)) > 1)
        if twice:
            raise serializers.ValidationError({name: [_("Give this parameter once.")] for name in twice})
        return super().to_internal_value(data)


class PageQuery(NoQuery):
    """Which page of a list."""

    cursor = serializers.CharField(
        required=False, max_length=200, help_text=gettext_lazy("The `next_cursor` of the page before.")
    )
    page_size = serializers.IntegerField(
        required=False,
        min_value=1,
        default=PAGE,
        help_text=gettext_lazy("Rows per page, 50 unless told; more than 100 gives 100."),
    )


class Endpoint(APIView):
    """A view that declares ``scopes`` by method; a method it doesn't name answers 405."""

    scopes: Mapping[str, str] = {}
    query: type[NoQuery] = NoQuery
    content_negotiation_class = AlwaysJSON
    schema = ApiSchema()

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.asked = self._read_query(request)

    def _read_query(self, request: Any) -> dict[str, Any]:
        if not request.query_params and self.query is NoQuery:
            return {}
        read = self.query(data=request.query_params)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)

    # --- pages --------------------------------------------------------------------------------
    def page(
        self, request: Any, rows: Callable[..., Rows], *kinds: Callable[[Any], Any], **headers: str
    ) -> Response:
        """Answer one page. ``rows`` takes ``after`` and ``size``; ``kinds`` read the parts of the cursor."""
        size = min(self.asked["page_size"], LARGEST_PAGE)
        found = rows(after=position(self.asked.get("cursor"), *kinds), size=size)
        return Response(self.shown(request, found), headers=headers)

    def shown(self, request: Any, found: Rows) -> dict[str, Any]:
        """Rows with where to go on."""
        cursor = mark(found.last) if found.last is not None else None
        following = None
        if cursor is not None:
            kept = {name: request.query_params[name] for name in request.query_params if name != "cursor"}
            following = f"{request.path}?{urlencode(kept | {'cursor': cursor})}"
        return {"results": found.rows, "next_cursor": cursor, "next": following}


def mark(last: tuple[Any, ...]) -> str:
    """A position as a cursor."""
    parts = [part.isoformat() if isinstance(part, date | datetime) else part for part in last]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def position(cursor: str | None, *kinds: Callable[[Any], Any]) -> tuple[Any, ...] | None:
    """The position a cursor stands for; a forged one only moves within what is seen.

    Raises ``BadRequest``.
    """
    if not cursor:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(kind(part) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, binascii.Error):
        sentence = _("This cursor is not one of ours. Begin again without it.")
        raise BadRequest(sentence, "cursor", {"cursor": [sentence]}) from None


def row_id(part: Any) -> int:
    """A row's number in a cursor."""
    if not isinstance(part, int) or not 0 <= part < 2**63:
        raise ValueError
    return part


def moment(part: Any) -> datetime:
    """A time in a cursor."""
    found = datetime.fromisoformat(part)
    if found.tzinfo is None:
        raise ValueError
    return found


# --- headers ------------------------------------------------------------------------------------
def entity_tag(event_count: int) -> str:
    """The tag of a case: how many events it has. It changes with each act and with nothing else."""
    return f'"{event_count}"'


def is_known(request: Any, tag: str) -> bool:
    """Whether the caller already has what this tag stands for."""
    sent = request.headers.get("If-None-Match", "")
    return any(part.strip().removeprefix("W/") in (tag, "*") for part in sent.split(","))


def not_modified(tag: str) -> Response:
    """304 without a body."""
    return Response(status=304, headers={"ETag": tag})


def idempotency_key(request: Any) -> str:
    """The caller's key of this act. Raises ``BadRequest``."""
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise BadRequest(
            _(
                "Send the header Idempotency-Key with 1 to %(most)s visible ASCII characters: one key for one"
                " act, the same key when you repeat it."
            )
            % {"most": LONGEST_KEY},
            "idempotency-key",
        )
    return key


def seen_events(request: Any) -> int | None:
    """How many events of the case the caller had seen (If-Match); ``None`` if they don't say.

    Raises ``BadRequest``.
    """
    sent = request.headers.get("If-Match")
    if sent is None or sent.strip() == "*":
        return None
    match = TAG.fullmatch(sent.strip())
    if match is None:
        raise BadRequest(_('If-Match holds one entity tag of the case, such as "12".'), "if-match")
    return int(match[1])


def json_object(request: Any) -> dict[str, Any]:
    """The body as an object. Raises ``BadRequest``."""
    data = request.data
    if not isinstance(data, Mapping):
        raise BadRequest(_("The body is a JSON object with named fields."), "unreadable")
    return dict(data)
