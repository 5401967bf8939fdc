"""The same pages with scripts switched off: every act still has its form, every row its button."""

import pytest
from playwright.sync_api import expect

from enforcement.models import Case, Proposal
from tests.browser.steps import filing, today
from tests.enforcement import control


@pytest.fixture
def plain(at):
    """A window in which no script runs."""
    return lambda name: at(name, java_script_enabled=False)


def send(hands, button="main form button.primary"):
    return hands.follow(button)


def test_a_case_is_filed_and_its_rows_are_added_and_removed_by_the_server(world, plain):
    clerk = plain("clerk").go("/cases/")
    clerk.follow("a[data-key=c]")
    rows = clerk.page.locator('[data-list="parties"] .rowitem')
    clerk.fill(cause="租赁合同纠纷")
    for _press in range(2):
        send(clerk, 'button[name=_add_row][value="parties"]')
    expect(rows).to_have_count(3)
    send(clerk, 'button[name=_remove_row][value="parties[2]"]')
    expect(rows).to_have_count(2)
    # What was typed before the buttons is still there.
    expect(clerk.page.locator('[name="cause"]')).to_have_value("租赁合同纠纷")
    send(clerk.fill(**filing(world, cause="租赁合同纠纷"))).done()
    assert clerk.case.cause == "租赁合同纠纷"
    assert clerk.case.parties.count() == 2


def test_enter_in_a_field_sends_the_form_and_adds_no_row(world, plain):
    clerk = plain("clerk").go(f"/courts/{world.court.code}/acts/case.file/")
    for name in ("parties", "parties"):
        if clerk.page.locator('[data-list="parties"] .rowitem').count() < 2:
            send(clerk, f'button[name=_add_row][value="{name}"]')
    before = Case.objects.count()
    clerk.fill(**filing(world))
    clerk.page.focus('[name="cause"]')
    with clerk.page.expect_navigation():
        clerk.press("Enter")
    clerk.done()
    assert Case.objects.count() == before + 1


def test_a_writ_is_previewed_and_made(world, plain):
    case = world.assigned_case()
    officer = plain("implementer").go(f"/cases/{case.uid}/")
    officer.follow('.step a[href*="/acts/notice.issue/"]')
    officer.fill(contact="0891-7654321")
    send(officer, "button[formaction]")
    expect(officer.page.locator("#writ")).to_contain_text("0891-7654321")
    expect(officer.page.locator('[name="contact"]')).to_have_value("0891-7654321")
    send(officer).done()
    assert case.documents.count() == 2


def test_a_proposal_is_approved_and_another_refused_with_a_reason(world, plain):
    case = world.assigned_case()
    first, second = (control.record(world, case) for _number in range(2))
    for asset in (first, second):
        control.propose(world, "measure.freeze-deposit", case, asset, amount="1000.00", effective_on=today())
    judge = plain("judge").go("/decisions/")
    send(judge, "button[value=approve]").done()
    assert case.measures.count() == 1
    judge.write("reason", "余额不明，先核实")
    send(judge, "button.danger[value=reject]").done()
    assert sorted(Proposal.objects.filter(case=case).values_list("state", flat=True)) == [
        "approved",
        "rejected",
    ]
    assert case.measures.count() == 1


def test_cases_are_filtered_searched_and_reassigned_many_at_once(world, plain):
    cases = [world.assigned_case() for _number in range(2)]
    head = plain("head").go("/cases/")
    head.fill(q=cases[0].number)
    send(head, "form[method=get] button")
    expect(head.page.locator("#rows tbody tr")).to_have_count(1)
    head.go("/cases/")
    for case in cases:
        head.page.check(f'input[name="case"][value="{case.uid}"]')
    send(head, "button[name=act][value='case.reassign']")
    send(head.fill(officer="second_implementer", reason="调整承办人"))
    for case in cases:
        case.refresh_from_db()
        assert case.implementer == world.second_implementer
    head.page.fill("[role=search] [name=q]", cases[1].number)
    with head.page.expect_navigation():
        head.press("Enter")
    assert head.case == cases[1]
