"""Case money (案款) in double entry. Accounts are those of the chart in law/money; amounts in CNY."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models import Court, Person
from directory.sealing import Sealed
from enforcement.models.base import Row, money
from enforcement.models.cases import Case
from enforcement.models.documents import StoredFile
from enforcement.models.events import Event
from enforcement.models.parties import Party


class LedgerAccount(models.TextChoices):
    """1xxx assets, 2xxx liabilities: case money is never the court's own."""

    BANK = "1010", _("Bank, case money")
    BANK_DEPOSITS = "1020", _("Bank, bidders' deposits")
    BANK_FOREIGN = "1030", _("Bank, foreign currency")
    UNIDENTIFIED = "2010", _("Unidentified money")
    TO_DISTRIBUTE = "2020", _("Case money to distribute")
    CREDITORS = "2110", _("Creditors")
    FEE = "2120", _("Enforcement fee (treasury)")
    THIRD_PARTY_COSTS = "2130", _("Third-party costs and advances")
    BOUNTY = "2140", _("Bounty")
    KEPT = "2150", _("Kept for the debtor's family or rent")
    HELD = "2160", _("Held: dispute, reserved claim")
    DEPOSITED = "2170", _("Deposited (unclaimed)")
    REFUND_DEBTOR = "2180", _("Refund to the debtor")
    REFUND_PAYER = "2190", _("Refund to the payer")
    BIDDERS = "2210", _("Bidders' deposits")
    FORFEITED = "2220", _("Forfeited deposits")
    TREASURY = "2310", _("Treasury: fines, confiscation, lapsed")
    BANK_INTEREST = "2320", _("Bank interest")
    OTHER_COURTS = "2330", _("Other courts")
    IN_TRANSIT = "2410", _("Payments in transit")


class ReceiptState(models.TextChoices):
    UNIDENTIFIED = "unidentified", _("Unidentified")
    IDENTIFIED = "identified", _("Identified")
    RETURNED = "returned", _("Returned to the payer")
    CORRECTED = "corrected", _("Taken back: wrongly recorded")


class ReceiptHow(models.TextChoices):
    """How the money came; it decides the day interest on it stops (interest interpretation, art. 3)."""

    VOLUNTARY = "voluntary", _("Voluntary payment")
    DEDUCTION = "deduction", _("Deducted from a deposit")
    WITHHOLDING = "withholding", _("Withheld from income")
    AUCTION = "auction", _("Price of an auction or sale")
    DIRECT = "direct", _("Paid directly to the applicant")
    OTHER = "other", _("Other")


class Receipt(Row):
    """Money that arrived on the court's case-money account (到账). ``counts_on`` is the day interest stops
    on it: value date of a voluntary payment, day of deduction otherwise (interest interpretation art. 3)."""

    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="receipts")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="receipts")
    payer = models.CharField(max_length=120)
    payer_account_sealed = models.BinaryField(null=True)
    payer_account_mask = models.CharField(max_length=30, blank=True)
    debtor = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="receipts")
    creditor = models.ForeignKey(
        Party,
        on_delete=models.PROTECT,
        null=True,
        related_name="direct_receipts",
        help_text=_("The applicant a direct payment went to; such money never reached the court."),
    )
    amount = money()
    how = models.CharField(max_length=12, choices=ReceiptHow, blank=True)
    counts_on = models.DateField()
    arrived_on = models.DateField()
    bank_reference = models.CharField(max_length=60)
    memo = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, choices=ReceiptState)
    fee = money(null=True)
    claimed_on = models.DateField(null=True)
    notified_on = models.DateField(
        null=True, help_text=_("Day the arrival was notified; the payout clock starts.")
    )

    payer_account = Sealed("payer_account_sealed")

    class Meta:
        ordering = ["arrived_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["court", "bank_reference"],
                condition=~Q(state="corrected"),
                name="a_bank_reference_arrives_once",
            ),
            models.CheckConstraint(
                name="a_direct_payment_has_its_creditor",
                condition=Q(how="direct", creditor__isnull=False) | ~Q(how="direct") & Q(creditor=None),
            ),
            models.CheckConstraint(name="receipt_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="identified_money_has_its_case",
                condition=~Q(state="identified") | Q(case__isnull=False, claimed_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["court", "arrived_on"], condition=Q(state="unidentified"), name="receipt_unidentified"
            )
        ]

    def __str__(self) -> str:
        return f"{self.payer} {self.amount}"


class Entry(models.Model):
    """One balanced entry (分录), made by one event. Never changed: a mistake is reversed."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="entries")
    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="entries")
    at = models.DateTimeField()
    legal_day = models.DateField()
    source = models.CharField(
        max_length=80, unique=True, help_text=_("What it records; can be recorded once.")
    )
    memo = models.CharField(max_length=200)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return self.memo


class Line(models.Model):
    """One side of an entry: positive is debit, negative is credit. The sum of an entry's lines is 0."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="lines")
    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="+")
    account = models.CharField(max_length=4, choices=LedgerAccount)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="ledger")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="ledger")
    amount = money()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="a_line_is_not_zero", condition=~Q(amount=0))]

    def __str__(self) -> str:
        return f"{self.account} {self.amount}"


class Balance(models.Model):
    """Balance of an account for one case and party, kept by trigger from the lines. Debit side of 1xxx,
    credit side of 2xxx accounts; never below 0."""

    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="balances")
    account = models.CharField(max_length=4, choices=LedgerAccount)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="balances")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="balances")
    amount = money(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["court", "account", "case", "party"], name="one_balance_row", nulls_distinct=False
            ),
            models.CheckConstraint(name="no_balance_below_zero", condition=Q(amount__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount}"


class PlanState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    OBJECTED = "objected", _("Under objection")
    PAID = "paid", _("Paid out")
    CANCELLED = "cancelled", _("Cancelled")


class Plan(Row):
    """A plan that distributes a pot among creditors (分配方案). ``pot`` in CNY."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="plans")
    pot = money()
    fee = money(default=0)
    state = models.CharField(max_length=10, choices=PlanState)
    as_of = models.DateField()
    steps = models.JSONField(default=list)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="plans")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="plan_four_eyes", condition=Q(decided_by=None) | ~Q(decided_by=models.F("proposed_by"))
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=["draft", "approved", "objected"]),
                name="one_live_plan_per_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.pot}"


class PlanLine(models.Model):
    """What a plan gives to one account and party, and what it is for."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="lines")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="plan_lines")
    position = models.PositiveSmallIntegerField()
    account = models.CharField(max_length=4, choices=LedgerAccount)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="plan_lines")
    amount = money()
    breakdown = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="plan_line_positions"),
            models.CheckConstraint(name="plan_line_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount}"


class PaymentState(models.TextChoices):
    ORDERED = "ordered", _("Ordered at the bank")
    CONFIRMED = "confirmed", _("Paid")
    BOUNCED = "bounced", _("Returned by the bank")


class PaymentOrder(Row):
    """An order to the bank (付款指令) for one payee."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="payments")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="payments")
    account = models.CharField(max_length=4, choices=LedgerAccount)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="payments")
    payee = models.CharField(max_length=120)
    payee_bank = models.CharField(max_length=120, blank=True)
    payee_account_sealed = models.BinaryField(null=True)
    payee_account_mask = models.CharField(max_length=30, blank=True)
    amount = money()
    state = models.CharField(max_length=10, choices=PaymentState, default=PaymentState.ORDERED)
    ordered_on = models.DateField()
    ordered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    settled_on = models.DateField(null=True, blank=True)
    bank_reference = models.CharField(max_length=60, blank=True)
    proof = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    payee_account = Sealed("payee_account_sealed")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="payment_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="a_confirmed_payment_has_its_reference",
                condition=~Q(state="confirmed") | Q(settled_on__isnull=False) & ~Q(bank_reference=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payee} {self.amount}"
