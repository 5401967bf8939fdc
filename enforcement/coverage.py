"""The guard against over-seizure (超标的查封): how far measures in force already cover the claim.

Limit L = claim account today + interest expected until disposal + fee; value V = what the measures in force
cover, prior rights taken off; excess = max(0, V − L). Waiting measures (轮候) cover nothing. Money is exact;
things need a reason for any excess (SEIZURE_RULES 19, CPL 253; how L and V are found is a convention, M47).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from enforcement.models import Asset, AssetKind, Case, Measure, MeasureKind, MeasureState
from law import deadlines

ZERO = Decimal("0.00")
# Disposal is expected within the time limit of the case; interest is forecast for at least so many days.
SHORTEST_FORECAST = timedelta(days=30)


@dataclass(frozen=True)
class Coverage:
    """How a claim and the measures for it compare, in CNY. ``due`` is owed today with the fee, ``forecast``
    the interest expected until ``until``."""

    due: Decimal
    forecast: Decimal
    until: date
    value: Decimal

    @property
    def limit(self) -> Decimal:
        return self.due + self.forecast

    @property
    def excess(self) -> Decimal:
        """What is restrained beyond the limit; 0 if nothing is."""
        return max(ZERO, self.value - self.limit)

    @property
    def uncovered(self) -> Decimal:
        """What may still be restrained; 0 if the claim is covered."""
        return max(ZERO, self.limit - self.value)

    def excess_with(self, amount: Decimal) -> Decimal:
        """What a further measure worth ``amount`` would restrain beyond the limit."""
        return max(ZERO, amount - self.uncovered)


def coverage(case: Case, day: date) -> Coverage:
    """Coverage of a case on a day, read from the database."""
    from enforcement.claims import outstanding

    due = outstanding(case, day)
    until = expected_disposal(case, day)
    # Nothing owed, nothing accrues; a forecast must not make up a claim that was paid.
    forecast = max(ZERO, outstanding(case, until) - due) if due > 0 else ZERO
    measures = case.measures.filter(state=MeasureState.IN_FORCE).select_related("asset")
    return Coverage(due=due, forecast=forecast, until=until, value=covered_by_all(measures))


def expected_disposal(case: Case, day: date) -> date:
    """The day until which interest is forecast: the end of the case's time limit, if that is far enough."""
    limit = deadlines.rule("closing.limit").due(case.filed_on).day
    return max(limit, day + SHORTEST_FORECAST)


def covered_by_all(measures: Iterable[Measure]) -> Decimal:
    """What measures cover together; a thing restrained twice counts once."""
    by_asset: dict[int, Decimal] = {}
    for measure in measures:
        by_asset[measure.asset_id] = max(by_asset.get(measure.asset_id, ZERO), covered_by(measure))
    return sum(by_asset.values(), ZERO)


def covered_by(measure: Measure) -> Decimal:
    """What one measure covers in CNY. An order of a sum covers no more than there is; a wage the sum to be
    withheld; a thing its value; what nobody valued covers nothing."""
    if measure.state != MeasureState.IN_FORCE:
        return ZERO
    if measure.asset.kind == AssetKind.WAGE:
        return measure.amount or ZERO
    worth = net_value(measure.asset)
    if measure.kind != MeasureKind.FREEZE or measure.amount is None:
        return worth or ZERO
    return measure.amount if worth is None else min(measure.amount, worth)


def net_value(asset: Asset) -> Decimal | None:
    """Value less prior rights, in CNY; ``None`` if it was not valued."""
    return None if asset.value is None else max(ZERO, asset.value - asset.prior_claims)
