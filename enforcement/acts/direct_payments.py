"""Money the debtor paid directly to an applicant (自行给付): it meets the claim and is not the court's."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.acts.money import MONEY_STAGES, the_debtor
from enforcement.claims import claim_account
from enforcement.distribution import recount
from enforcement.engine import Act, ActInput, MoneyField, OfCase, Refused
from enforcement.engine.act import yuan
from enforcement.models import Case, PartyRole, Receipt, ReceiptHow, ReceiptState
from law import clock
from law.citations import CASE_MONEY, CIVIL_CODE, LATE_INTEREST


class DirectInput(ActInput):
    """What the debtor paid to an applicant without the court."""

    creditor = OfCase("parties", only={"role": PartyRole.APPLICANT}, label=_("Paid to the applicant"))
    debtor = OfCase(
        "parties",
        only={"role": PartyRole.DEBTOR},
        label=_("Paid by the debtor"),
        required=False,
        allow_null=True,
        default=None,
    )
    amount = MoneyField(label=_("Amount (CNY)"))
    paid_on = serializers.DateField(label=_("Paid on"))
    confirmed_by_creditor = serializers.BooleanField(
        label=_("The applicant confirmed in the record that it was received"), default=False
    )
    memo = serializers.CharField(
        label=_("Proof"), max_length=200, help_text=_("Where the receipt or record is kept.")
    )

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        if attrs["paid_on"] > clock.today():
            raise serializers.ValidationError({"paid_on": [_("It can't have been paid after today.")]})
        return attrs


class RecordDirect(Act):
    """Record what the debtor paid directly to an applicant: it meets the claim and never touches the court's
    account, so nothing is posted; the enforcement fee on it stays due (F 20)."""

    code = "money.record-direct"
    title = _("Record a direct payment")
    group = "money"
    summary = _("%(debtor)s paid %(amount)s directly to %(creditor)s on %(paid_on)s")
    tone = "in"
    basis = (LATE_INTEREST.art(3), CIVIL_CODE.art(557), CASE_MONEY.whole())
    by = frozenset({Duty.IMPLEMENTER})
    stages = MONEY_STAGES
    Input = DirectInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.debtor = the_debtor(case, data)
        if not data["confirmed_by_creditor"]:
            raise Refused(
                gettext(
                    "A direct payment counts only once the applicant confirmed it."
                    " Take the confirmation into the record first."
                ),
                CASE_MONEY.whole(),
                field="confirmed_by_creditor",
            )
        account = claim_account(case, data["paid_on"])
        owed = next(one.balance.total for one in account.creditors if one.party.pk == data["creditor"].pk)
        if data["amount"] > owed:
            raise Refused(
                gettext(
                    "%(creditor)s was owed %(owed)s on %(day)s. Record at most this sum;"
                    " what was paid beyond it is for the two to settle."
                )
                % {"creditor": data["creditor"], "owed": yuan(owed), "day": data["paid_on"]},
                LATE_INTEREST.art(4),
                field="amount",
                code="more-than-owed",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        receipt = Receipt(
            court=self.court,
            case=case,
            payer=self.debtor.name,
            debtor=self.debtor,
            creditor=data["creditor"],
            amount=data["amount"],
            how=ReceiptHow.DIRECT,
            counts_on=data["paid_on"],
            arrived_on=data["paid_on"],
            memo=data["memo"],
            state=ReceiptState.IDENTIFIED,
            claimed_on=self.day,
        )
        receipt.bank_reference = f"direct:{receipt.uid}"
        receipt.save(force_insert=True)
        recount(case)
        return {
            "receipt": receipt.uid,
            "debtor": self.debtor.name,
            "creditor": data["creditor"].name,
            "amount": yuan(receipt.amount),
            "paid_on": receipt.counts_on,
        }
