"""What became of writs that went to agencies with a request: recalled, or undone by a lifting."""

from datetime import date

from django.db.models import Prefetch

from enforcement.models import Document
from enforcement.writs.standing import Standing, State, witness
from linkage.models import Lift, Request, RequestState


@witness
def requests_of(document: Document) -> Standing | None:
    """A writ stands as long as one request it went with does."""
    undone_by = Request.objects.exclude(state=RequestState.RECALLED).select_related("lift")
    requests = list(
        Request.objects.filter(case_id=document.case_id, documents=document).prefetch_related(
            Prefetch("undone_by", undone_by)
        )
    )
    if not requests:
        return None
    if all(request.state == RequestState.RECALLED for request in requests):
        return Standing(State.RECALLED)
    since = [_lifted_on(one) for one in requests if one.state != RequestState.RECALLED]
    known = [day for day in since if day is not None]
    return Standing(State.LIFTED, max(known)) if len(known) == len(since) else None


@witness
def certificate(document: Document) -> Standing | None:
    """A certificate of a lift holds until a holder says that it was not, or on another day, carried out."""
    if document.writ != "certificate.lift":
        return None
    lift = Lift.objects.filter(
        case_id=document.case_id, number=document.data.get("lift", {}).get("number", "")
    ).first()
    if lift is None:
        return None
    if lift.confirmed_on is None:
        return Standing(State.RECALLED)
    said = document.data["lift"].get("confirmed_on", {}).get("iso")
    return Standing(State.SUPERSEDED) if said != lift.confirmed_on.isoformat() else None


def _lifted_on(request: Request) -> date | None:
    """The day on which the whole of a request was ordered undone."""
    for undoing in request.undone_by.all():
        is_whole = undoing.amount is None or request.amount is None or undoing.amount >= request.amount
        if undoing.lift is not None and is_whole:
            return undoing.lift.ordered_on
    return None
