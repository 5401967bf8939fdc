"""Ruling on objections (异议裁定) and what follows: guarantees, service, reconsideration, action."""

import re
from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty, DutyClass
from enforcement.acts.objections import (
    DECISION_RULES,
    REVIEW_STAGES,
    OneObjection,
    only_objection,
    pending,
)
from enforcement.acts.service import RecordService, on_served, to_serve
from enforcement.engine import Act, OfCase, Refused
from enforcement.models import (
    LIVE_STATES,
    AssetKind,
    Case,
    DeadlineKind,
    DeadlineState,
    Objection,
    ObjectionKind,
    ObjectionState,
    Party,
    PartyRole,
    Service,
)
from enforcement.standstill import resume_disposal, stop_disposal
from law import deadlines
from law.citations import CPL, ENFORCEMENT_PROCEDURE, OBJECTION_RULES

SMALLEST_PANEL = 3
REMEDY_RULES = {ObjectionKind.CONDUCT: "reconsider.apply", ObjectionKind.THIRD_PARTY: "third.sue"}
RULED = [ObjectionState.UPHELD, ObjectionState.REJECTED]
UNDER_REVIEW = {"state__in": [ObjectionState.RECEIVED, ObjectionState.FILED]}


class PanelField(serializers.CharField):
    """Names of the members of the panel: three or more, all different."""

    def to_internal_value(self, data: Any) -> str:
        names = [
            name.strip()
            for name in re.split(r"[,，、;；\n]", super().to_internal_value(data))
            if name.strip()
        ]
        if len(names) < SMALLEST_PANEL or len(set(names)) < len(names):
            raise serializers.ValidationError(
                _("A panel has at least three different members; name them all.")
            )
        return "、".join(names)


class GuaranteeInput(OneObjection):
    objection = OfCase("objections", only=UNDER_REVIEW, label=_("Objection"))
    effect = serializers.ChoiceField(
        label=_("Effect"),
        choices=[
            ("stop", _("Disposal stops: guarantee of the debtor or the person concerned")),
            ("go-on", _("Enforcement goes on: guarantee of the applicant")),
        ],
    )
    guarantee = serializers.CharField(
        label=_("Guarantee"), max_length=300, help_text=_("What, by whom, and why it is full and good.")
    )


class AcceptGuarantee(Act):
    """Accept a full and good guarantee during the review (担保): disposal stops, or goes on."""

    code = "objection.guarantee"
    title = _("Accept a guarantee")
    group = "objection"
    summary = _("Guarantee accepted in the matter of %(objector)s: %(guarantee)s")
    basis = (ENFORCEMENT_PROCEDURE.art(9), ENFORCEMENT_PROCEDURE.art(15))
    by = frozenset({Duty.REVIEWING_JUDGE})
    stages = REVIEW_STAGES
    Input = GuaranteeInput

    def ready(self, case: Case) -> None:
        if not pending(case, ObjectionState.RECEIVED, ObjectionState.FILED):
            raise Refused(gettext("No objection of this case is pending."), ENFORCEMENT_PROCEDURE.art(9))

    def check(self, case: Case, data: dict[str, Any]) -> None:
        stopped = data["objection"].stops_disposal
        if stopped == (data["effect"] == "stop"):
            raise Refused(
                gettext("Disposal is stopped already.")
                if stopped
                else gettext("Nothing is stopped by this objection."),
                ENFORCEMENT_PROCEDURE.art(9),
                field="effect",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        objection = data["objection"]
        objection.guarantee = data["guarantee"]
        if data["effect"] == "stop":
            stop_disposal(self, objection)
        else:
            resume_disposal(self, objection)
        objection.save(update_fields=["guarantee", "stops_disposal", "stops_until"])
        self.effects.notify(
            [case.implementer],
            "objection.guarantee",
            case=case,
            effect=data["effect"],
            objector=objection.objector,
        )
        return {
            "objection": objection.uid,
            "objector": objection.objector,
            "guarantee": data["guarantee"],
            "stops_disposal": objection.stops_disposal,
        }


class DecideInput(OneObjection):
    objection = OfCase("objections", only={"state": ObjectionState.FILED}, label=_("Objection"))
    outcome = serializers.ChoiceField(
        label=_("Ruling"),
        choices=[
            (ObjectionState.UPHELD, _("Upheld, in whole or in part")),
            (ObjectionState.REJECTED, _("Rejected")),
        ],
    )
    ruling = serializers.CharField(
        label=_("Findings and operative part"), max_length=2000, style={"base_template": "textarea.html"}
    )
    panel = PanelField(
        label=_("Panel"), max_length=200, help_text=_("The three or more members, separated by commas.")
    )


class DecideObjection(Act):
    """Rule on an objection within fifteen days (异议裁定), by a panel none of whom implements the case."""

    code = "objection.decide"
    title = _("Rule on an objection")
    group = "objection"
    summary = _("%(number)s: objection of %(objector)s %(outcome)s")
    basis = (
        CPL.art(236),
        CPL.art(238),
        OBJECTION_RULES.art(11),
        OBJECTION_RULES.art(16),
        OBJECTION_RULES.art(17),
    )
    by = frozenset({Duty.REVIEWING_JUDGE})
    stages = REVIEW_STAGES
    writs = ("ruling.objection",)
    Input = DecideInput

    def ready(self, case: Case) -> None:
        if not pending(case, ObjectionState.FILED):
            raise Refused(gettext("No objection is under review."), OBJECTION_RULES.art(2))

    def initial(self, case: Case) -> dict[str, Any]:
        return only_objection(pending(case, ObjectionState.FILED)) | {"panel": f"{self.actor.name}、"}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        names = set(data["panel"].split("、"))
        if self.actor.name not in names:
            raise Refused(
                gettext("You rule on it only as a member of the panel; name yourself too."),
                OBJECTION_RULES.art(11),
                field="panel",
            )
        others = case.assignments.exclude(duty_class=DutyClass.REVIEW).select_related("person")
        barred = sorted({part.person.name for part in others} & names)
        if barred:
            raise Refused(
                gettext("%(names)s took part in this case in another power and can't review it.")
                % {"names": "、".join(barred)},
                OBJECTION_RULES.art(11),
                field="panel",
                code="separation",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        objection = data["objection"]
        objection.state = data["outcome"]
        objection.ruling, objection.ruled_on, objection.reviewed_by = data["ruling"], self.day, self.actor
        upheld = objection.state == ObjectionState.UPHELD
        if objection.kind == ObjectionKind.THIRD_PARTY:
            # Upheld: enforcement against the object is stayed. Rejected: until 15 days after service.
            stop_disposal(self, objection)
        elif objection.stops_disposal:
            resume_disposal(self, objection)
        objection.save()
        document = self.effects.write(
            case,
            "ruling.objection",
            party=objection.party,
            extra={"objection": objection, "deciders": data["panel"].split("、")},
        )
        if case.is_open:
            to_serve(self, document, *_to_be_served(case, objection))
        self.effects.meet(
            case, DECISION_RULES[ObjectionKind(objection.kind)], "objection.notify", subject=objection.uid
        )
        _open_remedy(self, case, objection, self.day)
        if upheld:
            _open_release(self, case, objection, self.day)
        self.effects.notify(
            [case.implementer],
            "objection.upheld" if upheld else "objection.rejected",
            case=case,
            tone="bad" if upheld else "in",
            number=objection.number or "",
        )
        return {
            "objection": objection.uid,
            "number": objection.number,
            "objector": objection.objector,
            "outcome": objection.get_state_display(),
            "upheld": upheld,
            "panel": data["panel"],
            "stops_disposal": objection.stops_disposal,
        }

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        objection = data["objection"]
        shown = {
            "kind": objection.kind,
            "number": objection.number,
            "objector": objection.objector,
            "grounds": objection.grounds,
            "ruling": data["ruling"],
            "received_on": objection.received_on,
            "upheld": data["outcome"] == ObjectionState.UPHELD,
        }
        extra = {"objection": shown, "deciders": data["panel"].split("、"), "party": objection.party}
        return [("ruling.objection", extra)]


def _to_be_served(case: Case, objection: Objection) -> list[Party]:
    """Objector, applicants and debtors: whoever may go further against the ruling (OBJECTION_RULES 16)."""
    others = [party for party in case.parties.all() if party.role != PartyRole.THIRD]
    if objection.party is None or objection.party in others:
        return others
    return [objection.party, *others]


def _open_remedy(act: Act, case: Case, objection: Objection, since: date) -> None:
    """Wait for reconsideration or action: counted from service, until then from the ruling."""
    rule = REMEDY_RULES[ObjectionKind(objection.kind)]
    if case.is_open:
        act.effects.open_deadline(
            case,
            rule,
            kind=DeadlineKind.WAIT,
            starts_on=since,
            duty=Duty.IMPLEMENTER,
            act="objection.record-remedy",
            subject=objection.uid,
            label=objection.number or "",
            reason=gettext("Reconsideration may be asked for.")
            if objection.kind == ObjectionKind.CONDUCT
            else gettext("An action may be brought."),
        )


def _open_release(act: Act, case: Case, objection: Objection, since: date) -> None:
    """What an upheld objection obliges to: lifting the measure it hit, in the time of its kind."""
    if objection.asset is None:
        return
    measure = objection.asset.measures.filter(state__in=LIVE_STATES).first()
    if measure is None:
        return
    rule = "control.release"
    if objection.kind == ObjectionKind.THIRD_PARTY:
        # Lifted within seven days after the applicant's time to sue ran out unused (解释 314).
        rule, since = (
            "third.release",
            deadlines.rule("third.sue").due(since, calendar=act.effects.calendar).day,
        )
    elif objection.asset.kind == AssetKind.EQUITY:
        rule = "control.equity-excess.release"
    act.effects.open_deadline(
        case,
        rule,
        starts_on=since,
        duty=Duty.IMPLEMENTER,
        act="measure.release",
        subject=measure.uid,
        label=objection.asset.description[:160],
    )


@on_served("ruling.objection")
def count_from_service(act: RecordService, case: Case, service: Service) -> None:
    """Periods after a ruling on an objection run from its service; the last one served decides."""
    number = service.document.data["objection"]["number"]
    objection = (
        case.objections.filter(number=number, state__in=RULED).select_related("asset", "party").first()
    )
    assert service.served_on is not None
    if objection is None:
        return
    rejected = objection.state == ObjectionState.REJECTED
    if objection.kind == ObjectionKind.THIRD_PARTY and rejected and service.party_id == objection.party_id:
        last = deadlines.rule("third.standstill").due(service.served_on, calendar=act.effects.calendar).day
        resume_disposal(act, objection, stopped_until=last)
        objection.save(update_fields=["stops_disposal", "stops_until"])
    rule = REMEDY_RULES[ObjectionKind(objection.kind)]
    running = case.deadlines.filter(rule=rule, subject=objection.uid, state=DeadlineState.OPEN).first()
    if running is None or running.starts_on > service.served_on:
        return
    act.effects.stop(case, rule, subject=objection.uid)
    _open_remedy(act, case, objection, service.served_on)
    if not rejected and objection.kind == ObjectionKind.THIRD_PARTY and objection.asset is not None:
        for measure in objection.asset.measures.filter(state__in=LIVE_STATES):
            act.effects.stop(case, "third.release", subject=measure.uid)
        _open_release(act, case, objection, service.served_on)
