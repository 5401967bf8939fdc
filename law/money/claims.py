"""The claim account (债权账): what is owed under one title, day by day, and where each receipt goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from law.money import sources
from law.money.arithmetic import Exact, exact, fen, from_fen, largest_remainders, plain, show
from law.money.errors import FactError
from law.money.sources import Article
from law.steps import Step
from law.steps import mark as _

__all__ = [
    "DAILY_RATE",
    "Allocation",
    "Balance",
    "ClaimAccount",
    "GeneralInterest",
    "Item",
    "RatePeriod",
    "Receipt",
    "Suspension",
    "claim_account",
]

#: Doubled interest: 1.75 per ten thousand a day (2014年迟延履行利息解释 第一条第三款).
DAILY_RATE = Decimal("0.000175")

#: Stays in which doubled interest stands still (第三条第三款); every other stay is counted.
STANDING_STILL = frozenset({"review_not_by_debtor", "retrial"})

ARTICLES = (
    sources.DOUBLED,
    sources.START,
    sources.START_DAYS,
    sources.STOP,
    sources.NOT_COUNTED,
    sources.STILL_COUNTED,
    sources.ORDER,
    sources.ORDER_OF_COSTS,
    sources.ORDER_OF_DEBTS,
    sources.COSTS_IN_BASE,
    sources.ROUNDING,
)


@dataclass(frozen=True)
class Item:
    """A sum of the title: ``cost`` payable to the creditor or ``main`` debt, in CNY.

    ``delay_from`` is the day on which the performance period ends; doubled interest starts on the next.
    """

    id: str
    kind: Literal["main", "cost"]
    amount: Decimal
    delay_from: date


@dataclass(frozen=True)
class Receipt:
    """Money received, net of the court's fee and costs, in CNY.

    ``counts_on`` is the day that stops the interest on it: for a voluntary payment the day of payment, for a
    deduction from an account the day of deduction, for an auction, a sale or a debt-for-asset the day the
    ruling takes effect.
    """

    amount: Decimal
    counts_on: date


@dataclass(frozen=True)
class Suspension:
    """A stay of enforcement, first and last day included."""

    first: date
    last: date
    reason: str


@dataclass(frozen=True)
class RatePeriod:
    """An annual rate (a fraction: 0.048 for 4.8 %) in force from a day until the next period begins."""

    first: date
    annual: Exact


@dataclass(frozen=True)
class GeneralInterest:
    """Interest by the method of the title (一般债务利息) on one item, or on several at one rate;
    ``fixed`` is a sum the title states.

    Counted from ``first`` (in) to ``last`` (in) if the title closes it, and never on the day of payment.
    """

    on: str | tuple[str, ...]
    first: date
    rates: Sequence[RatePeriod]
    year_basis: int = 365
    last: date | None = None
    multiplier: Exact = 1
    fixed: Decimal = Decimal(0)

    @property
    def bearing(self) -> tuple[str, ...]:
        """The ids of the items it runs on."""
        return (self.on,) if isinstance(self.on, str) else self.on


@dataclass(frozen=True)
class Allocation:
    """Where one receipt went, in CNY."""

    on: date
    title_costs: Decimal
    general_interest: Decimal
    main: Decimal
    doubled_interest: Decimal
    surplus: Decimal


@dataclass(frozen=True)
class Balance:
    """What is owed after the receipts of the day, in CNY."""

    on: date
    title_costs: Decimal
    general_interest: Decimal
    main: Decimal
    doubled_interest: Decimal
    total: Decimal


@dataclass(frozen=True)
class ClaimAccount:
    """The account on its day: days of delay counted per item, allocations, balance and the arithmetic."""

    days_counted: Mapping[str, int]
    allocations: tuple[Allocation, ...]
    balance: Balance
    items: Mapping[str, Decimal] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    articles: tuple[Article, ...] = ()


class _Standstill:
    """The days on which doubled interest stands still: the union of the stays that have this effect."""

    def __init__(self, suspensions: Iterable[Suspension]) -> None:
        self.spans: list[tuple[int, int]] = []
        stays = [(s.first.toordinal(), s.last.toordinal()) for s in suspensions if s.reason in STANDING_STILL]
        for first, last in sorted(stays):
            if self.spans and first <= self.spans[-1][1] + 1:
                self.spans[-1] = (self.spans[-1][0], max(last, self.spans[-1][1]))
            else:
                self.spans.append((first, last))

    def days(self, after: date, until: date) -> int:
        """Days of standstill d with ``after`` < d ≤ ``until``."""
        low, high = after.toordinal() + 1, until.toordinal()
        return sum(max(0, min(last, high) - max(first, low) + 1) for first, last in self.spans)


class _Running:
    """The account while days pass and money comes in. Money is in whole fen."""

    def __init__(
        self,
        items: Sequence[Item],
        suspensions: Iterable[Suspension],
        general: GeneralInterest | None,
    ) -> None:
        self.items = list(items)
        self.owed = {item.id: fen(item.amount) for item in items}
        self.days = {item.id: 0 for item in items}
        self.standstill = _Standstill(suspensions)
        self.general = general
        self.rates = sorted(general.rates, key=lambda period: period.first) if general else []
        self.clock: date | None = None
        self.fen_days = 0  # Σ fen × days: kept whole, so that the doubled interest is exact
        self.general_exact = Fraction(fen(general.fixed)) if general else Fraction(0)
        self.general_paid = 0
        self.doubled_paid = 0
        self.steps: list[Step] = []
        if general and general.fixed:
            self._say(_("general interest fixed in the title: %(amount)s"), amount=show(general.fixed))

    def _say(self, template: str, **params: str) -> None:
        self.steps.append(Step(template, params))

    @property
    def doubled_exact(self) -> Fraction:
        return self.fen_days * exact(DAILY_RATE)

    @property
    def general_due(self) -> int:
        return _nearest(self.general_exact) - self.general_paid

    @property
    def doubled_due(self) -> int:
        return _nearest(self.doubled_exact) - self.doubled_paid

    def pass_days(self, until: date) -> None:
        """Let interest accrue through ``until``: delay with that day, general interest without it."""
        for item in self.items:
            self._accrue_doubled(item, until)
        if self.general:
            self._accrue_general(self.general, until)
        self.clock = until

    def _accrue_doubled(self, item: Item, until: date) -> None:
        owed = self.owed[item.id]
        after = item.delay_from if self.clock is None else max(item.delay_from, self.clock)
        if not owed or until <= after:
            return
        still = self.standstill.days(after, until)
        days = (until - after).days - still
        self.days[item.id] += days
        self.fen_days += owed * days
        self._say(
            _("doubled interest on %(item)s: %(after)s (out) to %(until)s (in) %(days)s days: %(sum)s")
            if not still
            else _(
                "doubled interest on %(item)s: %(after)s (out) to %(until)s (in) %(days)s days "
                "(%(still)s not counted): %(sum)s"
            ),
            item=item.id,
            after=after.isoformat(),
            until=until.isoformat(),
            days=str(days),
            still=str(still),
            sum=f"{show(from_fen(owed))} × {DAILY_RATE} × {days} = "
            f"{plain(owed * days * exact(DAILY_RATE) / 100)}",
        )

    def _accrue_general(self, general: GeneralInterest, until: date) -> None:
        principal = sum(self.owed[id_] for id_ in general.bearing)
        first = general.first if self.clock is None else max(general.first, self.clock)
        end = until if general.last is None else min(until, general.last + timedelta(days=1))
        if not principal or not self.rates or end <= first:
            return
        for begin, stop, annual in self._at_one_rate(first, end):
            days = (stop - begin).days
            part = principal * annual * exact(general.multiplier) * days / general.year_basis
            self.general_exact += part
            times = "" if exact(general.multiplier) == 1 else f" × {plain(general.multiplier)}"
            self._say(
                _("general interest: %(first)s (in) to %(end)s (out) %(days)s days: %(sum)s"),
                first=begin.isoformat(),
                end=stop.isoformat(),
                days=str(days),
                sum=f"{show(from_fen(principal))} × {plain(annual)}{times} × {days} / {general.year_basis} = "
                f"{plain(part / 100)}",
            )

    def _at_one_rate(self, first: date, end: date) -> Iterable[tuple[date, date, Fraction]]:
        """Split the days from ``first`` (in) to ``end`` (out) where the rate changes."""
        for index, period in enumerate(self.rates):
            following = self.rates[index + 1].first if index + 1 < len(self.rates) else end
            begin, stop = max(first, period.first), min(end, following)
            if begin < stop:
                yield begin, stop, exact(period.annual)

    def receive(self, receipt: Receipt) -> Allocation:
        """Set a receipt off: title costs, general interest, main debt, doubled interest, surplus."""
        left = fen(receipt.amount)
        day = receipt.counts_on
        costs = self._pay_items("cost", left, day)
        general = min(left - costs, self.general_due)
        self.general_paid += general
        main = self._pay_items("main", left - costs - general, day)
        doubled = min(left - costs - general - main, self.doubled_due)
        self.doubled_paid += doubled
        surplus = left - costs - general - main - doubled
        parts = [from_fen(part) for part in (costs, general, main, doubled, surplus)]
        names = (_("title costs"), _("general interest"), _("main debt"), _("doubled interest"), _("surplus"))
        shown = [(name, part) for name, part in zip(names, parts, strict=True) if part]
        params: dict[str, str | Step] = {}
        for place, (name, part) in enumerate(shown):
            params |= {f"name{place}": Step(name), f"part{place}": show(part)}
        listing = Step(", ".join(f"%(name{place})s %(part{place})s" for place in range(len(shown))), params)
        said: dict[str, str | Step] = {
            "amount": show(receipt.amount),
            "on": day.isoformat(),
            "parts": listing,
        }
        self.steps.append(Step(_("received %(amount)s, counts on %(on)s: %(parts)s"), said))
        return Allocation(day, *parts)

    def _pay_items(self, kind: str, available: int, day: date) -> int:
        """Pay items of one kind: those due first, then the one bearing interest, the earlier, pro rata."""
        ranks: dict[tuple[bool, bool, date], list[Item]] = {}
        for item in self.items:
            if item.kind == kind and self.owed[item.id]:
                bears_interest = self.general is not None and item.id in self.general.bearing
                rank = (item.delay_from > day, not bears_interest, item.delay_from)
                ranks.setdefault(rank, []).append(item)
        left = available
        for rank in sorted(ranks):
            owed = [self.owed[item.id] for item in ranks[rank]]
            given = owed if sum(owed) <= left else largest_remainders(left, owed)
            for item, part in zip(ranks[rank], given, strict=True):
                self.owed[item.id] -= part
            left -= sum(given)
        return available - left

    def balance(self, on: date) -> Balance:
        costs = sum(self.owed[item.id] for item in self.items if item.kind == "cost")
        main = sum(self.owed[item.id] for item in self.items if item.kind == "main")
        general, doubled = self.general_due, self.doubled_due
        self._say(
            _("accrued in all, exact: general interest %(general)s, doubled interest %(doubled)s"),
            general=plain(self.general_exact / 100),
            doubled=plain(self.doubled_exact / 100),
        )
        self._say(
            _(
                "owed after %(on)s: title costs %(costs)s, general interest %(general)s, main debt %(main)s, "
                "doubled interest %(doubled)s"
            ),
            on=on.isoformat(),
            costs=show(from_fen(costs)),
            general=show(from_fen(general)),
            main=show(from_fen(main)),
            doubled=show(from_fen(doubled)),
        )
        return Balance(
            on=on,
            title_costs=from_fen(costs),
            general_interest=from_fen(general),
            main=from_fen(main),
            doubled_interest=from_fen(doubled),
            total=from_fen(costs + general + main + doubled),
        )


def _nearest(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def claim_account(
    items: Sequence[Item],
    receipts: Sequence[Receipt] = (),
    suspensions: Sequence[Suspension] = (),
    general_interest: GeneralInterest | None = None,
    as_of: date | None = None,
) -> ClaimAccount:
    """What is owed under a title after the receipts of ``as_of``, and how each receipt was set off.

    Units: CNY, days, annual rates as fractions. Receipts that count after ``as_of`` are left out. Without
    ``as_of`` the account closes on the day of the last receipt. Doubled interest is the unpaid title money
    without general interest × 0.000175 × days, from the day after ``delay_from``; it stands still in stays
    for a review of the title not asked for by the debtor and for a retrial. No interest runs on interest.

    Raises :class:`FactError` for unknown or repeated items, reversed periods, rates that begin after the
    interest does, and where no day can be taken as ``as_of``.

    Source: 2014年迟延履行利息解释 第一至四条; 民法典 第五百六十、五百六十一条. The order among several
    debts of one title, the counting of the first and last days and the rounding are conventions, see
    ``articles`` of the result.
    """
    _check(items, suspensions, general_interest)
    if as_of is None:
        if not receipts:
            raise FactError("as_of", _("Give the day for which the account is wanted."))
        as_of = max(receipt.counts_on for receipt in receipts)
    running = _Running(items, suspensions, general_interest)
    allocations = []
    for receipt in sorted(receipts, key=lambda receipt: receipt.counts_on):
        if receipt.counts_on <= as_of:
            if receipt.counts_on != running.clock:
                running.pass_days(receipt.counts_on)
            allocations.append(running.receive(receipt))
    if running.clock != as_of:
        running.pass_days(as_of)
    balance = running.balance(as_of)
    articles = ARTICLES + ((sources.GENERAL, sources.GENERAL_DAYS) if general_interest else ())
    return ClaimAccount(
        days_counted=running.days,
        allocations=tuple(allocations),
        balance=balance,
        items={id_: from_fen(owed) for id_, owed in running.owed.items()},
        steps=tuple(running.steps),
        articles=articles,
    )


def _check(items: Sequence[Item], suspensions: Sequence[Suspension], general: GeneralInterest | None) -> None:
    kinds: dict[str, str] = {}
    for index, item in enumerate(items):
        if item.id in kinds:
            raise FactError(f"items[{index}].id", _("Two items have this id; give each its own."))
        kinds[item.id] = item.kind
    for index, stay in enumerate(suspensions):
        if stay.last < stay.first:
            raise FactError(
                f"suspensions[{index}].to", _("The last day lies before the first; correct one of them.")
            )
    if general is None:
        return
    if any(kinds.get(id_) != "main" for id_ in general.bearing):
        raise FactError(
            "general_interest.on",
            _("General interest runs on a main debt; name the id of an item of kind main."),
        )
    if general.last is not None and general.last < general.first:
        raise FactError("general_interest.to", _("The last day lies before the first; correct one of them."))
    if not general.rates and not general.fixed:
        raise FactError("general_interest.rates", _("Give a rate, or the fixed sum that the title states."))
    starts = [period.first for period in general.rates]
    if len(set(starts)) != len(starts):
        raise FactError("general_interest.rates", _("Two rates begin on the same day; keep one of them."))
    if starts and min(starts) > general.first:
        raise FactError(
            "general_interest.rates",
            _("No rate is given for the first days of the interest; add one from %(first)s or earlier."),
            {"first": general.first.isoformat()},
        )
