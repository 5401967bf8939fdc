"""Money for the pages: a case's figures and ledger, a court's unidentified arrivals, payouts and plans."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from directory.models import Duty, Person
from enforcement import ledger
from enforcement.claims import Freedom, amount_to_be_free, claim_account
from enforcement.engine import OutOfSight
from enforcement.ledger import ZERO, TrialBalance
from enforcement.models import (
    OPEN_STAGES,
    Case,
    Deadline,
    DeadlineState,
    Entry,
    PartyRole,
    PaymentState,
    Proposal,
    ProposalState,
    Receipt,
    ReceiptHow,
    ReceiptState,
)
from law import case_numbers, clock, deadlines
from law.steps import Step

MOST_SUGGESTED = 5
MOST_ROWS = 100
_NUMBER = re.compile(r"[（(〔\[]?\d{4}[）)〕\]]?[^\s（）()]{2,16}?号")


@dataclass(frozen=True)
class Figures:
    """The money of a case on a day, in CNY: what is owed part by part, the fee, what came and what went.

    ``waiting`` is money that arrived and no plan has moved; ``free`` is what makes the debtor free that day.
    """

    on: date
    title_costs: Decimal
    general_interest: Decimal
    main: Decimal
    doubled_interest: Decimal
    owed: Decimal
    fee_charged: Decimal
    fee_due: Decimal
    received: Decimal
    direct: Decimal
    waiting: Decimal
    paid_out: Decimal
    in_transit: Decimal
    free: Freedom
    creditors: tuple[tuple[str, Decimal], ...] = ()
    steps: tuple[Step, ...] = field(default=())


def account_of(case: Case, day: date | None = None) -> Figures:
    """The figures of a case in sight. One query beyond what the workspace has loaded."""
    day = day or clock.today()
    account = claim_account(case, day)
    free = amount_to_be_free(case, day)
    identified = [receipt for receipt in case.receipts.all() if receipt.state == ReceiptState.IDENTIFIED]
    direct = sum((receipt.amount for receipt in identified if receipt.how == ReceiptHow.DIRECT), ZERO)
    balances = {balance.account: ZERO for balance in case.balances.all()}
    for balance in case.balances.all():
        balances[balance.account] += balance.amount
    return Figures(
        on=day,
        title_costs=account.title_costs,
        general_interest=account.general_interest,
        main=account.main,
        doubled_interest=account.doubled_interest,
        owed=account.owed,
        fee_charged=account.fee_charged,
        fee_due=account.fee_due,
        received=sum((receipt.amount for receipt in identified), ZERO) - direct,
        direct=direct,
        waiting=balances.get("2020", ZERO),
        paid_out=sum(
            (payment.amount for payment in case.payments.all() if payment.state == PaymentState.CONFIRMED),
            ZERO,
        ),
        in_transit=balances.get("2410", ZERO),
        free=free,
        creditors=tuple((one.party.name, one.balance.total) for one in account.creditors),
        steps=free.steps,
    )


def ledger_of(case: Case) -> list[Entry]:
    """The entries of a case in sight, oldest first, each with its lines and parties."""
    return list(
        case.entries.select_related("event__actor", "reverses", "reversed_by")
        .prefetch_related("lines__party")
        .order_by("pk")
    )


def trial_balance_of(case: Case) -> TrialBalance:
    """Sums of the accounts of one case in sight."""
    return ledger.trial_balance(case.court, case)


@dataclass(frozen=True)
class Unidentified:
    """An arrival without a case, the day by which it should be claimed, and the likeliest cases."""

    receipt: Receipt
    claim_by: date
    suggestions: tuple["Suggestion", ...]

    @property
    def overdue(self) -> bool:
        return self.claim_by < clock.today()


@dataclass(frozen=True)
class Suggestion:
    """A case or an arrival that fits, with the reasons as codes (number, payer, amount, claim)."""

    case: Case
    receipt: Receipt
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class CourtMoney:
    """What a finance officer or head has before them."""

    unidentified: list[Unidentified]
    payouts: list[Deadline]
    plans: list[Proposal]
    trial: TrialBalance


def court_money(person: Person) -> CourtMoney:
    """Unidentified arrivals, running payout clocks by due day, and plans and payments that await a decision,
    of the person's own court. Raises ``OutOfSight`` for a person without one."""
    if person.court is None or not any(
        person.holds(duty, person.court_id)
        for duty in (Duty.FINANCE, Duty.BUREAU_HEAD, Duty.IMPLEMENTER, Duty.PRESIDENT, Duty.AUDITOR)
    ):
        raise OutOfSight
    court = person.court
    arrived = Receipt.objects.filter(court=court, state=ReceiptState.UNIDENTIFIED)[:MOST_ROWS]
    return CourtMoney(
        unidentified=[
            Unidentified(
                receipt,
                deadlines.rule("money.claim").due(receipt.arrived_on).day,
                tuple(suggest_cases(receipt, person)),
            )
            for receipt in arrived
        ],
        payouts=list(
            Deadline.objects.filter(court=court, rule="money.pay", state=DeadlineState.OPEN)
            .select_related("case", "owner")
            .order_by("due_on", "pk")[:MOST_ROWS]
        ),
        plans=list(
            Proposal.objects.filter(
                court=court, state=ProposalState.OPEN, act__in=("money.plan", "money.pay", "money.refund")
            )
            .select_related("case", "proposed_by")
            .order_by("proposed_at")[:MOST_ROWS]
        ),
        trial=ledger.trial_balance(court),
    )


def suggest_cases(receipt: Receipt, person: Person) -> list[Suggestion]:
    """Open cases of the receipt's court in the person's sight that an arrival may belong to, likeliest first:
    a case number in its remark, a debtor of the payer's name, the claim's exact amount, a similar remark."""
    cases = Case.objects.visible_to(person).filter(court=receipt.court_id, stage__in=OPEN_STAGES)
    numbers = numbers_in(f"{receipt.memo} {receipt.payer}")
    found = {
        case.pk: case
        for rows in (
            cases.filter(number__in=numbers) if numbers else cases.none(),
            cases.filter(parties__role=PartyRole.DEBTOR, parties__name=receipt.payer),
            cases.filter(claim=receipt.amount),
        )
        for case in rows.order_by("-filed_on", "-pk").distinct()[:MOST_SUGGESTED]
    }
    return _ranked((case, receipt) for case in found.values())


def suggest_receipts(case: Case) -> list[Suggestion]:
    """Unidentified arrivals of its court that may belong to a case in sight, likeliest first."""
    arrived = Receipt.objects.filter(court=case.court_id, state=ReceiptState.UNIDENTIFIED)[:MOST_ROWS]
    return _ranked((case, receipt) for receipt in arrived)


def _ranked(pairs: Iterable[tuple[Case, Receipt]]) -> list[Suggestion]:
    ranked = []
    for case, receipt in pairs:
        weights = _weights(case, receipt)
        if weights:
            ranked.append(Suggestion(case, receipt, sum(weights.values()), tuple(weights)))
    return sorted(ranked, key=lambda one: (-one.score, -one.case.pk, one.receipt.pk))[:MOST_SUGGESTED]


def _weights(case: Case, receipt: Receipt) -> dict[str, int]:
    """Why an arrival fits a case, with the weight of each reason."""
    weights: dict[str, int] = {}
    if case.number in numbers_in(f"{receipt.memo} {receipt.payer}"):
        weights["number"] = 8
    debtors = case.debtor_names.split("、")
    if receipt.payer in debtors:
        weights["payer"] = 4
    elif any(name and name in f"{receipt.memo}{receipt.payer}" for name in debtors):
        weights["name"] = 2
    if receipt.amount == case.claim:
        weights["amount"] = 3
    return weights


def numbers_in(text: str) -> set[str]:
    """Case numbers written in a remark, in their normal form."""
    found = set()
    for written in _NUMBER.findall(text):
        try:
            found.add(str(case_numbers.parse(written)))
        except case_numbers.CaseNumberError:
            continue
    return found
