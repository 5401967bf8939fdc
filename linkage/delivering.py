"""That a request arrived (送达), however it did, and what follows where it did not."""

from collections.abc import Iterable
from datetime import datetime

import structlog
from django.db import DatabaseError
from django.db.models import Exists, OuterRef, Q

from directory.models import Person
from enforcement import engine
from enforcement.engine import Refused
from enforcement.models import Case, Deadline, DeadlineState, Message, MessageState
from linkage.models import Dispatch, Priority, Request

log = structlog.get_logger("linkage")

KIND = "dispatch"
UNDELIVERED_RULE = "linkage.undelivered"
# The legal clock of what binds doesn't wait for the last try.
URGENT = (Priority.LIFT, Priority.CONTROL, Priority.TAKE)
URGENT_TRIES = 3
MOST_AT_ONCE = 200


def arrived(request_ids: Iterable[int], at: datetime) -> int:
    """Note that requests reached their agencies; how many did so for the first time."""
    return Request.objects.filter(pk__in=list(request_ids), delivered_at=None).update(delivered_at=at)


def undelivered() -> list[Dispatch]:
    """Dispatches that somebody must look after, and nobody was told of yet."""
    told = Deadline.objects.filter(
        case=OuterRef("case"),
        rule=UNDELIVERED_RULE,
        state=DeadlineState.OPEN,
        subject=OuterRef("request__uid"),
    )
    stuck = Q(state=MessageState.PARKED) | Q(
        state__in=[MessageState.READY, MessageState.LEASED],
        attempts__gte=URGENT_TRIES,
        dispatch__request__priority__in=URGENT,
    )
    messages = Message.objects.filter(stuck, kind=KIND).values("pk")
    found = Dispatch.objects.filter(~Exists(told), message__in=messages).select_related("request", "message")
    return list(found.order_by("id")[:MOST_AT_ONCE])


def tell_of_undelivered() -> int:
    """Put what could not be delivered on the desks of the cases' officers; how many requests those were."""
    told: set[int] = set()
    for dispatch in undelivered():
        if dispatch.request_id in told:
            continue
        told.add(dispatch.request_id)
        tries = dispatch.message.attempts
        try:
            engine.do(
                engine.act_named("request.undelivered"),
                Case(pk=dispatch.case_id),
                Person.objects.system(),
                {"request": str(dispatch.request.uid), "tries": tries},
                key=f"undelivered:{dispatch.message_id}:{tries}",
            )
        except (Refused, DatabaseError) as error:
            # Its case is in use; the next sweep finds it again.
            log.warning("undelivered_not_told", dispatch=dispatch.pk, error=type(error).__name__)
    return len(told)
