"""Paying case money out (发放案款): orders to the bank, their confirmation or return."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement import ledger
from enforcement.acts.money import MONEY_STAGES
from enforcement.acts.payees import payee_of
from enforcement.acts.plans import is_disputable, objection_ends, open_payment
from enforcement.claims import claim_account
from enforcement.distribution import PAYABLE, has_undistributed, live_plan, payables, recount
from enforcement.engine import Act, ActInput, MoneyField, OfCase, Refused
from enforcement.engine.act import yuan
from enforcement.engine.history import mask
from enforcement.models import (
    Balance,
    Case,
    LedgerAccount,
    PaymentOrder,
    PaymentState,
    PlanState,
)
from law import clock
from law.citations import CASE_MONEY, CPL_INTERPRETATION, FEE_MEASURES


def order_payment(
    act: Act, case: Case, row: Balance, payee: tuple[str, str, str], **options: Any
) -> PaymentOrder:
    """Order the bank to pay a balance: the money is in transit until the bank confirms or returns it."""
    assert act.run.proposer is not None
    payment = PaymentOrder(
        case=case,
        account=row.account,
        party=row.party,
        payee=payee[0],
        payee_bank=payee[1],
        amount=row.amount,
        state=PaymentState.ORDERED,
        ordered_on=act.day,
        ordered_by=act.run.proposer,
        **options,
    )
    payment.payee_account = payee[2]
    payment.payee_account_mask = mask("account", payee[2]) if payee[2] else ""
    payment.save(force_insert=True)
    ledger.transfer(
        act.run,
        source=f"pay:{payment.uid}",
        memo=payment.payee,
        debit=(LedgerAccount(row.account), case, row.party),
        credit=(LedgerAccount.IN_TRANSIT, case, row.party),
        amount=row.amount,
    )
    return payment


class PayInput(ActInput):
    """The sum of what is paid, so that what was proposed and what is approved are the same."""

    total = MoneyField(label=_("To pay in all (CNY)"))


class Pay(Act):
    """Order the bank to pay what a plan or refund gave (付款指令): finance orders, the head of the bureau
    approves. Nothing leaves before the objections to a plan of several creditors could be raised."""

    code = "money.pay"
    title = _("Order payment")
    group = "money"
    summary = _("Ordered at the bank: %(payments)s")
    tone = "in"
    basis = (CASE_MONEY.art(10), CPL_INTERPRETATION.art(509), FEE_MEASURES.art(20))
    by = frozenset({Duty.FINANCE})
    decided_by = Duty.BUREAU_HEAD
    stages = MONEY_STAGES
    Input = PayInput

    def ready(self, case: Case) -> None:
        plan = live_plan(case.plans.all())
        bounced = any(payment.state == PaymentState.BOUNCED for payment in case.payments.all())
        if plan is None and not bounced:
            raise Refused(
                gettext("Nothing was approved for payment."), CASE_MONEY.art(10), code="nothing-to-pay"
            )
        if plan is None or not is_disputable(case):
            return
        end = objection_ends(case, self.run)
        if end is None:
            raise Refused(
                gettext("The plan must first be served on every creditor and debtor."),
                CPL_INTERPRETATION.art(509),
                code="plan-not-served",
            )
        if self.day <= end:
            raise Refused(
                gettext("The parties may object to the plan until %(day)s; pay after that day.")
                % {"day": end},
                CPL_INTERPRETATION.art(509),
                code="plan-open-to-objection",
            )

    def initial(self, case: Case) -> dict[str, Any]:
        return {"total": sum((row.amount for row in payables(case)), ledger.ZERO)}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.rows = payables(case)
        if not self.rows:
            raise Refused(gettext("There is nothing left to pay."), CASE_MONEY.art(10), code="nothing-to-pay")
        total = sum((row.amount for row in self.rows), ledger.ZERO)
        if data["total"] != total:
            raise Refused(
                gettext("What is to be paid is %(total)s now. Look at it again and order that sum.")
                % {"total": yuan(total)},
                CASE_MONEY.art(10),
                field="total",
                code="not-what-is-payable",
            )
        self.payees = [payee_of(case, row) for row in self.rows]
        missing = [
            str(row.party or row.get_account_display())
            for row, payee in zip(self.rows, self.payees, strict=True)
            if payee is None
        ]
        if missing:
            raise Refused(
                gettext("No payee account is known of %(names)s. Record it with “Payee account” first.")
                % {"names": "、".join(missing)},
                CASE_MONEY.whole(),
                code="no-payee-account",
            )

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return {"payments": self._said()}

    def _said(self) -> list[str]:
        return [
            f"{payee[0]} {yuan(row.amount)}"
            for row, payee in zip(self.rows, self.payees, strict=True)
            if payee is not None
        ]

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        plan = live_plan(case.plans.all())
        subjects = []
        for row, payee in zip(self.rows, self.payees, strict=True):
            assert payee is not None
            payment = order_payment(self, case, row, payee, plan=plan)
            subjects.append(payment.uid)
        running = [
            deadline
            for deadline in case.deadlines.all()
            if deadline.is_open and deadline.rule == "money.pay" and deadline.act == self.code
        ]
        start = min((deadline.starts_on for deadline in running), default=self.day)
        self.effects.meet(case, "money.plan.object")
        for deadline in running:
            self.effects.stop(case, "money.pay", subject=deadline.subject)
        for uid, row, payee in zip(subjects, self.rows, self.payees, strict=True):
            label = f"{payee[0] if payee else ''} {yuan(row.amount)}"
            open_payment(self, case, uid, label, start=start, next_act="money.confirm")
        return {"payments": self._said()}


class ConfirmInput(ActInput):
    """What the bank's receipt says."""

    payment = OfCase("payments", only={"state": PaymentState.ORDERED}, label=_("Payment"))
    bank_reference = serializers.CharField(label=_("Bank reference"), max_length=60)
    settled_on = serializers.DateField(label=_("Paid on"))


class Confirm(Act):
    """Record that the bank paid an order (付款回单)."""

    code = "money.confirm"
    title = _("Confirm a payment")
    group = "money"
    summary = _("%(amount)s was paid to %(payee)s (%(bank_reference)s)")
    tone = "in"
    basis = (CASE_MONEY.art(10),)
    by = frozenset({Duty.FINANCE})
    stages = MONEY_STAGES
    Input = ConfirmInput

    def ready(self, case: Case) -> None:
        refuse_without_orders(case)

    def initial(self, case: Case) -> dict[str, Any]:
        ordered = [one for one in case.payments.all() if one.state == PaymentState.ORDERED]
        ordered.sort(key=lambda one: (str(one.uid) != self.about, one.pk))
        return {"payment": ordered[0].uid, "settled_on": self.day} if ordered else {}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        if not data["payment"].ordered_on <= data["settled_on"] <= clock.today():
            raise Refused(
                gettext("The bank paid between the day of the order (%(day)s) and today.")
                % {"day": data["payment"].ordered_on},
                CASE_MONEY.art(10),
                field="settled_on",
            )
        reused = PaymentOrder.objects.filter(
            case__court=self.court, bank_reference=data["bank_reference"], state=PaymentState.CONFIRMED
        )
        if reused.exists():
            raise Refused(
                gettext("Another payment was confirmed with this bank reference."),
                CASE_MONEY.whole(),
                field="bank_reference",
                code="recorded-already",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        payment: PaymentOrder = data["payment"]
        payment.state, payment.settled_on = PaymentState.CONFIRMED, data["settled_on"]
        payment.bank_reference = data["bank_reference"]
        payment.save(update_fields=["state", "settled_on", "bank_reference"])
        ledger.transfer(
            self.run,
            source=f"paid:{payment.uid}",
            memo=data["bank_reference"],
            debit=(LedgerAccount.IN_TRANSIT, case, payment.party),
            credit=(LedgerAccount.BANK, case, None),
            amount=payment.amount,
        )
        recount(case)
        self.effects.meet(case, "money.pay", subject=payment.uid)
        self._finish(case)
        self.effects.notify(
            [case.implementer],
            "money.paid",
            case=case,
            tone="in",
            amount=yuan(payment.amount),
            payee=payment.payee,
        )
        return {
            "payment": payment.uid,
            "amount": yuan(payment.amount),
            "payee": payment.payee,
            "bank_reference": payment.bank_reference,
            "settled_on": payment.settled_on,
        }

    def _finish(self, case: Case) -> None:
        """The last payment ends the plan; a claim that is met goes on to closing."""
        waiting = ledger.balances(case, (*PAYABLE, LedgerAccount.HELD, LedgerAccount.IN_TRANSIT))
        if waiting:
            return
        plan = live_plan(case.plans.all())
        if plan is not None:
            plan.state = PlanState.PAID
            plan.save(update_fields=["state"])
        account = claim_account(case, self.day)
        if not account.owed and not account.fee_due and not has_undistributed(case):
            self.effects.open_deadline(
                case, "product.next-step", duty=Duty.IMPLEMENTER, act="case.close-performed"
            )


def refuse_without_orders(case: Case) -> None:
    """Raise ``Refused`` unless a payment is in transit."""
    if not any(payment.state == PaymentState.ORDERED for payment in case.payments.all()):
        raise Refused(gettext("No payment is under way."), CASE_MONEY.art(10), code="no-payment")


class BounceInput(ActInput):
    """Which payment came back, and why."""

    payment = OfCase("payments", only={"state": PaymentState.ORDERED}, label=_("Payment"))
    reason = serializers.CharField(label=_("What the bank says"), max_length=200)


class Bounce(Act):
    """Record that the bank returned a payment (退汇); the money is payable again."""

    code = "money.bounce"
    title = _("Payment returned by the bank")
    group = "money"
    summary = _("The bank returned %(amount)s for %(payee)s: %(reason)s")
    tone = "bad"
    basis = (CASE_MONEY.art(10),)
    by = frozenset({Duty.FINANCE})
    stages = MONEY_STAGES
    offered_as_step = False
    Input = BounceInput

    def ready(self, case: Case) -> None:
        refuse_without_orders(case)

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        payment: PaymentOrder = data["payment"]
        payment.state = PaymentState.BOUNCED
        payment.save(update_fields=["state"])
        ledger.transfer(
            self.run,
            source=f"bounce:{payment.uid}",
            memo=data["reason"],
            debit=(LedgerAccount.IN_TRANSIT, case, payment.party),
            credit=(LedgerAccount(payment.account), case, payment.party),
            amount=payment.amount,
        )
        subject = payment.plan.uid if payment.plan else payment.uid
        self.effects.stop(case, "money.pay", subject=payment.uid)
        open_payment(self, case, subject, f"{payment.payee} {yuan(payment.amount)}")
        self.effects.notify(
            [case.implementer],
            "money.bounced",
            case=case,
            tone="bad",
            amount=yuan(payment.amount),
            payee=payment.payee,
        )
        return {"amount": yuan(payment.amount), "payee": payment.payee, "reason": data["reason"]}
