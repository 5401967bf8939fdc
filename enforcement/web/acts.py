"""One form for every act: drawn from its declaration, previewed live, submitted to the engine."""

import uuid
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from directory.models import Duty
from enforcement import engine
from enforcement.queries import acts, cases, drafts, readers, timeline, words
from enforcement.queries.acts import ActForm
from enforcement.web.access import Request, does, reads
from enforcement.web.forms import render_form
from enforcement.web.posting import read_post, rows_pressed

#: Groups of acts that move money, change who may do what, or take data out.
STEPPED_UP = {"money", "staff", "clients", "exports", "agencies", "agency-staff"}
#: Acts that show, or let somebody see, what is sealed.
UNSEALING = {"party.reveal", "tip.allow-identity", "tip.show-identity"}


@require_http_methods(["GET", "POST"])
@reads("cases.workspace", "acts.on_case")
@does("*")
def on_case(request: Request, uid: UUID, code: str) -> HttpResponse:
    """An act on a case: its form, and what comes of it."""
    case = cases.workspace(request.user, uid)
    form = acts.on_case(request.user, case, code)
    if request.method == "GET":
        readers.note(request.user, "case.act", case=case, purpose=code)
    return _act(request, form)


@require_http_methods(["GET", "POST"])
@reads("acts.at_court")
@does("*")
def at_court(request: Request, court: str, code: str) -> HttpResponse:
    """An act at a court: filing a case, unidentified money, people and duties."""
    return _act(request, acts.at_court(request.user, court, code))


@require_POST
@reads("cases.workspace", "acts.on_case", "acts.previews")
def preview_on_case(request: Request, uid: UUID, code: str) -> HttpResponse:
    """The writs the typed input would make; without htmx, the whole page with them."""
    case = cases.workspace(request.user, uid)
    return _preview(request, acts.on_case(request.user, case, code))


@require_POST
@reads("acts.at_court", "acts.previews")
def preview_at_court(request: Request, court: str, code: str) -> HttpResponse:
    """The same for an act at a court."""
    return _preview(request, acts.at_court(request.user, court, code))


@require_POST
@reads("cases.one")
@does("drafts.save", "drafts.discard")
def draft_on_case(request: Request, uid: UUID, code: str) -> HttpResponse:
    """Keep what is typed so far, or forget it."""
    return _draft(request, cases.one(request.user, uid), code)


@require_POST
@does("drafts.save", "drafts.discard")
def draft_at_court(request: Request, court: str, code: str) -> HttpResponse:
    """The same for an act at a court."""
    acts.at_court(request.user, court, code)
    return _draft(request, None, code)


def _draft(request: Request, case: Any, code: str) -> HttpResponse:
    if "_discard" in request.POST:
        drafts.discard(request.user, case, code)
        return see_other(request.path.removesuffix("draft/"))
    kept = drafts.save(request.user, case, code, request.POST)
    if kept is None:
        return HttpResponse(status=204)
    return render(request, "enforcement/acts/act.html#draft", {"draft": kept})


def _act(request: Request, form: ActForm) -> HttpResponse:
    if request.method == "GET":
        return _blank(request, form)
    serializer = read_post(form.act.Input, request.POST, request.FILES, context=form.context)
    if rows_pressed(request.POST):
        return _page(request, form, serializer)
    step_up(request, form.act)
    seen = request.POST.get("seen", "")
    try:
        result = engine.submit(
            form.act,
            form.case or form.court,
            request.user,
            serializer.initial_data,
            key=request.POST.get("idempotency_key") or None,
            seen=int(seen) if seen.isdecimal() else None,
        )
    except ValidationError as error:
        return _page(request, form, serializer, errors=error.detail, status=422)
    except engine.Conflict as conflict:
        missed = (
            timeline.timeline(form.case, since=int(seen)).entries if form.case and seen.isdecimal() else []
        )
        return _page(request, form, serializer, conflict=conflict, missed=missed, status=409)
    except engine.Refused as refusal:
        return _page(
            request, form, serializer, errors=refused(refusal), status=403 if refusal.code == "duty" else 422
        )
    return _done(request, form, result)


def _blank(request: Request, form: ActForm) -> HttpResponse:
    draft = drafts.load(request.user, form.case, form.act.code) if form.instance else None
    if draft is not None:
        typed = read_post(form.act.Input, draft[1], context=form.context)
        return _page(request, form, typed, sheets=acts.previews(form, typed), draft=draft[0])
    initial = form.initial(request.GET.dict())
    return _page(
        request,
        form,
        form.act.Input(context=form.context),
        initial=initial,
        sheets=acts.previews(form, form.act.Input(data=initial, context=form.context)),
        status=200 if form.instance else 403,
    )


def _preview(request: Request, form: ActForm) -> HttpResponse:
    serializer = read_post(form.act.Input, request.POST, context=form.context)
    sheets = acts.previews(form, serializer)
    if request.htmx:
        return render(request, "enforcement/acts/act.html#preview", {"sheets": sheets})
    return _page(request, form, serializer, sheets=sheets)


def _page(
    request: Request,
    form: ActForm,
    serializer: Any,
    *,
    errors: Any = None,
    initial: dict[str, Any] | None = None,
    conflict: engine.Conflict | None = None,
    missed: Any = (),
    sheets: list[str] | None = None,
    draft: Any = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "draft": draft,
        "form": form,
        "act": form.act,
        "case": form.case,
        "law": words.about(form.act),
        "fields": render_form(serializer, errors=errors, initial=initial),
        "has_fields": bool(serializer.fields),
        "has_preview": form.act.preview is not engine.Act.preview,
        "sheets": sheets,
        "decider": _decider(form),
        # A key that another input used up is replaced; every other answer keeps it, so that a second
        # submit of the same form has one effect.
        "key": _key(request, conflict),
        "seen": form.case.event_count if form.case else "",
        "next": safe_next(request),
        "conflict": conflict,
        "missed": missed,
        "why_not": words.citations(form.why_not_basis),
        "self_url": request.path.removesuffix("preview/"),
        "draft_url": request.path.removesuffix("preview/") + "draft/",
        "preview_url": request.path.removesuffix("preview/") + "preview/",
    }
    return render(request, "enforcement/acts/act.html", context, status=status)


def _key(request: Request, conflict: engine.Conflict | None) -> str:
    if conflict is not None and conflict.code == "key-reused":
        return str(uuid.uuid4())
    return request.POST.get("idempotency_key") or str(uuid.uuid4())


def _decider(form: ActForm) -> str:
    """The label of the duty that will decide, where the declaration names one."""
    return str(form.act.decided_by.label) if form.act.decided_by else ""


def refused(refusal: engine.Refused) -> dict[str, list[str]]:
    """A refusal as messages of a form: at its field, or on top; with the rule it rests on."""
    text = refusal.reason
    if refusal.basis:
        text = _("%(reason)s (%(rule)s)") % {"reason": text, "rule": words.citations(refusal.basis)}
    return {refusal.field or "non_field_errors": [text]}


def step_up(request: Request, act: type[engine.Act]) -> None:
    """Ask for a factor again before an act that restrains somebody, moves money, changes who may do what, or
    takes data out, is decided or done.

    allauth's middleware keeps the posted form and goes on with it afterwards.
    """
    if settings.REQUIRE_SECOND_FACTOR and (act.affects or act.group in STEPPED_UP or act.code in UNSEALING):
        from allauth.account.decorators import reauthentication_required

        reauthentication_required(lambda _request: None)(request)


def safe_next(request: Request) -> str:
    """The page to go back to, if it is one of ours."""
    wanted = request.POST.get("_next") or request.GET.get("next") or ""
    inside = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if inside and wanted.startswith("/") and wanted.isprintable() else ""


def see_other(url: str) -> HttpResponse:
    """303: the answer to a posted form is a page, and reloading it posts nothing."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def _done(request: Request, form: ActForm, result: engine.Result) -> HttpResponse:
    act = form.act
    drafts.discard(request.user, form.case, act.code)
    if result.revealed:
        # Shown in this answer and kept nowhere: no redirect, no session, no message could carry it.
        return render(
            request,
            "enforcement/acts/revealed.html",
            {
                "act": act,
                "case": form.case,
                "value": result.revealed,
                "text": words.sentence(act.summary, result.outcome),
            },
        )
    if result.proposal is not None:
        messages.success(
            request,
            _("%(act)s: proposed. It waits for the decision of: %(duty)s.")
            % {"act": act.title, "duty": Duty(result.proposal.duty).label},
        )
    else:
        messages.success(request, words.sentence(act.summary, result.outcome) or str(act.title))
    back = safe_next(request)
    if result.case is not None:
        back = back or reverse("case", args=[result.case.uid])
    return see_other(back or reverse("desk"))
