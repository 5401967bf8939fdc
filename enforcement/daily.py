"""Work of each legal day: a row ``(name, day)`` with a unique key; whoever writes it does the work.

Beat may stop, run twice or skip. Days that were missed are made up in order; what has meaning only on its
own day (an e-mail of today's tasks) notes that it was left out.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction

from directory.models import Court, Person
from enforcement import engine, invariants
from enforcement.acts.digest import SendDigest, people_with_tasks
from enforcement.acts.procedure import resume_expired_waits
from enforcement.lapsing import lapse_expired
from enforcement.models import DailyRun
from enforcement.queries import drafts
from law import clock

log = structlog.get_logger("daily")

#: So long a stop of the service is made up; a longer one begins anew.
MOST_DAYS = 60


def check_invariants(day: date) -> dict[str, Any]:
    """What is broken, by code. Looks at the present, whatever day it makes up."""
    found = invariants.broken()
    if found:
        log.error("invariants_broken", **found)
    return {"broken": found}


def send_digests(day: date) -> dict[str, Any]:
    """One act per court that has people to remind; on a missed day nobody is reminded of it any more."""
    if day != clock.today():
        return {"left_out": True}
    system = Person.objects.system()
    courts = Court.objects.filter(pk__in=people_with_tasks(day).values("court_id")).order_by("pk")
    sent = 0
    for court in courts:
        result = engine.do(
            SendDigest, court, system, {"day": day.isoformat()}, key=f"digest:{court.code}:{day.isoformat()}"
        )
        sent += result.outcome["people"]
    return {"people": sent}


def end_waits(day: date) -> dict[str, Any]:
    """Waits whose day has passed become tasks again. Looks at the present, whatever day it makes up."""
    return {"ended": resume_expired_waits()}


def forget_drafts(day: date) -> dict[str, Any]:
    """Drafts nobody came back to are personal data without a use."""
    return {"forgotten": drafts.forget_old()}


WORK: dict[str, Callable[[date], dict[str, Any]]] = {
    "lapse": lapse_expired,
    "waits": end_waits,
    "drafts": forget_drafts,
    "invariants": check_invariants,
    "digest": send_digests,
}

#: Work of upper rooms that looks at the present and commits act by act; each call is safe to repeat, and
#: returns how much it did.
SWEEPS: list[Callable[[], int]] = []


def run_due() -> int:
    """Do what is not done yet, day after day; how many runs were made."""
    today = clock.today()
    made = 0
    for name, work in WORK.items():
        last = DailyRun.objects.filter(name=name).order_by("-day").values_list("day", flat=True).first()
        first = today if last is None else max(last + timedelta(days=1), today - timedelta(days=MOST_DAYS))
        for offset in range((today - first).days + 1):
            made += _run_once(name, work, first + timedelta(days=offset))
    for sweep in SWEEPS:
        sweep()
    return made


def _run_once(name: str, work: Callable[[date], dict[str, Any]], day: date) -> bool:
    """Whether this process did it. Row and work commit together: a crash leaves the day to be done."""
    try:
        with transaction.atomic():
            row = DailyRun.objects.create(name=name, day=day)
            row.result = work(day)
            row.save(update_fields=["result"])
    except IntegrityError as error:
        if "a_day_runs_once" not in str(error):
            raise
        return False
    return True
