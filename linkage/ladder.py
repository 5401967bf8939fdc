"""The ladder behind an overdue request (催办、升级): two reminders, superior, conference, penalty.

None of its days is law (``product_deadlines.csv``); a fine needs no reminder before it, only proof that the
order arrived (CPL 117). Days run from the day the agency had to answer by, and that from the day the request
reached it: nobody is late with what they never got. A lifting waits for nobody: one working day, then the
ladder, a step each working day (解除优先).
"""

import enum
from datetime import date, timedelta

from law import clock, deadlines
from law.calendar import Calendar
from linkage.models import Priority, Request

ONE_DAY = timedelta(days=1)


class Step(enum.IntEnum):
    """Steps of the ladder, as ``Request.reminded`` counts them."""

    FIRST = 1
    SECOND = 2
    SUPERIOR = 3
    CONFERENCE = 4
    PENALTY = 5


REMINDERS = (Step.FIRST, Step.SECOND)


def answer_day(request: Request, calendar: Calendar) -> date | None:
    """The last day for the answer, reckoned from arrival; ``None`` while the request did not arrive."""
    if request.delivered_at is None:
        return None
    issued, arrived = clock.legal_day(request.issued_at), clock.legal_day(request.delivered_at)
    last = request.due_on
    if arrived > issued:
        last = max(last, calendar.add_workdays(arrived, calendar.workdays_between(issued, request.due_on)))
    if request.priority == Priority.LIFT and request.answered_at is None:
        last = min(last, deadlines.rule("linkage.release-unconfirmed").due(arrived, calendar=calendar).day)
    return last


def day_of(step: Step, request: Request, calendar: Calendar) -> date | None:
    """The first day on which a reminder is sent of itself; ``None`` for a request that did not arrive."""
    last = answer_day(request, calendar)
    if last is None:
        return None
    if request.priority == Priority.LIFT:
        return last + ONE_DAY if step is Step.FIRST else calendar.add_workdays(last, 2)
    rule = "linkage.urge.first" if step is Step.FIRST else "linkage.urge.second"
    return deadlines.rule(rule).due(last, calendar=calendar).day


def next_reminder(request: Request) -> Step | None:
    """The reminder that comes next; ``None`` after the second or when nothing is waited for."""
    if not request.is_waiting or request.reminded >= Step.SECOND:
        return None
    return Step(request.reminded + 1)


def may_remind(request: Request, calendar: Calendar, today: date, *, by_hand: bool = False) -> Step | None:
    """The reminder that may be sent today. A person may send the first as soon as the answer is late."""
    step = next_reminder(request)
    if step is None:
        return None
    day = day_of(step, request, calendar)
    if by_hand and step is Step.FIRST:
        last = answer_day(request, calendar)
        day = last + ONE_DAY if last is not None else None
    return step if day is not None and today >= day else None
