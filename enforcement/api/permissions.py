"""Scopes: what a client system may use at all.

What it may do there follows from its person's duties, in the engine.
"""

from typing import Any

import structlog
from django.utils.translation import gettext as _
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.permissions import BasePermission

log = structlog.get_logger("api")


class HasScope(BasePermission):
    """Default deny: a view says ``scopes = {"GET": "cases:read"}``; other methods do not exist."""

    def has_permission(self, request: Any, view: Any) -> bool:
        scopes = getattr(view, "scopes", {})
        if request.method not in scopes:
            raise MethodNotAllowed(request.method)
        if request.user is None or request.auth is None:
            return False
        wanted = scopes[request.method]
        if wanted not in request.auth.scopes:
            log.warning("denied", reason="scope", scope=wanted)
            raise PermissionDenied(
                _("This client system lacks the scope “%(scope)s”.") % {"scope": wanted}, code="scope"
            )
        return True
