"""Fees of the court: for enforcement (申请执行费) and for preservation (保全申请费)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from law.money.arithmetic import ZERO, exact, round_half_up
from law.money.errors import FactError
from law.steps import mark as _

__all__ = [
    "Split",
    "enforcement_fee",
    "exact_enforcement_fee",
    "exact_preservation_fee",
    "fee_increment",
    "fee_increments",
    "fee_inside_pot",
    "fee_without_amount_accepted",
    "preservation_fee",
    "tiered",
]

#: (upper end of the tier, rate above the tier before); the last tier is open.
Tiers = Sequence[tuple[int | None, Fraction]]

LOWEST = 50
ENFORCEMENT: Tiers = (
    (10_000, Fraction(0)),
    (500_000, Fraction(15, 1000)),
    (5_000_000, Fraction(10, 1000)),
    (10_000_000, Fraction(5, 1000)),
    (None, Fraction(1, 1000)),
)
PRESERVATION: Tiers = ((1_000, Fraction(0)), (100_000, Fraction(10, 1000)), (None, Fraction(5, 1000)))


@dataclass(frozen=True)
class Split:
    """A pot divided into what the claims get and the fee it carries, in CNY."""

    to_claim: Decimal
    fee: Decimal


def tiered(amount: Fraction, tiers: Tiers) -> Fraction:
    """Σ of each tier's rate on the part of ``amount`` that lies in the tier (超额累进)."""
    result, below = Fraction(0), Fraction(0)
    for upper, rate in tiers:
        end = amount if upper is None else min(amount, Fraction(upper))
        if end <= below:
            break
        result += (end - below) * rate
        below = end
    return result


def exact_enforcement_fee(amount: Decimal | Fraction) -> Fraction:
    """The enforcement fee on ``amount`` CNY before rounding; 0 where nothing was executed."""
    value = exact(amount)
    return LOWEST + tiered(value, ENFORCEMENT) if value > 0 else Fraction(0)


def enforcement_fee(amount: Decimal) -> Decimal:
    """The enforcement fee in CNY on the sum executed for the claims, the fee itself not included.

    50 up to 10,000; above it 1.5 % to 500,000, 1 % to 5,000,000, 0.5 % to 10,000,000 and 0.1 % beyond. Not
    paid in advance; borne by the debtor. Nothing executed, no fee.
    Source: 诉讼费用交纳办法 第十四条第（一）项、第二十条、第三十八条.
    """
    return round_half_up(exact_enforcement_fee(amount))


def fee_without_amount_accepted(proposed: Decimal) -> bool:
    """Whether a fee in CNY is lawful where there is no sum to execute: 50 to 500.

    Source: 诉讼费用交纳办法 第十四条第（一）项.
    """
    return Decimal(50) <= proposed <= Decimal(500)


def exact_preservation_fee(amount: Decimal | Fraction) -> Fraction:
    """The preservation fee on ``amount`` CNY before rounding."""
    return min(Fraction(5_000), 30 + tiered(exact(amount), PRESERVATION))


def preservation_fee(amount: Decimal) -> Decimal:
    """The preservation fee in CNY on the value preserved; 0 stands for measures that concern no property.

    30 up to 1,000; above it 1 % to 100,000 and 0.5 % beyond, never more than 5,000. Source:
    诉讼费用交纳办法 第十四条第（二）项.
    """
    return round_half_up(exact_preservation_fee(amount))


def fee_increment(total_executed_before: Decimal, receipt: Decimal) -> Decimal:
    """The enforcement fee in CNY that a further ``receipt`` adds to what was charged on the sum before.

    The fees of all receipts so add up to the fee of their total (a convention).
    Source: 诉讼费用交纳办法 第十四条第（一）项.
    """
    return enforcement_fee(total_executed_before + receipt) - enforcement_fee(total_executed_before)


def fee_increments(executed: Sequence[Decimal]) -> list[Decimal]:
    """The fee in CNY that each of several successive receipts adds."""
    before, increments = ZERO, []
    for receipt in executed:
        increments.append(fee_increment(before, receipt))
        before += receipt
    return increments


def exact_claim_in_pot(pot: Decimal) -> Fraction:
    """N with N + F(N) = ``pot``, before rounding."""
    target = exact(pot)
    if target <= LOWEST:
        raise FactError(
            "pot",
            _("A pot must exceed the lowest fee of 50.00; charge the fee together with the next receipt."),
        )
    below = Fraction(0)
    for upper, rate in ENFORCEMENT:
        start = below + LOWEST + tiered(below, ENFORCEMENT) if below else Fraction(LOWEST)
        claim = below + (target - start) / (1 + rate)
        if upper is None or claim <= upper:
            return claim
        below = Fraction(upper)
    raise AssertionError("the last tier is open")


def fee_inside_pot(pot: Decimal) -> Split:
    """Split a pot in CNY that must carry its own enforcement fee: N + F(N) = pot.

    N is rounded half up, the fee is what remains. Raises :class:`FactError` for a pot of 50.00 or less,
    which cannot carry the lowest fee. Source:
    诉讼费用交纳办法 第十四条第（一）项、第三十八条; the split is a convention.
    """
    claim = round_half_up(exact_claim_in_pot(pot))
    return Split(to_claim=claim, fee=pot - claim)
