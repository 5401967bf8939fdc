"""What every page shows around its content: navigation with counts, the person, where they work."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from directory.models import BLIND_DUTIES, COURT_DUTIES, Duty, Person
from enforcement.engine import all_acts
from enforcement.queries import decisions, desk, notices

CAP = 99


@dataclass(frozen=True)
class Place:
    """An entry of the navigation: shown if its address exists, to these duties (or to all)."""

    label: Any
    view: str
    key: str = ""
    group: Any = ""
    duties: frozenset[Duty] = frozenset()


@dataclass(frozen=True)
class Front:
    """What people from outside the court get instead of its own navigation (a portal): their entries with
    counts, where they begin, and what their search box asks."""

    places: list[Place]
    home: str
    search: str
    search_hint: Any
    counts: Callable[[Person], dict[str, tuple[int, bool]]]


#: Each room above may know people of its own: the first that gives a front is theirs.
fronts: list[Callable[[Person], Front | None]] = []


def front_of(person: Any) -> Front | None:
    """The front of somebody from outside the court; ``None`` for members of a court."""
    return next((front for front in (known(person) for known in fronts) if front is not None), None)


SEES_CASES = frozenset(COURT_DUTIES - BLIND_DUTIES)
TOOLS = _("Tools")
COURT = _("Court")
PLACES = [
    Place(_("Desk"), "desk", "g d"),
    Place(_("Cases"), "cases", "g c"),
    Place(_("Decisions"), "decisions", "g a", duties=SEES_CASES),
    Place(_("Notices"), "notices", "g n"),
    Place(_("Money"), "money", "g m", duties=frozenset({Duty.FINANCE, Duty.BUREAU_HEAD, Duty.PRESIDENT})),
    Place(_("Requests"), "court_requests", "g l", duties=SEES_CASES),
    Place(_("Jobs"), "jobs", "g j", duties=SEES_CASES),
    Place(_("Calculators"), "calculators", "g r", TOOLS),
    Place(_("Acts and their basis"), "catalogue", "", TOOLS),
    Place(
        _("People and duties"), "staff", "g p", COURT, frozenset({Duty.COURT_ADMINISTRATOR, Duty.PRESIDENT})
    ),
    Place(_("Calendar"), "calendar", "", COURT, frozenset({Duty.COURT_ADMINISTRATOR})),
    Place(_("Clients"), "clients", "", COURT, frozenset({Duty.COURT_ADMINISTRATOR})),
    Place(_("Translations"), "translations", "", COURT, frozenset({Duty.COURT_ADMINISTRATOR})),
    Place(_("Operations"), "operations", "", COURT, frozenset({Duty.COURT_ADMINISTRATOR, Duty.AUDITOR})),
]


def capped(count: int) -> str:
    """A count as the navigation shows it; nothing for none."""
    return "" if not count else f"{CAP}+" if count > CAP else str(count)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor for ``templates/base.html``; asks the database only if a template looks."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> dict[str, Any]:
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {"nav": [], "person": None, "seat": None}
    duties = " · ".join(str(duty.label) for duty in sorted(person.duties or person.agency_duties))
    seat = " · ".join(filter(None, [str(person.seat or ""), duties]))
    front = front_of(person)
    return {
        "nav": _navigation(request, person, front),
        "person": person,
        "seat": seat,
        "portal": front is not None,
        "search_url": reverse(front.search if front else "search"),
        "search_hint": front.search_hint if front else "",
    }


def _navigation(request: HttpRequest, person: Person, front: Front | None) -> list[dict[str, Any]]:
    counts = front.counts(person) if front else _counts(person)
    held = set(person.duties) | set(person.agency_duties) if front else set(person.duties)
    items = []
    for place in front.places if front else PLACES:
        if place.duties and not place.duties & held:
            continue
        try:
            url = reverse(place.view)
        except NoReverseMatch:
            continue
        home = url == "/" or (front is not None and place.view == front.home)
        current = request.path == url if home else request.path.startswith(url)
        count, hot = counts.get(place.view, (0, False))
        items.append(
            {
                "label": place.label,
                "url": url,
                "key": place.key,
                "group": place.group,
                "current": current,
                "count": capped(count),
                "hot": hot,
            }
        )
    return items


def _counts(person: Person) -> dict[str, tuple[int, bool]]:
    decides = {act.decided_by for act in all_acts()} & set(person.duties)
    return {
        "desk": (desk.urgent_count(person), True),
        "decisions": (decisions.waiting_count(person) if decides else 0, False),
        "notices": (notices.unread_count(person), False),
    }
