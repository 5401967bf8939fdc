"""The search box: numbers, names, identity and account numbers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enforcement.queries import search
from enforcement.web.access import Request, reads
from enforcement.web.acts import see_other


@require_http_methods(["GET", "POST"])
@reads("search.search")
def show(request: Request) -> HttpResponse:
    """What matches; a whole case number opens its case at once.

    The box posts, because an identity or account number must not stand in an address, where logs and the
    browser's history would keep it. Everything else is sent on to an address that can be kept.
    """
    address = reverse("search")
    typed = (request.POST if request.method == "POST" else request.GET).get("q", "")[:100]
    personal = search.is_personal_number(typed)
    if request.method == "POST" and not personal:
        return see_other(f"{address}?{urlencode({'q': typed})}")
    if request.method == "GET" and personal:
        text = _("Type personal numbers into the box; they are not searched from an address.")
        messages.warning(request, text)
        return see_other(address)
    found = search.search(request.user, typed)
    if found.exact:
        return see_other(reverse("case", args=[found.cases[0].uid]))
    return render(
        request,
        "enforcement/search/results.html",
        {"found": found, "search_query": "" if personal else typed},
        status=429 if found.limited else 200,
    )
