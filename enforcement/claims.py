"""What is owed on a case, to whom, and where every receipt goes: the case's rows in the law's arithmetic.

Every receipt is set off on the day it counts: first the enforcement fee it carries, then the creditors'
title debts in proportion to what each is owed that day, then their doubled interest, the rest to the debtor.
Amounts in CNY. Only relations that a page may have prefetched are read (``title``, ``title_items``,
``parties``, ``receipts``), so an account costs no query where they were.

Source: money.md M3–M11, M16, M24–M26; 迟延履行利息解释 1–4; 诉讼费用交纳办法 14, 20, 38; 执行工作规定 55.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from enforcement.models import Case, ItemKind, Party, PartyRole, Receipt, ReceiptHow, ReceiptState
from law import money
from law.money.arithmetic import ZERO, fen, from_fen, largest_remainders, show, total
from law.steps import Step
from law.steps import mark as _


@dataclass(frozen=True)
class Use:
    """Where one receipt went: ``fee``, ``shares`` by the creditor's id, and ``surplus`` that is not owed."""

    receipt: Receipt
    fee: Decimal
    shares: Mapping[int, Decimal]
    surplus: Decimal

    @property
    def to_claims(self) -> Decimal:
        return total(self.shares.values())


@dataclass(frozen=True)
class CreditorAccount:
    """One creditor's part of the claim, as the law's own account shows it."""

    party: Party
    account: money.ClaimAccount

    @property
    def balance(self) -> money.Balance:
        return self.account.balance

    @property
    def title_debt(self) -> Decimal:
        """What the title orders and its general interest: everything but doubled interest."""
        return self.balance.title_costs + self.balance.general_interest + self.balance.main


@dataclass(frozen=True)
class ClaimAccount:
    """The claim account of a case after the receipts of a day.

    ``executed`` went to the claims so far, directly paid money included; ``fee_charged`` was taken from the
    receipts; ``fee_due`` is the fee on what was executed and on what is still owed, less what was charged.
    """

    on: date
    creditors: tuple[CreditorAccount, ...]
    uses: tuple[Use, ...]
    executed: Decimal
    fee_charged: Decimal
    fee_due: Decimal
    steps: tuple[Step, ...] = field(default=())

    @property
    def title_costs(self) -> Decimal:
        return total(one.balance.title_costs for one in self.creditors)

    @property
    def general_interest(self) -> Decimal:
        return total(one.balance.general_interest for one in self.creditors)

    @property
    def main(self) -> Decimal:
        return total(one.balance.main for one in self.creditors)

    @property
    def doubled_interest(self) -> Decimal:
        return total(one.balance.doubled_interest for one in self.creditors)

    @property
    def owed(self) -> Decimal:
        """Still owed to the creditors."""
        return total(one.balance.total for one in self.creditors)

    @property
    def surplus(self) -> Decimal:
        """Received beyond claim and fee: the debtor's money."""
        return total(use.surplus for use in self.uses if use.receipt.how != ReceiptHow.DIRECT)


@dataclass(frozen=True)
class Freedom:
    """What the debtor must pay on a day to owe nothing more: claim, fee, their sum, and the arithmetic."""

    on: date
    claim: Decimal
    fee: Decimal
    total: Decimal
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class _Creditor:
    party: Party
    items: tuple[money.Item, ...]
    interest: money.GeneralInterest | None


def claim_account(case: Case, as_of: date) -> ClaimAccount:
    """The claim account of ``case`` after the receipts that count on ``as_of`` or earlier."""
    creditors = _creditors(case)
    received: dict[int, list[money.Receipt]] = {one.party.pk: [] for one in creditors}
    uses: list[Use] = []
    steps: list[Step] = []
    executed = charged = ZERO
    for receipt in _counting(case, as_of):
        day = receipt.counts_on
        owed = {one.party.pk: _account(one, received[one.party.pk], day) for one in creditors}
        if receipt.how == ReceiptHow.DIRECT:
            use = _use_direct(receipt, owed)
        else:
            use = _use(receipt, creditors, owed, executed, charged)
            steps.append(_said(use))
        for pk, share in use.shares.items():
            if share:
                received[pk].append(money.Receipt(share, day))
        executed += use.to_claims
        charged += use.fee
        uses.append(use)
    accounts = tuple(
        CreditorAccount(one.party, _account(one, received[one.party.pk], as_of)) for one in creditors
    )
    owed_in_all = total(one.balance.total for one in accounts)
    whole_fee = money.enforcement_fee(executed + owed_in_all)
    for one in accounts:
        if len(accounts) > 1:
            steps.append(Step(_("Account of %(creditor)s"), {"creditor": one.party.name}))
        steps.extend(one.account.steps)
    return ClaimAccount(
        on=as_of,
        creditors=accounts,
        uses=tuple(uses),
        executed=executed,
        fee_charged=charged,
        fee_due=max(ZERO, whole_fee - charged),
        steps=tuple(steps),
    )


def outstanding(case: Case, as_of: date) -> Decimal:
    """Claim and enforcement fee still to be paid on a day."""
    account = claim_account(case, as_of)
    return account.owed + account.fee_due


def fee_due(case: Case, as_of: date) -> Decimal:
    """Enforcement fee on what was executed and on what is still owed, less what receipts already carried."""
    return claim_account(case, as_of).fee_due


def amount_to_be_free(case: Case, day: date) -> Freedom:
    """The exact sum that, arriving on ``day``, leaves nothing owed; with its steps."""
    account = claim_account(case, day)
    steps = [
        *account.steps,
        Step(
            _("fee on %(sum)s executed and owed: %(fee)s, of it charged %(charged)s, due %(due)s"),
            {
                "sum": show(account.executed + account.owed),
                "fee": show(money.enforcement_fee(account.executed + account.owed)),
                "charged": show(account.fee_charged),
                "due": show(account.fee_due),
            },
        ),
        Step(
            _("to pay on %(day)s: %(claim)s + %(fee)s = %(total)s"),
            {
                "day": day.isoformat(),
                "claim": show(account.owed),
                "fee": show(account.fee_due),
                "total": show(account.owed + account.fee_due),
            },
        ),
    ]
    return Freedom(day, account.owed, account.fee_due, account.owed + account.fee_due, tuple(steps))


def applicants(case: Case) -> list[Party]:
    """The creditors of a case, in the order of its parties."""
    return [party for party in case.parties.all() if party.role == PartyRole.APPLICANT]


def _counting(case: Case, as_of: date) -> list[Receipt]:
    """Identified receipts in the order they count."""
    return sorted(
        (
            receipt
            for receipt in case.receipts.all()
            if receipt.state == ReceiptState.IDENTIFIED and receipt.counts_on <= as_of
        ),
        key=lambda receipt: (receipt.counts_on, receipt.pk),
    )


def _creditors(case: Case) -> list[_Creditor]:
    """Each applicant with the items owed to them. A sum owed to several is owed in equal shares, because the
    title that names no shares leaves them undetermined (民法典 517); odd fen go to those named first."""
    parties = applicants(case)
    items: dict[int, list[money.Item]] = {party.pk: [] for party in parties}
    bearing: dict[int, list[str]] = {party.pk: [] for party in parties}
    for item in case.title_items.all():
        holders = [party for party in parties if item.creditor_id in (None, party.pk)]
        parts = largest_remainders(fen(item.amount), [1] * len(holders))
        for party, part in zip(holders, parts, strict=True):
            if not part:
                continue
            name = f"{item.position} {item.label}"
            kind: Literal["cost", "main"] = "cost" if item.kind == ItemKind.COST else "main"
            items[party.pk].append(money.Item(name, kind, from_fen(part), item.delay_from))
            if kind == "main" and item.bears_interest:
                bearing[party.pk].append(name)
    title = case.title
    result = []
    for party in parties:
        interest = None
        if title.interest_annual is not None and title.interest_from is not None and bearing[party.pk]:
            interest = money.GeneralInterest(
                on=tuple(bearing[party.pk]),
                first=title.interest_from,
                rates=(money.RatePeriod(title.interest_from, title.interest_annual),),
                year_basis=title.interest_year_basis,
                last=title.interest_to,
            )
        result.append(_Creditor(party, tuple(items[party.pk]), interest))
    return result


def _account(creditor: _Creditor, received: Sequence[money.Receipt], day: date) -> money.ClaimAccount:
    return money.claim_account(creditor.items, received, general_interest=creditor.interest, as_of=day)


def _use_direct(receipt: Receipt, owed: Mapping[int, money.ClaimAccount]) -> Use:
    """Money the debtor paid to one applicant: it meets that applicant's claim and carries no fee."""
    assert receipt.creditor_id is not None
    due = owed[receipt.creditor_id].balance.total
    share = min(receipt.amount, due)
    return Use(receipt, ZERO, {receipt.creditor_id: share}, receipt.amount - share)


def _use(
    receipt: Receipt,
    creditors: Sequence[_Creditor],
    owed: Mapping[int, money.ClaimAccount],
    executed: Decimal,
    charged: Decimal,
) -> Use:
    """Divide one receipt of the court: fee, claims, surplus."""
    due = total(account.balance.total for account in owed.values())
    last_fee = max(ZERO, money.enforcement_fee(executed + due) - charged)
    if receipt.amount >= due + last_fee:
        net, fee = due, last_fee
    else:
        net = min(due, _net_of_fee(receipt.amount, executed, charged))
        fee = receipt.amount - net
    return Use(receipt, fee, _shares(net, creditors, owed), receipt.amount - net - fee)


def _net_of_fee(amount: Decimal, executed: Decimal, charged: Decimal) -> Decimal:
    """What a receipt that must carry its fee leaves for the claims (M16): all receipts so far are one pot.

    A pot of 50.00 or less cannot carry the lowest fee, which then is taken from the next receipt.
    """
    pot = executed + charged + amount
    if pot <= Decimal(50):
        return amount
    return min(amount, max(ZERO, money.fee_inside_pot(pot).to_claim - executed))


def _shares(
    net: Decimal, creditors: Sequence[_Creditor], owed: Mapping[int, money.ClaimAccount]
) -> dict[int, Decimal]:
    """Title debts pro rata on the day the money counts, then doubled interest (执行工作规定 55(3))."""
    if not net:
        return {one.party.pk: ZERO for one in creditors}
    claims = []
    for one in creditors:
        balance = owed[one.party.pk].balance
        claims.append(
            money.Claim(
                id=f"{one.party.position:03d}",
                type="ordinary",
                title_debt=balance.title_costs + balance.general_interest + balance.main,
                doubled_interest=balance.doubled_interest,
            )
        )
    divided = money.distribute([money.Asset("receipt", net)], claims)
    return {one.party.pk: divided.paid[claim.id] for one, claim in zip(creditors, claims, strict=True)}


def _said(use: Use) -> Step:
    return Step(
        _("%(amount)s that count on %(day)s: fee %(fee)s, to the claims %(claims)s, over %(surplus)s"),
        {
            "amount": show(use.receipt.amount),
            "day": use.receipt.counts_on.isoformat(),
            "fee": show(use.fee),
            "claims": show(use.to_claims),
            "surplus": show(use.surplus),
        },
    )
