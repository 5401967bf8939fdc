"""Whether it works: health, readiness, figures, and logs that name nobody."""

import io
import logging
from datetime import timedelta

import pytest
import structlog
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.logging import SHARED_PROCESSORS
from enforcement.health import HEARTBEATS
from enforcement.models import Heartbeat
from law import clock
from tests.world import bank_card, resident_number

pytestmark = [pytest.mark.api, pytest.mark.django_db]


@pytest.fixture
def log():
    """All that is logged, as it is written."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(), foreign_pre_chain=SHARED_PROCESSORS
        )
    )
    requests = logging.getLogger("django_structlog")
    level = requests.level
    requests.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)
    requests.setLevel(level)


def beat(name: str, seconds: int) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"at": clock.now() - timedelta(seconds=seconds)})


def everything_beats() -> None:
    for name in HEARTBEATS:
        beat(name, 5)


def test_the_process_is_alive_without_asking_the_database(client):
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/healthz").json() == {"ok": True}
    assert len(queries) == 0


def test_ready_means_that_beat_and_workers_reported_lately(client):
    assert client.get("/readyz").status_code == 503
    beat("beat", 5)
    assert client.get("/readyz").json()["checks"]["heartbeat:render"]["said"]
    everything_beats()
    beat("deliver", 30)
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    checks = answer.json()["checks"]
    assert checks["database"]["ok"]
    assert checks["redis"]["ok"]
    assert checks["heartbeat:deliver"]["age_seconds"] >= 30
    assert checks["outbox"]["age_seconds"] == 0


def test_a_worker_that_fell_silent_makes_it_not_ready(client):
    everything_beats()
    beat("render", 61)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert not answer.json()["checks"]["heartbeat:render"]["ok"]


def test_redis_away_is_said(client, settings):
    everything_beats()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert not answer.json()["checks"]["redis"]["ok"]
    assert answer.json()["checks"]["database"]["ok"]


def test_callers_are_served_while_redis_is_away(clerk, settings, filed):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert clerk.get(f"/api/v1/cases/{filed.uid}/").status_code == 200


def test_next_year_without_a_published_calendar_is_a_warning(client):
    everything_beats()
    with clock.travel(clock.now().replace(year=2090, month=12)):
        Heartbeat.objects.update(at=clock.now())
        answer = client.get("/readyz")
    assert answer.status_code == 200
    assert not answer.json()["checks"]["calendar"]["ok"]


def test_figures_are_for_this_machine_or_for_who_holds_the_token(client, settings):
    answer = client.get("/metrics")
    assert answer.status_code == 200
    for name in (b"zhixing_deadlines_overdue", b"zhixing_messages_parked", b"zhixing_outbox_age_seconds"):
        assert name in answer.content
    assert b"django_http_requests" in answer.content
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404
    settings.METRICS_TOKEN = "a-token-of-some-length"
    allowed = client.get(
        "/metrics", REMOTE_ADDR="203.0.113.7", headers={"Authorization": "Bearer a-token-of-some-length"}
    )
    assert allowed.status_code == 200
    wrong = client.get("/metrics", REMOTE_ADDR="203.0.113.7", headers={"Authorization": "Bearer ü"})
    assert wrong.status_code == 404


def test_no_personal_number_reaches_the_log_whatever_is_asked(clerk, world, log):
    number, card, phone = resident_number(), bank_card(), "13912345678"
    filing = world.filing(
        parties=[world.applicant(identity_number=number, account_number=card), world.debtor()]
    )
    for value in (number, card, phone):
        clerk.get(f"/api/v1/cases/?number={value}")
        clerk.get(f"/api/v1/cases/{value}/")
        clerk.get(f"/api/v1/{value}/?x={value}", **{"User-Agent": value})
        clerk.post("/api/v1/courts/藏0102/acts/case.file/", {"cause": value, value: value})
        clerk.raw("/api/v1/courts/藏0102/acts/case.file/", value.encode())
        clerk.ask_token(client_id=value)
    clerk.post("/api/v1/courts/藏0102/acts/case.file/", filing)
    written = log.getvalue()
    assert "request_finished" in written
    for value in (number, card, phone):
        assert value not in written


def test_each_line_of_the_log_carries_the_id_that_the_answer_carries(clerk, filed, log):
    answer = clerk.get(f"/api/v1/cases/{filed.uid}/")
    lines = [line for line in log.getvalue().splitlines() if "request_" in line]
    assert lines
    assert all(answer["X-Request-ID"] in line for line in lines)


def test_an_error_nobody_foresaw_is_a_problem_without_a_trace(clerk, monkeypatch):
    from enforcement.queries import feeds

    def broken(*_args, **_kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(feeds, "cases", broken)
    answer = clerk.get("/api/v1/cases/")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "secret" not in answer.content.decode()
