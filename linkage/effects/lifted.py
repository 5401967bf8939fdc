"""What the answer to a lift does (解除回执): only when the holder has carried it out is it done."""

from typing import Any

from django.utils.translation import gettext

from directory.models import Duty
from enforcement.engine import Refused
from enforcement.engine.act import yuan
from enforcement.models import Case, MeasureState
from law import clock
from law.citations import SEIZURE_RULES
from linkage.acts.answering import AnswerRequest, effect_of, kind_of, undoes_late
from linkage.acts.base import issue
from linkage.acts.lifting import make_lift, release_of
from linkage.acts.ordering import RESTRAINING, addressee
from linkage.effects.certified import certify
from linkage.effects.reading import amount_in, first_day, refuse_foreign, refuse_more_than_ordered
from linkage.models import Answer, Outcome, Request

RELEASE_RULE = "control.release"


@effect_of("release")
def lifted(act: AnswerRequest, case: Case, request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """The release is confirmed, and the lift with it once every holder has confirmed theirs."""
    if data["outcome"] != Outcome.DONE:
        return _not_done(act, case, request)
    facts = data["facts"]
    refuse_foreign(facts)
    released = amount_in(facts, "released_amount")
    refuse_more_than_ordered(request, released)
    if released is not None and request.amount is not None and released < request.amount:
        return _not_done(act, case, request) | {
            "check": gettext("Only %(released)s of %(ordered)s was released.")
            % {"released": yuan(released), "ordered": yuan(request.amount)}
        }
    day = first_day(facts, "released_at", "cancelled_at") or clock.legal_day(data["handled_at"])
    if request.lift is None or not request.lift.ordered_on <= day <= act.day:
        raise Refused(
            gettext("It can have been carried out from %(day)s, the day of the order, until today.")
            % {"day": clock.legal_day(request.issued_at)},
            SEIZURE_RULES.art(28),
            field="facts",
            code="day",
        )
    measure = request.measure
    if measure is not None:
        if measure.state == MeasureState.RELEASED:
            measure.release_confirmed_on = day
            measure.save(update_fields=["release_confirmed_on"])
        act.effects.meet(case, RELEASE_RULE, subject=measure.uid)
    lift = request.lift
    if not lift.requests.exclude(outcome=Outcome.DONE).exists():
        was, lift.confirmed_on = lift.confirmed_on, day
        lift.save(update_fields=["confirmed_on"])
        if was != day:
            certify(act, case, lift)
    return {
        "lift": lift.number,
        "measure": measure.uid if measure is not None else None,
        "confirmed_on": day,
        "lift_done": lift.confirmed_on is not None,
    }


def _not_done(act: AnswerRequest, case: Case, request: Request) -> dict[str, Any]:
    """Not carried out, or not any more: whatever was confirmed before is open again."""
    measure, lift = request.measure, request.lift
    if lift is not None and lift.confirmed_on is not None:
        lift.confirmed_on = None
        lift.save(update_fields=["confirmed_on"])
    if measure is not None and measure.release_confirmed_on is not None:
        measure.release_confirmed_on = None
        measure.save(update_fields=["release_confirmed_on"])
        act.effects.open_deadline(
            case,
            RELEASE_RULE,
            duty=Duty.IMPLEMENTER,
            act="measure.confirm-release",
            subject=measure.uid,
            label=measure.asset.description[:160],
        )
    return {"check": gettext("The holder has not carried the lift out.")}


@undoes_late
def undo_late(act: AnswerRequest, case: Case, request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """What was carried out although it had been recalled is released at once, and that is chased like every
    lift; money or title that moved is looked at by the officer."""
    if data["outcome"] not in {Outcome.DONE, Outcome.PART, Outcome.WAITING}:
        return {}
    kind = kind_of(request)
    if kind not in RESTRAINING | {"restrict"}:
        return {"check": gettext("It was carried out although it had been recalled.")}
    known = request.undone_by.order_by("-id").first()
    if known is not None and (known.is_waiting or _is_after(known, data)):
        return {"late_release": known.number}
    reason = gettext("%(number)s had been recalled before it was carried out.") % {"number": request.number}
    lift = make_lift(case, "recalled", reason, act.effects.event_id, act.day)
    draft = release_of(request, lift, request.amount)
    draft.requested_by, draft.decided_by = request.requested_by, request.decided_by
    extra: dict[str, Any] = addressee(draft) | {"ground": f"{request.number}号请求已经撤回。"}
    if request.asset is None:
        extra |= {"restriction": f"解除{request.matter.name_zh}（{request.number}）", "action": "release"}
        writ, party = "notice.assist-restrict", request.party
    else:
        measure = {"kind": "freeze" if kind == "freeze" else "seal", "amount": request.amount, "rank": 1}
        extra |= {"asset": request.asset, "measure": measure}
        writ, party = "notice.assist-release", request.asset.owner
    draft.documents = [act.effects.write(case, writ, party=party, extra=extra)]
    (release,) = issue(act, case, [draft])
    return {
        "late_release": release.number,
        "lift": lift.number,
        "check": gettext("It was carried out although it had been recalled; a release was sent."),
    }


def _is_after(release: Request, data: dict[str, Any]) -> bool:
    """Whether a release was carried out after what is told now."""
    done = Answer.objects.filter(request=release, outcome=Outcome.DONE).order_by("-id").first()
    return done is not None and done.handled_at is not None and done.handled_at >= data["handled_at"]
