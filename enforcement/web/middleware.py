"""Headers every page carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


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
