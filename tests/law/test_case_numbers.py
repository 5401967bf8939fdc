"""Case numbers: （年）法院代字+类型代字+编号号."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import law
from law.case_numbers import CaseNumber, CaseNumberError, case_type, format_number, parse, types

DATA = Path(law.__file__).parent / "data"

with (DATA / "courts.csv").open(encoding="utf-8") as table:
    COURTS = [row["code"] for row in csv.DictReader(table)]
EXAMPLES = [
    (each.code, text) for each in types() for text in re.findall(r"（\d{4}）[^号。]*号", each.remarks)
]


def test_the_form_of_a_number():
    assert format_number(2026, "藏0102", "执", 123) == "（2026）藏0102执123号"


@pytest.mark.parametrize(("code", "text"), EXAMPLES)
def test_the_examples_of_the_table_of_types(code, text):
    number = parse(text)
    assert number.type_code == code
    assert number.court_code in COURTS
    assert str(number) == text


@pytest.mark.parametrize(
    "text",
    [
        "(2026)藏0102执恢12号",
        " （２０２６） 藏 ０１０２ 执恢 １２ 号 ",
        "〔2026〕藏0102执恢12号",
        "（2026)藏0102执恢12号\u200b\n",
    ],
)
def test_what_people_write_is_brought_to_one_form(text):
    assert str(parse(text)) == "（2026）藏0102执恢12号"


def test_a_court_without_digits_is_parted_from_the_type():
    assert parse("（2026）藏执监2号") == CaseNumber(2026, "藏", "执监", 2)
    assert parse("（2026）藏司惩复2号") == CaseNumber(2026, "藏", "司惩复", 2)
    assert parse("（2026）最高法执监5号") == CaseNumber(2026, "最高法", "执监", 5)


def test_numbers_of_types_the_product_does_not_handle_can_be_read():
    number = parse("（2025）川0104刑初77号")
    assert (number.court_code, number.type_code, number.type) == ("川0104", "刑初", None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "missing"),
        ("2026藏0102执1号", "not a case number"),
        ("（2026）藏0102执号", "not a case number"),
        ("（2026）藏0102执1", "not a case number"),
        ("（2026）藏0102执0号", "starts at 1"),
        ("（2026）藏0102执007号", "starts at 1"),
        ("（1026）藏0102执7号", "not a year"),
        ("（2026）藏0102执" + "9" * 40 + "号", "longer"),
        ("（2026）藏0102执1号之一", "not a case number"),
    ],
)
def test_what_is_no_number_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(CaseNumberError, match=sentence):
        parse(text)


@pytest.mark.parametrize(
    ("court", "kind", "serial"), [("0102", "执", 1), ("藏0102", "", 1), ("藏0102", "执", 0)]
)
def test_no_number_is_formed_that_could_not_be_read_back(court, kind, serial):
    with pytest.raises(CaseNumberError):
        format_number(2026, court, kind, serial)


def test_the_types_know_what_they_rest_on():
    assert case_type("执").verified
    assert not case_type("执协").verified
    assert all(each.citations for each in types())
    with pytest.raises(KeyError, match="no type"):
        case_type("执破")


@given(
    st.integers(1990, 2099),
    st.sampled_from(COURTS),
    st.sampled_from([each.code for each in types()]),
    st.integers(1, 9_999_999),
)
def test_reading_undoes_writing(year, court, kind, serial):
    assert parse(format_number(year, court, kind, serial)) == CaseNumber(year, court, kind, serial)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_as_no_number(text):
    try:
        number = parse(text)
    except CaseNumberError:
        return
    assert parse(str(number)) == number
