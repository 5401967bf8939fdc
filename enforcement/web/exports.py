"""Taking a list out: asked for by a form, done by an act, downloaded or made by a job."""

from __future__ import annotations

import uuid
from tempfile import TemporaryFile

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from enforcement import engine, exports
from enforcement.acts.exporting import ExportCases
from enforcement.inspection import XLSX_TYPE
from enforcement.queries import words
from enforcement.web.access import Request, does, reads
from enforcement.web.acts import see_other, step_up


@require_http_methods(["GET", "POST"])
@reads("cases.listed")
@does("case.export")
def export(request: Request) -> HttpResponseBase:
    """Confirm and export the list of an address; up to 2 000 rows at once, more by a job."""
    person = request.user
    if person.court is None or not any(person.holds(duty, person.court.pk) for duty in ExportCases.by):
        raise engine.OutOfSight
    query = (request.POST if request.method == "POST" else request.GET).get("query", "")
    if request.method == "GET":
        return _page(request, query)
    step_up(request, ExportCases)
    key = request.POST.get("idempotency_key") or None
    try:
        result = engine.submit(ExportCases, person.court, person, {"query": query}, key=key)
    except engine.Refused as refusal:
        messages.error(request, refusal.reason)
        return _page(request, query, status=422)
    if result.outcome.get("rows", result.event.outcome["rows"]) > exports.MOST_AT_ONCE:
        job = exports.start(person, query, result.event)
        return see_other(reverse("job", args=[job.uid]))
    target = TemporaryFile()  # noqa: SIM115  (the response closes it)
    exports.write(target, person, query, result.event)
    target.seek(0)
    response = FileResponse(
        target, as_attachment=True, filename=f"cases-{result.event.uid}.xlsx", content_type=XLSX_TYPE
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _page(request: Request, query: str, *, status: int = 200) -> HttpResponse:
    context = {
        "query": query,
        "key": str(uuid.uuid4()),
        "law": words.about(ExportCases),
        "most": exports.MOST_ROWS,
        "most_at_once": exports.MOST_AT_ONCE,
    }
    return render(request, "enforcement/jobs/export.html", context, status=status)
