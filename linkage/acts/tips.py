"""Tips (线索): taken from the public page or the hotline, answered by claim code and PIN; and who is on duty.

What was reported and by whom is sealed and in no event: history keeps that there was a tip, of which kind.
"""

from __future__ import annotations

import re
import secrets
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Court, Duty, DutyHolding, Person
from directory.sealing import blind_index
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused, SealedField, Subject
from law import clock, deadlines
from law.citations import DECISION_2011, PIPL, PROPERTY_INVESTIGATION, Citation
from law.clock import SHANGHAI
from linkage.acts.conference_tasks import command_of
from linkage.acts.conferences import UID
from linkage.acts.inquiring import LiveChoicesField
from linkage.models import DutyTeam, Tip, TipChannel, TipKind, TipMessage, TipState

BASIS = (DECISION_2011.art("二"), PROPERTY_INVESTIGATION.art(23))
SORT, DISPATCH, RESPOND, CLOSE = (f"linkage.tip-{step}" for step in ("sort", "dispatch", "respond", "close"))
#: Without what looks alike: 0 O 1 I L.
CLAIM_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CLAIM_LENGTH, PIN_DIGITS = 10, 6
LONGEST_TURN = timedelta(days=7)  # of duty; set by the product


def claim_index(code: str) -> bytes:
    """What a claim code is found by; capitals, spaces and dashes do not matter."""
    return blind_index(re.sub(r"[\s-]", "", code).upper(), kind="claim")


def areas(court: Court | None = None) -> dict[str, str]:
    """Division codes with the courts they belong to, those of a court first."""
    courts = sorted(Court.objects.all(), key=lambda one: (one != court, one.code))
    return {one.division_code: str(one) for one in courts}


def areas_of(context: dict[str, Any]) -> dict[str, str]:
    """The areas a tip of a form may be about."""
    return areas(context.get("court"))


def open_tips(context: dict[str, Any]) -> dict[str, str]:
    """Open tips of the court of a form, by number and kind: never by a word of theirs."""
    court = context.get("court")
    if court is None:
        return {}
    rows = Tip.objects.filter(court=court).exclude(state=TipState.CLOSED).order_by("due_at")
    return {str(one.uid): f"{one.number} · {one.get_kind_display()}" for one in rows[:200]}


def every_tip(context: dict[str, Any]) -> dict[str, str]:
    """Tips of the court of a form, the latest first."""
    court = context.get("court")
    rows = Tip.objects.filter(court=court)[:200] if court is not None else []
    return {str(one.uid): f"{one.number} · {one.get_kind_display()}" for one in rows}


def set_clock(tip: Tip, rule: str, act: Act) -> None:
    """Let a clock run on a tip from now on; whoever is to be warned is warned anew."""
    tip.rule = rule
    tip.due_at = deadlines.rule(rule).due(act.at, calendar=act.effects.calendar).ends
    tip.warned_at = None


class TipAct(Act):
    """What acts about tips share."""

    group = "tips"
    basis: ClassVar[tuple[Citation, ...]] = BASIS
    subject = Subject.COURT
    by = frozenset({Duty.COMMAND})
    needs_assignment = False
    offered_as_step = False

    def tip(self, uid: str, *, closed: bool = False) -> Tip:
        """A tip of this court, locked; an open one unless ``closed``. Raises ``Refused``."""
        found = (
            Tip.objects.select_for_update(of=("self",))
            .select_related("team__court", "team__leader")
            .filter(court=self.court, uid=uid)
            .first()
            if UID.fullmatch(uid)
            else None
        )
        if found is None or not (found.is_open or closed):
            raise Refused(gettext("This court has no such open tip."), BASIS, field="tip", code="not-found")
        return found


class ReceiveInput(ActInput):
    """What is reported. Nobody has to say who they are."""

    kind = serializers.ChoiceField(label=_("What is it about?"), choices=TipKind.choices)
    is_urgent = serializers.BooleanField(
        label=_("It is happening now"),
        required=False,
        default=False,
        help_text=_("The person is there now, or property is being moved now."),
    )
    text = SealedField(
        kind="secret",
        label=_("What did you see or hear?"),
        min_length=4,
        max_length=2000,
        style={"base_template": "textarea.html", "rows": 6},
        help_text=_("Who, what, when. Write nothing about yourself that you do not want to say."),
    )
    place = SealedField(
        kind="secret",
        label=_("Where exactly?"),
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        style={"autocomplete": "off"},
    )
    reporter_name = SealedField(
        kind="secret",
        label=_("Your name, if you want to give it"),
        max_length=80,
        required=False,
        allow_blank=True,
        default="",
        style={"autocomplete": "off"},
    )
    reporter_phone = SealedField(
        kind="secret",
        label=_("Your telephone, if you want to give it"),
        max_length=40,
        required=False,
        allow_blank=True,
        default="",
        style={"autocomplete": "off", "input_type": "tel"},
        help_text=_("Sealed: nobody who works on the case sees it. It is opened for paying a reward only."),
    )


class Receive(TipAct):
    """Take a tip from the public page (公开举报); claim code and PIN are shown once."""

    code = "tip.receive"
    title = _("Receive a tip")
    summary = _("Tip %(number)s received (%(channel)s): %(kind)s")
    tone = "in"
    by: ClassVar[frozenset[Duty]] = frozenset()
    by_system = True
    Input: ClassVar[type[ActInput]] = ReceiveInput

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        return self.take(data, TipChannel.WEB, self.court.division_code)

    def take(self, data: dict[str, Any], channel: str, division: str) -> dict[str, Any]:
        """Store a tip, start its clock, tell the command centre."""
        code = "".join(secrets.choice(CLAIM_LETTERS) for _letter in range(CLAIM_LENGTH))
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
        tip = Tip(
            court=self.court,
            number=self._number(),
            channel=channel,
            kind=data["kind"],
            is_urgent=data["is_urgent"],
            division=division,
            claim_index=claim_index(code),
            pin=make_password(pin),
            received_at=self.at,
            recorded_by=self.actor,
        )
        for name in ("text", "place", "reporter_name", "reporter_phone"):
            setattr(tip, name, data[name])
        set_clock(tip, DISPATCH if tip.is_urgent else SORT, self)
        tip.save()
        self.effects.notify(
            command_of(self.court), "tip.received", tone="bad" if tip.is_urgent else "in", number=tip.number
        )
        self.run.revealed = f"{code[:5]}-{code[5:]} {pin}"
        return {
            "tip": tip.uid,
            "number": tip.number,
            "channel": TipChannel(channel).label,
            "kind": TipKind(tip.kind).label,
            "urgent": tip.is_urgent,
        }

    def _number(self) -> str:
        """The next number of the year: the register is locked, so counting is safe."""
        this_year = clock.start_of(date(self.day.year, 1, 1))
        made = Tip.objects.filter(court=self.court, received_at__gte=this_year).count()
        return f"{self.court.code}线索〔{self.day.year}〕{made + 1}号"


class RecordInput(ReceiveInput):
    channel = serializers.ChoiceField(
        label=_("How it came"),
        choices=[one for one in TipChannel.choices if one[0] != TipChannel.WEB],
        default=TipChannel.HOTLINE,
    )
    division = LiveChoiceField(
        label=_("Area it is about"),
        choices_of=areas_of,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Empty: the area of this court."),
    )


class Record(Receive):
    """Write down a tip that came by telephone, letter or in person (登记线索)."""

    code = "tip.record"
    title = _("Record a tip")
    by = frozenset({Duty.COMMAND, Duty.FILING_CLERK})
    by_system = False
    offered_as_step = True
    Input = RecordInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        if data["division"] and data["division"] not in areas():
            raise Refused(
                gettext("No court belongs to this area."), BASIS, field="division", code="unknown-area"
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        return self.take(data, data["channel"], data["division"] or self.court.division_code)


# --- words in both directions -----------------------------------------------------------------------
class MessageInput(ActInput):
    tip = serializers.CharField(label=_("Tip"), max_length=36)
    text = SealedField(
        kind="secret",
        label=_("Message"),
        max_length=1000,
        style={"base_template": "textarea.html", "rows": 4},
    )


class Message(TipAct):
    """A further word of whoever reported (补充线索), by claim code and PIN."""

    code = "tip.message"
    title = _("Add to a tip")
    summary = _("A further word came on tip %(number)s")
    tone = "in"
    by: ClassVar[frozenset[Duty]] = frozenset()
    by_system = True
    Input = MessageInput
    #: Words that may stand unanswered, so that nobody fills the ticket.
    MOST = 20

    def check(self, case: None, data: dict[str, Any]) -> None:
        tip = self.tip(data["tip"])
        if tip.messages.filter(from_court=False).count() >= self.MOST:
            raise Refused(
                gettext("There are many messages already. The court answers first."),
                BASIS,
                field="text",
                code="too-many",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        tip = self.tip(data["tip"])
        say(tip, data["text"], self, from_court=False)
        self.effects.notify(command_of(self.court), "tip.message", tone="in", number=tip.number)
        return {"tip": tip.uid, "number": tip.number}


def say(tip: Tip, text: str, act: Act, *, from_court: bool) -> None:
    """Keep a word on a tip, sealed."""
    message = TipMessage(tip=tip, from_court=from_court, written_by=act.actor, at=act.at)
    message.text = text
    message.save(force_insert=True)


class ReplyInput(ActInput):
    tip = LiveChoiceField(label=_("Tip"), choices_of=every_tip)
    text = SealedField(
        kind="secret",
        label=_("Answer"),
        max_length=1000,
        style={"base_template": "textarea.html", "rows": 4},
        help_text=_("Read by whoever reported, with claim code and PIN. Tell nothing about a party."),
    )


class Reply(TipAct):
    """Answer whoever reported (答复举报人); they read it by claim code and PIN."""

    code = "tip.reply"
    title = _("Answer whoever reported")
    summary = _("Tip %(number)s was answered")
    Input = ReplyInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        self.tip(data["tip"], closed=True)

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        tip = self.tip(data["tip"], closed=True)
        say(tip, data["text"], self, from_court=True)
        return {"tip": tip.uid, "number": tip.number}


# --- who is on duty -----------------------------------------------------------------------------------
def officers(court: Court) -> Any:
    """Active officers of a court."""
    held = DutyHolding.objects.live().filter(court=court, duty=Duty.IMPLEMENTER)
    return Person.objects.filter(holdings__in=held, is_active=True, kind="human").distinct()


def officers_of(context: dict[str, Any]) -> dict[str, str]:
    """Officers of the court of a form, by username."""
    court = context.get("court")
    return {one.username: str(one) for one in officers(court)} if court is not None else {}


def turns_of(context: dict[str, Any]) -> dict[str, str]:
    """Turns of duty of the court of a form that have not ended."""
    court = context.get("court")
    if court is None:
        return {}
    rows = DutyTeam.objects.filter(court=court, ends_at__gt=clock.now()).select_related("leader")
    return {str(one.uid): f"{one.leader} · {shown(one.begins_at)} – {shown(one.ends_at)}" for one in rows}


def shown(moment: datetime) -> str:
    """A moment as lists show it, in Beijing time."""
    return moment.astimezone(SHANGHAI).strftime("%m-%d %H:%M")


class RosterInput(ActInput):
    leader = LiveChoiceField(label=_("Leader"), choices_of=officers_of)
    people = LiveChoicesField(label=_("With"), choices_of=officers_of, required=False)
    phone = serializers.CharField(label=_("Telephone on duty"), max_length=40)
    begins_at = serializers.DateTimeField(label=_("From"), default_timezone=SHANGHAI)
    ends_at = serializers.DateTimeField(label=_("Until"), default_timezone=SHANGHAI)


class SetRoster(TipAct):
    """Put a team on duty for rapid response (排班)."""

    code = "tip.set-roster"
    title = _("Put a team on duty")
    summary = _("%(leader)s and %(count)s others are on duty from %(begins_at)s to %(ends_at)s")
    Input = RosterInput

    def initial(self, case: None) -> dict[str, Any]:
        begins = self.at.replace(minute=0, second=0, microsecond=0)
        return {"begins_at": begins, "ends_at": begins + timedelta(hours=24)}

    def check(self, case: None, data: dict[str, Any]) -> None:
        if data["ends_at"] <= max(data["begins_at"], self.at):
            raise Refused(gettext("The turn ends before it begins, or has ended."), BASIS, field="ends_at")
        if data["ends_at"] - data["begins_at"] > LONGEST_TURN:
            raise Refused(gettext("A turn of duty lasts a week at most."), BASIS, field="ends_at")
        known = {one.username: one for one in officers(self.court)}
        wanted = {data["leader"], *data.get("people", set())}
        if not wanted <= set(known):
            raise Refused(
                gettext("Officers of this court alone can be put on duty."),
                BASIS,
                field="leader" if data["leader"] not in known else "people",
                code="not-found",
            )
        self.leader, self.team = known[data["leader"]], [known[name] for name in sorted(wanted)]

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        team = DutyTeam.objects.create(
            court=self.court,
            leader=self.leader,
            phone=data["phone"],
            begins_at=data["begins_at"],
            ends_at=data["ends_at"],
        )
        team.people.set(self.team)
        return {
            "team": team.uid,
            "leader": self.leader.name,
            "people": [one.username for one in self.team],
            "count": len(self.team) - 1,
            "begins_at": shown(team.begins_at),
            "ends_at": shown(team.ends_at),
        }


class EndRosterInput(ActInput):
    team = LiveChoiceField(label=_("Turn of duty"), choices_of=turns_of)


class EndRoster(TipAct):
    """End a turn of duty now (撤班); a turn that has not begun is taken back."""

    code = "tip.end-roster"
    title = _("End a turn of duty")
    summary = _("The turn of duty of %(leader)s ended at %(ends_at)s")
    Input = EndRosterInput

    def _team(self, uid: str) -> DutyTeam:
        team = (
            DutyTeam.objects.select_related("leader")
            .filter(court=self.court, uid=uid, ends_at__gt=self.at)
            .first()
            if UID.fullmatch(uid)
            else None
        )
        if team is None:
            raise Refused(gettext("No such turn of duty is left."), BASIS, field="team", code="not-found")
        return team

    def check(self, case: None, data: dict[str, Any]) -> None:
        self._team(data["team"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        team = self._team(data["team"])
        if team.begins_at >= self.at:
            team.people.clear()
            team.delete()
        else:
            team.ends_at = self.at
            team.save(update_fields=["ends_at"])
        return {"leader": team.leader.name, "ends_at": shown(self.at)}


def admitted_by_team(court: Court, actor: Person) -> Duty | None:
    """Officer, for somebody of a team that was sent out by that court and is not back yet."""
    sent = Tip.objects.filter(court=court, team__people=actor, state=TipState.DISPATCHED)
    return Duty.IMPLEMENTER if sent.exists() else None


PRIVACY = (*BASIS, PIPL.art(51))
