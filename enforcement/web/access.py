"""What a view reads or does, said where it is defined. A view that says neither keeps the service from
starting (``enforcement.checks``), so that a forgotten page is closed and not open."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from directory.models import Person


class Request(HttpRequest):
    """A request as views meet it: signed in (``SignInRequired``), with what htmx says of itself."""

    user: Person
    htmx: HtmxDetails


View = TypeVar("View", bound=Callable[..., Any])


def reads(*queries: str) -> Callable[[View], View]:
    """The view shows what these functions of ``enforcement.queries`` give: ``@reads("desk.desk")``."""

    def declare(view: View) -> View:
        view.reads = queries  # type: ignore[attr-defined]
        return view

    return declare


def does(*acts: str) -> Callable[[View], View]:
    """The view does these acts (``"*"``: the one its address names), or writes by this function of
    ``enforcement.queries`` where nothing of a case changes: ``@does("filters.save")``."""

    def declare(view: View) -> View:
        view.act = acts  # type: ignore[attr-defined]
        return view

    return declare


def public(view: View) -> View:
    """The view is for everybody; all others ask to sign in."""
    return login_not_required(view)
