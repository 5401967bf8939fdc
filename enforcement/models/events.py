"""Events (事件): the append-only, hash-chained history, and the log of who read what."""

import json
from functools import cached_property
from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models import Court, Person
from enforcement.models.cases import GENESIS, Case


class Register(models.Model):
    """A court's own chain (法院登记簿) for acts that are not on a case: people, duties, local days, money
    that arrived without a case, imports."""

    court = models.OneToOneField(Court, on_delete=models.PROTECT, related_name="register")
    event_count = models.PositiveIntegerField(default=0)
    head_hash = models.BinaryField(default=GENESIS, max_length=32)

    def __str__(self) -> str:
        return str(self.court)


class Phase(models.TextChoices):
    DONE = "done", _("Done")
    PROPOSED = "proposed", _("Proposed")
    REJECTED = "rejected", _("Not approved")


class Event(models.Model):
    """One thing that happened. ``body`` is its canonical JSON (RFC 8785) and what ``hash`` covers; the
    other columns repeat parts of it so that they can be asked for."""

    uid = models.UUIDField(unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="events")
    register = models.ForeignKey(Register, on_delete=models.PROTECT, null=True, related_name="events")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="events")
    on_behalf_of = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    act = models.CharField(max_length=60)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.DONE)
    body = models.BinaryField()
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    idempotency_key = models.CharField(max_length=80, null=True)
    input_hash = models.BinaryField(max_length=32)  # keyed; repeated in the body, so the chain covers it

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="an_event_has_one_chain",
                condition=Q(case__isnull=False, register=None) | Q(case=None, register__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["case", "seq"], condition=Q(case__isnull=False), name="case_event_seq"
            ),
            models.UniqueConstraint(
                fields=["register", "seq"], condition=Q(register__isnull=False), name="register_event_seq"
            ),
            models.UniqueConstraint(
                fields=["actor", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="a_key_has_one_effect",
            ),
        ]
        indexes = [BrinIndex(fields=["at"], name="event_by_time")]

    def __str__(self) -> str:
        return f"{self.act} {self.seq}"

    @cached_property
    def content(self) -> dict[str, Any]:
        """The body as it was written."""
        return json.loads(bytes(self.body))

    @property
    def outcome(self) -> dict[str, Any]:
        return self.content["outcome"]


class ReadLog(models.Model):
    """Who looked at a case, or unmasked a value, when and why (查阅日志). Append-only."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="reads")
    at = models.DateTimeField()
    what = models.CharField(max_length=40)
    purpose = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            BrinIndex(fields=["at"], name="read_by_time"),
            models.Index(fields=["case", "-id"], name="read_by_case"),
            models.Index(fields=["person", "at"], name="read_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.what}"
