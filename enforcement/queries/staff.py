"""People, calendar, clients and corrected texts of a court, for its administrator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import trans_real

from directory.models import ClientSystem, Court, Duty, DutyHolding, LocalDay, Person
from directory.models.people import PersonKind
from enforcement.engine import OutOfSight
from enforcement.engine.opening import calendar_of
from enforcement.models import Event, TranslationCorrection
from enforcement.queries import words
from law import calendar as calendars
from law import clock

HISTORY = 40
TEXTS = 60
STAFF_ACTS = [
    "staff.add-person",
    "staff.give-duty",
    "staff.end-duty",
    "staff.deactivate",
    "staff.sign-in-link",
]


@dataclass
class Happening:
    """An event of the court's register, in words."""

    event: Event
    text: str


@dataclass
class PersonRow:
    person: Person
    current: list[DutyHolding] = field(default_factory=list)
    coming: list[DutyHolding] = field(default_factory=list)
    past: list[DutyHolding] = field(default_factory=list)


def administered(person: Person, *others: Duty) -> Court:
    """The court whose accounts the person administers (or may look at). Raises ``OutOfSight``."""
    court = person.court
    if court is None or not any(person.holds(duty, court.pk) for duty in (Duty.COURT_ADMINISTRATOR, *others)):
        raise OutOfSight
    return court


def may_change(person: Person) -> bool:
    """Whether the person administers the accounts of their court."""
    return person.court_id is not None and person.holds(Duty.COURT_ADMINISTRATOR, person.court_id)


def people(person: Person) -> tuple[Court, list[PersonRow]]:
    """People of the court with the duties they hold, held and will hold. Raises ``OutOfSight``."""
    court = administered(person, Duty.PRESIDENT)
    rows = {
        one.pk: PersonRow(one)
        for one in Person.objects.filter(court=court, kind=PersonKind.HUMAN).order_by("-is_active", "name")
    }
    today = clock.today()
    for holding in DutyHolding.objects.filter(court=court, person__in=rows).order_by("duty"):
        row = rows[holding.person_id]
        if holding.during.lower > today:
            row.coming.append(holding)
        elif holding.during.upper is None or holding.during.upper > today:
            row.current.append(holding)
        else:
            row.past.append(holding)
    return court, list(rows.values())


def history(court: Court, acts: list[str], *, username: str = "") -> list[Happening]:
    """What was done in the court's register, newest first; about one person, if named."""
    events = Event.objects.filter(register__court=court, act__in=acts).select_related("actor").order_by("-id")
    found = []
    for event in events[: HISTORY * 10 if username else HISTORY]:
        if username and event.outcome.get("username") != username:
            continue
        found.append(Happening(event, sentence_of(event)))
        if len(found) == HISTORY:
            break
    return found


def sentence_of(event: Event) -> str:
    """An event as a sentence."""
    from enforcement.engine import act_named

    try:
        return words.sentence(act_named(event.act).summary, event.outcome)
    except KeyError:
        return event.act


@dataclass
class PersonPage:
    court: Court
    row: PersonRow
    history: list[Happening]


def one_person(person: Person, username: str) -> PersonPage:
    """One person of the court with their history. Raises ``OutOfSight``."""
    court, rows = people(person)
    row = next((row for row in rows if row.person.username == username), None)
    if row is None:
        raise OutOfSight
    return PersonPage(court, row, history(court, STAFF_ACTS, username=username))


# --- calendar -------------------------------------------------------------------------------------
@dataclass
class Month:
    number: int
    first: date
    weeks: list[list[dict[str, Any] | None]]


@dataclass
class Year:
    court: Court
    year: int
    published: bool
    months: list[Month]
    local: list[LocalDay]
    history: list[Happening]


def year(person: Person, number: int) -> Year:
    """The days off of a year at the person's court, and its local days with those of the courts above."""
    court = person.court
    if court is None:
        raise OutOfSight
    working = calendar_of(court)
    above = [one.pk for one in court.line().values() if one is not None]
    local = list(LocalDay.objects.filter(court__in=above, day__year=number).select_related("court"))
    named = {one.day: one for one in local}
    months = []
    for month in range(1, 13):
        first = date(number, month, 1)
        days: list[dict[str, Any] | None] = [None] * first.weekday()
        day = first
        while day.month == month:
            off = not working.is_workday(day)
            weekend = day.weekday() >= calendars.SATURDAY
            days.append(
                {
                    "day": day,
                    "off": off,
                    "special": off != weekend,
                    "local": named.get(day),
                    "today": day == clock.today(),
                }
            )
            day += timedelta(days=1)
        days += [None] * (-len(days) % 7)
        months.append(Month(month, first, [days[at : at + 7] for at in range(0, len(days), 7)]))
    return Year(court, number, calendars.covers(number), months, local, history(court, ["calendar.add-day"]))


# --- clients ----------------------------------------------------------------------------------------
def clients(person: Person) -> tuple[Court, list[ClientSystem], list[Happening]]:
    """Client systems of the court. Raises ``OutOfSight``."""
    court = administered(person)
    systems = (
        ClientSystem.objects.filter(person__court=court)
        .select_related("application", "person")
        .prefetch_related("person__holdings")
        .order_by("-is_active", "person__name")
    )
    return court, list(systems), history(court, ["client.add", "client.disable"])


# --- texts ------------------------------------------------------------------------------------------
@dataclass
class Text:
    source: str
    chinese: str
    tibetan: str
    corrected: TranslationCorrection | None


def texts(person: Person, wanted: str, after: int = 0) -> tuple[Court, list[Text], int | None]:
    """Shown texts with Chinese and Tibetan, filtered; each with its correction. Raises ``OutOfSight``."""
    court = administered(person)
    tibetan = _catalogue("bo")
    chinese = _catalogue("zh-hans")
    sources = sorted({*tibetan, *chinese} - {""})
    corrected = {one.source: one for one in TranslationCorrection.objects.filter(language="bo")}
    needle = wanted.casefold().strip()
    found = [
        source
        for source in sources
        if not needle
        or needle in f"{source}\n{chinese.get(source, '')}\n{tibetan.get(source, '')}".casefold()
    ]
    page = found[after : after + TEXTS]
    rows = [
        Text(source, chinese.get(source, ""), tibetan.get(source, ""), corrected.get(source))
        for source in page
    ]
    return court, rows, after + TEXTS if len(found) > after + TEXTS else None


def _catalogue(language: str) -> dict[str, str]:
    """Our own texts of a language: what Django and packages bring along is theirs."""
    ours: dict[str, str] = {}
    own = _own_sources(language)
    for key, text in trans_real.translation(language)._catalog.items():  # type: ignore[attr-defined]
        if isinstance(key, str) and "\x04" not in key and (own is None or key in own):
            ours[key] = text
    return ours


def _own_sources(language: str) -> set[str] | None:
    import gettext as files
    from pathlib import Path

    from django.conf import settings
    from django.utils.translation import to_locale

    path = Path(settings.LOCALE_PATHS[0]) / to_locale(language) / "LC_MESSAGES" / "django.mo"
    if not path.exists():
        return None
    with path.open("rb") as catalogue:
        return {key for key in files.GNUTranslations(catalogue)._catalog if isinstance(key, str)}  # type: ignore[attr-defined]
