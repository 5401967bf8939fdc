"""One case (案件): parties, course, next lawful steps, timeline, deadlines, assets, money, documents."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from enforcement.engine import act_named
from enforcement.models import Case, DeadlineState, MeasureState, Stage
from enforcement.queries import acts, cases, closing, deadlines, money, rail, readers, timeline, words
from enforcement.web import panels
from enforcement.web.access import Request, reads

FIRST_STEPS = 5


@require_GET
@reads("cases.workspace", "acts.steps", "timeline.timeline", "rail.rail", "readers.note")
def show(request: Request, uid: UUID) -> HttpResponse:
    """The whole case on one page. Opening it is written down."""
    case = cases.workspace(request.user, uid)
    readers.note(request.user, "case", case=case)
    possible, impossible = acts.steps(case, request.user)
    context = _whole(case) | {
        "steps": possible[:FIRST_STEPS],
        "more_steps": possible[FIRST_STEPS:],
        "impossible": impossible,
        "line": timeline.timeline(case),
        "groups": timeline.groups(case),
        "may_see_readers": readers.may_see_readers(request.user, case),
        "may_reveal": _offered("party.reveal", possible),
        "panels": panels.on_case(request.user, case, possible),
    }
    return render(request, "enforcement/case/case.html", context)


@require_GET
@reads("timeline.timeline", "cases.one")
def history(request: Request, uid: UUID) -> HttpResponse:
    """The timeline alone: one group, or an older page."""
    case = cases.one(request.user, uid)
    group, after = request.GET.get("group", ""), request.GET.get("after", "")
    line = timeline.timeline(
        case, group=group, after=int(after) if after.isdecimal() and len(after) < 10 else None
    )
    template = "enforcement/case/history.html" + ("#timeline" if request.htmx else "")
    return render(
        request, template, {"case": case, "line": line, "groups": timeline.groups(case), "group": group}
    )


@require_GET
@reads("deadlines.why")
def why(request: Request, uid: UUID, key: int) -> HttpResponse:
    """How the day of a deadline comes about."""
    found = deadlines.why(request.user, uid, key)
    return render(
        request,
        "enforcement/case/why.html" + ("#why" if request.htmx else ""),
        {"why": found, "case": found.case},
    )


@require_GET
@reads("readers.readers")
def read_by(request: Request, uid: UUID) -> HttpResponse:
    """Who read the case, for those who answer for it."""
    case = cases.one(request.user, uid)
    after = request.GET.get("after", "")
    page = readers.readers(
        request.user, case, after=int(after) if after.isdecimal() and len(after) < 19 else None
    )
    return render(request, "enforcement/case/readers.html", {"case": case, "page": page})


@require_GET
@reads("cases.workspace", "timeline.timeline", "rail.rail", "readers.note")
def printed(request: Request, uid: UUID) -> HttpResponse:
    """A summary of the case for paper."""
    case = cases.workspace(request.user, uid)
    readers.note(request.user, "case.print", case=case)
    return render(request, "enforcement/case/print.html", _whole(case) | {"line": timeline.timeline(case)})


def _offered(code: str, offers: list[Any]) -> bool:
    return any(offer.act.code == code for offer in offers)


def _whole(case: Case) -> dict[str, Any]:
    """What the page of a case and its print have in common, from the loaded rows."""
    running = [deadline for deadline in case.deadlines.all() if deadline.state == DeadlineState.OPEN]
    in_force = [measure for measure in case.measures.all() if measure.state == MeasureState.IN_FORCE]
    controlled = sum((measure.amount or Decimal(0) for measure in in_force), Decimal(0))
    figures = money.account_of(case)
    return {
        "case": case,
        "applicants": [party for party in case.parties.all() if party.role == "applicant"],
        "debtors": [party for party in case.parties.all() if party.role == "debtor"],
        "thirds": [party for party in case.parties.all() if party.role == "third"],
        "rail": rail.rail(case),
        "deadlines": sorted(running, key=lambda deadline: (deadline.due_on, deadline.pk)),
        "past_deadlines": [deadline for deadline in case.deadlines.all() if not deadline.is_open],
        "assets": _assets(case),
        "controlled": controlled,
        "figures": figures,
        "sums": [step.render(gettext) for step in figures.steps],
        "uncovered": max(figures.owed - controlled, Decimal(0)),
        "checklist": _checklist(case),
        "balances": [row for row in case.balances.all() if row.amount and row.account.startswith("2")],
        "documents": _documents(case),
        "open_proposals": [
            (proposal, act_named(proposal.act).title)
            for proposal in case.proposals.all()
            if proposal.state == "open"
        ],
    }


def _checklist(case: Case) -> list[dict[str, Any]]:
    """What must be so before the case can be closed, once it is near; what is not links to its cure."""
    if case.stage != Stage.DISTRIBUTION:
        return []
    return [
        {
            "label": condition.text,
            "ok": condition.met,
            "detail": "" if condition.met else condition.detail,
            "url": reverse("act", args=[case.uid, condition.cure_act])
            if condition.cure_act and not condition.met
            else "",
            "action": words.act_title(condition.cure_act) if condition.cure_act else "",
        }
        for condition in closing.closing_checklist(case)
    ]


def _assets(case: Case) -> list[dict[str, Any]]:
    """Assets with the measures on them, newest measure first."""
    measures: dict[int, list[Any]] = {}
    for measure in case.measures.all():
        measures.setdefault(measure.asset_id, []).insert(0, measure)
    return [{"asset": asset, "measures": measures.get(asset.pk, [])} for asset in case.assets.all()]


def _documents(case: Case) -> list[dict[str, Any]]:
    """Writs, newest first, with their services."""
    services: dict[int, list[Any]] = {}
    for service in case.services.all():
        services.setdefault(service.document_id, []).append(service)
    newest = sorted(case.documents.all(), key=lambda document: -document.pk)
    return [{"document": document, "services": services.get(document.pk, [])} for document in newest]
