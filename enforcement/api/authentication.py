"""Client systems sign in with OAuth 2.0 client credentials and act as their person."""

from __future__ import annotations

from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.views import TokenView
from oauthlib.oauth2.rfc6749.tokens import random_token_generator
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from directory.models import Person
from enforcement.api import certificates
from enforcement.api.throttling import token_rate
from enforcement.queries import clients

log = structlog.get_logger("api")

LONGEST_TOKEN = 400


class ClientAuthentication(BaseAuthentication):
    """A bearer token of a client system that is switched on (one query)."""

    def authenticate(self, request: Any) -> tuple[Person, clients.Bearer] | None:
        header = get_authorization_header(request).split()
        if not header or header[0].lower() != b"bearer":
            return None
        if len(header) != 2 or len(header[1]) > LONGEST_TOKEN:
            raise AuthenticationFailed(_("The bearer token is malformed."))
        try:
            found = clients.bearer(header[1].decode("latin-1"), certificates.presented(request.META))
        except clients.OtherCertificate as error:
            log.warning("other_certificate", client=str(error))
            raise AuthenticationFailed(
                _("The token was given to a connection with another client certificate.")
            ) from None
        if found is None:
            raise AuthenticationFailed(
                _("The token is unknown, has run out, or its client was switched off. Ask for a new one.")
            )
        structlog.contextvars.bind_contextvars(client=found.client)
        return found.person, found

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="zhixing"'


def token_bound_to_certificate(request: Any, refresh_token: bool = False) -> str:
    """A new token; one asked for over a connection with a client certificate names it (RFC 8705)."""
    token: str = random_token_generator(request)
    certificate = certificates.presented(request.headers)
    return f"{token}.{certificate}" if certificate else token


class ClientCredentialsOnly(OAuth2Validator):
    """The one grant there is: a confidential client, switched on, asking for scopes it was given."""

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        if not super().authenticate_client(request, *args, **kwargs):
            return False
        asked = clients.certificates_of(request.client.pk)
        if asked and certificates.presented(request.headers) not in asked:
            log.warning("other_certificate", client=request.client.client_id)
            return False
        return clients.client_may_sign_in(request.client.pk)

    def authenticate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        return False

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        return grant_type == "client_credentials" and super().validate_grant_type(
            client_id, grant_type, client, request, *args, **kwargs
        )

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        return set(scopes) <= set(clients.scopes_of(client.pk))

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        return clients.scopes_of(request.client.pk)


class ClientToken(TokenView):
    """``POST /api/token/``: a token for ten minutes. Errors are those of RFC 6749, not problem details."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rest = token_rate(request)
        if rest is not None:
            response = JsonResponse(
                {"error": "slow_down", "error_description": _("Too many requests for a token. Wait.")},
                status=429,
            )
            response["Retry-After"] = str(int(rest) + 1)
            return response
        if request.content_type != "application/x-www-form-urlencoded":
            return JsonResponse(
                {
                    "error": "invalid_request",
                    "error_description": _("Send the fields as application/x-www-form-urlencoded."),
                },
                status=400,
            )
        response = self.authorization_flow_token_response(request)
        response["Content-Type"] = "application/json"
        response["Cache-Control"] = "no-store"
        return response


class ClientAuthenticationScheme(OpenApiAuthenticationExtension):
    """How the schema describes it."""

    target_class = "enforcement.api.authentication.ClientAuthentication"
    name = "client"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        from oauth2_provider.settings import oauth2_settings

        return {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {"tokenUrl": "/api/token/", "scopes": dict(oauth2_settings.SCOPES)}
            },
        }

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        wanted = getattr(auto_schema.view, "scopes", {}).get(auto_schema.method)
        return {self.name: [wanted] if wanted else []}
