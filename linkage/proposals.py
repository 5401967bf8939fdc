"""Turning hits into freezes (以查定冻): the smallest set of accounts that covers what is still needed.

A proposal with its arithmetic; a judge decides. Amounts in CNY.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from enforcement.coverage import ZERO, coverage, net_value
from enforcement.models import Asset, AssetKind, Case, PartyKind
from law.money.arithmetic import show
from law.steps import Step
from law.steps import mark as _
from linkage.acts.ordering import pending_orders, pending_value


@dataclass(frozen=True)
class Account:
    """An account as it was reported. ``available`` is what may be frozen of it, ``owner`` whose it is;
    ``keeps_living`` for a person, who is left what living costs. Something that can't be divided is frozen as
    a whole or not at all."""

    key: str
    available: Decimal
    owner: str = ""
    keeps_living: bool = False
    is_indivisible: bool = False


@dataclass(frozen=True)
class Proposal:
    """How much of which account to freeze, in CNY, in the order they were taken; and why."""

    need: Decimal
    amounts: dict[str, Decimal]
    steps: tuple[Step, ...]

    @property
    def total(self) -> Decimal:
        return sum(self.amounts.values(), ZERO)

    @property
    def missing(self) -> Decimal:
        """What no account covers."""
        return max(ZERO, self.need - self.total)


def smallest_set(accounts: Sequence[Account], need: Decimal, kept: Decimal = ZERO) -> Proposal:
    """The fewest accounts that cover ``need`` together; all of them if they do not.

    ``kept`` stays free for each person's living, on the person's largest accounts. The largest accounts are
    taken first, which gives the fewest; the last is the smallest that still completes the sum. Of a sum of
    money no more is frozen than is needed.
    """
    steps: list[Step] = []
    free = _leave_living(accounts, kept, steps)
    usable = sorted((one for one in free if one.available > ZERO), key=_largest_first)
    chosen = _fewest(usable, need)
    amounts: dict[str, Decimal] = {}
    left = need
    for one in sorted(chosen, key=lambda one: (not one.is_indivisible, *_largest_first(one))):
        amounts[one.key] = one.available if one.is_indivisible else min(one.available, left)
        left -= amounts[one.key]
        if not amounts[one.key] or amounts[one.key] < ZERO:
            del amounts[one.key]
            continue
        steps.append(
            Step(
                _("of %(available)s freeze %(amount)s; still needed: %(left)s"),
                {
                    "available": show(one.available),
                    "amount": show(amounts[one.key]),
                    "left": show(max(ZERO, left)),
                },
            )
        )
    return Proposal(need, amounts, tuple(steps))


def _largest_first(one: Account) -> tuple[Decimal, str]:
    return (-one.available, one.key)


def _fewest(usable: list[Account], need: Decimal) -> list[Account]:
    """The fewest of the accounts, which stand largest first, that cover the need; all if they do not."""
    chosen: list[Account] = []
    covered = ZERO
    for place, one in enumerate(usable):
        if covered >= need:
            break
        enough = [other for other in usable[place:] if covered + other.available >= need]
        # The first that is enough alone ends the set; the smallest of those leaves the larger ones free.
        taken = enough[-1] if enough else one
        chosen.append(taken)
        covered += taken.available
    return chosen


def _leave_living(accounts: Iterable[Account], kept: Decimal, steps: list[Step]) -> list[Account]:
    """What may be frozen of each account once every person is left what living costs."""
    owed = {one.owner: kept for one in accounts if one.keeps_living and kept > ZERO}
    found: list[Account] = []
    for one in sorted(accounts, key=_largest_first):
        left = min(owed.get(one.owner, ZERO), max(ZERO, one.available)) if one.keeps_living else ZERO
        if left:
            owed[one.owner] -= left
            steps.append(
                Step(
                    _("of %(available)s stay %(kept)s for living"),
                    {"available": show(one.available), "kept": show(left)},
                )
            )
        found.append(Account(one.key, one.available - left, one.owner, one.keeps_living, one.is_indivisible))
    return found


def freezable(case: Case) -> list[Asset]:
    """Deposits of a case with a reported balance that nothing restrains and no order is about."""
    held = {measure.asset_id for measure in case.measures.all() if measure.is_live}
    held |= {one.asset_id for one in pending_orders(case) if one.asset_id is not None}
    return [
        asset
        for asset in case.assets.select_related("owner")
        if asset.kind == AssetKind.DEPOSIT and asset.pk not in held and (net_value(asset) or ZERO) > ZERO
    ]


def proposal_for(case: Case, day: date, kept: Decimal = ZERO) -> Proposal:
    """Freezes for what is owed on a day with the fee, less what measures and orders on their way cover.

    ``kept`` stays free for each person's living.
    """
    known, pending = coverage(case, day), pending_value(pending_orders(case))
    need = max(ZERO, known.due - known.value - pending)
    first = Step(
        _("needed: %(due)s owed with the fee − %(covered)s covered − %(pending)s ordered = %(need)s"),
        {
            "due": show(known.due),
            "covered": show(known.value),
            "pending": show(pending),
            "need": show(need),
        },
    )
    accounts = [
        Account(
            str(asset.uid),
            net_value(asset) or ZERO,
            owner=str(asset.owner.uid),
            keeps_living=asset.owner.kind == PartyKind.PERSON,
        )
        for asset in freezable(case)
    ]
    found = smallest_set(accounts, need, kept)
    return Proposal(found.need, found.amounts, (first, *found.steps))
