"""The portal for tests: browsers of an agency's people, and requests in its inbox."""

from typing import Any

from django.test import Client
from django.urls import reverse

from directory.models import Person
from enforcement.models import Case
from linkage.models import Request
from tests.linkage import orders
from tests.linkage_world import Linked
from tests.world import set_up

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def browser(person: Person) -> Client:
    """A signed-in browser."""
    client = Client()
    client.force_login(person, BACKEND)
    return client


def address(request: Request, name: str = "portal_request", *more: Any) -> str:
    return reverse(name, args=[request.uid, *more])


def answer(client: Client, request: Request, **typed: Any) -> Any:
    """The form of an answer, sent as a browser sends it: ``facts__accounts_0_balance`` is spelled in full."""
    return client.post(address(request), {"outcome": "done"} | typed)


def two_people(link: Linked) -> None:
    """The branch confirms its answers by a second person."""

    def change() -> None:
        member = link.branch.member
        member.needs_second_person = True
        member.save()

    set_up(change)


def lift(link: Linked, case: Case, amount: str) -> Request:
    """The lift of a freeze that the branch carried out."""
    orders.frozen(link, case, amount)
    return orders.order(link, "request.lift", case, ground="wrong", reason="账户属于案外人。")[0]
