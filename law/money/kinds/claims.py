"""The calculator of the claim account."""

from __future__ import annotations

from datetime import date
from typing import Any

from law.money import claims
from law.money.errors import Errors
from law.money.fields import choice, day, integer, listing, mapping, money, nested, rate, text
from law.money.kinds.base import Answer, Calculator, row
from law.steps import mark as _

__all__ = ["CALCULATORS"]

#: For each way in which money comes in, the day that stops the interest and the days that may be noted.
COUNTS_ON = {"voluntary": "paid_on", "deduction": "deducted_on", "auction": "ruling_effective_on"}
NOTED = {
    "voluntary": (),
    "deduction": ("arrived_on", "paid_out_on"),
    "auction": ("bid_closed_on", "arrived_on", "paid_out_on"),
}
DAYS = ("paid_on", "deducted_on", "bid_closed_on", "ruling_effective_on", "arrived_on", "paid_out_on")
#: Pairs of days that cannot come in the other order.
IN_ORDER = (
    ("deducted_on", "arrived_on"),
    ("deducted_on", "paid_out_on"),
    ("arrived_on", "paid_out_on"),
    ("bid_closed_on", "ruling_effective_on"),
    ("bid_closed_on", "paid_out_on"),
)

PARTS = ("title_costs", "general_interest", "main", "doubled_interest")

ITEM = (
    text("id", _("Name of the item")),
    choice("kind", _("Kind"), {"main": _("main debt"), "cost": _("costs payable to the creditor")}),
    money("amount", _("Amount")),
    day("delay_from", _("Performance period ends on"), help=_("Doubled interest starts on the next day.")),
)
RECEIPT = (
    choice(
        "kind",
        _("How the money came in"),
        {
            "voluntary": _("paid by the debtor"),
            "deduction": _("deducted from an account or from income"),
            "auction": _("auction, sale or debt-for-asset"),
        },
    ),
    day("paid_on", _("Paid on"), required=False, help=_("For payment by the debtor.")),
    day("deducted_on", _("Deducted on"), required=False, help=_("For a deduction.")),
    day("bid_closed_on", _("Bidding closed on"), required=False),
    day("ruling_effective_on", _("Ruling effective on"), required=False, help=_("For an auction or a sale.")),
    day("arrived_on", _("Arrived at the court on"), required=False),
    day("paid_out_on", _("Paid out on"), required=False),
    money("amount", _("Amount"), help=_("Net of the enforcement fee and costs.")),
)
SUSPENSION = (
    day("from", _("First day")),
    day("to", _("Last day")),
    choice(
        "reason",
        _("Reason"),
        {
            "review_by_debtor": _("review of the title, asked for by the debtor"),
            "review_not_by_debtor": _("review of the title, not asked for by the debtor"),
            "retrial": _("retrial"),
            "settlement": _("settlement"),
        },
    ),
    choice(
        "opened_by",
        _("Opened by"),
        {
            "debtor": _("debtor"),
            "applicant": _("applicant"),
            "third_party": _("third party"),
            "court": _("court"),
            "procuratorate": _("procuratorate"),
        },
        required=False,
    ),
)
RATE_PERIOD = (day("from", _("In force from")), rate("annual", _("Annual rate")))
GENERAL = (
    text("on", _("Item that bears it"), help=_("The name of an item of the main debt.")),
    day("from", _("First day")),
    day("to", _("Closing date in the title"), required=False, help=_("This day is counted.")),
    listing("rates", _("Rates"), RATE_PERIOD),
    rate("multiplier", _("Multiplier"), required=False, maximum="10", zero=False),
    integer("year_basis", _("Days of a year"), minimum=360, maximum=365, choices=(360, 365)),
    money("fixed", _("Sum fixed in the title"), required=False),
)

ALLOCATION = (
    day("on", _("Counts on")),
    *(money(name, "", zero=True) for name in (*PARTS, "surplus")),
)


def _counting_day(receipt: dict[str, Any], path: str, errors: Errors) -> date | None:
    """The day that stops the interest, after the days of the receipt have been held against each other."""
    kind = receipt.get("kind")
    if kind is None:
        return None
    wanted = COUNTS_ON[kind]
    for name in DAYS:
        if name in receipt and name != wanted and name not in NOTED[kind]:
            errors.add(
                f"{path}.{name}", _("This day does not belong to money that came in this way; remove it.")
            )
    if wanted not in receipt:
        errors.add(f"{path}.{wanted}", _("This day stops the interest on the receipt; fill it in."))
        return None
    for earlier, later in IN_ORDER:
        if earlier in receipt and later in receipt and receipt[later] < receipt[earlier]:
            errors.add(
                f"{path}.{later}",
                _("This day lies before %(earlier)s; correct one of them."),
                earlier=earlier,
            )
    return receipt[wanted]


def _check_opener(stay: dict[str, Any], path: str, errors: Errors) -> None:
    by = stay.get("opened_by")
    if stay["reason"] == "review_by_debtor" and by not in (None, "debtor"):
        errors.add(
            f"{path}.opened_by", _("The reason says that the debtor asked for it; correct one of them.")
        )
    if stay["reason"] == "review_not_by_debtor" and by == "debtor":
        errors.add(
            f"{path}.opened_by", _("The reason says that the debtor did not ask for it; correct one of them.")
        )


def _claim_account(facts: dict[str, Any]) -> Answer:
    errors = Errors()
    as_of = facts["as_of"]
    receipts = []
    for index, receipt in enumerate(facts["receipts"]):
        path = f"receipts[{index}]"
        counts_on = _counting_day(receipt, path, errors)
        if counts_on is None:
            continue
        if counts_on > as_of:
            errors.add(
                f"{path}.{COUNTS_ON[receipt['kind']]}",
                _("The receipt counts after the day of the account; leave it out or choose a later day."),
            )
        receipts.append(claims.Receipt(receipt["amount"], counts_on))
    for index, stay in enumerate(facts["suspensions"]):
        _check_opener(stay, f"suspensions[{index}]", errors)
    errors.raise_if_any()
    account = claims.claim_account(
        [claims.Item(**item) for item in facts["items"]],
        receipts,
        [claims.Suspension(stay["from"], stay["to"], stay["reason"]) for stay in facts["suspensions"]],
        _general_interest(facts.get("general_interest")),
        as_of,
    )
    return Answer(
        {
            "days_counted": dict(account.days_counted),
            "allocations": [row(part, "on", *PARTS, "surplus") for part in account.allocations],
            "balance": row(account.balance, "on", *PARTS, "total"),
        },
        account.steps,
        account.articles,
    )


def _general_interest(facts: dict[str, Any] | None) -> claims.GeneralInterest | None:
    if facts is None:
        return None
    return claims.GeneralInterest(
        on=facts["on"],
        first=facts["from"],
        last=facts.get("to"),
        rates=[claims.RatePeriod(period["from"], period["annual"]) for period in facts["rates"]],
        multiplier=facts.get("multiplier", 1),
        year_basis=facts["year_basis"],
        fixed=facts.get("fixed", 0),
    )


CALCULATORS = (
    Calculator(
        "claim_account",
        _("Claim account"),
        (
            listing("items", _("Items of the title"), ITEM, least=1),
            listing("receipts", _("Money received"), RECEIPT),
            listing("suspensions", _("Stays of enforcement"), SUSPENSION),
            nested("general_interest", _("General interest by the title"), GENERAL, required=False),
            day("as_of", _("Balance after the receipts of")),
        ),
        (
            mapping("days_counted", _("Days of delay"), text("id", ""), integer("days", "")),
            listing("allocations", _("Set-off"), ALLOCATION),
            nested(
                "balance",
                _("Owed"),
                (day("on", _("Day")), *(money(name, "", zero=True) for name in (*PARTS, "total"))),
            ),
        ),
        _claim_account,
    ),
)
