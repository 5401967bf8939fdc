"""Objections (异议) of parties, interested persons and third parties."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models import Person
from enforcement.models.assets import Asset
from enforcement.models.base import Row, history
from enforcement.models.cases import Case
from enforcement.models.events import Event
from enforcement.models.parties import Party


class ObjectionKind(models.TextChoices):
    CONDUCT = "conduct", _("Objection to an act of enforcement (P 236)")
    THIRD_PARTY = "third-party", _("Third party's objection to the object (P 238)")


class ObjectionState(models.TextChoices):
    RECEIVED = "received", _("Objection received")
    FILED = "filed", _("Filed for review")
    UPHELD = "upheld", _("Upheld")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


@history()
class Objection(Row):
    """An objection (异议) and its review under a number of its own (执异). A third party's objection
    stops the disposal of its object (E 15); one against conduct stops nothing unless a guarantee was given
    (E 9)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="objections")
    kind = models.CharField(max_length=12, choices=ObjectionKind)
    number = models.CharField(max_length=40, unique=True, null=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="objections")
    objector = models.CharField(max_length=120)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, null=True, related_name="objections")
    against = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="objections")
    grounds = models.TextField(max_length=2000)
    received_on = models.DateField()
    state = models.CharField(max_length=10, choices=ObjectionState, default=ObjectionState.RECEIVED)
    guarantee = models.CharField(max_length=300, blank=True)
    stops_disposal = models.BooleanField(default=False)
    stops_until = models.DateField(null=True, blank=True)
    ruled_on = models.DateField(null=True, blank=True)
    ruling = models.TextField(max_length=2000, blank=True)
    reviewed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="a_ruled_objection_has_day_judge_and_words",
                condition=~Q(state__in=["upheld", "rejected"])
                | Q(ruled_on__isnull=False, reviewed_by__isnull=False) & ~Q(ruling=""),
            )
        ]

    def __str__(self) -> str:
        return self.number or self.objector

    @property
    def is_pending(self) -> bool:
        return self.state in {ObjectionState.RECEIVED, ObjectionState.FILED}
