"""Pages of the court's administrator: people and duties, calendar, client systems, corrected texts."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from enforcement.acts.calendar import YEARS_AHEAD
from enforcement.queries import staff
from enforcement.web.access import Request, reads
from law import clock

FIRST_YEAR = 2004


@require_GET
@reads("staff.people", "staff.history")
def people(request: Request) -> HttpResponse:
    """Everybody of the court with the duties they hold."""
    court, rows = staff.people(request.user)
    context = {
        "court": court,
        "rows": rows,
        "history": staff.history(court, staff.STAFF_ACTS),
        "may_change": staff.may_change(request.user),
    }
    return render(request, "enforcement/staff/people.html", context)


@require_GET
@reads("staff.one_person")
def person(request: Request, username: str) -> HttpResponse:
    """One person: duties now, to come and past, and what was done."""
    page = staff.one_person(request.user, username)
    context = {
        "page": page,
        "may_change": staff.may_change(request.user) and page.row.person.pk != request.user.pk,
    }
    return render(request, "enforcement/staff/person.html", context)


@require_GET
@reads("staff.year")
def calendar(request: Request, year: int | None = None) -> HttpResponse:
    """The days off of a year, published or projected, with the local days."""
    this_year = clock.today().year
    year = this_year if year is None else year
    if not FIRST_YEAR <= year <= this_year + YEARS_AHEAD:
        raise Http404
    context = {
        "page": staff.year(request.user, year),
        "previous": year - 1 if year > FIRST_YEAR else None,
        "following": year + 1 if year < this_year + YEARS_AHEAD else None,
        "may_change": staff.may_change(request.user),
    }
    return render(request, "enforcement/staff/calendar.html", context)


@require_GET
@reads("staff.clients")
def clients(request: Request) -> HttpResponse:
    """Systems that may call the interface for the court."""
    court, systems, history = staff.clients(request.user)
    context = {
        "court": court,
        "systems": systems,
        "history": history,
        "scopes": settings.OAUTH2_PROVIDER["SCOPES"],
    }
    return render(request, "enforcement/staff/clients.html", context)


@require_GET
@reads("staff.texts")
def translations(request: Request) -> HttpResponse:
    """Texts of the pages with their Chinese and Tibetan, each with a way to correct it."""
    wanted = request.GET.get("q", "")[:100]
    after = request.GET.get("after", "")
    court, rows, following = staff.texts(request.user, wanted, int(after) if after.isdecimal() else 0)
    context = {"court": court, "rows": rows, "wanted": wanted, "following": following}
    return render(request, "enforcement/staff/translations.html", context)
