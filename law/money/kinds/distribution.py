"""The calculators of distribution."""

from __future__ import annotations

from typing import Any

from law.money import disputes, distribution, sources
from law.money.arithmetic import show, total
from law.money.errors import Errors
from law.money.fields import boolean, choice, day, integer, listing, mapping, money, nested, text
from law.money.kinds.base import Answer, Calculator, amounts
from law.money.sources import Article
from law.steps import Step
from law.steps import mark as _

__all__ = ["CALCULATORS"]

CRIMINAL_TYPES = ("medical", "restitution", "fine", "confiscation")
OF_SECURED = ("asset", "priority", "secured_amount")


def _check(facts: dict[str, Any]) -> None:
    """Refuse facts that contradict each other, whatever the plan would be."""
    errors = Errors()
    criminal = facts.get("criminal", False)
    if facts["mode"] == "seizure_order" and facts["debtor_kind"] != "enterprise_legal_person":
        errors.add(
            "mode",
            _("Only the property of an enterprise is paid out in the order of seizure; choose pro rata."),
        )
    if "living_costs_reserved" in facts and not criminal:
        errors.add(
            "living_costs_reserved",
            _("Living costs are reserved before fines only; remove it or mark the case criminal."),
        )
    for index, claim in enumerate(facts["claims"]):
        path = f"claims[{index}]"
        if claim["type"] in CRIMINAL_TYPES and not criminal:
            errors.add(
                f"{path}.type",
                _("Such a claim exists only beside a criminal judgment; mark the case criminal."),
            )
        if claim["type"] != "secured":
            for name in OF_SECURED:
                if name in claim:
                    errors.add(
                        f"{path}.{name}", _("Only a secured claim has this; remove it or correct the type.")
                    )
        elif claim.get("secured_amount", 0) > claim["title_debt"]:
            errors.add(
                f"{path}.secured_amount",
                _("More is secured than the title debt; give the part of the debt that is secured."),
            )
        if claim["type"] in ("fine", "confiscation") and "doubled_interest" in claim:
            errors.add(
                f"{path}.doubled_interest", _("A fine or confiscation bears no doubled interest; remove it.")
            )
        if "seizure_rank" in claim and facts["mode"] == "pro_rata":
            errors.add(
                f"{path}.seizure_rank",
                _("The plan is pro rata and has no ranks of seizure; remove it or change the mode."),
            )
    errors.raise_if_any()


def _distribution(facts: dict[str, Any]) -> Answer:
    _check(facts)
    audit, bounty = facts.get("audit"), facts.get("bounty")
    plan = distribution.distribute(
        [distribution.Asset(**asset) for asset in facts["assets"]],
        [distribution.Claim(**claim) for claim in facts["claims"]],
        [distribution.Cost(**cost) for cost in facts.get("costs", [])],
        mode=facts["mode"],
        living_costs_reserved=facts.get("living_costs_reserved"),
        audit=distribution.Audit(**audit) if audit else None,
        bounty=distribution.Bounty(**bounty) if bounty else None,
    )
    result: dict[str, Any] = {
        "costs": amounts(plan.costs),
        "paid": amounts(plan.paid),
        "to_debtor": show(plan.to_debtor),
    }
    if plan.kept_for_family is not None:
        result["kept_for_family"] = show(plan.kept_for_family)
    if plan.bounty_paid is not None and plan.bounty_still_due is not None:
        result["bounty_paid"] = show(plan.bounty_paid)
        result["bounty_still_due_from_offeror"] = show(plan.bounty_still_due)
    return Answer(result, plan.steps, _articles(facts))


def _articles(facts: dict[str, Any]) -> list[Article]:
    found = [sources.COSTS_FIRST, sources.ASSET_COSTS]
    if facts["mode"] == "seizure_order":
        found += [sources.BY_SEIZURE, sources.SEVERAL_CREDITORS]
    elif facts["debtor_kind"] == "enterprise_legal_person":
        found.append(sources.SEVERAL_CREDITORS)
    else:
        found.append(sources.PRO_RATA)
    found += [sources.ODD_FEN, sources.DOUBLED_LAST]
    if facts.get("criminal"):
        found += [sources.CRIMINAL_ORDER, sources.CRIMINAL_SHARES]
    if "living_costs_reserved" in facts:
        found.append(sources.LIVING_COSTS_CRIMINAL)
    if "audit" in facts:
        found.append(sources.AUDIT)
    if "bounty" in facts:
        found += [sources.BOUNTY, sources.BOUNTY_BURDEN]
    if "audit" in facts or "bounty" in facts:
        found.append(sources.PAID_FIRST)
    return found


def _distribution_objection(facts: dict[str, Any]) -> Answer:
    errors = Errors()
    if not any("claim_as_objected" in claim for claim in facts["claims"]):
        errors.add("claims", _("No claim is disputed; give the sum as objected for those that are."))
    errors.raise_if_any()
    pot = facts["pot"]
    found = disputes.hold_back(pot, [disputes.DisputedClaim(**claim) for claim in facts["claims"]])
    paid_now = total(found.pay_now.values())

    def listed(shares: dict[str, str]) -> str:
        return ", ".join(f"{id_} {share}" for id_, share in shares.items())

    steps = [
        Step(_("plan: %(shares)s"), {"shares": listed(amounts(found.plan))}),
        Step(_("as objected: %(shares)s"), {"shares": listed(amounts(found.as_objected))}),
    ]
    if found.to_debtor:
        steps.append(Step(_("left for the debtor either way: %(amount)s"), {"amount": show(found.to_debtor)}))
    steps.append(
        Step(
            _("the lesser of the two is paid; held back %(pot)s − %(paid)s = %(held)s"),
            {
                "pot": show(pot - found.to_debtor),
                "paid": show(paid_now),
                "held": show(found.held_back),
            },
        )
    )
    result: dict[str, Any] = {
        "plan": amounts(found.plan),
        "as_objected": amounts(found.as_objected),
        "pay_now": amounts(found.pay_now),
        "held_back": show(found.held_back),
    }
    if found.to_debtor:
        result["to_debtor"] = show(found.to_debtor)
    return Answer(result, steps, (sources.DISPUTED, sources.DISPUTED_SUM, sources.PRO_RATA, sources.ODD_FEN))


CLAIM = (
    text("id", _("Name of the claim")),
    choice(
        "type",
        _("Type"),
        {
            "ordinary": _("ordinary"),
            "secured": _("secured"),
            "medical": _("medical costs of an injury"),
            "restitution": _("restitution to victims"),
            "fine": _("fine"),
            "confiscation": _("confiscation"),
        },
    ),
    money("title_debt", _("Title money at the date of the plan")),
    day("filed_on", _("Applied on"), required=False),
    text("asset", _("Asset that secures it"), required=False),
    integer("priority", _("Priority on the asset"), required=False, minimum=1, maximum=500),
    money("secured_amount", _("Sum secured"), required=False),
    money("doubled_interest", _("Doubled interest"), required=False, zero=True),
    integer("seizure_rank", _("Rank of seizure"), required=False, minimum=1, maximum=500),
)

BY_ID = (text("id", _("Name")), money("amount", _("Amount"), zero=True))

CALCULATORS = (
    Calculator(
        "distribution",
        _("Distribution plan"),
        (
            choice(
                "debtor_kind",
                _("Debtor"),
                {
                    "citizen": _("citizen"),
                    "other_organisation": _("other organisation"),
                    "enterprise_legal_person": _("enterprise legal person"),
                },
            ),
            choice(
                "mode",
                _("Ordinary claims are paid"),
                {"pro_rata": _("pro rata"), "seizure_order": _("in the order of seizure")},
                help=_("An enterprise's creditors under one title are paid pro rata, else by seizure."),
            ),
            listing(
                "assets",
                _("Assets"),
                (text("id", _("Name of the asset")), money("price", _("Price"))),
                least=1,
            ),
            listing("claims", _("Claims"), CLAIM, least=1),
            listing(
                "costs",
                _("Costs"),
                (
                    text("id", _("Name of the cost")),
                    money("amount", _("Amount")),
                    text("asset", _("Asset"), required=False, help=_("Left out: common to all assets.")),
                ),
                required=False,
            ),
            boolean("criminal", _("The debtor is also criminally liable"), required=False),
            money("living_costs_reserved", _("Living costs reserved"), required=False),
            nested(
                "audit",
                _("Audit"),
                (
                    money("amount", _("Amount")),
                    text("advanced_by", _("Claim whose applicant advanced it")),
                    choice(
                        "borne_by",
                        _("Borne by"),
                        {"debtor": _("the debtor"), "applicant": _("the applicant")},
                    ),
                ),
                required=False,
            ),
            nested(
                "bounty",
                _("Bounty"),
                (
                    money("amount", _("Amount")),
                    text("offeror", _("Claim whose applicant offered it")),
                    choice(
                        "burden",
                        _("Borne by"),
                        {"offeror_share": _("the share of that applicant"), "pot": _("the pot")},
                    ),
                ),
                required=False,
            ),
        ),
        (
            mapping("costs", _("Costs"), *BY_ID),
            mapping("paid", _("Paid"), *BY_ID),
            money("to_debtor", _("To the debtor"), zero=True),
            money("kept_for_family", _("Kept for the family"), required=False, zero=True),
            money("bounty_paid", _("Bounty paid"), required=False, zero=True),
            money("bounty_still_due_from_offeror", _("Bounty still due"), required=False, zero=True),
        ),
        _distribution,
    ),
    Calculator(
        "distribution_objection",
        _("Distribution while a suit is pending"),
        (
            money("pot", _("Pot")),
            listing(
                "claims",
                _("Claims"),
                (
                    text("id", _("Name of the claim")),
                    money("claim", _("Claim in the plan")),
                    money("claim_as_objected", _("Claim as objected"), required=False, zero=True),
                    day("filed_on", _("Applied on")),
                ),
                least=1,
            ),
        ),
        (
            mapping("plan", _("Plan"), *BY_ID),
            mapping("as_objected", _("As objected"), *BY_ID),
            mapping("pay_now", _("Paid now"), *BY_ID),
            money("held_back", _("Held back"), zero=True),
            money("to_debtor", _("To the debtor"), required=False, zero=True),
        ),
        _distribution_objection,
    ),
)
