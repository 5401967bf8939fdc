"""One box: case numbers, names, identity numbers and credit codes, accounts and register numbers."""

import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet

from directory.models import Person
from directory.sealing import blind_index
from enforcement.engine.history import mask
from enforcement.models import Asset, Case, Party
from enforcement.queries import case_filters, cases, readers
from law import case_numbers, identity

MOST = 50
NUMBERS_PER_HOUR = 30
BY_IDENTITY, BY_ACCOUNT, BY_NAME = "search.identity", "search.account", "search.name"


@dataclass
class Found:
    """What a search found. ``how`` says by what; ``more`` that there is more than shown; ``limited`` that the
    hour's searches by identity or account number are used up."""

    text: str
    cases: list[Case] = field(default_factory=list)
    how: str = ""
    exact: bool = False
    more: bool = False
    limited: bool = False


def search(person: Person, text: str) -> Found:
    """Cases that match, as far as the person sees them. Looking up a person is itself written down."""
    text = unicodedata.normalize("NFKC", text).strip()[:100]
    if not text:
        return Found("")
    try:
        number = case_numbers.parse(text)
    except case_numbers.CaseNumberError:
        number = None
    if number is not None:
        return _found(person, text, Q(number=str(number)), "number", exact=True)
    kind = _kind_of(text)
    if kind is not None:
        return _by_number(person, text, kind)
    registered = Q(pk__in=Asset.objects.filter(register_number__iexact=text).values("case_id"))
    if any(character.isdigit() for character in text) and case_filters.number_term(text) is None:
        return _found(person, text, registered, "register")
    how = "number" if case_filters.number_term(text) else "name"
    if how == "name":
        readers.note(person, BY_NAME, purpose=text)
    return _found(person, text, case_filters.matching(text), how)


def is_personal_number(text: str) -> bool:
    """Whether a text is a whole identity, credit-code or account number: it must not stand in an address."""
    return _kind_of(unicodedata.normalize("NFKC", text).strip()[:100]) is not None


def _kind_of(text: str) -> str | None:
    """Whether a text is a whole identity number, credit code or account number."""
    number = identity.normalise(text)
    for check, kind in (
        (identity.check_resident_number, "identity"),
        (identity.check_credit_code, "identity"),
    ):
        try:
            check(number)
        except identity.IdentityError:
            continue
        return kind
    return "account" if number.isascii() and number.isdigit() and 12 <= len(number) <= 34 else None


def _by_number(person: Person, text: str, kind: str) -> Found:
    """An exact search by a personal number: limited by the hour, and written down whatever it finds."""
    if readers.count_since(person, (BY_IDENTITY, BY_ACCOUNT), timedelta(hours=1)) >= NUMBERS_PER_HOUR:
        return Found(text, limited=True)
    number = identity.normalise(text)
    index = blind_index(number, kind=kind)
    readers.note(person, BY_IDENTITY if kind == "identity" else BY_ACCOUNT, purpose=mask(kind, number))
    rows: QuerySet[Any, Any]
    if kind == "identity":
        rows = Party.objects.filter(identity_index=index).values("case_id")
    else:
        rows = Asset.objects.filter(account_index=index).values("case_id")
    return _found(person, mask(kind, number), Q(pk__in=rows), kind)


def _found(person: Person, text: str, which: Q, how: str, *, exact: bool = False) -> Found:
    rows = (
        Case.objects.visible_to(person)
        .filter(which)
        .select_related("implementer", "court")
        .defer("search_terms")
        .order_by("-filed_on", "-pk")
    )
    found = list(rows[: MOST + 1])
    cases.with_next_deadline(found[:MOST])
    return Found(text, found[:MOST], how, exact=exact and len(found) == 1, more=len(found) > MOST)
