"""Orders go down as a workbook and come back as answers; the day's list says what both sides compare."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from enforcement import tasks
from enforcement.models import Job, ReadLog
from law import clock
from linkage.models import Answer, AnswerState, Request
from tests.linkage import orders
from tests.linkage.portal import browser, two_people

CARD = "6222020200112233445"


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def teller(link) -> Client:
    return browser(link.teller)


@pytest.fixture
def inquiry(link, case) -> Request:
    return link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["demo-bank-chengguan"])[0]


@pytest.fixture
def freeze(link, case) -> Request:
    return orders.freeze(link, case, "60000.00")


def book(answer: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets


class Sheet:
    """The downloaded workbook as somebody fills it in."""

    def __init__(self, client: Client):
        answer: Any = client.post("/portal/bulk/orders.xlsx")
        self.book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
        self.sheet = self.book.worksheets[0]
        self.names = [cell.value.rpartition("[")[2].rstrip("]") for cell in self.sheet[1]]

    def line(self, request: Request) -> int:
        place = self.names.index("request")
        return next(
            row[0].row for row in self.sheet.iter_rows(min_row=2) if row[place].value == request.number
        )

    def fill(self, line: int, **cells: Any) -> "Sheet":
        for name, value in cells.items():
            self.sheet.cell(line, self.names.index(name) + 1, value)
        return self

    def sent(self, client: Client) -> Any:
        target = io.BytesIO()
        self.book.save(target)
        file = SimpleUploadedFile("orders.xlsx", target.getvalue())
        return client.post("/portal/bulk/", {"file": file})


def test_the_workbook_holds_what_is_asked_in_full_and_each_order_is_a_reading(link, teller, freeze, inquiry):
    account = freeze.carried()["account_no"]
    sheet = Sheet(teller).sheet
    text = str([[cell.value for cell in row] for row in sheet.iter_rows()])
    assert account in text
    assert freeze.number in text
    rows = ReadLog.objects.filter(what="request.workbook", person=link.teller)
    assert set(rows.values_list("purpose", flat=True)) == {freeze.number, inquiry.number}


def test_another_agencys_orders_are_not_in_it(link, freeze):
    sheet = Sheet(browser(link.second_teller)).sheet
    assert sheet.max_row == 1


def test_text_in_an_order_is_never_a_formula(link, teller, world):
    case = world.assigned_case(parties=[world.applicant(), world.debtor(name="=HYPERLINK(1)")])
    link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["demo-bank-chengguan"])
    cells = [cell for row in Sheet(teller).sheet.iter_rows(min_row=2) for cell in row]
    assert any(cell.value == "=HYPERLINK(1)" for cell in cells)
    assert {cell.data_type for cell in cells if cell.value} == {"s"}


def test_filled_lines_come_back_as_answers_each_with_its_result(teller, freeze, inquiry):
    sheet = Sheet(teller)
    sheet.fill(sheet.line(freeze), result="Done", receipt="LS-1", amount_frozen="60,000.00")
    sheet.fill(sheet.line(inquiry), result="Done", receipt="LS-2", account_no=CARD, balance="12.50")
    last = sheet.sheet.max_row + 1
    sheet.fill(last, request=inquiry.number, account_no=CARD[:-1] + "1", balance="0.00")
    page = sheet.sent(teller)
    assert page.status_code == 200
    assert "Done: 2 of 2" in page.text
    given = {answer.number: answer for answer in Answer.objects.all()}
    assert [row["balance"] for row in given["LS-2"].facts["accounts"]] == ["12.50", "0.00"]
    assert {answer.channel for answer in given.values()} == {"workbook"}
    freeze.refresh_from_db()
    assert str(freeze.measure.amount) == "60000.00"


def test_one_wrong_line_leaves_the_others_alone(teller, freeze, inquiry):
    sheet = Sheet(teller)
    sheet.fill(sheet.line(freeze), result="Done", amount_frozen="much")
    sheet.fill(sheet.line(inquiry), result="Nothing found")
    page = sheet.sent(teller)
    assert "Done: 1 of 2" in page.text
    freeze.refresh_from_db()
    inquiry.refresh_from_db()
    assert (freeze.outcome, inquiry.outcome) == ("", "nothing")


def test_the_same_workbook_sent_twice_answers_once(teller, inquiry):
    sheet = Sheet(teller)
    sheet.fill(sheet.line(inquiry), result="Nothing found", receipt="LS-7")
    for _time in range(2):
        assert "Done: 1 of 1" in sheet.sent(teller).text
    assert Answer.objects.count() == 1


def test_lines_without_a_result_are_left_for_later(teller, freeze):
    page = Sheet(teller).sent(teller)
    assert page.status_code == 422
    assert not Answer.objects.exists()


def test_a_line_about_somebody_elses_request_finds_none(link, teller, inquiry):
    sheet = Sheet(teller)
    sheet.fill(sheet.line(inquiry), result="Nothing found")
    page = sheet.sent(browser(link.second_teller))
    assert "There is no such request" in page.text
    assert not Answer.objects.exists()


def test_a_formula_is_not_read(teller, inquiry):
    sheet = Sheet(teller)
    sheet.fill(sheet.line(inquiry), result="Done", account_no="=1+1")
    page = sheet.sent(teller)
    assert page.status_code == 422
    assert "formula" in page.text


@pytest.mark.parametrize("name", ["orders.pdf", "orders.xlsx", "orders.csv"])
def test_what_is_no_workbook_is_refused_in_words(teller, inquiry, name):
    file = SimpleUploadedFile(name, b"%PDF-1.7 nothing of the kind")
    page = teller.post("/portal/bulk/", {"file": file})
    assert page.status_code == 422


def test_an_uploaded_answer_waits_for_the_second_person_too(link, teller, inquiry):
    two_people(link)
    sheet = Sheet(teller)
    sheet.fill(sheet.line(inquiry), result="Nothing found", receipt="LS-8")
    assert "waits for the second person" in sheet.sent(teller).text
    assert Answer.objects.get().state == AnswerState.CONFIRMING


def test_many_answers_are_a_job(teller, link, world, monkeypatch):
    monkeypatch.setattr("linkage.web.portal_books.MOST_AT_ONCE", 1)
    for _each in range(2):
        link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"], agencies=["demo-bank-chengguan"])
    sheet = Sheet(teller)
    for request in Request.objects.all():
        sheet.fill(sheet.line(request), result="Nothing found")
    found = sheet.sent(teller)
    job = Job.objects.get()
    assert found.url == f"/jobs/{job.uid}/"
    tasks.run_job(job.pk)
    assert [row.state for row in job.rows.all()] == ["done", "done"]


def test_the_day_ends_with_orders_answers_and_hashes(link, teller, inquiry, freeze):
    link.answer(inquiry, link.teller, outcome="nothing", number="LS-9")
    answer = Answer.objects.get()
    digest = bytes(answer.raw_sha256).hex()
    page = teller.get("/portal/statement/").text
    assert digest in page
    asked, answered = book(teller.get(f"/portal/statement/day.xlsx?day={clock.today().isoformat()}"))
    assert {row[0] for row in asked.iter_rows(min_row=2, values_only=True)} == {inquiry.number, freeze.number}
    assert [(row[0], row[1], row[7]) for row in answered.iter_rows(min_row=2, values_only=True)] == [
        (inquiry.number, "LS-9", digest)
    ]
    assert freeze.carried()["account_no"] not in str(list(asked.iter_rows(values_only=True)))


def test_another_agencys_day_is_empty(link, inquiry):
    asked, _answered = book(browser(link.second_teller).get("/portal/statement/day.xlsx"))
    assert asked.max_row == 1
