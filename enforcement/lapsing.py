"""The daily sweep of measures whose term ended (期满未续): each lapses by an act of the system."""

from datetime import date
from typing import Any

import structlog

from directory.models import Person
from enforcement import engine
from enforcement.acts.measures_term import LapseMeasure
from enforcement.models import LIVE_STATES, Measure

log = structlog.get_logger("lapsing")


def lapse_expired(day: date) -> dict[str, Any]:
    """Let every live measure lapse whose last day lies before ``day``.

    Safe to run twice. One measure's refusal does not keep the others; the result names it:
    ``{"lapsed": number, "refused": {measure uid: reason}}``.
    """
    system = Person.objects.system()
    ended = (
        Measure.objects.filter(state__in=LIVE_STATES, during__endswith__lte=day)
        .select_related("case")
        .order_by("case_id", "id")
    )
    lapsed, refused = 0, {}
    for measure in ended.iterator(chunk_size=500):
        try:
            engine.do(
                LapseMeasure,
                measure.case,
                system,
                {"measure": str(measure.uid)},
                key=f"lapse:{measure.uid}:{measure.last_day}",
            )
        except engine.Refused as refusal:
            log.warning("lapse_refused", measure=str(measure.uid), reason=refusal.reason)
            refused[str(measure.uid)] = refusal.reason
        else:
            lapsed += 1
    return {"lapsed": lapsed, "refused": refused}
