"""Requests that left the court, for tests: arrived, late, answered."""

from datetime import date, timedelta
from typing import Any

from enforcement.models import Case, Deadline, DeadlineState, Message, MessageState
from law import clock
from linkage.models import Request
from tests.linkage_world import Linked


def arrive(*requests: Request, days: int = 0) -> None:
    """The wire delivered them, some days ago."""
    at = clock.now() - timedelta(days=days)
    Request.objects.filter(pk__in=[one.pk for one in requests]).update(delivered_at=at)
    Message.objects.filter(dispatch__request__in=requests).update(state=MessageState.DELIVERED)
    for one in requests:
        one.refresh_from_db()


def asked(link: Linked, case: Case, agency: str = "demo-bank-chengguan", **data: Any) -> Request:
    """An inquiry about deposits that reached a bank."""
    request = link.inquire(case, matters=["BANK-INQ-DEP"], agencies=[agency], **data)[0]
    arrive(request)
    return request


def open_rules(case: Case, **of: Any) -> set[str]:
    """Rules of the case's running deadlines."""
    rows = Deadline.objects.filter(case=case, state=DeadlineState.OPEN, **of)
    return set(rows.values_list("rule", flat=True))


def found(link: Linked, request: Request) -> None:
    """The bank answers with an account."""
    link.answer(
        request,
        link.teller,
        facts={"accounts": [{"account_no": "6222020200112233445", "balance": "35000.00"}]},
    )
    request.refresh_from_db()


def at_noon(day: date) -> Any:
    """The clock stands on a day, at noon in Beijing."""
    return clock.travel(clock.start_of(day) + timedelta(hours=12))
