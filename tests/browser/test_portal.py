"""The day of a bank or a land bureau in Chromium: what it costs, and that nothing gets lost or loose."""

from typing import Any

import pytest
from playwright.sync_api import expect

from linkage.models import Answer, Request
from tests.browser.conftest import NARROW
from tests.linkage import orders
from tests.linkage.portal import lift
from tests.linkage_world import Linked, linked

CARD = "6222020200112233445"
HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
PASTE = """(cell, text) => {
  const board = new DataTransfer();
  board.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: board, bubbles: true, cancelable: true}));
}"""


@pytest.fixture(scope="module")
def link(world: Any) -> Linked:
    """The module's world with agencies, whose people sign in like everybody."""
    made = linked(world)
    world.people |= made.people
    return made


@pytest.fixture
def case(world: Any) -> Any:
    return world.assigned_case()


def cost(hands: Any, clicks: int, keys: int) -> None:
    assert (hands.clicks <= clicks, hands.keys <= keys) == (True, True), (
        f"{hands.clicks} clicks, {hands.keys} keys"
    )


def row(hands: Any, request: Request) -> Any:
    return hands.page.locator(f'[data-rows] a[data-open][href*="{request.uid}"]')


def settled(request: Request) -> str:
    request.refresh_from_db()
    return request.outcome


def inquiry(
    link: Linked, case: Any, code: str = "BANK-INQ-DEP", agency: str = "demo-bank-chengguan"
) -> Request:
    return link.inquire(case, matters=[code], agencies=[agency])[0]


def test_an_inquiry_is_answered_by_a_pasted_table(link, at, case):
    """Wanted: 1 to 2 clicks, at most 40 keys."""
    request = inquiry(link, case)
    teller = at("teller").go("/portal/")
    teller.follow(row(teller, request))
    cell = teller.page.locator(":focus")
    expect(cell).to_have_attribute("name", "facts.accounts[0]account_no")
    block = f"{CARD}\t城关支行\t活期\t正常\tCNY\t35,000.00\n{CARD[:-1]}3\t城关支行\t活期\t正常\tCNY\t1.50"
    cell.evaluate(PASTE, block)
    teller.submit().done()
    cost(teller, 2, 40)
    answer = Answer.objects.get(request=request)
    assert [line["balance"] for line in answer.facts["accounts"]] == ["35000.00", "1.50"]


def test_nothing_found_is_one_key_on_the_open_request(link, at, case):
    """Wanted: 1 to 2 clicks."""
    request = inquiry(link, case)
    teller = at("teller").go("/portal/")
    teller.follow(row(teller, request))
    teller.follow("button[name=_nothing]").done()
    cost(teller, 2, 0)
    assert settled(request) == "nothing"


def test_a_freeze_is_confirmed(link, at, case):
    """Wanted: 2 clicks, 10 to 16 keys."""
    request = orders.freeze(link, case, "30420.18")
    teller = at("teller").go("/portal/")
    teller.follow(row(teller, request))
    expect(teller.page.locator('[name="facts.amount_frozen"]')).to_have_value("30420.18")
    expect(teller.page.locator(":focus")).to_have_attribute("name", "number")
    teller.type("DJ20261123").submit().done()
    cost(teller, 2, 16)
    assert settled(request) == "done"
    assert request.measure is not None
    assert str(request.measure.amount) == "30420.18"


def test_a_lift_is_first_and_costs_one_click(link, at, case):
    """Wanted: 1 click, at most 10 keys."""
    inquiry(link, case)
    request = lift(link, case, "500.00")
    teller = at("teller").go("/portal/")
    expect(teller.page.locator("[data-rows] a[data-open]").first).to_have_attribute(
        "href", f"/portal/requests/{request.uid}/"
    )
    teller.press("j", "Enter")
    teller.page.wait_for_url(f"**/{request.uid}/")
    teller.follow(".answer .primary").done()
    cost(teller, 1, 10)
    assert settled(request) == "done"


def test_an_order_is_refused_with_a_ground(link, at, case):
    """Wanted: 3 clicks, 10 to 30 keys."""
    request = orders.freeze(link, case, "700.00")
    teller = at("teller").go("/portal/")
    teller.follow(row(teller, request))
    teller.page.locator("h1").click()  # to no field: keys work
    teller.press("r")
    teller.click('[name=ground][value="exempt"]').press("Tab").type("农民工工资专用账户").submit().done()
    cost(teller, 3, 30)
    assert settled(request) == "refused"
    assert Answer.objects.get(request=request).ground == "exempt"


def test_a_land_registrar_answers(link, at, case):
    request = inquiry(link, case, "LAND-INQ", "demo-land")
    registrar = at("registrar").go("/portal/")
    registrar.follow(row(registrar, request))
    registrar.page.locator(":focus").evaluate(PASTE, "藏0001\t城关区某路 2 号\t住宅\t88.20\t所有权")
    registrar.submit().done()
    assert Answer.objects.get(request=request).facts["units"][0]["unit_no"] == "藏0001"


def test_another_bank_finds_nothing(link, at, case):
    request = inquiry(link, case)
    other = at("second_teller").go("/portal/")
    assert row(other, request).count() == 0
    assert other.page.goto(f"/portal/requests/{request.uid}/").status == 404


def test_hostile_text_stays_inert(link, at, case):
    request = inquiry(link, case)
    teller = at("teller").go(f"/portal/requests/{request.uid}/")
    teller.page.locator("h1").click()
    teller.press("q")
    teller.write("text", HOSTILE).submit().done()
    teller.sees("<script>")
    assert "taken" not in teller.page.title()
    officer = at("implementer").go(f"/cases/{case.uid}/")
    assert "taken" not in officer.page.title()


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(link, at, case):
    request = orders.freeze(link, case, "800.00")
    teller = at("teller").go(f"/portal/requests/{request.uid}/")
    teller.write("number", "DJ-77").write("facts.amount_frozen", "much").submit()
    expect(teller.page.locator('.bad [name="facts.amount_frozen"]')).to_have_value("much")
    expect(teller.page.locator("[name=number]")).to_have_value("DJ-77")
    assert settled(request) == ""


def test_without_scripts_a_table_is_pasted_into_a_box(link, at, case):
    request = inquiry(link, case)
    teller = at("teller", java_script_enabled=False).go("/portal/")
    page = teller.page
    page.click(f'a[href="/portal/requests/{request.uid}/"]')
    page.click("summary:has-text('表格'), summary:has-text('Fill the table')")
    page.fill("[name=_paste]", f"账号\t余额\n{CARD}\t12.00")
    page.click("button[name=_fill]")
    expect(page.locator('[name="facts.accounts[0]account_no"]')).to_have_value(CARD)
    page.click(".answer .primary")
    page.wait_for_url("**/portal/")
    assert settled(request) == "done"


def test_many_inquiries_get_nothing_found_at_once(link, world, at):
    requests = [inquiry(link, world.assigned_case()) for _each in range(3)]
    teller = at("teller").go("/portal/?kind=inquiry")
    for request in requests:
        teller.page.check(f'input[value="{request.uid}"]')
    teller.follow("button[value=nothing]")
    expect(teller.page.locator("main .chip.green")).to_have_count(3)
    assert {settled(request) for request in requests} == {"nothing"}


def test_a_request_is_answered_on_a_phone(link, at, case):
    request = inquiry(link, case)
    teller = at("teller", viewport=NARROW, has_touch=True).go("/portal/")
    row(teller, request).tap()
    teller.page.locator("button[name=_nothing]").tap()
    teller.done()
    assert settled(request) == "nothing"
