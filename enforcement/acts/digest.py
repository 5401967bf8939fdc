"""The daily e-mail of tasks (待办提醒): counts and a link, no data of any case."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from enforcement.engine import Act, ActInput, Subject
from enforcement.models import Deadline, DeadlineKind, DeadlineState
from law.citations import TIME_LIMITS

SOON = timedelta(days=3)


def people_with_tasks(day: date) -> QuerySet[Deadline, Any]:
    """Active people with an e-mail address and tasks overdue or due soon: court, owner and both counts."""
    return (
        Deadline.objects.filter(
            state=DeadlineState.OPEN,
            kind__in=[DeadlineKind.TASK, DeadlineKind.TERM, DeadlineKind.LIMIT],
            due_on__lte=day + SOON,
            owner__is_active=True,
        )
        .exclude(owner__email="")
        .order_by("owner_id")
        .values("court_id", "owner_id")
        .annotate(overdue=Count("pk", filter=Q(due_on__lt=day)), soon=Count("pk", filter=Q(due_on__gte=day)))
    )


class DigestInput(ActInput):
    """The legal day whose tasks are counted."""

    day = serializers.DateField(label=_("Day"))


class SendDigest(Act):
    """Remind people of their tasks by e-mail; done by the system once a day for each court."""

    code = "notice.digest"
    title = _("Send the daily reminders")
    group = "notice"
    summary = _("Reminded %(people)s people of their tasks by e-mail")
    basis = (TIME_LIMITS.whole(),)
    subject = Subject.COURT
    by_system = True
    offered_as_step = False
    Input = DigestInput

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        rows = list(people_with_tasks(data["day"]).filter(court=self.court))
        for row in rows:
            self.effects.send(
                "email",
                str(row["owner_id"]),
                {"text": "digest", "params": {"overdue": row["overdue"], "soon": row["soon"]}},
            )
        return {"people": len(rows)}
