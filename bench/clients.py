"""A client system for the figures, and its bearer token."""

import secrets
from datetime import timedelta
from functools import cache

from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from directory.models import ClientSystem, Person

SCOPES = ["cases:read", "cases:act", "cases:decide", "calculators"]


@cache
def bearer() -> str:
    """A token that outlives the run, of a system that acts as the officer."""
    person = Person.objects.get(username="bench-system")
    system = ClientSystem.objects.filter(person=person).first()
    if system is None:
        application = Application.objects.create(
            name="bench",
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        )
        system = ClientSystem.objects.create(application=application, person=person, scopes=SCOPES)
    token = secrets.token_urlsafe(32)
    # OAuth tokens live by the machine's clock, as the library that checks them does.
    AccessToken.objects.create(
        application_id=system.application_id,
        token=token,
        expires=timezone.now() + timedelta(days=1),
        scope=" ".join(SCOPES),
    )
    return token
