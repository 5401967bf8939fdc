"""The matters agencies answer: every row can be read, is named, and keeps what was not seen visible."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import law
from directory.models.agencies import AgencyKind
from law import linkage
from law.linkage import FieldKind, MatterField, MatterTableError, _read_fields

DATA = Path(law.__file__).parent / "data"
KINDS = {
    *("inquiry", "freeze", "seize", "renew", "release", "deduct", "transfer", "dispose", "restrict"),
    *("locate", "detain", "assist", "refer", "share", "notice", "urge", "register", "supervise", "task"),
    *("advice", "objection"),
}
# Decision of the Standing Committee on enforcement, item 4.
EIGHT = {"融资", "投资", "经营", "置产", "招投标", "资质审批", "项目管理", "权属登记"}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as table:
        return list(csv.DictReader(table))


def every_field(fields: tuple[MatterField, ...]) -> set[str]:
    found = set()
    for one in fields:
        found |= {one.name} | every_field(one.fields)
    return found


@pytest.fixture(scope="module")
def fields() -> set[str]:
    found = set()
    for one in linkage.matters().values():
        found |= every_field(one.request_fields) | every_field(one.answer_fields)
    return found


def test_every_row_is_a_matter_of_its_own():
    codes = [row["code"] for row in rows("linkage_matters.csv")]
    assert len(codes) == len(set(codes)) == len(linkage.matters()) == 101


@pytest.mark.parametrize("code", linkage.matters())
def test_a_matter_says_what_it_is_by_when_and_why(code):
    one = linkage.matter(code)
    assert one.request_kind in KINDS
    assert one.agency_kind in AgencyKind
    assert one.days >= 1
    assert one.name_zh
    assert one.name_en
    assert one.basis
    assert one.in_force_on(date(2026, 11, 23))


@pytest.mark.parametrize("code", linkage.matters())
def test_an_order_that_binds_property_carries_its_writ(code):
    one = linkage.matter(code)
    if one.request_kind in {"freeze", "seize", "renew", "release", "deduct", "transfer", "dispose"}:
        # A third person who owes the debtor is told by a notice served in person, not through a holder.
        assert one.needs_writ or one.code == "THIRD-CLAIM"
    if one.is_inquiry:
        assert not one.needs_writ


def test_the_constraint_matters_are_the_eight_of_the_decision():
    named = {part for one in linkage.matters().values() for part in one.constraints}
    assert named == EIGHT


def test_what_was_not_seen_keeps_its_mark():
    unseen = {row["code"] for row in rows("linkage_matters.csv") if row["verified"] != "yes"}
    assert {one.code for one in linkage.matters().values() if not one.verified} == unseen
    assert {"SEC-ISSUE", "INVEST-ENTRY", "LAND-MINING", "NDRC-HALT", "GOV-PROJECT"} <= unseen


def test_every_field_has_a_name_and_no_other(fields):
    table = rows("linkage_fields.csv")
    names = [row["name"] for row in table]
    assert len(names) == len(set(names))
    assert set(names) == fields
    assert all(re.search("[\u4e00-\u9fff]", row["name_zh"]) for row in table)
    assert all(row["name_en"][0].isupper() for row in table)


def test_numbers_of_people_and_accounts_are_sealed(fields):
    named = linkage.named_fields()
    for name in fields:
        if name.endswith(("account_no", "_account")) and not name.startswith("is_"):
            assert named[name].kind is FieldKind.ACCOUNT, name
        if name in {"id", "id_no", "uscc", "company_uscc"}:
            assert named[name].kind is FieldKind.IDENTITY, name


@pytest.mark.parametrize(
    ("ending", "kind"), [("_at", FieldKind.MOMENT), ("_on", FieldKind.DATE), ("_qty", FieldKind.NUMBER)]
)
def test_a_word_s_ending_tells_its_kind(ending, kind):
    assert {one.kind for one in linkage.named_fields().values() if one.name.endswith(ending)} == {kind}


def test_terms_are_bounded_where_the_law_bounds_them():
    """Deposits a year, movables two, immovables and other rights three (CPL Interpretation 485)."""
    months = {
        code: linkage.matter(code).longest_months
        for code in ("BANK-FRZ-DEP", "BANK-SAFE", "SEC-FRZ", "LAND-SEAL", "BANK-INQ-DEP")
    }
    assert months == {
        "BANK-FRZ-DEP": 12,
        "BANK-SAFE": 24,
        "SEC-FRZ": 36,
        "LAND-SEAL": 36,
        "BANK-INQ-DEP": None,
    }


def test_of_alternatives_none_is_demanded_by_itself():
    listing, removal = linkage.matter("NDRC-CREDIT").request_fields
    assert (listing.name, listing.required) == ("listing_no", False)
    assert (removal.name, removal.required) == ("removal_no", False)


# --- reading the cells ------------------------------------------------------------------------
NAMES = st.from_regex(r"[a-z_][a-z_0-9]{0,8}", fullmatch=True)
REMARKS = st.sampled_from(["", "", "(大小写)", "(自生效起算)", "(首冻/轮候n)"])
SEPARATORS = st.sampled_from([" ", ",", ", ", "  "])


@st.composite
def cells(draw: st.DrawFn, depth: int = 2) -> tuple[str, list[tuple[str, bool, bool, list]]]:
    """Some fields as a cell writes them, and what they are: name, whether rows, whether demanded, inner."""
    texts, meant = [], []
    for name in draw(st.lists(NAMES, min_size=1 if depth < 2 else 0, max_size=4)):
        is_rows, optional = draw(st.booleans()), draw(st.booleans())
        text = name + draw(REMARKS) + ("[]" if is_rows else "") + ("?" if optional else "")
        inner: list = []
        if depth and draw(st.booleans()):
            inside, inner = draw(cells(depth=depth - 1))
            text += "{" + inside + "}"
        texts.append(text)
        meant.append((name, is_rows, not optional, inner))
    return draw(SEPARATORS).join(texts), meant


def shape(fields: tuple[MatterField, ...]) -> list:
    return [(one.name, one.kind is FieldKind.ROWS, one.required, shape(one.fields)) for one in fields]


@given(cells(), st.sets(st.sampled_from("CPWATR")))
def test_a_cell_is_read_as_it_is_written(cell, marks):
    text, meant = cell
    found, fields = _read_fields(" ".join([*(f"@{mark}" for mark in sorted(marks)), text]))
    assert found == marks
    assert shape(fields) == meant


@given(cells())
def test_a_group_is_a_group_and_a_field_has_the_kind_of_its_name(cell):
    _marks, fields = _read_fields(cell[0])
    known = linkage.named_fields()
    for one in fields:
        if one.kind is not FieldKind.ROWS and one.fields:
            assert one.kind is FieldKind.GROUP
        elif one.kind is not FieldKind.ROWS:
            assert one.kind is (known[one.name].kind if one.name in known else FieldKind.TEXT)


@given(st.text(alphabet="ab_1@#CR[]{}?(), /案", max_size=30))
def test_a_cell_is_read_to_its_end_or_refused(text):
    try:
        _marks, fields = _read_fields(text)
    except MatterTableError:
        return
    # What was read is all there was: every word of the cell outside remarks is a field.
    words = re.findall(r"[a-z_][a-z_0-9]*", re.sub(r"[@#][A-Z](\([^)]*\))?|\([^)]*\)", " ", text))
    assert sorted(words) == sorted(_names(fields))


def _names(fields: tuple[MatterField, ...]) -> list[str]:
    return [name for one in fields for name in [one.name, *_names(one.fields)]]


@given(cells(), st.sampled_from(["}", "{", "[", "]", "1", "案"]))
def test_what_cant_be_read_is_refused(cell, stray):
    with pytest.raises(MatterTableError):
        _read_fields(f"{cell[0]} {stray}")
