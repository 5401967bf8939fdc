"""What a request may claim about host and sender (W5), and what other sites may do with our pages (W6)."""

import pytest
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.test import Client

from tests.world import set_up

ELSEWHERE = "https://evil.example"


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/api/v1/cases/", "/verify/1/"])
@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example", ""])
def test_a_foreign_host_is_refused(db, address, host):
    assert Client().get(address, headers={"Host": host}).status_code == 400


def test_a_forwarded_host_changes_no_address_of_ours(world):
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Port": "81", "Forwarded": "host=evil.example"}
    answer = Client().get("/cases/", headers=forged)
    assert answer["Location"].startswith("/accounts/login/")
    page = Client().get("/accounts/login/", headers=forged)
    assert b"evil.example" not in page.content


def test_a_link_to_set_a_password_leads_to_this_installation_whatever_the_request_says(world, settings):
    client = Client()
    client.force_login(world.administrator, "allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(
        f"/courts/{world.court.code}/acts/staff.sign-in-link/",
        {"person": "finance", "idempotency_key": "one"},
        headers={"X-Forwarded-Host": "evil.example"},
    )
    page = answer.content.decode()
    assert settings.BASE_URL in page
    assert "evil.example" not in page


def test_the_sender_is_who_connects_not_who_they_say_they_are(world):
    world.finance.set_password("correct horse battery")
    set_up(world.finance.save)
    forged = {"X-Forwarded-For": "203.0.113.7", "X-Real-IP": "203.0.113.8"}
    form = {"login": "finance", "password": "correct horse battery"}
    assert Client().post("/accounts/login/", form, headers=forged).status_code == 302
    assert UserSession.objects.get(user=world.finance).ip == "127.0.0.1"
    Client().post("/accounts/login/", form | {"password": "wrong"}, headers=forged)
    assert AccessAttempt.objects.get(username="finance").ip_address == "127.0.0.1"


def test_a_new_address_for_each_guess_does_not_keep_the_account_open(world):
    statuses = [
        Client()
        .post(
            "/accounts/login/",
            {"login": "finance", "password": "wrong horse battery"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )
        .status_code
        for number in range(6)
    ]
    assert statuses[0] == 200
    assert statuses[-1] == 429


def test_another_site_is_told_nothing_by_a_preflight(world, case):
    asked = {
        "Origin": ELSEWHERE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, idempotency-key",
    }
    for address in (
        "/",
        "/api/v1/cases/",
        f"/api/v1/cases/{case.uid}/",
        "/api/token/",
        "/api/v1/openapi.json",
    ):
        answer = Client().options(address, headers=asked)
        assert not [name for name in answer.headers if name.lower().startswith("access-control")], address
        assert (
            Client().get(address, headers={"Origin": ELSEWHERE}).headers.get("Access-Control-Allow-Origin")
            is None
        ), address


@pytest.mark.parametrize("address", ["/accounts/login/", "/", "/verify/1/", "/api/v1/openapi.json", "/none/"])
def test_no_answer_may_be_framed_or_taken_for_another_kind(world, address):
    client = Client()
    client.force_login(world.head, "allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get(address)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
