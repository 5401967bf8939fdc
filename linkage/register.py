"""The register of refusals, delays and interference (登记): how entries are made and ended within acts."""

from datetime import date
from typing import Any

from directory.models import Duty, Person
from enforcement.engine import Act, Run
from enforcement.models import Case
from law import clock
from linkage.models import Difficulty, Ending, Request

DIFFICULTY_RULE = "linkage.difficulty"


def arrived_on(request: Request) -> date | None:
    """The legal day the request reached the agency."""
    return clock.legal_day(request.delivered_at) if request.delivered_at is not None else None


def enter(act: Act | Run, case: Case, **facts: Any) -> Difficulty:
    """Enter a difficulty, numbered within the case, which is locked. ``act`` is the running act, or the run
    of the act that caused it."""
    count = Difficulty.objects.filter(case=case).count() + 1
    return Difficulty.objects.create(
        case=case,
        number=f"D-{act.day.year}-{case.pk:06d}-{count}",
        opened_by_id=act.effects.event_id,
        opened_on=act.day,
        **facts,
    )


def open_task(act: Act | Run, case: Case, difficulty: Difficulty) -> None:
    """Somebody must see to it: escalate, bring it before the conference, have it fined, or end it."""
    act.effects.open_deadline(
        case,
        DIFFICULTY_RULE,
        duty=Duty.IMPLEMENTER,
        act="difficulty.settle",
        subject=difficulty.uid,
        label=f"{difficulty.get_kind_display()} · {difficulty.whose}"[:160],
    )


def end(act: Act | Run, difficulty: Difficulty, ending: Ending, person: Person | None = None) -> None:
    """End an entry; whoever judged it is ``person``, nobody where facts ended it."""
    difficulty.ending, difficulty.ended_on = ending, act.day
    difficulty.ended_by_id = act.effects.event_id
    difficulty.settled_by = person
    difficulty.save(update_fields=["is_lawful", "reply", "ending", "ended_on", "ended_by", "settled_by"])
    act.effects.meet(difficulty.case, DIFFICULTY_RULE, subject=difficulty.uid)
