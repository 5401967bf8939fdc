"""What goes wrong is said where it went wrong; nothing typed is lost and nothing is done twice."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from enforcement.models import Case, Proposal, Receipt
from tests.browser.steps import filing, today
from tests.enforcement import control


@pytest.fixture
def case(world):
    return world.assigned_case()


def test_a_stale_form_keeps_what_was_typed_and_shows_what_happened_meanwhile(world, at, case):
    officer = at("implementer").open_step(case, "case.wait")
    officer.fill(until="2099-01-01", reason="等候评估机构出具报告")
    world.do("notice.issue", case, "implementer", report_days=10, contact="0891-0000000")
    officer.submit()
    warning = officer.page.locator("[role=alert]")
    expect(warning.locator("li")).to_have_count(1)
    expect(warning).to_contain_text("旦增乙")
    expect(officer.page.locator('[name="reason"]')).to_have_value("等候评估机构出具报告")
    assert not case.events.filter(act="case.wait").exists()
    # Sent again from what is now known: judged anew, and the day is too far.
    officer.submit()
    expect(officer.page.locator("#f-until-error")).to_be_visible()
    expect(officer.page.locator('[name="reason"]')).to_have_value("等候评估机构出具报告")


def test_a_double_click_has_one_effect(world, at, case):
    finance = at("finance").open_step(case, "money.receive")
    finance.fill(amount="1000", payer="旦增乙", bank_reference="D0001")
    finance.page.locator("main form button.primary").dblclick()
    finance.page.wait_for_url(f"**/cases/{case.uid}/")
    finance.done()
    assert Receipt.objects.filter(case=case).count() == 1


def test_the_same_form_sent_from_two_tabs_has_one_effect(world, at, case):
    """The second tab gets the first answer: same form, same key."""
    finance = at("finance").open_step(case, "money.receive")
    finance.fill(amount="1000", payer="旦增乙", bank_reference="D0002")
    posted = finance.page.evaluate(
        "() => Object.fromEntries([...new FormData(document.querySelector('main form'))])"
    )
    address = finance.page.url
    finance.submit().done()
    again = finance.page.request.post(address, form=posted, max_redirects=0)
    assert again.status == 303
    assert Receipt.objects.filter(case=case).count() == 1


def test_reloading_the_answer_and_going_back_send_nothing_again(world, at, case):
    finance = at("finance").does(case, "money.receive", amount="1", payer="旦增乙", bank_reference="D0003")
    finance.page.reload()
    finance.page.go_back()
    finance.page.go_forward()
    assert Receipt.objects.filter(case=case).count() == 1


def test_wrong_input_is_said_at_its_field_and_the_first_of_it_has_the_cursor(world, at):
    before = Case.objects.count()
    clerk = at("clerk").go(f"/courts/{world.court.code}/acts/case.file/")
    clerk.click('button[name=_add_row][value="parties"]')
    typed = filing(world)
    typed |= {"items[0]amount": "12,34.5", "parties[1]identity_number": "54990019800101001X"}
    clerk.fill(**typed).submit()
    amount = clerk.page.locator('[name="items[0]amount"]')
    expect(amount).to_have_value("12,34.5")
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(amount).to_be_focused()
    expect(clerk.page.locator("#f-items-0-amount-error")).to_be_visible()
    expect(clerk.page.locator("#f-parties-1-identity_number-error")).to_be_visible()
    # The summary on top leads to the field.
    clerk.click('a[href="#f-parties-1-identity_number"]')
    expect(clerk.page.locator('[name="parties[1]identity_number"]')).to_be_focused()
    assert Case.objects.count() == before


def test_a_refusal_names_its_rule_at_its_field(world, at, case):
    asset = control.record(world, case, value="500.00")
    officer = at("implementer").open_step(case, "measure.freeze-deposit")
    officer.fill(asset=str(asset.uid), amount="500", officers="implementer").submit()
    error = officer.page.locator("#f-officers-error")
    expect(error).to_be_visible()
    officer.fill(officers="implementer、second_implementer", effective_on="2099-01-01").submit()
    expect(officer.page.locator("#f-effective_on-error")).to_contain_text("《")
    assert not Proposal.objects.filter(case=case).exists()


def test_two_judges_deciding_the_same_proposal_do_it_once(world, at, case):
    asset = control.record(world, case)
    control.propose(world, "measure.freeze-deposit", case, asset, amount="1000.00", effective_on=today())
    proposal = case.proposals.get()
    one, other = at("judge"), at("judge")
    for window in (one, other):
        window.go(f"/decisions/{proposal.uid}/")
    with one.page.expect_navigation():
        one.press("y")
    one.done()
    with other.page.expect_navigation():
        other.press("y")
    expect(other.page.locator("[role=alert]")).to_be_visible()
    assert case.measures.count() == 1


@pytest.mark.parametrize("tail", ["", "history/", "print/", "acts/case.wait/"])
def test_a_foreign_case_looks_like_one_that_never_existed(world, at, case, tail):
    stranger = at("sister_implementer")
    answers = [
        stranger.page.request.get(
            # Uncompressed: compressed pages are padded at random.
            f"/cases/{uid}/{tail}",
            max_redirects=0,
            headers={"Accept-Encoding": "identity"},
        )
        for uid in (case.uid, uuid.uuid4())
    ]
    assert [answer.status for answer in answers] == [404, 404]
    bodies = [answer.text() for answer in answers]
    for body in bodies:
        assert case.number not in body
    assert without_tokens(bodies[0], case.uid) == without_tokens(bodies[1], answers[1].url.split("/")[4])
    volatile = {"date", "set-cookie", "server", "x-request-id"}
    heads = [{k: v for k, v in answer.headers.items() if k not in volatile} for answer in answers]
    assert heads[0] == heads[1]


def without_tokens(body, uid):
    """A page without what differs between any two requests: its CSRF tokens, and its own address."""
    body = re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]+"', "", body)
    return body.replace(str(uid), "")
