"""Plans that distribute case money (分配方案): drawn up, approved, served, objected to, cancelled."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from directory.models import Duty
from enforcement import ledger
from enforcement.acts.money import MONEY_STAGES
from enforcement.acts.service import RecordService, on_served, to_serve
from enforcement.claims import applicants
from enforcement.distribution import (
    PlannedPot,
    has_undistributed,
    live_plan,
    plan_pot,
    undistributed,
)
from enforcement.engine import Act, ActInput, MoneyField, Refused
from enforcement.engine.act import Run, yuan
from enforcement.ledger import ZERO
from enforcement.models import (
    Case,
    Deadline,
    DeadlineKind,
    Document,
    LedgerAccount,
    Party,
    PartyRole,
    Plan,
    PlanLine,
    PlanState,
    Service,
    ServiceState,
    Stage,
)
from law.citations import (
    CASE_MONEY,
    CPL_INTERPRETATION,
    ENFORCEMENT_PROCEDURE,
    ENFORCEMENT_RULES,
    FEE_MEASURES,
)
from law.deadlines import rule

WRIT = "notice.distribution"
# The writ is made in Chinese with a Tibetan frame; these words stand in its table.
WORDS = {
    "title_costs": "诉讼费用等",
    "general_interest": "一般债务利息",
    "main": "主债务",
    "doubled_interest": "加倍部分债务利息",
}
FEE_LINE = "申请执行费（上缴国库）"
TO_DEBTOR = "余款退还被执行人"


def is_disputable(case: Case) -> bool:
    """Whether several creditors share the pot, so that the plan is served and may be disputed (解释 509)."""
    return len(applicants(case)) > 1


def to_be_served(case: Case) -> list[Party]:
    """Who may object to a plan: creditors and debtors."""
    return [party for party in case.parties.all() if party.role in (PartyRole.APPLICANT, PartyRole.DEBTOR)]


def plan_document(case: Case) -> Document | None:
    """The latest writ of a plan; read from what a page has loaded."""
    made = [document for document in case.documents.all() if document.writ == WRIT]
    return made[-1] if made else None


def served_on(case: Case) -> dict[int, date]:
    """Party id and day of service of the plan in hand."""
    document = plan_document(case)
    return {
        service.party_id: service.served_on
        for service in case.services.all()
        if document is not None
        and service.document_id == document.pk
        and service.state == ServiceState.SERVED
        and service.served_on is not None
    }


def objection_ends(case: Case, run: Run | None = None) -> date | None:
    """Last day on which somebody may object to the plan in hand; ``None`` while somebody is not served."""
    days = served_on(case)
    if any(party.pk not in days for party in to_be_served(case)):
        return None
    calendar = run.effects.calendar if run is not None else None
    return max(rule("money.plan.object").due(day, calendar=calendar).day for day in days.values())


def writ_of(planned: PlannedPot) -> dict[str, Any]:
    """A plan as its writ shows it."""
    names = {LedgerAccount.FEE: FEE_LINE}
    lines = []
    for line in planned.lines:
        name = names.get(line.account) or (line.party.name if line.party else "")
        if line.account == LedgerAccount.REFUND_DEBTOR:
            name = f"{name}（{TO_DEBTOR}）"
        breakdown = {WORDS[part]: amount for part, amount in line.breakdown.items()}
        lines.append({"name": name, "amount": line.amount, "breakdown": breakdown})
    return {"pot": planned.pot, "fee": planned.fee, "lines": lines}


class PlanInput(ActInput):
    """How much of the money is distributed."""

    amount = MoneyField(label=_("To distribute (CNY)"), help_text=_("All that arrived, or a part of it."))


class MakePlan(Act):
    """Distribute case money (分配): fee, creditors in proportion, the rest to the debtor. With several
    creditors the plan is served and nobody is paid before the period for objections has run out."""

    code = "money.plan"
    title = _("Distribution plan")
    group = "money"
    summary = _("Plan for %(pot)s: fee %(fee)s, %(lines)s")
    tone = "in"
    basis = (
        FEE_MEASURES.art(14),
        FEE_MEASURES.art(20),
        ENFORCEMENT_RULES.art(55),
        CPL_INTERPRETATION.art(509),
        ENFORCEMENT_PROCEDURE.art(17),
        CASE_MONEY.art(10),
    )
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.BUREAU_HEAD
    stages = MONEY_STAGES
    writs = (WRIT,)
    Input = PlanInput

    def ready(self, case: Case) -> None:
        if live_plan(case.plans.all()) is not None:
            raise Refused(
                gettext("A plan is being carried out. Finish or cancel it first."),
                ENFORCEMENT_PROCEDURE.art(17),
                code="plan-in-hand",
            )
        if not has_undistributed(case):
            raise Refused(gettext("There is no money to distribute."), CASE_MONEY.art(10), code="no-money")

    def initial(self, case: Case) -> dict[str, Any]:
        return {"amount": self._available(case)}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        available = self._available(case)
        if data["amount"] > available:
            raise Refused(
                gettext("Only %(available)s is there to distribute.") % {"available": yuan(available)},
                CASE_MONEY.art(10),
                field="amount",
                code="more-than-there-is",
            )

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return _said(plan_pot(case, self.day, data["amount"]))

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        return [(WRIT, {"plan": writ_of(plan_pot(case, self.day, data["amount"]))})]

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        planned = plan_pot(case, self.day, data["amount"])
        assert self.run.proposer is not None
        plan = Plan.objects.create(
            case=case,
            pot=planned.pot,
            fee=planned.fee,
            state=PlanState.APPROVED,
            as_of=self.day,
            steps=[step.render() for step in planned.steps],
            proposed_by=self.run.proposer,
            decided_by=self.actor,
            event_id=self.effects.event_id,
        )
        PlanLine.objects.bulk_create(
            PlanLine(
                plan=plan,
                case=case,
                position=position,
                account=line.account,
                party=line.party,
                amount=line.amount,
                breakdown=line.breakdown,
            )
            for position, line in enumerate(planned.lines, 1)
        )
        ledger.post(
            self.run,
            source=f"plan:{plan.uid}",
            memo=f"{case.number} {yuan(plan.pot)}",
            lines=[
                *_debits(case, planned.pot),
                *((line.account, case, line.party, -line.amount) for line in planned.lines),
            ],
        )
        document = self.effects.write(case, WRIT, extra={"plan": writ_of(planned)})
        case.stage = Stage.DISTRIBUTION
        self._clocks(case, plan, document)
        return _said(planned) | {"plan": plan.uid}

    def _available(self, case: Case) -> Decimal:
        return sum((row.amount for row in undistributed(case)), ZERO)

    def _clocks(self, case: Case, plan: Plan, document: Document) -> None:
        """The payout clocks of the receipts go on as one, from the first arrival notice, to pay the plan."""
        running = plan_clocks(case)
        stop_idle_clocks(self, case)
        open_payment(
            self, case, plan.uid, yuan(plan.pot), start=min((one.starts_on for one in running), default=None)
        )
        if is_disputable(case):
            to_serve(self, document, *to_be_served(case))


def plan_clocks(case: Case) -> list[Deadline]:
    """Payout clocks of arrivals that no plan has moved yet."""
    return [
        deadline
        for deadline in case.deadlines.all()
        if deadline.is_open and deadline.rule == "money.pay" and deadline.act == MakePlan.code
    ]


def stop_idle_clocks(act: Act, case: Case) -> None:
    """Once nothing is left to plan, the clocks of the arrivals stop; for a part they keep running."""
    if not undistributed(case):
        for deadline in plan_clocks(case):
            act.effects.stop(case, "money.pay", subject=deadline.subject)


def open_payment(
    act: Act, case: Case, subject: UUID, label: str, *, start: date | None = None, next_act: str = "money.pay"
) -> None:
    """The payout clock of a plan or refund: to order the payment at the bank, or to confirm it."""
    act.effects.open_deadline(
        case, "money.pay", starts_on=start, duty=Duty.FINANCE, act=next_act, subject=subject, label=label
    )


@on_served(WRIT)
def begin_objection_period(act: RecordService, case: Case, service: Service) -> None:
    """Whoever received a plan of several creditors may object within 15 days; until the last of these periods
    has run out the payout clock stands still: the approved plan defers it (解释 509; 款物规定 10)."""
    plan = live_plan(case.plans.all())
    document = plan_document(case)
    if plan is None or document is None or document.pk != service.document_id or not is_disputable(case):
        return
    act.effects.open_deadline(
        case,
        "money.plan.object",
        kind=DeadlineKind.WAIT,
        starts_on=service.served_on,
        duty=Duty.IMPLEMENTER,
        act="money.plan-object",
        subject=service.party.uid,
        label=service.party.name,
        reason=gettext("The parties may object to the distribution plan."),
    )
    end = objection_ends(case, act.run)
    if end is not None:
        act.effects.suspend(
            case, "money.pay", first=plan.as_of + timedelta(days=1), last=end, cause=f"plan {plan.uid}"
        )


def _debits(case: Case, pot: Decimal) -> Iterable[ledger.Posting]:
    """Take the pot from the money of each debtor, in the order of the parties."""
    for row in undistributed(case):
        part = min(pot, row.amount)
        if part:
            yield (LedgerAccount.TO_DISTRIBUTE, case, row.party, part)
            pot -= part


def _said(planned: PlannedPot) -> dict[str, Any]:
    return {
        "pot": yuan(planned.pot),
        "fee": yuan(planned.fee),
        "lines": [
            f"{line.party.name} {yuan(line.amount)}" for line in planned.lines if line.party is not None
        ],
    }
