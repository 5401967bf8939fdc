"""What is about to lapse goes to the head of the bureau (续行升级), three days before its end."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from directory.models import Duty
from enforcement.acts.measures_term import LIVE
from enforcement.engine import Act, ActInput, OfCase, Refused, Run, on
from enforcement.models import OPEN_STAGES, Case, Measure
from law.citations import CPL_INTERPRETATION, SEIZURE_RULES
from linkage.acts.chasing import responsible
from linkage.models import WAITING_STATES, Request

ESCALATED_RULE = "linkage.renewal-escalated"
LAST_DAYS = 3
ENDED_BY = ("measure.renew", "measure.let-lapse", "measure.release", "measure.lapse", "request.renew")


def renewal_on_its_way(measure: Measure) -> bool:
    """Whether an order to renew it has reached its holder: before that nothing is renewed."""
    return Request.objects.filter(
        measure=measure,
        ordered_by__act="request.renew",
        state__in=WAITING_STATES,
        delivered_at__isnull=False,
    ).exists()


class EscalateRenewalInput(ActInput):
    measure = OfCase("measures", only=LIVE)


class EscalateRenewal(Act):
    """Tell the head of the bureau that a measure lapses within three days; done by the system."""

    code = "renewal.escalate"
    title = _("A renewal is late")
    group = "linkage"
    summary = _("Measure on “%(description)s” ends on %(until)s and is not renewed; the head was told")
    tone = "bad"
    basis = (CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(27))
    by_system = True
    stages = OPEN_STAGES
    offered_as_step = False
    Input = EscalateRenewalInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        measure = data["measure"]
        days = (measure.last_day - self.day).days
        if measure.lapse_reason or not 0 <= days <= LAST_DAYS or renewal_on_its_way(measure):
            raise Refused(
                gettext("No renewal of this measure is late."),
                CPL_INTERPRETATION.art(485),
                field="measure",
                code="not-late",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        measure = data["measure"]
        self.effects.open_deadline(
            case,
            ESCALATED_RULE,
            due_on=measure.last_day,
            duty=Duty.BUREAU_HEAD,
            subject=measure.uid,
            label=measure.asset.description[:160],
        )
        self.effects.notify(
            responsible(case),
            "renewal.late",
            case=case,
            tone="bad",
            asset=measure.asset.description,
            until=measure.last_day.isoformat(),
        )
        return {
            "measure": measure.uid,
            "description": measure.asset.description,
            "until": measure.last_day,
        }


def end_escalation(run: Run, outcome: dict[str, Any]) -> None:
    """What was late is renewed, released, or lapsed for a reason or without one."""
    measures = outcome.get("measures") or [outcome.get("measure")]
    assert run.case is not None
    for measure in measures:
        if measure:
            run.effects.stop(run.case, ESCALATED_RULE, subject=measure)


for _code in ENDED_BY:
    on(_code)(end_escalation)
