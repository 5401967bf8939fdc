"""Boards for those who answer for more than their own cases: figures by agency, by matter, by court."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from enforcement.queries import cases, words
from enforcement.web.access import Request, reads
from law import clock, linkage
from linkage.queries import boards
from linkage.web.court import kept, pager

TABS = [("agency", _("By agency")), ("matter", _("By matter")), ("court", _("By court"))]


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


@require_GET
@reads("boards.board", "boards.has_courts_below", "cases.courts_in_sight")
def board(request: Request) -> HttpResponse:
    """Figures of a stretch of days; what is most overdue stands first."""
    person, values = request.user, request.GET.dict()
    below = boards.has_courts_below(person)
    tabs = TABS if below else TABS[:2]
    by = values.get("by", "agency")
    by = by if by in dict(tabs) else "agency"
    last = _day(values.get("last", ""), clock.today())
    first = min(_day(values.get("first", ""), last - boards.SPAN), last)
    page = boards.board(person, by, first, last, values)
    courts = cases.courts_in_sight(person)
    return render(
        request,
        "linkage/court/board.html",
        {
            "page": page,
            "rows": [(row, _name(by, row)) for row in page.rows],
            "pager": pager(request, page.after),
            "by": by,
            "tabs": tabs,
            "first": first,
            "last": last,
            "values": values,
            "courts": courts if len(courts) > 1 else [],
            "matters": [(code, one.name(words.language())) for code, one in linkage.matters().items()],
            "query": kept(request, "by"),
        },
    )


def _name(by: str, row: boards.BoardRow) -> Any:
    """What a row is called: a matter by its name in the language of the page."""
    known = linkage.matters().get(row.key) if by == "matter" else None
    return known.name(words.language()) if known is not None else row.name
