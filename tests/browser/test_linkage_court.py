"""Requests at the court, in a browser: ask all, see what came, check it, renew in one go."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from enforcement.models import Case
from law import clock
from law.calendar import default
from linkage import chasing, ladder
from linkage.ladder import Step
from linkage.models import Request, RequestState
from tests.browser.conftest import NARROW, WIDE
from tests.linkage.letters import arrive, at_noon
from tests.linkage.orders import frozen
from tests.linkage_world import Linked, linked
from tests.world import World

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
JUDGE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .map((each) => [each.id, ...each.nodes.slice(0, 4).map((node) => node.target.join(" "))].join(" | "))"""
TOO_WIDE = "() => document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture(scope="module")
def link(world: World) -> Linked:
    return linked(world)


@pytest.fixture(scope="module")
def case(link: Linked) -> Case:
    """A case that asked everybody: answered, refused, late, in question, with a measure that ends soon."""
    case = link.world.assigned_case()
    requests = link.inquire(case)
    arrive(*requests)
    first, second, land = requests
    link.answer(
        first,
        link.teller,
        facts={
            "accounts": [
                {
                    "account_no": "6222020200112233445",
                    "balance": "35000.00",
                    "type": "活期",
                    "status": "正常",
                },
                {"account_no": "6222020200112239999", "balance": "120.50", "type": "定期", "status": "正常"},
            ]
        },
    )
    link.answer(second, link.second_teller, outcome="refused", ground="no-writ", remarks="未附通知书。")
    day = ladder.day_of(Step.FIRST, land, default())
    assert day is not None
    with at_noon(day):
        chasing.send_reminders()
    link.world.do(
        "request.ask", case, link.registrar, request=str(land.uid), text="户名与证件号不符，是否继续？"
    )
    frozen(link, case, "30000.00")
    return case


def pages(case: Case) -> list[tuple[str, str]]:
    """Who looks, and where."""
    answered = Request.objects.filter(case=case, matter_code="BANK-INQ-DEP").order_by("id")
    return [
        ("implementer", "/"),
        ("implementer", f"/cases/{case.uid}/"),
        ("implementer", "/linkage/"),
        ("head", "/linkage/?all=1&state=refused"),
        ("implementer", f"/cases/{case.uid}/linkage/"),
        *(("implementer", f"/linkage/requests/{one.uid}/") for one in answered),
        ("head", "/linkage/register/?state=all"),
        ("implementer", "/linkage/renewals/"),
        ("head", "/linkage/board/"),
        ("head", "/linkage/board/?by=matter"),
        *(
            ("implementer", f"/cases/{case.uid}/acts/{code}/")
            for code in ("request.check", "request.remind", "request.reply", "request.recall")
        ),
        ("implementer", f"/cases/{case.uid}/acts/difficulty.record/"),
    ]


@pytest.mark.parametrize("language", ["zh-hans", "bo"])
def test_every_page_is_whole_accessible_and_narrow(
    case: Case, at: Callable[..., Any], site: str, language: str, pytestconfig: pytest.Config
) -> None:
    hands = {who: at(who) for who in ("implementer", "head")}
    kept = pytestconfig.getoption("screenshots")
    wrong = {}
    for number, (who, address) in enumerate(pages(case)):
        page = hands[who].page
        page.context.add_cookies([{"name": "django_language", "value": language, "url": site}])
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            answer = page.goto(address)
            assert answer is not None
            page.evaluate(AXE.read_text())
            found = [*page.evaluate(JUDGE), *(["too wide"] if page.evaluate(TOO_WIDE) else [])]
            if answer.status != 200 or found:
                wrong[f"{address} {size['width']}"] = [answer.status, *found]
            if kept:
                page.screenshot(
                    path=f"{kept}/court-{number:02}-{language}-{size['width']}.png", full_page=True
                )
    assert wrong == {}


def test_one_key_and_one_click_ask_everybody_about_a_debtor(
    link: Linked, case: Case, at: Callable[..., Any]
) -> None:
    fresh = link.world.assigned_case()
    hands = at("implementer").go(f"/cases/{fresh.uid}/")
    hands.press("q")
    hands.click("button[type=submit].primary")
    hands.done()
    assert (hands.clicks, hands.keys) == (1, 1)
    assert Request.objects.filter(case=fresh).count() == 3
    expect(hands.page.locator("#linkage progress")).to_have_attribute("max", "3")


def test_an_answer_is_looked_at_and_checked(case: Case, at: Callable[..., Any]) -> None:
    order = Request.objects.filter(case=case, state=RequestState.ANSWERED, outcome="done").first()
    assert order is not None
    hands = at("implementer").go(f"/linkage/requests/{order.uid}/")
    hands.sees("35,000.00")
    assert "6222020200112233445" not in hands.page.content()
    hands.click(".actions a.primary")
    hands.click("button[type=submit].primary")
    hands.done()
    order.refresh_from_db()
    assert order.state == RequestState.CHECKED


def test_renewals_are_proposed_in_three_clicks(link: Linked, case: Case, at: Callable[..., Any]) -> None:
    measure = case.measures.get()
    with at_noon(measure.last_day - timedelta(days=12)):
        assert clock.today() < measure.last_day
        hands = at()
        hands.go("/accounts/login/")
        hands.page.fill("[name=login]", "implementer")
        hands.page.fill("[name=password]", "correct horse battery")
        hands.page.press("[name=password]", "Enter")
        hands.page.wait_for_url(lambda address: "/accounts/" not in address)
        hands.clicks = hands.keys = 0
        hands.go("/linkage/renewals/")
        hands.click("form button.primary")
        expect(hands.page.locator(".note.ok")).to_be_visible()
        assert hands.clicks <= 3
    assert case.proposals.filter(act="request.renew").count() == 1
