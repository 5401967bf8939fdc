"""How near a duty team is to a place, by division codes (行政区划代码): county, city, region."""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

COUNTY, CITY, REGION = 6, 4, 2
SAME_COUNTY, SAME_CITY, SAME_REGION, ELSEWHERE = range(4)


class Team(Protocol):
    court: Any
    ends_at: Any
    pk: Any


def distance(division: str, other: str) -> int:
    """0 in the same county, 1 in the same city, 2 in the same region, 3 elsewhere."""
    for steps, digits in ((SAME_COUNTY, COUNTY), (SAME_CITY, CITY), (SAME_REGION, REGION)):
        if division[:digits] == other[:digits]:
            return steps
    return ELSEWHERE


T = TypeVar("T", bound=Team)


def by_nearness(division: str, teams: Iterable[T]) -> list[T]:
    """Teams, the nearest first; of equally near ones the one whose turn lasts longer."""
    return sorted(
        teams,
        key=lambda team: (distance(division, team.court.division_code), -team.ends_at.timestamp(), team.pk),
    )
