"""Daily work on requests (催办): reminders on their legal day, and renewals that are about to be late.

Each case is an act of its own, and looks at the present: after days without beat the ladder goes on where it
stands, one step a day, and nothing is sent twice.
"""

from collections import defaultdict
from datetime import timedelta

import structlog
from django.db import DatabaseError
from django.db.models import Exists, OuterRef

from directory.models import Person
from enforcement import daily, engine
from enforcement.engine.opening import calendar_of
from enforcement.models import LIVE_STATES, Case, Deadline, DeadlineState, Measure, Stage
from law import clock
from law.calendar import Calendar
from linkage import ladder
from linkage.acts.renewals import ESCALATED_RULE, LAST_DAYS, EscalateRenewal, renewal_on_its_way
from linkage.ladder import Step
from linkage.models import Request

log = structlog.get_logger("linkage")

MOST_AT_ONCE = 2000


def due_reminders() -> dict[int, list[Request]]:
    """Requests to be reminded of today, by case."""
    today = clock.today()
    late = Request.objects.waiting().filter(
        delivered_at__isnull=False, due_on__lt=today, reminded__lt=Step.SECOND
    )
    calendars: dict[int, Calendar] = {}
    found: dict[int, list[Request]] = defaultdict(list)
    rows = late.select_related("case__court__parent__parent").defer("case__search_terms", "facts_sealed")
    for request in rows.order_by("due_on", "id").iterator(chunk_size=500):
        court = request.case.court
        if court.pk not in calendars:
            calendars[court.pk] = calendar_of(court)
        if ladder.may_remind(request, calendars[court.pk], today) is not None:
            found[request.case_id].append(request)
            if len(found) >= MOST_AT_ONCE:
                break
    return found


def send_reminders() -> int:
    """Remind of every request whose day has come, as the system: one act a case and day; how many acts."""
    system, today = Person.objects.system(), clock.today()
    sent = 0
    for case_id, requests in due_reminders().items():
        try:
            result = engine.do(
                engine.act_named("request.remind"),
                requests[0].case,
                system,
                {},
                key=f"remind:{case_id}:{today.isoformat()}",
            )
        except (engine.Refused, DatabaseError) as error:
            # Somebody reminded meanwhile, or the case is in use; the next sweep looks again.
            log.warning("reminder_not_sent", case=case_id, error=type(error).__name__)
        else:
            sent += not result.replayed
    return sent


def late_renewals() -> list[Measure]:
    """Live measures of open cases that end within three days, are to go on, and nobody renews."""
    told = Deadline.objects.filter(
        case=OuterRef("case"), rule=ESCALATED_RULE, state=DeadlineState.OPEN, subject=OuterRef("uid")
    )
    today = clock.today()
    ending = Measure.objects.filter(
        state__in=LIVE_STATES,
        lapse_reason="",
        during__endswith__gt=today,
        during__endswith__lte=today + timedelta(days=LAST_DAYS + 1),
    ).exclude(case__stage=Stage.CLOSED)
    rows = ending.filter(~Exists(told)).select_related("case", "asset").order_by("case_id", "id")
    return [measure for measure in rows if not renewal_on_its_way(measure)]


def escalate_renewals() -> int:
    """Put what is about to lapse on the desk of the bureau's head, as the system; how many measures."""
    system = Person.objects.system()
    done = 0
    for measure in late_renewals():
        try:
            engine.do(
                EscalateRenewal,
                Case(pk=measure.case_id),
                system,
                {"measure": str(measure.uid)},
                key=f"renewal:{measure.uid}:{measure.last_day}",
            )
        except (engine.Refused, DatabaseError) as error:
            log.warning("renewal_not_escalated", measure=str(measure.uid), error=type(error).__name__)
        else:
            done += 1
    return done


daily.SWEEPS.extend([send_reminders, escalate_renewals])
