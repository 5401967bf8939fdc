"""Payment while a suit over a distribution plan is pending: what is undisputed now, the rest held back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from law.money.arithmetic import fen, from_fen
from law.money.distribution import refuse_repeated_ids, shares_of

__all__ = ["DisputedClaim", "HeldBack", "hold_back"]


@dataclass(frozen=True)
class DisputedClaim:
    """A claim in CNY as the plan has it, and as the objection would have it where it is disputed."""

    id: str
    claim: Decimal
    filed_on: date
    claim_as_objected: Decimal | None = None


@dataclass(frozen=True)
class HeldBack:
    """What may be paid while a suit over the plan is pending and what is held back, in CNY.

    ``to_debtor`` is what is left for the debtor whichever side wins.
    """

    plan: Mapping[str, Decimal]
    as_objected: Mapping[str, Decimal]
    pay_now: Mapping[str, Decimal]
    held_back: Decimal
    to_debtor: Decimal


def hold_back(pot: Decimal, claims: Sequence[DisputedClaim]) -> HeldBack:
    """Pay everyone the lesser of both shares and hold the rest back (提存), in CNY.

    Raises :class:`FactError` for repeated ids. Source: 民诉法解释 第五百一十条第三款; how the disputed sum
    is found is a convention.
    """
    refuse_repeated_ids("claims", claims, lambda claim: claim.id)
    whole = fen(pot)
    planned = [fen(claim.claim) for claim in claims]
    objected = [
        fen(claim.claim if claim.claim_as_objected is None else claim.claim_as_objected) for claim in claims
    ]
    plan, other = shares_of(whole, planned, claims), shares_of(whole, objected, claims)
    lesser = [min(pair) for pair in zip(plan, other, strict=True)]
    to_debtor = min(whole - sum(plan), whole - sum(other))

    def by_id(parts: Sequence[int]) -> dict[str, Decimal]:
        return {claim.id: from_fen(part) for claim, part in zip(claims, parts, strict=True)}

    return HeldBack(
        plan=by_id(plan),
        as_objected=by_id(other),
        pay_now=by_id(lesser),
        held_back=from_fen(whole - sum(lesser) - to_debtor),
        to_debtor=from_fen(to_debtor),
    )
