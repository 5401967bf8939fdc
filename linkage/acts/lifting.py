"""Lifting what went through agencies (协助解除): one lift for one or many orders, open until each holder has
confirmed that it was carried out."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.acts.assets import watch_excess
from enforcement.acts.measures_release import GROUNDS, ReleaseMeasure, tells_holders
from enforcement.acts.measures_taking import serve_ruling
from enforcement.acts.measures_term import HOLDING_STAGES
from enforcement.coverage import ZERO, coverage, covered_by
from enforcement.engine import Act, ActInput, MoneyField, Refused
from enforcement.engine.act import yuan
from enforcement.models import Case, Measure, MeasureKind
from enforcement.writs.declarations import writ_named
from law import linkage
from law.citations import EQUITY_RULES, NETWORK_FREEZE, SEIZURE_RULES
from linkage.acts.base import ANSWER_RULE, ONE_DAY, Draft, issue
from linkage.acts.inquiring import LiveChoicesField
from linkage.acts.ordering import RESTRAINING, TAKING, addressee, order_behind
from linkage.acts.recalling import withdraw_clocks
from linkage.models import WAITING_STATES, Lift, Outcome, Request, RequestState

#: Matters that undo others; what has none is undone under its own matter.
RELEASES = {
    "BANK-FRZ-DEP": "BANK-REL",
    "BANK-FRZ-WAIT": "BANK-REL",
    "HOUSE-PRESALE-FUND": "BANK-REL",
    "BANK-DEDUCT": "BANK-REL",
    "BANK-INCOME": "BANK-REL",
    "SEC-FRZ": "SEC-REL",
    "SEC-FRZ-CASH": "SEC-REL",
    "LAND-SEAL": "LAND-UNSEAL",
    "LAND-SEAL-WAIT": "LAND-UNSEAL",
    "LAND-PRESEAL": "LAND-UNSEAL",
}
LIFTABLE_KINDS = RESTRAINING | TAKING | {"restrict"}
CARRIED_OUT = (Outcome.DONE, Outcome.PART, Outcome.WAITING)


def liftable(case: Case) -> list[Request]:
    """Orders of a case that bind somebody and that no lift undoes yet: carried out, or still on their way."""
    rows = (
        Request.objects.filter(case=case, undoes=None, undone_by=None)
        .exclude(ordered_by__act="request.renew")
        .select_related("agency", "asset__owner", "measure__asset__owner", "party")
        .order_by("id")
    )
    return [one for one in rows if one.matter.request_kind in LIFTABLE_KINDS and _binds(one)]


def _binds(one: Request) -> bool:
    if one.state in WAITING_STATES:
        return one.measure_id is None or one.measure is not None and one.measure.is_live
    if one.state == RequestState.RECALLED or one.outcome not in CARRIED_OUT:
        return False
    if one.matter.request_kind == "restrict":
        return True
    return one.matter.request_kind in RESTRAINING and one.measure is not None and one.measure.is_live


def liftable_of(context: dict[str, Any]) -> dict[str, str]:
    """What can be lifted, as choices of a form."""
    case = context.get("case")
    return {} if case is None else {str(one.uid): _named(one) for one in liftable(case)}


def _named(one: Request) -> str:
    thing = one.asset.description if one.asset is not None else one.matter.name(get_language() or "en")
    amount = one.measure.amount if one.measure is not None else one.amount
    return " · ".join(part for part in (thing, one.agency.name, yuan(amount) if amount else "") if part)


class LiftInput(ActInput):
    requests = LiveChoicesField(
        label=_("What to lift"), choices_of=liftable_of, required=False, help_text=_("If empty: everything.")
    )
    ground = serializers.ChoiceField(
        label=_("Ground"), choices=[(code, words) for code, (words, _basis) in GROUNDS.items()]
    )
    reason = serializers.CharField(
        label=_("Facts"),
        max_length=240,
        style={"base_template": "textarea.html"},
        help_text=_("What happened and what proves it."),
    )
    amount = MoneyField(
        label=_("Part to release (CNY)"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Only for a single sum of money; leave empty to release the whole."),
    )


@dataclass
class Undone:
    """One order and what lifting it takes."""

    order: Request
    part: Decimal | None

    @property
    def measure(self) -> Measure | None:
        return self.order.measure


class OrderLift(ReleaseMeasure):
    """Lift orders at the agencies that carried them out (协助解除). Measures end with the ruling; the lift is
    done when every holder has confirmed it."""

    code = "request.lift"
    title = _("Lift orders at agencies")
    group = "linkage"
    summary = _("%(count)s orders lifted (%(number)s): %(ground)s")
    tone = "in"
    basis = (SEIZURE_RULES.art(28), SEIZURE_RULES.art(19), EQUITY_RULES.art(5), NETWORK_FREEZE.art(3))
    decided_by = Duty.ENFORCEMENT_JUDGE
    stages = HOLDING_STAGES
    writs = ("ruling.release", "notice.assist-release")
    Input = LiftInput

    def ready(self, case: Case) -> None:
        if not any(one.rule == ANSWER_RULE for one in case.deadlines.all()):
            raise Refused(gettext("No order of this case went to an agency."), self.basis, code="no-order")

    def initial(self, case: Case) -> dict[str, Any]:
        shown = super().initial(case)
        shown.pop("measure", None)
        excess = coverage(case, self.day).excess
        if excess and "ground" not in shown:
            return self._of_excess(liftable(case), excess)
        return shown

    def _of_excess(self, orders: Iterable[Request], excess: Decimal) -> dict[str, Any]:
        """The release of what goes beyond the claim: of one sum the part, else what is worth no more."""
        held = [(covered_by(one.measure), one) for one in orders if one.measure is not None]
        held = [(worth, one) for worth, one in held if worth > ZERO]
        reason = gettext("The measures go beyond the claim by %(sum)s.") % {"sum": yuan(excess)}
        shown: dict[str, Any] = {"ground": "excess", "reason": reason}
        sums = [(worth, one) for worth, one in held if one.measure and one.measure.amount is not None]
        larger = sorted((pair for pair in sums if pair[0] > excess), key=lambda pair: (pair[0], pair[1].pk))
        if larger:
            return shown | {"requests": [str(larger[0][1].uid)], "amount": excess}
        chosen: list[str] = []
        for worth, one in sorted(held, key=lambda pair: (-pair[0], pair[1].pk)):
            if worth <= excess:
                chosen.append(str(one.uid))
                excess -= worth
        return shown | {"requests": chosen}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        known = {str(one.uid): one for one in liftable(case)}
        wanted = data.get("requests") or set(known)
        if not wanted:
            raise Refused(
                gettext("No order of this case is in force at an agency."), self.basis, code="nothing-to-lift"
            )
        if unknown := set(wanted) - set(known):
            raise Refused(
                gettext("%(count)s of these orders are lifted already, or were never carried out.")
                % {"count": len(unknown)},
                SEIZURE_RULES.art(28),
                field="requests",
                code="not-liftable",
            )
        self.undone = [Undone(known[uid], data["amount"]) for uid in known if uid in wanted]
        self._check_ground(case, data)
        if data["amount"] is not None:
            self._check_single_part(data)

    def _check_single_part(self, data: dict[str, Any]) -> None:
        if len(self.undone) != 1 or self.undone[0].measure is None:
            raise Refused(
                gettext("A part can be released of one frozen sum only; choose that one."),
                SEIZURE_RULES.art(19),
                field="amount",
                code="several",
            )
        self._check_part(data | {"measure": self.undone[0].measure})

    # --- what it does -------------------------------------------------------------------------
    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        lift = make_lift(case, data["ground"], data["reason"], self.effects.event_id, self.day)
        for one in self.undone:
            if one.measure is not None and one.measure.is_live:
                # Ending a measure tells its holder, as every release does: see ``send_release``.
                self._release(case, data | {"measure": one.measure, "amount": one.part})
            else:
                self._take_back(case, data, one.order, lift)
        return self._summed_up(data) | {
            "number": lift.number,
            "lift": lift.uid,
            "requests": list(lift.requests.order_by("id").values_list("number", flat=True)),
            "excess": watch_excess(self, case, release=self.code),
        }

    def _take_back(self, case: Case, data: dict[str, Any], order: Request, lift: Lift) -> None:
        """Undo an order without a measure: one not answered yet, or a restriction."""
        draft = release_of(order, lift, order.amount)
        extra = _lifted(draft, data) | {"deciders": [self.actor]}
        if order.asset is None:
            draft.documents = [
                self.effects.write(case, "notice.assist-restrict", party=order.party, extra=extra)
            ]
        else:
            ruling = self.effects.write(case, self.writs[0], party=order.asset.owner, extra=extra)
            notice = self.effects.write(case, self.writs[1], party=order.asset.owner, extra=extra)
            serve_ruling(self, case, ruling, Measure(asset=order.asset))
            draft.documents = [ruling, notice]
        issue(self, case, [draft])
        if order.is_waiting:
            order.state = RequestState.RECALLED
            order.save(update_fields=["state"])
            withdraw_clocks(self, case, order)
        self.effects.stop(case, "linkage.restriction", subject=order.uid)

    def _summed_up(self, data: dict[str, Any]) -> dict[str, Any]:
        measures = [one.measure.uid for one in self.undone if one.measure is not None]
        return {
            "count": len(self.undone),
            "number": "",
            "ground": GROUNDS[data["ground"]][0],
            "ground_code": data["ground"],
            "reason_given": data["reason"],
            "amount": data["amount"],
            "orders": [one.order.number for one in self.undone],
            "measures": measures,
            "what": "、".join(_named(one.order) for one in self.undone[:20]),
        }

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return self._summed_up(data)

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        wanted = data.get("requests") or ()
        shown: list[tuple[str, dict[str, Any]]] = []
        for order in liftable(case):
            if str(order.uid) in wanted and order.measure is not None:
                draft = release_of(order, None, data["amount"], is_part=data["amount"] is not None)
                extra = self._writ_data(data | {"measure": order.measure})
                extra |= addressee(draft) | {"party": order.measure.asset.owner}
                shown += [(writ, extra) for writ in self.writs]
        return shown


@tells_holders
def send_release(act: Act, case: Case, measure: Measure, extra: dict[str, Any]) -> bool:
    """Tell the agency that carried a measure out to lift it, under the lift of the running act."""
    order = order_behind(measure)
    if order is None:
        return False
    lift = Lift.objects.filter(case=case, ordered_by_id=act.effects.event_id).first() or make_lift(
        case,
        "paid" if extra.get("performed") else "released",
        str(extra.get("ground") or "")[:240],
        act.effects.event_id,
        act.day,
    )
    about = extra.get("measure")
    amount = about.get("amount") if isinstance(about, dict) else measure.amount
    draft = release_of(order, lift, amount, is_part=amount is not None and amount != measure.amount)
    draft.measure = measure
    rulings = [one for one in act.effects.documents if writ_named(one.writ).is_ruling]
    shown = extra | addressee(draft)
    notice = act.effects.write(case, "notice.assist-release", party=measure.asset.owner, extra=shown)
    draft.documents = [*rulings[-1:], notice]
    issue(act, case, [draft])
    return True


def _lifted(draft: Draft, data: dict[str, Any]) -> dict[str, Any]:
    assert draft.undoes is not None
    citation = GROUNDS[data["ground"]][1].label("zh")
    shown: dict[str, Any] = addressee(draft) | {"ground": data["reason"], "ground_basis": citation}
    if draft.asset is None:
        undone = f"解除{draft.undoes.matter.name_zh}（{draft.undoes.number}）"
        return shown | {"restriction": undone, "action": "release"}
    kind = MeasureKind.FREEZE if draft.undoes.matter.request_kind != "seize" else MeasureKind.SEAL
    return shown | {"asset": draft.asset, "measure": {"kind": kind, "amount": draft.amount, "rank": 1}}


def make_lift(case: Case, ground: str, reason: str, event_id: int, day: Any) -> Lift:
    """A lift with a number of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('linkage_lift', 'id'))")
        (pk,) = cursor.fetchone()
    lift = Lift(
        pk=pk,
        case=case,
        number=f"L-{day.year}-{pk:06d}",
        ground=ground,
        reason=reason,
        ordered_by_id=event_id,
        ordered_on=day,
    )
    lift.save(force_insert=True)
    return lift


def release_of(order: Request, lift: Lift | None, amount: Decimal | None, *, is_part: bool = False) -> Draft:
    """The request that undoes an order at its agency."""
    matter = linkage.matter(RELEASES.get(order.matter_code, order.matter_code))
    said = {
        "original_request_no": order.number,
        "release_amount": amount or order.amount,
        "scope": "部分" if is_part else "全部",
        "qty": order.facts.get("qty"),
    }
    facts = order.carried() | {name: value for name, value in said.items() if value is not None}
    return Draft(
        matter,
        order.agency,
        party=order.party,
        asset=order.asset,
        measure=order.measure,
        amount=amount or order.amount,
        first=order.term.lower if order.term is not None else None,
        last=order.term.upper - ONE_DAY if order.term is not None else None,
        facts=facts,
        undoes=order,
        lift=lift,
    )
