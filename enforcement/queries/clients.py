"""The client system behind a bearer token, with all that reading on its behalf needs, in one query."""

import hashlib
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, TextField, Value
from django.db.models.functions import Cast, Concat, Now
from oauth2_provider.models import AccessToken

from directory.models import ClientSystem, Duty, DutyHolding, Person
from enforcement.models import CaseGrant
from law import clock


@dataclass(frozen=True)
class Bearer:
    """A live token of a live client system: whom it acts as, and what it may use."""

    person: Person
    scopes: frozenset[str]
    client: str


def bearer(token: str) -> Bearer | None:
    """The bearer of an access token; ``None`` if it is unknown, has run out, or was switched off.

    Nothing is remembered between requests: a client switched off is off with the next request. A token's
    age is the database's business, not the law's, so the database's own clock decides it.
    """
    today = clock.today()
    row = (
        AccessToken.objects.filter(
            token_checksum=hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest(),
            expires__gt=Now(),
            application__client_system__is_active=True,
            application__client_system__person__is_active=True,
        )
        .select_related("application__client_system__person__court")
        .annotate(held=_holdings(today), granted=_grants(today))
        .only(
            "scope",
            "application__client_id",
            "application__client_system__scopes",
            "application__client_system__person",
        )
        .first()
    )
    if row is None:
        return None
    system: ClientSystem = row.application.client_system
    person = system.person
    duties: dict[Duty, set[int]] = {}
    for entry in row.held:
        duty, court = entry.split("|")
        duties.setdefault(Duty(duty), set()).add(int(court))
    # What visible_to would ask for next; an act asks again itself, under its own lock.
    person.__dict__["duties"] = duties
    person.__dict__["_granted_cases"] = list(row.granted)
    # A scope taken from the client is gone at once, whatever its tokens were issued for.
    scopes = frozenset(row.scope.split()) & frozenset(system.scopes)
    return Bearer(person, scopes, row.application.client_id)


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


def _holdings(today: date) -> ArraySubquery:
    holdings = DutyHolding.objects.filter(
        person_id=OuterRef("application__client_system__person_id"),
        court__isnull=False,
        during__contains=today,
    )
    entry = Concat("duty", Value("|"), Cast("court_id", TextField()), output_field=TextField())
    return ArraySubquery(holdings.annotate(entry=entry).values("entry"))


def _grants(today: date) -> ArraySubquery:
    grants = CaseGrant.objects.filter(
        user_id=OuterRef("application__client_system__person_id"), until__gte=today
    )
    return ArraySubquery(grants.values("content_object_id"))
