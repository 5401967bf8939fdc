"""Proposals (提请) that await another person's decision (审批)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from directory.models import Court, Duty, Person
from enforcement.models.base import Row
from enforcement.models.cases import Case
from enforcement.models.events import Event


class ProposalState(models.TextChoices):
    OPEN = "open", _("Awaiting decision")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Not approved")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Proposal(Row):
    """An act with validated input, proposed by one person and decided by another (四眼原则)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="proposals")
    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="proposals")
    act = models.CharField(max_length=60)
    input = models.JSONField()
    summary = models.JSONField(default=dict)
    duty = models.CharField(max_length=24, choices=Duty)
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="proposals")
    proposed_at = models.DateTimeField()
    proposed_event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="decisions")
    decided_at = models.DateTimeField(null=True)
    decided_event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["proposed_at"]
        constraints = [
            models.CheckConstraint(
                name="proposal_four_eyes", condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by"))
            ),
            models.CheckConstraint(
                name="a_decided_proposal_has_its_decider",
                condition=Q(state__in=["open", "withdrawn"], decided_by=None)
                | Q(
                    state__in=["approved", "rejected"], decided_by__isnull=False, decided_event__isnull=False
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["court", "duty", "proposed_at"], condition=Q(state="open"), name="proposal_inbox"
            )
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.case}"
