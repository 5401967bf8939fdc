"""Lifting everything at once when the debt is paid (清偿后一并解除): one decision and one ruling."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement import engine, ranks
from enforcement.acts.measures_release import GROUNDS, end_measure, tell_holder
from enforcement.acts.measures_term import HOLDING_STAGES, live_measures, need_live, writ_data
from enforcement.acts.service import to_serve
from enforcement.claims import applicants, claim_account
from enforcement.engine import Act, ActInput, Refused
from enforcement.engine.act import Run, yuan
from enforcement.models import LIVE_STATES, Case, DeadlineState, Measure, MeasureState, Party
from enforcement.writs.wording import plain_day
from law.citations import SEIZURE_RULES

RULE = "control.release"
# What the ruling says of the facts; a writ is in Chinese, whatever language its officer's pages are in.
FACTS = "截至{day}，申请执行人的债权已全部清偿：执行到位{executed}元，尚欠0.00元。"


class ReleaseAllInput(ActInput):
    """The facts the ruling rests on; what is released follows from the case."""

    reason = serializers.CharField(
        label=_("Facts"),
        max_length=240,
        style={"base_template": "textarea.html"},
        help_text=_("Written from the claim account; add what else shows that the debt is paid."),
    )


class ReleaseAll(Act):
    """Release every live measure of a case whose debt is paid (解除全部控制措施). One ruling lists them; each
    stays open until its holder confirms."""

    code = "case.release-all"
    title = _("Release all measures")
    group = "control"
    summary = _("The debt is paid, all measures released: %(what)s")
    tone = "in"
    basis = (SEIZURE_RULES.art("28(4)"),)
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.ENFORCEMENT_JUDGE
    stages = HOLDING_STAGES
    writs = ("ruling.release", "notice.assist")
    Input = ReleaseAllInput

    def ready(self, case: Case) -> None:
        need_live(case)
        if case.received < case.claim:
            # Costs and interest come on top of the claim: no account is needed to see this.
            raise Refused(
                gettext("%(received)s of %(claim)s was received, so the debt is not paid.")
                % {"received": yuan(case.received), "claim": yuan(case.claim)},
                self.basis,
                code="not-paid",
            )
        owed = claim_account(case, self.day).owed
        if owed:
            raise Refused(
                gettext("%(amount)s is still owed today, so the debt is not paid.") % {"amount": yuan(owed)},
                self.basis,
                code="not-paid",
            )

    def initial(self, case: Case) -> dict[str, Any]:
        account = claim_account(case, self.day)
        if account.owed:
            return {}
        return {"reason": FACTS.format(day=plain_day(self.day), executed=yuan(account.executed))}

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return self._said(live_measures(case))

    def _said(self, measures: Iterable[Measure]) -> dict[str, Any]:
        return {"what": [measure.asset.description for measure in measures]}

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        measures = live_measures(case)
        ruling = self._grounds(data) | {"releases": measures, "party": _only_owner(measures)}
        notices = [self._about(measure, data) | {"party": measure.asset.owner} for measure in measures]
        return [("ruling.release", ruling), *(("notice.assist", notice) for notice in notices)]

    def _grounds(self, data: dict[str, Any]) -> dict[str, Any]:
        citation = GROUNDS["paid"][1].label("zh")
        return {"ground": data["reason"], "ground_basis": citation, "performed": True}

    def _about(self, measure: Measure, data: dict[str, Any]) -> dict[str, Any]:
        return writ_data(measure) | self._grounds(data)

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        measures = live_measures(case)
        in_force = [measure for measure in measures if measure.state == MeasureState.IN_FORCE]
        extra = self._grounds(data) | {"releases": measures, "deciders": [self.actor]}
        ruling = self.effects.write(case, "ruling.release", party=_only_owner(measures), extra=extra)
        if case.is_open:
            to_serve(self, ruling, *_owners(measures), *applicants(case))
        for measure in measures:
            tell_holder(self, case, measure, self._about(measure, data) | {"deciders": [self.actor]})
            end_measure(self, case, measure, f"paid: {data['reason']}")
        for measure in in_force:
            ranks.tell_waiting(self.effects, measure)
        self.effects.meet(case, "control.excess.release")
        return self._said(measures) | {
            "measures": [measure.uid for measure in measures],
            "ground_code": "paid",
            "reason_given": data["reason"],
        }


def _owners(measures: Iterable[Measure]) -> list[Party]:
    """Whose things the measures hold, each once."""
    return list({measure.asset.owner_id: measure.asset.owner for measure in measures}.values())


def _only_owner(measures: Iterable[Measure]) -> Party | None:
    owners = _owners(measures)
    return owners[0] if len(owners) == 1 else None


def watch_paid(run: Run, outcome: dict[str, Any]) -> None:
    """A paid debt opens the duty to release at once whatever still stands (SEIZURE_RULES 28(4)); it ends when
    nothing stands any more, or money that was corrected away leaves a debt again."""
    case = run.case
    assert case is not None
    standing = Measure.objects.filter(case=case, state__in=LIVE_STATES).exists()
    running = case.deadlines.filter(rule=RULE, subject=case.uid, state=DeadlineState.OPEN).exists()
    due = standing and not claim_account(case, run.day).owed
    if due and not running:
        run.effects.open_deadline(
            case,
            RULE,
            duty=Duty.IMPLEMENTER,
            act=ReleaseAll.code,
            subject=case.uid,
            label=case.debtor_names[:160],
        )
    elif running and not standing:
        run.effects.meet(case, RULE, subject=case.uid)
    elif running and not due:
        run.effects.stop(case, RULE, subject=case.uid)


for _code in (
    "money.receive",
    "money.identify",
    "money.record-direct",
    "money.correct",
    "measure.release",
    "measure.lapse",
    ReleaseAll.code,
):
    engine.on(_code)(watch_paid)
