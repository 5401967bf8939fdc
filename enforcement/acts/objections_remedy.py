"""What follows a ruling on an objection: reconsideration, an action, or nothing (复议、执行异议之诉)."""

from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.acts.objections import REVIEW_STAGES, OneObjection, only_objection, pending
from enforcement.acts.objections_ruling import REMEDY_RULES, RULED
from enforcement.engine import Act, OfCase, Refused
from enforcement.models import (
    LIVE_STATES,
    Case,
    DeadlineKind,
    DeadlineState,
    Objection,
    ObjectionKind,
)
from enforcement.standstill import resume_disposal, stop_disposal
from law.citations import CPL, CPL_INTERPRETATION, ENFORCEMENT_PROCEDURE, OBJECTION_RULES

LONGEST_WAIT = 180  # days until an action that is pending elsewhere is asked about again (product.wait)


FOLLOWED = {
    "none": _("Nothing: the period passed unused"),
    "reconsideration": _("Reconsideration was asked for"),
    "action": _("An action was brought"),
    "bars": _("It ended: the object may not be enforced against, or the act is set aside"),
    "permits": _("It ended: enforcement goes on"),
}


class RecordRemedyInput(OneObjection):
    objection = OfCase("objections", only={"state__in": RULED}, label=_("Objection"))
    what = serializers.ChoiceField(
        label=_("What followed"),
        choices=list(FOLLOWED.items()),
    )
    on = serializers.DateField(label=_("Day"))
    reference = serializers.CharField(
        label=_("Number of the case or ruling"), max_length=80, required=False, allow_blank=True, default=""
    )


class RecordRemedy(Act):
    """Record what followed the ruling on an objection (复议、异议之诉): disposal stands still while an action
    is pending."""

    code = "objection.record-remedy"
    title = _("Record what followed a ruling on an objection")
    group = "objection"
    summary = _("%(number)s: %(what)s (%(day)s)")
    basis = (
        CPL.art(236),
        CPL.art(238),
        CPL_INTERPRETATION.art(313),
        CPL_INTERPRETATION.art(314),
        ENFORCEMENT_PROCEDURE.art(16),
    )
    by = frozenset({Duty.IMPLEMENTER, Duty.FILING_CLERK})
    stages = REVIEW_STAGES
    Input = RecordRemedyInput

    def ready(self, case: Case) -> None:
        if not pending(case, *RULED):
            raise Refused(gettext("No objection of this case was ruled on."), OBJECTION_RULES.art(16))

    def initial(self, case: Case) -> dict[str, Any]:
        return only_objection(pending(case, *RULED)) | {"on": self.day}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        objection = data["objection"]
        if not objection.ruled_on <= data["on"] <= self.day:
            raise Refused(
                gettext("It followed between the ruling of %(day)s and today.") % {"day": objection.ruled_on},
                OBJECTION_RULES.art(16),
                field="on",
            )
        wrong = {ObjectionKind.CONDUCT: "action", ObjectionKind.THIRD_PARTY: "reconsideration"}
        if data["what"] == wrong[ObjectionKind(objection.kind)]:
            raise Refused(
                gettext(
                    "Against a ruling on conduct reconsideration is asked for;"
                    " against one on an object an action is brought."
                ),
                (CPL.art(236), CPL.art(238)),
                field="what",
            )
        if data["what"] == "none":
            self._check_passed(case, objection)
        elif not data["reference"].strip():
            raise Refused(
                gettext("Write the number of the case or ruling, so that it can be found."),
                OBJECTION_RULES.art(16),
                field="reference",
            )

    def _check_passed(self, case: Case, objection: Objection) -> None:
        running = case.deadlines.filter(
            rule=REMEDY_RULES[ObjectionKind(objection.kind)], subject=objection.uid, state=DeadlineState.OPEN
        ).first()
        if running is not None and running.due_on >= self.day:
            raise Refused(
                gettext("The period runs until %(day)s; until then it can still be used.")
                % {"day": running.due_on},
                (CPL.art(236), CPL.art(238)),
                field="what",
                code="running",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        objection, what = data["objection"], data["what"]
        self.effects.meet(
            case, *REMEDY_RULES.values(), "reconsider.decide", "product.wait", subject=objection.uid
        )
        if what == "reconsideration":
            self._wait(
                case, objection, "reconsider.decide", data["on"], gettext("The upper court reconsiders.")
            )
        elif what == "action":
            stop_disposal(self, objection)
            self._stop_release(case, objection)
            self._wait(
                case,
                objection,
                "product.wait",
                self.day,
                gettext("An action about the object is pending."),
                LONGEST_WAIT,
            )
        elif what == "bars":
            stop_disposal(self, objection)
            _open_release_now(self, case, objection)
        elif what == "permits":
            self._stop_release(case, objection)
            resume_disposal(self, objection)
        objection.save(update_fields=["stops_disposal", "stops_until"])
        return {
            "objection": objection.uid,
            "number": objection.number,
            "what": FOLLOWED[what],
            "what_code": what,
            "day": data["on"],
            "reference": data["reference"],
            "stops_disposal": objection.stops_disposal,
        }

    def _stop_release(self, case: Case, objection: Objection) -> None:
        if objection.asset is not None:
            for measure in objection.asset.measures.all():
                self.effects.stop(case, "third.release", subject=measure.uid)

    def _wait(
        self, case: Case, objection: Objection, rule: str, since: date, reason: str, length: int | None = None
    ) -> None:
        if case.is_open:
            self.effects.open_deadline(
                case,
                rule,
                kind=DeadlineKind.WAIT,
                starts_on=since,
                length=length,
                duty=Duty.IMPLEMENTER,
                act=self.code,
                subject=objection.uid,
                label=objection.number or "",
                reason=reason,
            )


def _open_release_now(act: Act, case: Case, objection: Objection) -> None:
    measure = objection.asset.measures.filter(state__in=LIVE_STATES).first() if objection.asset else None
    running = (
        measure is not None
        and case.deadlines.filter(
            subject=measure.uid, act="measure.release", state=DeadlineState.OPEN
        ).exists()
    )
    if measure is not None and not running:
        act.effects.open_deadline(
            case,
            "control.release",
            duty=Duty.IMPLEMENTER,
            act="measure.release",
            subject=measure.uid,
            label=measure.asset.description[:160],
        )
