"""The portal's statement of a day."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from enforcement.web.access import Request, reads
from law import clock
from linkage import workbooks
from linkage.queries import portal_lists
from linkage.web.portal import of_agency
from linkage.web.portal_books import day_of


@require_GET
@reads("portal.visible", "portal_lists.waiting_count")
def statement(request: Request) -> HttpResponse:
    """What arrived and was answered on a day, with hashes that both sides can compare."""
    of_agency(request)
    on = day_of(request)
    found = workbooks.day(request.user, on)
    context = {
        "day": found,
        "open": portal_lists.waiting_count(request.user),
        "overdue": portal_lists.waiting_count(request.user, due="overdue"),
        "confirming": portal_lists.confirming_count(request.user),
        "earlier": on - timedelta(days=1),
        "later": on + timedelta(days=1) if on < clock.today() else None,
        "today": clock.today(),
    }
    return render(request, "linkage/portal/statement.html", context)
