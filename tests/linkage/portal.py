"""The portal for tests: browsers of an agency's people, and requests in its inbox."""

from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from directory.models import Person
from linkage.models import Priority, Request
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


def as_lift(request: Request) -> Request:
    """A request that lifts a freeze, without the way that leads there."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(request.case_id)])
        Request.objects.filter(pk=request.pk).update(matter_code="BANK-REL", priority=Priority.LIFT)
        cursor.execute("SELECT set_config('zhixing.act', '', true)")
    request.refresh_from_db()
    return request
