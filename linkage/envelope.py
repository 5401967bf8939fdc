"""What an agency's system is told (信封): a CloudEvents 1.0 object, as canonical JSON (RFC 8785).

It is built from the dispatch whenever it is sent or fetched, and always comes out as the same bytes, until
the legal time is over in which the agency sees personal data. It is stored nowhere and never logged.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from enforcement.engine.history import canonical, plain
from linkage.models import Dispatch, Request, RequestDocument
from linkage.queries.portal import time_is_over

TYPE_PREFIX = "zhixing."
ONE_DAY = timedelta(days=1)


def ready(dispatches: QuerySet[Dispatch]) -> QuerySet[Dispatch]:
    """Dispatches with all that an envelope needs."""
    writs = RequestDocument.objects.select_related("document").defer("document__data").order_by("document_id")
    return dispatches.select_related(
        "request__case__court",
        "request__agency",
        "request__requested_by",
        "request__decided_by",
        "request__undoes",
        "request__lift",
    ).prefetch_related(Prefetch("request__accompanied_by", queryset=writs))


def event(dispatch: Dispatch) -> dict[str, Any]:
    """The event as an object. Opens sealed values."""
    found: dict[str, Any] = plain(
        {
            "specversion": "1.0",
            "id": dispatch.message_id,
            "source": f"{settings.BASE_URL}/courts/{dispatch.request.case.court.code}",
            "type": TYPE_PREFIX + dispatch.kind,
            "subject": dispatch.request.number,
            "time": dispatch.at,
            "datacontenttype": "application/json",
            "dataschema": f"{_interface()}/matters/{dispatch.request.matter_code}/",
            "data": ordered(dispatch.request) | {"note": dispatch.note},
        }
    )
    return found


def body(dispatch: Dispatch) -> bytes:
    """The bytes of the event."""
    return canonical(event(dispatch))


def ordered(request: Request) -> dict[str, Any]:
    """What a request says, which nothing changes after it was issued."""
    case = request.case
    return {
        "uid": request.uid,
        "number": request.number,
        "agency": request.agency.code,
        "matter": request.matter_code,
        "matter_name": request.matter.name_zh,
        "priority": request.priority,
        "case": {"number": case.number, "court": case.court.code, "court_name": case.court.name},
        "officer": {
            "name": request.requested_by.name,
            "work_card": request.requested_by.work_card,
            "duty_card": request.requested_by.duty_card,
        },
        "decided_by": request.decided_by.name if request.decided_by is not None else "",
        "basis": request.basis,
        "issued_at": request.issued_at,
        "due_on": request.due_on,
        "amount": request.amount,
        "term": {"first": request.term.lower, "last": request.term.upper - ONE_DAY} if request.term else None,
        "facts": facts(request),
        "documents": [_document(request, row.document) for row in request.accompanied_by.all()],
        "undoes": request.undoes.number if request.undoes is not None else None,
        "lift": request.lift.number if request.lift is not None else None,
    }


def facts(request: Request) -> dict[str, Any]:
    """What the matter asks in full; masked once the agency has no more right to see it."""
    found: dict[str, Any] = request.facts if time_is_over(request) else request.carried()
    return found


def _document(request: Request, document: Any) -> dict[str, Any]:
    return {
        "uid": document.uid,
        "writ": document.writ,
        "number": document.number,
        "href": f"{_interface()}/requests/{request.uid}/documents/{document.uid}/content/",
    }


def _interface() -> str:
    """Where agencies' systems find this one."""
    return f"{settings.BASE_URL}/api/v1/linkage"
