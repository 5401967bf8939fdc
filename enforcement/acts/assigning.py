"""Who works on a case: assignment (分案), reassignment and recusal (回避)."""

from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from directory.models import Court, Duty, DutyClass, DutyHolding, Person
from enforcement.engine import Act, ActInput, Refused
from enforcement.models import (
    OPEN_STAGES,
    Assignment,
    Case,
    Deadline,
    DeadlineState,
    Recusal,
    Stage,
)
from law.citations import CPL, DECISION_2011, TIME_LIMITS


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
    """Those of ``people`` who may implement this case: neither recused nor ever active on it in another power."""
    elsewhere = Assignment.objects.filter(~Q(duty_class=DutyClass.IMPLEMENTATION), case=case, person=OuterRef("pk"))
    recused = Recusal.objects.filter(case=case, person=OuterRef("pk"))
    return people.filter(~Exists(elsewhere), ~Exists(recused))


@extend_schema_field(OpenApiTypes.STR)
class OfficerField(serializers.ChoiceField):
    """An enforcement officer of the case's court by user name; a form offers them with their open cases."""

    def __init__(self, **options: Any):
        super().__init__(choices=[], **options)

    @property
    def choices(self) -> dict[str, str]:
        # Before the field stands in a form (at its declaration, in the API schema) no court is known.
        context = self.context if getattr(self, "parent", None) is not None else {}
        case, court = context.get("case"), context.get("court")
        if case is None and court is None:
            return {}
        officers = officers_of(court or case.court)
        return {
            officer.username: gettext("%(name)s: %(number)s open cases")
            % {"name": str(officer), "number": officer.open_cases}
            for officer in (fit_for(case, officers) if case is not None else officers)
        }

    @choices.setter
    def choices(self, value: Any) -> None:
        """DRF sets the choices of the declaration; here they follow from the court."""

    @property
    def grouped_choices(self) -> dict[str, str]:
        return self.choices

    def to_internal_value(self, data: Any) -> str:
        if data == "" and self.allow_blank:
            return ""
        return str(data)

    def to_representation(self, value: Any) -> str:
        return str(value)


class AssignInput(ActInput):
    """To whom the case goes."""

    officer = OfficerField(
        label=_("Enforcement officer"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Leave empty to assign by caseload."),
    )


def chosen_officer(case: Case, court: Court, username: str) -> Person:
    """The officer named, or the one with the lightest load. Raises ``Refused`` if they may not implement it."""
    officers = officers_of(court)
    if not username:
        officer = fit_for(case, officers).exclude(pk=case.implementer_id).first()
        if officer is None:
            raise Refused(
                gettext("No enforcement officer of this court may take this case. Give the duty to somebody first."),
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
            gettext("%(name)s reviewed or supervised this case and can't implement it. Choose another officer.")
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
        Deadline.objects.filter(case=case, state=DeadlineState.OPEN, duty=Duty.IMPLEMENTER).update(owner=self.officer)
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
