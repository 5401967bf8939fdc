"""Lifting measures (解除): decided at once, and open until the holder confirmed having carried it out."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement import ranks
from enforcement.acts.assets import watch_excess
from enforcement.acts.measures_taking import serve_ruling
from enforcement.acts.measures_term import (
    HOLDING_STAGES,
    LIVE,
    end_duties,
    live_measures,
    need_live,
    only_measure,
    writ_data,
)
from enforcement.claims import claim_account
from enforcement.coverage import coverage
from enforcement.engine import Act, ActInput, MoneyField, OfCase, Refused
from enforcement.engine.act import yuan
from enforcement.models import Case, DeadlineState, Measure, MeasureKind, MeasureState
from law.citations import CPL, CPL_INTERPRETATION, EQUITY_RULES, OBJECTION_RULES, SEIZURE_RULES, Citation

# Duties to release that a release meets.
RELEASE_RULES = ("control.release", "control.equity-excess.release", "third.release")

GROUNDS: dict[str, tuple[Any, Citation]] = {
    "third-party": (_("It belongs to a third party"), SEIZURE_RULES.art("28(1)")),
    "withdrawn": (
        _("The applicant withdrew the application or gave up the claim"),
        SEIZURE_RULES.art("28(2)"),
    ),
    "unsold": (
        _("Unsold, refused in payment, and nothing else can be done with it"),
        SEIZURE_RULES.art("28(3)"),
    ),
    "paid": (_("The debt is paid"), SEIZURE_RULES.art("28(4)")),
    "guarantee": (
        _("The debtor gave a guarantee and the applicant agrees"),
        SEIZURE_RULES.art("28(5)"),
    ),
    "excess": (_("It goes beyond the claim"), SEIZURE_RULES.art(19)),
    "wrong": (_("It should not have been taken"), SEIZURE_RULES.art("28(6)")),
    "objection": (_("An objection was upheld"), OBJECTION_RULES.art(17)),
}


class ReleaseInput(ActInput):
    measure = OfCase("measures", only=LIVE, label=_("Measure"))
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
        help_text=_("Only for a sum of money; leave empty to release the whole."),
    )


class ReleaseMeasure(Act):
    """Release a measure, or part of a frozen sum (解除). It ends with the ruling; the duty to see it carried
    out stays open until the holder confirms."""

    code = "measure.release"
    title = _("Release a measure")
    group = "control"
    summary = _("%(what)s released: %(ground)s")
    tone = "in"
    basis = (SEIZURE_RULES.art(28), SEIZURE_RULES.art(19), EQUITY_RULES.art(5), CPL_INTERPRETATION.art(314))
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.ENFORCEMENT_JUDGE
    stages = HOLDING_STAGES
    writs = ("ruling.release", "notice.assist")
    bulk = True
    Input: ClassVar[type[ActInput]] = ReleaseInput

    def ready(self, case: Case) -> None:
        need_live(case)

    def initial(self, case: Case) -> dict[str, Any]:
        paid = {} if claim_account(case, self.day).owed else {"ground": "paid"}
        return only_measure(live_measures(case)) | paid

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self._check_ground(case, data)
        self._check_part(data)

    def _check_ground(self, case: Case, data: dict[str, Any]) -> None:
        ground, basis = data["ground"], GROUNDS[data["ground"]][1]
        if ground == "paid":
            owed = claim_account(case, self.day).owed
            if owed:
                raise Refused(
                    gettext("%(amount)s is still owed today, so the debt is not paid.")
                    % {"amount": yuan(owed)},
                    basis,
                    field="ground",
                    code="not-paid",
                )
        if ground == "excess" and not coverage(case, self.day).excess:
            raise Refused(
                gettext("The measures do not go beyond the claim today; choose the ground that applies."),
                basis,
                field="ground",
                code="no-excess",
            )

    def _check_part(self, data: dict[str, Any]) -> None:
        measure, part = data["measure"], data["amount"]
        if part is None:
            return
        if measure.kind != MeasureKind.FREEZE or measure.amount is None:
            raise Refused(
                gettext("Only a frozen sum of money can be released in part."),
                SEIZURE_RULES.art(19),
                field="amount",
            )
        if part >= measure.amount:
            raise Refused(
                gettext(
                    "Less than the frozen %(amount)s is a part; leave the amount empty to release the whole."
                )
                % {"amount": yuan(measure.amount)},
                SEIZURE_RULES.art(19),
                field="amount",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        self._release(case, data)
        return self._said(data) | {"excess": watch_excess(self, case)}

    def _release(self, case: Case, data: dict[str, Any]) -> None:
        measure, part = data["measure"], data["amount"]
        was_in_force = measure.state == MeasureState.IN_FORCE
        extra = self._writ_data(data) | {"deciders": [self.actor]}
        ruling = self.effects.write(case, "ruling.release", party=measure.asset.owner, extra=extra)
        tell_holder(self, case, measure, extra)
        serve_ruling(self, case, ruling, measure)
        if part is None:
            end_measure(self, case, measure, f"{data['ground']}: {data['reason']}")
            if was_in_force:
                ranks.tell_waiting(self.effects, measure)
        else:
            measure.amount -= part
            measure.save(update_fields=["amount"])

    def _writ_data(self, data: dict[str, Any]) -> dict[str, Any]:
        part: Decimal | None = data["amount"]
        more = {"amount": part} if part is not None else {}
        citation = GROUNDS[data["ground"]][1].label("zh")
        return writ_data(data["measure"], **more) | {
            "ground": data["reason"],
            "ground_basis": citation,
            "performed": data["ground"] == "paid",
        }

    def _said(self, data: dict[str, Any]) -> dict[str, Any]:
        measure, part = data["measure"], data["amount"]
        words = measure.asset.description
        return {
            "measure": measure.uid,
            "asset": measure.asset.uid,
            "description": words,
            "what": f"{yuan(part)} · {words}" if part is not None else words,
            "amount": part,
            "ground": GROUNDS[data["ground"]][0],
            "ground_code": data["ground"],
            "reason_given": data["reason"],
        }

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return self._said(data)

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        extra = self._writ_data(data) | {"party": data["measure"].asset.owner}
        return [(writ, extra) for writ in self.writs]


#: Tells the holder of a measure electronically that it is released; whether it could.
Teller = Callable[[Act, Case, Measure, dict[str, Any]], bool]
_tellers: list[Teller] = []


def tells_holders(teller: Teller) -> Teller:
    """Let a room above tell holders it reaches itself; the others get a notice on paper."""
    _tellers.append(teller)
    return teller


def tell_holder(act: Act, case: Case, measure: Measure, extra: dict[str, Any]) -> None:
    """Ask the holder to carry out a release; that stays open until they confirm it."""
    if not any(teller(act, case, measure, extra) for teller in _tellers):
        act.effects.write(case, "notice.assist", party=measure.asset.owner, extra=extra)
    act.effects.meet(case, *RELEASE_RULES, subject=measure.uid)
    act.effects.open_deadline(
        case,
        "control.release",
        duty=Duty.IMPLEMENTER,
        act="measure.confirm-release",
        subject=measure.uid,
        label=measure.asset.description[:160],
    )


def end_measure(act: Act, case: Case, measure: Measure, ground: str) -> None:
    """End a measure today, with everything that ran only because it held the thing."""
    measure.state = MeasureState.RELEASED
    measure.released_on = act.day
    measure.released_by_id = act.effects.event_id
    measure.release_ground = ground[:300]
    measure.save(update_fields=["state", "released_on", "released_by", "release_ground"])
    end_duties(act, case, measure)


class ConfirmReleaseInput(ActInput):
    measure = OfCase("measures", label=_("Measure"))
    confirmed_on = serializers.DateField(label=_("Carried out on"))
    reference = serializers.CharField(
        label=_("Receipt number"),
        max_length=80,
        help_text=_("Of the bank's or register's answer that it is released, not merely received."),
    )


class ConfirmRelease(Act):
    """Record the holder's confirmation that a release was carried out (解除回执); only then is it done."""

    code = "measure.confirm-release"
    title = _("Confirm a release")
    group = "control"
    summary = _("Release of “%(description)s” carried out by the holder on %(day)s (%(reference)s)")
    tone = "in"
    basis = (SEIZURE_RULES.art(28), CPL.art(253))
    by = frozenset({Duty.IMPLEMENTER})
    stages = HOLDING_STAGES
    Input = ConfirmReleaseInput

    def ready(self, case: Case) -> None:
        if not self._open(case):
            raise Refused(gettext("No release of this case waits for a confirmation."), SEIZURE_RULES.art(28))

    def _open(self, case: Case) -> dict[Measure, Any]:
        """Measures released, in whole or in part, and not confirmed; with the day the release was ordered."""
        parts = {
            deadline.subject: deadline.starts_on
            for deadline in case.deadlines.all()
            if deadline.state == DeadlineState.OPEN and deadline.act == self.code
        }
        ordered = {}
        for measure in case.measures.all():
            whole = measure.state == MeasureState.RELEASED and measure.release_confirmed_on is None
            if whole or measure.uid in parts:
                ordered[measure] = measure.released_on if whole else parts[measure.uid]
        return ordered

    def initial(self, case: Case) -> dict[str, Any]:
        return only_measure(list(self._open(case))) | {"confirmed_on": self.day}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        measure, waiting = data["measure"], self._open(case)
        if measure not in waiting:
            raise Refused(
                gettext("No release of “%(asset)s” waits for a confirmation.")
                % {"asset": measure.asset.description},
                SEIZURE_RULES.art(28),
                field="measure",
            )
        ordered = waiting[measure]
        if not ordered <= data["confirmed_on"] <= self.day:
            raise Refused(
                gettext("The release was ordered on %(day)s; it was carried out between that day and today.")
                % {"day": ordered},
                SEIZURE_RULES.art(28),
                field="confirmed_on",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        measure = data["measure"]
        if measure.state == MeasureState.RELEASED:
            measure.release_confirmed_on = data["confirmed_on"]
            measure.save(update_fields=["release_confirmed_on"])
        self.effects.meet(case, "control.release", subject=measure.uid)
        return {
            "measure": measure.uid,
            "description": measure.asset.description,
            "day": data["confirmed_on"],
            "reference": data["reference"],
        }
