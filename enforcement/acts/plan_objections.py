"""Objections to a distribution plan (对分配方案的异议): what is disputed is held, the rest is paid."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement import ledger
from enforcement.acts.plans import is_disputable, open_payment, plan_document, served_on, to_be_served
from enforcement.acts.service import service_of
from enforcement.distribution import live_plan
from enforcement.engine import Act, ActInput, MoneyField, OfCase, Refused
from enforcement.engine.act import yuan
from enforcement.ledger import ZERO
from enforcement.models import (
    Case,
    DeadlineKind,
    Entry,
    LedgerAccount,
    Line,
    Party,
    PartyRole,
    PaymentState,
    Plan,
    PlanState,
    Stage,
)
from law import clock
from law.citations import CPL_INTERPRETATION, ENFORCEMENT_PROCEDURE
from law.deadlines import rule

OUTCOMES = [
    ("withdrawn", _("The objection was withdrawn")),
    ("unopposed", _("Nobody opposed it: the plan is corrected")),
    ("no-suit", _("Opposed, and no suit was filed in 15 days: the plan stands")),
    ("judgment", _("A judgment decided it")),
]
AS_PLANNED = {"withdrawn", "no-suit"}
TASKS = ("money.plan.oppose", "money.plan.sue")


class ShareInput(ActInput):
    """A sum for one party."""

    party = OfCase("parties", label=_("Party"))
    amount = MoneyField(label=_("Amount (CNY)"), allow_zero=True)


class PlanObjectInput(ActInput):
    """Who objects to the plan and what each creditor should get in their eyes."""

    party = OfCase("parties", label=_("Objector"))
    received_on = serializers.DateField(label=_("Received on"))
    grounds = serializers.CharField(
        label=_("Grounds"), max_length=1000, style={"base_template": "textarea.html"}
    )
    shares = ShareInput(  # type: ignore[call-arg]
        label=_("Shares as the objector wants them"),
        many=True,
        min_length=1,
        max_length=60,
        help_text=_("Creditors that are left out keep their share; what the lesser share leaves is held."),
    )

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        if attrs["received_on"] > clock.today():
            raise serializers.ValidationError({"received_on": [_("It can't be received after today.")]})
        if len({row["party"].pk for row in attrs["shares"]}) < len(attrs["shares"]):
            raise serializers.ValidationError({"shares": [_("Name each party once.")]})
        return attrs


class PlanObject(Act):
    """Record an objection to the plan; the sum in dispute is held back (解释 509, 510)."""

    code = "money.plan-object"
    title = _("Objection to the plan")
    group = "money"
    summary = _("%(party)s objected to the plan; %(held)s is held")
    tone = "bad"
    basis = (CPL_INTERPRETATION.art(509), CPL_INTERPRETATION.art(510), ENFORCEMENT_PROCEDURE.art(17))
    by = frozenset({Duty.IMPLEMENTER})
    stages = frozenset({Stage.DISTRIBUTION})
    Input = PlanObjectInput

    def ready(self, case: Case) -> None:
        plan = live_plan(case.plans.all())
        if plan is None or not is_disputable(case):
            raise Refused(
                gettext("There is no plan among several creditors to object to."),
                CPL_INTERPRETATION.art(509),
                code="no-plan",
            )
        if any(payment.plan_id == plan.pk for payment in case.payments.all()):
            raise Refused(
                gettext("The plan is being paid; the period for objections has run out."),
                CPL_INTERPRETATION.art(509),
                code="too-late",
            )

    def check(self, case: Case, data: dict[str, Any]) -> None:
        if data["party"] not in to_be_served(case):
            raise Refused(
                gettext("Only a creditor or a debtor may object to the plan."),
                CPL_INTERPRETATION.art(509),
                field="party",
            )
        served = served_on(case).get(data["party"].pk)
        if served is not None:
            last = rule("money.plan.object").due(served, calendar=self.effects.calendar).day
            if data["received_on"] > last:
                raise Refused(
                    gettext("%(party)s could object until %(day)s; it came too late.")
                    % {"party": data["party"], "day": last},
                    CPL_INTERPRETATION.art(509),
                    field="received_on",
                    code="too-late",
                )
        if any(row["party"].role != PartyRole.APPLICANT for row in data["shares"]):
            raise Refused(
                gettext("Give the shares of creditors; what they lose in the objector's eyes is held."),
                CPL_INTERPRETATION.art(510),
                field="shares",
            )
        self.held = self._disputed(case, data)
        if not self.held:
            raise Refused(
                gettext(
                    "These shares take nothing from anybody."
                    " Say whose share is disputed, and what it should be."
                ),
                CPL_INTERPRETATION.art(510),
                field="shares",
                code="nothing-disputed",
            )

    def _disputed(self, case: Case, data: dict[str, Any]) -> list[tuple[Party, Decimal]]:
        held = []
        for row in data["shares"]:
            planned = ledger.balance(case, LedgerAccount.CREDITORS, row["party"])
            if planned > row["amount"]:
                held.append((row["party"], planned - row["amount"]))
        return held

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        plan = live_plan(case.plans.all())
        assert plan is not None
        number = ledger.postings_of(f"hold:{plan.uid}") + 1
        total = sum((amount for _party, amount in self.held), ZERO)
        ledger.post(
            self.run,
            source=f"hold:{plan.uid}:{number}",
            memo=data["party"].name,
            lines=[
                *((LedgerAccount.CREDITORS, case, party, amount) for party, amount in self.held),
                (LedgerAccount.HELD, case, None, -total),
            ],
        )
        plan.state = PlanState.OBJECTED
        plan.save(update_fields=["state"])
        self.effects.meet(case, "money.plan.object", subject=data["party"].uid)
        self.effects.open_deadline(
            case,
            "money.plan.oppose",
            kind=DeadlineKind.WAIT,
            duty=Duty.IMPLEMENTER,
            act="money.plan-release",
            subject=plan.uid,
            label=data["party"].name,
            reason=gettext("The other parties may oppose the objection to the plan."),
        )
        return {"party": data["party"].name, "held": yuan(total), "grounds": data["grounds"]}


class PlanReleaseInput(ActInput):
    """How the dispute ended, and who gets what was held."""

    outcome = serializers.ChoiceField(label=_("How it ended"), choices=OUTCOMES)
    shares = ShareInput(  # type: ignore[call-arg]
        label=_("Who gets the held sum"),
        many=True,
        required=False,
        default=list,
        max_length=60,
        help_text=_(
            "Only if the plan is changed; together exactly the held sum. The debtor may be among them."
        ),
    )
    ground = serializers.CharField(
        label=_("Ruling or record it rests on"), max_length=300, style={"base_template": "textarea.html"}
    )


class PlanRelease(Act):
    """End the dispute about a plan and free what was held (解释 510; 执行程序解释 18)."""

    code = "money.plan-release"
    title = _("End the dispute about the plan")
    group = "money"
    summary = _("The dispute about the plan ended (%(outcome)s); %(released)s is free again")
    tone = "in"
    basis = (CPL_INTERPRETATION.art(510), ENFORCEMENT_PROCEDURE.art(18))
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.BUREAU_HEAD
    stages = frozenset({Stage.DISTRIBUTION})
    Input = PlanReleaseInput

    def ready(self, case: Case) -> None:
        if not any(plan.state == PlanState.OBJECTED for plan in case.plans.all()):
            raise Refused(
                gettext("No plan is under objection."), CPL_INTERPRETATION.art(510), code="no-dispute"
            )

    def check(self, case: Case, data: dict[str, Any]) -> None:
        held = ledger.balance(case, LedgerAccount.HELD)
        if data["outcome"] in AS_PLANNED:
            if data["shares"]:
                raise Refused(
                    gettext(
                        "The plan stands, so the held sum goes back to those it was taken from."
                        " Leave the shares empty."
                    ),
                    CPL_INTERPRETATION.art(510),
                    field="shares",
                )
            self.shares = _taken_from(self._plan(case))
            return
        self.shares = [
            (
                LedgerAccount.CREDITORS
                if row["party"].role == PartyRole.APPLICANT
                else LedgerAccount.REFUND_DEBTOR,
                row["party"],
                row["amount"],
            )
            for row in data["shares"]
            if row["amount"]
        ]
        if sum((amount for _account, _party, amount in self.shares), ZERO) != held:
            raise Refused(
                gettext("Together the shares must be the held sum, %(held)s.") % {"held": yuan(held)},
                CPL_INTERPRETATION.art(510),
                field="shares",
                code="not-the-held-sum",
            )

    def _plan(self, case: Case) -> Plan:
        return next(plan for plan in case.plans.all() if plan.state == PlanState.OBJECTED)

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return self._said(data)

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        plan = self._plan(case)
        total = sum((amount for _account, _party, amount in self.shares), ZERO)
        ledger.post(
            self.run,
            source=f"release:{plan.uid}:{ledger.postings_of(f'release:{plan.uid}') + 1}",
            memo=data["ground"],
            lines=[
                (LedgerAccount.HELD, case, None, total),
                *((account, case, party, -amount) for account, party, amount in self.shares),
            ],
        )
        plan.state = PlanState.APPROVED
        plan.save(update_fields=["state"])
        self.effects.meet(case, *TASKS, subject=plan.uid)
        self.effects.stop(case, "money.pay", subject=plan.uid)
        open_payment(self, case, plan.uid, yuan(total))
        return self._said(data)

    def _said(self, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "outcome": str(dict(OUTCOMES)[data["outcome"]]),
            "released": yuan(sum((amount for _account, _party, amount in self.shares), ZERO)),
            "ground": data["ground"],
        }


def _taken_from(plan: Plan) -> list[tuple[LedgerAccount, Party, Decimal]]:
    """From whom sums were held since the plan was last free."""
    freed = Entry.objects.filter(source__startswith=f"release:{plan.uid}").order_by("-pk").first()
    lines = Line.objects.filter(
        entry__source__startswith=f"hold:{plan.uid}", account=LedgerAccount.CREDITORS
    ).select_related("party")
    if freed is not None:
        lines = lines.filter(entry_id__gt=freed.pk)
    return [(LedgerAccount.CREDITORS, line.party, line.amount) for line in lines if line.party is not None]


class PlanCancelInput(ActInput):
    """Why the plan is taken back."""

    reason = serializers.CharField(
        label=_("Reason"), max_length=300, style={"base_template": "textarea.html"}
    )


class PlanCancel(Act):
    """Take back a plan nobody was paid from; its entries are reversed and the money waits for a new one."""

    code = "money.plan-cancel"
    title = _("Cancel the plan")
    group = "money"
    summary = _("The plan for %(pot)s was cancelled: %(reason)s")
    tone = "bad"
    basis = (CPL_INTERPRETATION.art(510), ENFORCEMENT_PROCEDURE.art(18))
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.BUREAU_HEAD
    stages = frozenset({Stage.DISTRIBUTION})
    offered_as_step = False
    Input = PlanCancelInput

    def ready(self, case: Case) -> None:
        plan = live_plan(case.plans.all())
        if plan is None:
            raise Refused(
                gettext("No plan is being carried out."), ENFORCEMENT_PROCEDURE.art(18), code="no-plan"
            )
        paying = [
            payment
            for payment in case.payments.all()
            if payment.plan_id == plan.pk and payment.state != PaymentState.BOUNCED
        ]
        if paying:
            raise Refused(
                gettext("Payments of this plan were ordered; it can't be taken back any more."),
                ENFORCEMENT_PROCEDURE.art(18),
                code="being-paid",
            )

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        plan = live_plan(case.plans.all())
        return {"pot": yuan(plan.pot) if plan else "", "reason": data["reason"]}

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        plan = live_plan(case.plans.all())
        document = plan_document(case)
        assert plan is not None
        assert document is not None
        entries = Entry.objects.filter(source__regex=rf"^(plan|hold|release):{plan.uid}").order_by("-pk")
        for entry in entries:
            ledger.reverse(self.run, entry, memo=data["reason"])
        plan.state = PlanState.CANCELLED
        plan.save(update_fields=["state"])
        self.effects.stop(case, "money.plan.object", *TASKS)
        self.effects.stop(case, "money.pay", subject=plan.uid)
        for party in to_be_served(case):
            self.effects.stop(case, "product.serve", subject=service_of(document, party))
        self.effects.open_deadline(
            case, "money.pay", duty=Duty.IMPLEMENTER, act="money.plan", subject=plan.uid, label=yuan(plan.pot)
        )
        return {"pot": yuan(plan.pot), "reason": data["reason"]}
