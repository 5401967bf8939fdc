"""What the answer to a renewal does (续行回执): the term runs on, the rank is kept."""

from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext

from enforcement.acts.measures_taking import ONE_DAY, open_term
from enforcement.engine import Refused
from enforcement.models import Case, MeasureState
from law import clock, terms
from law.citations import CPL_INTERPRETATION, SEIZURE_RULES
from linkage.acts.answering import AnswerRequest, effect_of
from linkage.effects.reading import amount_done, first_day
from linkage.models import Outcome, Request

RENEWED = frozenset({Outcome.DONE, Outcome.PART, Outcome.WAITING})


@effect_of("renew")
def renewed(act: AnswerRequest, case: Case, request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """The measure's last day moves to the one the holder registered, at most the one ordered.

    A renewal carried out in time keeps a measure alive whose end has passed meanwhile; one that came too
    late has nothing to renew (SEIZURE_RULES 27).
    """
    measure = request.measure
    if measure is None or request.term is None:
        return {}
    if data["outcome"] not in RENEWED:
        return {"measure": measure.uid, "check": gettext("It was not renewed and ends with its old term.")}
    amount_done(request, data, "amount_frozen")
    ordered = request.term.upper - ONE_DAY
    until = first_day(data["facts"], "new_end_on", "end_on") or ordered
    if not measure.during.lower <= until <= ordered:
        raise Refused(
            gettext("The order renews it until %(day)s; it can't last longer.") % {"day": ordered},
            (CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(27)),
            field="facts",
            code="term",
        )
    before = measure.last_day
    in_time = clock.legal_day(data["handled_at"]) <= before or measure.is_live
    if measure.state == MeasureState.RELEASED or not in_time:
        return {
            "measure": measure.uid,
            "check": gettext(
                "The measure had ended when it was renewed; only a new order restrains the thing."
            ),
        }
    if not measure.is_live:
        measure.state = MeasureState.IN_FORCE if measure.rank == 1 else MeasureState.WAITING
    measure.during = DateRange(measure.during.lower, until + ONE_DAY)
    measure.lapse_reason = ""
    measure.notice = request.documents.filter(writ__startswith="notice.assist").first() or measure.notice
    measure.save(update_fields=["state", "during", "lapse_reason", "notice"])
    act.effects.meet(case, *terms.term_rules(), subject=measure.uid)
    open_term(act, case, measure)
    moved = data["facts"].get("rank_unchanged") is False
    return {
        "measure": measure.uid,
        "description": measure.asset.description,
        "before": before,
        "until": until,
        "rank": measure.rank,
    } | ({"check": gettext("The holder says that the rank changed.")} if moved else {})
