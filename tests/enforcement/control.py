"""Assets and measures for tests of control, in words of the domain."""

from decimal import Decimal
from typing import Any

from enforcement import engine
from enforcement.models import Asset, Case, DeadlineState, Measure
from law import clock
from tests.world import World, bank_card

OFFICERS = "implementer、second_implementer"


def record(world: World, case: Case, kind: str = "deposit", **changes: Any) -> Asset:
    """An asset of the case's debtor, as the officer records it."""
    data: dict[str, Any] = {
        "owner": str(case.parties.get(role="debtor").uid),
        "kind": kind,
        "description": f"{kind} 甲",
        "holder": "高原某银行城关支行",
        "found_on": clock.today().isoformat(),
        "source": "网络查控",
    }
    if kind == "deposit":
        data["account_number"] = bank_card()
    done = world.do("asset.record", case, "implementer", **(data | changes))
    return Asset.objects.get(uid=done.outcome["asset"])


def propose(world: World, code: str, case: Case, asset: Asset, **data: Any) -> engine.Result:
    """A measure on an asset, proposed by the officer."""
    return world.do(
        code,
        case,
        "implementer",
        **({"asset": str(asset.uid), "effective_on": clock.today().isoformat(), "officers": OFFICERS} | data),
    )


def take(world: World, code: str, case: Case, asset: Asset, decider: str = "judge", **data: Any) -> Measure:
    """A measure on an asset, proposed and approved."""
    done = world.approve(propose(world, code, case, asset, **data), decider)
    return Measure.objects.get(uid=done.outcome["measure"])


def freeze(world: World, case: Case, amount: str | Decimal = "1000.00", **data: Any) -> Measure:
    """A frozen deposit of its own."""
    asset = data.pop("asset", None) or record(world, case)
    return take(world, "measure.freeze-deposit", case, asset, amount=str(amount), **data)


def release(world: World, case: Case, measure: Measure, ground: str = "wrong", **data: Any) -> engine.Result:
    """A release of a measure, proposed and approved."""
    proposed = world.do(
        "measure.release",
        case,
        "implementer",
        **({"measure": str(measure.uid), "ground": ground, "reason": "案外人合同、付款凭证"} | data),
    )
    done = world.approve(proposed, "judge")
    measure.refresh_from_db()
    return done


def sister_case(world: World, **changes: Any) -> Case:
    """A case of another basic court, assigned to its officer."""
    filed = engine.submit(
        engine.act_named("case.file"), world.sister, world.people["sister_clerk"], world.filing(**changes)
    )
    assert filed.case is not None
    case = Case.objects.get(pk=filed.case.pk)
    world.do("case.assign", case, "sister_head", officer="sister_implementer")
    return case


def running(case: Case, rule: str, **which: Any) -> Any:
    """Open deadlines of one rule."""
    return case.deadlines.filter(rule=rule, state=DeadlineState.OPEN, **which)
