"""Saved filters: a person's names for addresses of the list of cases."""

from django.http import QueryDict

from directory.models import Person
from enforcement.models import SavedFilter
from enforcement.queries.case_filters import CaseFilters

MOST = 20
PAGING = {"after", "before"}


def saved(person: Person) -> list[SavedFilter]:
    """The person's saved filters, by name."""
    return list(SavedFilter.objects.filter(person=person)[:MOST])


def clean(query: str) -> str:
    """A list's query string, known filters only, without its page. Raises DRF's ``ValidationError``."""
    given = QueryDict(query[:500])
    wanted = {name: given[name] for name in given if given[name] and name not in PAGING}
    CaseFilters(data=wanted).is_valid(raise_exception=True)
    kept = QueryDict(mutable=True)
    kept.update(wanted)
    return kept.urlencode()


def save(person: Person, name: str, query: str) -> SavedFilter:
    """Name an address of the list; an existing name gets the new address."""
    row, _created = SavedFilter.objects.update_or_create(
        person=person, name=name.strip()[:40], defaults={"query": clean(query)}
    )
    return row


def forget(person: Person, key: int) -> None:
    """Delete one of the person's own saved filters; anybody else's stays."""
    SavedFilter.objects.filter(person=person, pk=key).delete()
