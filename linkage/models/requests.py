"""Requests to agencies (协助请求), what they are told about them, and what they answer (回执)."""

import json
from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _

from directory.models import Agency, Person
from directory.sealing import Sealed
from enforcement.models import Asset, Case, Document, Event, Measure, Message, Party, StoredFile
from enforcement.models.base import Row, history, money
from law import linkage


class RequestState(models.TextChoices):
    """Where a request stands by what people did; that it arrived is ``delivered_at``."""

    ISSUED = "issued", _("Issued")
    ACCEPTED = "accepted", _("Accepted")
    ANSWERED = "answered", _("Answered")
    CHECKED = "checked", _("Checked")
    RECALLED = "recalled", _("Recalled")


WAITING_STATES = (RequestState.ISSUED, RequestState.ACCEPTED)


class Outcome(models.TextChoices):
    DONE = "done", _("Done")
    PART = "part", _("Done in part")
    WAITING = "waiting", _("Waiting in rank")
    NOTHING = "nothing", _("Nothing found")
    REFUSED = "refused", _("Refused with ground")


class Ground(models.TextChoices):
    """Grounds on which an agency may lawfully not do what it was asked (不予协助的理由); each with a
    sentence."""

    NO_WRIT = "no-writ", _("No ruling, notice or credentials came with it")
    NOT_IN_POWER = "not-in-power", _("Beyond our power, or against the law")
    NOT_THE_DEBTOR = "not-the-debtor", _("It is not the debtor's")
    TRANSFERRED = "transferred", _("Transferred before the order arrived")
    EXEMPT = "exempt", _("Exempt from enforcement")
    OTHER = "other", _("Another reason")


class Priority(models.IntegerChoices):
    """Order of an agency's inbox: lifting comes before restraining (解除 › 冻结 › 扣划 › 查询)."""

    LIFT = 0, _("Lift")
    CONTROL = 1, _("Freeze, seal, renew")
    TAKE = 2, _("Deduct, transfer")
    OTHER = 3, _("Other")
    INQUIRY = 4, _("Inquiry")


PRIORITY_OF = {
    "release": Priority.LIFT,
    "freeze": Priority.CONTROL,
    "seize": Priority.CONTROL,
    "renew": Priority.CONTROL,
    "deduct": Priority.TAKE,
    "transfer": Priority.TAKE,
    "dispose": Priority.TAKE,
    "inquiry": Priority.INQUIRY,
}


class Lift(Row):
    """One lifting (解除): linked to every order it undoes, open until each holder confirmed it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="lifts")
    number = models.CharField(max_length=24, unique=True)
    ground = models.CharField(max_length=20)
    reason = models.CharField(max_length=240)
    ordered_by = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    ordered_on = models.DateField()
    confirmed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.number


class RequestQuerySet(models.QuerySet["Request"]):
    def waiting(self) -> "RequestQuerySet":
        """Requests whose answer is still due."""
        return self.filter(state__in=WAITING_STATES)


@history(exclude=["facts_sealed", "delivered_at", "assignee"])
class Request(Row):
    """What a court asks of one agency about one matter of one case (协助请求).

    ``facts`` holds what the matter demands, personal data masked; ``facts_sealed`` the same in full, as it is
    sent. ``amount`` in CNY; ``term`` from the first day (in) to the last (out). ``delivered_at`` is filled by
    the delivery itself and ``assignee`` within the agency: both move without an act.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="requests")
    number = models.CharField(max_length=24, unique=True)
    matter_code = models.CharField(max_length=24)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="requests")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="requests")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, null=True, related_name="requests")
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, null=True, related_name="requests")
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    lift = models.ForeignKey(Lift, on_delete=models.PROTECT, null=True, related_name="requests")
    priority = models.PositiveSmallIntegerField(choices=Priority)
    amount = money(null=True, blank=True)
    term = DateRangeField(null=True, blank=True)
    facts = models.JSONField(default=dict)
    facts_sealed = models.BinaryField(null=True)
    basis = models.CharField(max_length=300)
    ordered_by = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="requests")
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    documents = models.ManyToManyField(Document, through="RequestDocument", related_name="requests")
    state = models.CharField(max_length=9, choices=RequestState, default=RequestState.ISSUED)
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    issued_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    due_on = models.DateField()
    reminded = models.PositiveSmallIntegerField(
        default=0, help_text=_("Steps of the ladder taken: reminder, second, superior, conference, penalty.")
    )
    assignee = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    visible_until = models.DateField(
        null=True, help_text=_("Last day on which the agency sees the personal data of it.")
    )

    full_facts = Sealed("facts_sealed")
    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="an_answered_request_has_its_outcome",
                condition=~Q(state__in=["answered", "checked"]) | ~Q(outcome=""),
            ),
            models.CheckConstraint(
                name="request_amount_positive", condition=Q(amount=None) | Q(amount__gt=0)
            ),
            models.CheckConstraint(
                name="a_lift_undoes_something", condition=Q(undoes=None) | Q(lift__isnull=False)
            ),
        ]
        indexes = [
            # An agency's inbox: lifts first, then by clock.
            models.Index(
                fields=["agency", "priority", "due_on", "id"],
                condition=Q(state__in=["issued", "accepted"]),
                name="request_inbox",
            ),
            models.Index(fields=["agency", "-answered_at", "-id"], name="request_answered"),
            models.Index(fields=["case", "-id"], name="request_by_case"),
            models.Index(
                fields=["agency", "priority", "due_on", "id"],
                condition=Q(state="accepted"),
                name="request_accepted",
            ),
            models.Index(
                fields=["assignee", "priority", "due_on", "id"],
                condition=Q(state__in=["issued", "accepted"], assignee__isnull=False),
                name="request_assigned",
            ),
            # The last four digits of an account, as a teller looks for it.
            models.Index(
                "agency",
                Right(KeyTextTransform("account_no", "facts"), 4),
                condition=Q(facts__has_key="account_no"),
                name="request_by_account",
            ),
            models.Index(
                fields=["due_on", "id"],
                condition=Q(state__in=["issued", "accepted"]),
                name="request_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def matter(self) -> linkage.Matter:
        return linkage.matter(self.matter_code)

    @property
    def is_delivered(self) -> bool:
        """Whether it reached the agency: from then on it is bound to act."""
        return self.delivered_at is not None

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING_STATES

    def carried(self) -> dict[str, Any]:
        """What the request carries, in full. Opens sealed values: only to send it and to answer it."""
        found: dict[str, Any] = json.loads(self.full_facts) if self.facts_sealed else {}
        return found


class RequestDocument(models.Model):
    """A writ that accompanies a request (随附文书)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="accompanied_by")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="accompanies")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "document"], name="a_writ_once_per_request")
        ]

    def __str__(self) -> str:
        return f"{self.request} {self.document}"


class DispatchKind(models.TextChoices):
    ISSUED = "request.issued", _("Request")
    RECALLED = "request.recalled", _("Recall")
    REPLIED = "request.replied", _("Reply to a question")
    REMINDED = "request.reminded", _("Reminder")
    CORRECTED = "request.corrected", _("Correction asked for")


class Dispatch(Row):
    """One thing an agency is told (送达件): pushed to it or pulled by it, always the same bytes. Append-only.

    ``transaction`` is the writing transaction: ids do not follow the order of commits, so a feed is read by
    (transaction, id), below the oldest transaction that still runs.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="dispatches")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="dispatches")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=DispatchKind)
    note = models.CharField(max_length=500, blank=True)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="dispatches")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="dispatch")
    at = models.DateTimeField()
    transaction = models.BigIntegerField(
        db_default=RawSQL("(pg_current_xact_id()::text)::bigint", []), editable=False
    )

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["agency", "transaction", "id"], name="dispatch_feed"),
            BrinIndex(fields=["at"], name="dispatch_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.request}"


class AnswerState(models.TextChoices):
    RECEIVED = "received", _("Received")
    CONFIRMING = "confirming", _("Waiting for the agency's second person")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Not accepted")
    SUPERSEDED = "superseded", _("Superseded")
    QUARANTINED = "quarantined", _("Set aside: same number, other content")


class AnswerChannel(models.TextChoices):
    PORTAL = "portal", _("Portal")
    REST = "rest", _("Interface")
    WORKBOOK = "workbook", _("Workbook")
    PAPER = "paper", _("On paper, recorded by the court")


class Answer(Row):
    """What an agency said (回执), stored as it came before anything is made of it.

    ``number`` is the agency's own receipt number and names the answer once; ``raw`` are the bytes, sealed.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="answers")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="answers")
    number = models.CharField(max_length=80)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=8, choices=AnswerChannel)
    raw_sealed = models.BinaryField()
    raw_sha256 = models.BinaryField(max_length=32)
    signature = models.CharField(max_length=200, blank=True)
    signed_headers = models.JSONField(default=dict)
    key_id = models.CharField(max_length=40, blank=True)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=11, choices=AnswerState, default=AnswerState.RECEIVED)
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    handled_at = models.DateTimeField(null=True)
    handler = models.CharField(max_length=80, blank=True)
    ground = models.CharField(max_length=16, choices=Ground, blank=True)
    remarks = models.CharField(max_length=500, blank=True)
    facts = models.JSONField(default=dict, help_text=_("What was answered, personal data masked."))
    problem = models.CharField(max_length=500, blank=True)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="answers")
    evidence = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    raw = Sealed("raw_sealed")

    class Meta:
        ordering = ["id"]
        constraints = [
            # An answer that was not accepted, or set aside, has not used up its number.
            models.UniqueConstraint(
                fields=["agency", "number"],
                condition=~Q(state__in=["refused", "quarantined"]),
                name="a_receipt_number_once_per_agency",
            ),
            models.CheckConstraint(
                name="an_applied_answer_has_its_event", condition=~Q(state="applied") | Q(event__isnull=False)
            ),
            models.CheckConstraint(
                name="answer_four_eyes",
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("answered_by")),
            ),
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(state="received"), name="answer_received"),
            models.Index(fields=["agency", "id"], condition=Q(state="confirming"), name="answer_confirming"),
            BrinIndex(fields=["received_at"], name="answer_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.agency} {self.number}"


class Question(Row):
    """A question an agency asks before it answers (询问), and the court's reply."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="questions")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=500)
    is_objection = models.BooleanField(
        default=False, help_text=_("A written objection of the institution: the court answers in 15 days.")
    )
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reply = models.CharField(max_length=1000, blank=True)
    replied_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text
