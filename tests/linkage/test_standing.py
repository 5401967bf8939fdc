"""A writ that went to an agency stands as long as a request it went with does."""

from contextlib import contextmanager
from datetime import date

import pytest
from django.db import connection

from enforcement.models import Event
from enforcement.writs.standing import IN_FORCE, Standing, State, standing_of
from linkage.models import Lift, Request, RequestDocument, RequestState
from tests.enforcement.test_signing import sent

pytestmark = pytest.mark.django_db


@contextmanager
def within(case):
    """Rows written as an act of the case would."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case.pk)])
        yield
        cursor.execute("SELECT set_config('zhixing.act', '', true)")


@pytest.fixture
def two(link, case):
    """A writ that went to two banks, with its two requests."""
    requests = link.inquire(case, matters=["BANK-INQ-DEP"])
    document = sent(case)
    with within(case):
        for request in requests:
            RequestDocument.objects.create(case=case, request=request, document=document)
    return document, requests


def recall(*requests: Request) -> None:
    with within(requests[0].case):
        for request in requests:
            request.state = RequestState.RECALLED
            request.save(update_fields=["state"])


def lift(request: Request, day: date, **values) -> Request:
    """The order to an agency that undoes an order."""
    with within(request.case):
        event = Event.objects.filter(case=request.case).latest("id")
        made = Lift.objects.create(
            case=request.case, number=f"L-{request.pk}", ground="paid", reason="已经履行完毕。",
            ordered_by=event, ordered_on=day,
        )  # fmt: skip
        undoing = Request.objects.get(pk=request.pk)
        undoing.pk, undoing.uid, undoing.number = None, made.uid, f"U-{request.pk}"
        undoing._state.adding = True
        undoing.undoes, undoing.lift = request, made
        for name, value in values.items():
            setattr(undoing, name, value)
        undoing.save(force_insert=True)
        return undoing


def test_a_writ_stands_until_the_last_request_is_recalled(two):
    document, requests = two
    assert len(requests) == 2
    assert standing_of(document) == IN_FORCE
    recall(requests[0])
    assert standing_of(document) == IN_FORCE
    recall(requests[1])
    assert standing_of(document) == Standing(State.RECALLED)


def test_a_writ_is_lifted_on_the_day_the_last_order_was_undone(two):
    document, (first, second) = two
    lift(first, date(2026, 11, 20))
    assert standing_of(document) == IN_FORCE
    lift(second, date(2026, 11, 23))
    assert standing_of(document) == Standing(State.LIFTED, date(2026, 11, 23))


def test_a_lift_taken_back_lifts_nothing(two):
    document, (first, second) = two
    recall(lift(first, date(2026, 11, 20)))
    lift(second, date(2026, 11, 23))
    assert standing_of(document) == IN_FORCE


def test_lifting_a_part_leaves_the_writ_standing(two):
    document, (first, second) = two
    with within(first.case):
        Request.objects.filter(pk=first.pk).update(amount="1000.00")
    lift(first, date(2026, 11, 20), amount="400.00")
    lift(second, date(2026, 11, 23))
    assert standing_of(document) == IN_FORCE
