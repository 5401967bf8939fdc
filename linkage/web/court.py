"""Requests for people of the court: what waits, one request with its course, the register, renewals."""

import uuid
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from rest_framework.exceptions import ValidationError

from enforcement import engine
from enforcement.models import Measure
from enforcement.queries import acts, cases, readers, words
from enforcement.web.access import Request, does, reads
from enforcement.web.acts import refused, step_up
from linkage.models import DifficultyKind
from linkage.queries import boards, work
from linkage.queries import court as requests

PAGING = ("after",)
MOST_RENEWED = 200


def kept(request: Request, *without: str) -> str:
    """The address's own filters, but for the place in the list and what is named."""
    query = request.GET.copy()
    for name in (*PAGING, *without):
        query.pop(name, None)
    return query.urlencode()


def pager(request: Request, after: Any) -> dict[str, str]:
    """The next page of the same list; earlier ones are behind the browser's own button."""
    if after is None:
        return {}
    query = request.GET.copy()
    query["after"] = str(after)
    return {"next_url": f"?{query.urlencode()}"}


@require_GET
@reads("court.listed", "court.counts", "boards.may_see")
def listed(request: Request) -> HttpResponse:
    """An officer's requests by clock; for those who answer for more, all they see."""
    person, values = request.user, request.GET.dict()
    sees_all = boards.may_see(person)
    if not sees_all:
        values.pop("all", None)
    elif "all" not in values and not acts.may(person, "request.inquire"):
        values["all"] = "1"
    page = requests.listed(person, values)
    return render(
        request,
        "linkage/court/list.html",
        {
            "page": page,
            "pager": pager(request, page.after),
            "values": values,
            "states": requests.STATES,
            "counts": requests.counts(person),
            "sees_all": sees_all,
            "query": kept(request, "state"),
        },
    )


@require_GET
@reads("court.of_case", "cases.one", "readers.note")
def of_case(request: Request, uid: UUID) -> HttpResponse:
    """All requests of a case, by clock."""
    case = cases.one(request.user, uid)
    readers.note(request.user, "request:list", case=case)
    values = request.GET.dict()
    page = requests.of_case(case, values)
    return render(
        request,
        "linkage/court/case.html",
        {
            "case": case,
            "page": page,
            "pager": pager(request, page.after),
            "values": values,
            "states": requests.STATES,
            "panel": requests.panel(case),
            "query": kept(request, "state"),
        },
    )


#: Acts on one request, in the order their buttons stand.
ON_REQUEST = (
    "request.check",
    "request.correct-answer",
    "request.remind",
    "request.escalate",
    "request.recall",
    "difficulty.record",
)


@require_GET
@reads("court.one", "cases.workspace", "acts.steps", "readers.note")
def show(request: Request, uid: UUID) -> HttpResponse:
    """One request: what was asked, its course, its answers and what followed."""
    file = requests.one(request.user, uid)
    case = cases.workspace(request.user, file.request.case.uid)
    readers.note(request.user, "request", case=case, purpose=file.request.number)
    possible, _impossible = acts.steps(case, request.user)
    offered = {offer.act.code: offer.act for offer in possible}
    fitting = [offered[code] for code in ON_REQUEST if code in offered and _fits(code, file.request)]
    return render(
        request,
        "linkage/court/request.html",
        {
            "file": file,
            "order": file.request,
            "case": case,
            "acts": fitting,
            "may_reply": "request.reply" in offered,
            "answers": [(answer, requests.fields(answer)) for answer in file.answers],
        },
    )


def _fits(code: str, order: Any) -> bool:
    """Whether an act of the case can be about this request."""
    fitting = {
        "request.check": order.state == "answered",
        "request.correct-answer": order.state in {"answered", "checked"},
        "request.remind": order.is_waiting,
        "request.recall": order.is_waiting,
        "request.escalate": bool(order.reminded) and order.is_waiting,
    }
    return fitting.get(code, True)


@require_GET
@reads("work.register", "boards.may_see")
def register(request: Request) -> HttpResponse:
    """The register of refusals, delays and interference."""
    page = work.register(request.user, request.GET.dict())
    return render(
        request,
        "linkage/court/register.html",
        {
            "page": page,
            "pager": pager(request, page.after),
            "values": request.GET,
            "kinds": DifficultyKind.choices,
            "sees_all": boards.may_see(request.user),
            "query": kept(request, "state", "kind"),
        },
    )


@dataclass
class Renewed:
    """What became of one measure that was to be renewed."""

    measure: Measure
    ok: bool
    text: str


@require_http_methods(["GET", "POST"])
@reads("work.expiring", "boards.may_see")
@does("request.renew")
def renewals(request: Request) -> HttpResponse:
    """Measures that end within 30 days, ticked, and proposed for renewal in one go."""
    groups = work.expiring(request.user)
    outcomes: list[Renewed] = []
    if request.method == "POST":
        act = engine.act_named("request.renew")
        step_up(request, act)
        chosen = set(request.POST.getlist("measure")[:MOST_RENEWED])
        key = request.POST.get("idempotency_key", "")
        outcomes = [
            _renew(request, act, measure, key)
            for _days, measures in groups
            for measure in measures
            if str(measure.uid) in chosen
        ]
        groups = work.expiring(request.user)
    return render(
        request,
        "linkage/court/renewals.html",
        {
            "groups": groups,
            "outcomes": outcomes,
            "done": sum(one.ok for one in outcomes),
            "key": uuid.uuid4().hex,
            "sees_all": boards.may_see(request.user),
        },
    )


def _renew(request: Request, act: type[engine.Act], measure: Measure, key: str) -> Renewed:
    values = {"measure": str(measure.uid)}
    try:
        result = engine.submit(act, measure.case, request.user, values, key=f"{key}:{measure.uid}"[:80])
    except engine.Refused as refusal:
        return Renewed(measure, False, "；".join(sum(refused(refusal).values(), [])))
    except ValidationError as error:
        return Renewed(measure, False, str(error.detail))
    text = _("proposed") if result.proposal is not None else words.sentence(act.summary, result.outcome)
    return Renewed(measure, True, text)
