"""The year's target-responsibility score of an agency (目标责任考核, Decision 四).

The Decision says that carrying out what conferences decide counts in the appraisal, but gives no formula.
Parts and weights are ours, marked so wherever they are shown, and are for the joint conference to set.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

#: Weights of the parts in points; together 100. Ours, not law.
WEIGHTS = {"answers": 40, "tasks": 30, "refusals": 20, "attendance": 10}
NAMES = {
    "answers": _("Answers in time"),
    "tasks": _("Tasks of conferences done in time"),
    "refusals": _("Requests not refused without lawful ground"),
    "attendance": _("Attendance"),
}
assert sum(WEIGHTS.values()) == 100
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Record:
    """What an agency did in a year, as counts.

    ``answers_due`` are requests whose clock ended in the year, ``answered_in_time`` those among them answered
    by their day; likewise tasks. ``answered`` are all requests it answered, ``refused_unlawfully`` refusals
    whose ground the court did not accept. ``called`` are conferences held, ``came`` those it attended or was
    excused from.
    """

    answers_due: int = 0
    answered_in_time: int = 0
    tasks_due: int = 0
    tasks_in_time: int = 0
    answered: int = 0
    refused_unlawfully: int = 0
    called: int = 0
    came: int = 0


@dataclass(frozen=True)
class Part:
    """One part of the score: ``good`` of ``total`` times ``weight`` points; none where nothing was asked."""

    code: str
    good: int
    total: int
    weight: int

    @property
    def name(self) -> object:
        return NAMES[self.code]

    @property
    def counts(self) -> bool:
        return self.total > 0

    @property
    def points(self) -> Decimal | None:
        """Points of this part before weights are shared out anew; ``None`` where nothing was asked."""
        return _rounded(Fraction(self.weight * self.good, self.total)) if self.counts else None


@dataclass(frozen=True)
class Score:
    parts: tuple[Part, ...]

    @property
    def total(self) -> Decimal | None:
        """0.0 to 100.0, to one place: Σ weight × good ÷ total over the parts in which something was asked,
        times 100 ÷ Σ of their weights. ``None`` if nothing was asked at all."""
        counted = [part for part in self.parts if part.counts]
        if not counted:
            return None
        reached = sum((Fraction(part.weight * part.good, part.total) for part in counted), Fraction(0))
        return _rounded(reached * 100 / sum(part.weight for part in counted))


def score(record: Record) -> Score:
    """The score of a record. Raises ``ValueError`` for counts that can't be."""
    parts = tuple(_parts(record))
    for part in parts:
        if not 0 <= part.good <= part.total:
            raise ValueError(f"{part.code}: {part.good} of {part.total} can't be.")
    return Score(parts)


def _parts(record: Record) -> Iterator[Part]:
    pairs = {
        "answers": (record.answered_in_time, record.answers_due),
        "tasks": (record.tasks_in_time, record.tasks_due),
        "refusals": (record.answered - record.refused_unlawfully, record.answered),
        "attendance": (record.came, record.called),
    }
    for code, (good, total) in pairs.items():
        yield Part(code, good, total, WEIGHTS[code])


def _rounded(points: Fraction) -> Decimal:
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    return exact.quantize(TENTH, rounding=ROUND_HALF_UP)
