"""What upper rooms show on pages of this room: parts of a case's page, cards on the desk.

An upper room appends a function when it is loaded. It is called with the person and what the page is about,
and returns a panel or nothing; each costs a constant number of queries.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from directory.models import Person
from enforcement.engine import Offer
from enforcement.models import Case


@dataclass
class Panel:
    """A part of a page: its template, which reads ``panel``, and what it shows."""

    template: str
    data: dict[str, Any] = field(default_factory=dict)


#: Parts of a case's page, by the person, the loaded case and the acts possible on it.
ON_CASE: list[Callable[[Person, Case, list[Offer]], Panel | None]] = []
#: Cards on the desk of a person.
ON_DESK: list[Callable[[Person], Panel | None]] = []


def on_case(person: Person, case: Case, possible: list[Offer]) -> list[Panel]:
    """What upper rooms show on the page of a case."""
    return [panel for show in ON_CASE if (panel := show(person, case, possible)) is not None]


def on_desk(person: Person) -> list[Panel]:
    """What upper rooms show on a person's desk."""
    return [panel for show in ON_DESK if (panel := show(person)) is not None]
