"""The portal of agencies (协助执行门户): the inbox, what was answered, and answers to many at once."""

import uuid
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from rest_framework.exceptions import ValidationError

from enforcement import engine
from enforcement.web.access import Request, does, reads
from enforcement.web.acts import refused, see_other
from linkage import giving
from linkage.acts.assigning import AssignRequest, colleagues
from linkage.acts.base import addressed_to
from linkage.models import Outcome
from linkage.queries import portal, portal_lists

MOST_AT_ONCE = 20
MOST = 500


def of_agency(request: Request) -> None:
    """Nobody else knows that these pages exist."""
    if not portal.is_of_agency(request.user):
        raise engine.OutOfSight


@require_GET
@reads("portal_lists.inbox", "portal_lists.waiting_count", "portal_lists.found")
def inbox(request: Request) -> HttpResponse:
    """What waits, lifts first, then by clock; or what a number finds."""
    of_agency(request)
    person = request.user
    text = request.GET.get("q", "").strip()[:60]
    filters = portal_lists.InboxFilters(data=request.GET.dict())
    valid = filters.is_valid()
    if text:
        page = portal_lists.found(person, text)
        if len(page.rows) == 1:
            return see_other(reverse("portal_request", args=[page.rows[0].request.uid]))
    else:
        page = portal_lists.inbox(person, filters.validated_data) if valid else portal_lists.Page()
    context = _lists(request, page) | {
        "values": {} if text else {str(name): request.GET.get(str(name), "") for name in filters.fields},
        "text": text,
        "search_query": text,
        "wrong": not valid and not text,
        "branches": portal_lists.branches(person),
        "kinds": portal_lists.KIND_LABELS,
        "dues": portal_lists.DUES,
        "states": portal_lists.STATES,
        "whose": portal_lists.WHOSE,
        "confirming": portal_lists.confirming_count(person),
        "colleagues": colleagues(addressed_to(person, portal.STAFF)),
    }
    template = "linkage/portal/inbox.html" + ("#rows" if request.htmx else "")
    return render(request, template, context, status=400 if context["wrong"] else 200)


def _lists(request: Request, page: portal_lists.Page) -> dict[str, Any]:
    following = ""
    if page.after:
        query = request.GET.copy()
        query["after"] = page.after
        following = f"?{query.urlencode()}"
    first = request.GET.copy()
    first.pop("after", None)
    return {
        "page": page,
        "pager": {
            "next_url": following,
            "previous_url": f"?{first.urlencode()}" if request.GET.get("after") else "",
            "previous_label": _("First page"),
            "note": "",
        },
        "key": str(uuid.uuid4()),
    }


@require_POST
@reads("portal_lists.found")
def search(request: Request) -> HttpResponse:
    """The search box. Of an account number only the last four go into an address."""
    of_agency(request)
    text = request.POST.get("q", "").strip()[:60]
    tail = portal_lists.account_tail(text) if len(text.replace(" ", "")) >= 12 else ""
    query = tail or text
    return see_other(
        f"{reverse('portal_inbox')}?{urlencode({'q': query})}" if query else reverse("portal_inbox")
    )


@require_GET
@reads("portal_lists.answered")
def answered(request: Request) -> HttpResponse:
    """What the agency answered, newest first."""
    of_agency(request)
    outcome = request.GET.get("outcome", "")
    page = portal_lists.answered(request.user, outcome=outcome, after=request.GET.get("after", ""))
    context = _lists(request, page) | {"outcomes": Outcome.choices, "outcome": outcome}
    return render(request, "linkage/portal/answered.html", context)


# --- many at once ---------------------------------------------------------------------------------
@require_POST
@reads("portal.some")
@does("request.answer", "request.assign")
def chosen(request: Request) -> HttpResponse:
    """Rows of the inbox were chosen: nothing found, confirm, or assign. Over 20 it becomes a job."""
    of_agency(request)
    try:
        uids = [UUID(text) for text in request.POST.getlist("request")[:MOST]]
    except ValueError:
        raise Http404 from None
    requests = portal.some(request.user, uids)
    what = request.POST.get("what", "")
    if not requests:
        return _outcomes(request, [], 400)
    if what == "assign":
        return _outcomes(request, [_assigned(request, one) for one in requests])
    if what not in {"nothing", "confirm"}:
        raise Http404
    rows = [_row(request, one, what) for one in requests]
    if len(rows) > MOST_AT_ONCE:
        try:
            job = giving.start_job([(label, data) for _one, label, data in rows if data], request.user)
        except engine.Refused as refusal:
            return _outcomes(request, [(requests[0], False, refusal.reason)], 422)
        return see_other(reverse("job", args=[job.uid]))
    key = request.POST.get("idempotency_key") or str(uuid.uuid4())
    return _outcomes(request, [_given(request, one, data, f"{key}:{one.uid}") for one, _label, data in rows])


def _row(request: Request, one: Any, what: str) -> tuple[Any, str, dict[str, Any]]:
    label = f"{one.number} · {one.matter.name_zh}"
    if what == "nothing":
        allowed = one.matter.is_inquiry and portal.may_answer(request.user, one)
        return one, label, {"request": str(one.uid), "outcome": "nothing"} if allowed else {}
    # A second person looks at what was found; at nothing there is nothing to look at.
    waiting = [
        answer
        for answer in one.answers.all()
        if answer.outcome == Outcome.NOTHING and portal.may_confirm(request.user, answer)
    ]
    return one, label, {"confirm": str(waiting[0].uid)} if waiting else {}


def _given(request: Request, one: Any, data: dict[str, Any], key: str) -> tuple[Any, bool, str]:
    if not data:
        return one, False, _("This can't be done with the request; open it.")
    try:
        return one, True, giving.row_of_job(data, request.user, key)
    except engine.Refused as refusal:
        return one, False, " ".join(text for texts in refused(refusal).values() for text in texts)
    except ValidationError as error:
        return one, False, " ".join(_flat(error.detail))


def _assigned(request: Request, one: Any) -> tuple[Any, bool, str]:
    data = {"request": str(one.uid), "assignee": request.POST.get("assignee", "")}
    try:
        result = engine.submit(AssignRequest, one.case, request.user, data)
    except engine.Refused as refusal:
        return one, False, refusal.reason
    return one, True, result.outcome["assignee"] or _("nobody in particular")


def _flat(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        return [text for value in errors.values() for text in _flat(value)]
    return [text for value in errors for text in _flat(value)] if isinstance(errors, list) else [str(errors)]


def _outcomes(request: Request, outcomes: list[tuple[Any, bool, str]], status: int = 200) -> HttpResponse:
    done = sum(ok for _one, ok, _text in outcomes)
    context = {"outcomes": outcomes, "done": done}
    return render(request, "linkage/portal/outcomes.html", context, status=status)
