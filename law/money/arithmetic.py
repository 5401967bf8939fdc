"""Exact sums of money: compute with fractions, round once.

Amounts are ``Decimal`` in CNY with at most two places at every interface; inside, whole fen (``int``) and
``Fraction``. Binary floats are refused, because they would make the last fen depend on the machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

__all__ = [
    "FEN",
    "ZERO",
    "as_money",
    "days_between",
    "exact",
    "fen",
    "from_fen",
    "largest_remainders",
    "parse_decimal",
    "plain",
    "round_down",
    "round_half_up",
    "round_up",
    "show",
    "total",
]

FEN = Decimal("0.01")
ZERO = Decimal("0.00")

MAX_DIGITS = 17
_MONEY = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]{1,2})?", re.ASCII)
_DECIMAL = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)

Exact = Decimal | Fraction | int


def exact(value: Exact) -> Fraction:
    """``value`` without loss; a float raises ``TypeError``."""
    if isinstance(value, float | bool):
        raise TypeError("amounts and rates are Decimal, Fraction or int, never float or bool")
    return Fraction(value)


def fen(amount: Decimal | int) -> int:
    """Whole fen of an amount in CNY; ``ValueError`` if it is negative or finer than a fen."""
    value = exact(amount) * 100
    if value.denominator != 1 or value < 0:
        raise ValueError(f"{amount} is not a sum of whole fen")
    return value.numerator


def from_fen(count: int) -> Decimal:
    """The amount in CNY, two places, of ``count`` fen."""
    return Decimal(count).scaleb(-2)


def _rounded(value: Exact, places: int, mode: str) -> Decimal:
    scaled = exact(value) * 10**places
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    if mode == "up":
        whole += 1 if rest else 0
    elif mode == "half":
        whole += 1 if 2 * rest >= scaled.denominator else 0
    return Decimal(whole).scaleb(-places)


def round_half_up(value: Exact, places: int = 2) -> Decimal:
    """Nearest fen, halves up: the amount that is shown or paid."""
    return _rounded(value, places, "half")


def round_up(value: Exact, places: int = 2) -> Decimal:
    """The next fen up: for a legal minimum, which may not be undercut by rounding."""
    return _rounded(value, places, "up")


def round_down(value: Exact, places: int = 2) -> Decimal:
    """The next fen down: for a legal maximum, which may not be exceeded by rounding."""
    return _rounded(value, places, "down")


def as_money(text: str) -> Decimal:
    """An amount in CNY from text such as ``1200.5``; ``ValueError`` for anything else.

    Exponents, signs, separators, blanks, full-width digits, more than two decimals and more than 17
    digits (as stored: 15 before the point) are refused.
    """
    if not _MONEY.fullmatch(text) or len(text.partition(".")[0]) > MAX_DIGITS - 2:
        raise ValueError("not an amount in CNY")
    return Decimal(text).quantize(FEN)


def parse_decimal(text: str, places: int) -> Decimal:
    """A non-negative plain decimal with at most ``places`` decimals; ``ValueError`` for anything else."""
    whole, _, part = text.partition(".")
    if not _DECIMAL.fullmatch(text) or len(whole) > MAX_DIGITS - 2 or len(part) > places:
        raise ValueError("not a plain decimal")
    return Decimal(text)


def show(amount: Decimal) -> str:
    """An amount as text with two places."""
    return f"{amount:.2f}"


def plain(value: Exact, places: int = 12) -> str:
    """A number for a sentence or a rate for a result: no trailing zeros, at most ``places`` decimals."""
    text = f"{_rounded(value, places, 'half'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def largest_remainders(
    pot: int, weights: Sequence[int], ties: Sequence[tuple[object, ...]] | None = None
) -> list[int]:
    """Divide ``pot`` fen in proportion to ``weights`` so that the shares add up to ``pot`` exactly.

    Every share is floored; the odd fen go one each to the largest remainders, ties to the larger weight,
    then in the order of ``ties`` (smaller first). No fen at all if every weight is 0. The law is silent on
    odd fen; this is a convention.
    """
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    shares, remainders = [], []
    for weight in weights:
        share, remainder = divmod(pot * weight, total)
        shares.append(share)
        remainders.append(remainder)
    order = ties if ties is not None else [(index,) for index in range(len(weights))]
    by_claim = sorted(range(len(weights)), key=lambda i: (-remainders[i], -weights[i], order[i]))
    for index in by_claim[: pot - sum(shares)]:
        shares[index] += 1
    return shares


def days_between(first: date, last: date) -> int:
    """Calendar days from ``first`` (not counted) to ``last`` (counted); 0 if ``last`` is not later."""
    return max(0, (last - first).days)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Sum of amounts, with two places also when there are none."""
    return sum(amounts, ZERO)
