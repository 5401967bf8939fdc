"""Bulk work as an object (批量任务): a state per row, resumable, cancellable, nothing twice."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models import Court, Person
from enforcement.models.base import Row
from enforcement.models.cases import Case
from enforcement.models.documents import StoredFile


class JobState(models.TextChoices):
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked, not started")
    RUNNING = "running", _("Running")
    DONE = "done", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")


class Job(Row):
    """One act on many rows (import of filings, assigning, notices …), run by a worker."""

    kind = models.CharField(max_length=10)
    act = models.CharField(max_length=60)
    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="jobs")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="jobs")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.CHECKED)
    source = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True, help_text=_("Last sign of life of the worker that runs it."))
    total = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["owner", "-id"], name="job_by_owner"),
            models.Index(
                fields=["beat_at"], condition=Q(state__in=["checking", "running"]), name="job_running"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.act}"


class JobRowState(models.TextChoices):
    READY = "ready", _("Not yet done")
    BAD = "bad", _("Has errors")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    SKIPPED = "skipped", _("Skipped")


class JobRow(models.Model):
    """One row of a job. ``input`` is sealed text for rows that carry personal data until it is used."""

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="rows")
    position = models.PositiveIntegerField()
    source_row = models.PositiveIntegerField(null=True, help_text=_("Row number in the workbook."))
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    input = models.BinaryField(null=True)
    label = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=JobRowState, default=JobRowState.READY)
    errors = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    result = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="job_row_positions")]
        indexes = [models.Index(fields=["job", "state", "position"], name="job_row_by_state")]

    def __str__(self) -> str:
        return f"{self.job_id} #{self.position}"
