"""Parties of a case (当事人)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from directory.sealing import Sealed
from enforcement.models.base import Row, history
from enforcement.models.cases import Case


class PartyRole(models.TextChoices):
    APPLICANT = "applicant", _("Applicant")
    DEBTOR = "debtor", _("Debtor")
    THIRD = "third", _("Third person")


class PartyKind(models.TextChoices):
    PERSON = "person", _("Natural person")
    COMPANY = "company", _("Enterprise legal person")
    ORGANISATION = "organisation", _("Other organisation")
    STATE_ORGAN = "state-organ", _("State organ")


@history(exclude=["identity_sealed", "phone_sealed", "address_sealed", "account_sealed", "search_terms"])
class Party(Row):
    """A party (当事人). Identity, phone, address and account are sealed; masks are what screens show."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=10, choices=PartyRole)
    kind = models.CharField(max_length=14, choices=PartyKind)
    name = models.CharField(max_length=120)
    name_bo = models.CharField(max_length=240, blank=True)
    identity_sealed = models.BinaryField(null=True)
    identity_mask = models.CharField(max_length=24, blank=True)
    identity_index = models.BinaryField(null=True, max_length=32)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    phone_sealed = models.BinaryField(null=True)
    phone_mask = models.CharField(max_length=24, blank=True)
    address_sealed = models.BinaryField(null=True)
    address_mask = models.CharField(max_length=60, blank=True)
    representative = models.CharField(max_length=80, blank=True, help_text=_("Legal representative."))
    language = models.CharField(max_length=8, default="zh-hans", help_text=_("Language of service."))
    agreed_to_electronic_service = models.BooleanField(default=False)
    account_holder = models.CharField(max_length=120, blank=True)
    account_bank = models.CharField(max_length=120, blank=True)
    account_sealed = models.BinaryField(null=True)
    account_mask = models.CharField(max_length=30, blank=True)
    search_terms = ArrayField(models.CharField(max_length=24), default=list)

    identity_number = Sealed("identity_sealed")
    phone = Sealed("phone_sealed")
    address = Sealed("address_sealed")
    account_number = Sealed("account_sealed")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="party_positions"),
            models.CheckConstraint(
                name="a_sealed_identity_has_its_index",
                condition=Q(identity_sealed=None, identity_index=None)
                | Q(identity_sealed__isnull=False, identity_index__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["identity_index"],
                name="party_by_identity",
                condition=Q(identity_index__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name_bo if get_language() == "bo" and self.name_bo else self.name

    @property
    def is_debtor(self) -> bool:
        return self.role == PartyRole.DEBTOR
