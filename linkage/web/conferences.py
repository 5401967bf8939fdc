"""Pages of joint conferences, for the court and for agencies."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from enforcement.web.access import Request, reads
from enforcement.web.documents import download
from law import clock
from linkage import scoring
from linkage.queries import conferences

FIRST_YEAR = 2004


@require_GET
@reads("conferences.listed")
def listed(request: Request) -> HttpResponse:
    """Conferences of the court, and tasks not done yet."""
    after = request.GET.get("after", "")
    page = conferences.listed(request.user, after=int(after) if after.isdecimal() else None)
    return render(request, "linkage/conferences/list.html", {"page": page})


@require_GET
@reads("conferences.one")
def conference(request: Request, uid: UUID) -> HttpResponse:
    """One conference: agenda, attendance, minutes, decisions, tasks."""
    return render(request, "linkage/conferences/show.html", {"page": conferences.one(request.user, uid)})


@require_GET
@reads("conferences.one")
def pack(request: Request, uid: UUID) -> HttpResponse:
    """The pack for the table: agenda, what is overdue, attendance sheet; to be printed."""
    return render(request, "linkage/conferences/pack.html", {"page": conferences.one(request.user, uid)})


@require_GET
@reads("conferences.evidence")
def evidence(request: Request, uid: UUID) -> HttpResponseBase:
    """A file that proves a task."""
    return download(conferences.evidence(request.user, uid))


@require_GET
@reads("conferences.scores")
def scores(request: Request, year: int | None = None) -> HttpResponse:
    """The year's target-responsibility score of each agency, with its formula."""
    this_year = clock.today().year
    year = year or this_year
    if not FIRST_YEAR <= year <= this_year:
        raise Http404
    court, rows = conferences.scores(request.user, year)
    context = {
        "court": court,
        "rows": rows,
        "year": year,
        "previous": year - 1 if year > FIRST_YEAR else None,
        "following": year + 1 if year < this_year else None,
        "formula": conferences.FORMULA,
        "weights": [(scoring.NAMES[code], weight) for code, weight in scoring.WEIGHTS.items()],
    }
    return render(request, "linkage/conferences/scores.html", context)


@require_GET
@reads("conferences.own")
def own(request: Request) -> HttpResponse:
    """What an agency sees: its conferences, its tasks, its score."""
    page = conferences.own(request.user)
    return render(request, "linkage/conferences/own.html", {"page": page, "formula": conferences.FORMULA})
