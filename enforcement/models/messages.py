"""What leaves the system (outbox, 发件箱) and what people are told inside it (通知)."""

import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models import Person
from enforcement.models.cases import Case
from enforcement.models.events import Event


class MessageState(models.TextChoices):
    READY = "ready", _("Waiting to be sent")
    LEASED = "leased", _("Being sent")
    DELIVERED = "delivered", _("Delivered")
    PARKED = "parked", _("Parked: a person must look")
    CANCELLED = "cancelled", _("Cancelled")


class Message(models.Model):
    """A row of the outbox, written in the act's transaction. A worker leases it, delivers, records the
    attempt. Receivers drop doubles by ``id``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="messages")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="messages")
    kind = models.CharField(max_length=20)
    recipient = models.CharField(max_length=200)
    body = models.JSONField()
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.READY)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["ready", "leased"]), name="message_due"),
            models.Index(fields=["case"], name="message_by_case"),
            models.Index(fields=["created_at"], condition=Q(state="parked"), name="message_parked"),
            # Who waits for what, who is being called, and what must leave first.
            models.Index(
                fields=["kind", "recipient", "due_at", "event"],
                condition=Q(state__in=["ready", "leased"]),
                name="message_by_recipient",
            ),
            models.Index(fields=["kind", "recipient"], condition=Q(state="leased"), name="message_under_way"),
            models.Index(
                fields=["case", "recipient", "event"],
                condition=Q(state__in=["ready", "leased", "parked"]),
                name="message_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.recipient}"


class Attempt(models.Model):
    """One try to deliver a message. Append-only."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="tries")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    ok = models.BooleanField()
    error = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [BrinIndex(fields=["started_at"], name="attempt_by_time")]

    def __str__(self) -> str:
        return f"{self.message_id} #{self.number}"


class Notice(models.Model):
    """Something a person is told on their desk (通知)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="+")
    deadline = models.ForeignKey(
        "enforcement.Deadline", on_delete=models.PROTECT, null=True, related_name="+"
    )
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    tone = models.CharField(max_length=6, default="")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_by_person"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.code
