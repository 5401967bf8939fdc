"""The list of cases, with filters in its address and keyset pages."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from enforcement.models import Stage
from enforcement.queries import acts, cases, filters
from enforcement.queries.case_filters import DUES, MINE, STATES, CaseFilters
from enforcement.web.access import Request, reads
from law import case_numbers

CURSOR_GONE = _("This page address is not one of the list's. Start from its first page.")
# Filters one click away: name and query string.
SHORTCUTS = [
    (_("Mine"), f"officer={MINE}&state=open"),
    (_("Open"), "state=open"),
    (_("Overdue"), "due=overdue"),
    (_("Due soon"), "due=soon"),
    (_("Closed"), "state=closed"),
]


@require_GET
@reads("cases.listed", "filters.saved", "acts.bulk_acts")
def listed(request: Request) -> HttpResponse:
    """A page of cases; an unknown filter or page address is answered 400 with words."""
    person = request.user
    form = CaseFilters(data=request.GET.dict())
    values: dict[str, Any] = form.validated_data if form.is_valid() else {}
    errors = [message for messages in form.errors.values() for message in messages]
    page = cases.CasePage()
    if not errors:
        try:
            page = cases.listed(person, values)
        except cases.BadCursor:
            errors = [CURSOR_GONE]
    courts = cases.courts_in_sight(person)
    chosen = next((court for court in courts if court.code == values.get("court")), person.court)
    context = {
        "page": page,
        "errors": errors,
        "values": request.GET,
        "query": _query(request),
        "pager": {
            "previous_url": _turned(request, before=page.before),
            "next_url": _turned(request, after=page.after),
        },
        "courts": courts if len(courts) > 1 else [],
        "officers": cases.officers_in_sight(chosen),
        "stages": Stage.choices,
        "types": [kind.code for kind in case_numbers.types() if kind.code.startswith("执")],
        "dues": DUES,
        "states": STATES,
        "shortcuts": SHORTCUTS,
        "saved": filters.saved(person),
        "bulk_acts": acts.bulk_acts(person),
        "may_export": acts.may(person, "case.export"),
        "court_acts": [(act, court) for act, court in acts.court_acts(person) if act.opens_case],
    }
    template = "enforcement/cases/list.html" + ("#rows" if request.htmx and not request.htmx.boosted else "")
    return render(request, template, context, status=400 if errors else 200)


def _query(request: Request) -> str:
    kept = request.GET.copy()
    for name in filters.PAGING:
        kept.pop(name, None)
    return kept.urlencode()


def _turned(request: Request, **cursor: str | None) -> str:
    """The address of another page of the same list; nothing where there is none."""
    if not any(cursor.values()):
        return ""
    turned = request.GET.copy()
    for name in filters.PAGING:
        turned.pop(name, None)
    turned.update({name: value for name, value in cursor.items() if value})
    return f"?{turned.urlencode()}"
