"""The Tibetan names of what the law's tables name: one for every code, in Tibetan script, and used."""

import csv
import re
from pathlib import Path

import pytest

import law
from law import case_numbers, citations, closings, deadlines, linkage, nodes, tibetan

TABLE = Path(law.__file__).parent / "data" / "tibetan.csv"
NAMED = {
    "deadlines": {one.code: one.name for one in deadlines.all_rules()},
    "nodes": {one.code: one.name for one in nodes.nodes()},
    "closings": {one.code: one.name for one in closings.closings()},
    "case_types": {one.code: one.name for one in case_numbers.types()},
    "instruments": {one.key: one.title for one in citations.catalogue()},
    "linkage_matters": {one.code: one.name for one in linkage.matters().values()},
    "linkage_fields": {one.name: one.label for one in linkage.named_fields().values()},
}
# Letters, vowel signs, tsheg and shad; digits of articles and brackets stand between them.
TIBETAN = re.compile(r"[\u0f40-\u0fbc\u0f0b\u0f0d0-9() ]+")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8") as table:
        return list(csv.DictReader(table))


@pytest.mark.parametrize("table", NAMED)
def test_every_code_of_a_table_has_a_tibetan_name_and_no_other_code_has(table, rows):
    assert {row["code"] for row in rows if row["table"] == table} == set(NAMED[table])


def test_no_name_is_given_twice_or_to_a_table_that_does_not_exist(rows):
    keys = [(row["table"], row["code"]) for row in rows]
    assert len(keys) == len(set(keys)) == len(tibetan.names())
    assert {table for table, _code in keys} == set(NAMED)


def test_names_are_written_in_tibetan_script(rows):
    strange = [row for row in rows if not TIBETAN.fullmatch(row["name_bo"])]
    assert strange == []
    assert all(re.match("[\u0f40-\u0f6c]", row["name_bo"]) for row in rows)
    assert all(row["name_bo"].count("(") == row["name_bo"].count(")") for row in rows)


def test_ways_to_close_are_told_apart_within_a_family():
    for family in {one.family for one in closings.closings()}:
        shown = [one.name("bo") for one in closings.closings(family)]
        assert len(shown) == len(set(shown)), family


@pytest.mark.parametrize("table", NAMED)
def test_the_name_shown_in_tibetan_is_that_of_the_table(table):
    for code, name in NAMED[table].items():
        assert name("bo") == name("bo-CN") == tibetan.name(table, code)
        assert name("zh-hans") != name("bo") != name("en")


def test_a_name_that_is_missing_is_shown_in_chinese():
    assert tibetan.name("nodes", "node.never") == ""
    assert tibetan.in_language("bo", "nodes", "node.never", zh="立案审查", en="Filing") == "立案审查"


def test_citations_in_tibetan_hold_no_chinese():
    for one in citations.catalogue():
        assert not re.search(r"[\u4e00-\u9fff]", one.art(3).label("bo")), one.key
    assert citations.DECISION_2011.art("三").label("bo").endswith("ས་བཅད་3པ།")
