"""The calculators of fees."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from law.money import fees, sources
from law.money.arithmetic import ZERO, plain, show, total
from law.money.fields import boolean, listing, mapping, money, text
from law.money.kinds.base import Answer, Calculator
from law.steps import Step
from law.steps import mark as _

__all__ = ["CALCULATORS"]

POSITIVE = money("amount", _("Amount"))
ANY = money("amount", _("Amount"), zero=True)
FEE_BY_AMOUNT = mapping("fees", _("Fee by amount"), text("amount", _("Amount")), money("fee", "", zero=True))


def _fee_step(amount: Decimal, exactly: Fraction, fee: Decimal) -> Step:
    return Step(
        _("F(%(amount)s) = %(exact)s → %(fee)s"),
        {"amount": show(amount), "exact": plain(exactly), "fee": show(fee)},
    )


def _enforcement_fee(facts: dict[str, Any]) -> Answer:
    found = {amount: fees.enforcement_fee(amount) for amount in facts["amounts"]}
    return Answer(
        {"fees": {show(amount): show(fee) for amount, fee in found.items()}},
        [_fee_step(amount, fees.exact_enforcement_fee(amount), fee) for amount, fee in found.items()],
        (sources.FEE, sources.FEE_WHEN, sources.FEE_BURDEN, sources.ROUNDING),
    )


def _preservation_fee(facts: dict[str, Any]) -> Answer:
    found = {amount: fees.preservation_fee(amount) for amount in facts["amounts"]}
    return Answer(
        {"fees": {show(amount): show(fee) for amount, fee in found.items()}},
        [_fee_step(amount, fees.exact_preservation_fee(amount), fee) for amount, fee in found.items()],
        (sources.PRESERVATION, sources.ROUNDING),
    )


def _fee_without_amount(facts: dict[str, Any]) -> Answer:
    accepted = {amount: fees.fee_without_amount_accepted(amount) for amount in facts["proposed"]}
    steps = [
        Step(
            _("%(amount)s lies within 50.00 to 500.00")
            if lawful
            else _("%(amount)s lies outside 50.00 to 500.00"),
            {"amount": show(amount)},
        )
        for amount, lawful in accepted.items()
    ]
    return Answer(
        {"accepted": {show(amount): lawful for amount, lawful in accepted.items()}}, steps, (sources.FEE,)
    )


def _fee_increments(facts: dict[str, Any]) -> Answer:
    increments = fees.fee_increments(facts["executed"])
    steps, sum_executed, charged = [], ZERO, ZERO
    for receipt, increment in zip(facts["executed"], increments, strict=True):
        sum_executed += receipt
        steps.append(
            Step(
                _("F(%(executed)s) = %(fee)s; less %(charged)s charged before = %(increment)s"),
                {
                    "executed": show(sum_executed),
                    "fee": show(charged + increment),
                    "charged": show(charged),
                    "increment": show(increment),
                },
            )
        )
        charged += increment
    return Answer(
        {"increments": [show(increment) for increment in increments], "total": show(total(increments))},
        steps,
        (sources.FEE, sources.FEE_OF_RECEIPTS, sources.ROUNDING),
    )


def _fee_inside_pot(facts: dict[str, Any]) -> Answer:
    pot = facts["pot"]
    split = fees.fee_inside_pot(pot)
    step = Step(
        _("N + F(N) = %(pot)s → N = %(exact)s → %(claim)s; fee = %(pot)s − %(claim)s = %(fee)s"),
        {
            "pot": show(pot),
            "exact": plain(fees.exact_claim_in_pot(pot)),
            "claim": show(split.to_claim),
            "fee": show(split.fee),
        },
    )
    return Answer(
        {"to_claim": show(split.to_claim), "fee": show(split.fee)},
        [step],
        (sources.FEE, sources.FEE_BURDEN, sources.FEE_INSIDE),
    )


CALCULATORS = (
    Calculator(
        "enforcement_fee",
        _("Enforcement fee"),
        (listing("amounts", _("Sums executed"), POSITIVE, least=1),),
        (FEE_BY_AMOUNT,),
        _enforcement_fee,
    ),
    Calculator(
        "preservation_fee",
        _("Preservation fee"),
        (
            listing(
                "amounts", _("Values preserved"), ANY, least=1, help=_("0.00 where no property is concerned.")
            ),
        ),
        (FEE_BY_AMOUNT,),
        _preservation_fee,
    ),
    Calculator(
        "fee_without_amount",
        _("Enforcement fee where there is no sum"),
        (listing("proposed", _("Proposed fees"), ANY, least=1),),
        (mapping("accepted", _("Lawful"), text("amount", _("Amount")), boolean("lawful", "")),),
        _fee_without_amount,
    ),
    Calculator(
        "fee_increments",
        _("Enforcement fee of successive receipts"),
        (
            listing(
                "executed",
                _("Successive receipts"),
                POSITIVE,
                least=1,
                help=_("Sums executed for the claims, the fee not included."),
            ),
        ),
        (
            listing("increments", _("Fee of each receipt"), ANY),
            money("total", _("Fee in all"), zero=True),
        ),
        _fee_increments,
    ),
    Calculator(
        "fee_inside_pot",
        _("Pot that carries its own fee"),
        (money("pot", _("Pot")),),
        (money("to_claim", _("To the claim"), zero=True), money("fee", _("Fee"), zero=True)),
        _fee_inside_pot,
    ),
)
