"""Duties (职务) people hold at a court or an agency, from a day to a day."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models.agencies import Agency
from directory.models.courts import Court
from law import clock


class Duty(models.TextChoices):
    FILING_CLERK = "filing-clerk", _("Filing clerk")
    IMPLEMENTER = "implementer", _("Enforcement officer")
    ENFORCEMENT_JUDGE = "enforcement-judge", _("Enforcement judge")
    REVIEWING_JUDGE = "reviewing-judge", _("Reviewing judge")
    SUPERVISOR = "supervisor", _("Supervising judge")
    BUREAU_HEAD = "bureau-head", _("Head of the enforcement bureau")
    PRESIDENT = "president", _("President of the court")
    FINANCE = "finance", _("Finance officer")
    COMMAND = "command", _("Command centre")
    AUDITOR = "auditor", _("Auditor")
    COURT_ADMINISTRATOR = "court-administrator", _("Court administrator")
    AGENCY_OPERATOR = "agency-operator", _("Agency operator")
    AGENCY_REVIEWER = "agency-reviewer", _("Agency reviewer")
    AGENCY_ADMINISTRATOR = "agency-administrator", _("Agency administrator")
    PROCURATOR = "procurator", _("Procurator")
    CONGRESS_STAFF = "congress-staff", _("People's Congress staff")


COURT_DUTIES = frozenset(
    {
        Duty.FILING_CLERK,
        Duty.IMPLEMENTER,
        Duty.ENFORCEMENT_JUDGE,
        Duty.REVIEWING_JUDGE,
        Duty.SUPERVISOR,
        Duty.BUREAU_HEAD,
        Duty.PRESIDENT,
        Duty.FINANCE,
        Duty.COMMAND,
        Duty.AUDITOR,
        Duty.COURT_ADMINISTRATOR,
    }
)

# Administrators and auditors of accounts run the system; they see no case (security.md §3).
BLIND_DUTIES = frozenset({Duty.COURT_ADMINISTRATOR})


class DutyClass(models.TextChoices):
    """Enforcement powers that stay apart on one case (分权运行): decision of 2011, section 3."""

    IMPLEMENTATION = "implementation", _("Implementation")
    REVIEW = "review", _("Review")
    SUPERVISION = "supervision", _("Supervision")


CLASS_OF = {
    Duty.IMPLEMENTER: DutyClass.IMPLEMENTATION,
    Duty.ENFORCEMENT_JUDGE: DutyClass.IMPLEMENTATION,
    Duty.REVIEWING_JUDGE: DutyClass.REVIEW,
    Duty.SUPERVISOR: DutyClass.SUPERVISION,
}


class DutyHoldingQuerySet(models.QuerySet["DutyHolding"]):
    def live(self) -> "DutyHoldingQuerySet":
        """Holdings in force on the legal day."""
        return self.filter(during__contains=clock.today())


class DutyHolding(models.Model):
    """A duty one person holds at one court or agency, from a day (in) to a day (out)."""

    person = models.ForeignKey("directory.Person", on_delete=models.PROTECT, related_name="holdings")
    duty = models.CharField(max_length=24, choices=Duty)
    court = models.ForeignKey(Court, on_delete=models.PROTECT, null=True, blank=True, related_name="holdings")
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="holdings"
    )
    during = DateRangeField()

    objects = DutyHoldingQuerySet.as_manager()

    class Meta:
        ordering = ["duty"]
        constraints = [
            models.CheckConstraint(
                name="duty_at_a_court_or_an_agency",
                condition=Q(court__isnull=False, agency=None) | Q(court=None, agency__isnull=False),
            ),
            models.CheckConstraint(name="duty_has_days", condition=Q(during__isempty=False)),
            ExclusionConstraint(
                name="a_duty_is_held_once_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("duty", RangeOperators.EQUAL),
                    ("court", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_duty_display()}"
