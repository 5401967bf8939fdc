"""When the disposal of an asset must stand still because of an objection (停止处分).

A third party's objection stops the disposal of its object while it is reviewed (ENFORCEMENT_PROCEDURE 15),
for 15 days after a rejection was served on the third party (CPL_INTERPRETATION 463), and while an action
about it is pending (CPL_INTERPRETATION 313). An objection against conduct stops nothing unless a full
guarantee was accepted (ENFORCEMENT_PROCEDURE 9). Disposal and distribution ask here.
"""

from datetime import date

from django.db.models import Q, QuerySet

from directory.models import Duty
from enforcement.engine import Act
from enforcement.models import Asset, Deadline, DeadlineKind, DeadlineState, Objection
from law import clock

DISPOSAL_RULES = "disposal."
STOPPED_BY = ("objection.receive", "objection.guarantee", "objection.decide", "objection.record-remedy")


def disposal_is_stopped(asset: Asset) -> Objection | None:
    """The objection that forbids disposing of the asset, or paying out its proceeds, today; else ``None``."""
    return (
        Objection.objects.filter(Q(asset=asset) | Q(asset=None), case_id=asset.case_id, stops_disposal=True)
        .filter(Q(stops_until=None) | Q(stops_until__gte=clock.today()))
        .first()
    )


def stop_disposal(act: Act, objection: Objection, until: date | None = None) -> None:
    """Forbid disposal from now, until a day (in) or until further notice, and stop its running periods."""
    objection.stops_disposal, objection.stops_until = True, until
    running = _disposal_deadlines(objection).filter(state=DeadlineState.OPEN)
    rules = sorted(set(running.values_list("rule", flat=True)))
    if rules:
        subject = objection.asset.uid if objection.asset else None
        act.effects.stop(objection.case, *rules, subject=subject)


def resume_disposal(act: Act, objection: Objection, *, stopped_until: date | None = None) -> None:
    """End the stop, at once or after ``stopped_until`` (in); the periods it stopped start anew then, unless
    another objection still stops them."""
    last = stopped_until if stopped_until is not None and stopped_until >= act.day else None
    objection.stops_disposal, objection.stops_until = last is not None, last
    others = Objection.objects.filter(case=objection.case, asset=objection.asset, stops_disposal=True)
    if not objection.case.is_open or others.exclude(pk=objection.pk).exists():
        return
    latest = {}
    for deadline in _disposal_deadlines(objection).select_related("closed_by").order_by("id"):
        latest[deadline.rule, deadline.subject] = deadline
    for deadline in latest.values():
        closing = deadline.closed_by
        if deadline.state != DeadlineState.STOPPED or closing is None or closing.act not in STOPPED_BY:
            continue
        act.effects.open_deadline(
            objection.case,
            deadline.rule,
            kind=DeadlineKind(deadline.kind),
            starts_on=last or act.day,
            length=deadline.length,
            duty=Duty(deadline.duty) if deadline.duty else None,
            act=deadline.act,
            subject=deadline.subject,
            label=deadline.label,
            reason=deadline.reason,
        )


def _disposal_deadlines(objection: Objection) -> QuerySet[Deadline]:
    deadlines = Deadline.objects.filter(case=objection.case, rule__startswith=DISPOSAL_RULES)
    return deadlines.filter(subject=objection.asset.uid) if objection.asset else deadlines
