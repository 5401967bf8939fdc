"""Where courts of other installations put their letters (收函接口): signed, stored, then understood."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from linkage import letterbox, letters
from linkage.models import PeerCourt
from linkage.signatures import BadSignature

PROBLEM = "application/problem+json"


@csrf_exempt
@login_not_required
@require_POST
def messages(request: HttpRequest, code: str) -> JsonResponse:
    """A letter of the court ``code``: 202 the first time, 200 again, 401 unless its key signed it."""
    peer = PeerCourt.objects.filter(code=code, is_active=True).first()
    if peer is None:
        return _problem(404, "not-found", _("No letters are exchanged with this court."))
    body = request.read(letters.LARGEST_LETTER + 1)
    if len(body) > letters.LARGEST_LETTER:
        return _problem(413, "too-large", _("A letter holds at most 1 MiB."))
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        receipt = letterbox.receive(peer, headers, body)
    except BadSignature as error:
        return _problem(401, error.code, error.reason)
    except letters.Unreadable as error:
        return _problem(400, "unreadable", str(error))
    except letterbox.NotHere:
        return _problem(404, "not-found", _("There is no such court or delegation here."))
    except letterbox.OtherBytes:
        return _problem(409, "other-bytes", _("A letter of this id came before, with other content."))
    return JsonResponse(receipt.said, status=202 if receipt.is_new else 200)


def _problem(status: int, code: str, detail: str) -> JsonResponse:
    body: dict[str, Any] = {"type": f"urn:zhixing:problem:{code}", "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type=PROBLEM)


urlpatterns = [path("<str:code>/messages/", messages, name="peer-messages")]
