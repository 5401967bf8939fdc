"""The client system behind a bearer token, with all that reading on its behalf needs, in one query."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from directory.models import ClientSystem, Court, Person
from law import clock


@dataclass(frozen=True)
class Bearer:
    """A live token of a live client system: whom it acts as, and what it may use."""

    person: Person
    scopes: frozenset[str]
    client: str
    matters: tuple[str, ...] = ()  # patterns of the matters it is limited to; empty: no limit


MATTER = "matter:"


# Written out: every call begins with it, and putting it together anew took longer than everything else.
BEARER = """
SELECT p.*, t.scope AS token_scope, s.scopes AS client_scopes,
       s.certificates AS certificates, a.client_id AS client_name,
       to_jsonb(c) AS court_row,
       ARRAY(SELECT h.duty || '|' || h.court_id FROM directory_dutyholding h
              WHERE h.person_id = p.id AND h.court_id IS NOT NULL AND h.during @> %(today)s::date) AS held,
       ARRAY(SELECT g.content_object_id FROM enforcement_casegrant g
              WHERE g.user_id = p.id AND g.until >= %(today)s::date) AS granted
  FROM oauth2_provider_accesstoken t
  JOIN oauth2_provider_application a ON a.id = t.application_id
  JOIN directory_clientsystem s ON s.application_id = a.id
  JOIN directory_person p ON p.id = s.person_id
  LEFT JOIN directory_court c ON c.id = p.court_id
 WHERE t.token_checksum = %(checksum)s AND t.expires > statement_timestamp() AND s.is_active AND p.is_active
"""


class OtherCertificate(Exception):
    """The token was given to a connection that showed another certificate."""


def bearer(token: str, certificate: str = "") -> Bearer | None:
    """The bearer of an access token; ``None`` if it is unknown, has run out, or was switched off.

    ``certificate`` is the fingerprint of what the connection showed. Raises ``OtherCertificate``.

    Nothing is remembered between requests: a client switched off is off with the next request. A token's
    age is the database's business, not the law's, so the database's own clock decides it.
    """
    checksum = hashlib.sha256(token.encode()).hexdigest()
    found = list(Person.objects.raw(BEARER, {"checksum": checksum, "today": clock.today()}))
    if not found:
        return None
    person: Any = found[0]
    if person.court_row is not None:
        person.court = Court(**json.loads(person.court_row))
        person.court._state.adding, person.court._state.db = False, person._state.db
    # What visible_to would ask for next; an act asks again itself, under its own lock.
    person.remember(person.held, person.granted)
    if person.certificates and (certificate not in person.certificates or bound_to(token) != certificate):
        raise OtherCertificate(person.client_name)
    # A scope taken from the client is gone at once, whatever its tokens were issued for.
    given = frozenset(json.loads(person.client_scopes))
    scopes = frozenset(person.token_scope.split()) & given
    if person.agency_id is not None:
        # An agency works on what was addressed to it, in its own interface alone.
        scopes = frozenset(scope for scope in scopes if not scope.startswith("cases:"))
    return Bearer(person, scopes, person.client_name, _matters(scopes) or _matters(given))


def _matters(scopes: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(scope.removeprefix(MATTER) for scope in scopes if scope.startswith(MATTER)))


def bound_to(token: str) -> str:
    """The fingerprint a token was given to, which is part of it and so of its checksum; empty without one."""
    return token.partition(".")[2]


def certificates_of(application_id: int) -> list[str]:
    """Fingerprints of the certificates a client system may show; none if none is asked."""
    found = ClientSystem.objects.filter(application_id=application_id).values_list("certificates", flat=True)
    return list(found.first() or [])


def client_may_sign_in(application_id: int) -> bool:
    """Whether an application belongs to a client system that is switched on."""
    return ClientSystem.objects.filter(
        application_id=application_id, is_active=True, person__is_active=True
    ).exists()


def scopes_of(application_id: int) -> list[str]:
    """Scopes a client system was given."""
    return list(
        ClientSystem.objects.filter(application_id=application_id).values_list("scopes", flat=True).first()
        or []
    )
