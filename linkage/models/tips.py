"""Tips and rapid response (线索、执行快速反应, Decision 二): a ticket with a clock, a team, an outcome.

Whoever reports stays hidden (PROPERTY_INVESTIGATION 23): name, telephone and every word of theirs are sealed
in rows of their own, in no event, no export, no search, and opened by two people only.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from directory.models import Court, Person
from directory.sealing import Sealed
from enforcement.models import Case
from enforcement.models.base import Row


class TipChannel(models.TextChoices):
    WEB = "web", _("Public page")
    HOTLINE = "hotline", _("Hotline")
    VISIT = "visit", _("In person")
    LETTER = "letter", _("Letter")
    OTHER = "other", _("Other")


class TipKind(models.TextChoices):
    PERSON = "person", _("Where a debtor is")
    ASSET = "asset", _("Property of a debtor")
    MOVING = "moving", _("Property is being moved, sold or destroyed")
    SPENDING = "spending", _("High consumption in spite of a ban")
    HINDRANCE = "hindrance", _("Enforcement is being hindered")
    OTHER = "other", _("Something else")


class TipState(models.TextChoices):
    RECEIVED = "received", _("Received")
    DISPATCHED = "dispatched", _("A team is sent")
    RESPONDED = "responded", _("The team responded")
    CLOSED = "closed", _("Closed")


class TipOutcome(models.TextChoices):
    PERSON_FOUND = "person-found", _("The person was found")
    ASSET_CONTROLLED = "asset-controlled", _("Property was brought under control")
    ASSET_FOUND = "asset-found", _("Property was found")
    STOPPED = "stopped", _("An obstruction was ended")
    NOTHING = "nothing", _("Nothing was found")
    KNOWN = "known", _("Known already")
    NOT_OURS = "not-ours", _("Not a matter of enforcement")


class DutyTeam(Row):
    """Who is on duty for rapid response (值班表), from one moment to another."""

    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="duty_teams")
    leader = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    people = models.ManyToManyField(Person, related_name="+")
    phone = models.CharField(max_length=40)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["begins_at", "id"]
        constraints = [
            models.CheckConstraint(name="a_turn_of_duty_lasts", condition=Q(ends_at__gt=F("begins_at")))
        ]
        indexes = [models.Index(fields=["court", "ends_at"], name="duty_team_by_court")]

    def __str__(self) -> str:
        return f"{self.court} · {self.leader}"


class Tip(Row):
    """A tip and its ticket (快速反应工单), on the register of the court that received it.

    ``division`` is the place it is about, six digits; ``rule`` the clock that runs and ``due_at`` its end.
    ``claim_index`` and ``pin`` let whoever reported ask again without being known. ``warned_at`` and
    ``wrong_pins`` move without an act.
    """

    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="tips")
    number = models.CharField(max_length=40, unique=True)
    channel = models.CharField(max_length=8, choices=TipChannel)
    kind = models.CharField(max_length=10, choices=TipKind)
    is_urgent = models.BooleanField(default=False)
    division = models.CharField(max_length=6)
    text_sealed = models.BinaryField()
    place_sealed = models.BinaryField(null=True)
    reporter_name_sealed = models.BinaryField(null=True)
    reporter_phone_sealed = models.BinaryField(null=True)
    claim_index = models.BinaryField(max_length=32, unique=True)
    pin = models.CharField(max_length=160)
    wrong_pins = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=TipState, default=TipState.RECEIVED)
    rule = models.CharField(max_length=60)
    due_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    team = models.ForeignKey(DutyTeam, on_delete=models.PROTECT, null=True, related_name="tips")
    dispatched_at = models.DateTimeField(null=True)
    responded_at = models.DateTimeField(null=True)
    finding_sealed = models.BinaryField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, choices=TipOutcome, blank=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")

    text = Sealed("text_sealed")
    place = Sealed("place_sealed")
    reporter_name = Sealed("reporter_name_sealed")
    reporter_phone = Sealed("reporter_phone_sealed")
    finding = Sealed("finding_sealed")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="a_dispatched_tip_has_its_team",
                condition=~Q(state__in=["dispatched", "responded"]) | Q(team__isnull=False),
            ),
            models.CheckConstraint(
                name="a_closed_tip_has_its_outcome",
                condition=Q(state="closed", closed_at__isnull=False, due_at=None) & ~Q(outcome="")
                | ~Q(state="closed") & Q(closed_at=None, outcome="", due_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["court", "due_at"], condition=~Q(state="closed"), name="tip_open"),
            models.Index(fields=["court", "-id"], name="tip_by_court"),
            models.Index(
                fields=["due_at"], condition=~Q(state="closed") & Q(warned_at=None), name="tip_to_warn"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state != TipState.CLOSED

    @property
    def has_reporter(self) -> bool:
        """Whether whoever reported left a name or a telephone; nothing is opened to say so."""
        return bool(self.reporter_name_sealed or self.reporter_phone_sealed)


class TipMessage(Row):
    """A word between the court and whoever reported (往来消息), sealed. Append-only."""

    tip = models.ForeignKey(Tip, on_delete=models.PROTECT, related_name="messages")
    from_court = models.BooleanField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    text_sealed = models.BinaryField()
    at = models.DateTimeField()

    text = Sealed("text_sealed")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.tip} {self.at}"


class IdentityPermission(Row):
    """One person let another one look once at who reported (两人启封), for a reason, until a moment."""

    tip = models.ForeignKey(Tip, on_delete=models.PROTECT, related_name="identity_permissions")
    allowed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    allowed_to = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=300)
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="an_identity_is_opened_by_two", condition=~Q(allowed_by=F("allowed_to"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.tip} {self.allowed_to}"
