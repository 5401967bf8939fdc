"""Enforcing what another court delegated (受托执行): filing it, returning it, reporting on it."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from directory.models import Duty, Person
from directory.sealing import blind_index
from enforcement import engine
from enforcement.acts.filing import FileCase, FilingInput
from enforcement.acts.measures_taking import open_term
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused, Subject
from enforcement.engine.history import mask
from enforcement.models import Asset, Case, DeadlineKind, Measure, MeasureState, Party, Stage
from law import clock
from law.citations import CPL, DELEGATION
from linkage import letters
from linkage.letters import ONE_DAY, content, day
from linkage.models import Delegation, DelegationState, Direction, Letter, LetterKind, LetterState

ORIGIN_TYPE = "执"


def waiting_letters(court: Any) -> dict[str, str]:
    """Letters of delegation at a court that nobody has decided about."""
    rows = Letter.objects.filter(
        court=court, direction=Direction.IN, kind=LetterKind.SENT, state=LetterState.RECEIVED
    ).select_related("peer")
    return {str(row.uid): f"{row.peer.name} {row.number}" for row in rows}


def _letters_of(context: dict[str, Any]) -> dict[str, str]:
    return waiting_letters(context["court"]) if context.get("court") else {}


def the_letter(court: Any, uid: str) -> Letter:
    """A letter of delegation that waits at this court. Raises ``Refused``."""
    letter = (
        Letter.objects.select_for_update(of=("self",))
        .select_related("peer")
        .filter(uid=uid, court=court, direction=Direction.IN, kind=LetterKind.SENT)
        .first()
        if uid in waiting_letters(court)
        else None
    )
    if letter is None:
        raise Refused(gettext("No such letter of delegation waits here."), DELEGATION.art(7), field="letter")
    return letter


class LetterInput(ActInput):
    letter = LiveChoiceField(label=_("Letter of delegation"), choices_of=_letters_of)


class AcceptInput(LetterInput):
    contact = serializers.CharField(
        label=_("Telephone of this court"), max_length=80, help_text=_("It is told to the other court.")
    )


class AcceptDelegation(FileCase):
    """File what another court delegated (受托立案): the filing of any case, with what the letter carries;
    measures of the delegating court count as this court's and keep their rank (DELEGATION 6)."""

    code = "delegation.accept"
    title = _("File a delegated case")
    group = "linkage"
    summary = _("Filed as %(number)s, delegated by %(peer)s (%(delegation)s)")
    basis = (DELEGATION.art(2), DELEGATION.art(6), DELEGATION.art(7), CPL.art(240))
    Input: ClassVar[type[ActInput]] = AcceptInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.letter = the_letter(self.court, data["letter"])
        self.said = content(self.letter)
        self.filing = self._filing(case)
        super().check(case, self.filing)

    def _filing(self, case: Case) -> dict[str, Any]:
        received = clock.legal_day(self.letter.at).isoformat()
        given = self.said.get("filing")
        raw = dict(given) if isinstance(given, dict) else {}
        form = FilingInput(
            data=raw | {"type_code": ORIGIN_TYPE, "applied_on": received, "duplicate_reason": ""},
            context={"case": None, "actor": self.actor, "court": self.court, "run": self.run},
        )
        try:
            form.is_valid(raise_exception=True)
        except ValidationError as error:
            raise Refused(
                gettext(
                    "The letter lacks what a filing needs (%(fields)s). Return it and say what is missing."
                )
                % {"fields": ", ".join(sorted(form.errors))},
                DELEGATION.art(8),
                field="letter",
                code="incomplete",
            ) from error
        return dict(form.validated_data)

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        filed = super().perform(case, self.filing)
        letter = self.letter
        delegation = Delegation.objects.create(
            case=case,
            peer=letter.peer,
            direction=Direction.IN,
            number=letter.number,
            state=DelegationState.FILED,
            reason=str(self.said.get("reason", ""))[:500],
            delegated_on=day(self.said.get("delegated_on")) or self.day,
            other_number=str(self.said.get("case_number", ""))[:40],
            other_officer=_officer(self.said),
        )
        assets, measures = self._take_over(case)
        arrived = clock.legal_day(letter.at)
        self.effects.open_deadline(
            case,
            "delegation.start",
            starts_on=arrived,
            duty=Duty.IMPLEMENTER,
            act="notice.issue",
            subject=delegation.uid,
        )
        self.effects.open_deadline(
            case,
            "delegation.report",
            starts_on=arrived,
            duty=Duty.IMPLEMENTER,
            act="delegation.report",
            subject=delegation.uid,
            label=letter.peer.name,
        )
        self.effects.open_deadline(
            case, "delegation.limit", kind=DeadlineKind.LIMIT, duty=Duty.IMPLEMENTER, subject=delegation.uid
        )
        letters.write(
            self,
            delegation,
            LetterKind.FILED,
            {"case_number": case.number, "filed_on": self.day, "contact": data["contact"]},
        )
        letter.state = LetterState.APPLIED
        letter.case = case
        letter.event_id = self.effects.event_id
        letter.save(update_fields=["state", "case", "event"])
        return filed | {
            "peer": letter.peer.name,
            "delegation": letter.number,
            "origin": delegation.other_number,
            "assets": assets,
            "measures": measures,
        }

    def _take_over(self, case: Case) -> tuple[int, int]:
        """Assets and measures of the delegating court; their terms go on here."""
        owners = {party.position: party for party in Party.objects.filter(case=case)}
        assets = measures = 0
        for row in self.said.get("assets") or []:
            asset = self._asset(case, owners[int(row["owner"])], row)
            assets += 1
            for one in row["measures"]:
                self._measure(case, asset, one)
                measures += 1
        return assets, measures

    def _asset(self, case: Case, owner: Party, row: dict[str, Any]) -> Asset:
        asset = Asset(
            case=case,
            owner=owner,
            kind=row["kind"],
            description=row["description"],
            holder=row["holder"],
            register_number=row["register_number"],
            value=_amount(row["value"]),
            value_source=row["value_source"],
            prior_claims=_amount(row["prior_claims"]) or Decimal("0.00"),
            is_only_home=row["is_only_home"],
            is_indivisible=row["is_indivisible"],
            found_on=day(row["found_on"]) or self.day,
            source=f"{self.letter.peer.name} {self.letter.number}"[:160],
        )
        if row["account_number"]:
            asset.account_number = row["account_number"]
            asset.account_mask = mask("account", row["account_number"])
            asset.account_index = blind_index(row["account_number"], kind="account")
        asset.save(force_insert=True)
        return asset

    def _measure(self, case: Case, asset: Asset, row: dict[str, Any]) -> None:
        first, last = day(row["first"]), day(row["last"])
        assert first is not None
        assert last is not None
        measure = Measure.objects.create(
            case=case,
            asset=asset,
            kind=row["kind"],
            rank=row["rank"],
            amount=_amount(row["amount"]),
            during=DateRange(first, last + ONE_DAY),
            state=MeasureState(row["state"]),
            basis=f"{DELEGATION.art(6).label('zh')}、{row['basis']}"[:300],
            remedy="objection",
            carried_out_by=row["officers"],
            ordered_by_id=self.effects.event_id,
            # The other court ordered it; here it is taken over by the clerk who files.
            proposed_by=Person.objects.system(),
            decided_by=self.actor,
        )
        open_term(self, case, measure)


def _amount(text: Any) -> Decimal | None:
    return Decimal(str(text)) if text is not None else None


def _officer(said: dict[str, Any]) -> str:
    officer = said.get("officer") or {}
    return f"{officer.get('name', '')} {officer.get('phone', '')}".strip()[:200]


class ReturnInput(LetterInput):
    reason = serializers.CharField(
        label=_("Reason"),
        max_length=300,
        style={"base_template": "textarea.html"},
        help_text=_("What is missing, and what would make it complete."),
    )


class ReturnDelegation(Act):
    """Return a letter of delegation whose papers are not complete (退回委托); the other court completes them
    within thirty days."""

    code = "delegation.return"
    title = _("Return a letter of delegation")
    group = "linkage"
    summary = _("%(delegation)s returned to %(peer)s: %(reason)s")
    basis = (DELEGATION.art(8), DELEGATION.art(9))
    subject = Subject.COURT
    by = frozenset({Duty.FILING_CLERK})
    needs_assignment = False
    offered_as_step = False
    Input = ReturnInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        self.letter = the_letter(self.court, data["letter"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        letter = self.letter
        letters.post(
            self, letter.peer, LetterKind.RETURNED, letter.number, {"reason": data["reason"]}, case=None
        )
        letter.state = LetterState.REFUSED
        letter.problem = data["reason"]
        letter.event_id = self.effects.event_id
        letter.save(update_fields=["state", "problem", "event"])
        return {"delegation": letter.number, "peer": letter.peer.name, "reason": data["reason"]}


class ReportInput(ActInput):
    text = serializers.CharField(
        label=_("What was done"), max_length=500, style={"base_template": "textarea.html"}
    )
    finished = serializers.BooleanField(label=_("Enforcement is finished"), required=False, default=False)


def taken_on(case: Case) -> Delegation | None:
    """The delegation a case of this court came with."""
    return Delegation.objects.filter(case=case, direction=Direction.IN).select_related("peer").first()


class ReportDelegation(Act):
    """Tell the delegating court how far enforcement is (函告执行情况): within thirty days, and at the end."""

    code = "delegation.report"
    title = _("Report to the delegating court")
    group = "linkage"
    summary = _("Reported to %(peer)s: %(text)s")
    basis = (CPL.art(240), DELEGATION.art(7))
    by = frozenset({Duty.IMPLEMENTER})
    stages = frozenset(Stage)
    offered_as_step = False
    Input = ReportInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        found = taken_on(case)
        if found is None or found.state != DelegationState.FILED:
            raise Refused(
                gettext("No court waits for a report on this case."), CPL.art(240), code="not-delegated"
            )
        if data["finished"] and case.is_open:
            raise Refused(
                gettext("The case is open here. Close it first, then report that it is finished."),
                CPL.art(240),
                field="finished",
                code="open",
            )
        self.delegation = found

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        delegation = self.delegation
        delegation.received = case.received
        if data["finished"]:
            delegation.state = DelegationState.FINISHED
            delegation.ended_on = self.day
        delegation.save(update_fields=["received", "state", "ended_on"])
        letters.write(
            self,
            delegation,
            LetterKind.REPORTED,
            {
                "text": data["text"],
                "received": case.received,
                "paid_out": case.paid_out,
                "finished": data["finished"],
                "closing": case.closing_code,
            },
        )
        self.effects.meet(case, "delegation.report", subject=delegation.uid)
        return {"peer": delegation.peer.name, "text": data["text"], "finished": data["finished"]}


@engine.on("notice.issue")
def _started(run: Any, outcome: dict[str, Any]) -> None:
    """Enforcement of a delegated case begins with the notice to perform."""
    if run.case is not None:
        run.effects.meet(run.case, "delegation.start")


@engine.on("case.assign")
def _assigned(run: Any, outcome: dict[str, Any]) -> None:
    """The delegating court learns who enforces it (DELEGATION 7)."""
    delegation = taken_on(run.case) if run.case is not None else None
    if delegation is not None and delegation.state == DelegationState.FILED:
        officer = run.case.implementer
        act = engine.act_named("delegation.report")(run)
        letters.write(act, delegation, LetterKind.ASSIGNED, {"officer": officer.name if officer else ""})
