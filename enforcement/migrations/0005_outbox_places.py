"""Indexes by which the outbox finds whom it may call; made while the tables are in use."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("enforcement", "0004_signed_writs")]

    operations = [
        AddIndexConcurrently(
            "message",
            models.Index(
                fields=["kind", "recipient", "due_at", "event"],
                condition=Q(state__in=["ready", "leased"]),
                name="message_by_recipient",
            ),
        ),
        AddIndexConcurrently(
            "message",
            models.Index(
                fields=["kind", "recipient"], condition=Q(state="leased"), name="message_under_way"
            ),
        ),
        AddIndexConcurrently(
            "message",
            models.Index(
                fields=["case", "recipient", "event"],
                condition=Q(state__in=["ready", "leased", "parked"]),
                name="message_order",
            ),
        ),
    ]
