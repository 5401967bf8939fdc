"""Which acts are lawful on a case now, for a person; and why others are not."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from directory.models import CLASS_OF, Duty, Person
from enforcement.engine.act import Act, Run, Subject, all_acts
from enforcement.engine.effects import Effects
from enforcement.engine.refusal import Refused
from enforcement.models import Case, Deadline, DeadlineState, Stage
from law import clock
from law.calendar import default

STAGE_ORDER = list(Stage)


@dataclass
class Offer:
    """One act and whether it is possible now. ``due`` is the running deadline it would meet."""

    act: type[Act]
    allowed: bool
    why_not: str = ""
    why_not_basis: tuple[Any, ...] = ()
    due: Deadline | None = None
    duty: Duty | None = None


def offered(case: Any, person: Person) -> list[Offer]:
    """Offers of the acts whose duty the person holds here: first what is possible, by due date.

    Reads only what the workspace has loaded on ``case`` (assignments, deadlines and the rows acts ask for).
    """
    at = clock.now()
    day = clock.legal_day(at)
    # What an act would cause is never written from here; its readiness may only look.
    effects = Effects(event_id=0, at=at, day=day, calendar=default())
    open_deadlines = [deadline for deadline in case.deadlines.all() if deadline.state == DeadlineState.OPEN]
    mine = [part for part in case.assignments.all() if part.person_id == person.pk]
    recused = any(recusal.person_id == person.pk for recusal in case.recusals.all())
    offers = []
    for act in all_acts():
        if act.subject is not Subject.CASE or act.opens_case or not act.by:
            continue
        duty = _duty(act, case, person, mine)
        if duty is None:
            continue
        due = min(
            (deadline for deadline in open_deadlines if deadline.act == act.code),
            key=lambda deadline: deadline.due_on,
            default=None,
        )
        offer = Offer(act, allowed=True, due=due, duty=duty)
        try:
            _possible(act, case, duty, mine, recused)
            run = Run(
                case=case,
                register=None,
                court=case.court,
                actor=person,
                duty=duty,
                at=at,
                day=day,
                effects=effects,
            )
            act(run).ready(case)
        except Refused as refusal:
            offer.allowed = False
            offer.why_not = refusal.reason
            offer.why_not_basis = refusal.basis or act.basis
        offers.append(offer)
    return sorted(
        offers,
        key=lambda offer: (
            not offer.allowed,
            offer.due.due_on if offer.due else clock.today().replace(year=9000),
        ),
    )


def _duty(act: type[Act], case: Any, person: Person, mine: list[Any]) -> Duty | None:
    for duty in sorted(act.by):
        if not person.holds(duty, case.court_id):
            continue
        assigned = any(part.duty == duty and part.until is None for part in mine)
        if duty != Duty.IMPLEMENTER or assigned or not act.needs_assignment:
            return duty
    return None


def _possible(act: type[Act], case: Case, duty: Duty, mine: list[Any], recused: bool) -> None:
    if recused:
        raise Refused(_("You are recused from this case and can't act on it."))
    duty_class = CLASS_OF.get(duty)
    if duty_class is not None and any(part.duty_class != duty_class for part in mine):
        raise Refused(_("You took part in this case in another power."))
    if case.stage not in act.stages:
        later = [stage for stage in STAGE_ORDER if stage in act.stages]
        reason = (
            _("Comes later: at the stage “%(stage)s”.") % {"stage": later[0].label}
            if later and STAGE_ORDER.index(later[0]) > STAGE_ORDER.index(Stage(case.stage))
            else _("Its stage is past (%(stage)s now).") % {"stage": case.get_stage_display()}
        )
        raise Refused(reason, act.basis)
