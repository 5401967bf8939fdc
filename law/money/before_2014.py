"""Delay that began before August 2014: double benchmark interest first, the present rule after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from law.money.arithmetic import ZERO, days_between, exact, plain, round_half_up, show
from law.money.claims import DAILY_RATE, RatePeriod, Receipt
from law.money.errors import FactError
from law.steps import Step
from law.steps import mark as _

__all__ = ["OLD_RULE_FROM", "OldAllocation", "OldBalance", "OldRule", "old_rule"]

ONE_DAY = timedelta(days=1)

#: The last day under the old rule; the present rule took effect on 2014-08-01.
LAST_OLD_DAY = date(2014, 7, 31)

#: The day on which the old rule in its known form took effect.
OLD_RULE_FROM = date(2009, 5, 18)


@dataclass(frozen=True)
class OldAllocation:
    """Where one receipt went, in CNY."""

    on: date
    main: Decimal
    old_interest: Decimal
    new_interest: Decimal
    surplus: Decimal


@dataclass(frozen=True)
class OldBalance:
    """What is owed on its day, in CNY."""

    on: date
    main: Decimal
    old_interest: Decimal
    new_interest: Decimal
    total: Decimal


@dataclass(frozen=True)
class OldRule:
    """A debt that was open on 1 August 2014: allocations, balance and the arithmetic."""

    allocations: tuple[OldAllocation, ...]
    balance: OldBalance
    steps: tuple[Step, ...]


def _rate_days(rates: Sequence[RatePeriod], after: date, until: date) -> Fraction:
    """Σ annual rate × days over the days d with ``after`` < d ≤ ``until``."""
    result = Fraction(0)
    for index, period in enumerate(rates):
        end = until + ONE_DAY if index + 1 == len(rates) else min(rates[index + 1].first, until + ONE_DAY)
        begin = max(period.first, after + ONE_DAY)
        result += exact(period.annual) * max(0, (end - begin).days)
    return result


class _OldAccount:
    """The debt while it passes from the old rule to the present one. Money is Decimal with two places."""

    def __init__(self, debt: Decimal, delay_from: date, rates: Sequence[RatePeriod], year_basis: int) -> None:
        self.main, self.old, self.new_paid = debt, ZERO, ZERO
        self.delay_from, self.rates, self.basis = delay_from, rates, year_basis
        self.closed = False  # whether the old interest has been fixed on the debt of 31 July 2014
        self.clock = LAST_OLD_DAY
        self.new_exact = Fraction(0)
        self.steps: list[Step] = []

    def _say(self, template: str, **params: str) -> None:
        self.steps.append(Step(template, params))

    def k(self, until: date) -> Fraction:
        return 2 * _rate_days(self.rates, self.delay_from, until) / self.basis

    @property
    def new_due(self) -> Decimal:
        return round_half_up(self.new_exact) - self.new_paid

    def reach(self, day: date) -> None:
        """Bring the interest to ``day``: fix the old interest once, then accrue by the present rule."""
        if not self.closed:
            self.closed = True
            self._fix_old(LAST_OLD_DAY)
        days = days_between(self.clock, day)
        if days and self.main:
            part = exact(self.main) * exact(DAILY_RATE) * days
            self.new_exact += part
            self._say(
                _("present rule: %(days)s days to %(day)s: %(sum)s"),
                days=str(days),
                day=day.isoformat(),
                sum=f"{show(self.main)} × {DAILY_RATE} × {days} = {plain(part)}",
            )
        self.clock = day

    def _fix_old(self, until: date) -> None:
        k = self.k(until)
        interest = exact(self.main) * k
        self.old += round_half_up(interest)
        if self.main:
            self._say(
                _("old rule to %(until)s: %(days)s days: %(sum)s"),
                until=until.isoformat(),
                days=str(days_between(self.delay_from, until)),
                sum=f"{show(self.main)} × {plain(k)} = {plain(interest)} → {show(round_half_up(interest))}",
            )

    def receive_old(self, receipt: Receipt) -> OldAllocation:
        """A receipt G under the old rule clears G/(1+k) of the debt and the interest on that part."""
        day, amount, k = receipt.counts_on, receipt.amount, self.k(receipt.counts_on)
        interest_in_full = round_half_up(exact(self.main) * k)
        # An earlier receipt may have cleared the debt but a last fen of its interest.
        open_interest = self.old
        if amount >= self.main + interest_in_full + open_interest:
            part, interest = self.main, interest_in_full + open_interest
            self.old = ZERO
        else:
            part = min(self.main, round_half_up(exact(amount) / (1 + k)))
            interest = min(amount - part, interest_in_full + open_interest)
            if part == self.main:
                self.old = interest_in_full + open_interest - interest
        self.main -= part
        self._say(
            _(
                "%(day)s: %(days)s days, k = %(k)s; debt part %(amount)s / (1 + k) → interest %(interest)s, "
                "debt %(part)s"
            ),
            day=day.isoformat(),
            days=str(days_between(self.delay_from, day)),
            k=plain(k),
            amount=show(amount),
            interest=show(interest),
            part=show(part),
        )
        return OldAllocation(day, part, interest, ZERO, amount - part - interest)

    def receive_new(self, receipt: Receipt) -> OldAllocation:
        """A receipt under the present rule pays the debt, then old interest, then new interest."""
        main = min(receipt.amount, self.main)
        old = min(receipt.amount - main, self.old)
        new = min(receipt.amount - main - old, self.new_due)
        left = receipt.amount - main - old - new
        self.main -= main
        self.old -= old
        self.new_paid += new
        self._say(
            _(
                "%(day)s: received %(amount)s: debt %(main)s, old interest %(old)s, new interest %(new)s, "
                "rest %(rest)s"
            ),
            day=receipt.counts_on.isoformat(),
            amount=show(receipt.amount),
            main=show(main),
            old=show(old),
            new=show(new),
            rest=show(left),
        )
        return OldAllocation(receipt.counts_on, main, old, new, left)


def old_rule(
    debt: Decimal,
    delay_from: date,
    benchmark_rates: Sequence[RatePeriod],
    year_basis: int,
    receipts: Sequence[Receipt],
    as_of: date,
) -> OldRule:
    """A debt in delay before August 2014: double benchmark interest to 31 July 2014, present rule after.

    CNY, days, annual rates as fractions. k = 2 × Σ(rate × days) ÷ basis; a receipt G before August 2014
    clears G/(1+k) of the debt and with the rest the interest on that part. Later receipts pay debt, old
    interest, new interest. Receipts that count after ``as_of`` are left out.

    Raises :class:`FactError` where the delay begins after July 2014, rates do not reach back to it, or dates
    are reversed. Source: 2014年迟延履行利息解释 第七条; 法释〔2009〕6号 (read on the web; days before
    2009-05-18 unverified).
    """
    if delay_from > LAST_OLD_DAY:
        raise FactError(
            "delay_from", _("The delay begins after 31 July 2014; use the claim account instead.")
        )
    if as_of < delay_from:
        raise FactError("as_of", _("This day lies before the delay begins; correct one of the dates."))
    rates = sorted(benchmark_rates, key=lambda period: period.first)
    if len({period.first for period in rates}) != len(rates):
        raise FactError("benchmark_rates", _("Two rates begin on the same day; keep one of them."))
    if not rates or rates[0].first > delay_from + ONE_DAY:
        raise FactError(
            "benchmark_rates",
            _("No rate is given for the first days of the delay; add one from %(first)s or earlier."),
            {"first": (delay_from + ONE_DAY).isoformat()},
        )
    account = _OldAccount(debt, delay_from, rates, year_basis)
    allocations = []
    for receipt in sorted(receipts, key=lambda receipt: receipt.counts_on):
        if receipt.counts_on > as_of:
            break
        if receipt.counts_on <= LAST_OLD_DAY:
            allocations.append(account.receive_old(receipt))
        else:
            account.reach(receipt.counts_on)
            allocations.append(account.receive_new(receipt))
    if as_of > LAST_OLD_DAY:
        account.reach(as_of)
    else:
        account._fix_old(as_of)
    parts = (account.main, account.old, account.new_due)
    balance = OldBalance(as_of, *parts, sum(parts, ZERO))
    return OldRule(tuple(allocations), balance, tuple(account.steps))
