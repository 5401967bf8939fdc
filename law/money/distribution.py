"""Distribution (分配): one debtor's proceeds among costs, priority rights, claims and the debtor.

Money is in whole fen inside this module and ``Decimal`` CNY at its interface.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol

from law.money.arithmetic import ZERO, fen, from_fen, largest_remainders, show
from law.money.errors import FactError
from law.steps import Step
from law.steps import mark as _

__all__ = [
    "Asset",
    "Audit",
    "Bounty",
    "Claim",
    "Cost",
    "Distribution",
    "distribute",
]

CIVIL = ("ordinary", "secured", "medical", "restitution")


@dataclass(frozen=True)
class Asset:
    """Something of the debtor that was turned into money, with its price in CNY."""

    id: str
    price: Decimal


@dataclass(frozen=True)
class Claim:
    """A creditor's claim in CNY; ``title_debt`` is the title money at the date of the plan.

    A secured claim names its ``asset``, its ``priority`` on it (1 is first) and its ``secured_amount``.
    ``seizure_rank`` orders ordinary claims where they are paid in the order of seizure.
    """

    id: str
    type: Literal["ordinary", "secured", "medical", "restitution", "fine", "confiscation"]
    title_debt: Decimal
    filed_on: date | None = None
    asset: str | None = None
    priority: int | None = None
    secured_amount: Decimal | None = None
    doubled_interest: Decimal = ZERO
    seizure_rank: int | None = None


@dataclass(frozen=True)
class Cost:
    """A cost in CNY, taken from its ``asset`` or, common to all, from all assets by price."""

    id: str
    amount: Decimal
    asset: str | None = None


@dataclass(frozen=True)
class Audit:
    """Costs of an audit in CNY that the claim ``advanced_by`` advanced."""

    amount: Decimal
    advanced_by: str
    borne_by: Literal["debtor", "applicant"]


@dataclass(frozen=True)
class Bounty:
    """A reward in CNY for finding property, offered by the applicant of the claim ``offeror``."""

    amount: Decimal
    offeror: str
    burden: Literal["offeror_share", "pot"] = "offeror_share"


@dataclass(frozen=True)
class Distribution:
    """A plan in CNY: everything paid, kept and returned adds up to the prices of the assets.

    ``bounty_paid`` and ``bounty_still_due`` are given where the offering applicant bears the bounty;
    otherwise it stands among the costs.
    """

    costs: Mapping[str, Decimal]
    paid: Mapping[str, Decimal]
    to_debtor: Decimal
    kept_for_family: Decimal | None = None
    bounty_paid: Decimal | None = None
    bounty_still_due: Decimal | None = None
    steps: tuple[Step, ...] = field(default=())


class Ranked(Protocol):
    """Whatever has an id and, perhaps, a day of application: enough to break a tie over an odd fen."""

    @property
    def id(self) -> str: ...

    @property
    def filed_on(self) -> date | None: ...


def shares_of(pot: int, wanted: Sequence[int], claims: Sequence[Ranked]) -> list[int]:
    """Each in full if the pot suffices, else pro rata; odd fen by remainder, size, date of application, id.

    Fen in, fen out; the shares add up to the pot or to what is wanted, whichever is less.
    """
    if sum(wanted) <= pot:
        return list(wanted)
    return largest_remainders(pot, wanted, [(claim.filed_on or date.max, claim.id) for claim in claims])


class _Pot:
    """The proceeds while they are paid out."""

    def __init__(self, assets: Sequence[Asset], claims: Sequence[Claim]) -> None:
        self.left = {asset.id: fen(asset.price) for asset in assets}
        self.prices = dict(self.left)
        self.paid = {claim.id: 0 for claim in claims}
        self.costs: dict[str, int] = {}
        self.steps: list[Step] = []

    @property
    def total(self) -> int:
        return sum(self.left.values())

    def say(self, template: str, **params: str | Step) -> None:
        self.steps.append(Step(template, params))

    def take(self, wanted: int) -> int:
        """Take from all assets in proportion to their prices; what one cannot give the others give."""
        taken = 0
        wanted = min(wanted, self.total)
        while taken < wanted:
            able = [asset for asset, left in self.left.items() if left]
            parts = largest_remainders(wanted - taken, [self.prices[asset] for asset in able])
            for asset, part in zip(able, parts, strict=True):
                given = min(part, self.left[asset])
                self.left[asset] -= given
                taken += given
        return taken

    def pay_cost(self, cost: Cost) -> int:
        """Pay a cost from its own asset first; returns what that asset could not give."""
        wanted = fen(cost.amount)
        if cost.asset is None:
            return wanted
        given = min(wanted, self.left[cost.asset])
        self.left[cost.asset] -= given
        self.costs[cost.id] = self.costs.get(cost.id, 0) + given
        self.say(
            _("cost %(cost)s %(amount)s from %(asset)s"), cost=cost.id, amount=_yuan(given), asset=cost.asset
        )
        return wanted - given

    def pay_rank(self, title: str | Step, claims: Sequence[Claim], owed: Mapping[str, int]) -> None:
        """Pay the claims of one rank from all assets, pro rata if they do not suffice."""
        due = [claim for claim in claims if owed[claim.id]]
        if not due:
            return
        pot, wanted = self.total, [owed[claim.id] for claim in due]
        shares = shares_of(pot, wanted, due)
        self.take(sum(shares))
        for claim, share in zip(due, shares, strict=True):
            self.paid[claim.id] += share
        self.say(
            _("%(rank)s: pot %(pot)s, claims %(claims)s: %(shares)s"),
            rank=title if isinstance(title, Step) else Step(title),
            pot=_yuan(pot),
            claims=_yuan(sum(wanted)),
            shares=", ".join(f"{claim.id} {_yuan(share)}" for claim, share in zip(due, shares, strict=True)),
        )


def _yuan(count: int) -> str:
    return show(from_fen(count))


def distribute(
    assets: Sequence[Asset],
    claims: Sequence[Claim],
    costs: Sequence[Cost] = (),
    *,
    mode: Literal["pro_rata", "seizure_order"] = "pro_rata",
    living_costs_reserved: Decimal | None = None,
    audit: Audit | None = None,
    bounty: Bounty | None = None,
) -> Distribution:
    """Divide the prices of the assets among costs, claims and the debtor, in CNY.

    In this order: costs, medical costs, priority rights on their own asset, restitution, ordinary claims,
    doubled interest, living costs, fines, confiscation, the rest to the debtor. Medical, restitution, fine
    and confiscation claims exist only beside a criminal judgment. What a secured claim does not get from
    its asset joins the ordinary claims. Ordinary claims are paid pro rata or, with
    ``mode="seizure_order"``, by ``seizure_rank``. Doubled interest of all civil claims comes after their
    title debts, by the same method, and is never secured. A bounty is borne by the applicant who offered
    it or by the pot.

    Raises :class:`FactError` for unknown assets or claims, repeated ids, a missing seizure rank and
    incomplete secured claims.

    Source: 民诉法解释 第五百零八、五百一十四条; 执行工作规定 第三十四、五十五条; 刑事涉财产执行规定
    第九、十三条; 财产调查规定 第二十、二十四条.
    """
    _check(assets, claims, costs, mode, audit, bounty)
    pot = _Pot(assets, claims)
    _pay_costs(pot, costs, audit, bounty)
    owed = {claim.id: fen(claim.title_debt) for claim in claims}

    medical = [claim for claim in claims if claim.type == "medical"]
    pot.pay_rank(_("medical costs, pro rata"), medical, owed)
    _pay_secured(pot, [claim for claim in claims if claim.type == "secured"], owed)
    pot.pay_rank(_("restitution, pro rata"), [claim for claim in claims if claim.type == "restitution"], owed)
    ordinary = [claim for claim in claims if claim.type in ("ordinary", "secured")]
    civil = [claim for claim in claims if claim.type in CIVIL]
    doubled = {claim.id: fen(claim.doubled_interest) for claim in claims}
    if mode == "seizure_order":
        for rank, members in _by_rank(ordinary, owed, claims):
            title = Step(_("ordinary claims, seizure rank %(rank)s"), {"rank": str(rank)})
            pot.pay_rank(title, members, owed)
        for rank, members in _by_rank(civil, doubled, claims):
            title = Step(_("doubled interest, seizure rank %(rank)s"), {"rank": str(rank)})
            pot.pay_rank(title, members, doubled)
    else:
        pot.pay_rank(_("ordinary claims, pro rata"), ordinary, owed)
        pot.pay_rank(_("doubled interest, pro rata"), civil, doubled)

    kept = None
    if living_costs_reserved is not None:
        kept = from_fen(pot.take(fen(living_costs_reserved)))
        pot.say(_("kept for the living costs of the debtor and the family: %(amount)s"), amount=show(kept))
    pot.pay_rank(_("fines, pro rata"), [claim for claim in claims if claim.type == "fine"], owed)
    pot.pay_rank(
        _("confiscation, pro rata"), [claim for claim in claims if claim.type == "confiscation"], owed
    )

    bounty_paid = bounty_due = None
    if bounty is not None and bounty.burden == "offeror_share":
        bounty_paid, bounty_due = _charge_offeror(pot, bounty)
    if pot.total:
        pot.say(_("balance to the debtor %(amount)s"), amount=_yuan(pot.total))
    return Distribution(
        costs={id_: from_fen(amount) for id_, amount in pot.costs.items()},
        paid={id_: from_fen(amount) for id_, amount in pot.paid.items()},
        to_debtor=from_fen(pot.total),
        kept_for_family=kept,
        bounty_paid=bounty_paid,
        bounty_still_due=bounty_due,
        steps=tuple(pot.steps),
    )


def _pay_costs(pot: _Pot, costs: Sequence[Cost], audit: Audit | None, bounty: Bounty | None) -> None:
    """Costs of one asset from it, the rest from all assets by price; pro rata if even they do not suffice."""
    every = list(costs)
    if audit is not None and audit.borne_by == "debtor":
        every.append(Cost("audit", audit.amount))
        pot.say(
            _("the audit is borne by the debtor: %(amount)s back to %(claim)s, who advanced it"),
            amount=show(audit.amount),
            claim=audit.advanced_by,
        )
    elif audit is not None:
        pot.say(
            _("the audit is borne by the applicant: %(amount)s stay with %(claim)s, who advanced it"),
            amount=show(audit.amount),
            claim=audit.advanced_by,
        )
    if bounty is not None and bounty.burden == "pot":
        every.append(Cost("bounty", bounty.amount))
    pot.costs = {cost.id: 0 for cost in every}
    common = [pot.pay_cost(cost) for cost in every]
    given = common if sum(common) <= pot.total else largest_remainders(pot.total, common)
    for cost, wanted, part in zip(every, common, given, strict=True):
        if wanted:
            pot.take(part)
            pot.costs[cost.id] += part
            pot.say(_("cost %(cost)s %(amount)s"), cost=cost.id, amount=_yuan(part))


def _pay_secured(pot: _Pot, secured: Sequence[Claim], owed: dict[str, int]) -> None:
    """Pay priority rights from their own assets, by priority; what stays in ``owed`` joins the ordinary."""
    places = sorted({(claim.priority or 0, claim.asset or "") for claim in secured})
    for priority, asset in places:
        rank = [claim for claim in secured if (claim.priority or 0, claim.asset or "") == (priority, asset)]
        wanted = [min(owed[claim.id], fen(claim.secured_amount or ZERO)) for claim in rank]
        shares = shares_of(pot.left[asset], wanted, rank)
        for claim, share in zip(rank, shares, strict=True):
            pot.left[asset] -= share
            pot.paid[claim.id] += share
            owed[claim.id] -= share
            pot.say(
                _(
                    "priority %(priority)s %(claim)s: %(amount)s from %(asset)s, "
                    "%(rest)s of it joins the ordinary claims"
                ),
                priority=str(priority),
                claim=claim.id,
                amount=_yuan(share),
                asset=asset,
                rest=_yuan(owed[claim.id]),
            )


def _by_rank(
    members: Iterable[Claim], owed: Mapping[str, int], claims: Sequence[Claim]
) -> list[tuple[int, list[Claim]]]:
    """The claims that are owed something, in the order of seizure; claims of one rank share pro rata."""
    ranks: dict[int, list[Claim]] = {}
    for claim in members:
        if not owed[claim.id]:
            continue
        if claim.seizure_rank is None:
            raise FactError(
                f"claims[{claims.index(claim)}].seizure_rank",
                _("Claims are paid in the order of seizure; give the rank of this claim."),
            )
        ranks.setdefault(claim.seizure_rank, []).append(claim)
    return sorted(ranks.items())


def _charge_offeror(pot: _Pot, bounty: Bounty) -> tuple[Decimal, Decimal]:
    """Take the bounty out of the share of the applicant who offered it; he owes what the share lacks."""
    wanted = fen(bounty.amount)
    given = min(wanted, pot.paid[bounty.offeror])
    pot.paid[bounty.offeror] -= given
    pot.say(
        _("bounty %(given)s out of the share of %(claim)s, %(due)s still due from that applicant"),
        given=_yuan(given),
        claim=bounty.offeror,
        due=_yuan(wanted - given),
    )
    return from_fen(given), from_fen(wanted - given)


def _check(
    assets: Sequence[Asset],
    claims: Sequence[Claim],
    costs: Sequence[Cost],
    mode: str,
    audit: Audit | None,
    bounty: Bounty | None,
) -> None:
    known_assets = refuse_repeated_ids("assets", assets, lambda asset: asset.id)
    known_claims = refuse_repeated_ids("claims", claims, lambda claim: claim.id)
    own = {"audit"} if audit else set()
    own |= {"bounty"} if bounty else set()
    for index, cost in enumerate(costs):
        if cost.asset is not None and cost.asset not in known_assets:
            raise FactError(f"costs[{index}].asset", _("No asset has this id; use one of the assets given."))
        if cost.id in own:
            raise FactError(
                f"costs[{index}].id", _("This id is taken by the audit or the bounty; choose another.")
            )
    refuse_repeated_ids("costs", costs, lambda cost: cost.id)
    for index, claim in enumerate(claims):
        if claim.type == "secured":
            if claim.asset not in known_assets:
                raise FactError(
                    f"claims[{index}].asset", _("No asset has this id; use one of the assets given.")
                )
            if claim.priority is None:
                raise FactError(
                    f"claims[{index}].priority", _("A secured claim needs its priority on the asset.")
                )
            if claim.secured_amount is None:
                raise FactError(
                    f"claims[{index}].secured_amount", _("A secured claim needs the sum secured.")
                )
        elif claim.type == "ordinary" and mode == "seizure_order" and claim.seizure_rank is None:
            raise FactError(
                f"claims[{index}].seizure_rank",
                _("Claims are paid in the order of seizure; give the rank of this claim."),
            )
    if audit and audit.advanced_by not in known_claims:
        raise FactError("audit.advanced_by", _("No claim has this id; use one of the claims given."))
    if bounty and bounty.offeror not in known_claims:
        raise FactError("bounty.offeror", _("No claim has this id; use one of the claims given."))


def refuse_repeated_ids(name: str, rows: Sequence[object], key: Callable[..., str]) -> set[str]:
    seen: set[str] = set()
    for index, row in enumerate(rows):
        if key(row) in seen:
            raise FactError(f"{name}[{index}].id", _("Two rows have this id; give each its own."))
        seen.add(key(row))
    return seen
