"""What the answer to a freeze, seal or seizure does (冻结、查封回执): the measure begins, or is corrected."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext

from enforcement import engine, ranks
from enforcement.acts.assets import watch_excess
from enforcement.acts.measures_release import end_measure
from enforcement.acts.measures_taking import open_duties, open_term
from enforcement.engine import Remedy
from enforcement.models import AssetKind, Case, Measure, MeasureState
from law import terms
from linkage.acts.answering import AnswerRequest, effect_of
from linkage.effects.reading import amount_done, period, rank_in
from linkage.models import Outcome, Request

ONE_DAY = date.resolution
HELD = frozenset({Outcome.DONE, Outcome.PART, Outcome.WAITING})


@effect_of("freeze", "seize")
def restrained(act: AnswerRequest, case: Case, request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """A measure in force or waiting, as the holder registered it."""
    if request.asset is None:
        return {}
    earlier = request.measure
    if data["outcome"] not in HELD or _objected(data):
        return _never_held(act, case, request, earlier) if earlier is not None else {}
    amount = amount_done(request, data, "amount_frozen", "amount")
    start, end = period(act, request, data)
    if earlier is not None:
        return _corrected(act, case, request, earlier, amount, start, end, rank_in(data))
    measure = _measure(act, case, request, data, amount, start, end)
    measure.save(force_insert=True)
    request.measure = measure
    request.save(update_fields=["measure"])
    _learn_balance(measure)
    open_term(act, case, measure)
    if case.is_open:
        open_duties(act, case, measure)
    return _said(act, case, measure) | _rank_in_doubt(measure)


def _objected(data: dict[str, Any]) -> bool:
    """An objection of a third person who owes the debtor ends the order without review (执行工作规定 47)."""
    return bool(str(data["facts"].get("objection") or "").strip())


def _measure(
    act: AnswerRequest,
    case: Case,
    request: Request,
    data: dict[str, Any],
    amount: Decimal | None,
    start: date,
    end: date,
) -> Measure:
    rank = rank_in(data)
    ordered = request.ordered_by
    handler = f"（{data['handler']}）" if data["handler"] else ""
    assert request.asset is not None
    assert request.decided_by is not None
    return Measure(
        case=case,
        asset=request.asset,
        kind=engine.act_named(ordered.act).kind,  # type: ignore[attr-defined]  # acts that order measures
        rank=rank,
        amount=amount,
        during=DateRange(start, end + ONE_DAY),
        state=MeasureState.IN_FORCE if rank == 1 else MeasureState.WAITING,
        basis=request.basis,
        remedy=Remedy.OBJECTION.value,
        excess_reason=str(ordered.outcome.get("excess_reason") or ""),
        carried_out_by=f"{request.agency.name}{handler}"[:200],
        ordered_by=ordered,
        proposed_by=request.requested_by,
        decided_by=request.decided_by,
        notice=request.documents.filter(writ__startswith="notice.assist").first(),
    )


def _learn_balance(measure: Measure) -> None:
    """A frozen sum proves that at least so much is there."""
    asset = measure.asset
    is_more = asset.value is None or (measure.amount or 0) > asset.value
    if asset.kind == AssetKind.DEPOSIT and measure.rank == 1 and measure.amount is not None and is_more:
        asset.value, asset.value_source = measure.amount, measure.carried_out_by[:160]
        asset.prior_claims = Decimal("0.00")
        asset.save(update_fields=["value", "value_source", "prior_claims"])


def _rank_in_doubt(measure: Measure) -> dict[str, Any]:
    """The holder's register decides the rank; if courts here recorded otherwise, somebody looks."""
    ranks.hold_rank(measure.asset)
    others = ranks.same_thing(measure.asset).filter(state=MeasureState.IN_FORCE)
    if measure.rank == 1 and others.exists():
        return {"check": gettext("Another case of this system holds rank 1 on it as well.")}
    return {}


def _said(act: AnswerRequest, case: Case, measure: Measure) -> dict[str, Any]:
    return {
        "measure": measure.uid,
        "asset": measure.asset.uid,
        "description": measure.asset.description,
        "amount": measure.amount,
        "rank": measure.rank,
        "from": measure.during.lower,
        "until": measure.last_day,
        "excess": watch_excess(act, case, release="request.lift"),
    }


def _corrected(
    act: AnswerRequest,
    case: Case,
    request: Request,
    measure: Measure,
    amount: Decimal | None,
    start: date,
    end: date,
    rank: int,
) -> dict[str, Any]:
    """Let a measure be what a corrected answer says, unless it moved on meanwhile."""
    moved_on = (
        not measure.is_live
        or Request.objects.filter(measure=measure).exclude(pk=request.pk).exists()
        and (amount, start, end, rank)
        != (measure.amount, measure.during.lower, measure.last_day, measure.rank)
    )
    if moved_on:
        return {"check": gettext("The measure moved on since the first answer; compare both by hand.")}
    measure.amount, measure.rank = amount, rank
    measure.during = DateRange(start, end + ONE_DAY)
    measure.state = MeasureState.IN_FORCE if rank == 1 else MeasureState.WAITING
    measure.save(update_fields=["amount", "rank", "during", "state"])
    act.effects.meet(case, *terms.term_rules(), subject=measure.uid)
    open_term(act, case, measure)
    return _said(act, case, measure) | _rank_in_doubt(measure)


def _never_held(act: AnswerRequest, case: Case, request: Request, measure: Measure) -> dict[str, Any]:
    """A corrected answer says that the thing was never held: the measure ends, with nothing to lift."""
    if not measure.is_live or Request.objects.filter(measure=measure).exclude(pk=request.pk).exists():
        return {"check": gettext("The measure moved on since the first answer; compare both by hand.")}
    end_measure(act, case, measure, f"corrected: {request.number}")
    measure.release_confirmed_on = act.day
    measure.save(update_fields=["release_confirmed_on"])
    return {"measure": measure.uid, "excess": watch_excess(act, case, release="request.lift")}
