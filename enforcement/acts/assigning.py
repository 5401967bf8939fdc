"""Who works on a case: assignment (分案), reassignment and recusal (回避)."""

from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Court, Duty, DutyClass, DutyHolding, Person
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused
from enforcement.models import (
    OPEN_STAGES,
    Assignment,
    Case,
    Deadline,
    DeadlineState,
    Recusal,
    Stage,
)
from law.citations import CPL, CPL_INTERPRETATION, DECISION_2011, TIME_LIMITS


def officers_of(court: Court) -> QuerySet[Person]:
    """People who hold the duty of enforcement officer at a court today, with ``open_cases`` (their number),
    lightest load first; of equal loads whoever was assigned nothing for the longest time."""
    open_cases = (
        Case.objects.filter(implementer=OuterRef("pk"), stage__in=OPEN_STAGES)
        .order_by()
        .values("implementer")
        .annotate(number=Count("pk"))
        .values("number")
    )
    # Ids are given in the order of time; days are too coarse to tell two assignments of one morning apart.
    last = (
        Assignment.objects.filter(person=OuterRef("pk"), duty=Duty.IMPLEMENTER)
        .order_by()
        .values("person")
        .annotate(last=Max("pk"))
        .values("last")
    )
    holds = DutyHolding.objects.live().filter(person=OuterRef("pk"), court=court, duty=Duty.IMPLEMENTER)
    return (
        Person.objects.filter(Exists(holds), is_active=True)
        .annotate(open_cases=Coalesce(Subquery(open_cases), 0), last_assignment=Subquery(last))
        .order_by("open_cases", F("last_assignment").asc(nulls_first=True), "username")
    )


def fit_for(case: Case, people: QuerySet[Person]) -> QuerySet[Person]:
    """Those of ``people`` who may implement this case: not recused, never active on it in another power."""
    elsewhere = Assignment.objects.filter(
        ~Q(duty_class=DutyClass.IMPLEMENTATION), case=case, person=OuterRef("pk")
    )
    recused = Recusal.objects.filter(case=case, person=OuterRef("pk"))
    return people.filter(~Exists(elsewhere), ~Exists(recused))


def officer_choices(context: dict[str, Any]) -> dict[str, str]:
    """User names of the officers who may take the case, with their open cases."""
    case, court = context.get("case"), context.get("court")
    if court is None and case is not None:
        court = case.court
    if court is None:
        return {}
    officers = officers_of(court)
    return {
        officer.username: gettext("%(name)s: %(number)s open cases")
        % {"name": str(officer), "number": officer.open_cases}  # type: ignore[attr-defined]
        for officer in (fit_for(case, officers) if case is not None else officers)
    }


class AssignInput(ActInput):
    """To whom the case goes."""

    officer = LiveChoiceField(
        choices_of=officer_choices,
        label=_("Enforcement officer"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Leave empty to assign by caseload."),
    )


def chosen_officer(case: Case, court: Court, username: str) -> Person:
    """The officer named, or the one with the lightest load. Raises ``Refused`` if they may not take it."""
    officers = officers_of(court)
    if not username:
        candidates = fit_for(case, officers)
        if case.implementer_id is not None:
            candidates = candidates.exclude(pk=case.implementer_id)
        # A client system takes a case when it is named, not because it has been idle.
        officer = candidates.filter(kind="human").first()
        if officer is None:
            raise Refused(
                gettext(
                    "No enforcement officer of this court may take this case. Give somebody the duty first."
                ),
                DECISION_2011.art("三"),
                field="officer",
                code="nobody",
            )
        return officer
    officer = officers.filter(username=username).first()
    if officer is None:
        raise Refused(
            gettext("%(name)s is not an enforcement officer of this court.") % {"name": username},
            CPL.art(239),
            field="officer",
            code="not-an-officer",
        )
    if Recusal.objects.filter(case=case, person=officer).exists():
        raise Refused(
            gettext("%(name)s is recused from this case. Choose another officer.") % {"name": officer},
            CPL.art(47),
            field="officer",
            code="recused",
        )
    if not fit_for(case, officers).filter(pk=officer.pk).exists():
        raise Refused(
            gettext(
                "%(name)s reviewed or supervised this case and can't implement it. Choose another officer."
            )
            % {"name": officer},
            DECISION_2011.art("三"),
            field="officer",
            code="separation",
        )
    return officer


class Assigning(Act):
    """What assigning and reassigning share: the choice of an officer and the handing over of open work."""

    officer: Person

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.officer = chosen_officer(case, self.court, data["officer"])

    def hand_over(self, case: Case) -> None:
        """Make the officer the implementer: assignment, open tasks of the implementer, notice on the desk."""
        Assignment.objects.create(
            case=case,
            person=self.officer,
            duty=Duty.IMPLEMENTER,
            duty_class=DutyClass.IMPLEMENTATION,
            since=self.day,
            is_lead=True,
        )
        case.implementer = self.officer
        Deadline.objects.filter(case=case, state=DeadlineState.OPEN, duty=Duty.IMPLEMENTER).update(
            owner=self.officer
        )
        self.effects.notify([self.officer], "case.assigned", case=case, tone="in", number=case.number)


class AssignCase(Assigning):
    """Give a filed case to an enforcement officer (分案)."""

    code = "case.assign"
    title = _("Assign")
    group = "filing"
    summary = _("Assigned to %(officer)s")
    basis = (CPL.art(239), TIME_LIMITS.art(7), DECISION_2011.art("三"))
    by = frozenset({Duty.BUREAU_HEAD})
    stages = frozenset({Stage.FILED})
    bulk = True
    Input = AssignInput

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        self.hand_over(case)
        case.stage = Stage.NOTICE
        self.effects.meet(case, "filing.handover")
        return {"officer": self.officer.name, "by_caseload": not data["officer"]}


class ReassignInput(AssignInput):
    """To whom the case goes, and why."""

    reason = serializers.CharField(label=_("Reason"), min_length=4, max_length=300)


class ReassignCase(Assigning):
    """Give a case to another officer (变更承办人); open work goes with it."""

    code = "case.reassign"
    title = _("Assign to another officer")
    group = "procedure"
    summary = _("Reassigned from %(former)s to %(officer)s: %(reason)s")
    basis = (CPL.art(239), DECISION_2011.art("三"))
    by = frozenset({Duty.BUREAU_HEAD})
    stages = OPEN_STAGES - {Stage.FILED}
    bulk = True
    Input = ReassignInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        super().check(case, data)
        if self.officer.pk == case.implementer_id:
            raise Refused(
                gettext("%(name)s works on this case already. Choose another officer.")
                % {"name": self.officer},
                DECISION_2011.art("三"),
                field="officer",
                code="same",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        former = case.implementer
        parts = Assignment.objects.filter(case=case, until=None)
        # Whoever has another part in the case keeps it; the lead, and an earlier part of the new lead, end.
        parts.filter(Q(is_lead=True) | Q(person=self.officer, duty=Duty.IMPLEMENTER)).update(until=self.day)
        if former is not None:
            Deadline.objects.filter(case=case, state=DeadlineState.OPEN, owner=former).update(
                owner=self.officer
            )
            self.effects.notify(
                [former], "case.reassigned", case=case, number=case.number, officer=self.officer.name
            )
        self.hand_over(case)
        self.effects.meet(case, "product.reassign")
        return {
            "former": former.name if former is not None else gettext("nobody"),
            "officer": self.officer.name,
            "by_caseload": not data["officer"],
            "reason": data["reason"],
        }


GROUNDS = [
    ("relative", _("Party, or close relative of a party or of its agent")),
    ("interest", _("Interest in the case")),
    ("relation", _("Another relation to a party or agent that may affect fairness")),
    ("favours", _("Accepted a treat or gift from a party or agent, or met them against the rules")),
]
# Judges (CPL 47) and officers, to whom the same applies (interpretation, art. 49).
DECLARERS = frozenset({Duty.IMPLEMENTER, Duty.ENFORCEMENT_JUDGE, Duty.REVIEWING_JUDGE, Duty.SUPERVISOR})


class RecuseInput(ActInput):
    """Who stays away from the case, and why."""

    person = serializers.CharField(
        label=_("User name of the person"),
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Leave empty to declare it for yourself."),
    )
    ground = serializers.ChoiceField(label=_("Ground"), choices=GROUNDS)
    reason = serializers.CharField(
        label=_("Facts"), min_length=4, max_length=240, style={"base_template": "textarea.html"}
    )


class Recuse(Act):
    """Keep a person off a case (回避): declared by themself, or a decision recorded by president or head."""

    code = "case.recuse"
    title = _("Record a recusal")
    group = "procedure"
    summary = _("%(person)s is recused: %(reason)s")
    tone = "bad"
    basis = (CPL.art("47-50"), CPL_INTERPRETATION.art(49))
    offered_as_step = False
    by = DECLARERS | {Duty.BUREAU_HEAD, Duty.PRESIDENT}
    needs_assignment = False
    Input = RecuseInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        username = data["person"]
        decides = any(self.actor.holds(duty, self.court.pk) for duty in (Duty.BUREAU_HEAD, Duty.PRESIDENT))
        if not username or username == self.actor.username:
            self.person = self.actor
        elif decides:
            self.person = self._colleague(username)
        else:
            raise Refused(
                gettext("Only the president or the head of the bureau records the recusal of somebody else."),
                CPL.art(49),
                field="person",
                code="not-yours",
            )
        if Recusal.objects.filter(case=case, person=self.person).exists():
            raise Refused(
                gettext("%(name)s is recused from this case already.") % {"name": self.person},
                CPL.art(47),
                field="person",
                code="recused",
            )

    def _colleague(self, username: str) -> Person:
        holdings = DutyHolding.objects.live().filter(person=OuterRef("pk"), court=self.court)
        person = Person.objects.filter(Exists(holdings), username=username).first()
        if person is None:
            raise Refused(
                gettext("%(name)s holds no duty at this court.") % {"name": username},
                CPL.art(47),
                field="person",
                code="not-here",
            )
        return person

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        grounds = dict(GROUNDS)
        Recusal.objects.create(
            case=case,
            person=self.person,
            reason=f"{data['ground']}: {data['reason']}",
            recorded_at=self.at,
        )
        Assignment.objects.filter(case=case, person=self.person, until=None).update(until=self.day)
        mine = Deadline.objects.filter(case=case, state=DeadlineState.OPEN, owner=self.person)
        led = case.implementer_id == self.person.pk
        mine.update(owner=None)
        if led:
            case.implementer = None
            self.effects.open_deadline(case, "product.reassign", duty=Duty.BUREAU_HEAD, act="case.reassign")
        if self.person.pk != self.actor.pk:
            self.effects.notify([self.person], "case.recused", case=case, tone="bad", number=case.number)
        return {
            "person": self.person.name,
            "ground": data["ground"],
            "ground_words": str(grounds[data["ground"]]),
            "reason": data["reason"],
            "declared": self.person.pk == self.actor.pk,
        }
