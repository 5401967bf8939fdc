"""What an agency is for the courts (联动成员单位): its contacts, what it answers, how it is reached."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models import Agency, Court


class Member(models.Model):
    """An agency's membership in the joint enforcement of a court's area (成员单位).

    ``liaison`` is the court that keeps its entry; ``superior`` is told when it does not answer.
    """

    agency = models.OneToOneField(Agency, on_delete=models.PROTECT, related_name="member")
    liaison = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="members")
    superior = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="subordinates"
    )
    superior_name = models.CharField(max_length=120, blank=True)
    duties = models.TextField(max_length=2000, blank=True)
    contact_name = models.CharField(max_length=80, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_email = models.EmailField(blank=True)
    needs_second_person = models.BooleanField(
        default=False, help_text=_("An answer leaves only when a second person of the agency confirmed it.")
    )
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["agency__name"]

    def __str__(self) -> str:
        return str(self.agency)


class MatterAnswered(models.Model):
    """A matter an agency answers (办理事项), with a clock of its own where a conference set one."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="matters")
    matter = models.CharField(max_length=24)
    days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Working days; empty: as the table of matters says.")
    )

    class Meta:
        ordering = ["matter"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "matter"], name="a_matter_once_per_agency"),
            models.CheckConstraint(name="a_clock_has_days", condition=Q(days=None) | Q(days__gte=1)),
        ]
        indexes = [models.Index(fields=["matter"], name="answered_by_matter")]

    def __str__(self) -> str:
        return f"{self.agency} {self.matter}"


class ChannelKind(models.TextChoices):
    PORTAL = "portal", _("Portal inbox with e-mail alert")
    WEBHOOK = "webhook", _("Signed webhook")
    PULL = "pull", _("Feed read by cursor")
    WORKBOOK = "workbook", _("Workbook down and up")


class Channel(models.Model):
    """How orders reach an agency (送达渠道). The portal is open to every agency besides.

    ``networks`` are the only networks a webhook may be sent into; ``our_key`` names the key we sign with.
    ``breaker_open_until`` keeps an endpoint that fails from holding up the workers.
    """

    agency = models.OneToOneField(Agency, on_delete=models.PROTECT, related_name="channel")
    kind = models.CharField(max_length=8, choices=ChannelKind, default=ChannelKind.PORTAL)
    url = models.URLField(max_length=300, blank=True)
    networks = ArrayField(models.CharField(max_length=49), default=list, blank=True)
    concurrency = models.PositiveSmallIntegerField(default=4, validators=[MinValueValidator(1)])
    is_active = models.BooleanField(default=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text=_("Failures in a row."))
    breaker_open_until = models.DateTimeField(null=True, blank=True)
    pulled_at = models.DateTimeField(null=True, blank=True)
    alerted_at = models.DateTimeField(null=True, blank=True, help_text=_("The last e-mail alert."))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_webhook_has_an_address",
                condition=~Q(kind=ChannelKind.WEBHOOK) | (~Q(url="") & ~Q(networks=[])),
            ),
            models.CheckConstraint(name="at_least_one_call_at_a_time", condition=Q(concurrency__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.get_kind_display()}"


class VerifyingKey(models.Model):
    """A public key an agency signs its answers with (验签公钥), Ed25519; two live during a change."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="keys")
    key_id = models.SlugField(max_length=40)
    public_key = models.BinaryField(max_length=32)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "key_id"], name="a_key_id_once_per_agency")]

    def __str__(self) -> str:
        return f"{self.agency} {self.key_id}"
