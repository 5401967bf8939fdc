"""Two beats, none for days, one killed in the tick: the work of each legal day is done once, in order."""

import subprocess
import sys
from datetime import timedelta

from django.db import connection

from enforcement import daily
from enforcement.daily import WORK
from enforcement.models import DailyRun, Event, Message
from launcher import ROOT
from law import clock
from tests.faults.installation import Installation, ended_well, eventually, forked, kill
from tests.world import World

SWEEP = "import django; django.setup(); from enforcement.tasks import sweep_daily; sweep_daily()"


def tick(place: Installation, *, shift: int = 0) -> None:
    """The task that beat asks for, in a process whose clock is some days ahead."""
    environment = place.environment(shift=shift) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    subprocess.run([sys.executable, "-c", SWEEP], cwd=ROOT, env=environment, check=True, capture_output=True)


def runs() -> list[tuple[str, int]]:
    """What was done on which day, counted from today, in the order it was done."""
    today = clock.today()
    return [(run.name, (run.day - today).days) for run in DailyRun.objects.order_by("id")]


def test_each_day_is_worked_once_whatever_beat_does(place: Installation, world: World) -> None:
    world.assigned_case()
    today = clock.today()

    # Two beats at the same moment.
    with place.lock("enforcement_dailyrun"):
        beats = [forked(daily.run_due) for _ in range(2)]
        eventually(lambda: place.waiting("enforcement_dailyrun") == 2)
    assert ended_well(*beats)
    assert sorted(runs()) == sorted((name, 0) for name in WORK)

    # None for three legal days: made up in order, by one process whose clock is three days ahead.
    tick(place, shift=3)
    assert sorted(runs()) == sorted((name, day) for name in WORK for day in range(4))
    for name in WORK:
        assert [day for one, day in runs() if one == name] == [0, 1, 2, 3]
    left_out = DailyRun.objects.filter(name="digest", day__gt=today, day__lt=today + timedelta(days=3))
    assert [run.result for run in left_out] == [{"left_out": True}] * 2

    # Killed in the middle of a day's work: nothing of it stays, and it is done again as a whole.
    reminders = Event.objects.filter(act="notice.digest").count()
    mails = Message.objects.filter(kind="email").count()
    later = today + timedelta(days=20)
    connection.close()

    def on_a_later_day() -> None:
        with clock.travel(later):
            daily.run_due()

    with place.lock("enforcement_event"):
        beat = forked(on_a_later_day)
        eventually(lambda: place.waiting("enforcement_event"))
        kill(beat)
    assert not DailyRun.objects.filter(name="digest", day=later).exists()
    assert Event.objects.filter(act="notice.digest").count() == reminders
    assert ended_well(forked(on_a_later_day), forked(on_a_later_day))
    assert DailyRun.objects.filter(name="digest", day=later).count() == 1
    assert Event.objects.filter(act="notice.digest").count() == reminders + 1
    assert Message.objects.filter(kind="email").count() == mails + 1
    assert DailyRun.objects.count() == len(WORK) * 21
