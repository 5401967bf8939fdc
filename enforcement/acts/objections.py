"""Objections (执行异议): received, filed for review under a number of their own, withdrawn."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.acts.numbering import next_serial
from enforcement.engine import Act, ActInput, LiveChoiceField, OfCase, Refused, act_named
from enforcement.models import (
    Asset,
    Case,
    Event,
    Measure,
    Objection,
    ObjectionKind,
    ObjectionState,
    Party,
    PartyKind,
    PartyRole,
    Phase,
    Stage,
)
from enforcement.standstill import resume_disposal, stop_disposal
from law import case_numbers, clock, deadlines
from law.citations import (
    CASE_NUMBER_RULES,
    CPL,
    ENFORCEMENT_PROCEDURE,
    OBJECTION_RULES,
    TERMINATION_OBJECTION_REPLY,
)

TYPE_CODE = "执异"
REVIEW_STAGES = frozenset(Stage) - {Stage.FILED}
DECISION_RULES = {ObjectionKind.CONDUCT: "objection.decide", ObjectionKind.THIRD_PARTY: "third.decide"}
# Acts of enforcement one can object to: what restrains, disposes, distributes or closes.
OBJECTIONABLE = ("measure.", "case.close", "money.plan", "notice.issue", "disposal.")


def acts_done(context: dict[str, Any]) -> dict[str, str]:
    """What an objection against conduct can be about: acts done on the case, the latest first."""
    case = context.get("case")
    if case is None:
        return {}
    events = (
        Event.objects.filter(case=case, phase=Phase.DONE).order_by("-seq").values_list("uid", "act", "at")
    )
    return {
        str(uid): f"{act_named(act).title} · {clock.legal_day(at)}"
        for uid, act, at in events
        if act.startswith(OBJECTIONABLE)
    }


class ReceiveInput(ActInput):
    """An objection as it came in."""

    kind = serializers.ChoiceField(label=_("Kind"), choices=ObjectionKind.choices)
    party = OfCase(
        "parties",
        label=_("Objector, if a party of the case"),
        required=False,
        allow_null=True,
        default=None,
    )
    objector = serializers.CharField(
        label=_("Objector, if somebody else"), max_length=120, required=False, allow_blank=True, default=""
    )
    objector_kind = serializers.ChoiceField(
        label=_("The somebody else is"), choices=PartyKind.choices, required=False, default=PartyKind.PERSON
    )
    asset = OfCase(
        "assets",
        label=_("Object"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Needed for a third party's objection."),
    )
    against = LiveChoiceField(
        choices_of=acts_done,
        label=_("Act objected to"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Needed for an objection against conduct."),
    )
    grounds = serializers.CharField(
        label=_("Request, facts and reasons"), max_length=2000, style={"base_template": "textarea.html"}
    )
    guarantee = serializers.CharField(
        label=_("Guarantee offered"),
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("What was offered so that disposal stops; the reviewing judge decides on it."),
    )
    received_on = serializers.DateField(label=_("Received on"))

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        errors: dict[str, Any] = {}
        if (attrs["party"] is None) == (not attrs["objector"].strip()):
            errors["objector"] = [_("Choose a party of the case, or write who else objects; one of the two.")]
        if attrs["kind"] == ObjectionKind.THIRD_PARTY:
            if attrs["asset"] is None:
                errors["asset"] = [_("A third party objects to an object; choose which.")]
            if attrs["party"] is not None and attrs["party"].role != PartyRole.THIRD:
                errors["party"] = [
                    _("Applicant and debtor are not third parties; theirs is an objection to conduct.")
                ]
        elif not attrs["against"]:
            errors["against"] = [_("Choose the act that is objected to.")]
        if attrs["received_on"] > clock.today():
            errors["received_on"] = [_("It can't be received after today.")]
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class ReceiveObjection(Act):
    """Take in a written objection (收到异议). A third party's stops the disposal of its object at once."""

    code = "objection.receive"
    title = _("Receive an objection")
    group = "objection"
    summary = _("Objection of %(objector)s received: %(kind)s")
    basis = (CPL.art(236), CPL.art(238), OBJECTION_RULES.art(1), ENFORCEMENT_PROCEDURE.art(15))
    by = frozenset({Duty.FILING_CLERK, Duty.IMPLEMENTER})
    stages = REVIEW_STAGES
    Input = ReceiveInput

    def initial(self, case: Case) -> dict[str, Any]:
        return {"received_on": self.day}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.against = self._act_objected_to(case, data)
        if data["received_on"] < case.filed_on:
            raise Refused(
                gettext("The case was docketed on %(day)s; there was nothing to object to before.")
                % {"day": case.filed_on},
                OBJECTION_RULES.art(6),
                field="received_on",
            )
        if not case.is_open:
            self._check_after_closing(case, data)
        self._check_repeated(case, data)

    def _act_objected_to(self, case: Case, data: dict[str, Any]) -> Event | None:
        if data["kind"] == ObjectionKind.THIRD_PARTY or not data["against"]:
            return None
        if data["against"] not in acts_done({"case": case}):
            raise Refused(
                gettext("No such act was done on this case."), OBJECTION_RULES.art(7), field="against"
            )
        return Event.objects.get(case=case, uid=data["against"])

    def _check_after_closing(self, case: Case, data: dict[str, Any]) -> None:
        """After the end of the procedure only the ending itself can be objected to, for 60 days."""
        assert case.closed_on is not None, "a closed case has its day"
        last = deadlines.rule("objection.raise.ended").due(case.closed_on, calendar=self.effects.calendar).day
        against_the_end = self.against is not None and self.against.act.startswith("case.close")
        if not against_the_end or data["received_on"] > last:
            raise Refused(
                gettext(
                    "The procedure ended on %(day)s. Only its ending can still be objected to,"
                    " until %(last)s."
                )
                % {"day": case.closed_on, "last": last},
                (OBJECTION_RULES.art(6), TERMINATION_OBJECTION_REPLY.whole()),
                field="kind",
                code="ended",
            )

    def _check_repeated(self, case: Case, data: dict[str, Any]) -> None:
        over = [ObjectionState.REJECTED, ObjectionState.WITHDRAWN]
        earlier = case.objections.filter(kind=data["kind"], state__in=over, objector=self._name(data))
        if data["kind"] == ObjectionKind.THIRD_PARTY:
            earlier = earlier.filter(asset=data["asset"])
        else:
            earlier = earlier.filter(against=self.against)
        known = earlier.first()
        if known is not None:
            raise Refused(
                gettext("%(objector)s objected to this before (%(objection)s); it can't be raised again.")
                % {"objector": known.objector, "objection": known.number or known.received_on},
                OBJECTION_RULES.art(15),
                field="objector",
                code="repeated",
            )

    def _name(self, data: dict[str, Any]) -> str:
        return data["party"].name if data["party"] else data["objector"].strip()

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        objection = Objection(
            case=case,
            kind=data["kind"],
            party=data["party"] or self._third_person(case, data),
            objector=self._name(data),
            asset=self._object(case, data),
            against=self.against,
            grounds=data["grounds"],
            guarantee=data["guarantee"],
            received_on=data["received_on"],
        )
        if data["kind"] == ObjectionKind.THIRD_PARTY:
            stop_disposal(self, objection)
        objection.save(force_insert=True)
        self.effects.open_deadline(
            case,
            "objection.file",
            starts_on=data["received_on"],
            duty=Duty.FILING_CLERK,
            act="objection.file",
            subject=objection.uid,
            label=objection.objector,
        )
        self.effects.notify(
            [case.implementer], "objection.received", case=case, tone="bad", objector=objection.objector
        )
        return {
            "objection": objection.uid,
            "objector": objection.objector,
            "kind": objection.get_kind_display(),
            "asset": objection.asset.uid if objection.asset else None,
            "stops_disposal": objection.stops_disposal,
        }

    def _third_person(self, case: Case, data: dict[str, Any]) -> Party:
        """A third person takes part from now on: rulings are served on them."""
        name = self._name(data)
        known = case.parties.filter(role=PartyRole.THIRD, name=name).first()
        if known is not None:
            return known
        last = max((party.position for party in case.parties.all()), default=0)
        return Party.objects.create(
            case=case, position=last + 1, role=PartyRole.THIRD, kind=data["objector_kind"], name=name
        )

    def _object(self, case: Case, data: dict[str, Any]) -> Asset | None:
        if data["asset"] is not None or self.against is None:
            return data["asset"]
        ordered = Measure.objects.filter(case=case, ordered_by=self.against).select_related("asset").first()
        return ordered.asset if ordered else None


class OneObjection(ActInput):
    """Which objection; the acts say in which state it must be."""

    objection = OfCase("objections", label=_("Objection"))


def pending(case: Case, *states: ObjectionState) -> list[Objection]:
    """Objections of a case in one of these states, from what a page has loaded."""
    return [objection for objection in case.objections.all() if objection.state in states]


def only_objection(objections: list[Objection]) -> dict[str, Any]:
    """The only objection it can be about, as what a form shows first."""
    return {"objection": objections[0].uid} if len(objections) == 1 else {}


class FileInput(OneObjection):
    objection = OfCase("objections", only={"state": ObjectionState.RECEIVED}, label=_("Objection"))


class FileObjection(Act):
    """File an objection for review within three days (异议立案): it gets a number of its own."""

    code = "objection.file"
    title = _("File an objection")
    group = "objection"
    summary = _("Objection of %(objector)s filed as %(number)s")
    basis = (OBJECTION_RULES.art(2), CASE_NUMBER_RULES.art(3))
    by = frozenset({Duty.FILING_CLERK})
    stages = REVIEW_STAGES
    Input = FileInput

    def ready(self, case: Case) -> None:
        if not pending(case, ObjectionState.RECEIVED):
            raise Refused(gettext("No objection waits to be filed."), OBJECTION_RULES.art(2))

    def initial(self, case: Case) -> dict[str, Any]:
        return only_objection(pending(case, ObjectionState.RECEIVED))

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        objection = data["objection"]
        serial = next_serial(self.court, TYPE_CODE, self.day.year)
        objection.number = case_numbers.format_number(self.day.year, self.court.code, TYPE_CODE, serial)
        objection.state = ObjectionState.FILED
        objection.save(update_fields=["number", "state"])
        self.effects.meet(case, "objection.file", subject=objection.uid)
        self.effects.open_deadline(
            case,
            "objection.notify",
            duty=Duty.FILING_CLERK,
            act="objection.notify",
            subject=objection.uid,
            label=objection.number,
        )
        # The fifteen days run from receipt, not from filing (CPL 236, 238).
        self.effects.open_deadline(
            case,
            DECISION_RULES[ObjectionKind(objection.kind)],
            starts_on=objection.received_on,
            duty=Duty.REVIEWING_JUDGE,
            act="objection.decide",
            subject=objection.uid,
            label=objection.number,
        )
        return {"objection": objection.uid, "objector": objection.objector, "number": objection.number}


class NotifyInput(OneObjection):
    objection = OfCase("objections", only={"state": ObjectionState.FILED}, label=_("Objection"))
    notified_on = serializers.DateField(label=_("Told on"))
    how = serializers.CharField(label=_("How"), max_length=160)


class NotifyObjection(Act):
    """Record that objector and parties were told of the filing within three days (立案通知)."""

    code = "objection.notify"
    title = _("Tell of an objection")
    group = "objection"
    summary = _("Objector and parties told of %(number)s on %(day)s")
    basis = (OBJECTION_RULES.art(2),)
    by = frozenset({Duty.FILING_CLERK, Duty.REVIEWING_JUDGE})
    stages = REVIEW_STAGES
    Input = NotifyInput

    def ready(self, case: Case) -> None:
        if not pending(case, ObjectionState.FILED):
            raise Refused(gettext("No objection is under review."), OBJECTION_RULES.art(2))

    def initial(self, case: Case) -> dict[str, Any]:
        return only_objection(pending(case, ObjectionState.FILED)) | {"notified_on": self.day}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        if not data["objection"].received_on <= data["notified_on"] <= self.day:
            raise Refused(
                gettext("They were told between the day it was received and today."),
                OBJECTION_RULES.art(2),
                field="notified_on",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        objection = data["objection"]
        self.effects.meet(case, "objection.notify", subject=objection.uid)
        return {
            "objection": objection.uid,
            "number": objection.number,
            "day": data["notified_on"],
            "how": data["how"],
        }


class WithdrawInput(OneObjection):
    objection = OfCase(
        "objections",
        only={"state__in": [ObjectionState.RECEIVED, ObjectionState.FILED]},
        label=_("Objection"),
    )
    reason = serializers.CharField(label=_("Why"), max_length=500, style={"base_template": "textarea.html"})


class WithdrawObjection(Act):
    """Let an objector withdraw (撤回异议); under review, the reviewing judge rules whether they may."""

    code = "objection.withdraw"
    title = _("Withdraw an objection")
    group = "objection"
    summary = _("Objection of %(objector)s withdrawn: %(reason)s")
    basis = (OBJECTION_RULES.art(13), OBJECTION_RULES.art(15))
    by = frozenset({Duty.FILING_CLERK, Duty.REVIEWING_JUDGE})
    stages = REVIEW_STAGES
    Input = WithdrawInput

    def ready(self, case: Case) -> None:
        if not pending(case, ObjectionState.RECEIVED, ObjectionState.FILED):
            raise Refused(gettext("No objection of this case is pending."), OBJECTION_RULES.art(13))

    def initial(self, case: Case) -> dict[str, Any]:
        return only_objection(pending(case, ObjectionState.RECEIVED, ObjectionState.FILED))

    def check(self, case: Case, data: dict[str, Any]) -> None:
        if data["objection"].state == ObjectionState.FILED and self.run.duty != Duty.REVIEWING_JUDGE:
            raise Refused(
                gettext("It is under review; the reviewing judge rules on its withdrawal."),
                OBJECTION_RULES.art(13),
                field="objection",
                code="under-review",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        objection = data["objection"]
        objection.state = ObjectionState.WITHDRAWN
        if objection.stops_disposal:
            resume_disposal(self, objection)
        objection.save(update_fields=["state", "stops_disposal", "stops_until"])
        self.effects.stop(
            case, "objection.file", "objection.notify", *DECISION_RULES.values(), subject=objection.uid
        )
        self.effects.notify([case.implementer], "objection.withdrawn", case=case, objector=objection.objector)
        return {"objection": objection.uid, "objector": objection.objector, "reason": data["reason"]}
