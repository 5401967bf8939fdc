"""Headers every page carries."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.views.defaults import page_not_found

from enforcement.engine import OutOfSight


class SignInRequired(LoginRequiredMiddleware):
    """Every page asks to sign in, unless its view says that it is for everybody."""

    def handle_no_permission(  # type: ignore[override]  # a part of a page is answered with a header
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponse:
        answer = super().handle_no_permission(request, view_func)
        if request.headers.get("HX-Request") and isinstance(answer, HttpResponseRedirect):
            # A part of a page can't become the sign-in page: the whole page goes there.
            return HttpResponse(status=204, headers={"HX-Redirect": answer.url})
        return answer


class BodyLimit:
    """A body larger than any file taken here is refused by the size it announces, before a byte is read.

    It stands before the check of the form's token, which would read all of it.
    """

    ROOM_FOR_FIELDS = 1024 * 1024

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        limit = settings.UPLOAD_MAX_BYTES + self.ROOM_FOR_FIELDS
        if not announced.isascii() or not announced.isdigit() or int(announced) > limit:
            return render(request, "413.html", status=413)
        return self.get_response(request)


class CompressedPages(GZipMiddleware):
    """Pages travel compressed, for thin lines.

    Each is padded by up to 100 random bytes, and its CSRF tokens are masked anew, so that its length tells
    nothing about what stands in it (BREACH). Downloads are left as they are.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class PageHeaders:
    """No page is stored by a browser or proxy; nothing is asked of the device; windows are isolated."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if getattr(request, "htmx", False):
            response.headers["Vary"] = ", ".join(filter(None, [response.get("Vary"), "HX-Request"]))
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """What is out of sight is answered exactly like what never existed."""
        if isinstance(exception, OutOfSight):
            return page_not_found(request, exception)
        return None


class CorrectedTranslations:
    """Texts a court translator corrected are shown everywhere within seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from enforcement import translations

        translations.refresh_if_due()
        return self.get_response(request)
