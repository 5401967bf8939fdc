"""What must be true before a case is closed as performed, and whether it is (结案检查)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from enforcement.claims import ClaimAccount, claim_account
from enforcement.engine.act import yuan
from enforcement.models import (
    Case,
    DeadlineState,
    LedgerAccount,
    MeasureState,
    ProposalState,
    ReceiptHow,
    ReceiptState,
)
from law import clock

FULL, VOLUNTARY = "done.full", "done.voluntary"
WAYS = (FULL, VOLUNTARY)
CLOSING_ACT = "case.close-performed"
SERVING = ("product.serve", "product.delivery", "service.public")
COERCED = {ReceiptHow.DEDUCTION, ReceiptHow.WITHHOLDING, ReceiptHow.AUCTION}


@dataclass(frozen=True)
class Condition:
    """One condition: ``text`` says what must be so, ``detail`` what is; ``proof`` names the part of the case
    that shows it, ``cure_act`` the act that mends it (empty: nothing to do but wait)."""

    code: str
    text: str
    met: bool
    detail: str
    proof: str
    cure_act: str = ""


def closing_checklist(case: Case, way: str = FULL) -> list[Condition]:
    """The conditions of ``done.full`` or ``done.voluntary`` computed from what the case shows.

    Reads what the workspace has loaded and the case's balances. Source: closings.csv, done.full and
    done.voluntary; 执行工作规定 64(1).
    """
    account = claim_account(case, clock.today())
    checks: list[Callable[[Case, ClaimAccount], Condition]] = [_claim, _fee, _money, _payments, _measures]
    checks += [_objections, _proposals, _writs]
    if way == VOLUNTARY:
        checks.append(_voluntary)
    return [check(case, account) for check in checks]


def unmet(conditions: list[Condition]) -> list[Condition]:
    """The conditions that block."""
    return [condition for condition in conditions if not condition.met]


def _claim(case: Case, account: ClaimAccount) -> Condition:
    return Condition(
        "claim",
        _("The claim account is settled"),
        not account.owed,
        _("%(owed)s is owed to the creditors.") % {"owed": yuan(account.owed)},
        "money",
        "money.receive",
    )


def _fee(case: Case, account: ClaimAccount) -> Condition:
    return Condition(
        "fee",
        _("The enforcement fee is settled"),
        not account.fee_due,
        _("%(due)s of the fee is due; %(charged)s was charged.")
        % {"due": yuan(account.fee_due), "charged": yuan(account.fee_charged)},
        "money",
        "money.receive",
    )


def _money(case: Case, account: ClaimAccount) -> Condition:
    left = [
        balance
        for balance in case.balances.all()
        if balance.amount and balance.account != LedgerAccount.DEPOSITED
    ]
    sums = "、".join(
        f"{balance.get_account_display()} {yuan(balance.amount)}"
        for balance in left
        if balance.account != LedgerAccount.BANK
    )
    waiting = any(balance.account == LedgerAccount.TO_DISTRIBUTE for balance in left)
    return Condition(
        "money",
        _("All money was paid out, deposited or refunded"),
        # Deposited money keeps its bank line; everything else must be gone.
        not [balance for balance in left if balance.account != LedgerAccount.BANK],
        _("Still in hand: %(sums)s.") % {"sums": sums} if sums else _("Nothing is in hand."),
        "ledger",
        "money.plan" if waiting else "money.pay",
    )


def _payments(case: Case, account: ClaimAccount) -> Condition:
    ordered = [payment for payment in case.payments.all() if payment.state == "ordered"]
    return Condition(
        "payments",
        _("The bank confirmed every payment"),
        not ordered,
        _("%(number)s payments are under way.") % {"number": len(ordered)},
        "payments",
        "money.confirm",
    )


def _measures(case: Case, account: ClaimAccount) -> Condition:
    live = [measure for measure in case.measures.all() if measure.is_live]
    unconfirmed = [
        measure
        for measure in case.measures.all()
        if measure.state == MeasureState.RELEASED and measure.release_confirmed_on is None
    ]
    cure = "measure.release" if account.owed else "case.release-all"
    return Condition(
        "measures",
        _("All measures are released, and their release is confirmed"),
        not live and not unconfirmed,
        _("%(live)s measures stand, %(unconfirmed)s releases are not confirmed.")
        % {"live": len(live), "unconfirmed": len(unconfirmed)},
        "measures",
        cure if live else "measure.confirm-release",
    )


def _objections(case: Case, account: ClaimAccount) -> Condition:
    pending = [objection for objection in case.objections.all() if objection.is_pending]
    return Condition(
        "objections",
        _("No objection is pending"),
        not pending,
        _("%(number)s objections are pending.") % {"number": len(pending)},
        "objections",
        "objection.decide",
    )


def _proposals(case: Case, account: ClaimAccount) -> Condition:
    waiting = [
        proposal
        for proposal in case.proposals.all()
        if proposal.state == ProposalState.OPEN and proposal.act != CLOSING_ACT
    ]
    return Condition(
        "proposals",
        _("No proposal awaits its decision"),
        not waiting,
        _("%(number)s proposals await a decision.") % {"number": len(waiting)},
        "decisions",
    )


def _writs(case: Case, account: ClaimAccount) -> Condition:
    waiting = [
        deadline
        for deadline in case.deadlines.all()
        if deadline.state == DeadlineState.OPEN and deadline.rule in SERVING
    ]
    return Condition(
        "writs",
        _("All writs are served"),
        not waiting,
        _("Still to be served: %(writs)s.") % {"writs": "、".join(one.label for one in waiting)}
        if waiting
        else _("Nothing is left to serve."),
        "documents",
        "service.record",
    )


def _voluntary(case: Case, account: ClaimAccount) -> Condition:
    coerced = [
        receipt
        for receipt in case.receipts.all()
        if receipt.state == ReceiptState.IDENTIFIED and receipt.how in COERCED
    ]
    return Condition(
        "voluntary",
        _("Everything was paid by the debtor's own will"),
        not coerced,
        _("%(number)s arrivals were taken by the court; close as fully enforced instead.")
        % {"number": len(coerced)},
        "money",
    )
