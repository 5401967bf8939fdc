"""Local days: entered by the court, counted with by its open cases and those below."""

from datetime import date

import pytest
from django.urls import reverse

from directory.models import LocalDay
from enforcement import engine
from enforcement.acts.procedure import recompute_open_deadlines
from enforcement.engine.opening import calendar_of
from enforcement.models import Deadline
from law import clock


@pytest.fixture(autouse=True)
def _day():
    with clock.travel(date(2026, 6, 1)):
        yield


def enter(world, day, kind="off", actor="administrator"):
    return world.do("calendar.add-day", world.court, actor, day=day.isoformat(), kind=kind, name="雪顿节")


def test_a_local_day_off_moves_the_last_day_of_an_open_period(world):
    case = world.file_case()
    handover = Deadline.objects.filter(case=case, calendar_version__gt="").earliest("due_on")
    due = handover.due_on
    enter(world, due)
    assert not calendar_of(world.court).is_workday(due)
    recompute_open_deadlines(world.court)
    handover.refresh_from_db()
    assert handover.due_on > due


def test_a_mistaken_local_day_can_be_taken_back(world):
    day = date(2026, 8, 12)
    enter(world, day)
    assert not calendar_of(world.court).is_workday(day)
    enter(world, day, kind="national")
    assert calendar_of(world.court).is_workday(day)
    assert not LocalDay.objects.exists()
    with pytest.raises(engine.Refused):
        enter(world, day, kind="national")


def test_only_the_administrator_enters_days_and_not_for_far_years(world):
    with pytest.raises(engine.Refused):
        enter(world, date(2026, 8, 12), actor="clerk")
    with pytest.raises(engine.Refused):
        enter(world, date(2099, 1, 1))


def test_the_page_shows_a_published_and_a_projected_year_and_the_local_day(world, client):
    enter(world, date(2026, 8, 12))
    client.force_login(world.administrator)
    page = client.get(reverse("calendar_year", args=[2026])).content.decode()
    assert "雪顿节" in page
    assert client.get(reverse("calendar_year", args=[2028])).status_code == 200
    assert client.get(reverse("calendar_year", args=[1990])).status_code == 404


def test_a_recount_is_asked_for_when_the_day_is_committed(
    world, django_capture_on_commit_callbacks, settings
):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    from config.celery import app

    app.conf.task_always_eager = True
    try:
        case = world.file_case()
        deadline = Deadline.objects.filter(case=case, calendar_version__gt="").earliest("due_on")
        due = deadline.due_on
        with django_capture_on_commit_callbacks(execute=True):
            enter(world, due)
        deadline.refresh_from_db()
        assert deadline.due_on > due
    finally:
        app.conf.task_always_eager = False
