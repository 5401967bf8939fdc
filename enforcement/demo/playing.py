"""Playing days: the acts of a case, done by the people of a court on the days they would have been done."""

import random
from datetime import date, datetime, time, timedelta
from typing import Any

from directory.models import Court, Person
from enforcement import engine
from enforcement.models import Case
from law import clock


class Player:
    """Acts at one court through its people. ``day`` counts back from today; a step moves it on."""

    loaded_at: datetime
    age: int  # of the case being played, in days
    day: int

    def __init__(
        self, court: Court, word: str, people: dict[str, Person], chance: random.Random, today: date
    ):
        self.court = court
        self.people = {
            name.split(".")[1]: person for name, person in people.items() if name.startswith(f"{word}.")
        }
        self.chance = chance
        self.today = today
        self.serial = 0

    def _on(self, days_ago: int, hour: int = 0) -> Any:
        moment = time(hour or self.chance.randint(9, 16), self.chance.randint(0, 59))
        day = self.today - timedelta(days=max(days_ago, 0))
        at = datetime.combine(day, moment, tzinfo=clock.SHANGHAI)
        # A demo loaded in the morning must not act in its own afternoon.
        return clock.freeze(min(at, self.loaded_at))

    def _later(self, least: int, most: int) -> int:
        """Move on by some days, never past today; returns days ago."""
        self.day = max(0, self.day - self.chance.randint(least, most))
        return self.day

    def _do(self, code: str, case: Case | Court, who: str, **data: Any) -> engine.Result:
        result = engine.submit(engine.act_named(code), case, self.people[who], data)
        if isinstance(case, Case):
            case.refresh_from_db()
        return result

    def _decide(self, result: engine.Result, who: str) -> None:
        assert result.proposal is not None
        done = engine.decide(result.proposal, self.people[who], approve=True)
        assert done.case is not None
