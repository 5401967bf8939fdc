"""Amounts in capital numerals, as a bank or a debtor reads them on a writ."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.amounts import capital_amount


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0", "人民币零元整"),
        ("0.05", "人民币伍分"),
        ("0.50", "人民币伍角整"),
        ("10", "人民币壹拾元整"),
        ("325.04", "人民币叁佰贰拾伍元零肆分"),
        ("1409.50", "人民币壹仟肆佰零玖元伍角整"),
        ("6007.14", "人民币陆仟零柒元壹角肆分"),
        ("16409.02", "人民币壹万陆仟肆佰零玖元零贰分"),
        ("107000.53", "人民币壹拾万柒仟元伍角叁分"),
        ("100000", "人民币壹拾万元整"),
        ("120000.00", "人民币壹拾贰万元整"),
        ("1000010", "人民币壹佰万零壹拾元整"),
        ("100000001", "人民币壹亿零壹元整"),
        ("100010000", "人民币壹亿零壹万元整"),
        ("1000000000000", "人民币壹万亿元整"),
        ("1000100000000", "人民币壹万零壹亿元整"),
        (
            "9999999999999999.99",
            "人民币" + "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
        ),
    ],
)
def test_an_amount_is_written_as_on_a_bill(amount, written):
    assert capital_amount(Decimal(amount)) == written


@pytest.mark.parametrize("amount", ["-1", "0.001", "10000000000000000", "NaN", "Infinity"])
def test_what_can_not_be_written_exactly_is_refused(amount):
    with pytest.raises(ValueError, match="written|decimal"):
        capital_amount(Decimal(amount))


def read(text: str) -> Decimal:
    """What somebody reads: the other way round, written independently."""
    text = text.removeprefix("人民币").removesuffix("整")
    yuan, _, cents = text.rpartition("元") if "元" in text else ("", "", text)
    total, section, digit = 0, 0, 0
    for sign in yuan:
        if sign in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(sign)
        elif sign in "拾佰仟":
            section += digit * {"拾": 10, "佰": 100, "仟": 1000}[sign]
            digit = 0
        elif sign == "万":
            total, section, digit = total + (section + digit) * 10_000, 0, 0
        else:
            total, section, digit = (total + section + digit) * 10**8, 0, 0
    whole = total + section + digit
    fen = 0
    for sign, worth in (("角", 10), ("分", 1)):
        if sign in cents:
            fen += "零壹贰叁肆伍陆柒捌玖".index(cents[cents.index(sign) - 1]) * worth
    return Decimal(whole) + Decimal(fen) / 100


@given(st.integers(min_value=0, max_value=10**14 - 1))
def test_what_is_written_reads_as_the_same_amount(cents):
    amount = Decimal(cents) / 100
    assert read(capital_amount(amount)) == amount


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_zero_is_never_doubled_and_never_stands_before_a_unit(amount):
    text = capital_amount(amount)
    assert "零零" not in text
    assert amount < 1 or not any(f"零{unit}" in text for unit in "拾佰仟万亿元角分")
