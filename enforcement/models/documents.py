"""Writs and files (文书、材料) and their service (送达)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models import Person
from directory.sealing import Sealed
from enforcement.models.base import Row
from enforcement.models.cases import Case
from enforcement.models.events import Event
from enforcement.models.parties import Party


class StoredFile(Row):
    """A file kept under its SHA-256 outside any web root; its name is data only."""

    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    stored_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    stored_at = models.DateTimeField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="files")
    purpose = models.CharField(max_length=20)

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="file_by_hash")]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """Place in the file store: by hash, never by name."""
        return f"{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"


class DocumentState(models.TextChoices):
    WAITING = "waiting", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Could not be made")


class Document(Row):
    """A writ (文书) of a case. ``data`` is the snapshot its text is made from, so that the same bytes can be
    made again at any time; each change makes a new version and keeps the old one.

    ``file`` is what is made from it, ``signed_file`` the same with the court's electronic signature. A writ
    to an agency has a copy for the agency besides (协助单位联), which alone names accounts and identity
    numbers in full: those values are in ``full_sealed``, the copy is kept encrypted with a key of its own,
    and ``agency_sha256`` is the hash of what the agency gets.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="documents")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="documents")
    writ = models.CharField(max_length=40)
    number = models.CharField(max_length=60)
    ordinal = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveSmallIntegerField(default=1)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="documents")
    data = models.JSONField()
    template_hash = models.CharField(max_length=64)
    made_on = models.DateField()
    state = models.CharField(max_length=8, choices=DocumentState, default=DocumentState.WAITING)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="documents")
    pages = models.PositiveSmallIntegerField(null=True)
    # Stored files are never deleted, so that nothing looks for documents by their files: no index is needed.
    signed_file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    full_sealed = models.BinaryField(null=True)
    agency_file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    agency_key_sealed = models.BinaryField(null=True)
    agency_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")

    full_values = Sealed("full_sealed")
    agency_key = Sealed("agency_key_sealed")

    class Meta:
        ordering = ["id"]
        constraints = [
            # Versions count the changes of one writ for one addressee; without an addressee or a place among
            # the rulings the empty values count as equal.
            models.UniqueConstraint(
                fields=["case", "writ", "number", "party", "ordinal", "version"],
                nulls_distinct=False,
                name="document_versions",
            ),
            models.CheckConstraint(
                name="a_ready_document_has_its_file", condition=~Q(state="ready") | Q(file__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.writ} {self.number}"

    @property
    def given_file(self) -> StoredFile | None:
        """What readers get: signed where the court signs."""
        return self.signed_file or self.file


class ServiceMethod(models.TextChoices):
    DIRECT = "direct", _("Direct service")
    LEFT = "left", _("Left at the residence")
    POST = "post", _("By post")
    ELECTRONIC = "electronic", _("Electronic")
    ENTRUSTED = "entrusted", _("Through another court or unit")
    PUBLIC = "public", _("By public notice")


class ServiceState(models.TextChoices):
    SENT = "sent", _("Under way")
    SERVED = "served", _("Served")
    FAILED = "failed", _("Failed")


class Service(Row):
    """Service of one writ on one party (送达), with its proof (送达回证)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="services")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="services")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="services")
    method = models.CharField(max_length=10, choices=ServiceMethod)
    state = models.CharField(max_length=8, choices=ServiceState)
    sent_on = models.DateField()
    served_on = models.DateField(null=True, blank=True)
    received_by = models.CharField(max_length=80, blank=True)
    proof = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    remarks = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="served_means_a_day", condition=~Q(state="served") | Q(served_on__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["document", "party"],
                condition=~Q(state="failed"),
                name="one_service_per_document_and_party",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} → {self.party}"
