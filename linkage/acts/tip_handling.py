"""Rapid response (执行快速反应): the nearest team on duty is sent, responds, and the result goes to the case.

The case learns the result alone. Who reported is looked at by two people, for paying a reward, and by nobody
else (PROPERTY_INVESTIGATION 23).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Court, Duty, DutyHolding, Person
from enforcement import engine
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused, SealedField
from enforcement.models import Case, Message, ReadLog, Stage
from enforcement.outbox import Handler, handle
from law.citations import DECISION_2011, PROPERTY_INVESTIGATION
from linkage.acts.conference_tasks import command_of
from linkage.acts.tips import (
    BASIS,
    CLOSE,
    PRIVACY,
    RESPOND,
    TipAct,
    admitted_by_team,
    every_tip,
    open_tips,
    say,
    set_clock,
    shown,
)
from linkage.models import DutyTeam, IdentityPermission, TipKind, TipOutcome, TipState
from linkage.nearness import by_nearness

FOLLOW = "linkage.tip-follow"
#: Results after which somebody of the case must act.
FOUND = frozenset(
    {TipOutcome.PERSON_FOUND, TipOutcome.ASSET_CONTROLLED, TipOutcome.ASSET_FOUND, TipOutcome.STOPPED}
)
PERMISSION_LASTS = timedelta(hours=24)  # set by the product


def on_duty(court: Court, at: Any) -> list[DutyTeam]:
    """Teams on duty at a moment, of all courts below the same high court."""
    high = court.line()["high_court"]
    teams = DutyTeam.objects.filter(begins_at__lte=at, ends_at__gt=at).select_related(
        "court__parent__parent", "leader"
    )
    return [team for team in teams if team.court.line()["high_court"] == high]


def teams_of(context: dict[str, Any]) -> dict[str, str]:
    """Teams on duty now, as far as the court of a form may send them."""
    court, run = context.get("court"), context.get("run")
    if court is None or run is None:
        return {}
    teams = by_nearness(court.division_code, on_duty(court, run.at))
    return {str(one.uid): f"{one.court} · {one.leader} · {one.phone} · {shown(one.ends_at)}" for one in teams}


class DispatchInput(ActInput):
    tip = LiveChoiceField(label=_("Tip"), choices_of=open_tips)
    team = LiveChoiceField(
        label=_("Team"),
        choices_of=teams_of,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Empty: the nearest team on duty, by the area the tip is about."),
    )


class Dispatch(TipAct):
    """Send the nearest team on duty (派出); a team of another court goes with that court's knowledge."""

    code = "tip.dispatch"
    title = _("Send a team")
    summary = _("Tip %(number)s: %(leader)s of %(court)s is sent; to respond by %(due)s")
    Input = DispatchInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        tip = self.tip(data["tip"])
        if tip.state == TipState.RESPONDED:
            raise Refused(
                gettext("The team has responded. Close the tip, or record a new one."),
                BASIS,
                field="tip",
                code="responded",
            )
        ready = by_nearness(tip.division, on_duty(self.court, self.at))
        if data["team"]:
            ready = [team for team in ready if str(team.uid) == data["team"]]
        if not ready:
            raise Refused(
                gettext("No such team is on duty now. Put one on duty first."),
                BASIS,
                field="team",
                code="nobody-on-duty",
            )
        self.team = ready[0]

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        tip = self.tip(data["tip"])
        tip.team, tip.dispatched_at, tip.state = self.team, self.at, TipState.DISPATCHED
        set_clock(tip, RESPOND, self)
        tip.save()
        self.effects.notify(
            self.team.people.filter(is_active=True), "tip.dispatched", tone="bad", number=tip.number
        )
        if self.team.court_id != self.court.pk:
            self.effects.notify(command_of(self.team.court), "tip.dispatched", number=tip.number)
        assert tip.due_at is not None
        return {
            "tip": tip.uid,
            "number": tip.number,
            "team": self.team.uid,
            "leader": self.team.leader.name,
            "court": self.team.court.name,
            "due": shown(tip.due_at),
        }


class RespondInput(ActInput):
    tip = LiveChoiceField(label=_("Tip"), choices_of=open_tips)
    finding = SealedField(
        kind="secret",
        label=_("What you found and did"),
        max_length=2000,
        style={"base_template": "textarea.html", "rows": 5},
        help_text=_("For the command centre; it stays on the ticket."),
    )


class Respond(TipAct):
    """Report from the place (反馈处置情况), by somebody of the team that was sent."""

    code = "tip.respond"
    title = _("Report from the place")
    summary = _("Tip %(number)s: the team responded")
    tone = "in"
    by = frozenset({Duty.IMPLEMENTER, Duty.COMMAND})
    Input = RespondInput

    @classmethod
    def admits(cls, case: Case | None, court: Court, actor: Person, data: Mapping[str, Any]) -> Duty | None:
        return admitted_by_team(court, actor)

    def check(self, case: None, data: dict[str, Any]) -> None:
        tip = self.tip(data["tip"])
        if tip.state != TipState.DISPATCHED or tip.team is None:
            raise Refused(gettext("No team is out for this tip."), BASIS, field="tip", code="not-dispatched")
        in_team = tip.team.people.filter(pk=self.actor.pk).exists()
        if not in_team and self.run.duty != Duty.COMMAND:
            raise Refused(
                gettext("Another team was sent for this tip."), BASIS, field="tip", code="not-found"
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        tip = self.tip(data["tip"])
        tip.finding = data["finding"]
        tip.responded_at, tip.state = self.at, TipState.RESPONDED
        set_clock(tip, CLOSE, self)
        tip.save()
        self.effects.notify(command_of(self.court), "tip.message", tone="in", number=tip.number)
        return {"tip": tip.uid, "number": tip.number}


class CloseInput(ActInput):
    tip = LiveChoiceField(label=_("Tip"), choices_of=open_tips)
    outcome = serializers.ChoiceField(label=_("Result"), choices=TipOutcome.choices)
    case_number = serializers.CharField(
        label=_("Case it concerns"),
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("The result is written on its timeline; nothing else of the tip."),
    )
    result = serializers.CharField(
        label=_("Result in words, for the case"),
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html", "rows": 3},
        help_text=_("What was found and done. Not a word from which anybody could guess who reported."),
    )
    reply = SealedField(
        kind="secret",
        label=_("Answer to whoever reported"),
        max_length=1000,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html", "rows": 3},
    )


class Close(TipAct):
    """Close a tip (办结): the result, to the case it concerns, and an answer to whoever reported."""

    code = "tip.close"
    title = _("Close a tip")
    summary = _("Tip %(number)s closed: %(said)s")
    Input = CloseInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        tip = self.tip(data["tip"])
        if data["outcome"] in FOUND and tip.state != TipState.RESPONDED:
            raise Refused(
                gettext("Nobody has been there yet: the team reports first."),
                BASIS,
                field="outcome",
                code="not-responded",
            )
        self.case = self._case(data["case_number"])
        if self.case is not None and not data["result"].strip():
            raise Refused(
                gettext("Say in words what the case should know."), BASIS, field="result", code="no-result"
            )
        if self.case is None and data["outcome"] in FOUND:
            raise Refused(
                gettext("Name the case for which something was found."),
                BASIS,
                field="case_number",
                code="no-case",
            )

    def _case(self, text: str) -> Case | None:
        if not text.strip():
            return None
        number = engine_number(text)
        found = Case.objects.visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise Refused(
                gettext("You see no case of this number."), BASIS, field="case_number", code="not-found"
            )
        return found

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        tip = self.tip(data["tip"])
        tip.state, tip.closed_at, tip.due_at = TipState.CLOSED, self.at, None
        tip.outcome, tip.case = data["outcome"], self.case
        tip.save()
        if data["reply"]:
            say(tip, data["reply"], self, from_court=True)
        if self.case is not None:
            self.effects.send(
                "tip-outcome",
                str(tip.uid),
                {"case": str(self.case.uid), "outcome": tip.outcome, "result": data["result"]},
            )
        return {
            "tip": tip.uid,
            "number": tip.number,
            "kind": TipKind(tip.kind).label,
            "said": TipOutcome(tip.outcome).label,
            "on_case": self.case is not None,
        }


def engine_number(text: str) -> str:
    """A case number in its one form; what is no case number stays as it was typed."""
    from law import case_numbers

    try:
        return str(case_numbers.parse(text))
    except case_numbers.CaseNumberError:
        return text.strip()


class OutcomeInput(ActInput):
    outcome = serializers.ChoiceField(label=_("Result"), choices=TipOutcome.choices)
    result = serializers.CharField(label=_("Result in words, for the case"), max_length=500)


class TipResult(Act):
    """The result of a rapid response, on the case it concerns: no number of the tip, no hour, no place."""

    code = "case.tip-outcome"
    title = _("Result of a rapid response")
    group = "tips"
    summary = _("Rapid response: %(said)s. %(result)s")
    tone = "in"
    basis = (DECISION_2011.art("二"), PROPERTY_INVESTIGATION.art(23))
    by_system = True
    needs_assignment = False
    offered_as_step = False
    # What is found may lead to the revival of a closed case as well.
    stages = frozenset(Stage)
    Input = OutcomeInput

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        said = TipOutcome(data["outcome"])
        if said in FOUND and case.is_open:
            self.effects.open_deadline(
                case, FOLLOW, duty=Duty.IMPLEMENTER, act="case.record-step", label=data["result"][:160]
            )
        self.effects.notify([case.implementer], "tip.outcome", case=case, tone="in", outcome=str(said.label))
        return {"outcome": said.value, "said": said.label, "result": data["result"]}


def deliver_outcome(message: Message) -> None:
    """Write a result on its case, once: the tip's id is the key."""
    case = Case.objects.get(uid=message.body["case"])
    data = {name: message.body[name] for name in ("outcome", "result")}
    engine.do(TipResult, case, Person.objects.system(), data, key=f"tip:{message.recipient}")


handle("tip-outcome", Handler(deliver_outcome))


# --- who reported -------------------------------------------------------------------------------------
LOOKING = (Duty.COMMAND, Duty.FINANCE)
GROUNDS = [("reward", _("Paying the reward"))]


def lookers(court: Court, besides: Person | None = None) -> Any:
    """People of a court who may be let look at who reported."""
    held = DutyHolding.objects.live().filter(court=court, duty__in=LOOKING)
    people = Person.objects.filter(holdings__in=held, is_active=True, kind="human").distinct()
    return people.exclude(pk=besides.pk) if besides is not None else people


def lookers_of(context: dict[str, Any]) -> dict[str, str]:
    """The same for a form, by username."""
    court = context.get("court")
    return {one.username: str(one) for one in lookers(court, context.get("actor"))} if court else {}


class AllowIdentityInput(ActInput):
    tip = LiveChoiceField(label=_("Tip"), choices_of=every_tip)
    person = LiveChoiceField(label=_("Who may look, once"), choices_of=lookers_of)
    ground = serializers.ChoiceField(label=_("For"), choices=GROUNDS)
    reason = serializers.CharField(label=_("Reason"), min_length=4, max_length=200)


class AllowIdentity(TipAct):
    """Let another person look once at who reported (批准启封), within a day."""

    code = "tip.allow-identity"
    title = _("Let somebody look at who reported")
    summary = _("%(name)s may look once at who reported tip %(number)s (%(ground)s): %(reason)s")
    basis = PRIVACY
    by = frozenset({Duty.PRESIDENT})
    Input = AllowIdentityInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        tip = self.tip(data["tip"], closed=True)
        if not tip.has_reporter:
            raise Refused(
                gettext("Whoever reported did not say who they are."), BASIS, field="tip", code="nobody"
            )
        self.person = lookers(self.court, self.actor).filter(username=data["person"]).first()
        if self.person is None:
            raise Refused(
                gettext("Two people open an identity: another one, of the command centre or finance."),
                PRIVACY,
                field="person",
                code="four-eyes",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        tip = self.tip(data["tip"], closed=True)
        assert self.person is not None
        IdentityPermission.objects.create(
            tip=tip,
            allowed_by=self.actor,
            allowed_to=self.person,
            purpose=f"{data['ground']}: {data['reason']}",
            until=self.at + PERMISSION_LASTS,
        )
        self.effects.notify([self.person], "tip.message", number=tip.number)
        return {
            "tip": tip.uid,
            "number": tip.number,
            "name": self.person.name,
            "ground": dict(GROUNDS)[data["ground"]],
            "reason": data["reason"],
        }


class ShowIdentityInput(ActInput):
    tip = LiveChoiceField(label=_("Tip"), choices_of=every_tip)


class ShowIdentity(TipAct):
    """Look once at who reported (启封身份), with another person's permission; it is written down."""

    code = "tip.show-identity"
    title = _("Look at who reported")
    summary = _("%(name)s looked at who reported tip %(number)s")
    basis = PRIVACY
    by = frozenset(LOOKING)
    Input = ShowIdentityInput

    def _permission(self, uid: str) -> IdentityPermission:
        permission = (
            IdentityPermission.objects.select_for_update(of=("self",))
            .filter(tip=self.tip(uid, closed=True), allowed_to=self.actor, used_at=None, until__gt=self.at)
            .first()
        )
        if permission is None:
            raise Refused(
                gettext("The president lets somebody look at who reported, once. Nobody let you."),
                PRIVACY,
                field="tip",
                code="four-eyes",
            )
        return permission

    def check(self, case: None, data: dict[str, Any]) -> None:
        self._permission(data["tip"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        permission = self._permission(data["tip"])
        permission.used_at = self.at
        permission.save(update_fields=["used_at"])
        tip = permission.tip
        self.run.revealed = f"{tip.reporter_name} {tip.reporter_phone}".strip()
        ReadLog.objects.create(
            person=self.actor, at=self.at, what="tip.identity", purpose=f"{tip.number} {permission.purpose}"
        )
        return {"tip": tip.uid, "number": tip.number, "name": self.actor.name}
