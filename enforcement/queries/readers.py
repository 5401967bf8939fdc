"""Who read what (查阅日志): every opening of a case and every look-up of a person is a row."""

from dataclasses import dataclass
from datetime import timedelta

from directory.models import Duty, Person
from enforcement.engine import OutOfSight
from enforcement.models import Case, ReadLog
from law import clock

PAGE = 50
# The readers of a case are shown to those who answer for it, not to everybody who works on it.
SHOWN_TO = (Duty.SUPERVISOR, Duty.BUREAU_HEAD, Duty.PRESIDENT, Duty.AUDITOR)


@dataclass
class ReadersPage:
    """Readings of one case, newest first; ``after`` names the row the next page begins behind."""

    rows: list[ReadLog]
    after: int | None


def note(person: Person, what: str, *, case: Case | None = None, purpose: str = "") -> None:
    """Write down that a person read something. ``purpose`` never holds a full identity or account number."""
    ReadLog.objects.create(person=person, case=case, at=clock.now(), what=what, purpose=purpose[:300])


def count_since(person: Person, whats: tuple[str, ...], span: timedelta) -> int:
    """How often a person read things of these kinds within the last ``span``."""
    return ReadLog.objects.filter(person=person, what__in=whats, at__gte=clock.now() - span).count()


def may_see_readers(person: Person, case: Case) -> bool:
    """Whether the person answers for the case and so sees who read it."""
    assert case.court is not None
    courts = {court.pk for court in case.court.line().values() if court is not None}
    return any(person.duties.get(duty, set()) & courts for duty in SHOWN_TO)


def readers(person: Person, case: Case, *, after: int | None = None) -> ReadersPage:
    """Who read a case, newest first. Raises ``OutOfSight`` for those who do not answer for it."""
    if not may_see_readers(person, case):
        raise OutOfSight
    rows = ReadLog.objects.filter(case=case).select_related("person__court").order_by("-id")
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows[: PAGE + 1])
    return ReadersPage(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)
