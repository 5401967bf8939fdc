"""The product in Chromium: one server over real HTTP for each module, one browser, one window a person.

A module's world is committed, because the server's threads read it; it is emptied again after the module.
Static files are the collected ones, compressed and named as in a release.
"""

import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as current
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from config.celery import app as celery
from directory.models import Court
from tests.browser.hands import Hands
from tests.conftest import WORKER
from tests.world import World, make_world, set_up

# Playwright keeps an event loop in this thread, which makes Django think that the tests are asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PASSWORD = "correct horse battery"
CHROMIUM = os.environ.get("ZHIXING_CHROMIUM") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDE = {"width": 1366, "height": 768}
NARROW = {"width": 420, "height": 800}
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # Committed rows: the database is needed, and other tests are run first.
            item.add_marker(pytest.mark.django_db(transaction=True))


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Requests are the tests' own; what goes wrong with them shows in the page."""


@pytest.fixture(scope="session")
def collected_static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Static files under hashed names: those of ``./zhixing test``, or collected here."""
    ready = Path(current.STATIC_ROOT)
    if "ZHIXING_TEST_SERVERS" in os.environ and (ready / "staticfiles.json").exists():
        return ready
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=str(folder)):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module", autouse=True)
def _committed(
    django_db_setup: None, django_db_blocker: Any, collected_static: Path, tmp_path_factory: Any
) -> Iterator[None]:
    """Settings of the module, and its rows, which go when it ends."""
    redis = re.sub(r"/\d+$", "", current.REDIS_URL)
    # Flushing this one is part of a test; nobody else's keys may be in it.
    caches = {"default": current.CACHES["default"] | {"LOCATION": f"{redis}/{9 + WORKER}"}}
    celery.conf.broker_url = "memory://"
    changed = override_settings(
        STATIC_ROOT=str(collected_static),
        MEDIA_ROOT=tmp_path_factory.mktemp("files"),
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        TRANSLATION_CHECK_SECONDS=0,
        CACHES=caches,
    )
    with django_db_blocker.unblock(), changed:
        cache.clear()
        if Court.objects.exists():  # left by a run that was cut short, in a database that is used again
            call_command("flush", interactive=False, verbosity=0)
        yield
        call_command("flush", interactive=False, verbosity=0)
        connections.close_all()


@pytest.fixture(autouse=True)
def _django_db_marker() -> None:
    """In place of pytest-django's: tables are emptied after a module, not after each of its tests."""


@pytest.fixture(autouse=True)
def _files_of_their_own() -> None:
    """Files stay as long as the module's world."""


@pytest.fixture(scope="module")
def world(_committed: None) -> World:
    """The world of the module, everybody with a password."""
    made = make_world()
    hashed = make_password(PASSWORD)

    def passwords() -> None:
        for person in made.people.values():
            person.password = hashed
            person.save(update_fields=["password"])

    set_up(passwords)
    return made


@pytest.fixture(scope="module")
def site(_committed: None) -> Iterator[str]:
    """Address of the running product."""
    from django.core.wsgi import get_wsgi_application

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet, allow_reuse_address=False)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def sign_in(context: BrowserContext, site: str, username: str, password: str = PASSWORD) -> None:
    """Through the page everybody uses."""
    page = context.new_page()
    page.goto(f"{site}/accounts/login/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "/accounts/" not in address)
    page.close()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: str, world: World) -> Callable[[str], Any]:
    """Cookies of a person who signed in once in this module."""
    kept: dict[str, Any] = {}

    def cookies(name: str) -> Any:
        if name not in kept:
            context = browser.new_context(base_url=site)
            sign_in(context, site, world.people[name].username)
            kept[name] = context.storage_state()
            context.close()
        return kept[name]

    return cookies


@pytest.fixture
def at(browser: Browser, site: str, signed_in: Callable[[str], Any]) -> Iterator[Callable[..., Hands]]:
    """``at("clerk")``: the hands of a person at their screen. Errors of the page fail the test."""
    opened: list[Hands] = []

    def sit_down(name: str = "", **options: Any) -> Hands:
        chosen: dict[str, Any] = {"viewport": WIDE, "locale": "zh-CN", "base_url": site} | options
        if name:
            chosen["storage_state"] = signed_in(name)
        context = browser.new_context(**chosen)
        context.set_default_timeout(15_000)
        opened.append(Hands(context.new_page()))
        return opened[-1]

    yield sit_down
    complaints = [complaint for hands in opened for complaint in hands.complaints]
    for hands in opened:
        hands.page.context.close()
    assert complaints == []
