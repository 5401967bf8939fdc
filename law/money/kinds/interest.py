"""The calculators of interest outside the claim account."""

from __future__ import annotations

from typing import Any

from law.money import interest, sources
from law.money.arithmetic import exact, plain, show
from law.money.before_2014 import OLD_RULE_FROM, old_rule
from law.money.claims import DAILY_RATE, RatePeriod, Receipt
from law.money.errors import Errors
from law.money.fields import Field, choice, day, integer, listing, mapping, money, nested, rate
from law.money.kinds.base import Answer, Calculator, row
from law.money.kinds.claims import RATE_PERIOD
from law.steps import Step
from law.steps import mark as _

__all__ = ["CALCULATORS"]

YEAR_BASIS = integer("year_basis", _("Days of a year"), minimum=360, maximum=365, choices=(360, 365))


def _performance_period(facts: dict[str, Any]) -> Answer:
    found = interest.performance_period(
        facts["effective_on"], facts["period_days"], facts["base"], facts["paid_on"], facts.get("days_off")
    )
    days = found.days_counted
    counted_to = facts["effective_on"].toordinal() + facts["period_days"]
    params = {
        "effective": facts["effective_on"].isoformat(),
        "days": str(facts["period_days"]),
        "counted": type(found.period_ends_on).fromordinal(counted_to).isoformat(),
        "ends": found.period_ends_on.isoformat(),
    }
    moved = params["counted"] != params["ends"]
    exactly = exact(facts["base"]) * exact(DAILY_RATE) * days
    steps = [
        Step(
            _("%(effective)s + %(days)s days = %(counted)s, not a working day; the next is %(ends)s")
            if moved
            else _("%(effective)s + %(days)s days = %(counted)s, a working day"),
            params,
        ),
        Step(
            _("%(days)s days to %(paid)s: %(sum)s"),
            {
                "days": str(days),
                "paid": facts["paid_on"].isoformat(),
                "sum": f"{show(facts['base'])} × {DAILY_RATE} × {days} = {plain(exactly)} → "
                f"{show(found.doubled_interest)}",
            },
        ),
    ]
    if "days_off" not in facts:
        from law import calendar

        if not calendar.covers(found.period_ends_on.year):
            steps.append(
                Step(_("the calendar of that year is not published yet; its days off are projected"))
            )
    articles = (sources.PERIOD, sources.START, sources.START_DAYS, sources.DOUBLED, sources.ROUNDING)
    return Answer(row(found, "period_ends_on", "days_counted", "doubled_interest"), steps, articles)


def _foreign_currency(facts: dict[str, Any]) -> Answer:
    currency = facts["currency"]
    digits = interest.CURRENCIES[currency]
    errors = Errors()
    if facts["amount"] != round(facts["amount"], digits):
        errors.add(
            "amount",
            _("This currency has %(digits)s decimals; give the amount without smaller parts."),
            digits=str(digits),
        )
    errors.raise_if_any()
    found = interest.foreign_currency(
        currency,
        facts["amount"],
        facts["delay_from"],
        facts["paid_on"],
        facts["per_units"],
        facts["mid_rates"],
    )
    amount = f"{facts['amount']:.{digits}f}"
    mid_rate = facts["mid_rates"][facts["delay_from"]]
    steps = [
        Step(
            _("%(after)s (out) to %(until)s (in): %(days)s days"),
            {
                "after": facts["delay_from"].isoformat(),
                "until": facts["paid_on"].isoformat(),
                "days": str(found.days_counted),
            },
        ),
        Step(
            _("in %(currency)s: %(sum)s"),
            {
                "currency": currency,
                "sum": f"{amount} × {DAILY_RATE} × {found.days_counted} = "
                f"{plain(exact(facts['amount']) * exact(DAILY_RATE) * found.days_counted)} → "
                f"{found.in_currency:.{digits}f}",
            },
        ),
        Step(
            _("converted at the mid-rate of %(day)s: %(sum)s"),
            {
                "day": facts["delay_from"].isoformat(),
                "sum": f"{amount} × {plain(mid_rate)} / {facts['per_units']} = {show(found.cny_amount)}",
            },
        ),
        Step(
            _("in CNY: %(sum)s"),
            {
                "sum": f"{show(found.cny_amount)} × {DAILY_RATE} × {found.days_counted} = "
                f"{plain(exact(found.cny_amount) * exact(DAILY_RATE) * found.days_counted)} → "
                f"{show(found.in_cny)}"
            },
        ),
    ]
    result = {
        "days_counted": found.days_counted,
        "in_currency": f"{found.in_currency:.{digits}f}",
        "cny_amount": show(found.cny_amount),
        "in_cny": show(found.in_cny),
    }
    articles = (sources.CURRENCY, sources.CURRENCY_UNIT, sources.START_DAYS, sources.DOUBLED)
    return Answer(result, steps, articles)


def _old_rule(facts: dict[str, Any]) -> Answer:
    errors = Errors()
    for index, receipt in enumerate(facts["receipts"]):
        if receipt["paid_on"] > facts["as_of"]:
            errors.add(
                f"receipts[{index}].paid_on",
                _("The receipt counts after the day of the account; leave it out or choose a later day."),
            )
    errors.raise_if_any()
    found = old_rule(
        facts["debt"],
        facts["delay_from"],
        [RatePeriod(period["from"], period["annual"]) for period in facts["benchmark_rates"]],
        facts["year_basis"],
        [Receipt(receipt["amount"], receipt["paid_on"]) for receipt in facts["receipts"]],
        facts["as_of"],
    )
    parts = ("main", "old_interest", "new_interest")
    articles = [
        sources.OLD_PERIOD,
        sources.OLD_RULE,
        sources.OLD_RULE_ORDER,
        sources.DOUBLED,
        sources.ROUNDING,
    ]
    if facts["delay_from"] < OLD_RULE_FROM:
        articles.append(sources.OLDER_PERIOD)
    return Answer(
        {
            "allocations": [row(part, "on", *parts, "surplus") for part in found.allocations],
            "balance": row(found.balance, "on", *parts, "total"),
        },
        found.steps,
        articles,
    )


def _rate_ceiling(facts: dict[str, Any]) -> Answer:
    basis, principal = facts["year_basis"], facts["principal"]
    found = interest.rate_ceiling(
        principal,
        facts["lpr_1y_at_contract"],
        facts["agreed_annual"],
        basis,
        facts["from"],
        facts["paid_on"],
        facts.get("penalty_daily", 0),
    )
    used = plain(found.used_annual)
    steps = [
        Step(
            _("ceiling 4 × %(lpr)s = %(ceiling)s; agreed in all %(agreed)s; used %(used)s"),
            {
                "lpr": plain(facts["lpr_1y_at_contract"]),
                "ceiling": plain(found.ceiling_annual),
                "agreed": plain(found.agreed_total_annual),
                "used": used,
            },
        ),
        Step(
            _("%(days)s days: %(sum)s"),
            {
                "days": str(found.days),
                "sum": f"{show(principal)} × {used} × {found.days} / {basis} = "
                f"{plain(exact(principal) * found.used_annual * found.days / basis)} → "
                f"{show(found.enforceable)}",
            },
        ),
        Step(
            _("agreed in full %(agreed)s; outside %(outside)s"),
            {"agreed": show(found.agreed), "outside": show(found.outside)},
        ),
    ]
    result: dict[str, Any] = {
        "ceiling_annual": plain(found.ceiling_annual),
        "agreed_total_annual": plain(found.agreed_total_annual),
        "used_annual": used,
        **row(found, "days", "enforceable", "outside"),
    }
    articles = (
        sources.NOTARISED_CEILING,
        sources.CEILING,
        sources.CEILING_TOTAL,
        sources.CEILING_BEFORE,
        sources.GENERAL_DAYS,
        sources.ROUNDING,
    )
    return Answer(result, steps, articles)


def _result(name: str, label: str) -> Field:
    return money(name, label, zero=True)


OLD_PARTS = (
    _result("main", _("Debt")),
    _result("old_interest", _("Interest to 31 July 2014")),
    _result("new_interest", _("Doubled interest from 1 August 2014")),
)

CALCULATORS = (
    Calculator(
        "performance_period",
        _("Performance period and doubled interest"),
        (
            day("effective_on", _("Title took effect on")),
            integer("period_days", _("Days to perform"), minimum=0, maximum=36_500),
            listing(
                "days_off",
                _("Days off"),
                day("day", _("Day")),
                required=False,
                help=_(
                    "Every day off that matters, weekends included. Left out: the working calendar is asked."
                ),
            ),
            money("base", _("Title debt")),
            day("paid_on", _("Paid on")),
        ),
        (
            day("period_ends_on", _("Period ends on")),
            integer("days_counted", _("Days of delay")),
            _result("doubled_interest", _("Doubled interest")),
        ),
        _performance_period,
    ),
    Calculator(
        "foreign_currency",
        _("Doubled interest on a debt in foreign currency"),
        (
            choice("currency", _("Currency"), {code: code for code in sorted(interest.CURRENCIES)}),
            Field("amount", "money", _("Amount in that currency"), minimum="0.01"),
            day("delay_from", _("Performance period ends on")),
            day("paid_on", _("Paid on")),
            integer("per_units", _("Units the rate is for"), minimum=1, maximum=100_000),
            mapping(
                "mid_rates",
                _("Mid-rates in CNY"),
                day("day", _("Day")),
                rate("rate", _("CNY"), maximum="100000", zero=False),
                help=_("The rate of the day on which the performance period ends is used."),
            ),
        ),
        (
            integer("days_counted", _("Days of delay")),
            Field("in_currency", "text", _("Doubled interest in the currency")),
            _result("cny_amount", _("Debt in CNY")),
            _result("in_cny", _("Doubled interest in CNY")),
        ),
        _foreign_currency,
    ),
    Calculator(
        "old_rule",
        _("Delay that began before August 2014"),
        (
            money("debt", _("Debt")),
            day("delay_from", _("Performance period ends on")),
            listing("benchmark_rates", _("Benchmark loan rates"), RATE_PERIOD, least=1),
            YEAR_BASIS,
            listing(
                "receipts", _("Money received"), (day("paid_on", _("Paid on")), money("amount", _("Amount")))
            ),
            day("as_of", _("Balance after the receipts of")),
        ),
        (
            listing(
                "allocations",
                _("Set-off"),
                (day("on", _("Counts on")), *OLD_PARTS, _result("surplus", _("Surplus"))),
            ),
            nested("balance", _("Owed"), (day("on", _("Day")), *OLD_PARTS, _result("total", _("Total")))),
        ),
        _old_rule,
    ),
    Calculator(
        "rate_ceiling",
        _("Ceiling of interest on a notarised private loan"),
        (
            money("principal", _("Principal")),
            rate("lpr_1y_at_contract", _("One-year LPR when the contract was made"), zero=False),
            rate("agreed_annual", _("Agreed annual rate"), maximum="3"),
            rate("penalty_daily", _("Penalty per day"), required=False, maximum="0.1"),
            YEAR_BASIS,
            day("from", _("Interest from")),
            day("paid_on", _("Paid on")),
        ),
        (
            rate("ceiling_annual", _("Ceiling, annual"), maximum="4"),
            rate("agreed_total_annual", _("Agreed in all, annual"), maximum="40"),
            rate("used_annual", _("Used, annual"), maximum="4"),
            integer("days", _("Days")),
            _result("enforceable", _("Enforceable")),
            _result("outside", _("Outside")),
        ),
        _rate_ceiling,
    ),
)
