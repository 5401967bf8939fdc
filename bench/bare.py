"""What the machine can do at most: the same rows by the plainest Django there is."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.template import engines
from django.views.decorators.http import require_GET
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from directory.models import Person
from enforcement.models import Case, ReadLog
from enforcement.web.access import Request as PersonRequest
from law import clock

ROWS = 50
COLUMNS = (
    "uid",
    "number",
    "cause",
    "stage",
    "applicant_names",
    "debtor_names",
    "claim",
    "received",
    "filed_on",
)
PLAIN = """<!doctype html><html><body><table>{% for row in rows %}<tr><td>{{ row.number }}</td>
<td>{{ row.cause }}</td><td>{{ row.stage }}</td><td>{{ row.applicant_names }}</td>
<td>{{ row.debtor_names }}</td><td>{{ row.claim }}</td><td>{{ row.received }}</td>
<td>{{ row.filed_on }}</td></tr>{% endfor %}</table></body></html>"""
_template: Any = None


@require_GET
@login_required
def page(request: PersonRequest) -> HttpResponse:
    """Fifty cases as a plain table, with session and sign-in."""
    global _template
    if _template is None:
        _template = engines["django"].from_string(PLAIN)
    rows = Case.objects.filter(court_id=request.user.court_id or 0).order_by("-filed_on", "-id")[:ROWS]
    return HttpResponse(_template.render({"rows": rows}))


@require_GET
@login_required
def rows(request: PersonRequest) -> JsonResponse:
    """Fifty cases as JSON, with session and sign-in."""
    found = Case.objects.filter(court_id=request.user.court_id or 0).order_by("-filed_on", "-id")
    return JsonResponse({"results": list(found.values(*COLUMNS)[:ROWS])})


class Insert(APIView):
    """Authenticates like the interface for systems and inserts one row."""

    scopes = {"POST": "cases:act"}

    def post(self, request: Request) -> Response:
        assert isinstance(request.user, Person)
        log = ReadLog.objects.create(person=request.user, at=clock.now(), what="bench")
        return Response({"id": log.pk}, status=201)
