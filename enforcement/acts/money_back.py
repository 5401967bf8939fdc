"""Money that goes back (退款) and records that were wrong (更正): never edited, always reversed."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement import ledger
from enforcement.acts.money import MONEY_STAGES, UnidentifiedInput, the_debtor, the_unidentified
from enforcement.acts.payees import payee_of
from enforcement.acts.paying import order_payment
from enforcement.acts.plans import open_payment, stop_idle_clocks
from enforcement.distribution import recount, surplus
from enforcement.engine import Act, ActInput, LiveChoiceField, MoneyField, OfCase, Refused, Subject
from enforcement.engine.act import yuan
from enforcement.models import (
    OPEN_STAGES,
    Balance,
    Case,
    Entry,
    LedgerAccount,
    Party,
    PartyRole,
    Receipt,
    ReceiptHow,
    ReceiptState,
)
from law import clock
from law.citations import CASE_MONEY, DECISION_2011, ENFORCEMENT_RULES


class RefundInput(ActInput):
    """To whom money of this case goes back."""

    to = serializers.ChoiceField(
        label=_("Back to"),
        choices=[
            ("debtor", _("The debtor: more was paid than is owed")),
            ("payer", _("The payer: paid by mistake")),
        ],
    )
    receipt = OfCase(
        "receipts",
        only={"state": ReceiptState.IDENTIFIED},
        label=_("Arrival"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("For a payer: the arrival that goes back whole, to the account it came from."),
    )
    debtor = OfCase(
        "parties",
        only={"role": PartyRole.DEBTOR},
        label=_("Debtor"),
        required=False,
        allow_null=True,
        default=None,
    )
    amount = MoneyField(label=_("Amount (CNY)"), required=False, allow_null=True, default=None)
    reason = serializers.CharField(
        label=_("Reason"), max_length=300, style={"base_template": "textarea.html"}
    )


class Refund(Act):
    """Send money back (退还案款): what exceeds claim and fee to the debtor, a mistaken payment to the account
    it came from. Ordered at the bank at once; two people decide."""

    code = "money.refund"
    title = _("Refund")
    group = "money"
    summary = _("%(amount)s goes back to %(payee)s: %(reason)s")
    basis = (ENFORCEMENT_RULES.art(34), CASE_MONEY.whole())
    by = frozenset({Duty.IMPLEMENTER, Duty.FINANCE})
    decided_by = Duty.BUREAU_HEAD
    stages = MONEY_STAGES
    Input = RefundInput

    def ready(self, case: Case) -> None:
        if not any(receipt.state == ReceiptState.IDENTIFIED for receipt in case.receipts.all()):
            raise Refused(gettext("No money arrived on this case."), CASE_MONEY.whole(), code="no-money")

    def check(self, case: Case, data: dict[str, Any]) -> None:
        if data["to"] == "payer":
            self._check_payer(case, data)
        else:
            self._check_debtor(case, data)

    def _check_payer(self, case: Case, data: dict[str, Any]) -> None:
        receipt = data["receipt"]
        if receipt is None or receipt.how == ReceiptHow.DIRECT:
            raise Refused(gettext("Choose the arrival that goes back."), CASE_MONEY.whole(), field="receipt")
        if not receipt.payer_account_mask:
            raise Refused(
                gettext(
                    "The account it came from is not known, and it may go to no other."
                    " Ask the bank for it and correct the arrival."
                ),
                CASE_MONEY.whole(),
                field="receipt",
                code="no-payer-account",
            )
        refuse_unless_undistributed(case, receipt)
        self.debtor, self.amount = receipt.debtor, receipt.amount
        self.account = LedgerAccount.REFUND_PAYER
        self.party: Party | None = None
        self.payee = (receipt.payer, "", receipt.payer_account)

    def _check_debtor(self, case: Case, data: dict[str, Any]) -> None:
        self.debtor = self.party = the_debtor(case, data)
        free = min(surplus(case, self.day), ledger.balance(case, LedgerAccount.TO_DISTRIBUTE, self.debtor))
        self.amount = data["amount"] or free
        if not self.amount or self.amount > free:
            raise Refused(
                gettext("Beyond claim and fee, %(free)s of this money is %(debtor)s's.")
                % {"free": yuan(free), "debtor": self.debtor},
                ENFORCEMENT_RULES.art(34),
                field="amount",
                code="not-over-paid",
            )
        self.account = LedgerAccount.REFUND_DEBTOR
        payee = payee_of(case, Balance(account=self.account, party=self.debtor, amount=self.amount))
        if payee is None:
            raise Refused(
                gettext("No payee account is known of %(names)s. Record it with “Payee account” first.")
                % {"names": self.debtor},
                CASE_MONEY.whole(),
                code="no-payee-account",
            )
        self.payee = payee

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return {"amount": yuan(self.amount), "payee": self.payee[0], "reason": data["reason"]}

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        subject = data["receipt"].uid if data["to"] == "payer" else self.debtor.uid
        number = ledger.postings_of(f"refund:{subject}") + 1
        ledger.transfer(
            self.run,
            source=f"refund:{subject}:{number}",
            memo=data["reason"],
            debit=(LedgerAccount.TO_DISTRIBUTE, case, self.debtor),
            credit=(self.account, case, self.party),
            amount=self.amount,
        )
        row = Balance(account=self.account, party=self.party, amount=self.amount)
        payment = order_payment(self, case, row, self.payee)
        if data["to"] == "payer":
            data["receipt"].state = ReceiptState.RETURNED
            data["receipt"].save(update_fields=["state"])
            recount(case)
        stop_idle_clocks(self, case)
        open_payment(
            self, case, payment.uid, f"{payment.payee} {yuan(payment.amount)}", next_act="money.confirm"
        )
        return self.propose_summary(case, data) | {"payment": payment.uid}


def refuse_unless_undistributed(case: Case, receipt: Receipt) -> None:
    """Raise ``Refused`` if a plan or refund has moved this money on."""
    if ledger.balance(case, LedgerAccount.TO_DISTRIBUTE, receipt.debtor) < receipt.amount:
        raise Refused(
            gettext(
                "This money is in a plan or was refunded. Cancel the plan first;"
                " what was paid out must be asked back."
            ),
            CASE_MONEY.whole(),
            field="receipt",
            code="distributed-already",
        )


class CorrectInput(ActInput):
    """Which record was wrong, and how."""

    receipt = OfCase("receipts", only={"state": ReceiptState.IDENTIFIED}, label=_("Arrival"))
    mistake = serializers.ChoiceField(
        label=_("What is wrong"),
        choices=[
            ("case", _("It belongs to another case: unidentified again")),
            ("record", _("It was recorded wrongly: taken back, to be recorded anew")),
        ],
    )
    reason = serializers.CharField(
        label=_("Reason"), max_length=300, style={"base_template": "textarea.html"}
    )


class Correct(Act):
    """Take back a wrong record of money by the opposite entry (冲正); nothing is edited."""

    code = "money.correct"
    title = _("Correct an arrival")
    group = "money"
    summary = _("The arrival of %(amount)s from %(payer)s was taken back: %(reason)s")
    tone = "bad"
    basis = (CASE_MONEY.whole(),)
    by = frozenset({Duty.FINANCE, Duty.IMPLEMENTER})
    decided_by = Duty.BUREAU_HEAD
    stages = OPEN_STAGES
    offered_as_step = False
    Input = CorrectInput

    def ready(self, case: Case) -> None:
        if not any(receipt.state == ReceiptState.IDENTIFIED for receipt in case.receipts.all()):
            raise Refused(gettext("No money arrived on this case."), CASE_MONEY.whole(), code="no-money")

    def check(self, case: Case, data: dict[str, Any]) -> None:
        receipt = data["receipt"]
        if receipt.how == ReceiptHow.DIRECT:
            if data["mistake"] == "case":
                raise Refused(
                    gettext(
                        "A direct payment never reached the court. Take the record back,"
                        " then record it on the other case."
                    ),
                    CASE_MONEY.whole(),
                    field="mistake",
                )
            return
        refuse_unless_undistributed(case, receipt)

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        receipt = data["receipt"]
        return {"amount": yuan(receipt.amount), "payer": receipt.payer, "reason": data["reason"]}

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        receipt: Receipt = data["receipt"]
        said = self.propose_summary(case, data)
        self.effects.stop(case, "money.pay", subject=receipt.uid)
        if receipt.how == ReceiptHow.DIRECT:
            receipt.state = ReceiptState.CORRECTED
            receipt.save(update_fields=["state"])
            recount(case)
            return said
        identified = ledger.standing_entry(f"identify:{receipt.uid}")
        arrived = ledger.standing_entry(f"arrive:{receipt.uid}")
        assert arrived is not None
        if identified is not None:
            ledger.reverse(self.run, identified, memo=data["reason"])
        if data["mistake"] == "record":
            ledger.reverse(self.run, arrived, memo=data["reason"])
            receipt.state = ReceiptState.CORRECTED
            receipt.save(update_fields=["state"])
        else:
            if identified is None:
                self._make_unidentified(case, receipt, arrived, data["reason"])
            receipt.case = receipt.debtor = None
            receipt.state, receipt.how = ReceiptState.UNIDENTIFIED, ""
            receipt.counts_on = receipt.arrived_on
            receipt.claimed_on = receipt.notified_on = None
            receipt.save()
        stop_idle_clocks(self, case)
        recount(case)
        return said

    def _make_unidentified(self, case: Case, receipt: Receipt, arrived: Entry, reason: str) -> None:
        """Money recorded on a case at once: its entry is reversed, and it arrives as unidentified."""
        ledger.reverse(self.run, arrived, memo=reason)
        ledger.transfer(
            self.run,
            source=f"arrive:{receipt.uid}:unidentified",
            memo=f"{receipt.payer} {receipt.bank_reference}",
            debit=(LedgerAccount.BANK, None, None),
            credit=(LedgerAccount.UNIDENTIFIED, None, None),
            amount=receipt.amount,
        )


class ReturnInput(UnidentifiedInput):
    """Which unidentified arrival goes back."""

    reason = serializers.CharField(
        label=_("Reason"), max_length=300, style={"base_template": "textarea.html"}
    )


class Return(Act):
    """Order that unidentified money goes back to the account it came from. The head of the bureau orders,
    a finance officer carries it out (``money.confirm-return``): two people, though no case is known on which
    one could propose to the other."""

    code = "money.return"
    title = _("Return unidentified money")
    group = "money"
    summary = _("%(amount)s goes back to %(payer)s: %(reason)s")
    basis = (CASE_MONEY.whole(), DECISION_2011.art("三"))
    subject = Subject.COURT
    by = frozenset({Duty.BUREAU_HEAD})
    needs_assignment = False
    Input = ReturnInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        self.receipt = the_unidentified(self.court, data["receipt"])
        if not self.receipt.payer_account_mask:
            raise Refused(
                gettext(
                    "The account it came from is not known, and it may go to no other."
                    " Ask the bank for it first."
                ),
                CASE_MONEY.whole(),
                field="receipt",
                code="no-payer-account",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        receipt = self.receipt
        receipt.state = ReceiptState.RETURNED
        receipt.save(update_fields=["state"])
        for source, debit, credit in (
            ("refund", LedgerAccount.UNIDENTIFIED, LedgerAccount.REFUND_PAYER),
            ("pay", LedgerAccount.REFUND_PAYER, LedgerAccount.IN_TRANSIT),
        ):
            ledger.transfer(
                self.run,
                source=f"{source}:{receipt.uid}",
                memo=data["reason"],
                debit=(debit, None, None),
                credit=(credit, None, None),
                amount=receipt.amount,
            )
        return {
            "receipt": receipt.uid,
            "amount": yuan(receipt.amount),
            "payer": receipt.payer,
            "account": receipt.payer_account_mask,
            "reason": data["reason"],
        }


def returns_under_way(context: dict[str, Any]) -> dict[str, str]:
    """Returned arrivals of the court that the bank has not confirmed, as choices of a form."""
    court = context.get("court")
    if court is None:
        return {}
    return {
        str(row.uid): f"{row.payer} {yuan(row.amount)} {row.payer_account_mask}"
        for row in Receipt.objects.filter(court=court, case=None, state=ReceiptState.RETURNED)
        if ledger.standing_entry(f"paid:{row.uid}") is None
    }


class ConfirmReturnInput(ActInput):
    """What the bank's receipt says."""

    receipt = LiveChoiceField(choices_of=returns_under_way, label=_("Returned arrival"))
    bank_reference = serializers.CharField(label=_("Bank reference"), max_length=60)
    settled_on = serializers.DateField(label=_("Paid on"))


class ConfirmReturn(Act):
    """Record that the bank sent unidentified money back, by another person than who ordered it."""

    code = "money.confirm-return"
    title = _("Confirm the return of money")
    group = "money"
    summary = _("%(amount)s was sent back to %(payer)s (%(bank_reference)s)")
    basis = (CASE_MONEY.whole(), DECISION_2011.art("三"))
    subject = Subject.COURT
    by = frozenset({Duty.FINANCE})
    needs_assignment = False
    Input = ConfirmReturnInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        if data["receipt"] not in returns_under_way({"court": self.court}):
            raise Refused(
                gettext("This court has no such return under way."),
                CASE_MONEY.whole(),
                field="receipt",
                code="no-return",
            )
        self.receipt = Receipt.objects.get(court=self.court, uid=data["receipt"])
        ordered = ledger.standing_entry(f"pay:{self.receipt.uid}")
        assert ordered is not None
        if ordered.event.actor_id == self.actor.pk:
            raise Refused(
                gettext("Whoever ordered the return can't confirm it; another person must."),
                DECISION_2011.art("三"),
                code="four-eyes",
            )
        if not ordered.legal_day <= data["settled_on"] <= clock.today():
            raise Refused(
                gettext("The bank paid between the day of the order (%(day)s) and today.")
                % {"day": ordered.legal_day},
                CASE_MONEY.art(10),
                field="settled_on",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        ledger.transfer(
            self.run,
            source=f"paid:{self.receipt.uid}",
            memo=data["bank_reference"],
            debit=(LedgerAccount.IN_TRANSIT, None, None),
            credit=(LedgerAccount.BANK, None, None),
            amount=self.receipt.amount,
        )
        return {
            "amount": yuan(self.receipt.amount),
            "payer": self.receipt.payer,
            "bank_reference": data["bank_reference"],
            "settled_on": data["settled_on"],
        }
