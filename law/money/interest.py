"""Interest outside the claim account: performance periods, foreign currency, the ceiling for loans."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from law.money.arithmetic import (
    Exact,
    days_between,
    exact,
    round_half_up,
)
from law.money.claims import DAILY_RATE
from law.money.errors import FactError
from law.steps import mark as _

__all__ = [
    "CURRENCIES",
    "Ceiling",
    "ForeignInterest",
    "Period",
    "foreign_currency",
    "performance_period",
    "rate_ceiling",
]

ONE_DAY = timedelta(days=1)

#: Decimals of the smallest unit of each currency (ISO 4217) that a title may name.
CURRENCIES: Mapping[str, int] = {
    # fmt: off
    "AED": 2,
    "AUD": 2,
    "BDT": 2,
    "BRL": 2,
    "BTN": 2,
    "CAD": 2,
    "CHF": 2,
    "CZK": 2,
    "DKK": 2,
    "EGP": 2,
    "EUR": 2,
    "GBP": 2,
    "HKD": 2,
    "HUF": 2,
    "IDR": 2,
    "ILS": 2,
    "INR": 2,
    "KGS": 2,
    "KHR": 2,
    "KZT": 2,
    "LAK": 2,
    "LKR": 2,
    "MMK": 2,
    "MNT": 2,
    "MOP": 2,
    "MXN": 2,
    "MYR": 2,
    "NOK": 2,
    "NPR": 2,
    "NZD": 2,
    "PHP": 2,
    "PKR": 2,
    "PLN": 2,
    "QAR": 2,
    "RON": 2,
    "RSD": 2,
    "RUB": 2,
    "SAR": 2,
    "SEK": 2,
    "SGD": 2,
    "THB": 2,
    "TJS": 2,
    "TMT": 2,
    "TRY": 2,
    "TWD": 2,
    "UAH": 2,
    "USD": 2,
    "UZS": 2,
    "ZAR": 2,
    "ISK": 0,
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "XAF": 0,
    "XOF": 0,
    "BHD": 3,
    "IQD": 3,
    "JOD": 3,
    "KWD": 3,
    "LYD": 3,
    "OMR": 3,
    "TND": 3,
    # fmt: on
}


@dataclass(frozen=True)
class Period:
    """The end of a performance period, the days of delay after it and the doubled interest in CNY."""

    period_ends_on: date
    days_counted: int
    doubled_interest: Decimal


def performance_period(
    effective_on: date,
    period_days: int,
    base: Decimal,
    paid_on: date,
    days_off: Collection[date] | None = None,
) -> Period:
    """Doubled interest in CNY on ``base`` where the title gives a period in days from its taking effect.

    The first day is not counted; a last day on a day off moves to the next working day. ``days_off`` lists
    every day off, weekends included; without it the working calendar is asked. Raises :class:`FactError`
    for payment before the title took effect.
    Source: 民事诉讼法 第八十五条; 2014年迟延履行利息解释 第一条第三款、第二条.
    """
    if paid_on < effective_on:
        raise FactError(
            "paid_on", _("The payment lies before the title took effect; correct one of the dates.")
        )
    ends = effective_on + timedelta(days=period_days)
    if days_off is None:
        from law import calendar

        working = calendar.default()
        if not working.is_workday(ends):
            ends = working.next_workday(ends)
    else:
        off = frozenset(days_off)
        while ends in off:
            ends += ONE_DAY
    days = days_between(ends, paid_on)
    return Period(ends, days, round_half_up(exact(base) * exact(DAILY_RATE) * days))


@dataclass(frozen=True)
class ForeignInterest:
    """Doubled interest on a foreign debt: in its currency, and in CNY at the rate of the starting day."""

    days_counted: int
    in_currency: Decimal
    cny_amount: Decimal
    in_cny: Decimal


def foreign_currency(
    currency: str,
    amount: Decimal,
    delay_from: date,
    paid_on: date,
    per_units: int,
    mid_rates: Mapping[date, Exact],
) -> ForeignInterest:
    """Doubled interest where the title names a foreign currency.

    ``mid_rates`` are CNY for ``per_units`` units of the currency; that of ``delay_from``, the day from which
    doubled interest runs, is used and no other. In the currency the interest is rounded to its smallest unit;
    in CNY (if the applicant asks for it) the debt is converted, rounded, and then bears interest.

    Raises :class:`FactError` for unknown currencies, a missing rate and payment before ``delay_from``.
    Source: 2014年迟延履行利息解释 第五条.
    """
    if currency not in CURRENCIES:
        raise FactError("currency", _("This currency is not known; give the three letters of ISO 4217."))
    if paid_on < delay_from:
        raise FactError("paid_on", _("The payment lies before the delay begins; correct one of the dates."))
    if delay_from not in mid_rates:
        raise FactError(
            "mid_rates",
            _("The mid-rate of %(day)s is missing, the day from which doubled interest runs; add it."),
            {"day": delay_from.isoformat()},
        )
    days = days_between(delay_from, paid_on)
    factor = exact(DAILY_RATE) * days
    converted = round_half_up(exact(amount) * exact(mid_rates[delay_from]) / per_units)
    return ForeignInterest(
        days_counted=days,
        in_currency=round_half_up(exact(amount) * factor, CURRENCIES[currency]),
        cny_amount=converted,
        in_cny=round_half_up(exact(converted) * factor),
    )


@dataclass(frozen=True)
class Ceiling:
    """Contractual interest against the ceiling for private loans: annual fractions, days, CNY."""

    ceiling_annual: Fraction
    agreed_total_annual: Fraction
    used_annual: Fraction
    days: int
    enforceable: Decimal
    outside: Decimal
    agreed: Decimal


def rate_ceiling(
    principal: Decimal,
    lpr_1y_at_contract: Exact,
    agreed_annual: Exact,
    year_basis: int,
    first: date,
    paid_on: date,
    penalty_daily: Exact = 0,
) -> Ceiling:
    """How much agreed interest of a notarised private loan can be enforced and how much not, in CNY.

    The ceiling is 4 × the one-year LPR when the contract was made; interest, penalty and fees are taken
    together. The first day counts, the day of payment does not. Raises :class:`FactError` for reversed dates.
    Source: 公证债权文书执行规定 第十一条; 民间借贷规定 第二十五、二十九条.
    """
    if paid_on < first:
        raise FactError(
            "paid_on", _("The payment lies before the interest begins; correct one of the dates.")
        )
    ceiling = 4 * exact(lpr_1y_at_contract)
    agreed = exact(agreed_annual) + exact(penalty_daily) * year_basis
    used = min(ceiling, agreed)
    days = (paid_on - first).days
    share = exact(principal) * days / year_basis
    enforceable, in_full = round_half_up(share * used), round_half_up(share * agreed)
    return Ceiling(ceiling, agreed, used, days, enforceable, in_full - enforceable, in_full)
