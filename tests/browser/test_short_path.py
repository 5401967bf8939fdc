"""A case from the form to the last confirmed payment, by the people who do it, in their browsers."""

import pytest
from django.utils.translation import override
from playwright.sync_api import expect

from enforcement import engine, tasks
from enforcement.acts.service import service_of
from enforcement.claims import amount_to_be_free
from enforcement.models import Case, Job, JobState, PaymentState
from law import clock
from tests.browser.steps import filing, proof, today
from tests.data import make_filings
from tests.world import bank_card


@pytest.fixture
def people(at):
    """Hands by name, each window opened when it is first needed."""
    opened = {}

    def hands(name):
        if name not in opened:
            opened[name] = at(name)
        return opened[name]

    return hands


def test_a_case_goes_from_the_form_to_closing_in_the_browser(world, people):
    # Filed, with rows added by the button.
    clerk = people("clerk").go("/cases/").press("c")
    clerk.page.wait_for_url("**/acts/case.file/")
    values = filing(
        world,
        items=[
            {"kind": "main", "label": "货款", "amount": "88,000.00"},
            {"kind": "cost", "label": "案件受理费", "amount": "1000"},
        ],
    )
    for name in ("items", "parties"):
        rows = clerk.page.locator(f'[data-list="{name}"] .rowitem')
        while rows.count() < 2:
            clerk.click(f'button[name=_add_row][value="{name}"]')
    clerk.fill(**values).submit().done()
    case = clerk.case
    assert [str(item.amount) for item in case.title_items.all()] == ["88000.00", "1000.00"]
    clerk.sees(case.number)
    clerk.sees("旦增乙")

    # Assigned by the head, from the task on the desk.
    head = people("head").go("/")
    head.follow(head.page.locator("[data-rows] tr", has_text=case.number).locator("a[data-open]"))
    head.fill(officer="implementer").submit().done()
    officer = people("implementer")

    # Notice and report order, shown before they are made; served, with the return of service.
    officer.open_step(case, "notice.issue")
    expect(officer.page.locator("#writ")).to_contain_text("执行通知书")
    officer.fill(contact="0891-0000000").submit().done()
    for document in case.documents.all():
        officer.open_step(case, "service.record").fill(
            document=str(document.uid), party=str(document.party.uid), served_on=today(), received_by="旦增乙"
        )
        officer.attach("proof", proof()).submit().done()
    assert case.services.filter(state="served", proof__isnull=False).count() == 2

    # A deposit is found and its freezing proposed; the judge approves with a key.
    officer.does(
        case,
        "asset.record",
        owner=str(case.parties.get(role="debtor").uid),
        kind="deposit",
        description="活期存款账户",
        holder="高原某银行城关支行",
        account_number=bank_card(),
        value="50,000",
        source="网络查控",
    )
    officer.open_step(case, "measure.freeze-deposit")
    officer.fill(amount="50,000", officers="implementer、second_implementer").submit().done()
    assert not case.measures.exists()
    judge = people("judge").go("/decisions/")
    judge.sees(case.number)
    with judge.page.expect_navigation():
        judge.press("y")
    judge.done()
    measure = case.measures.get()
    assert (measure.amount, measure.state) == (50_000, "in-force")

    # Money arrives, is planned, paid and confirmed.
    owed = amount_to_be_free(Case.objects.get(pk=case.pk), clock.today()).total
    finance = people("finance")
    finance.does(case, "money.receive", amount=str(owed), payer="旦增乙", bank_reference="T0001")
    officer.open_step(case, "money.plan").submit().done()
    head.approves(case)
    finance.open_step(case, "money.pay").submit().done()
    head.approves(case)
    for number, payment in enumerate(case.payments.filter(state=PaymentState.ORDERED)):
        finance.does(
            case,
            "money.confirm",
            payment=str(payment.uid),
            bank_reference=f"P{number}",
            settled_on=today(),
        )

    # Lifted, and the bank has done it; what is not yet served is served.
    officer.does(case, "measure.release", ground="paid", reason="债务已全部清偿")
    judge.approves(case)
    officer.does(case, "measure.confirm-release", reference="回执1号")
    serve_the_rest(officer, case)

    # The checklist is green, so the case can be closed.
    officer.go(f"/cases/{case.uid}/")
    card = officer.page.locator("section[aria-labelledby=closing-title]")
    expect(card.locator("li").first).to_be_visible()
    expect(card.locator(f'a[href*="/cases/{case.uid}/acts/"]')).to_have_count(0)
    officer.open_step(case, "case.close-performed").submit().done()
    head.approves(case)
    case.refresh_from_db()
    assert (case.stage, case.closing_code) == ("closed", "done.full")

    # Every act of it stands on the timeline.
    officer.go(f"/cases/{case.uid}/history/")
    shown = officer.page.locator("#timeline .line > li")
    titles = [shown.nth(index).inner_text() for index in range(shown.count())]
    while (older := officer.page.locator("#timeline .foot a")).count():
        officer.go(older.get_attribute("href"))
        shown = officer.page.locator("#timeline .line > li")
        titles += [shown.nth(index).inner_text() for index in range(shown.count())]
    with override("zh-hans"):
        for event in case.events.filter(phase="done"):
            title = str(engine.act_named(event.act).title)
            assert any(title in text for text in titles), title


def serve_the_rest(officer, case):
    """Hand over every writ whose service is still a task."""
    waiting = set(case.deadlines.filter(state="open", rule="product.serve").values_list("subject", flat=True))
    for document in case.documents.all():
        for party in case.parties.all():
            if service_of(document, party) not in waiting:
                continue
            officer.open_step(case, "service.record").fill(
                document=str(document.uid), party=str(party.uid), served_on=today(), received_by=party.name
            )
            officer.attach("proof", proof()).submit().done()


def test_filings_are_imported_from_a_workbook(people, tmp_path, monkeypatch):
    """Checked first and seen, then started; the page follows the job by itself."""
    monkeypatch.setattr(make_filings, "FILINGS", 24)
    make_filings.main(tmp_path / "filings.xlsx")
    clerk = people("clerk").go("/cases/")
    before = Case.objects.count()
    clerk.follow('a[href="/import/"]')
    clerk.attach("file", tmp_path / "filings.xlsx").submit()
    job = Job.objects.get()
    assert clerk.page.url.endswith(f"/jobs/{job.uid}/")
    tasks.run_job(job.pk)
    # What was found is shown without a click; nothing is filed before it was seen.
    start = clerk.page.locator(f'form[action$="/jobs/{job.uid}/start/"] button')
    expect(start).to_be_visible(timeout=20_000)
    wrong = [place for place in make_filings.WRONG if place <= 24]
    expect(clerk.page.locator("table tbody tr .full.muted")).to_have_count(len(wrong))
    assert Case.objects.count() == before
    clerk.submit()
    expect(clerk.page.locator("progress")).to_be_visible()
    tasks.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    expect(clerk.page.locator(f'a[href$="/jobs/{job.uid}/result.xlsx"]')).to_be_visible(timeout=20_000)
    assert Case.objects.count() - before == 24 - len(wrong)
