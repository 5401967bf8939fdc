"""A browser for each of the world's people."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.world import World


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Pages name static files without the manifest that a release collects."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def browser(world: World) -> Callable[[str], Client]:
    """``browser("head")``: a signed-in browser of one of the world's people."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(world.people[name], "allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in
