"""Sessions: a new key with each proof of who one is, sealed content, and an end that HTMX understands."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client

from directory.sealing import SealBroken
from directory.sessions import SealedJSON
from enforcement.models import Event
from law import clock
from tests.world import bank_card, set_up

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def signed_in(world):
    """Somebody's browser, signed in with the password on the page for it."""

    def sign_in(name: str) -> Client:
        person = world.people[name]
        person.set_password(PASSWORD)
        set_up(person.save)
        client = Client()
        answer = client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
        assert answer.status_code == 302, answer.content
        return client

    return sign_in


def key_of(client: Client) -> str:
    return client.cookies["zhixing-session"].value


def with_key(key: str) -> Client:
    """The browser of somebody who knows a key."""
    client = Client()
    client.cookies["zhixing-session"] = key
    return client


def prove_again(client: Client, after: str = "/") -> object:
    return client.post(f"/accounts/reauthenticate/?next={after}", {"password": PASSWORD})


def test_who_proves_a_factor_again_goes_on_under_a_new_key_and_the_old_one_is_dead(signed_in):
    client = signed_in("finance")
    old = key_of(client)
    assert with_key(old).get("/").status_code == 200
    prove_again(client)
    assert key_of(client) != old
    assert client.get("/").status_code == 200
    assert with_key(old).get("/").status_code == 302
    assert client.post("/accounts/reauthenticate/", {"password": "wrong horse battery"}).status_code == 200
    assert client.get("/").status_code == 200


def test_a_duty_given_or_ended_ends_every_session_also_one_under_a_new_key(world, signed_in):
    client = signed_in("finance")
    prove_again(client)
    assert client.get("/").status_code == 200
    world.do("staff.give-duty", world.court, "administrator", person="finance", duty="command")
    assert client.get("/").status_code == 302


def test_what_is_typed_before_a_second_proof_waits_sealed_and_goes_on_afterwards(
    world, case, signed_in, settings
):
    settings.REQUIRE_SECOND_FACTOR = True
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "SecondFactorRequired" not in name]
    client = signed_in("implementer")
    applicant, account = case.parties.get(role="applicant"), bank_card()
    form = {"party": str(applicant.uid), "holder": applicant.name, "bank": "某银行", "account": account}
    address = f"/cases/{case.uid}/acts/party.payee-account/"
    asked = client.post(address, form | {"idempotency_key": "one"})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert account.encode() not in kept(key_of(client))
    assert not Event.objects.filter(act="party.payee-account").exists()
    client.post(asked["Location"], {"password": PASSWORD})
    assert Event.objects.filter(act="party.payee-account").count() == 1
    applicant.refresh_from_db()
    assert applicant.account_number == account


class _AsItIs:
    def dumps(self, obj: bytes) -> bytes:
        return obj

    def loads(self, data: bytes) -> bytes:
        return data


def kept(key: str) -> bytes:
    """The content of a session's row, without its signature and its compression."""
    row = Session.objects.get(pk=key)
    return signing.loads(row.session_data, salt=SessionStore().key_salt, serializer=_AsItIs)


def test_a_session_changed_or_sealed_with_a_lost_key_is_an_empty_one(signed_in, settings):
    client = signed_in("finance")
    with pytest.raises(SealBroken):
        SealedJSON().loads(kept(key_of(client))[:-1] + b"x")
    settings.FIELD_KEYS = {"k9": b"z" * 32}
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("minutes", [31, 10 * 60 + 1])
def test_a_part_of_a_page_asked_too_late_sends_the_whole_page_to_sign_in(case, signed_in, minutes):
    client = signed_in("implementer")
    assert client.get(f"/cases/{case.uid}/").status_code == 200
    with clock.travel(clock.now() + timedelta(minutes=minutes)):
        answer = client.get(f"/cases/{case.uid}/history/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith("/accounts/login/?next=")
    assert client.get(f"/cases/{case.uid}/").status_code == 302
