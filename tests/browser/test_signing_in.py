"""Signing in and out, as somebody would try it who should not get in."""

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from playwright.sync_api import expect

from law import clock
from tests.browser.conftest import PASSWORD, sign_in

WRONG = "wrong horse battery"


@pytest.fixture
def window(browser, site):
    """A fresh window of somebody not signed in."""
    opened = []

    def open_it(**options):
        context = browser.new_context(base_url=site, locale="zh-CN", **options)
        opened.append(context)
        return context.new_page()

    yield open_it
    for context in opened:
        context.close()


def attempt(page, username, password=WRONG):
    """Type a name and a password; the status of the answer."""
    page.goto("/accounts/login/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", password)
    with page.expect_navigation() as waited:
        page.press("[name=password]", "Enter")
    return waited.value.status


def words(page):
    """What the page says, without what was typed."""
    return re.sub(r"\s+", " ", page.locator("main").inner_text())


def test_five_wrong_passwords_lock_the_account_whatever_becomes_of_the_cache(world, window, site):
    page = window()
    for _time in range(4):
        assert attempt(page, "reviewer") == 200
    assert attempt(page, "reviewer") == 429
    assert attempt(page, "reviewer", PASSWORD) == 429
    cache.clear()
    assert attempt(window(), "reviewer", PASSWORD) == 429
    assert attempt(window(), "REVIEWER", PASSWORD) == 429
    # Somebody else at the same machine still gets in.
    sign_in(page.context, site, "auditor")


def test_unknown_name_and_wrong_password_are_answered_in_the_same_words(world, window):
    known, unknown = window(), window()
    assert attempt(known, "supervisor") == attempt(unknown, "nobody-of-this-name")
    assert words(known) == words(unknown)
    for _time in range(4):
        statuses = attempt(known, "supervisor"), attempt(unknown, "nobody-of-this-name")
    assert statuses == (429, 429)
    assert words(known) == words(unknown)


def test_a_session_key_from_before_signing_in_opens_nothing(world, window, site):
    page = window()
    page.context.add_cookies(
        [{"name": "zhixing-session", "value": "a" * 32, "url": site, "httpOnly": True, "sameSite": "Lax"}]
    )
    sign_in(page.context, site, "clerk")
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    session = cookies["zhixing-session"]
    assert session["value"] != "a" * 32
    assert session["httpOnly"]
    assert session["sameSite"] == "Lax"
    assert cookies["zhixing-csrf"]["httpOnly"]


def test_after_signing_out_the_cookie_is_dead_and_the_back_button_shows_nothing(world, window, site):
    case = world.assigned_case()
    page = window()
    sign_in(page.context, site, "implementer")
    stolen = page.context.storage_state()
    page.goto(f"/cases/{case.uid}/")
    expect(page.locator("h1")).to_contain_text(case.number)
    kept = page.evaluate("[...Object.values(sessionStorage), ...Object.values(localStorage)].join()")
    assert case.number not in kept
    assert page.evaluate("caches.keys().then((keys) => keys.length)") == 0
    page.click(".me button[popovertarget]")
    with page.expect_navigation():
        page.click("#person-menu form button")
    page.go_back()
    page.wait_for_load_state()
    expect(page.locator("[name=login]")).to_be_visible()
    assert case.number not in page.content()
    thief = window(storage_state=stolen)
    thief.goto(f"/cases/{case.uid}/")
    expect(thief.locator("[name=login]")).to_be_visible()


def test_thirty_idle_minutes_end_a_session_and_its_stolen_cookie(world, window, site):
    case = world.assigned_case()
    page = window()
    sign_in(page.context, site, "implementer")
    stolen = page.context.storage_state()
    with clock.travel(clock.now() + timedelta(minutes=29)):
        page.goto(f"/cases/{case.uid}/")
        expect(page.locator("h1")).to_contain_text(case.number)
    with clock.travel(clock.now() + timedelta(minutes=29 + 31)):
        # A part that the page asks for makes the whole page go to sign in; nothing of it lands in the page.
        page.evaluate(
            "address => htmx.ajax('GET', address, {target: 'main', swap: 'innerHTML'})",
            f"/cases/{case.uid}/history/",
        )
        expect(page.locator("[name=login]")).to_be_visible()
        assert case.number not in page.content()
        assert f"next=/cases/{case.uid}/" in page.url
        thief = window(storage_state=stolen)
        thief.goto(f"/cases/{case.uid}/")
        expect(thief.locator("[name=login]")).to_be_visible()
    # It ended for good, whatever clock is asked.
    page.goto("/")
    expect(page.locator("[name=login]")).to_be_visible()


def test_ten_hours_end_a_session_however_busy_it_was(world, window, site):
    page = window()
    sign_in(page.context, site, "command")
    begun = clock.now()
    for minutes in range(20, 10 * 60, 20):
        with clock.travel(begun + timedelta(minutes=minutes)):
            assert page.request.get("/", max_redirects=0).status == 200, minutes
    with clock.travel(begun + timedelta(hours=10, minutes=1)):
        page.goto("/cases/")
        expect(page.locator("[name=login]")).to_be_visible()


def test_a_password_change_ends_the_other_sessions(world, window, site):
    here, elsewhere = window(), window()
    for page in (here, elsewhere):
        sign_in(page.context, site, "command")
    here.goto("/accounts/password/change/")
    here.fill("[name=oldpassword]", PASSWORD)
    for name in ("password1", "password2"):
        here.fill(f"[name={name}]", "another staple for the horse")
    with here.expect_navigation():
        here.press("[name=password2]", "Enter")
    elsewhere.goto("/")
    expect(elsewhere.locator("[name=login]")).to_be_visible()
    here.goto("/")
    expect(here.locator(".side")).to_be_visible()


@pytest.mark.parametrize("address", ["//evil.example/", "https:evil.example", "\\\\evil.example", "/\tevil"])
def test_after_signing_in_nobody_is_sent_away(world, window, site, address):
    page = window()
    page.goto(f"{site}/accounts/login/")
    page.evaluate(
        "address => { history.replaceState(null, '', `?next=${encodeURIComponent(address)}`); }", address
    )
    page.goto(page.url)
    page.fill("[name=login]", "president")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.press("[name=password]", "Enter")
    assert page.url.startswith(f"{site}/")


def test_a_code_of_the_second_factor_opens_once(world, window):
    secret = generate_totp_secret()
    TOTP.activate(world.finance, secret)
    first, second = window(), window()
    for each in (first, second):
        attempt(each, "finance", PASSWORD)
        expect(each.locator("[name=code]")).to_be_visible()
    # A code of two steps ago is old.
    enter(first, code_of(secret, steps_ago=2))
    expect(first.locator("[name=code]")).to_be_visible()
    code = enter_now(first, secret)
    expect(first.locator(".side")).to_be_visible()
    enter(second, code)
    expect(second.locator("[name=code]")).to_be_visible()
    second.goto("/")
    expect(second.locator(".side")).to_have_count(0)


def code_of(secret, steps_ago=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD - steps_ago))


def enter(page, code):
    page.fill("[name=code]", code)
    with page.expect_navigation():
        page.press("[name=code]", "Enter")


def enter_now(page, secret):
    """The code of now, and the next one if its half minute ended on the way."""
    code = code_of(secret)
    enter(page, code)
    if code != code_of(secret) and page.locator("[name=code]").count():
        code = code_of(secret)
        enter(page, code)
    return code


def test_a_passkey_signs_in_without_a_password(world, window, site):
    page = window()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto(f"{site}/accounts/login/")
    page.fill("[name=login]", "upper_judge")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.press("[name=password]", "Enter")
    page.goto("/accounts/2fa/webauthn/add/")
    # A new way in is added only by somebody who proves again that it is them.
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.press("[name=password]", "Enter")
    page.fill("[name=name]", "工作电脑")
    passwordless = page.locator("[name=passwordless]")
    if passwordless.count():
        passwordless.check()
    with page.expect_navigation():
        page.click("main button.primary")
    assert Authenticator.objects.filter(user=world.upper_judge, type="webauthn").exists()
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    with page.expect_navigation(url=f"{site}/"):
        page.click("#passkey_login")
    expect(page.locator(".side")).to_be_visible()


@pytest.mark.parametrize("token", [None, "x" * 64])
def test_a_form_from_elsewhere_is_refused_in_words(world, window, site, token):
    page = window()
    sign_in(page.context, site, "clerk")
    form = {} if token is None else {"csrfmiddlewaretoken": token}
    for headers in ({}, {"Origin": "null"}, {"Origin": "https://evil.example"}):
        answer = page.request.post("/search/", form=form | {"q": "旦增"}, headers=headers, max_redirects=0)
        assert answer.status == 403
        assert "<h1" in answer.text()
