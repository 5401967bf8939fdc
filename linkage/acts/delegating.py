"""Delegating a case to a court of another installation (委托执行), as the delegating court does it."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused
from enforcement.models import Case, DeadlineKind, PartyRole, Stage
from law import clock
from law.citations import CPL, DELEGATION
from law.counting import add_months
from law.deadlines import rule
from linkage import letters
from linkage.acts.peers import peers_of, the_peer
from linkage.models import Delegation, DelegationState, Direction, Letter, LetterKind, LetterState

LIVE_OUT = (DelegationState.SENT, DelegationState.FILED)
RENEW_FIRST = "control.handover.min-term"


def live_delegation(case: Case) -> Delegation | None:
    """The delegation of a case that another court has not ended."""
    return (
        Delegation.objects.filter(case=case, direction=Direction.OUT, state__in=LIVE_OUT)
        .select_related("peer")
        .first()
    )


class SendInput(ActInput):
    """To whom, and why: what was looked for here and what is there."""

    peer = LiveChoiceField(label=_("Court"), choices_of=peers_of)
    reason = serializers.CharField(
        label=_("Why"),
        max_length=500,
        style={"base_template": "textarea.html"},
        help_text=_("What was searched here without result, and which property is in its district."),
    )
    phone = serializers.CharField(label=_("Telephone of the officer"), max_length=40)


class SendDelegation(Act):
    """Delegate a case to the court where the property is (委托执行): the whole application travels with it,
    and so does every measure, with its rank."""

    code = "delegation.send"
    title = _("Delegate to another court")
    group = "linkage"
    summary = _("Delegated to %(peer)s as %(number)s: %(reason)s")
    basis = (CPL.art(240), DELEGATION.art(1), DELEGATION.art(4), DELEGATION.art(5))
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.BUREAU_HEAD
    stages = frozenset({Stage.NOTICE, Stage.CONTROL, Stage.DISPOSAL})
    offered_as_step = False
    Input = SendInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.peer = the_peer(data["peer"])
        if self.peer.level != case.court.level:
            raise Refused(
                gettext("A case is delegated to a court of the same level; %(name)s is another.")
                % {"name": self.peer.name},
                DELEGATION.art(1),
                field="peer",
                code="level",
            )
        known = live_delegation(case)
        if known is not None:
            raise Refused(
                gettext("The case is delegated to %(name)s already (%(number)s).")
                % {"name": known.peer.name, "number": known.number},
                DELEGATION.art(2),
                code="delegated",
            )
        if case.received > 0:
            raise Refused(
                gettext(
                    "Money was received on this case, and a letter can't hand over its account."
                    " Pay it out and delegate on paper, with the account attached."
                ),
                DELEGATION.art(5),
                code="money-received",
            )
        self._refuse_unidentified(case)
        self._refuse_ending_measures(case)

    def _refuse_unidentified(self, case: Case) -> None:
        debtors = case.parties.filter(role=PartyRole.DEBTOR, identity_index=None)
        if debtors.exists():
            raise Refused(
                gettext(
                    "Add the identity number of %(name)s first; without it nobody there can file the case."
                )
                % {"name": debtors[0].name},
                DELEGATION.art(5),
                code="identity-missing",
            )

    def _refuse_ending_measures(self, case: Case) -> None:
        """Less than a month left: renew first (DELEGATION 6)."""
        months = rule(RENEW_FIRST).duration or 1
        ending = [
            measure
            for measure in case.measures.select_related("asset")
            if measure.is_live and measure.last_day < add_months(self.day, months)
        ]
        if ending:
            raise Refused(
                gettext("Renew the measure on “%(asset)s” first: it ends on %(day)s, in less than a month.")
                % {"asset": ending[0].asset.description, "day": ending[0].last_day},
                DELEGATION.art(6),
                code="renew-first",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        officer = self.run.proposer or self.actor
        serial = (Delegation.objects.aggregate(last=Max("id"))["last"] or 0) + 1
        delegation = Delegation.objects.create(
            case=case,
            peer=self.peer,
            direction=Direction.OUT,
            number=f"D-{self.day.year}-{case.pk}-{serial}"[:24],
            reason=data["reason"],
            delegated_on=self.day,
        )
        letters.write(
            self,
            delegation,
            LetterKind.SENT,
            {
                "to": self.peer.code,
                "reason": data["reason"],
                "delegated_on": self.day,
                **letters.delegated(case, officer=officer.name, phone=data["phone"]),
            },
        )
        # The clock of the other court runs from the day the letter arrives; here it is waited for.
        self.effects.open_deadline(
            case,
            "delegation.file",
            kind=DeadlineKind.WAIT,
            duty=Duty.IMPLEMENTER,
            subject=delegation.uid,
            label=self.peer.name,
            reason=gettext("Waits for the other court to file the case"),
        )
        return {
            "delegation": delegation.uid,
            "peer": self.peer.name,
            "number": delegation.number,
            "reason": data["reason"],
        }


class ToldInput(ActInput):
    told_on = serializers.DateField(label=_("Told on"))
    how = serializers.CharField(
        label=_("How"), max_length=200, help_text=_("Letter, telephone, platform; where the proof is kept.")
    )

    def validate_told_on(self, value: date) -> date:
        if value > clock.today():
            raise serializers.ValidationError(_("It can't have been after today."))
        return value


class TellApplicant(Act):
    """Record that the applicant was told of the delegation (通知申请执行人), within seven days of the
    notice of filing."""

    code = "delegation.notify"
    title = _("Record that the applicant was told of the delegation")
    group = "linkage"
    summary = _("The applicant was told on %(on)s that %(peer)s enforces it (%(how)s)")
    basis = (DELEGATION.art(7),)
    by = frozenset({Duty.IMPLEMENTER})
    offered_as_step = False
    Input = ToldInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        found = live_delegation(case)
        if found is None or found.state != DelegationState.FILED:
            raise Refused(
                gettext("No other court has filed this case."), DELEGATION.art(7), code="not-delegated"
            )
        self.delegation = found
        if data["told_on"] < found.delegated_on:
            raise Refused(
                gettext("The case was delegated on %(day)s; nobody was told before.")
                % {"day": found.delegated_on},
                DELEGATION.art(7),
                field="told_on",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        self.delegation.applicant_told_on = data["told_on"]
        self.delegation.save(update_fields=["applicant_told_on"])
        self.effects.meet(case, "delegation.notify", subject=self.delegation.uid)
        return {"on": data["told_on"], "peer": self.delegation.peer.name, "how": data["how"]}


class HeardInput(ActInput):
    letter = serializers.UUIDField(label=_("Letter"))


class HearLetter(Act):
    """Take in what the other court wrote: that it filed the case, who enforces it, a report, or the return
    (收到受托法院函件)."""

    code = "delegation.hear"
    title = _("Letter of the other court")
    group = "linkage"
    summary = _("%(peer)s: %(said)s")
    tone = "in"
    basis = (CPL.art(240), DELEGATION.art(7), DELEGATION.art(8))
    by_system = True
    stages = frozenset(Stage)
    offered_as_step = False
    Input = HeardInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        letter = (
            Letter.objects.select_related("peer")
            .filter(uid=data["letter"], direction=Direction.IN, state=LetterState.RECEIVED)
            .first()
        )
        delegation = (
            Delegation.objects.select_related("peer")
            .filter(case=case, peer=letter.peer, direction=Direction.OUT, number=letter.number)
            .first()
            if letter is not None
            else None
        )
        if letter is None or delegation is None:
            raise Refused(gettext("No such letter waits for this case."), DELEGATION.art(7), code="no-letter")
        if delegation.state not in LIVE_OUT:
            raise Refused(
                gettext("This delegation ended on %(day)s; nothing more is expected of it.")
                % {"day": delegation.ended_on},
                DELEGATION.art(9),
                code="ended",
            )
        self.letter, self.delegation = letter, delegation
        self.said = letters.content(letter)

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        take = {
            LetterKind.FILED: self._filed,
            LetterKind.ASSIGNED: self._assigned,
            LetterKind.REPORTED: self._reported,
            LetterKind.RETURNED: self._returned,
        }[LetterKind(self.letter.kind)]
        said = take(case, self.delegation, self.said)
        self.delegation.save()
        self.letter.state = LetterState.APPLIED
        self.letter.case = case
        self.letter.event_id = self.effects.event_id
        self.letter.save(update_fields=["state", "case", "event"])
        self.effects.notify(
            [case.implementer],
            "delegation.heard",
            case=case,
            tone="bad" if self.letter.kind == LetterKind.RETURNED else "in",
            peer=self.delegation.peer.name,
            number=self.delegation.number,
        )
        return {
            "delegation": self.delegation.uid,
            "peer": self.delegation.peer.name,
            "kind": self.letter.kind,
            "said": said,
        }

    def _filed(self, case: Case, delegation: Delegation, said: dict[str, Any]) -> str:
        delegation.state = DelegationState.FILED
        delegation.other_number = str(said.get("case_number", ""))[:40]
        delegation.other_officer = str(said.get("contact", ""))[:200]
        self.effects.meet(case, "delegation.file", subject=delegation.uid)
        if case.is_open:
            self.effects.open_deadline(
                case,
                "delegation.notify",
                duty=Duty.IMPLEMENTER,
                act="delegation.notify",
                subject=delegation.uid,
                label=delegation.peer.name,
            )
            for code in ("delegation.report", "delegation.limit"):
                self.effects.open_deadline(
                    case,
                    code,
                    kind=DeadlineKind.WAIT,
                    duty=Duty.IMPLEMENTER,
                    subject=delegation.uid,
                    label=delegation.peer.name,
                    reason=gettext("The other court enforces the case"),
                )
        return gettext("filed as %(number)s") % {"number": delegation.other_number}

    def _assigned(self, case: Case, delegation: Delegation, said: dict[str, Any]) -> str:
        delegation.other_officer = str(said.get("officer", ""))[:200]
        return gettext("enforced by %(officer)s") % {"officer": delegation.other_officer}

    def _reported(self, case: Case, delegation: Delegation, said: dict[str, Any]) -> str:
        delegation.received = max(delegation.received, Decimal(str(said.get("received", "0"))))
        self.effects.meet(case, "delegation.report", subject=delegation.uid)
        if said.get("finished"):
            delegation.state = DelegationState.FINISHED
            delegation.ended_on = self.day
            self._stop(case, delegation)
        return str(said.get("text", ""))[:500]

    def _returned(self, case: Case, delegation: Delegation, said: dict[str, Any]) -> str:
        delegation.state = DelegationState.RETURNED
        delegation.ended_on = self.day
        self._stop(case, delegation)
        if case.is_open:
            self.effects.open_deadline(
                case,
                "delegation.supplement",
                duty=Duty.IMPLEMENTER,
                act="delegation.send",
                subject=delegation.uid,
                label=delegation.peer.name,
            )
        return gettext("returned: %(reason)s") % {"reason": str(said.get("reason", ""))[:300]}

    def _stop(self, case: Case, delegation: Delegation) -> None:
        self.effects.stop(
            case,
            "delegation.file",
            "delegation.notify",
            "delegation.report",
            "delegation.limit",
            subject=delegation.uid,
        )
