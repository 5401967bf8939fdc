"""The catalogue of acts, clocks, closings and instruments."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from enforcement.queries import catalogue
from enforcement.web.access import reads


@require_GET
@reads("catalogue.catalogue")
def show(request: HttpRequest) -> HttpResponse:
    """Everything the product knows of the law, filtered by a text."""
    wanted = request.GET.get("q", "")[:100]
    context = {"found": catalogue.catalogue(wanted), "wanted": wanted}
    return render(request, "enforcement/catalogue/catalogue.html", context)
