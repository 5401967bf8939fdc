"""The portal's workbooks: orders down, answers up, the day's list."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from enforcement.queries import jobs
from enforcement.web.access import Request, does, reads
from enforcement.web.acts import see_other
from enforcement.web.jobs import workbook
from law import clock
from linkage import giving, workbooks
from linkage.answer_forms import WrongTable
from linkage.uploads import take
from linkage.web.portal import MOST_AT_ONCE, of_agency


@require_http_methods(["GET", "POST"])
@reads("portal.visible", "jobs.mine")
@does("request.answer")
def bulk(request: Request) -> HttpResponse:
    """Orders down as a workbook, the filled one up: up to 20 answers at once here, more as a job."""
    of_agency(request)
    if request.method == "GET":
        return _page(request)
    sent = request.FILES.get("file")
    try:
        if sent is None:
            raise WrongTable(_("Choose a file first."))
        if sent.size is not None and sent.size > settings.UPLOAD_MAX_BYTES:
            raise WrongTable(_("The file is larger than 20 MiB. Divide it."))
        filled = workbooks.read(request.user, sent.name or "", sent.read())
        if not filled.answers and not filled.problems:
            raise WrongTable(_("No line has a result yet. Fill the dark columns."))
    except WrongTable as wrong:
        return _page(request, error=str(wrong), status=422)
    if len(filled.answers) > MOST_AT_ONCE and not filled.problems:
        rows = [(number, data | {"_channel": "workbook"}) for number, data in filled.answers.items()]
        job = giving.start_job(rows, request.user)
        return see_other(reverse("job", args=[job.uid]))
    if len(filled.answers) > MOST_AT_ONCE:
        return _page(
            request,
            error=_("Nothing was answered: correct these lines first."),
            problems=filled.problems,
            status=422,
        )
    outcomes = take(request.user, filled)
    context = {"outcomes": outcomes, "done": sum(ok for _one, ok, _text in outcomes)}
    return render(request, "linkage/portal/outcomes.html", context)


def _page(
    request: Request, *, error: str = "", problems: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    views, _following = jobs.mine(request.user)
    context: dict[str, Any] = {
        "error": error,
        "problems": problems or {},
        "views": views[:10],
        "most": workbooks.MOST_ORDERS,
    }
    return render(request, "linkage/portal/bulk.html", context, status=status)


@require_POST
@reads("portal.visible", "readers.note")
def orders(request: Request) -> FileResponse:
    """What waits, as a workbook to fill in; personal data in it, so every order in it is a reading."""
    of_agency(request)
    content, _count = workbooks.orders(request.user)
    return workbook(content, f"{_('orders')}-{clock.today().isoformat()}.xlsx")


@require_GET
@reads("portal.visible")
def day(request: Request) -> FileResponse:
    """The day's orders, answers and hashes."""
    of_agency(request)
    on = day_of(request)
    return workbook(workbooks.statement(request.user, on), f"{_('statement')}-{on.isoformat()}.xlsx")


def day_of(request: Request) -> date:
    """The day an address names; today if it names none, or one to come."""
    try:
        wanted = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return clock.today()
    return min(max(wanted, date(2000, 1, 1)), clock.today())
