"""Ways to bring money into a case of the test world and out of it again, always by acts."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from enforcement import engine, ledger
from enforcement.acts.plans import plan_document, to_be_served
from enforcement.models import Case, DeadlineKind, DeadlineState, PaymentState, Receipt
from law import clock
from tests.world import World, bank_card, return_of_service

_references = count(1)


def fact(name: str, **changes: Any) -> dict[str, Any]:
    """What a bank statement says of an arrival today."""
    return {
        "amount": "1000.00",
        "payer": name,
        "payer_account": bank_card(),
        "arrived_on": clock.today().isoformat(),
        "bank_reference": f"REF{next(_references)}",
    } | changes


def arrive(world: World, case: Case, amount: str, **changes: Any) -> Receipt:
    """Record an arrival from the debtor on a case."""
    data = fact("旦增乙", amount=amount, **changes)
    result = world.do("money.receive", case, "finance", **data)
    return Receipt.objects.get(uid=result.outcome["receipt"])


def arrive_unidentified(world: World, amount: str, **changes: Any) -> Receipt:
    result = world.do(
        "money.receive-unidentified", world.court, "finance", **fact("某人", amount=amount, **changes)
    )
    return Receipt.objects.get(uid=result.outcome["receipt"])


def decided(
    world: World, code: str, case: Case, proposer: str, decider: str = "head", **data: Any
) -> engine.Result:
    """An act proposed by one person and approved by another."""
    result = world.approve(world.do(code, case, proposer, **data), decider)
    case.refresh_from_db()
    return result


def planned(world: World, case: Case, amount: str | None = None) -> Any:
    """An approved plan for all that arrived."""
    amount = amount or str(sum(row.amount for row in ledger.balances(case, ["2020"])))
    decided(world, "money.plan", case, "implementer", amount=amount)
    return case.plans.last()


def serve(world: World, case: Case, document: Any, party: Any, day: date | None = None) -> None:
    """Hand a writ to a party today."""
    when = (day or clock.today()).isoformat()
    world.do(
        "service.record",
        case,
        "implementer",
        document=str(document.uid),
        party=str(party.uid),
        method="direct",
        state="served",
        sent_on=when,
        served_on=when,
        received_by=party.name,
        proof=return_of_service(),
    )


def serve_plan(world: World, case: Case) -> None:
    for party in to_be_served(case):
        serve(world, case, plan_document(case), party)


def ordered(world: World, case: Case) -> list[Any]:
    """Payment orders for everything payable."""
    total = sum(row.amount for row in ledger.balances(case, ["2110", "2120", "2180", "2190"]))
    decided(world, "money.pay", case, "finance", total=str(total))
    return list(case.payments.filter(state=PaymentState.ORDERED))


def confirmed(world: World, case: Case) -> None:
    """The bank pays everything ordered."""
    for payment in case.payments.filter(state=PaymentState.ORDERED):
        world.do(
            "money.confirm",
            case,
            "finance",
            payment=str(payment.uid),
            bank_reference=f"PAID{payment.pk}",
            settled_on=clock.today().isoformat(),
        )


def noticed(world: World, case: Case) -> Case:
    """Notice to perform and report order issued and served on every debtor."""
    world.do("notice.issue", case, "implementer", report_days="10", contact="0891-0000000")
    for document in case.documents.all():
        serve(world, case, document, document.party)
    return case


def moving(case: Case) -> list[str]:
    """What keeps a case from standing still: rules of its open tasks and waits."""
    kinds = (DeadlineKind.TASK, DeadlineKind.WAIT)
    return list(
        case.deadlines.filter(state=DeadlineState.OPEN, kind__in=kinds).values_list("rule", flat=True)
    )


def day(number: int) -> str:
    """The day a number of days from today, as a form writes it."""
    return (clock.today() + timedelta(days=number)).isoformat()


def amounts(case: Case) -> dict[str, str]:
    """Balances of a case by account, the bank left out."""
    found: dict[str, Any] = {}
    for row in ledger.balances(case):
        if row.account != "1010":
            found[row.account] = found.get(row.account, 0) + row.amount
    return {account: str(amount) for account, amount in found.items()}
