"""What a plan gives to whom: what receipts have earned so far, less what earlier plans gave.

Each receipt was divided on the day it counts (``enforcement.claims``), so a plan made later changes nobody's
share; it moves the money. Amounts in CNY.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from enforcement.claims import ClaimAccount, applicants, claim_account
from enforcement.ledger import ZERO, balances
from enforcement.models import (
    Balance,
    Case,
    LedgerAccount,
    Line,
    Party,
    PaymentOrder,
    PaymentState,
    Plan,
    PlanState,
    Receipt,
    ReceiptHow,
    ReceiptState,
)
from law import money
from law.money.arithmetic import show
from law.steps import Step
from law.steps import mark as _

LIVE_PLANS = frozenset({PlanState.DRAFT, PlanState.APPROVED, PlanState.OBJECTED})
# What the bank can be ordered to pay; money held or deposited first moves to one of these.
PAYABLE = (
    LedgerAccount.CREDITORS,
    LedgerAccount.FEE,
    LedgerAccount.REFUND_DEBTOR,
    LedgerAccount.REFUND_PAYER,
)
PARTS = ("title_costs", "general_interest", "main", "doubled_interest")


@dataclass(frozen=True)
class PlannedLine:
    """One line of a plan: account, payee (none: the treasury), amount, and what it pays off."""

    account: LedgerAccount
    party: Party | None
    amount: Decimal
    breakdown: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedPot:
    """A pot and its division; the lines add up to ``pot`` exactly."""

    pot: Decimal
    fee: Decimal
    lines: tuple[PlannedLine, ...]
    steps: tuple[Step, ...]


def plan_pot(case: Case, day: date, amount: Decimal) -> PlannedPot:
    """Divide ``amount`` of the case's undistributed money: fee, creditors, the rest to the debtor."""
    account = claim_account(case, day)
    given = _given(case)
    parties = {party.pk: party for party in case.parties.all()}
    earned = _earned(account)
    earlier = _earlier_parts(case)
    claims, parts_of = [], {}
    for party in applicants(case):
        parts = {name: max(ZERO, earned[party.pk][name] - earlier[party.pk][name]) for name in PARTS}
        # Parts say what the money pays off; how much it may be is said by the ledger alone.
        due = max(ZERO, sum(earned[party.pk].values(), ZERO) - given[LedgerAccount.CREDITORS, party.pk])
        doubled = min(parts["doubled_interest"], due)
        parts_of[party.pk] = parts
        claims.append(
            (party, money.Claim(f"{party.position:03d}", "ordinary", due - doubled, doubled_interest=doubled))
        )
    charged = sum((use.fee for use in account.uses), ZERO)
    fee = max(ZERO, charged - given[LedgerAccount.FEE, None])
    divided = money.distribute(
        [money.Asset("pot", amount)],
        [claim for _party, claim in claims],
        [money.Cost("fee", fee)] if fee else [],
    )
    lines = []
    fee = divided.costs.get("fee", ZERO)
    if fee:
        lines.append(PlannedLine(LedgerAccount.FEE, None, fee))
    for party, claim in claims:
        share = divided.paid[claim.id]
        if share:
            parts = parts_of[party.pk]
            exact = sum(parts.values(), ZERO) == share
            breakdown = {name: show(part) for name, part in parts.items() if part} if exact else {}
            lines.append(PlannedLine(LedgerAccount.CREDITORS, party, share, breakdown))
    for pk, part in _over(case, account, given, divided.to_debtor).items():
        lines.append(PlannedLine(LedgerAccount.REFUND_DEBTOR, parties[pk], part))
    steps = (
        *account.steps,
        Step(_("to distribute: %(pot)s"), {"pot": show(amount)}),
        *divided.steps,
    )
    return PlannedPot(amount, fee, tuple(lines), steps)


def _over(
    case: Case, account: ClaimAccount, given: dict[tuple[str, int | None], Decimal], rest: Decimal
) -> dict[int, Decimal]:
    """What is left of the pot, to the debtors whose receipts it was left over from."""
    over: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for use in account.uses:
        if use.receipt.debtor_id is not None and use.receipt.how != ReceiptHow.DIRECT:
            over[use.receipt.debtor_id] += use.surplus
    result: dict[int, Decimal] = {}
    for pk in over:
        part = min(rest, max(ZERO, over[pk] - given[LedgerAccount.REFUND_DEBTOR, pk]))
        if part:
            result[pk] = part
            rest -= part
    if rest:
        # A receipt entered late for an earlier day can leave more with the debtor than any one receipt shows.
        last = [receipt for receipt in case.receipts.all() if receipt.debtor_id is not None][-1]
        assert last.debtor_id is not None
        result[last.debtor_id] = result.get(last.debtor_id, ZERO) + rest
    return result


def _earned(account: ClaimAccount) -> dict[int, dict[str, Decimal]]:
    """What the receipts of the court have earned each creditor so far, by part of the claim."""
    earned: dict[int, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(PARTS, ZERO))
    for one in account.creditors:
        allocations = iter(one.account.allocations)
        for use in account.uses:
            if not use.shares.get(one.party.pk):
                continue
            allocation = next(allocations)
            if use.receipt.how != ReceiptHow.DIRECT:
                for name in PARTS:
                    earned[one.party.pk][name] += getattr(allocation, name)
    return earned


def _earlier_parts(case: Case) -> dict[int, dict[str, Decimal]]:
    """What earlier plans said they paid off, by creditor and part."""
    parts: dict[int, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(PARTS, ZERO))
    for line in case.plan_lines.exclude(plan__state=PlanState.CANCELLED).filter(
        account=LedgerAccount.CREDITORS
    ):
        assert line.party_id is not None
        for name, amount in line.breakdown.items():
            parts[line.party_id][name] += Decimal(amount)
    return parts


def _given(case: Case) -> dict[tuple[str, int | None], Decimal]:
    """What plans and refunds have moved out of the case's money so far, by account and party."""
    given: dict[tuple[str, int | None], Decimal] = defaultdict(lambda: ZERO)
    lines = (
        Line.objects.filter(
            Q(entry__source__startswith="plan:") | Q(entry__source__startswith="refund:"),
            case=case,
            account__in=PAYABLE,
            entry__reversed_by=None,
        )
        .order_by()
        .values_list("account", "party")
        .annotate(total=Sum("amount"))
    )
    for account, party, amount in lines:
        given[account, party] -= amount
    return given


def surplus(case: Case, day: date) -> Decimal:
    """The debtor's own money that no plan or refund has moved yet."""
    given = _given(case)
    gone = sum(
        (amount for (account, _pk), amount in given.items() if account == LedgerAccount.REFUND_DEBTOR), ZERO
    )
    return max(ZERO, claim_account(case, day).surplus - gone)


def undistributed(case: Case) -> list[Balance]:
    """The case's money to distribute, by debtor."""
    return balances(case, [LedgerAccount.TO_DISTRIBUTE])


def payables(case: Case) -> list[Balance]:
    """What waits for an order to the bank."""
    return balances(case, PAYABLE)


def live_plan(plans: Iterable[Plan]) -> Plan | None:
    """The plan in hand, if there is one."""
    return next((plan for plan in plans if plan.state in LIVE_PLANS), None)


def has_undistributed(case: Case) -> bool:
    """Whether identified money has arrived after the last plan; from prefetched rows only."""
    arrived = sum((receipt.amount for receipt in case.receipts.all() if of_the_court(receipt)), ZERO)
    planned = sum((plan.pot for plan in case.plans.all() if plan.state != PlanState.CANCELLED), ZERO)
    refunded = sum(
        (
            payment.amount
            for payment in case.payments.all()
            if payment.plan_id is None
            and payment.account == LedgerAccount.REFUND_DEBTOR
            and payment.state != PaymentState.BOUNCED
        ),
        ZERO,
    )
    return arrived - planned - refunded > 0


def of_the_court(receipt: Receipt) -> bool:
    """Whether a receipt is money of this case that reached the court."""
    return receipt.state == ReceiptState.IDENTIFIED and receipt.how != ReceiptHow.DIRECT


def recount(case: Case) -> None:
    """Set the case's figures from its rows: received for the claim, and paid to the creditors."""
    received = Receipt.objects.filter(case=case, state=ReceiptState.IDENTIFIED)
    direct = received.filter(how=ReceiptHow.DIRECT)
    paid = PaymentOrder.objects.filter(
        case=case, account=LedgerAccount.CREDITORS, state=PaymentState.CONFIRMED
    )
    case.received = _sum(received)
    case.paid_out = _sum(paid) + _sum(direct)


def _sum(rows: Any) -> Decimal:
    return rows.aggregate(total=Sum("amount"))["total"] or ZERO
