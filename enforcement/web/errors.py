"""Error pages in words: what happened, what is safe, what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token was missing or old (403)."""
    return render(request, "403_csrf.html", status=403)
