"""What the service itself keeps: heartbeats, daily runs, saved filters, drafts, corrected translations."""

from django.db import models

from directory.models import Person
from enforcement.models.cases import Case


class Heartbeat(models.Model):
    """Last sign of life of a worker queue or of beat."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at}"


class DailyRun(models.Model):
    """One daily work of one legal day; whoever inserts the row runs it, missed days are made up in order."""

    name = models.CharField(max_length=40)
    day = models.DateField()
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "day"], name="a_day_runs_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.day}"


class SavedFilter(models.Model):
    """A name for a list's URL (常用筛选)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="saved_filters")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="saved_filter_names")]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """What a person typed into an act's form and has not submitted (草稿), sealed as a whole."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="drafts")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    act = models.CharField(max_length=60)
    content = models.BinaryField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "case", "act"], name="one_draft_per_form", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.act


class TranslationCorrection(models.Model):
    """A court translator's correction of a shown text (译文校订); it wins over the shipped catalogue."""

    language = models.CharField(max_length=8)
    source = models.CharField(max_length=1000)
    text = models.TextField(max_length=4000)
    corrected_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["language", "source"], name="one_correction_per_text")]

    def __str__(self) -> str:
        return self.source
