"""What the debtor and the family keep: rent out of the price of an only home, a minimum out of income."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from law.money.arithmetic import ZERO, Exact, exact, fen, round_up

__all__ = ["HomeSale", "Withholding", "home_sale", "withholding"]

YEARS_OF_RENT = range(5, 9)


@dataclass(frozen=True)
class HomeSale:
    """How the price of the debtor's only home is used, in CNY; setting aside 5 to 8 years is lawful."""

    costs: Decimal
    rent_for_debtor: Decimal
    secured: Decimal
    claim: Decimal
    to_debtor: Decimal
    rent_due: Decimal
    years_lawful: bool


def home_sale(
    price: Decimal, costs: Decimal, market_rent_month: Decimal, years: int, secured: Decimal, claim: Decimal
) -> HomeSale:
    """Divide the price of the only home: costs, rent for the family, secured claim, claim, the rest back.

    Amounts in CNY. Each takes what it may while the price lasts. Source: 执行异议和复议规定 第二十条第一款
    第（三）项; that the rent comes after the costs and before the claims is a convention.
    """
    rent_due = market_rent_month * 12 * years
    left = price
    parts = []
    for wanted in (costs, rent_due, secured, claim):
        parts.append(min(left, wanted))
        left -= parts[-1]
    return HomeSale(
        costs=parts[0],
        rent_for_debtor=parts[1],
        secured=parts[2],
        claim=parts[3],
        to_debtor=left,
        rent_due=rent_due,
        years_lawful=years in YEARS_OF_RENT,
    )


@dataclass(frozen=True)
class Withholding:
    """What is kept and withheld of a month's income in CNY.

    ``full_months`` and ``last_instalment`` are None where nothing can be withheld. ``last_instalment`` is
    what remains after the full months, 0 if they pay the claim exactly.
    """

    kept_month: Decimal
    withheld_month: Decimal
    full_months: int | None
    last_instalment: Decimal | None
    minimum: Decimal


def withholding(
    net_income_month: Decimal,
    minimum_per_person_month: Decimal,
    dependants: Sequence[Exact],
    outstanding: Decimal,
) -> Withholding:
    """Withhold income above the local minimum living standard until ``outstanding`` is paid.

    Amounts in CNY; ``dependants`` are the shares (0 to 1) of each dependant that the debtor bears, the debtor
    himself counts 1 besides. The minimum is rounded up to the fen. Source: 民事诉讼法 第二百五十四条,
    查封扣押冻结规定 第三条第（二）项; the counting of heads is a convention.
    """
    heads = 1 + sum((exact(share) for share in dependants), exact(0))
    minimum = round_up(exact(minimum_per_person_month) * heads)
    withheld = max(ZERO, net_income_month - minimum)
    kept = net_income_month - withheld
    if not withheld:
        return Withholding(kept, ZERO, None, None, minimum)
    months, rest = divmod(fen(outstanding), fen(withheld))
    return Withholding(kept, withheld, months, Decimal(rest).scaleb(-2), minimum)
