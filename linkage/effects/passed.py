"""What the answers to other orders do: title passes (过户回执), a restriction runs (限制回执)."""

from typing import Any

from django.utils.translation import gettext

from directory.models import Duty
from enforcement.acts.assets import watch_excess
from enforcement.acts.measures_release import end_measure
from enforcement.models import LIVE_STATES, Case, DeadlineKind
from law import clock
from linkage.acts.answering import AnswerRequest, effect_of
from linkage.acts.base import ONE_DAY
from linkage.effects.reading import first_day
from linkage.models import Outcome, Request

RESTRICTION_RULE = "linkage.restriction"
LONGEST_DESCRIPTION = 300


@effect_of("transfer")
def transferred(act: AnswerRequest, case: Case, request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """The thing has a new owner: every measure of the case on it is over (SEIZURE_RULES 27(2))."""
    asset = request.asset
    if asset is None:
        return {}
    ended = Request.objects.filter(pk=request.pk, measure__released_by__isnull=False).exists()
    if data["outcome"] != Outcome.DONE:
        said = gettext("The measures ended with the first answer; look at the register.")
        return {"check": said} if ended else {}
    if ended:
        return {}
    day = first_day(data["facts"], "registered_at", "at", "changed_at") or clock.legal_day(data["handled_at"])
    buyer = request.facts.get("transferee")
    name = buyer.get("name", "") if isinstance(buyer, dict) else str(buyer or "")
    measures = list(asset.measures.filter(state__in=LIVE_STATES))
    for measure in measures:
        end_measure(act, case, measure, f"sold: {request.number}")
        measure.release_confirmed_on = day
        measure.save(update_fields=["release_confirmed_on"])
    mark = f"（{day.isoformat()} 已过户给{name}）"
    asset.description = asset.description[: LONGEST_DESCRIPTION - len(mark)] + mark
    asset.save(update_fields=["description"])
    return {
        "asset": asset.uid,
        "new_owner": name,
        "transferred_on": day,
        "measures": [measure.uid for measure in measures],
        "excess": watch_excess(act, case, release="request.lift"),
    }


@effect_of("restrict")
def restricted(act: AnswerRequest, case: Case, request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """A restriction that runs for a term warns before its end."""
    act.effects.stop(case, RESTRICTION_RULE, subject=request.uid)
    if data["outcome"] not in {Outcome.DONE, Outcome.PART} or request.term is None:
        return {}
    until = first_day(data["facts"], "ends_on") or request.term.upper - ONE_DAY
    until = min(until, request.term.upper - ONE_DAY)
    act.effects.open_deadline(
        case,
        RESTRICTION_RULE,
        kind=DeadlineKind.TERM,
        due_on=until,
        duty=Duty.IMPLEMENTER,
        act="request.restrict",
        subject=request.uid,
        label=f"{request.matter.name_zh} · {request.agency.name}"[:160],
    )
    return {"until": until}
