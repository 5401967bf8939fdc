"""Deadlines (期限): legal periods that run on a case."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models import Court, Duty, Person
from enforcement.models.cases import Case
from enforcement.models.events import Event
from law import clock, deadlines


class DeadlineState(models.TextChoices):
    OPEN = "open", _("Running")
    MET = "met", _("Met")
    STOPPED = "stopped", _("Stopped")


class DeadlineKind(models.TextChoices):
    TASK = "task", _("Task of the court")
    WAIT = "wait", _("Wait for somebody else")
    TERM = "term", _("Term of a measure")
    LIMIT = "limit", _("Time limit of the case")


class Deadline(models.Model):
    """A period that started and must be met. ``due_on`` is a pure function of rule, start, length,
    suspensions and calendar; it is recomputed, never incremented."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="deadlines")
    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=60)
    kind = models.CharField(max_length=5, choices=DeadlineKind)
    subject = models.UUIDField(null=True, help_text=_("The row it is about: a measure, a receipt, a party."))
    label = models.CharField(max_length=160, blank=True)
    starts_on = models.DateField()
    length = models.PositiveSmallIntegerField(
        null=True, help_text=_("Length set by an order, in the rule's unit.")
    )
    suspensions = models.JSONField(default=list)
    due_on = models.DateField()
    projected = models.BooleanField(default=False)
    calendar_version = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=8, choices=DeadlineState, default=DeadlineState.OPEN)
    duty = models.CharField(max_length=24, choices=Duty, blank=True)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="deadlines")
    act = models.CharField(max_length=60, blank=True, help_text=_("Code of the act that meets it."))
    reason = models.CharField(max_length=300, blank=True, help_text=_("For a wait: why."))
    opened_by = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deadlines_opened")
    closed_by = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="deadlines_closed")
    closed_on = models.DateField(null=True)
    alert_on = models.DateField(null=True, help_text=_("Next day on which somebody is warned."))

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="an_open_deadline_is_not_closed",
                condition=Q(state=DeadlineState.OPEN, closed_by=None, closed_on=None)
                | ~Q(state=DeadlineState.OPEN) & Q(closed_by__isnull=False, closed_on__isnull=False),
            ),
            models.CheckConstraint(
                name="a_wait_has_a_reason", condition=~Q(kind=DeadlineKind.WAIT) | ~Q(reason="")
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "due_on", "id"], condition=Q(state="open"), name="deadline_open_by_owner"
            ),
            models.Index(
                fields=["court", "duty", "due_on", "id"],
                condition=Q(state="open", owner=None),
                name="deadline_open_by_pool",
            ),
            models.Index(fields=["case", "due_on"], name="deadline_by_case"),
            models.Index(
                fields=["alert_on"],
                condition=Q(state="open", alert_on__isnull=False),
                name="deadline_to_alert",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.due_on}"

    @property
    def definition(self) -> deadlines.Rule:
        return deadlines.rule(self.rule)

    @property
    def is_open(self) -> bool:
        return self.state == DeadlineState.OPEN

    @property
    def days_left(self) -> int:
        """Days until it is due; negative when overdue."""
        return (self.due_on - clock.today()).days
