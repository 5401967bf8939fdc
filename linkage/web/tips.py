"""The public page for reports, and the pages of the command centre and the teams."""

import hashlib
import uuid
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from directory.models import Person
from directory.sealing import blind_index
from enforcement import engine
from enforcement.web.access import Request, does, public, reads
from enforcement.web.acts import refused
from enforcement.web.forms import render_form
from enforcement.web.posting import read_post
from linkage.acts.tips import ReceiveInput
from linkage.queries import tips

#: How often one address may do it, in how many seconds.
REPORTS, LOOKS = (5, 3600), (20, 900)
LONGEST_CODE = 20


@require_GET
@reads("tips.board")
def board(request: Request) -> HttpResponse:
    """Open tips by their clocks, and who is on duty."""
    return render(request, "linkage/tips/board.html", {"page": tips.board(request.user)})


@require_GET
@reads("tips.ticket")
def ticket(request: Request, uid: UUID) -> HttpResponse:
    """One ticket; that it was opened is written down."""
    return render(request, "linkage/tips/ticket.html", {"page": tips.ticket(request.user, uid)})


class ReportForm(ReceiveInput):
    """The public form: what is reported, and the area it is about."""

    def get_fields(self) -> dict[str, serializers.Field]:
        area = serializers.ChoiceField(label=_("Area it is about"), choices=list(tips.courts().items()))
        fields = super().get_fields()
        return {"kind": fields.pop("kind"), "court": area, **fields}


@public
@require_http_methods(["GET", "POST"])
@reads("tips.courts")
@does("tip.receive")
def report(request: HttpRequest) -> HttpResponse:
    """Report something without signing in; code and PIN are shown in the answer and nowhere else."""
    if request.method == "GET":
        return _report_page(request, ReportForm(), initial={"court": request.GET.get("court", "")})
    form = read_post(ReportForm, request.POST)
    if not form.is_valid():
        return _report_page(request, form, status=422)
    values = dict(form.validated_data)
    court = tips.court_of_area(values.pop("court"))
    if _too_often(request, "report", *REPORTS) or tips.is_full(court):
        return render(request, "linkage/tips/too_often.html", status=429)
    try:
        result = engine.submit(
            engine.act_named("tip.receive"),
            court,
            Person.objects.system(),
            values,
            key=_key(request),
        )
    except ValidationError as error:
        return _report_page(request, form, errors=error.detail, status=422)
    except engine.Refused as refusal:
        return _report_page(request, form, errors=refused(refusal), status=422)
    code, _space, pin = result.revealed.partition(" ")
    return render(request, "linkage/tips/received.html", {"code": code, "pin": pin, "again": result.replayed})


def _report_page(
    request: HttpRequest, form: Any, *, initial: Any = None, errors: Any = None, status: int = 200
) -> HttpResponse:
    context = {
        "fields": render_form(form, initial=initial, errors=errors),
        "key": request.POST.get("idempotency_key") or str(uuid.uuid4()),
    }
    return render(request, "linkage/tips/report.html", context, status=status)


def _key(request: HttpRequest) -> str:
    """The form's own key, so that a second press of the button reports nothing twice."""
    return (
        "report:"
        + hashlib.sha256(request.POST.get("idempotency_key", str(uuid.uuid4())).encode()).hexdigest()
    )


@public
@require_http_methods(["GET", "POST"])
@reads("tips.claimed")
@does("tip.message")
def status(request: HttpRequest) -> HttpResponse:
    """What became of a report, for who holds its code and PIN; and a further word on it.

    Both travel in the body of the request, never in an address.
    """
    if request.method == "GET":
        return render(request, "linkage/tips/status.html", {})
    if _too_often(request, "status", *LOOKS):
        return render(request, "linkage/tips/too_often.html", status=429)
    code, pin = (request.POST.get(name, "")[:LONGEST_CODE] for name in ("code", "pin"))
    tip = tips.claimed(code, pin)
    if tip is None:
        return render(request, "linkage/tips/status.html", {"wrong": True, "code": code}, status=422)
    errors: Any = None
    text = request.POST.get("text", "").strip()
    if text:
        try:
            engine.submit(
                engine.act_named("tip.message"),
                tip.court,
                Person.objects.system(),
                {"tip": str(tip.uid), "text": text},
                key=_key(request),
            )
        except ValidationError as error:
            errors = [str(one) for values in error.detail.values() for one in values]  # type: ignore[union-attr]
        except engine.Refused as refusal:
            errors = [refusal.reason]
    context = {
        "tip": tip,
        "messages_of_tip": list(tip.messages.all()),
        "code": code,
        "pin": pin,
        "text": text if errors else "",
        "errors": errors,
        "key": str(uuid.uuid4()),
    }
    return render(request, "linkage/tips/status.html", context, status=422 if errors else 200)


def _too_often(request: HttpRequest, what: str, most: int, seconds: int) -> bool:
    """Whether one address did it too often. The address is kept as a keyed hash, for as long as the limit."""
    address = blind_index(str(get_adapter().get_client_ip(request)), kind="address").hex()
    name = f"tip:{what}:{address}"
    if cache.add(name, 1, seconds):
        return False
    try:
        return cache.incr(name) > most
    except ValueError:
        return False
