"""How people sign in: adapters for django-allauth, and the answer to a locked account."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from directory.models import Person


class ClosedSignUp(DefaultAccountAdapter):
    """People are created by a court's administrator; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class KnownPeopleOnly(DefaultSocialAccountAdapter):
    """A court's own identity provider (OIDC) signs in people the directory already knows, nobody else."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing:
            return
        username = sociallogin.account.extra_data.get("preferred_username", "")
        person = Person.objects.filter(username=username, is_active=True, kind="human").first()
        if person is None:
            messages.error(
                request,
                _(
                    "The identity provider knows you, but this court's directory doesn't."
                    " Ask its administrator."
                ),
            )
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, person)


def tried_username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The user name that failures are counted under.

    allauth calls it ``username`` where a password is judged, axes calls it by the field of the page; under
    two names failures would never be found again. Capitals don't matter to signing in, so not here either.
    """
    given = credentials or {}
    return str(given.get("username") or given.get("login") or request.POST.get("login") or "").strip().lower()


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """The answer while an account is locked: how long, and who can unlock it (status 429)."""
    return render(request, "account/locked.html", status=429)
