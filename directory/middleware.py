"""What every signed-in request must satisfy: session limits and an enrolled second factor."""

from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from directory.sessions import new_key
from law import clock

STARTED = "started_at"
SEEN = "seen_at"
# The idle limit is renewed at most once a minute, so that reading pages doesn't write a row each time.
RENEW_EVERY_SECONDS = 60


class SessionLimits:
    """Ends a session after 30 idle minutes, and after 10 hours in any case; gives it a new key when somebody
    proved again who they are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            moment = clock.now().timestamp()
            started = request.session.setdefault(STARTED, moment)
            seen = request.session.get(SEEN, moment)
            too_old = moment - started > settings.SESSION_HARD_LIMIT.total_seconds()
            if too_old or moment - seen > settings.SESSION_COOKIE_AGE:
                # Nobody is signed in any more; a page that asks for it sends them to sign in.
                logout(request)
            elif moment - seen > RENEW_EVERY_SECONDS or SEEN not in request.session:
                request.session[SEEN] = moment
        proofs = len(get_authentication_records(request, request.user))
        response = self.get_response(request)
        if proofs and len(get_authentication_records(request, request.user)) > proofs:
            new_key(request)
        return response


class SecondFactorRequired:
    """Nobody works before a second factor is enrolled, where the installation requires one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if (
            settings.REQUIRE_SECOND_FACTOR
            and person.is_authenticated
            and not request.path.startswith(("/accounts/", "/static/", "/language/"))
            and not is_mfa_enabled(person)
        ):
            return redirect("mfa_index")
        return self.get_response(request)
