"""The case (案件) and its title (执行依据)."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models import BLIND_DUTIES, COURT_DUTIES, Court, Person
from enforcement.models.base import Row, money
from law import clock

GENESIS = b"\0" * 32


class Stage(models.TextChoices):
    """Where a case stands on its way (节点)."""

    FILED = "filed", _("Filed")
    NOTICE = "notice", _("Notice to perform")
    CONTROL = "control", _("Tracing and control")
    DISPOSAL = "disposal", _("Disposal")
    DISTRIBUTION = "distribution", _("Distribution and payment")
    CLOSED = "closed", _("Closed")


OPEN_STAGES = frozenset(Stage) - {Stage.CLOSED}


def granted_cases(person: Person) -> list[int]:
    """Ids of the cases granted to a person until today or later; asked once per loaded person."""
    known: list[int] | None = person.__dict__.get("_granted_cases")
    if known is None:
        grants = person.casegrant_set.filter(until__gte=clock.today())
        known = person.__dict__["_granted_cases"] = list(grants.values_list("content_object_id", flat=True))
    return known


def column_of_sight(person: Person) -> str:
    """The column of a case that must name the person's court for them to see it; none for the blind."""
    if person.court is None:
        return ""
    seeing = COURT_DUTIES - BLIND_DUTIES
    sees = any(person.court_id in courts for duty, courts in person.duties.items() if duty in seeing)
    return person.court.level_column if sees else ""


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, person: Person) -> "CaseQuerySet":
        """Cases of the courts at or below the person's court where they hold a duty that sees cases, and
        cases granted to them until a day. The system, which acts for nobody (sweeps, scheduled acts), sees
        every case. Everybody else's case does not exist for them."""
        if person.kind == "system":
            return self.all()
        granted = granted_cases(person)
        mine = Q(pk__in=granted) if granted else Q()
        if column := column_of_sight(person):
            mine |= Q(**{column: person.court_id})
        return self.filter(mine) if mine else self.none()


class Case(Row):
    """An enforcement case (执行案件). ``claim`` is the title's main debt and costs; amounts in CNY."""

    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="cases")
    intermediate_court = models.ForeignKey(Court, on_delete=models.PROTECT, null=True, related_name="+")
    high_court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40, unique=True)
    year = models.PositiveSmallIntegerField()
    type_code = models.CharField(max_length=4)
    serial = models.PositiveIntegerField()
    stage = models.CharField(max_length=16, choices=Stage, default=Stage.FILED)
    cause = models.CharField(max_length=120, help_text=_("Cause of action (案由)."))
    filed_on = models.DateField(help_text=_("Day the case was docketed."))
    applied_on = models.DateField(help_text=_("Day the application or transfer was received."))
    implementer = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="implemented_cases"
    )
    claim = money(default=Decimal("0.00"))
    received = money(default=Decimal("0.00"), help_text=_("Money received for the claim so far."))
    paid_out = money(default=Decimal("0.00"))
    applicant_names = models.CharField(max_length=400, blank=True)
    debtor_names = models.CharField(max_length=400, blank=True)
    search_terms = ArrayField(models.CharField(max_length=24), default=list)
    closed_on = models.DateField(null=True, blank=True)
    closing_code = models.CharField(max_length=40, blank=True)
    updated_at = models.DateTimeField()
    event_count = models.PositiveIntegerField(default=0)
    head_hash = models.BinaryField(default=GENESIS, max_length=32)

    objects = CaseQuerySet.as_manager()

    class Meta:
        permissions = [("read_case", "Read a granted case")]
        constraints = [
            models.UniqueConstraint(
                fields=["court", "type_code", "year", "serial"], name="a_case_number_is_given_once"
            ),
            models.CheckConstraint(
                name="closed_means_a_day_and_a_way",
                condition=Q(stage=Stage.CLOSED, closed_on__isnull=False) & ~Q(closing_code="")
                | ~Q(stage=Stage.CLOSED) & Q(closed_on=None),
            ),
            models.CheckConstraint(
                name="case_amounts_not_negative", condition=Q(claim__gte=0, received__gte=0, paid_out__gte=0)
            ),
        ]
        indexes = [
            models.Index(fields=["court", "-filed_on", "-id"], name="case_by_court"),
            models.Index(fields=["intermediate_court", "-filed_on", "-id"], name="case_by_intermediate"),
            models.Index(fields=["high_court", "-filed_on", "-id"], name="case_by_high"),
            models.Index(fields=["court", "stage", "-filed_on", "-id"], name="case_by_court_stage"),
            models.Index(fields=["high_court", "stage", "-filed_on", "-id"], name="case_by_high_stage"),
            models.Index(fields=["implementer", "stage", "-filed_on", "-id"], name="case_by_implementer"),
            GinIndex(
                fields=["court", "intermediate_court", "high_court", "search_terms"], name="case_search"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def is_visible_to(self, person: Person) -> bool:
        """``CaseQuerySet.visible_to`` for one loaded case."""
        if person.kind == "system" or self.pk in granted_cases(person):
            return True
        column = column_of_sight(person)
        return bool(column) and getattr(self, column) == person.court_id

    @property
    def is_open(self) -> bool:
        return self.stage != Stage.CLOSED

    @property
    def days_open(self) -> int:
        """Days since docketing, up to closing."""
        return ((self.closed_on or clock.today()) - self.filed_on).days

    @property
    def covered_share(self) -> int:
        """Received money as a whole percentage of the claim, at most 100."""
        return min(100, int(self.received * 100 / self.claim)) if self.claim else 0


class CaseNumberCounter(models.Model):
    """Last serial given, per court, type and year (编号从1顺排,不复用)."""

    court = models.ForeignKey(Court, on_delete=models.PROTECT)
    type_code = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["court", "type_code", "year"], name="one_counter_per_number_row")
        ]

    def __str__(self) -> str:
        return f"{self.court} {self.type_code} {self.year}: {self.last}"


class TitleKind(models.TextChoices):
    JUDGMENT = "judgment", _("Judgment")
    MEDIATION = "mediation", _("Mediation statement")
    RULING = "ruling", _("Court ruling")
    PAYMENT_ORDER = "payment-order", _("Order for payment by summary procedure")
    ARBITRATION = "arbitration", _("Arbitral award")
    NOTARISED = "notarised", _("Notarised instrument of debt")
    CRIMINAL_INCIDENTAL = "criminal-incidental", _("Judgment incidental to criminal proceedings")
    ADMINISTRATIVE = "administrative", _("Administrative decision")


class Title(models.Model):
    """What is enforced (执行依据): number, maker, day it took effect, terms of general interest."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="title")
    kind = models.CharField(max_length=20, choices=TitleKind)
    number = models.CharField(max_length=60)
    made_by = models.CharField(max_length=120)
    effective_on = models.DateField()
    performance_due_on = models.DateField(help_text=_("Last day of the period for performance."))
    obligation = models.TextField(blank=True, max_length=2000)
    interest_annual = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    interest_from = models.DateField(null=True, blank=True)
    interest_to = models.DateField(null=True, blank=True)
    interest_year_basis = models.PositiveSmallIntegerField(default=365)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="interest_has_a_first_day",
                condition=Q(interest_annual=None, interest_from=None)
                | Q(interest_annual__gt=0, interest_from__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["number"], name="title_by_number")]

    def __str__(self) -> str:
        return self.number


class ItemKind(models.TextChoices):
    MAIN = "main", _("Main debt")
    COST = "cost", _("Costs payable to the creditor")


class TitleItem(models.Model):
    """One sum the title orders to be paid (给付项目); ``delay_from`` is the day its period ran out.

    ``creditor`` is the applicant it is owed to; empty with several applicants: to all in equal shares
    (民法典 517).
    ``bears_interest``: whether the title's general interest runs on it; costs never bear any.
    """

    title = models.ForeignKey(Title, on_delete=models.PROTECT, related_name="items")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="title_items")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=4, choices=ItemKind)
    label = models.CharField(max_length=60)
    amount = money()
    delay_from = models.DateField()
    creditor = models.ForeignKey(
        "enforcement.Party", on_delete=models.PROTECT, null=True, blank=True, related_name="title_items"
    )
    bears_interest = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["title", "position"], name="title_item_positions"),
            models.CheckConstraint(name="title_item_amount_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.amount}"
