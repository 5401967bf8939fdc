"""Where a party's money goes (收款账户): the account recorded for them, and what else is known."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.distribution import live_plan
from enforcement.engine import Act, ActInput, OfCase, Refused, SealedField
from enforcement.engine.history import mask
from enforcement.models import (
    OPEN_STAGES,
    Balance,
    Case,
    LedgerAccount,
    Party,
    PaymentState,
    ProposalState,
    Receipt,
)
from law import identity
from law.citations import CASE_MONEY

TREASURY = "国库"
PAYING = ("money.pay", "money.refund")


class PayeeAccountInput(ActInput):
    """Where a party's money goes."""

    party = OfCase("parties", label=_("Party"))
    holder = serializers.CharField(
        label=_("Account holder"),
        max_length=120,
        help_text=_("The party, or whom the party empowered in writing."),
    )
    bank = serializers.CharField(label=_("Bank"), max_length=120)
    account = SealedField(kind="account", label=_("Account"), max_length=34)
    note = serializers.CharField(
        label=_("Why it is changed"),
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html"},
        help_text=_("Needed if the holder is not the party, or once a plan was approved."),
    )

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        try:
            attrs["account"] = identity.check_account(attrs["account"])
        except identity.IdentityError as error:
            raise serializers.ValidationError({"account": [error.sentence.render(gettext)]}) from error
        return attrs


class PayeeAccount(Act):
    """Record or replace the account a party is paid on (收款账户); sealed, shown masked."""

    code = "party.payee-account"
    title = _("Payee account")
    group = "money"
    summary = _("Payee account of %(party)s: %(bank)s %(account)s")
    basis = (CASE_MONEY.whole(),)
    by = frozenset({Duty.IMPLEMENTER, Duty.FILING_CLERK})
    stages = OPEN_STAGES
    Input = PayeeAccountInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        party = data["party"]
        waiting = case.proposals.filter(state=ProposalState.OPEN, act__in=PAYING)
        if waiting.exists():
            raise Refused(
                gettext("A payment to the account known so far awaits its decision; have it decided first."),
                CASE_MONEY.whole(),
                code="payment-proposed",
            )
        if data["note"].strip():
            return
        if data["holder"] != party.name:
            raise Refused(
                gettext(
                    "The holder is not %(party)s. Say on what power of attorney"
                    " the money goes to somebody else."
                )
                % {"party": party},
                CASE_MONEY.whole(),
                field="note",
                code="other-holder",
            )
        if party.account_mask and live_plan(case.plans.all()) is not None:
            raise Refused(
                gettext("A plan was approved with the account known so far. Say why it is changed now."),
                CASE_MONEY.whole(),
                field="note",
                code="after-approval",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        party = data["party"]
        before = party.account_mask
        party.account_holder, party.account_bank = data["holder"], data["bank"]
        party.account_number = data["account"]
        party.account_mask = mask("account", data["account"])
        party.save(update_fields=["account_holder", "account_bank", "account_sealed", "account_mask"])
        return {
            "party": party.name,
            "bank": party.account_bank,
            "account": party.account_mask,
            "before": before,
            "note": data["note"],
        }


def payee_of(case: Case, row: Balance) -> tuple[str, str, str] | None:
    """Name, bank and account a payable balance goes to; ``None`` if no account is known.

    The fee goes to the treasury by the court's own order. A debtor's refund may go back to the account they
    paid from; a payer's refund goes nowhere else.
    """
    if row.account == LedgerAccount.FEE:
        return TREASURY, "", ""
    if row.party is not None and row.party.account_mask:
        return row.party.account_holder or row.party.name, row.party.account_bank, row.party.account_number
    if row.account == LedgerAccount.REFUND_DEBTOR and row.party is not None:
        own = _paid_from(case, row.party)
        return (row.party.name, "", own.payer_account) if own is not None else None
    if row.account == LedgerAccount.REFUND_PAYER:
        returned = case.payments.filter(account=row.account, state=PaymentState.BOUNCED).last()
        return (returned.payee, returned.payee_bank, returned.payee_account) if returned else None
    return None


def _paid_from(case: Case, debtor: Party) -> Receipt | None:
    """The last receipt a debtor paid from an account of their own."""
    receipts = [
        receipt
        for receipt in case.receipts.all()
        if receipt.debtor_id == debtor.pk and receipt.payer == debtor.name and receipt.payer_account_mask
    ]
    return receipts[-1] if receipts else None
