"""The desk (工作台): what is mine to do today."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from enforcement.queries import acts, decisions, desk, notices
from enforcement.web import panels
from enforcement.web.access import Request, reads
from enforcement.web.shell import front_of

FIRST_ROWS = 12


@require_GET
@reads("desk.desk", "desk.money_waiting", "decisions.inbox", "notices.notices", "acts.court_acts")
def show(request: Request) -> HttpResponse:
    """Tasks with lifting first, figures, decisions and notices."""
    person = request.user
    front = front_of(person)
    if front is not None:
        return HttpResponseRedirect(reverse(front.home))
    mine = desk.desk(person)
    which = request.GET.get("show", "")
    tasks = mine.shown(which)
    pending = decisions.inbox(person)
    return render(
        request,
        "enforcement/desk/desk.html",
        {
            "desk": mine,
            "which": which,
            "tasks": tasks if which else tasks[:FIRST_ROWS],
            "number": len(tasks),
            "money": desk.money_waiting(person),
            "open_cases": desk.open_cases(person),
            "pending": pending[:5],
            "pending_number": len(pending),
            "notices": notices.notices(person, size=6).rows,
            "court_acts": acts.court_acts(person),
            "panels": panels.on_desk(person),
        },
    )
