"""Import of filings: what is wrong is said at its cell, what is right is filed once."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from enforcement import engine, imports, jobs
from enforcement.imports.columns import BY_KEY, COLUMNS
from enforcement.models import Case, Job, JobRowState, JobState, Party
from law import clock
from tests.data.make_filings import FILINGS, WRONG
from tests.world import credit_code, resident_number

FILE = Path(__file__).parents[1] / "data" / "filings.xlsx"
DAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _day():
    with clock.travel(DAY):
        yield


def line(**changes):
    """One line of a sheet, by column key."""
    return {
        "no": "1",
        "cause": "买卖合同纠纷",
        "applied_on": "2026-03-02",
        "title_kind": "判决书",
        "title_number": "（2025）藏0102民初77号",
        "title_made_by": "拉萨市城关区人民法院",
        "title_effective_on": "2025-10-01",
        "performance_due_on": "2025-11-01",
        "main_amount": "120000.00",
        "applicant_kind": "自然人",
        "applicant_name": "卓玛丙",
        "applicant_identity_number": resident_number(),
        "debtor_kind": "自然人",
        "debtor_name": "旦增乙",
    } | changes


def sheet(*lines, language="zh-hans", write=None):
    """A workbook of lines; ``write`` may add to the sheet."""
    target = io.BytesIO()
    book = Workbook(target, {"strings_to_formulas": False})
    page = book.add_worksheet("案件")
    for place, column in enumerate(COLUMNS):
        page.write_string(0, place, column.heading(language))
        for number, cells in enumerate(lines, 1):
            value = cells.get(column.key)
            if isinstance(value, str):
                page.write_string(number, place, value)
            elif value is not None:
                page.write_number(number, place, value)
    if write:
        write(page)
    book.close()
    return target.getvalue()


def comma_separated(*lines):
    import csv

    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([column.zh for column in COLUMNS])
    for cells in lines:
        writer.writerow([cells.get(column.key, "") for column in COLUMNS])
    return target.getvalue()


def place_of(key):
    return [column.key for column in COLUMNS].index(key)


def take(world, content, name="a.xlsx"):
    return imports.take(name, content, world.clerk)


def errors_of(job):
    return {
        (int(number), key): messages
        for row in job.rows.all()
        for number, columns in row.errors.items()
        for key, messages in columns.items()
    }


def test_the_example_file_files_the_right_and_names_the_wrong(world):
    job = take(world, FILE.read_bytes())
    assert job.state == JobState.CHECKED
    assert job.total == FILINGS
    bad = job.rows.filter(state=JobRowState.BAD)
    assert bad.count() == len(WRONG)
    columns = {row.position: next(iter(next(iter(row.errors.values())))) for row in bad}
    assert columns == {
        7: "debtor_identity_number",
        23: "title_effective_on",
        61: "main_amount",
        118: "main_amount",
        190: "applicant_name",
        245: "main_amount",
        302: "title_number",
        377: "performance_due_on",
        444: "debtor_identity_number",
    }
    assert not Case.objects.exists()


def test_a_started_import_files_each_row_once_and_a_second_upload_nothing(world):
    lines = [line(no=str(number), title_number=f"（2025）藏0102民初{number}号") for number in range(1, 8)]
    content = sheet(*lines)
    job = take(world, content)
    jobs.begin(job)
    jobs.run(job.pk)
    assert Case.objects.count() == 7
    again = take(world, content)
    assert set(again.rows.values_list("state", flat=True)) == {JobRowState.SKIPPED}
    assert not imports.ready_to_start(again)
    assert Case.objects.count() == 7


def test_two_uploads_checked_before_either_ran_still_file_once(world):
    content = sheet(line())
    first, second = take(world, content), take(world, content)
    for job in (first, second):
        jobs.begin(job)
        jobs.run(job.pk)
    assert Case.objects.count() == 1
    assert second.rows.get().state == JobRowState.SKIPPED


def test_an_imported_case_is_the_filing_that_was_written(world):
    job = take(
        world,
        sheet(
            line(
                interest_annual="3.45%",
                interest_from="2025/1/5",
                main_amount=98765.4,
                cost_amount="1,350.00",
                title_effective_on="2025年10月1日",
                debtor_name_bo="བསྟན་འཛིན།",
                debtor_language="藏语",
            )
        ),
    )
    assert errors_of(job) == {}
    jobs.begin(job)
    jobs.run(job.pk)
    case = Case.objects.get()
    assert str(case.claim) == "100115.40"
    assert str(case.title.interest_annual) == "0.034500"
    assert case.title.interest_from == date(2025, 1, 5)
    debtor = case.parties.get(role="debtor")
    assert (debtor.name_bo, debtor.language) == ("བསྟན་འཛིན།", "bo")
    assert job.rows.get().input is None


def test_lines_with_the_same_number_are_one_filing_with_several_debtors_and_sums(world):
    job = take(
        world,
        sheet(
            line(),
            {
                "no": "1",
                "debtor_kind": "企业法人",
                "debtor_name": "某某公司",
                "debtor_representative": "李某",
                "debtor_identity_number": credit_code(),
            },
            {"no": "1", "main_amount": "500.00", "performance_due_on": "2025-12-01"},
            line(no="2", title_number="（2025）藏0102民初78号"),
        ),
    )
    assert (job.total, errors_of(job)) == (2, {})
    jobs.begin(job)
    jobs.run(job.pk)
    case = Case.objects.get(title__number="（2025）藏0102民初77号")
    assert case.parties.filter(role="debtor").count() == 2
    assert case.title_items.get(amount=500).delay_from == date(2025, 12, 1)


def test_an_error_in_a_further_line_stands_at_that_line(world):
    job = take(world, sheet(line(), {"no": "1", "debtor_kind": "企业法人", "debtor_name": "某某公司"}))
    assert list(errors_of(job)) == [(3, "debtor_representative")]


@pytest.mark.parametrize("language", ["zh-hans", "en", "bo"])
def test_headings_are_known_in_three_languages_and_the_template_is_readable(world, language):
    job = take(world, sheet(line(), language=language))
    assert errors_of(job) == {}
    template = imports.template(language)
    headings = CalamineWorkbook.from_filelike(io.BytesIO(template)).get_sheet_by_index(0).to_python()[0]
    assert headings == [column.heading(language) for column in COLUMNS]


def test_a_formula_is_neither_evaluated_nor_believed(world):
    def formula(page):
        page.write_formula(1, place_of("main_amount"), "=1000*120", None, 120000)

    job = take(world, sheet(line(main_amount=None), write=formula))
    assert list(errors_of(job)) == [(2, "main_amount")]
    job = take(world, comma_separated(line(cause='=HYPERLINK("http://a")')).encode(), "a.csv")
    assert list(errors_of(job)) == [(2, "cause")]


def test_text_that_begins_like_a_formula_in_a_text_cell_of_a_workbook_stays_text(world):
    job = take(world, sheet(line(obligation="=1+1")))
    assert errors_of(job) == {}
    assert Case.objects.count() == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_the_encodings_spreadsheets_write(world, encoding):
    job = take(world, comma_separated(line(debtor_name="旦增乙")).encode(encoding), "a.csv")
    assert errors_of(job) == {}
    assert "旦增乙" in job.rows.get().label


def test_a_csv_with_broken_bytes_names_the_line(world):
    broken = comma_separated(line(), line(no="2", title_number="X")).encode().split(b"\r\n")
    broken[2] = broken[2].replace("买".encode(), b"\xff\xff\xff")
    with pytest.raises(imports.WrongFile, match="3"):
        take(world, b"\r\n".join(broken), "a.csv")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b""),
        ("a.xlsx", b"%PDF-1.7 ..."),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 64),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64),
        ("a.xlsx", b"PK\x03\x04 and no more"),
        ("a.docx", b"name,cause\n"),
    ],
)
def test_a_file_of_a_wrong_kind_is_refused_in_words(world, name, content):
    with pytest.raises(imports.WrongFile) as wrong:
        take(world, content, name)
    assert len(str(wrong.value)) > 20
    assert not Job.objects.exists()


def test_a_sheet_without_a_needed_column_names_it(world):
    content = sheet(line())
    with pytest.raises(imports.WrongFile, match="案由|Cause|གྱོད་དོན"):
        take(world, comma_separated(line()).replace("案由", "备注").encode(), "a.csv")
    assert content


def packed(**parts):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return target.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(world):
    bomb = packed(xl__workbook_dot_xml=b"\0" * (300 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    with pytest.raises(imports.WrongFile):
        take(world, bomb)


def test_a_part_that_lies_about_its_size_is_refused(world):
    good = sheet(line())
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = good.replace(size.to_bytes(4, "little"), (size // 2).to_bytes(4, "little"))
    assert lying != good
    with pytest.raises(imports.WrongFile):
        take(world, lying)


def test_one_cell_at_the_far_corner_does_not_lay_out_the_whole_sheet(world):
    with pytest.raises(imports.WrongFile, match="1048576"):
        take(world, sheet(line(), write=lambda page: page.write_string(1_048_575, 16_383, "x")))


def test_a_workbook_with_entities_is_refused(world):
    good = sheet(line())
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(target, "w") as archive:
        for part in source.infolist():
            content = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = content.replace(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet', 1)
            archive.writestr(part.filename, content)
    with pytest.raises(imports.WrongFile):
        take(world, target.getvalue())


def test_an_identity_number_that_a_spreadsheet_rounded_is_not_guessed(world):
    job = take(world, sheet(line(debtor_identity_number=549900198001010000.0)))
    assert list(errors_of(job)) == [(2, "debtor_identity_number")]


def test_only_a_filing_clerk_imports(world):
    with pytest.raises(engine.Refused):
        imports.take("a.xlsx", sheet(line()), world.implementer)


def test_a_filing_of_another_court_on_the_same_title_is_skipped_without_its_number(world):
    data = world.filing(title_number="（2025）藏0102民初77号")
    engine.submit(engine.act_named("case.file"), world.sister, world.sister_clerk, data)
    job = take(world, sheet(line(debtor_name=data["parties"][1]["name"])))
    row = job.rows.get()
    assert row.state == JobRowState.SKIPPED
    assert Case.objects.get(court=world.sister).number not in row.result


def test_a_row_the_engine_refuses_at_its_turn_stands_at_its_cell(world):
    job = take(world, sheet(line()))
    jobs.begin(job)
    with clock.travel(date(2026, 1, 5)):
        # The clock was set back: the application is in the future now.
        jobs.run(job.pk)
    row = job.rows.get()
    assert row.state == JobRowState.REFUSED
    assert row.errors["2"]["applied_on"]


def test_the_sheet_of_errors_can_be_corrected_and_uploaded(world):
    job = take(world, sheet(line(), line(no="2", title_number="T2", main_amount="12.345")))
    wrong = imports.error_sheet(job, "zh-hans")
    table = CalamineWorkbook.from_filelike(io.BytesIO(wrong)).get_sheet_by_index(0).to_python()
    assert len(table) == 2
    assert table[1][place_of("main_amount")] == "12.345"
    assert BY_KEY["main_amount"].zh in str(table[1][-1])
    again = take(world, wrong)
    assert list(errors_of(again)) == [(2, "main_amount")]


def test_rows_wait_sealed(world):
    number = resident_number()
    job = take(world, sheet(line(debtor_identity_number=number)))
    row = job.rows.get()
    assert number.encode() not in bytes(row.input)
    assert number not in f"{row.label}{row.errors}{row.result}"
    assert not Party.objects.exists()


def test_a_sheet_of_the_largest_size_is_checked_by_a_worker_in_slices(world, monkeypatch):
    from enforcement.imports import checking

    monkeypatch.setattr(checking, "AT_ONCE", 2)
    monkeypatch.setattr(checking, "CHUNK", 2)
    job = take(world, sheet(*(line(no=str(n), title_number=f"T{n}") for n in range(5))))
    assert job.state == JobState.CHECKING
    assert jobs.run(job.pk, seconds=0) is False
    assert jobs.run(job.pk) is True
    job.refresh_from_db()
    assert job.state == JobState.CHECKED
    assert imports.ready_to_start(job)
