"""Whether the service works: ``/healthz`` for balancers, ``/readyz`` for operators, ``/metrics``.

No answer holds anything of a case or a person: counts and ages in seconds only.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import prometheus_client
import redis
import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django_prometheus.exports import ExportToDjangoView
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from enforcement import outbox
from enforcement.models import Deadline, DeadlineKind, DeadlineState, Heartbeat, Message, MessageState
from law import calendar, clock

log = structlog.get_logger("health")

# Beat strikes every 20 seconds; three missed strikes are red (settings.CELERY_BEAT_SCHEDULE).
HEARTBEAT_SECONDS = 60
# Beat, and the queues that enforcement.tasks asks for a sign of life.
HEARTBEATS = ("beat", "deliver", "link", "render", "sweep")
# Sweeps come every few seconds: a message that was due this long ago has no worker.
OUTBOX_SECONDS = 600
REDIS_SECONDS = 1.0
# The arrangement of a year's days off is published in November of the year before.
CALENDAR_MONTH = 12
LOOPBACK = frozenset({"127.0.0.1", "::1"})


@dataclass(frozen=True)
class Finding:
    """What one look found; ``required`` findings that are not ``ok`` make the whole service not ready."""

    ok: bool
    required: bool = True
    seconds: float | None = None
    said: str = ""

    def shown(self) -> dict[str, Any]:
        """The finding as JSON."""
        shape: dict[str, Any] = {"ok": self.ok, "required": self.required}
        if self.seconds is not None:
            shape["age_seconds"] = round(self.seconds, 1)
        if self.said:
            shape["said"] = self.said
        return shape


@login_not_required
def alive(request: HttpRequest) -> JsonResponse:
    """``/healthz``: this process answers. It asks nobody else: a slow database kills no process."""
    return JsonResponse({"ok": True})


@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """``/readyz``: everything the service needs, each with its age; 503 if something required is missing."""
    findings = look()
    good = all(finding.ok for finding in findings.values() if finding.required)
    body = {"ok": good, "checks": {name: finding.shown() for name, finding in findings.items()}}
    return JsonResponse(body, status=200 if good else 503)


def look() -> dict[str, Finding]:
    """All findings by name."""
    findings = {"database": _database(), "redis": _redis()}
    if findings["database"].ok:
        findings |= _heartbeats(clock.now())
        findings["outbox"] = _outbox(clock.now())
    findings["calendar"] = _calendar()
    return findings


def _database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.error("database_away", error=type(error).__name__)
        return Finding(False, said="The database does not answer.")
    return Finding(True)


def _redis() -> Finding:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    try:
        client.ping()
    except redis.RedisError as error:
        log.error("redis_away", error=type(error).__name__)
        return Finding(False, said="Redis does not answer; work waits in the database until it does.")
    finally:
        client.close()
    return Finding(True)


def _heartbeats(moment: datetime) -> dict[str, Finding]:
    """One finding for beat and for each queue, whether or not it ever reported."""
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    findings = {}
    for name in sorted({*HEARTBEATS, *beats}):
        if name not in beats:
            findings[f"heartbeat:{name}"] = Finding(False, said="It has not reported yet.")
            continue
        age = max(0.0, (moment - beats[name]).total_seconds())
        findings[f"heartbeat:{name}"] = Finding(age <= HEARTBEAT_SECONDS, seconds=age)
    return findings


def _outbox(moment: datetime) -> Finding:
    age = outbox_age(moment)
    parked = Message.objects.filter(state=MessageState.PARKED).count()
    said = f"{parked} parked" if parked else ""
    return Finding(age <= OUTBOX_SECONDS, seconds=age, said=said)


def outbox_age(moment: datetime) -> float:
    """Seconds since the oldest message that should have left was due; 0 if none waits."""
    oldest = outbox.due(moment).aggregate(oldest=Min("due_at"))["oldest"]
    return 0.0 if oldest is None else (moment - oldest).total_seconds()


def _calendar() -> Finding:
    """A warning in December if next year's days off are not known: its last days are projections."""
    today = clock.today()
    year = today.year + 1 if today.month >= CALENDAR_MONTH else today.year
    if calendar.covers(year):
        return Finding(True, required=False)
    return Finding(
        False, required=False, said=f"The days off of {year} are projected: update chinese-calendar."
    )


# --- Prometheus -----------------------------------------------------------------------------------
class WorkCollector(Collector):
    """Figures of the work itself, read when they are asked for; each is one query on a partial index."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        figures: list[tuple[str, str, Callable[[], float]]] = [
            ("zhixing_deadlines_overdue", "Tasks and limits past their last day", _overdue),
            ("zhixing_messages_parked", "Messages a person must look at", _parked),
            ("zhixing_outbox_age_seconds", "Age of the oldest message due", lambda: outbox_age(clock.now())),
        ]
        for name, meaning, figure in figures:
            yield GaugeMetricFamily(name, meaning, value=figure())
        ages = GaugeMetricFamily("zhixing_heartbeat_age_seconds", "Since the last strike", labels=["name"])
        for name, at in Heartbeat.objects.values_list("name", "at"):
            ages.add_metric([name], (clock.now() - at).total_seconds())
        yield ages


def _overdue() -> float:
    late = Deadline.objects.filter(state=DeadlineState.OPEN, due_on__lt=clock.today())
    return late.filter(kind__in=[DeadlineKind.TASK, DeadlineKind.LIMIT]).count()


def _parked() -> float:
    return Message.objects.filter(state=MessageState.PARKED).count()


REGISTRY = prometheus_client.CollectorRegistry()
REGISTRY.register(WorkCollector())


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """``/metrics``: for a scraper on this machine, or one that holds the token; 404 for everybody else."""
    if not _may_scrape(request):
        raise Http404
    response: HttpResponse = ExportToDjangoView(request)
    response.content += prometheus_client.generate_latest(REGISTRY)
    return response


def _may_scrape(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(sent.encode(), token.encode()):
        return True
    # Behind a proxy on this machine every caller has a loopback address; the proxy's header gives it away.
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded
