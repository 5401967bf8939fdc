"""Warnings of deadlines: the right people, on the right days, once; and many at a time."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from directory.models import Duty, Person
from enforcement.models import Deadline, DeadlineKind, DeadlineState, Event, Notice
from enforcement.sweeping import warn
from law import clock
from tests.world import make_person

pytestmark = pytest.mark.django_db


def put(
    case,
    due_in: int,
    *,
    kind=DeadlineKind.TASK,
    owner=None,
    duty="",
    alert_in: int = 0,
    count: int = 1,
    **values,
):
    """Deadlines as an act opened them, due in some days and to be warned of in some."""
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case.pk)])
    return Deadline.objects.bulk_create(
        Deadline(
            **{
                "case": case,
                "court_id": case.court_id,
                "rule": "notice.send",
                "kind": kind,
                "starts_on": today,
                "due_on": today + timedelta(days=due_in),
                "duty": duty,
                "owner": owner,
                "opened_by_id": Event.objects.filter(case=case).values_list("pk", flat=True)[0],
                "alert_on": today + timedelta(days=alert_in),
                "reason": "…" if kind == DeadlineKind.WAIT else "",
            }
            | values
        )
        for _ in range(count)
    )


@pytest.fixture
def quiet(case):
    """A case whose own deadlines warn nobody."""
    Deadline.objects.filter(case=case).update(alert_on=None)
    return case


@pytest.mark.parametrize(
    ("due_in", "code", "tone"),
    [(3, "deadline.soon", ""), (0, "deadline.due", ""), (-1, "deadline.overdue", "bad")],
)
def test_the_owner_is_told_what_is_near_due_or_overdue(quiet, world, due_in, code, tone):
    put(quiet, due_in, owner=world.implementer)
    assert warn() == (1, 1)
    notice = Notice.objects.get(person=world.implementer, code=code)
    assert notice.tone == tone
    assert notice.case == quiet
    assert notice.params["rule"] == "notice.send"


def test_a_task_warns_three_days_before_on_the_day_and_the_day_after(quiet, world):
    (deadline,) = put(quiet, 5, owner=world.implementer, alert_in=2)
    start = clock.today()
    warned = []
    for day in range(10):
        with clock.freeze(start + timedelta(days=day)):
            if warn() == (1, 1):
                warned.append(day)
    assert warned == [2, 5, 6]
    deadline.refresh_from_db()
    assert deadline.alert_on is None


def test_a_sweep_that_was_away_for_days_warns_once_and_of_the_present(quiet, world):
    put(quiet, 5, owner=world.implementer, alert_in=2)
    with clock.freeze(clock.today() + timedelta(days=20)):
        assert warn() == (1, 1)
        assert warn() == (0, 0)
    assert Notice.objects.filter(person=world.implementer, code="deadline.overdue").count() == 1


def test_without_an_owner_all_holders_of_the_duty_at_the_court_are_told(quiet, world):
    second = make_person("second_head", world.court, Duty.BUREAU_HEAD)
    put(quiet, 0, duty=Duty.BUREAU_HEAD)
    assert warn() == (1, 2)
    told = set(Notice.objects.filter(code="deadline.due").values_list("person__username", flat=True))
    assert told == {"head", second.username}


def test_when_the_owner_left_the_duty_is_told(quiet, world):
    Person.objects.filter(pk=world.implementer.pk).update(is_active=False)
    put(quiet, 0, owner=world.implementer, duty=Duty.IMPLEMENTER)
    warn()
    told = set(Notice.objects.filter(code="deadline.due").values_list("person__username", flat=True))
    assert told == {"second_implementer"}


def test_what_is_met_stopped_or_not_yet_near_is_silent(quiet, world):
    event = Event.objects.filter(case=quiet).first()
    closed: dict[str, Any] = {"closed_by": event, "closed_on": clock.today()}
    put(quiet, 0, owner=world.implementer, state=DeadlineState.MET, **closed)
    put(quiet, 0, owner=world.implementer, state=DeadlineState.STOPPED, **closed)
    put(quiet, 9, owner=world.implementer, alert_in=6)
    assert warn() == (0, 0)


def test_thousands_due_among_many_are_warned_of_in_a_few_statements(
    quiet, world, django_assert_max_num_queries
):
    put(quiet, 40, owner=world.implementer, alert_in=37, count=20_000)
    put(quiet, 0, owner=world.implementer, count=5_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE enforcement_deadline")
    started = time.process_time()
    with django_assert_max_num_queries(20):
        assert warn() == (5_000, 5_000)
    assert time.process_time() - started < 1, "the work is the database's, not this process's"


def test_the_sweep_reads_only_what_is_due(quiet, world):
    put(quiet, 40, owner=world.implementer, alert_in=37, count=5_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE enforcement_deadline")
        cursor.execute(
            "EXPLAIN SELECT id FROM enforcement_deadline WHERE state = 'open' AND alert_on <= %s"
            " ORDER BY alert_on LIMIT 1000 FOR UPDATE SKIP LOCKED",
            [clock.today()],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "deadline_to_alert" in plan
