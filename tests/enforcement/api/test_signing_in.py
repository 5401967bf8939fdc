"""Who may call at all: client credentials, scopes, the kill switch, and methods that do not exist."""

import pytest
from oauth2_provider.models import AccessToken

from directory.models import ClientSystem, Duty
from enforcement.api import throttling

pytestmark = [pytest.mark.api, pytest.mark.django_db]
CASES = "/api/v1/cases/"


def test_without_a_token_nothing_is_told(clerk, filed):
    clerk.headers.clear()
    for path in (CASES, f"{CASES}{filed.uid}/", f"{CASES}{filed.uid}/acts/"):
        answer = clerk.get(path)
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"] == 'Bearer realm="zhixing"'


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer a b", "Bearer " + "x" * 500, "Bearer wrong", "Bearer \xff\xfe", "Basic eDp5"]
)
def test_a_malformed_or_unknown_token_is_401(clerk, header):
    clerk.headers["Authorization"] = header
    assert clerk.get(CASES).status_code == 401


def test_a_token_is_kept_as_its_checksum_only(clerk):
    token = clerk.headers["Authorization"].split()[1]
    kept = AccessToken.objects.get()
    assert kept.token == ""
    assert token not in kept.token_checksum


def test_a_client_that_is_switched_off_is_out_with_its_next_call(clerk):
    assert clerk.get(CASES).status_code == 200
    ClientSystem.objects.update(is_active=False)
    assert clerk.get(CASES).status_code == 401
    assert clerk.ask_token().status_code == 401


def test_a_person_who_is_deactivated_takes_their_client_along(clerk):
    type(clerk.person).objects.filter(pk=clerk.person.pk).update(is_active=False)
    assert clerk.get(CASES).status_code == 401


def test_a_scope_that_was_not_given_can_neither_be_asked_for_nor_used(caller_of, filed):
    reader = caller_of(Duty.FILING_CLERK, scopes=["cases:read"])
    assert reader.ask_token("cases:act").status_code == 400
    answer = reader.post("/api/v1/courts/藏0102/acts/case.file/", {})
    assert answer.status_code == 403
    assert answer.json()["code"] == "scope"
    assert reader.get("/api/v1/calculators/").status_code == 403


def test_a_scope_taken_away_ends_with_the_next_call_of_an_old_token(clerk):
    ClientSystem.objects.update(scopes=["calculators"])
    assert clerk.get(CASES).status_code == 403


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "implicit", ""])
def test_there_is_only_the_client_credentials_grant(clerk, grant):
    assert clerk.ask_token(grant_type=grant, username="clerk", password="correct").status_code == 400


def test_a_device_code_is_not_looked_for(clerk):
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    assert clerk.ask_token(grant_type=grant).status_code == 400


def test_a_wrong_secret_gets_no_token(clerk):
    assert clerk.ask_token(client_secret="wrong").status_code == 401


def test_too_many_calls_are_told_when_to_go_on(clerk, monkeypatch):
    monkeypatch.setattr(throttling.time, "time", lambda: 1_000_000.25)
    monkeypatch.setattr(throttling.api_settings, "DEFAULT_THROTTLE_RATES", {"client": "3/m"}, raising=False)
    assert [clerk.get(CASES).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = clerk.get(CASES)
    assert int(answer["Retry-After"]) >= 1
    assert answer.json()["code"] == "throttled"


def test_guessing_secrets_is_slowed_down(clerk, monkeypatch):
    monkeypatch.setattr(throttling.time, "time", lambda: 1_000_000.25)
    monkeypatch.setattr(throttling, "TOKENS_PER_MINUTE", 2)
    answers = [clerk.ask_token(client_secret="wrong").status_code for _ in range(3)]
    assert answers == [401, 401, 429]


@pytest.mark.parametrize("method", ["put", "patch", "delete", "head", "options", "trace"])
def test_other_methods_do_not_exist_and_tell_nothing(clerk, filed, method):
    for path in (CASES, f"{CASES}{filed.uid}/", f"{CASES}00000000-0000-4000-8000-000000000000/"):
        answer = getattr(clerk.http, method)(path, headers=clerk.headers)
        assert answer.status_code == 405
        assert filed.number.encode() not in answer.content


def test_a_method_can_not_be_smuggled_in(clerk, filed):
    answer = clerk.get(f"{CASES}{filed.uid}/", **{"X-HTTP-Method-Override": "DELETE"})
    assert answer.status_code == 200
    assert clerk.get(f"{CASES}{filed.uid}/?_method=DELETE").status_code == 400


def test_an_address_that_is_none_is_a_problem_too(clerk):
    for path in ("/api/", "/api/v1/", "/api/v2/cases/", "/api/v1/cases/not-a-uuid/", f"{CASES}%00"):
        answer = clerk.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
