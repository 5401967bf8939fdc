"""Who is admitted to an act, and when: visible, duty, separation, stage, input, the act's own check."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import structlog
from django.utils.translation import gettext as _

from directory.models import CLASS_OF, Court, Duty, Person
from enforcement.engine import opening
from enforcement.engine.act import Act, Run, Subject
from enforcement.engine.effects import Effects
from enforcement.engine.refusal import Refused
from enforcement.models import Case
from law import clock
from law.citations import CPL, DECISION_2011

log = structlog.get_logger("engine")


def fresh(actor: Person) -> Person:
    """The person without what was remembered about them: duties end at any moment."""
    for name in ("duties", "agency_duties", "_granted_cases"):
        actor.__dict__.pop(name, None)
    return actor


def open_subject(
    act: type[Act],
    subject: Case | Court,
    actor: Person,
    event_uid: uuid.UUID,
    key: str | None,
    data: Mapping[str, Any],
) -> opening.Opened:
    """Lock the case or register the act is on. Raises ``OutOfSight``."""

    def admits(case: Case | None, court: Court) -> Duty | None:
        return act.admits(case, court, actor, data)

    if act.opens_case:
        assert isinstance(subject, Court)
        return opening.open_new_case(subject, actor, event_uid, key)
    if act.subject is Subject.COURT:
        assert isinstance(subject, Court)
        return opening.open_court(subject, actor, event_uid, key, admits)
    assert isinstance(subject, Case)
    # A case that was not loaded (a call over REST) is named by its public id alone.
    return opening.open_case(subject.pk or subject.uid, actor, event_uid, key, admits)


def admitted_duty(act: type[Act], opened: opening.Opened, actor: Person, wanted: frozenset[Duty]) -> Duty:
    """The duty under which the person does the act. Raises ``Refused``: none, recused, or another power."""
    if act.by_system and actor.kind == "system":
        return Duty.COMMAND
    duty = opening.duty_for(act, opened, actor, wanted)
    if duty is None:
        log.warning("denied", act=act.code, actor=actor.pk, reason="duty")
        names = ", ".join(str(one.label) for one in sorted(wanted))
        on_case = act.subject is Subject.CASE and not act.opens_case
        reason = (
            _("“%(act)s” is for: %(duties)s. You hold no such duty on this case.")
            if on_case
            else _("“%(act)s” is for: %(duties)s. You hold no such duty at this court.")
        )
        raise Refused(reason % {"act": act.title, "duties": names}, act.basis, code="duty")
    if opened.recused:
        raise Refused(_("You are recused from this case and can't act on it."), CPL.art(47), code="recused")
    duty_class = CLASS_OF.get(duty)
    if duty_class is not None and any(other != duty_class for other in opened.classes):
        log.warning("denied", act=act.code, actor=actor.pk, reason="separation")
        raise Refused(
            _(
                "You took part in this case in another power."
                " Implementation, review and supervision of one case stay apart."
            ),
            DECISION_2011.art("三"),
            code="separation",
        )
    return duty


def begin(
    opened: opening.Opened, actor: Person, duty: Duty, key: str | None, proposer: Person | None = None
) -> Run:
    """A run of now, on what was opened."""
    at = clock.now()
    day = clock.legal_day(at)
    return Run(
        case=opened.case,
        register=opened.register,
        court=opened.court,
        actor=actor,
        duty=duty,
        at=at,
        day=day,
        effects=Effects(event_id=opened.event_id, at=at, day=day, calendar=opened.calendar),
        proposer=proposer,
        key=key,
    )


def check_stage(act: type[Act], case: Case | None) -> None:
    """Raises ``Refused`` where the law does not know the act at the case's stage."""
    if case is not None and not act.opens_case and case.stage not in act.stages:
        raise Refused(
            _("“%(act)s” is not lawful at this stage (%(stage)s).")
            % {"act": act.title, "stage": case.get_stage_display()},
            act.basis,
            code="stage",
        )


def checked_input(act: type[Act], run: Run, data: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The act's input with its valid values. Raises ``ValidationError``."""
    serializer = act.Input(
        data=data,
        context={
            "case": None if act.opens_case else run.case,
            "actor": run.actor,
            "court": run.court,
            "run": run,
        },
    )
    serializer.is_valid(raise_exception=True)
    return serializer, serializer.validated_data


def check(instance: Act, case: Case | None, valid: dict[str, Any]) -> None:
    """What the act itself asks for. Raises ``Refused``."""
    instance.ready(case)
    instance.check(case, valid)
