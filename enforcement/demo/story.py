"""The cases of the demo: each is played through the acts on the days it would have happened.

A *chapter* says how far a case has come. Days are counted back from today, so that desks show what is due,
overdue and waiting whenever the demo is loaded.
"""

from enforcement.demo.steps_money import MoneySteps
from enforcement.models import Case

# Chapter and its share of the cases, in the order of a case's path.
CHAPTERS: list[tuple[str, int]] = [
    ("filed", 26),
    ("assigned", 36),
    ("notified", 34),
    ("served", 36),
    ("reported", 22),
    ("found", 22),
    ("controlled", 40),
    ("proposed", 16),
    ("expiring", 10),
    ("objected", 10),
    ("paid_in", 16),
    ("planned", 8),
    ("approved", 6),
    ("ordered", 6),
    ("lifting", 6),
    ("closed", 24),
]
# How long ago a case of each chapter was filed (days): from, to.
AGES = {
    "filed": (0, 5),
    "assigned": (3, 12),
    "notified": (3, 13),
    "served": (8, 20),
    "reported": (30, 60),
    "found": (38, 75),
    "controlled": (45, 150),
    "proposed": (40, 90),
    "expiring": (352, 372),
    "objected": (52, 95),
    "paid_in": (48, 120),
    "planned": (52, 120),
    "approved": (80, 130),
    "ordered": (80, 130),
    "lifting": (85, 140),
    "closed": (95, 180),
}
_CONTROL = ["assign", "notify", "serve", "report", "find", "freeze"]
_STEPS: dict[str, list[str]] = {
    "filed": [],
    "assigned": ["assign"],
    "notified": ["assign", "notify"],
    "served": ["assign", "notify", "serve"],
    "reported": ["assign", "notify", "serve", "report", "tidy"],
    "found": ["assign", "notify", "serve", "report", "tidy", "find"],
    "controlled": [*_CONTROL, "tidy"],
    "proposed": ["assign", "notify", "serve", "report", "find", "propose"],
    "expiring": ["assign", "find", "freeze", "notify", "serve", "report", "tidy"],
    "objected": [*_CONTROL, "tidy", "object"],
    "paid_in": [*_CONTROL, "tidy", "receive"],
    "planned": [*_CONTROL, "tidy", "receive", "plan"],
    "approved": [*_CONTROL, "tidy", "receive", "approve_plan"],
    "ordered": [*_CONTROL, "tidy", "receive", "approve_plan", "order"],
    "lifting": [*_CONTROL, "tidy", "receive_all", "approve_plan", "order", "confirm", "lift"],
    "closed": [
        *_CONTROL,
        "tidy",
        "receive_all",
        "approve_plan",
        "order",
        "confirm",
        "lift",
        "confirm_lift",
        "serve_rest",
        "close",
    ],
}


class Story(MoneySteps):
    """Plays cases at one court with its people."""

    def play(self, chapter: str, number: int) -> Case:
        """One case up to the end of a chapter."""
        first, last = AGES[chapter]
        self.age = self.chance.randint(first, last)
        self.serial = number
        self.day = self.age
        case = self._file()
        for step in _STEPS[chapter]:
            getattr(self, f"_{step}")(case)
        return case
