"""The search box: numbers, names, identity and account numbers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from enforcement.queries import search
from enforcement.web.access import reads
from enforcement.web.acts import see_other


@require_GET
@reads("search.search")
def show(request: HttpRequest) -> HttpResponse:
    """What matches; a whole case number opens its case at once."""
    found = search.search(request.user, request.GET.get("q", ""))
    if found.exact:
        return see_other(reverse("case", args=[found.cases[0].uid]))
    # A number of a person is not kept in the page, where it would stay in the browser's history.
    typed = found.text if found.how in {"identity", "account"} else request.GET.get("q", "")[:100]
    return render(
        request,
        "enforcement/search/results.html",
        {"found": found, "search_query": typed},
        status=429 if found.limited else 200,
    )
