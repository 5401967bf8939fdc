"""A person's desk: what is theirs to do, lifting first, with its figures."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from typing import Any

from django.db.models import Q, QuerySet

from directory.models import Duty, Person
from enforcement.models import (
    Balance,
    Case,
    Deadline,
    DeadlineKind,
    DeadlineState,
    LedgerAccount,
    Receipt,
    ReceiptState,
)
from law import clock, deadlines

# More rows than anybody reads; beyond it figures show "99+".
MOST = 200
WEEK = 7
HORIZON = 30
LIFTING_ACTS = {"case.release-all", "measure.release", "measure.confirm-release"}
LIFTING_RULES = {rule.code for rule in deadlines.all_rules() if "release" in rule.code}
PAYABLE = [
    LedgerAccount.TO_DISTRIBUTE,
    LedgerAccount.CREDITORS,
    LedgerAccount.FEE,
    LedgerAccount.REFUND_DEBTOR,
]


def is_lift(deadline: Deadline) -> bool:
    """Whether it is about lifting something from a person: that comes before any restraint."""
    return deadline.act in LIFTING_ACTS or deadline.rule in LIFTING_RULES


@dataclass
class Desk:
    """Open deadlines of one person, and figures that follow from them."""

    person: Person
    today: date
    tasks: list[Deadline] = field(default_factory=list)

    def _due(self, first: int | None, last: int | None) -> list[Deadline]:
        return [
            task
            for task in self.tasks
            if (first is None or task.days_left >= first) and (last is None or task.days_left <= last)
        ]

    @cached_property
    def overdue(self) -> list[Deadline]:
        return self._due(None, -1)

    @cached_property
    def due_today(self) -> list[Deadline]:
        return self._due(0, 0)

    @cached_property
    def this_week(self) -> list[Deadline]:
        return self._due(1, WEEK)

    @cached_property
    def later(self) -> list[Deadline]:
        return self._due(WEEK + 1, None)

    @cached_property
    def to_lift(self) -> list[Deadline]:
        return [task for task in self.tasks if is_lift(task)]

    @cached_property
    def expiring(self) -> list[Deadline]:
        """Terms of measures that end within 30 days."""
        return [task for task in self.tasks if task.kind == DeadlineKind.TERM]

    def shown(self, which: str) -> list[Deadline]:
        """The tasks of one figure; all of them for an unknown word."""
        lists = {
            "overdue": self.overdue,
            "today": self.due_today,
            "week": self.this_week,
            "later": self.later,
            "lift": self.to_lift,
            "expiring": self.expiring,
        }
        return lists.get(which, self.tasks)


def _pools(person: Person) -> Q | None:
    """Tasks nobody owns yet, of the duties the person holds, at the courts where they hold them."""
    pools = None
    for duty, courts in person.duties.items():
        if duty == Duty.IMPLEMENTER:
            continue  # an officer's tasks have an owner as soon as the case has one
        pool = Q(duty=duty, court_id__in=sorted(courts), owner=None)
        pools = pool if pools is None else pools | pool
    return pools


def _running(person: Person) -> list[QuerySet[Deadline]]:
    today = clock.today()
    soon = today + timedelta(days=HORIZON)
    wanted = (
        Q(kind=DeadlineKind.TASK)
        | Q(kind__in=[DeadlineKind.TERM, DeadlineKind.LIMIT], due_on__lte=soon)
        | Q(kind=DeadlineKind.WAIT, due_on__lte=today)
    )
    rows = Deadline.objects.filter(
        wanted, state=DeadlineState.OPEN, case__in=Case.objects.visible_to(person)
    ).order_by("due_on", "pk")
    found = [rows.filter(owner=person)]
    pools = _pools(person)
    if pools is not None:
        found.append(rows.filter(pools))
    return found


def desk(person: Person) -> Desk:
    """What is due from a person: their own deadlines and those of their duties' pools, lifting first."""
    rows = chain.from_iterable(
        queryset.select_related("case").defer("case__search_terms")[:MOST] for queryset in _running(person)
    )
    tasks = sorted(rows, key=lambda task: (not is_lift(task), task.due_on, task.pk))
    return Desk(person, clock.today(), tasks)


def urgent_count(person: Person, most: int = 100) -> int:
    """How many of the person's deadlines are overdue or due today, at most ``most``."""
    today = clock.today()
    return sum(queryset.order_by().filter(due_on__lte=today)[:most].count() for queryset in _running(person))


def money_waiting(person: Person) -> dict[str, Any]:
    """Money that waits for the person: cases of theirs with a balance to pay, unidentified receipts at a
    finance officer's court. Counts, at most 100 each."""
    courts = sorted(person.duties.get(Duty.FINANCE, set()))
    balances = Balance.objects.filter(account__in=PAYABLE, amount__gt=0)
    theirs = Q(case__implementer=person) | Q(court_id__in=courts) if courts else Q(case__implementer=person)
    waiting = (
        balances.filter(theirs, case__isnull=False).order_by().values("case_id").distinct()[:100].count()
    )
    unknown = (
        Receipt.objects.filter(court_id__in=courts, state=ReceiptState.UNIDENTIFIED)[:100].count()
        if courts
        else 0
    )
    return {"cases": waiting, "unidentified": unknown, "total": waiting + unknown}


def open_cases(person: Person) -> int:
    """How many open cases the person implements."""
    return Case.objects.filter(implementer=person).exclude(stage="closed").count()
