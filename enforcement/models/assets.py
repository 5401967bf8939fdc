"""Assets (财产) and the measures that restrain them (控制措施)."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models import Person
from directory.sealing import Sealed
from enforcement.models.base import Row, history, money
from enforcement.models.cases import Case
from enforcement.models.events import Event
from enforcement.models.parties import Party
from law import clock


class AssetKind(models.TextChoices):
    DEPOSIT = "deposit", _("Deposit")
    HOUSE = "house", _("House")
    LAND = "land", _("Land use right")
    VEHICLE = "vehicle", _("Vehicle")
    EQUITY = "equity", _("Equity")
    SECURITY = "security", _("Securities")
    INSURANCE = "insurance", _("Insurance")
    WAGE = "wage", _("Wage")
    CLAIM = "claim", _("Claim against a third person")
    OTHER = "other", _("Other")


@history(exclude=["account_sealed"])
class Asset(Row):
    """Something the debtor owns (财产). ``value`` and ``prior_claims`` in CNY."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assets")
    owner = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="assets")
    kind = models.CharField(max_length=10, choices=AssetKind)
    description = models.CharField(max_length=300)
    holder = models.CharField(max_length=160, blank=True, help_text=_("Bank, register, employer or company."))
    account_sealed = models.BinaryField(null=True)
    account_mask = models.CharField(max_length=30, blank=True)
    account_index = models.BinaryField(null=True, max_length=32)
    register_number = models.CharField(max_length=80, blank=True)
    value = money(null=True, blank=True)
    value_source = models.CharField(max_length=160, blank=True)
    prior_claims = money(default=0)
    is_only_home = models.BooleanField(default=False)
    is_indivisible = models.BooleanField(default=False)
    found_on = models.DateField()
    source = models.CharField(max_length=160, blank=True)

    account_number = Sealed("account_sealed")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="asset_amounts_not_negative",
                condition=(Q(value=None) | Q(value__gte=0)) & Q(prior_claims__gte=0),
            )
        ]
        indexes = [
            models.Index(fields=["account_index"], name="asset_by_account"),
            models.Index(
                fields=["register_number"],
                condition=~Q(register_number=""),
                name="asset_by_register_number",
            ),
        ]

    def __str__(self) -> str:
        return self.description


class MeasureKind(models.TextChoices):
    FREEZE = "freeze", _("Freeze")
    SEAL = "seal", _("Seal")
    SEIZE = "seize", _("Seize")


class MeasureState(models.TextChoices):
    IN_FORCE = "in-force", _("In force")
    WAITING = "waiting", _("Waiting")
    RELEASED = "released", _("Released")
    LAPSED = "lapsed", _("Lapsed")


LIVE_STATES = [MeasureState.IN_FORCE, MeasureState.WAITING]


@history()
class Measure(Row):
    """A restraint on one asset (控制措施), for a term. ``amount`` in CNY for money, else the value covered.

    ``rank`` 1 is in force; higher ranks wait (轮候) and have no effect until they move up.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="measures")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="measures")
    kind = models.CharField(max_length=6, choices=MeasureKind)
    rank = models.PositiveSmallIntegerField(default=1)
    amount = money(null=True, blank=True)
    during = DateRangeField(help_text=_("From the day of effect (in) to the last day (out)."))
    state = models.CharField(max_length=8, choices=MeasureState, default=MeasureState.IN_FORCE)
    basis = models.CharField(max_length=300)
    remedy = models.CharField(max_length=40)
    excess_reason = models.CharField(max_length=500, blank=True)
    carried_out_by = models.CharField(
        max_length=200, help_text=_("Names of the officers who carried it out.")
    )
    ordered_by = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="measures_ordered")
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    notice = models.ForeignKey("enforcement.Document", on_delete=models.PROTECT, null=True, related_name="+")
    released_by = models.ForeignKey(
        Event, on_delete=models.PROTECT, null=True, related_name="measures_released"
    )
    released_on = models.DateField(null=True, blank=True)
    release_ground = models.CharField(max_length=300, blank=True)
    release_confirmed_on = models.DateField(
        null=True,
        blank=True,
        help_text=_("Day the holder or register confirmed that it carried out the release."),
    )
    lapse_reason = models.CharField(max_length=300, blank=True, help_text=_("Signed reason to let it lapse."))

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="a_measure_has_a_term",
                condition=Q(during__isempty=False, during__upper_inf=False, during__lower_inf=False),
            ),
            models.CheckConstraint(name="rank_from_one", condition=Q(rank__gte=1)),
            models.CheckConstraint(
                name="measure_four_eyes", condition=~Q(decided_by=models.F("proposed_by"))
            ),
            models.CheckConstraint(
                name="a_measure_has_basis_and_remedy", condition=~Q(basis="") & ~Q(remedy="")
            ),
            models.CheckConstraint(
                name="a_release_has_ground_and_day",
                condition=~Q(state="released")
                | Q(released_on__isnull=False, released_by__isnull=False) & ~Q(release_ground=""),
            ),
            ExclusionConstraint(
                name="one_live_measure_per_case_asset_and_day",
                expressions=[
                    ("asset", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=LIVE_STATES),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.asset}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES

    @property
    def last_day(self) -> date:
        """Last day of its effect."""
        return self.during.upper - date.resolution

    @property
    def days_left(self) -> int:
        return (self.last_day - clock.today()).days
