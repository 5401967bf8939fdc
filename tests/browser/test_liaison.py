"""An agency joins in the browser and runs its side; a passer-by reports, a team goes, the case learns it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from directory.models import Agency, Person
from enforcement import outbox
from enforcement.models import Event
from law import clock
from linkage.models import Conference, ConferenceTask, Member, Tip
from tests.browser.conftest import NARROW
from tests.browser.hands import Hands
from tests.browser.steps import proof, today
from tests.world import World

NEW_PASSWORD = "a long enough phrase 9"
TOO_WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"


def fits(hands: Hands) -> None:
    assert hands.page.evaluate(TOO_WIDE) <= 0


@pytest.fixture
def at_agency(browser: Any, site: str) -> Any:
    """The hands of somebody of an agency, signed in with a password."""
    opened = []

    def sit_down(username: str, password: str = NEW_PASSWORD) -> Hands:
        context = browser.new_context(base_url=site, locale="zh-CN")
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.goto("/accounts/login/")
        page.fill("[name=login]", username)
        page.fill("[name=password]", password)
        with page.expect_navigation():
            page.press("[name=password]", "Enter")
        opened.append(context)
        return Hands(page)

    yield sit_down
    for context in opened:
        context.close()


def test_an_agency_is_taken_in_and_its_administrator_starts_alone(
    world: World, at: Any, at_agency: Any, browser: Any, site: str
) -> None:
    command = at("command")
    command.go("/agencies/").follow('a[href*="agency.add"]')
    command.fill(kind="bank", name="珠峰示例银行", code="everest-bank", contact_name="扎西").submit().done()
    command.sees("珠峰示例银行")
    command.go("/agencies/everest-bank/").follow('a[href*="agency.invite-administrator"]')
    command.fill(username="chief", name="多吉").submit()
    link = command.page.locator("#value").inner_text()

    newcomer = browser.new_context(locale="zh-CN")
    page = newcomer.new_page()
    page.goto(re.sub(r"^https?://[^/]+", site, link))
    page.fill("[name=password1]", NEW_PASSWORD)
    page.fill("[name=password2]", NEW_PASSWORD)
    with page.expect_navigation():
        page.press("[name=password2]", "Enter")
    newcomer.close()

    chief = at_agency("chief")
    chief.go("/portal/people/").follow('a[href*="agency.add-person"]')
    chief.page.check('[name="duties"][value="agency-operator"]')
    chief.fill(username="window", name="央金").submit()
    assert "/accounts/" in chief.page.locator("#value").inner_text()
    window = Person.objects.get(username="window")
    assert window.agency == Agency.objects.get(code="everest-bank")
    chief.go("/portal/keys/").follow('a[href*="agency.add-client"]')
    chief.page.check('[name="scopes"][value="linkage:read"]')
    chief.fill(name="核心系统", matters="BANK-INQ-*").submit()
    assert "client_secret=" in chief.page.locator("#value").inner_text()
    chief.go("/portal/keys/").sees("BANK-INQ-*")
    answer = chief.page.goto("/agencies/")
    assert answer is not None
    assert answer.status == 404


def test_a_change_starts_from_what_is_known_and_keeps_it(world: World, at: Any) -> None:
    command = at("command")
    command.go("/agencies/everest-bank/").follow('a[href*="agency.change"]')
    assert command.page.input_value('main [name="contact_name"]') == "扎西"
    command.fill(contact_phone="0891-6000000", needs_second_person="true").submit().done()
    member = Member.objects.get(agency__code="everest-bank")
    assert (member.contact_name, member.contact_phone) == ("扎西", "0891-6000000")
    assert member.needs_second_person
    assert member.agency.matters.count() > 5


def test_an_address_of_this_machine_is_refused_in_words(world: World, at: Any) -> None:
    command = at("command")
    command.go("/agencies/everest-bank/").follow('a[href*="agency.set-channel"]')
    command.fill(kind="webhook", url="https://169.254.169.254/", networks="203.0.113.0/24").submit()
    assert command.page.locator(".err, .summary").count() > 0
    assert Agency.objects.get(code="everest-bank").channel.kind == "portal"


def test_a_conference_from_the_call_to_the_accepted_evidence(world: World, at: Any, at_agency: Any) -> None:
    command = at("command")
    command.go("/conferences/").follow('a[href*="conference.call"]')
    command.fill(kind="regular", day=today(), place="三楼会议室").submit().done()
    conference = Conference.objects.get()
    url = f"/conferences/{conference.uid}/"
    command.go(url).follow('a[href*="conference.attend"]')
    command.write("rows[0]delegate", "某主任").submit().done()
    command.go(url).follow('a[href*="conference.minutes"]')
    command.write("minutes", "通报了查询时限。").write("decisions[0]text", "当日反馈查询。").submit().done()
    command.go(url).follow('a[href*="conference.task"]')
    command.fill(agency="everest-bank", task="安排专人当日反馈", evidence_required="内部通知").submit().done()
    task = ConferenceTask.objects.get()

    chief = at_agency("chief")
    chief.go("/portal/conferences/").sees("安排专人当日反馈")
    chief.follow('a[href*="conference.report-progress"]')
    chief.fill(progress="已发文", is_done="true").attach("evidence", proof())
    chief.submit().done()
    command.go(url).follow('a[href*="conference.accept-evidence"]').submit().done()
    task.refresh_from_db()
    assert (task.state, task.in_time) == ("done", True)
    command.go("/conferences/scores/").sees("珠峰示例银行")
    command.go(f"{url}pack/").sees("当日反馈")


@pytest.mark.parametrize("language", ["zh-hans", "bo"])
def test_somebody_reports_on_a_phone_in_their_language(
    world: World, browser: Any, site: str, settings: Any, language: str
) -> None:
    context = browser.new_context(base_url=site, locale="zh-CN", viewport=NARROW)
    context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}])
    hands = Hands(context.new_page())
    hands.go("/report/")
    assert hands.page.locator("html").get_attribute("lang") == language
    fits(hands)
    hands.fill(kind="moving", court=world.court.code, is_urgent="true", text="货车停在修理厂。")
    with hands.page.expect_navigation():
        hands.click("main form.act-form button[type=submit]")
    code, pin = (hands.page.locator(f"#{name}").inner_text() for name in ("code", "pin"))
    fits(hands)
    assert code not in hands.page.url
    hands.go("/report/status/").write("code", code).write("pin", pin)
    with hands.page.expect_navigation():
        hands.click("main form button[type=submit]")
    fits(hands)
    hands.write("text", "车牌尾号 12。")
    with hands.page.expect_navigation():
        hands.click("main form button[type=submit]")
    hands.sees("车牌尾号 12。")
    assert hands.complaints == []
    context.close()


def test_a_team_is_sent_responds_and_the_case_learns_the_result(world: World, at: Any) -> None:
    case = world.assigned_case()
    command = at("command")
    begins = clock.now() - timedelta(hours=1)
    world.do(
        "tip.set-roster",
        world.court,
        "command",
        leader="implementer",
        phone="0891-6000000",
        begins_at=begins.isoformat(),
        ends_at=(begins + timedelta(hours=12)).isoformat(),
    )
    tip = Tip.objects.order_by("pk")[0]
    command.go("/tips/").follow(f'a[href="/tips/{tip.uid}/"]')
    command.sees("货车停在修理厂")
    command.follow('a[href*="tip.dispatch"]').submit().done()
    officer = at("implementer")
    officer.go(f"/tips/{tip.uid}/").follow('a[href*="tip.respond"]')
    officer.write("finding", "货车已扣押。").submit().done()
    command.go(f"/tips/{tip.uid}/").follow('a[href*="tip.close"]')
    command.fill(
        outcome="asset-controlled", case_number=case.number, result="货车一辆已扣押。", reply="谢谢。"
    ).submit().done()
    outbox.deliver_due(kinds=["tip-outcome"])
    assert Event.objects.filter(case=case, act="case.tip-outcome").count() == 1
    officer.go(f"/cases/{case.uid}/").sees("货车一辆已扣押")
