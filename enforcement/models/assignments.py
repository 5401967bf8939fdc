"""Who works on a case (承办), who may not (回避), and who was let in to read it."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from guardian.models import UserObjectPermissionBase

from directory.models import Duty, DutyClass, Person
from enforcement.models.base import Row, history
from enforcement.models.cases import Case


@history()
class Assignment(models.Model):
    """A person's part in a case. ``duty_class`` never changes for a person on one case: whoever implements
    it can't review or supervise it, even after reassignment (Decision of 2011, section 3)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assignments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assignments")
    duty = models.CharField(max_length=24, choices=Duty)
    duty_class = models.CharField(max_length=16, choices=DutyClass)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    is_lead = models.BooleanField(default=False)

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            ExclusionConstraint(
                name="assignment_separated",
                expressions=[
                    ("case", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("duty_class", RangeOperators.NOT_EQUAL),
                ],
            ),
            models.UniqueConstraint(
                fields=["case", "person", "duty"],
                condition=Q(until=None),
                name="one_live_assignment_per_duty",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(until=None, is_lead=True), name="one_lead_per_case"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_duty_display()}"


class Recusal(Row):
    """A reason why a person must not work on a case (回避, P 47)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="recusals")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="recusals")
    reason = models.CharField(max_length=300)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="one_recusal_per_case")]

    def __str__(self) -> str:
        return f"{self.case} · {self.person}"


class CaseGrant(UserObjectPermissionBase):
    """Reading of one case granted to a person until a day (查阅授权)."""

    content_object = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="grants")
    until = models.DateField()
    reason = models.CharField(max_length=300)

    class Meta(UserObjectPermissionBase.Meta):
        indexes = [models.Index(fields=["user", "until"], name="grant_by_person")]

    def __str__(self) -> str:
        return f"{self.content_object} · {self.user}"
