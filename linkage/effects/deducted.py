"""What the answer to a deduction does (扣划回执): the money is on the ledger, once, and less is frozen."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from enforcement import ranks
from enforcement.acts.assets import watch_excess
from enforcement.acts.measures_release import end_measure
from enforcement.acts.money import MONEY_STAGES, Receive, refuse_an_excessive_taking
from enforcement.acts.release_all import watch_paid
from enforcement.coverage import ZERO
from enforcement.engine import Refused, Run, on
from enforcement.engine.act import yuan
from enforcement.models import Asset, Case, Measure, MeasureState, Receipt, ReceiptHow, ReceiptState
from law import clock
from law.citations import CASE_MONEY, CPL, CPL_INTERPRETATION
from linkage.acts.answering import AnswerRequest, effect_of
from linkage.acts.deducting import held_by
from linkage.effects.reading import amount_done, first_day, refuse_more_than_ordered
from linkage.models import Answer, AnswerState, Outcome, Request

AMOUNTS = ("amount_deducted", "amount_withdrawn", "amount", "net")
DAYS = ("deducted_at", "paid_at", "at", "settled_on")
TAKEN = frozenset({Outcome.DONE, Outcome.PART})
LONGEST_REFERENCE = 60


@effect_of("deduct", "dispose")
def deducted(act: AnswerRequest, case: Case, request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """Book what was taken: each transfer of the bank once, all together within what was ordered. An answer
    that names no transfer books the rest of a part, or is compared by hand."""
    asset = request.asset
    if asset is None:
        return {}
    booked = booked_for(request)
    if data["outcome"] not in TAKEN:
        return {"check": _differs(booked, ZERO)} if booked else {}
    amount = amount_done(request, data, *AMOUNTS)
    if amount is None:
        return {}
    day = first_day(data["facts"], *DAYS) or clock.legal_day(data["handled_at"])
    _refuse_day(act, request, day)
    reference = _reference(data)
    arrived = Receipt.objects.filter(court=act.court, bank_reference=reference).exclude(
        state=ReceiptState.CORRECTED
    )
    known = arrived.first()
    if known is not None:
        return _known(case, request, known, amount)
    if booked and not (_bank_reference(data) or _is_rest(request)):
        return {"check": _differs(booked, amount)}
    refuse_more_than_ordered(request, amount + booked)
    return _book(act, case, request, asset, data, amount=amount, day=day, reference=reference)


def booked_for(request: Request) -> Decimal:
    """What was booked on the ledger for a request so far, in CNY."""
    rows = Receipt.objects.filter(
        case_id=request.case_id, memo__startswith=request.number, state=ReceiptState.IDENTIFIED
    )
    return sum((row.amount for row in rows), ZERO)


def _is_rest(request: Request) -> bool:
    """Whether the answer before this one said that a part was still to come."""
    before = Answer.objects.filter(request=request, state=AnswerState.SUPERSEDED).order_by("-id").first()
    return before is not None and before.outcome == Outcome.PART


def _reference(data: dict[str, Any]) -> str:
    return (_bank_reference(data) or data["number"])[:LONGEST_REFERENCE]


def _bank_reference(data: dict[str, Any]) -> str:
    """The bank's number of the transfer: two numbers are two transfers."""
    facts = data["facts"]
    return str(facts.get("bank_txn_no") or facts.get("txn_no") or "").strip()


def _refuse_day(act: AnswerRequest, request: Request, day: date) -> None:
    if not clock.legal_day(request.issued_at) <= day <= act.day:
        raise Refused(
            gettext("It can have been deducted from %(day)s, the day of the order, until today.")
            % {"day": clock.legal_day(request.issued_at)},
            CPL.art(253),
            field="facts",
            code="day",
        )


def _differs(booked: Decimal, said: Decimal) -> str:
    return gettext(
        "%(booked)s stands on the ledger for it, the answer says %(said)s; compare both by hand."
    ) % {
        "booked": yuan(booked),
        "said": yuan(said),
    }


def _known(case: Case, request: Request, receipt: Receipt, amount: Decimal) -> dict[str, Any]:
    """Money whose bank reference is on the ledger is never booked twice."""
    said = {"receipt_uid": receipt.uid, "amount": yuan(amount), "booked": False}
    if receipt.case_id == case.pk and receipt.amount == amount:
        return said
    return said | {
        "check": gettext("Bank reference %(reference)s stands for another arrival; compare both by hand.")
        % {"reference": receipt.bank_reference}
    }


def _book(
    act: AnswerRequest,
    case: Case,
    request: Request,
    asset: Asset,
    data: dict[str, Any],
    *,
    amount: Decimal,
    day: date,
    reference: str,
) -> dict[str, Any]:
    if case.stage not in MONEY_STAGES:
        raise Refused(
            gettext("The case takes no money at this stage (%(stage)s); nothing may be deducted for it.")
            % {"stage": case.get_stage_display()},
            CASE_MONEY.whole(),
            field="request",
            code="stage",
        )
    measure = held_by(asset)
    if measure is not None and measure.amount is not None and amount > measure.amount:
        raise Refused(
            gettext("%(amount)s is more than the %(frozen)s that is frozen.")
            % {"amount": yuan(amount), "frozen": yuan(measure.amount)},
            (CPL.art(253), CPL_INTERPRETATION.art(484)),
            field="facts",
            code="more-than-frozen",
        )
    how = ReceiptHow.AUCTION if request.matter.request_kind == "dispose" else ReceiptHow.DEDUCTION
    refuse_an_excessive_taking(case, how, amount, day)
    money = Receive(act.run)
    money.debtor = asset.owner
    arrival = money.perform(
        case,
        {
            "amount": amount,
            "payer": request.agency.name,
            "payer_account": "",
            "how": how,
            "counts_on": day,
            "arrived_on": day,
            "bank_reference": reference,
            "memo": f"{request.number} {asset.description}"[:200],
        },
    )
    _lower(act, case, request, asset, measure, amount)
    return {
        "receipt_uid": arrival["receipt"],
        "amount": arrival["amount"],
        "counts_on": day,
        "bank_reference": reference,
        "booked": True,
        "excess": watch_excess(act, case, release="request.lift"),
    }


def _lower(
    act: AnswerRequest,
    case: Case,
    request: Request,
    asset: Asset,
    measure: Measure | None,
    amount: Decimal,
) -> None:
    """What was taken is neither there nor frozen any more; a freeze of nothing is over."""
    if asset.value is not None:
        asset.value = max(ZERO, asset.value - amount)
        asset.value_source = f"{request.matter.name_zh} {request.number}"[:160]
        asset.save(update_fields=["value", "value_source"])
    if measure is None or measure.amount is None:
        return
    measure.asset = asset
    measure.amount -= amount
    measure.save(update_fields=["amount"])
    if not measure.amount:
        was_in_force = measure.state == MeasureState.IN_FORCE
        end_measure(act, case, measure, f"deducted: {request.number}")
        measure.release_confirmed_on = act.day
        measure.save(update_fields=["release_confirmed_on"])
        if was_in_force:
            ranks.tell_waiting(act.effects, measure)


@on("request.answer")
def watch_paid_by_deduction(run: Run, outcome: dict[str, Any]) -> None:
    """A deduction that pays the debt in full opens the duty to lift the rest (SEIZURE_RULES 28(4))."""
    if outcome.get("booked") or outcome.get("measures"):
        watch_paid(run, outcome)


on("request.lift")(watch_paid)
