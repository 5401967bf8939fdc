"""Citations: how they read, when they are in force, and what the tables' abbreviations mean."""

import csv
from datetime import date
from pathlib import Path

import pytest

import law
from law import citations
from law.citations import (
    CPL,
    CPL_INTERPRETATION,
    DECISION_2011,
    DEFAULTERS_LIST,
    ENFORCEMENT_RULES,
    FIRST_SEIZURE_REPLY,
    PROPERTY_INVESTIGATION,
    instruments_named,
    parse_articles,
)

DATA = Path(law.__file__).parent / "data"


def test_a_citation_reads_as_lawyers_write_it():
    assert str(CPL.art(253)) == "Civil Procedure Law art. 253"
    assert CPL.art(253).label("zh") == "《民事诉讼法》第253条"
    assert CPL.art(253).label("bo").startswith("《དམངས་དོན་")
    assert "253" in CPL.art(253).label("bo")
    assert ENFORCEMENT_RULES.art("64(1)").label("zh-hans") == "《执行工作规定》第64条（1）"
    assert str(CPL_INTERPRETATION.art("302-304")).endswith("arts. 302-304")
    assert str(DECISION_2011.art("三")).endswith("sec. 3")


def test_an_instrument_is_in_force_from_its_first_to_its_last_day():
    assert not CPL.art(253).in_force_on(date(2023, 12, 31))
    assert CPL.art(253).in_force_on(date(2024, 1, 1))
    assert not CPL_INTERPRETATION.in_force_on(date(2022, 4, 9))
    assert CPL_INTERPRETATION.in_force_on(date(2022, 4, 10))


def test_what_was_not_seen_in_its_text_is_not_verified():
    assert CPL.art(253).verified
    assert not DEFAULTERS_LIST.art(10).verified


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "CPL251;解释480;执行工作规定22",
            [(CPL, "251"), (CPL_INTERPRETATION, "480"), (ENFORCEMENT_RULES, "22")],
        ),
        ("4、5;CPL252", [(PROPERTY_INVESTIGATION, "4"), (PROPERTY_INVESTIGATION, "5"), (CPL, "252")]),
        ("CPL268(1)、269", [(CPL, "268(1)"), (CPL, "269")]),
        ("45-49", [(PROPERTY_INVESTIGATION, "45-49")]),
        ("法释〔2016〕6号1、2", [(FIRST_SEIZURE_REPLY, "1"), (FIRST_SEIZURE_REPLY, "2")]),
        ("全文", [(PROPERTY_INVESTIGATION, "")]),
    ],
)
def test_the_abbreviations_of_the_tables(text, expected):
    found = parse_articles(text, of=PROPERTY_INVESTIGATION)
    assert [(each.instrument, each.article) for each in found] == expected
    assert all(each.verified for each in found)


@pytest.mark.parametrize(
    "text", ["11(未核)", "4(条号未核)", "未核", "立案结案意见17(转引)", "立案结案意见(未见原文)"]
)
def test_a_remark_that_the_text_was_not_seen_withdraws_the_verification(text):
    [found] = parse_articles(text, of=PROPERTY_INVESTIGATION, verified=True)
    assert not found.verified


def test_what_can_not_be_read_is_kept_as_written_and_not_verified():
    [found] = parse_articles("某省高院会议纪要第三部分", verified=True)
    assert "某省高院会议纪要第三部分" in found.label("zh")
    assert not found.verified


def test_a_version_year_is_a_remark_and_an_item_is_part_of_the_article():
    [found] = parse_articles("10(2017)", of=DEFAULTERS_LIST)
    assert (found.article, found.note) == ("10", "2017")
    [found] = parse_articles("5(三)", of=CPL)
    assert (found.article, found.note) == ("5(三)", "")
    assert str(found).endswith("art. 5(3)")


@pytest.mark.parametrize("table", ["deadlines", "case_types", "closings"])
def test_every_row_of_the_tables_rests_on_a_known_instrument(table):
    with (DATA / f"{table}.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            named = instruments_named(row.get("instrument", ""))
            found = parse_articles(row["article"], of=named[0] if named else None)
            assert found, row
            assert all(each.instrument.key for each in found), row


def test_the_catalogue_lists_each_instrument_once():
    keys = [each.key for each in citations.catalogue()]
    assert len(keys) == len(set(keys))
    assert {"CPL", "TIME_LIMITS", "CASE_NUMBER_RULES", "DECISION_2011"} <= set(keys)
    for each in citations.catalogue():
        assert getattr(citations, each.key) is each
        assert citations.instrument(each.title_zh) is each
