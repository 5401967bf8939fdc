"""The public check of a paper (文书核验): whether it is the court's and stands. No sign-in, nothing kept."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from enforcement.api.throttling import address, counted
from enforcement.engine import OutOfSight
from enforcement.queries import genuineness
from enforcement.queries.genuineness import Paper
from enforcement.web.access import Request, public, reads

PAGE = "enforcement/documents/verify.html"
# Addresses of a whole office are often one: a counter looks at a paper every few seconds.
LOOKS_PER_MINUTE = 120
FILES_PER_MINUTE = 30


class _NotTaken(Exception):
    """A file that is not compared; the sentence says why."""


@public
@require_http_methods(["GET", "HEAD", "POST"])
@reads("genuineness.paper", "genuineness.compare")
def verify(request: Request, uid: UUID) -> HttpResponse:
    """What stands of the writ whose code was scanned; with a file, whether it is that writ."""
    if busy := _too_often(request):
        return busy
    try:
        paper = genuineness.paper(uid)
    except OutOfSight:
        return _no_such(request)
    if request.method != "POST":
        return _page(request, paper)
    try:
        content = _file(request)
    except _NotTaken as problem:
        return _page(request, paper, problem=str(problem), status=400)
    return _page(request, paper, match=genuineness.compare(paper.document, content).value)


@public
@require_http_methods(["GET", "HEAD", "POST"])
@reads("genuineness.named_by_file", "genuineness.paper", "genuineness.compare")
def check(request: Request) -> HttpResponse:
    """A file without its code: which writ of a court it is, if any."""
    if busy := _too_often(request):
        return busy
    if request.method != "POST":
        return _page(request)
    try:
        content = _file(request)
    except _NotTaken as problem:
        return _page(request, problem=str(problem), status=400)
    uid = genuineness.named_by_file(content)
    if uid is None:
        return _page(request, match=genuineness.Match.FOREIGN.value)
    paper = genuineness.paper(uid)
    return _page(request, paper, match=genuineness.compare(paper.document, content).value)


@public
@require_GET
@reads("genuineness.paper")
def unknown(request: Request, code: str) -> HttpResponse:
    """A code that can be none of a court's."""
    return _too_often(request) or _no_such(request)


def _no_such(request: Request) -> HttpResponse:
    return render(request, PAGE, {"is_unknown": True}, status=404)


def _page(
    request: Request, paper: Paper | None = None, *, match: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"paper": paper, "match": match, "problem": problem}
    context["megabytes"] = settings.UPLOAD_MAX_BYTES // 2**20
    return render(request, PAGE, context, status=status)


def _file(request: Request) -> bytes:
    """The bytes that were sent. Raises ``_NotTaken``."""
    file = request.FILES.get("file")
    if file is None:
        raise _NotTaken(_("Choose the file first."))
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise _NotTaken(
            _("The file is larger than %(size)d MiB; no writ of a court is.")
            % {"size": settings.UPLOAD_MAX_BYTES // 2**20}
        )
    return bytes(file.read())


def _too_often(request: Request) -> HttpResponse | None:
    """An answer for addresses that ask faster than people do."""
    posted = request.method == "POST"
    name, most = ("verify-file", FILES_PER_MINUTE) if posted else ("verify", LOOKS_PER_MINUTE)
    wait = counted(f"{name}:{address(request)}", most, 60)
    if wait is None:
        return None
    answer = render(request, PAGE, {"is_busy": True}, status=429)
    answer["Retry-After"] = str(max(1, round(wait)))
    return answer
