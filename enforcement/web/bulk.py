"""One act on many cases: up to 20 at once here, more as a job that goes on by itself."""

import uuid
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty

from enforcement import engine, jobs
from enforcement.models import Case
from enforcement.queries import acts, cases, words
from enforcement.web.access import Request, does, reads
from enforcement.web.acts import refused, see_other, step_up
from enforcement.web.forms import render_form
from enforcement.web.posting import read_post

MOST_AT_ONCE = 20
MOST = 500


@dataclass
class Outcome:
    """What became of one row."""

    case: Case
    ok: bool
    text: str


@require_POST
@reads("cases.some", "acts.bulk_form")
@does("*")
def bulk(request: Request) -> HttpResponse:
    """Rows were chosen: show the act's form once, or do it on each. One row out of sight refuses all."""
    chosen = _chosen(request)
    if not chosen:
        return render(request, "enforcement/cases/bulk.html", {"nothing": True}, status=400)
    court = chosen[0].court
    assert court is not None
    form = acts.bulk_form(request.user, court, request.POST.get("act", ""))
    serializer = read_post(form.act.Input, _typed(request), context=form.context)
    if "confirm" not in request.POST:
        return _page(request, form, chosen, form.act.Input(context=form.context))
    step_up(request, form.act)
    if not serializer.is_valid():
        return _page(request, form, chosen, serializer, status=422)
    if len(chosen) > MOST_AT_ONCE:
        job = jobs.start(form.act, [case.uid for case in chosen], request.user, _as_json(serializer))
        return see_other(f"/jobs/{job.uid}/")
    key = request.POST.get("idempotency_key", "")
    outcomes = [_one(request, form.act, case, serializer.initial_data, key) for case in chosen]
    return render(
        request,
        "enforcement/cases/bulk.html",
        {"form": form, "outcomes": outcomes, "done": sum(outcome.ok for outcome in outcomes)},
    )


def _chosen(request: Request) -> list[Case]:
    try:
        uids = [UUID(text) for text in request.POST.getlist("case")[:MOST]]
    except ValueError:
        raise Http404 from None
    return cases.some(request.user, uids)


def _typed(request: Request) -> Any:
    """The act's own fields among what was posted."""
    typed = request.POST.copy()
    for name in ("case", "act", "confirm", "next"):
        typed.pop(name, None)
    return typed


def _as_json(serializer: Any) -> dict[str, Any]:
    """What was typed, as a job keeps it: nested rows as lists, nothing for what was left open."""
    values = {name: field.get_value(serializer.initial_data) for name, field in serializer.fields.items()}
    return {
        name: [row.dict() if hasattr(row, "getlist") else row for row in value]
        if isinstance(value, list)
        else value
        for name, value in values.items()
        if value is not empty
    }


def _one(request: Request, act: type[engine.Act], case: Case, data: Any, key: str) -> Outcome:
    try:
        result = engine.submit(act, case, request.user, data, key=f"{key}:{case.uid}" if key else None)
    except engine.Refused as refusal:
        return Outcome(case, False, " ".join(text for found in refused(refusal).values() for text in found))
    except ValidationError as error:
        return Outcome(case, False, " ".join(_flat(error.detail)))
    if result.proposal is not None:
        return Outcome(case, True, _("Proposed"))
    return Outcome(case, True, words.sentence(act.summary, result.outcome))


def _flat(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        return [text for value in errors.values() for text in _flat(value)]
    return [text for value in errors for text in _flat(value)] if isinstance(errors, list) else [str(errors)]


def _page(
    request: Request, form: acts.ActForm, chosen: list[Case], serializer: Any, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "act": form.act,
        "cases": chosen,
        "law": words.about(form.act),
        "fields": render_form(serializer),
        "as_job": len(chosen) > MOST_AT_ONCE,
        "key": request.POST.get("idempotency_key") or str(uuid.uuid4()),
    }
    return render(request, "enforcement/cases/bulk.html", context, status=status)
