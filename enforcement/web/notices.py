"""Notices (通知): what I was told."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from enforcement.queries import notices
from enforcement.web.access import Request, does, reads
from enforcement.web.acts import see_other


@require_GET
@reads("notices.notices")
def listed(request: Request) -> HttpResponse:
    """My notices, newest first."""
    after = request.GET.get("after", "")
    page = notices.notices(request.user, after=int(after) if after.isdecimal() and len(after) < 19 else None)
    return render(request, "enforcement/notices/list.html", {"page": page})


@require_POST
@does("notices.mark_read")
def read(request: Request) -> HttpResponse:
    """I have read everything up to this one."""
    last = request.POST.get("last", "")
    if last.isdecimal() and len(last) < 19:
        notices.mark_read(request.user, int(last))
    return see_other(reverse("notices"))
