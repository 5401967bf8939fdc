"""The court tree (法院) and local days of its calendar."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class CourtLevel(models.TextChoices):
    HIGH = "high", _("High court")
    INTERMEDIATE = "intermediate", _("Intermediate court")
    BASIC = "basic", _("Basic court")


class Court(models.Model):
    """A people's court (人民法院). ``code`` is its character code in case numbers (法院代字)."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    name_bo = models.CharField(max_length=160, blank=True)
    level = models.CharField(max_length=12, choices=CourtLevel)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    division_code = models.CharField(max_length=6)
    verified = models.BooleanField(help_text=_("Whether name and code were read in an official text."))

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="only_the_high_court_has_no_parent",
                condition=Q(level=CourtLevel.HIGH, parent=None)
                | (~Q(level=CourtLevel.HIGH) & Q(parent__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return self.name_bo if get_language() == "bo" and self.name_bo else self.name

    @property
    def level_column(self) -> str:
        """The case column that names the court of this level: equality on it is this court's subtree."""
        return {
            CourtLevel.HIGH: "high_court_id",
            CourtLevel.INTERMEDIATE: "intermediate_court_id",
            CourtLevel.BASIC: "court_id",
        }[CourtLevel(self.level)]

    def line(self) -> dict[str, "Court | None"]:
        """The court with its courts above, as the columns a case of it carries."""
        if self.level == CourtLevel.HIGH:
            return {"court": self, "intermediate_court": None, "high_court": self}
        if self.level == CourtLevel.INTERMEDIATE:
            return {"court": self, "intermediate_court": self, "high_court": self.parent}
        assert self.parent is not None
        return {"court": self, "intermediate_court": self.parent, "high_court": self.parent.parent}


class LocalDay(models.Model):
    """A local holiday or working day (地方节假日), such as Losar or Shoton, for a court and all below it."""

    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="local_days")
    day = models.DateField()
    is_workday = models.BooleanField(default=False)
    name = models.CharField(max_length=60)
    name_bo = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["court", "day"], name="one_local_day_per_court")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
