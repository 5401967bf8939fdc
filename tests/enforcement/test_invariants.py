"""What must always be true: the queries find what breaks it, and the daily work asks each day once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from directory.models import Person
from enforcement import invariants, outbox
from enforcement.daily import WORK, run_due
from enforcement.models import Case, DailyRun, Deadline, DeadlineState, Event, Message, MessageState, Register
from enforcement.verification import verify
from law import clock

pytestmark = pytest.mark.django_db


def test_a_case_on_its_way_breaks_nothing(case):
    assert invariants.broken() == {}


def test_a_case_with_neither_task_nor_wait_is_stuck(case):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case.pk)])
    Deadline.objects.filter(case=case, kind__in=["task", "wait"]).update(
        state=DeadlineState.MET, closed_by=Event.objects.filter(case=case).first(), closed_on=clock.today()
    )
    assert invariants.stuck_cases().get() == case
    assert invariants.broken() == {"stuck-cases": 1}


def test_cases_that_paid_more_than_they_got_and_parked_messages_are_found(case):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case.pk)])
    Case.objects.filter(pk=case.pk).update(paid_out="1.00")
    Message.objects.create(
        event=Event.objects.latest("id"), kind="order", recipient="x", body={}, state=MessageState.PARKED,
        created_at=clock.now(), due_at=clock.now(),
    )  # fmt: skip
    assert invariants.broken() == {"overpaid-cases": 1, "parked-messages": 1}


def test_an_unbalanced_entry_is_found_even_if_the_database_let_it_in(case):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "INSERT INTO enforcement_entry (event_id, court_id, case_id, at, legal_day, source, memo)"
            " VALUES (%s, %s, %s, now(), now(), 'x', 'x')",
            [Event.objects.latest("id").pk, case.court_id, case.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert invariants.broken() == {"unbalanced-entries": 1}


def test_each_legal_day_is_worked_once_and_missed_days_are_made_up_in_order(case):
    start = clock.today()
    assert run_due() == len(WORK)
    assert run_due() == 0
    with clock.freeze(start + timedelta(days=3)):
        assert run_due() == 3 * len(WORK)
    days = DailyRun.objects.filter(name="invariants").order_by("id").values_list("day", flat=True)
    assert list(days) == [start + timedelta(days=number) for number in range(4)]


def test_people_are_reminded_once_a_day_by_an_act_on_the_courts_register(case, world):
    Person.objects.filter(pk=world.implementer.pk).update(email="officer@court.example")
    due = Deadline.objects.filter(case=case, owner=world.implementer).earliest("due_on").due_on
    with clock.freeze(due):
        run_due()
        run_due()
        outbox.deliver_due()
    event = Event.objects.get(act="notice.digest")
    assert event.register == Register.objects.get(court=world.court)
    assert event.actor.username == "system"
    assert event.outcome == {"people": 1}
    (received,) = mail.outbox
    assert received.to == ["officer@court.example"]
    assert case.number not in f"{received.subject}{received.body}"
    assert verify().faults == []


def test_nobody_is_reminded_today_of_a_day_that_is_over(case, world):
    run_due()
    Person.objects.filter(pk=world.implementer.pk).update(email="officer@court.example")
    due = Deadline.objects.filter(case=case, owner=world.implementer).earliest("due_on").due_on
    with clock.freeze(due):
        run_due()
    runs = DailyRun.objects.filter(name="digest", day__lt=due, day__gt=clock.today())
    assert all(run.result == {"left_out": True} for run in runs)
    assert Event.objects.filter(act="notice.digest").count() == 1
