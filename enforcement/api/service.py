"""The interface's own description, and the answer for addresses that don't exist."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from enforcement.api.endpoint import Endpoint


@lru_cache(maxsize=8)
def _described(language: str) -> bytes:
    """The schema in one language; it changes only with the code."""
    schema = SchemaGenerator(patterns=None).get_schema(request=None, public=True)
    return bytes(OpenApiJsonRenderer().render(schema, renderer_context={}))


class Schema(Endpoint):
    """OpenAPI 3.1; shapes only, so everybody may read it."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    throttle_classes: list[Any] = []
    http_method_names = ["get"]
    schema = None  # type: ignore[assignment]

    def get(self, request: Any) -> HttpResponse:
        return HttpResponse(_described(get_language() or ""), content_type="application/vnd.oai.openapi+json")


class Nothing(Endpoint):
    """Whatever isn't an address of ours: 404 in the same words as what is out of sight."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    throttle_classes: list[Any] = []
    schema = None  # type: ignore[assignment]

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        raise Http404

    def get(self, request: Any) -> Response:
        raise Http404
