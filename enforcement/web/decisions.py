"""The decisions inbox (待我审批): one after the other, with the writ beside it."""

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from rest_framework.exceptions import ValidationError

from enforcement import engine
from enforcement.engine import act_named
from enforcement.models import Proposal
from enforcement.queries import acts, cases, decisions, readers, words
from enforcement.web.access import Request, does, reads
from enforcement.web.acts import refused, see_other, step_up


@require_GET
@reads("decisions.inbox", "decisions.proposal", "acts.on_case")
def inbox(request: Request, uid: UUID | None = None) -> HttpResponse:
    """What awaits my decision; the first of it, or the one named, opened."""
    waiting = decisions.inbox(request.user)
    chosen = decisions.proposal(request.user, uid) if uid else waiting[0].proposal if waiting else None
    return _page(request, waiting, chosen)


@require_POST
@reads("decisions.proposal")
@does("*")
def decide(request: Request, uid: UUID) -> HttpResponse:
    """Approve or not; then the next one."""
    proposal = decisions.proposal(request.user, uid)
    approve = request.POST.get("decision") == "approve"
    step_up(request, act_named(proposal.act))
    try:
        engine.decide(
            proposal,
            request.user,
            approve=approve,
            reason=request.POST.get("reason", "")[:500],
            key=request.POST.get("idempotency_key") or None,
        )
    except ValidationError as error:
        return _page(
            request, decisions.inbox(request.user), proposal, errors=_texts(error.detail), status=422
        )
    except engine.Refused as refusal:
        status = 409 if isinstance(refusal, engine.Conflict) else 422
        texts = [text for found in refused(refusal).values() for text in found]
        return _page(request, decisions.inbox(request.user), proposal, errors=texts, status=status)
    done = _("Approved: %(act)s, %(case)s") if approve else _("Not approved: %(act)s, %(case)s")
    messages.success(request, done % {"act": words.act_title(proposal.act), "case": proposal.case.number})
    return see_other(reverse("decisions"))


def _texts(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        return [text for value in errors.values() for text in _texts(value)]
    return [text for value in errors for text in _texts(value)] if isinstance(errors, list) else [str(errors)]


def _page(
    request: Request,
    waiting: list[decisions.Pending],
    chosen: Proposal | None,
    *,
    errors: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "waiting": waiting,
        "chosen": chosen,
        "errors": errors,
        "key": str(uuid.uuid4()),
    }
    if chosen is not None:
        act = act_named(chosen.act)
        case = cases.workspace(request.user, chosen.case.uid)
        form = acts.proposed(chosen, case)
        if not errors:
            readers.note(request.user, "case.decision", case=case, purpose=chosen.act)
        context |= {
            "act": act,
            "case": case,
            "law": words.about(act),
            "sentence": decisions.summary(chosen),
            "typed": acts.typed(form, chosen.input),
            "sheets": acts.previews(form, act.Input(data=chosen.input, context=form.context)),
            "may_decide": decisions.may_decide(request.user, chosen),
            "typed_reason": request.POST.get("reason", ""),
        }
    return render(request, "enforcement/decisions/inbox.html", context, status=status)
