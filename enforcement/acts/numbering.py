"""Serial numbers of cases (编号): from 1 for each court, type and year, never used again."""

from django.db.models import F

from directory.models import Court
from enforcement.models import CaseNumberCounter


def next_serial(court: Court, type_code: str, year: int) -> int:
    """The next serial of a court's counter; two acts at the same moment get two numbers."""
    counter, _created = CaseNumberCounter.objects.get_or_create(court=court, type_code=type_code, year=year)
    CaseNumberCounter.objects.filter(pk=counter.pk).update(last=F("last") + 1)
    counter.refresh_from_db(fields=["last"])
    return counter.last
