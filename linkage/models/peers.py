"""Delegated enforcement between two installations (委托执行): the courts trusted, the letters exchanged, and
what became of each delegation on either side."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models import Court, CourtLevel
from directory.sealing import Sealed
from enforcement.models import Case, Event, Message
from enforcement.models.base import Row, money


class PeerCourt(models.Model):
    """A court of another installation (异地法院): where its letters box is, and the keys it signs with.

    ``networks`` are the only networks a letter may be sent into. Two keys live while one is replaced.
    """

    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=120)
    level = models.CharField(max_length=12, choices=CourtLevel)
    liaison = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="peers")
    url = models.URLField(max_length=300)
    networks = ArrayField(models.CharField(max_length=49))
    public_key = models.BinaryField(max_length=32)
    next_public_key = models.BinaryField(max_length=32, null=True)
    is_active = models.BooleanField(default=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="a_peer_has_networks", condition=~Q(networks=[])),
        ]

    def __str__(self) -> str:
        return self.name


class Direction(models.TextChoices):
    OUT = "out", _("Sent")
    IN = "in", _("Received")


class DelegationState(models.TextChoices):
    SENT = "sent", _("Waits to be filed")
    FILED = "filed", _("Filed there")
    FINISHED = "finished", _("Finished")
    RETURNED = "returned", _("Returned")


class Delegation(Row):
    """One delegation of a case (委托执行), as one of the two courts keeps it.

    ``number`` is the delegating court's and names it on both sides; ``received`` is what the other court
    brought in so far, in CNY.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="delegations")
    peer = models.ForeignKey(PeerCourt, on_delete=models.PROTECT, related_name="delegations")
    direction = models.CharField(max_length=3, choices=Direction)
    number = models.CharField(max_length=24)
    state = models.CharField(max_length=8, choices=DelegationState, default=DelegationState.SENT)
    reason = models.CharField(max_length=500)
    delegated_on = models.DateField()
    other_number = models.CharField(max_length=40, blank=True)
    other_officer = models.CharField(max_length=200, blank=True)
    received = money(default=0)
    applicant_told_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["peer", "direction", "number"], name="a_delegation_once_per_peer"
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(direction="out", state__in=["sent", "filed"]),
                name="a_case_is_delegated_to_one_court",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class LetterKind(models.TextChoices):
    SENT = "delegation.sent", _("Letter of delegation")
    FILED = "delegation.filed", _("Notice of filing")
    ASSIGNED = "delegation.assigned", _("Who enforces it")
    REPORTED = "delegation.reported", _("Report")
    RETURNED = "delegation.returned", _("Return")


class LetterState(models.TextChoices):
    WRITTEN = "written", _("Written")
    RECEIVED = "received", _("Received")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Not accepted")


class Letter(Row):
    """A letter between two courts (函): stored with its signature before anything is made of it.

    ``letter_id`` names it on both sides; ``body`` are the bytes as signed, sealed. One that opens a
    delegation waits in the register of ``court`` until ``due_on``.
    """

    peer = models.ForeignKey(PeerCourt, on_delete=models.PROTECT, related_name="letters")
    direction = models.CharField(max_length=3, choices=Direction)
    kind = models.CharField(max_length=20, choices=LetterKind)
    letter_id = models.UUIDField()
    number = models.CharField(max_length=24)
    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="letters")
    body_sealed = models.BinaryField()
    body_sha256 = models.BinaryField(max_length=32)
    signed_headers = models.JSONField(default=dict)
    key_id = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    due_on = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=LetterState)
    problem = models.CharField(max_length=500, blank=True)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="letters")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, null=True, related_name="letter")

    body = Sealed("body_sealed")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["peer", "direction", "letter_id"], name="a_letter_once_per_peer"),
            models.CheckConstraint(
                name="an_applied_letter_has_its_event",
                condition=~Q(state="applied") | Q(event__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["court", "due_on"], condition=Q(state="received"), name="letter_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"
