"""One request in the portal: is it genuine, what does it ask, and its answer."""

import json
import uuid
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from enforcement import engine
from enforcement.engine.history import plain
from enforcement.models import DocumentState
from enforcement.queries import readers, words
from enforcement.web.access import Request, does, reads
from enforcement.web.acts import refused, see_other
from enforcement.web.documents import given_to_agency
from enforcement.web.forms import Control, controls_of
from enforcement.web.posting import read_post, rows_pressed
from linkage import answer_forms, giving
from linkage.acts.answering import Accept, Ask, kind_of
from linkage.acts.assigning import AssignRequest, colleagues_of
from linkage.models import ARTICLE_OF, AnswerState, Ground, Outcome, Priority, RequestState
from linkage.models import Request as Order
from linkage.queries import portal, portal_lists

NEIGHBOURS = 12
#: Fields that stand under "more" because an answer seldom needs them.
SELDOM = {"handled_at", "handler", "remarks"}


@require_http_methods(["GET", "POST"])
@reads("portal.one", "portal.verdict", "portal.facts", "readers.note")
@does("request.answer")
def show(request: Request, uid: UUID) -> HttpResponse:
    """A request: the verdict on top, what it carries, its papers, and the form of its answer."""
    order = portal.one(request.user, uid)
    if request.method == "POST":
        return _answer(request, order)
    if portal.in_full(request.user, order):
        readers.note(request.user, "request", case=order.case, purpose=order.number)
    return _page(request, order)


@require_GET
@reads("portal.one", "portal.facts", "readers.note")
def printed(request: Request, uid: UUID) -> HttpResponse:
    """A request on paper."""
    order = portal.one(request.user, uid)
    if portal.in_full(request.user, order):
        readers.note(request.user, "request.print", case=order.case, purpose=order.number)
    return render(request, "linkage/portal/print.html", _about(request, order))


@require_GET
@reads("portal.one", "readers.note")
def paper(request: Request, uid: UUID, document: UUID) -> HttpResponseBase:
    """A writ that goes with a request, as PDF, while the request's time runs."""
    order = portal.one(request.user, uid)
    found = [row.document for row in order.accompanied_by.all() if row.document.uid == document]
    if not found or not portal.in_full(request.user, order):
        raise engine.OutOfSight
    if found[0].state != DocumentState.READY or found[0].file is None:
        return render(
            request, "linkage/portal/waiting.html", {"order": order, "document": found[0]}, status=202
        )
    readers.note(request.user, "document", case=order.case, purpose=found[0].writ)
    return given_to_agency(found[0])


@require_POST
@reads("portal.one")
@does("request.accept")
def accept(request: Request, uid: UUID) -> HttpResponse:
    """It was read and is being worked on."""
    return _act(request, portal.one(request.user, uid), Accept, {})


@require_POST
@reads("portal.one")
@does("request.assign")
def assign(request: Request, uid: UUID) -> HttpResponse:
    """A colleague works on it."""
    data = {"assignee": request.POST.get("assignee", "")}
    return _act(request, portal.one(request.user, uid), AssignRequest, data)


@require_POST
@reads("portal.one")
@does("request.ask")
def ask(request: Request, uid: UUID) -> HttpResponse:
    """A question to the court, or a written objection; the order stands meanwhile."""
    order = portal.one(request.user, uid)
    form = read_post(answer_forms.AskForm, request.POST)
    if not form.is_valid():
        return _page(request, order, ask=form, status=422)
    try:
        _submit(request, order, Ask, plain(form.validated_data))
    except engine.Refused as refusal:
        return _page(request, order, ask=form, ask_errors=refused(refusal), status=422)
    messages.success(request, _("Sent to the court. Its reply will stand here."))
    return see_other(reverse("portal_request", args=[order.uid]))


@require_POST
@reads("portal.one")
@does("request.answer")
def refuse(request: Request, uid: UUID) -> HttpResponse:
    """It can't be done: a coded ground and a sentence."""
    order = portal.one(request.user, uid)
    form = read_post(answer_forms.RefusalForm, request.POST)
    if not form.is_valid():
        return _page(request, order, refusal=form, status=422)
    data = plain(form.validated_data) | {"outcome": Outcome.REFUSED.value}
    try:
        given = _give(request, order, data)
    except engine.Refused as refusal:
        return _page(request, order, refusal=form, refusal_errors=refused(refusal), status=422)
    return _done(request, given)


@require_POST
@reads("portal.one")
@does("request.answer")
def decide(request: Request, uid: UUID, answer: UUID) -> HttpResponse:
    """The second person confirms an answer, or sends it back."""
    order = portal.one(request.user, uid)
    found = [one for one in order.answers.all() if one.uid == answer]
    if not found or not portal.may_answer(request.user, order):
        raise engine.OutOfSight
    waiting = found[0]
    reason = request.POST.get("reason", "")
    try:
        if request.POST.get("decision") == "confirm":
            if not portal.may_confirm(request.user, waiting) and waiting.state == AnswerState.CONFIRMING:
                raise engine.OutOfSight
            giving.confirm(waiting, request.user)
            messages.success(
                request, _("Confirmed and sent to the court: %(number)s.") % {"number": waiting.number}
            )
            return see_other(reverse("portal_inbox"))
        giving.send_back(waiting, request.user, reason)
    except engine.Conflict as conflict:
        return _page(request, order, decision_errors=[conflict.reason], status=409)
    except engine.Refused as refusal:
        texts = [text for each in refused(refusal).values() for text in each]
        return _page(request, order, decision_errors=texts, decision_reason=reason, status=422)
    messages.success(request, _("The answer did not leave. The request waits again."))
    return see_other(reverse("portal_request", args=[order.uid]))


# --- answering ------------------------------------------------------------------------------------
def _answer(request: Request, order: Order) -> HttpResponse:
    if not portal.may_answer(request.user, order):
        raise engine.OutOfSight
    if "_nothing" in request.POST:
        return _nothing(request, order)
    if "_fill" in request.POST:
        return _filled(request, order)
    form = read_post(answer_forms.AnswerForm, request.POST, context=_context(request, order))
    if rows_pressed(request.POST):
        return _page(request, order, form=form)
    if not form.is_valid():
        return _page(request, order, form=form, status=422)
    data = plain(form.validated_data) | {"corrects": "_corrects" in request.POST}
    try:
        given = _give(request, order, data)
    except ValidationError as error:
        return _page(request, order, form=form, errors=error.detail, status=422)
    except engine.Conflict as conflict:
        return _page(request, order, form=form, errors=refused(conflict), status=409)
    except engine.Refused as refusal:
        return _page(request, order, form=form, errors=refused(refusal), status=422)
    return _done(request, given)


def _nothing(request: Request, order: Order) -> HttpResponse:
    """Nothing was found: an answer without rows, at one click."""
    number = request.POST.get("number", "").strip()[:80]
    try:
        given = _give(request, order, {"outcome": Outcome.NOTHING.value, "number": number})
    except engine.Refused as refusal:
        form = read_post(answer_forms.AnswerForm, request.POST, context=_context(request, order))
        return _page(request, order, form=form, errors=refused(refusal), status=422)
    return _done(request, given)


def _filled(request: Request, order: Order) -> HttpResponse:
    """Rows of a pasted block or an uploaded sheet put into the form; nothing is answered yet."""
    table = answer_forms.rows_field(order)
    sent = request.FILES.get("_file")
    wrong = ""
    post: QueryDict = request.POST
    try:
        if table is None:
            raise answer_forms.WrongTable(_("An answer to this matter has no table."))
        if sent is not None:
            cells = answer_forms.table_of(sent.name or "", sent.read())
        else:
            cells = answer_forms.pasted(request.POST.get("_paste", ""))
        rows = answer_forms.rows_of(table, cells, words.language())
        post = answer_forms.with_rows(request.POST, table.name, rows)
    except answer_forms.WrongTable as error:
        wrong = str(error)
    form = read_post(answer_forms.AnswerForm, post, context=_context(request, order))
    return _page(request, order, form=form, table_error=wrong, status=422 if wrong else 200)


def _give(request: Request, order: Order, data: dict[str, Any]) -> giving.Given:
    return giving.give(order, request.user, data, key=request.POST.get("idempotency_key") or None)


def _context(request: Request, order: Order) -> dict[str, Any]:
    return {"case": order.case, "actor": request.user, "asked": order}


def _done(request: Request, given: giving.Given) -> HttpResponse:
    if given.waiting is not None:
        messages.success(
            request,
            _("%(number)s: kept. A second person confirms it before it leaves.") % {"number": given.number},
        )
    else:
        messages.success(
            request,
            _("%(request)s answered, receipt %(number)s.")
            % {"request": given.request.number, "number": given.number},
        )
    return see_other(reverse("portal_inbox"))


def _act(request: Request, order: Order, act: type[engine.Act], data: dict[str, Any]) -> HttpResponse:
    try:
        result = _submit(request, order, act, data)
    except engine.Refused as refusal:
        messages.error(request, refusal.reason)
        return _page(request, order, status=422)
    messages.success(request, words.sentence(act.summary, result.outcome))
    return see_other(reverse("portal_request", args=[order.uid]))


def _submit(request: Request, order: Order, act: type[engine.Act], data: dict[str, Any]) -> engine.Result:
    key = request.POST.get("idempotency_key") or None
    return engine.submit(act, order.case, request.user, data | {"request": str(order.uid)}, key=key)


# --- the page -------------------------------------------------------------------------------------
def _about(request: Request, order: Order) -> dict[str, Any]:
    """What stands on the page and on paper."""
    full = portal.in_full(request.user, order)
    language = words.language()
    return {
        "order": order,
        "matter": order.matter.name(language),
        "full": full,
        "over": portal.time_is_over(order),
        "verdict": portal.verdict(order),
        "facts": portal.facts(order, full=full),
        "papers": [row.document for row in order.accompanied_by.all()],
        "officers": [one for one in (order.requested_by, order.decided_by) if one is not None],
        "tone": portal_lists.TONES.get(Priority(order.priority), ""),
        "answers": [
            (one, portal.lines_of(order.matter.answer_fields, one.facts))
            for one in order.answers.all()
            if one.state != AnswerState.CONFIRMING
        ],
        "questions": list(order.questions.all()),
        "said": [one for one in order.dispatches.all() if one.note],
    }


def _page(
    request: Request,
    order: Order,
    *,
    form: Any = None,
    errors: Any = None,
    refusal: Any = None,
    refusal_errors: Any = None,
    ask: Any = None,
    ask_errors: Any = None,
    table_error: str = "",
    decision_errors: Iterable[str] = (),
    decision_reason: str = "",
    status: int = 200,
) -> HttpResponse:
    may_answer = portal.may_answer(request.user, order)
    corrects = order.state == RequestState.ANSWERED and (
        "correct" in request.GET or "_corrects" in request.POST
    )
    confirming = [one for one in order.answers.all() if one.state == AnswerState.CONFIRMING]
    open_form = may_answer and (order.is_waiting or corrects) and not confirming
    context = _about(request, order) | {
        "may_answer": may_answer,
        "open_form": open_form,
        "corrects": corrects,
        "second": portal.needs_second_person(order),
        "may_correct": may_answer and order.state == RequestState.ANSWERED and not corrects,
        "confirming": confirming[0] if confirming else None,
        "may_confirm": bool(confirming) and portal.may_confirm(request.user, confirming[0]),
        "own_answer": bool(confirming) and confirming[0].answered_by_id == request.user.pk,
        "decision_errors": decision_errors,
        "decision_reason": decision_reason,
        "colleagues": colleagues_of(order) if order.is_waiting else {},
        "neighbours": portal_lists.inbox(request.user, size=NEIGHBOURS).rows,
        "key": request.POST.get("idempotency_key") or str(uuid.uuid4()),
        "table_error": table_error,
        "typed_paste": request.POST.get("_paste", ""),
        "post_error": status >= 400,
    }
    if confirming:
        context["confirming_lines"] = _kept(order, confirming[0], portal.in_full(request.user, order))
    if open_form:
        context |= _forms(request, order, form, errors, refusal, refusal_errors, ask, ask_errors)
    return render(request, "linkage/portal/request.html", context, status=status)


def _kept(order: Order, answer: Any, full: bool) -> list[portal.Line]:
    """What an answer that waits will say."""
    facts = json.loads(answer.raw).get("facts") or {} if full else {}
    return portal.lines_of(order.matter.answer_fields, facts)


def _forms(
    request: Request,
    order: Order,
    form: Any,
    errors: Any,
    refusal: Any,
    refusal_errors: Any,
    ask: Any,
    ask_errors: Any,
) -> dict[str, Any]:
    full = portal.in_full(request.user, order)
    filled = answer_forms.initial(order, order.carried() if full else order.facts)
    fresh = form is None
    if form is None:
        form = answer_forms.AnswerForm(context=_context(request, order))
    controls, loose = controls_of(form, errors=errors, initial=filled)
    by_name = {control.name: control for control in controls}
    facts = by_name.pop("facts", None)
    table = answer_forms.rows_field(order)
    if fresh and not (refusal or ask):
        _focus(by_name["number"], facts, table is not None)
    for control in [by_name["outcome"], *(facts.children if facts else ())]:
        control.in_row = True  # nothing is said to be optional: what is known is answered
    refusal_controls, refusal_loose = controls_of(
        refusal or answer_forms.RefusalForm(), errors=refusal_errors, prefix="r"
    )
    ask_controls, ask_loose = controls_of(ask or answer_forms.AskForm(), errors=ask_errors, prefix="q")
    return {
        "outcome": by_name["outcome"],
        "number": by_name["number"],
        "facts_controls": facts.children if facts else [],
        "seldom": [by_name[name] for name in by_name if name in SELDOM],
        "seldom_open": any(by_name[name].errors for name in SELDOM),
        "form_errors": _summary([*controls], loose),
        "table": table,
        "is_lift": kind_of(order) == "release",
        "is_inquiry": order.matter.is_inquiry,
        "refusal_controls": refusal_controls,
        "refusal_errors": _summary(refusal_controls, refusal_loose),
        "refusal_open": refusal is not None,
        "ground_rules": [(ground.label, words.citation(ARTICLE_OF[ground.value])) for ground in Ground],
        "ask_controls": ask_controls,
        "ask_errors": _summary(ask_controls, ask_loose),
        "ask_open": ask is not None,
    }


def _focus(number: Control, facts: Control | None, has_table: bool) -> None:
    """Typing begins where an answer differs from the order: the table, else our own reference."""
    rows = next((child for child in facts.children if child.rows), None) if facts and has_table else None
    if rows is not None and rows.rows[0].controls:
        rows.rows[0].controls[0].autofocus = True
    else:
        number.autofocus = True


def _summary(controls: list[Control], loose: list[str]) -> list[dict[str, str]]:
    found = [{"id": "", "label": "", "message": text} for text in loose]
    for top in controls:
        for control in top.walk():
            found += [{"id": control.id, "label": control.label, "message": text} for text in control.errors]
            found += [{"id": "", "label": "", "message": text} for row in control.rows for text in row.errors]
    return found
