"""Every page in Chinese and Tibetan, on a desk and on a phone: whole, accessible and light."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as current

from tests.browser.conftest import NARROW, WIDE
from tests.browser.pages import BY_NAME, NOT_PAGES, Facts, Shown, every_page, furnish, names_in_use

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
MOST_BYTES = 100_000
LANGUAGES = ("zh-hans", "bo")
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push([event.violatedDirective, event.blockedURI, event.sourceFile].join(" ")));
"""
TOO_WIDE = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter((el) => el.getBoundingClientRect().right > window.innerWidth + 0.5 && el.getClientRects().length)
    .map((el) => `${el.tagName}.${el.className}`).slice(0, 12)"""
JUDGE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .map((each) => [each.id, ...each.nodes.slice(0, 4).map((node) => node.target.join(" "))].join(" | "))"""
PAGES = every_page()


def test_every_address_is_a_page_here_or_says_why_not():
    assert names_in_use() - set(BY_NAME) - set(NOT_PAGES) == {"act", "court_act", "calculator"}
    assert not set(BY_NAME) & set(NOT_PAGES)


@pytest.fixture(scope="module")
def facts(world: Any, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return furnish(world, tmp_path_factory.mktemp("workbooks"))


class Window:
    """A page that is turned from address to address; nothing is cached, so each view is a first view."""

    def __init__(self, context: Any) -> None:
        self.page = context.new_page()
        self.said: list[str] = []
        self.answers: list[Any] = []
        context.new_cdp_session(self.page).send("Network.setCacheDisabled", {"cacheDisabled": True})
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("response", lambda answer: self.answers.append(answer))

    def _heard(self, message: Any) -> None:
        # Chromium calls a page's own status (400, 403, 404) an error; that one is looked at by itself.
        own = message.location["url"] == self.page.url
        if message.type in ("error", "warning") and not (own and "with a status of 4" in message.text):
            self.said.append(message.text)

    def turn_to(self, address: str) -> Any:
        self.said.clear()
        self.answers.clear()
        self.page.set_viewport_size(WIDE)
        return self.page.goto(address, wait_until="load")


@pytest.fixture(scope="module")
def window(browser: Any, site: str, signed_in: Callable[[str], Any]) -> Any:
    """``window("clerk", "bo")``: the window of a person, in a language."""
    opened: dict[tuple[str, str], Window] = {}

    def open_it(who: str, language: str) -> Window:
        if (who, language) not in opened:
            context = browser.new_context(
                base_url=site, locale="zh-CN", viewport=WIDE, storage_state=signed_in(who) if who else None
            )
            context.add_cookies([{"name": current.LANGUAGE_COOKIE_NAME, "value": language, "url": site}])
            context.add_init_script(WATCH)
            opened[who, language] = Window(context)
        return opened[who, language]

    yield open_it
    for each in opened.values():
        each.page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page(
    shown: Shown,
    language: str,
    facts: Facts,
    window: Any,
    site: str,
    request: pytest.FixtureRequest,
) -> None:
    seat = window(shown.who, language)
    page, answers = seat.page, seat.answers
    answer = seat.turn_to(shown.address(facts))
    wrong: dict[str, Any] = {}

    headers = answer.headers
    wrong["status"] = answer.status if answer.status != shown.status else None
    wrong["headers"] = {
        name: headers.get(name) for name, value in HEADERS.items() if not _same(headers.get(name), value)
    }
    if "no-store" not in headers.get("cache-control", ""):
        wrong["cache"] = headers.get("cache-control")
    wrong["language"] = None if page.locator("html").get_attribute("lang") == language else "lang"
    hosts = {urlsplit(each.url).netloc for each in answers}
    wrong["hosts"] = hosts - {urlsplit(site).netloc}
    weight = sum(each.request.sizes()["responseBodySize"] for each in answers)
    wrong["bytes"] = weight if weight > MOST_BYTES else None
    folder = request.config.getoption("--screenshots", default=None)
    page.evaluate(
        AXE.read_text(encoding="utf-8")
    )  # through the debugger, which the page's policy leaves alone
    for name, size in (("1366", WIDE), ("420", NARROW)):
        page.set_viewport_size(size)
        if folder:
            path = Path(folder) / f"{shown.name.replace(':', '-')}.{language}.{name}.png"
            page.screenshot(path=str(path), full_page=True)
        wrong[f"too wide at {name}"] = page.evaluate(TOO_WIDE)
        # Slow, and nearly the same twice: Chinese is judged on a desk, Tibetan on a phone.
        if (language == "bo") == (size is NARROW):
            wrong[f"axe at {name}"] = page.evaluate(JUDGE)
    wrong["policy"] = page.evaluate("window.violations")
    wrong["console"] = list(seat.said)
    assert {name: what for name, what in wrong.items() if what} == {}


def _same(given: str | None, wanted: str) -> bool:
    """The same directives, in whatever order."""
    return given is not None and sorted(given.split("; ")) == sorted(wanted.split("; "))
