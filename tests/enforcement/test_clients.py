"""Client systems and corrected texts."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils.translation import gettext, override
from oauth2_provider.models import AccessToken

from directory.models import ClientSystem, Duty
from enforcement import engine, translations
from law import clock


@pytest.fixture
def added(world):
    return world.do(
        "client.add", world.court, "administrator", name="某系统", scopes=["cases:read"], duties=["command"]
    )


def test_the_secret_is_shown_once_and_is_in_no_row_and_no_event(world, added):
    secret = added.revealed.split("client_secret=")[1]
    system = ClientSystem.objects.get()
    assert secret not in system.application.client_secret
    assert secret.encode() not in bytes(added.event.body)
    assert system.scopes == ["cases:read"]
    assert system.person.holds(Duty.COMMAND, world.court.pk)


def test_the_secret_gets_a_token_and_a_disabled_client_gets_none(world, added, client):
    client_id, secret = (part.split("=", 1)[1] for part in added.revealed.split(" "))
    asked = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    assert (
        client.post(
            "/api/token/", urlencode(asked), content_type="application/x-www-form-urlencoded"
        ).status_code
        == 200
    )
    assert AccessToken.objects.count() == 1
    world.do("client.disable", world.court, "administrator", client=client_id, reason="泄露")
    assert not AccessToken.objects.exists()
    assert (
        client.post(
            "/api/token/", urlencode(asked), content_type="application/x-www-form-urlencoded"
        ).status_code
        >= 400
    )


def test_only_the_administrator_of_the_court_lets_systems_in(world, added):
    for actor in ("head", "sister_head"):
        with pytest.raises((engine.Refused, engine.OutOfSight)):
            world.do("client.add", world.court, actor, name="x", scopes=["cases:read"], duties=["command"])


def test_the_page_shows_the_systems_to_the_administrator_only(world, added, client):
    client.force_login(world.administrator)
    page = client.get(reverse("clients")).content.decode()
    assert "某系统" in page
    assert "client_secret" not in page
    client.force_login(world.head)
    assert client.get(reverse("clients")).status_code == 404


def test_a_corrected_text_wins_at_run_time(world):
    source = "The paper crane of %(name)s"
    world.do(
        "translation.correct", world.court, "administrator", language="bo", source=source, text="%(name)s བྱ།"
    )
    translations.refresh()
    with override("bo"):
        assert gettext(source) == "%(name)s བྱ།"
    with clock.travel(clock.today().replace(year=clock.today().year + 1)):
        world.do(
            "translation.correct",
            world.court,
            "administrator",
            language="bo",
            source=source,
            text="བྱ། %(name)s",
        )
    translations.refresh()
    with override("bo"):
        assert gettext(source) == "བྱ། %(name)s"


def test_a_correction_keeps_the_places_for_values(world):
    with pytest.raises(engine.Refused) as refused:
        world.do(
            "translation.correct",
            world.court,
            "administrator",
            language="bo",
            source="%(days)s days",
            text="ཉིན།",
        )
    assert refused.value.field == "text"


def test_the_page_of_texts_is_the_administrators(world, client):
    client.force_login(world.administrator)
    assert client.get(reverse("translations"), {"q": "case"}).status_code == 200
    client.force_login(world.clerk)
    assert client.get(reverse("translations")).status_code == 404
