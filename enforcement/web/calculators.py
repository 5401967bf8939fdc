"""The calculators of the law as pages: a form, the result with every step and its articles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from enforcement.queries import calculators
from enforcement.web.access import Request, reads
from enforcement.web.fact_forms import errors_of, facts_of, form_of, shown_results, typed_from
from enforcement.web.forms import render_form
from enforcement.web.posting import read_post, rows_pressed
from law import clock
from law.calculators import CALCULATORS, as_json, run
from law.money.errors import FactError


@require_GET
@reads("calculators.listed")
def index(request: Request) -> HttpResponse:
    """Every calculator by what it is for."""
    return render(request, "enforcement/calculators/index.html", {"groups": calculators.listed()})


@require_http_methods(["GET", "POST"])
@reads("calculators.facts_of_case")
def calculator(request: Request, kind: str) -> HttpResponse:
    """One calculator; ``?case=`` fills the claim account from a visible case. Nothing is stored."""
    found = CALCULATORS.get(kind)
    if found is None:
        raise Http404
    form = form_of(found)
    context: dict[str, Any] = {"calculator": found, "title": gettext(found.title)}
    if request.method == "GET":
        initial: dict[str, Any] = {}
        case = request.GET.get("case", "")
        if case and kind == "claim_account":
            try:
                context["case"], initial = calculators.facts_of_case(request.user, UUID(case))
            except ValueError:
                raise Http404 from None
        elif any(field.name == "as_of" for field in found.facts):
            initial = {"as_of": clock.today().isoformat()}
        context["fields"] = render_form(form(), initial=typed_from(found.facts, initial))
        return render(request, "enforcement/calculators/calculator.html", context)
    serializer = read_post(form, request.POST)
    status = 200
    if rows_pressed(request.POST):
        context["fields"] = render_form(serializer)
    else:
        facts = facts_of(found.facts, serializer, serializer.initial_data)
        try:
            result = run(kind, facts)
        except FactError as error:
            context["fields"] = render_form(serializer, errors=errors_of(error, facts, found.facts))
            status = 422
        else:
            context["fields"] = render_form(serializer)
            context["results"] = shown_results(found.results, result)
            context["answer"] = as_json(result, gettext)
            context["today"] = clock.today()
    return render(request, "enforcement/calculators/calculator.html", context, status=status)
