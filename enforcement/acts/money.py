"""Money that arrives (到账): on a case, or unidentified and then claimed."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Court, Duty
from enforcement import ledger
from enforcement.claims import amount_to_be_free
from enforcement.distribution import recount
from enforcement.engine import (
    Act,
    ActInput,
    LiveChoiceField,
    MoneyField,
    OfCase,
    Refused,
    SealedField,
    Subject,
)
from enforcement.engine.act import Run, yuan
from enforcement.engine.history import mask
from enforcement.models import Case, LedgerAccount, Party, PartyRole, Receipt, ReceiptHow, ReceiptState, Stage
from enforcement.queries.money import suggest_receipts
from law import clock
from law.citations import CASE_MONEY, CPL, LATE_INTEREST, LOCAL_CASE_MONEY

MONEY_STAGES = frozenset({Stage.NOTICE, Stage.CONTROL, Stage.DISPOSAL, Stage.DISTRIBUTION})
MOST_OFFERED = 200
# Interest stops with the taking, not with the arrival (interest interpretation, art. 3).
TAKEN = {ReceiptHow.DEDUCTION, ReceiptHow.WITHHOLDING, ReceiptHow.AUCTION}
COURT_HOW = [choice for choice in ReceiptHow.choices if choice[0] != ReceiptHow.DIRECT]


class ArrivalInput(ActInput):
    """What a bank statement says of one arrival."""

    amount = MoneyField(label=_("Amount (CNY)"))
    payer = serializers.CharField(label=_("Payer"), max_length=120)
    payer_account = SealedField(
        kind="account",
        label=_("Payer's account"),
        max_length=34,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Money that must go back goes to this account only."),
    )
    arrived_on = serializers.DateField(label=_("Arrived on"))
    bank_reference = serializers.CharField(
        label=_("Bank reference"),
        max_length=60,
        help_text=_("Each arrival has its own; it is recorded once."),
    )
    memo = serializers.CharField(
        label=_("Remark on the transfer"), max_length=200, required=False, allow_blank=True, default=""
    )

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        if attrs["arrived_on"] > clock.today():
            raise serializers.ValidationError({"arrived_on": [_("Money can't have arrived after today.")]})
        return attrs


def counted(attrs: dict[str, Any], arrived_on: date) -> dict[str, Any]:
    """Settle the day interest stops. Raises ``ValidationError`` where it must be given or can't be."""
    if attrs.get("counts_on") is None:
        if attrs["how"] in TAKEN:
            raise serializers.ValidationError(
                {"counts_on": [_("Give the day of the deduction, or the day the sale took effect.")]}
            )
        attrs["counts_on"] = arrived_on
    if attrs["counts_on"] > arrived_on:
        raise serializers.ValidationError({"counts_on": [_("It can't count from a day after it arrived.")]})
    return attrs


class CreditInput(ActInput):
    """How an arrival counts on its case."""

    how = serializers.ChoiceField(label=_("How it came"), choices=COURT_HOW, default=ReceiptHow.VOLUNTARY)
    counts_on = serializers.DateField(
        label=_("Counts from"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_(
            "Day interest stops: value date of a payment, day of a deduction; if empty, the day it arrived."
        ),
    )
    debtor = OfCase(
        "parties",
        only={"role": PartyRole.DEBTOR},
        label=_("For the debtor"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Needed only with several debtors."),
    )


class ReceiveInput(ArrivalInput, CreditInput):
    """An arrival that belongs to this case."""

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        return counted(attrs, attrs["arrived_on"])


def the_debtor(case: Case, data: dict[str, Any]) -> Party:
    """The debtor named, or the only one. Raises ``Refused``."""
    if data.get("debtor") is not None:
        debtor: Party = data["debtor"]
        return debtor
    debtors = [party for party in case.parties.all() if party.role == PartyRole.DEBTOR]
    if len(debtors) != 1:
        raise Refused(
            gettext("This case has several debtors. Say for whom the money was paid."),
            CASE_MONEY.whole(),
            field="debtor",
        )
    return debtors[0]


def refuse_a_known_reference(court: Court, reference: str) -> None:
    """Raise ``Refused`` if this arrival was recorded already."""
    if (
        Receipt.objects.filter(court=court, bank_reference=reference)
        .exclude(state=ReceiptState.CORRECTED)
        .exists()
    ):
        raise Refused(
            gettext("The arrival with the bank reference %(reference)s is recorded already.")
            % {"reference": reference},
            CASE_MONEY.whole(),
            field="bank_reference",
            code="recorded-already",
        )


def refuse_an_excessive_taking(case: Case, how: str, amount: Decimal, counts_on: date) -> None:
    """Raise ``Refused`` if more was taken from the debtor than was owed that day with the fee (P 253)."""
    if how not in {ReceiptHow.DEDUCTION, ReceiptHow.WITHHOLDING}:
        return
    free = amount_to_be_free(case, counts_on)
    if amount > free.total:
        raise Refused(
            gettext(
                "%(amount)s was taken, but with the fee only %(owed)s was owed on %(day)s. Nothing more"
                " may be taken; record the arrival as “Other”, so that the excess goes back to the debtor."
            )
            % {"amount": yuan(amount), "owed": yuan(free.total), "day": counts_on},
            (CPL.art(253), CPL.art(254)),
            field="amount",
            code="more-than-owed",
        )


def put_payer_account(receipt: Receipt, account: str) -> None:
    """Seal the sending account of a receipt and keep its mask."""
    receipt.payer_account = account
    receipt.payer_account_mask = mask("account", account) if account else ""


def open_payout(act: Act, case: Case, receipt: Receipt) -> None:
    """Start the clock from the arrival notice to the payout, and tell the officer."""
    act.effects.open_deadline(
        case,
        "money.pay",
        starts_on=receipt.notified_on,
        duty=Duty.IMPLEMENTER,
        act="money.plan",
        subject=receipt.uid,
        label=f"{receipt.payer} {yuan(receipt.amount)}",
    )
    if act.actor.pk != case.implementer_id:
        act.effects.notify(
            [case.implementer],
            "money.arrived",
            case=case,
            tone="in",
            amount=yuan(receipt.amount),
            payer=receipt.payer,
        )


def post_arrival(run: Run, receipt: Receipt) -> None:
    """Book an arrival: on its case, or as unidentified money of the court."""
    account = LedgerAccount.TO_DISTRIBUTE if receipt.case_id else LedgerAccount.UNIDENTIFIED
    ledger.transfer(
        run,
        source=f"arrive:{receipt.uid}",
        memo=f"{receipt.payer} {receipt.bank_reference}",
        debit=(LedgerAccount.BANK, receipt.case, None),
        credit=(account, receipt.case, receipt.debtor),
        amount=receipt.amount,
    )


class Receive(Act):
    """Record money that arrived for this case (到账登记); the officer is told and the payout clock starts."""

    code = "money.receive"
    title = _("Record an arrival")
    group = "money"
    summary = _("%(amount)s arrived from %(payer)s, counts from %(counts_on)s")
    tone = "in"
    basis = (CASE_MONEY.art(10), LATE_INTEREST.art(3))
    by = frozenset({Duty.FINANCE})
    stages = MONEY_STAGES
    Input = ReceiveInput

    def initial(self, case: Case) -> dict[str, Any]:
        return {"arrived_on": self.day, "how": ReceiptHow.VOLUNTARY}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.debtor = the_debtor(case, data)
        refuse_a_known_reference(self.court, data["bank_reference"])
        refuse_an_excessive_taking(case, data["how"], data["amount"], data["counts_on"])

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        receipt = Receipt(
            court=self.court,
            case=case,
            payer=data["payer"],
            debtor=self.debtor,
            amount=data["amount"],
            how=data["how"],
            counts_on=data["counts_on"],
            arrived_on=data["arrived_on"],
            bank_reference=data["bank_reference"],
            memo=data["memo"],
            state=ReceiptState.IDENTIFIED,
            claimed_on=self.day,
            notified_on=self.day,
        )
        put_payer_account(receipt, data["payer_account"])
        receipt.save(force_insert=True)
        post_arrival(self.run, receipt)
        open_payout(self, case, receipt)
        recount(case)
        return {
            "receipt": receipt.uid,
            "amount": yuan(receipt.amount),
            "payer": receipt.payer,
            "counts_on": receipt.counts_on,
            "bank_reference": receipt.bank_reference,
        }


class ReceiveUnidentified(Act):
    """Record money whose case is not known (待认领); it stands on its own account until claimed."""

    code = "money.receive-unidentified"
    title = _("Record an unidentified arrival")
    group = "money"
    summary = _("%(amount)s arrived from %(payer)s, case not known")
    tone = "in"
    basis = (CASE_MONEY.whole(), LOCAL_CASE_MONEY.art(6))
    subject = Subject.COURT
    by = frozenset({Duty.FINANCE})
    needs_assignment = False
    Input = ArrivalInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        refuse_a_known_reference(self.court, data["bank_reference"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        receipt = Receipt(
            court=self.court,
            payer=data["payer"],
            amount=data["amount"],
            counts_on=data["arrived_on"],
            arrived_on=data["arrived_on"],
            bank_reference=data["bank_reference"],
            memo=data["memo"],
            state=ReceiptState.UNIDENTIFIED,
        )
        put_payer_account(receipt, data["payer_account"])
        receipt.save(force_insert=True)
        post_arrival(self.run, receipt)
        return {"receipt": receipt.uid, "amount": yuan(receipt.amount), "payer": receipt.payer}


def unidentified_of(context: dict[str, Any]) -> dict[str, str]:
    """Unidentified arrivals of the court as choices of a form: what speaks for the case first, then the
    oldest first."""
    court, case = context.get("court"), context.get("case")
    if court is None:
        return {}
    rows = Receipt.objects.filter(court=court, state=ReceiptState.UNIDENTIFIED)[:MOST_OFFERED]
    likely = [one.receipt for one in suggest_receipts(case)] if case is not None else []
    return {
        str(row.uid): f"{row.arrived_on} {row.payer} {yuan(row.amount)} {row.memo}".strip()
        for row in dict.fromkeys([*likely, *rows])
    }


def the_unidentified(court: Court, uid: str) -> Receipt:
    """The unidentified arrival of a court, locked. Raises ``Refused``."""
    waiting = Receipt.objects.select_for_update().filter(court=court, state=ReceiptState.UNIDENTIFIED)
    try:
        receipt = waiting.filter(uid=UUID(uid)).first()
    except ValueError:
        receipt = None
    if receipt is None:
        raise Refused(
            gettext("This court has no such unidentified arrival; perhaps somebody claimed it meanwhile."),
            LOCAL_CASE_MONEY.art(6),
            field="receipt",
            code="not-unidentified",
        )
    return receipt


class UnidentifiedInput(ActInput):
    """Which unidentified arrival is meant."""

    receipt = LiveChoiceField(choices_of=unidentified_of, label=_("Unidentified arrival"))


class IdentifyInput(UnidentifiedInput, CreditInput):
    """Which unidentified arrival belongs to this case."""


class Identify(Act):
    """Claim an unidentified arrival for this case (认领)."""

    code = "money.identify"
    title = _("Claim an arrival")
    group = "money"
    summary = _("%(amount)s from %(payer)s claimed for this case, counts from %(counts_on)s")
    tone = "in"
    basis = (LOCAL_CASE_MONEY.art(6), CASE_MONEY.art(10), LATE_INTEREST.art(3))
    by = frozenset({Duty.IMPLEMENTER, Duty.FINANCE})
    stages = MONEY_STAGES
    Input = IdentifyInput

    def initial(self, case: Case) -> dict[str, Any]:
        """The arrival that speaks for this case more than any other does; nothing where two are equal."""
        shown = {"how": ReceiptHow.VOLUNTARY}
        likely = suggest_receipts(case)
        clear = likely and (len(likely) == 1 or likely[0].score > likely[1].score)
        return shown | {"receipt": str(likely[0].receipt.uid)} if clear else shown

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.debtor = the_debtor(case, data)
        self.receipt = the_unidentified(self.court, data["receipt"])
        self.counts_on = counted(dict(data), self.receipt.arrived_on)["counts_on"]
        refuse_an_excessive_taking(case, data["how"], self.receipt.amount, self.counts_on)

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        receipt = self.receipt
        earlier = ledger.postings_of(f"identify:{receipt.uid}")
        receipt.case, receipt.debtor, receipt.state = case, self.debtor, ReceiptState.IDENTIFIED
        receipt.how, receipt.counts_on = data["how"], self.counts_on
        receipt.claimed_on = receipt.notified_on = self.day
        receipt.save()
        ledger.post(
            self.run,
            source=f"identify:{receipt.uid}:{earlier + 1}",
            memo=f"{receipt.payer} {receipt.bank_reference}",
            lines=[
                (LedgerAccount.BANK, case, None, receipt.amount),
                (LedgerAccount.BANK, None, None, -receipt.amount),
                (LedgerAccount.UNIDENTIFIED, None, None, receipt.amount),
                (LedgerAccount.TO_DISTRIBUTE, case, self.debtor, -receipt.amount),
            ],
        )
        open_payout(self, case, receipt)
        recount(case)
        return {
            "receipt": receipt.uid,
            "amount": yuan(receipt.amount),
            "payer": receipt.payer,
            "counts_on": receipt.counts_on,
        }
