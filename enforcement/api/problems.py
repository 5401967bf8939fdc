"""Problem details (RFC 9457): what is wrong, where, which rule it rests on, and the id of the request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from enforcement.engine import Conflict, OutOfSight, Refused
from law.citations import Citation
from law.money.errors import FactError

log = structlog.get_logger("api")

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:zhixing:problem:"
# Who may do it is refused as 403; what the state of the case forbids is refused as 409.
WHO_CODES = frozenset({"duty", "separation", "recused", "four-eyes"})
# A row was locked longer than a caller should wait; the same request may be sent again.
BUSY_RETRY_SECONDS = 2


class BadRequest(exceptions.APIException):
    """The request can't be read, whatever the case says (400)."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad-request"

    def __init__(self, detail: str, code: str = "bad-request", errors: Mapping[str, list[str]] | None = None):
        super().__init__(detail, code)
        self.errors = dict(errors or {})


class NotReady(exceptions.APIException):
    """The thing exists and is still being made (409)."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "not-ready"
    wait = 5


def rule(citation: Citation) -> dict[str, Any]:
    """A citation as systems read it; ``verified`` is false where the text itself was not seen."""
    return {
        "instrument": citation.instrument.title_zh,
        "article": citation.article,
        "verified": citation.verified,
        "label": citation.label(get_language() or "zh-hans"),
    }


def request_id() -> str:
    """The id under which the log knows this request."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def problem(
    http_status: int,
    code: str,
    title: str,
    detail: str = "",
    *,
    instance: str = "",
    rules: Iterable[Citation] = (),
    errors: Mapping[str, list[str]] | None = None,
) -> Response:
    """A problem as a response; ``errors`` are sentences by the path of their field."""
    body = {
        "type": TYPE_PREFIX + code,
        "title": title,
        "status": http_status,
        "detail": detail or title,
        "instance": instance,
        "code": code,
        "rules": [rule(citation) for citation in rules],
        "errors": dict(errors or {}),
        "request_id": request_id(),
    }
    return Response(body, status=http_status, content_type=MEDIA_TYPE)


def not_found(instance: str) -> Response:
    """The one answer for what never existed and for what is out of sight."""
    return problem(
        404,
        "not-found",
        _("There is nothing here."),
        _("It does not exist, or it is not yours to see."),
        instance=instance,
    )


def flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Sentences of a validation error by the path of their field: ``parties[1].identity_number``."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            # A list field numbers its errors with integer keys.
            if isinstance(name, int):
                place = f"{path}[{name}]"
            elif name == "non_field_errors":
                place = path or name
            else:
                place = f"{path}.{name}" if path else str(name)
            found |= flat(inner, place)
        return found
    if isinstance(detail, list) and any(isinstance(inner, Mapping) for inner in detail):
        found = {}
        for index, inner in enumerate(detail):
            if inner:
                found |= flat(inner, f"{path}[{index}]")
        return found
    sentences = detail if isinstance(detail, list) else [detail]
    return {path or "non_field_errors": [str(sentence) for sentence in sentences]}


def handler(error: Exception, context: dict[str, Any]) -> Response:
    """Every error of a view as a problem; what nobody foresaw is logged whole and told without a trace."""
    set_rollback()
    request: HttpRequest = context["request"]
    instance = request.path
    if isinstance(error, OutOfSight | Http404 | exceptions.NotFound):
        return not_found(instance)
    if isinstance(error, Refused):
        return _refused(error, request, instance)
    if isinstance(error, FactError):
        errors = {field: [sentence] for field, sentence in error.in_language(_).items()}
        return problem(400, "facts", _("Some facts are missing or wrong."), instance=instance, errors=errors)
    if isinstance(error, exceptions.ValidationError):
        return problem(
            400,
            "invalid",
            _("Some fields are missing or wrong."),
            instance=instance,
            errors=flat(error.detail),
        )
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        return _of_framework(error, instance)
    if isinstance(error, OperationalError):
        log.warning("database_busy", error=type(error).__name__, said=str(error))
        response = problem(
            503,
            "busy",
            _("The row is in use or the database is away. Nothing was done; send the same request again."),
            instance=instance,
        )
        response["Retry-After"] = str(BUSY_RETRY_SECONDS)
        return response
    log.exception("api_failed", path=instance, method=request.method)
    return problem(
        500,
        "internal",
        _("Something went wrong here. Nothing was done; quote the request id when you report it."),
        instance=instance,
    )


def _refused(error: Refused, request: Any, instance: str) -> Response:
    errors = {error.field: [error.reason]} if error.field else {}
    if isinstance(error, Conflict):
        stale = error.code == "stale" and "HTTP_IF_MATCH" in request.META
        http_status = 412 if stale else 422 if error.code == "key-reused" else 409
        title = _("Somebody acted meanwhile.") if error.code == "stale" else _("This can't be done again.")
    elif error.code in WHO_CODES:
        http_status, title = 403, _("Another person must do this.")
    else:
        http_status, title = 409, _("The law does not allow it now.")
    return problem(
        http_status, error.code, title, error.reason, instance=instance, rules=error.basis, errors=errors
    )


def _of_framework(error: exceptions.APIException, instance: str) -> Response:
    code = getattr(error.detail, "code", error.default_code).replace("_", "-")
    response = problem(
        error.status_code,
        code,
        str(error.default_detail if error.status_code == 401 else error.detail),
        str(error.detail),
        instance=instance,
        errors=getattr(error, "errors", None),
    )
    challenge = getattr(error, "auth_header", None)
    if challenge:
        response["WWW-Authenticate"] = challenge
    wait = getattr(error, "wait", None)
    if wait is not None:
        response["Retry-After"] = str(max(1, int(wait + 0.999)))
    return response
