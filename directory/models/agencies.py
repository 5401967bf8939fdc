"""Agencies bound to assist (协助执行单位)."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class AgencyKind(models.TextChoices):
    BANK = "bank", _("Bank")
    SECURITIES = "securities", _("Securities")
    INSURANCE = "insurance", _("Insurance")
    LAND = "land", _("Natural resources (real estate register)")
    HOUSING = "housing", _("Housing")
    VEHICLES = "vehicles", _("Vehicle administration")
    POLICE = "police", _("Public security")
    MARKET = "market", _("Market regulation")
    TAX = "tax", _("Tax")
    CIVIL_AFFAIRS = "civil-affairs", _("Civil affairs")
    HUMAN_RESOURCES = "human-resources", _("Human resources and social security")
    CREDIT_REPORTING = "credit-reporting", _("Credit reporting")
    SUPERVISION = "supervision", _("Supervision")
    STATE_ASSETS = "state-assets", _("State assets")
    TENDERING = "tendering", _("Tendering")
    DEVELOPMENT = "development", _("Development and reform")
    CONFERENCE = "conference", _("Joint conference office")
    PROCURATORATE = "procuratorate", _("Procuratorate")
    CONGRESS = "congress", _("People's Congress")
    OTHER = "other", _("Other")


class Agency(models.Model):
    """An agency or one of its branches (单位、分支机构)."""

    code = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=20, choices=AgencyKind)
    name = models.CharField(max_length=120)
    name_bo = models.CharField(max_length=240, blank=True)
    headquarters = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="branches"
    )
    credit_code = models.CharField(max_length=18, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name_bo if get_language() == "bo" and self.name_bo else self.name
