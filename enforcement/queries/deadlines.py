"""Why a deadline ends when it does: rule, start, what stood still, calendar, step by step (为什么)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext

from directory.models import Person
from enforcement.engine import OutOfSight
from enforcement.engine.opening import calendar_of
from enforcement.models import Case, Deadline
from enforcement.queries import words
from law.deadlines import DeadlineError, basis


@dataclass
class Why:
    """The computation of one deadline in words. ``steps`` is empty where a writ names the day itself."""

    deadline: Deadline
    case: Case
    name: str
    basis: list[str]
    trigger: str
    steps: list[str]
    suspensions: list[dict[str, str]]
    act_by: date | None
    opened_by: str
    act_title: str
    verified: bool
    source: str


def why(person: Person, uid: UUID, key: int) -> Why:
    """How the day of a deadline comes about. Raises ``OutOfSight``."""
    case = Case.objects.visible_to(person).filter(uid=uid).select_related("court__parent__parent").first()
    deadline = (
        Deadline.objects.filter(case=case, pk=key).select_related("opened_by", "closed_by", "owner").first()
        if case is not None
        else None
    )
    if case is None or deadline is None:
        raise OutOfSight
    rule = deadline.definition
    steps, act_by = [], None
    if deadline.calendar_version:
        spans = [
            (date.fromisoformat(span["first"]), date.fromisoformat(span["last"]))
            for span in deadline.suspensions
        ]
        try:
            due = rule.due(
                deadline.starts_on,
                calendar=calendar_of(case.court),
                length=deadline.length,
                suspensions=spans,
            )
        except DeadlineError as error:
            steps = [error.sentence.render(gettext)]
        else:
            steps, act_by = [step.render(gettext) for step in due.steps], due.act_by
    return Why(
        deadline=deadline,
        case=case,
        name=words.rule_name(deadline.rule),
        basis=[words.citation(one) for one in basis(rule)],
        trigger=rule.trigger,
        steps=steps,
        suspensions=deadline.suspensions,
        act_by=act_by,
        opened_by=words.act_title(deadline.opened_by.act),
        act_title=words.act_title(deadline.act) if deadline.act else "",
        verified=rule.verified,
        source=rule.source,
    )
