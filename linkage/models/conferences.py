"""Joint conferences (联席会议): who was called, what was on the table, what was decided, who must do what.

A conference carries out decisions; it never decides a case (Decision 四; CPL 6).
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from directory.models import Agency, Court, Person
from enforcement.models import AssetKind, StoredFile
from enforcement.models.base import Row, history


class ConferenceKind(models.TextChoices):
    REGULAR = "regular", _("Regular")
    AD_HOC = "ad-hoc", _("Called for an occasion")


class ConferenceState(models.TextChoices):
    CALLED = "called", _("Called")
    HELD = "held", _("Held")


@history()
class Conference(Row):
    """A meeting of the court with member agencies (联席会议), kept on the register of the court that called
    it."""

    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="conferences")
    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=8, choices=ConferenceKind)
    state = models.CharField(max_length=6, choices=ConferenceState, default=ConferenceState.CALLED)
    day = models.DateField()
    begins_at = models.TimeField(null=True, blank=True)
    place = models.CharField(max_length=120)
    purpose = models.CharField(max_length=300, blank=True)
    called_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField()
    minutes = models.TextField(max_length=20000, blank=True)
    minutes_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    minutes_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            models.CheckConstraint(
                name="a_held_conference_has_its_minutes",
                condition=Q(state="called", minutes="", minutes_by=None, minutes_at=None)
                | Q(state="held", minutes_by__isnull=False, minutes_at__isnull=False) & ~Q(minutes=""),
            )
        ]

    def __str__(self) -> str:
        return self.number


class Presence(models.TextChoices):
    CALLED = "called", _("Called")
    PRESENT = "present", _("Present")
    EXCUSED = "excused", _("Excused")
    ABSENT = "absent", _("Absent")


@history()
class Attendance(models.Model):
    """An agency called to a conference, and whether somebody came (签到)."""

    conference = models.ForeignKey(Conference, on_delete=models.PROTECT, related_name="attendances")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="attendances")
    presence = models.CharField(max_length=7, choices=Presence, default=Presence.CALLED)
    delegate = models.CharField(max_length=80, blank=True)
    post = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["agency__kind", "agency__name"]
        constraints = [
            models.UniqueConstraint(fields=["conference", "agency"], name="an_agency_is_called_once"),
            models.CheckConstraint(
                name="who_is_present_has_a_name", condition=~Q(presence="present") | ~Q(delegate="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.get_presence_display()}"


class AgendaKind(models.TextChoices):
    OVERDUE = "overdue", _("Overdue answers")
    REFUSAL = "refusal", _("Refusals, delays and interference")
    ASSET = "asset", _("Disputed assets")
    OTHER = "other", _("Other")


#: How a point that was drafted from what is open reads; %(count)s and %(since)s are among its facts.
HEADINGS = {
    AgendaKind.OVERDUE: _("%(agency)s: %(count)s answers overdue, the oldest since %(since)s"),
    AgendaKind.REFUSAL: _("%(agency)s: %(count)s refusals, delays or interferences not settled"),
    AgendaKind.ASSET: _("%(count)s restrained assets disputed by others: %(kinds)s"),
}


class AgendaItem(Row):
    """A point of the agenda (议题). It names agencies and numbers of requests, never a party of a case.

    What was drafted keeps ``facts`` and is put into words in the reader's language; what somebody wrote has
    its ``title``.
    """

    conference = models.ForeignKey(Conference, on_delete=models.PROTECT, related_name="agenda")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=7, choices=AgendaKind, default=AgendaKind.OTHER)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    detail = models.CharField(max_length=1000, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["conference", "position"],
                name="one_agenda_item_per_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                name="an_agenda_item_says_something", condition=~Q(title="") | ~Q(facts={})
            ),
        ]

    def __str__(self) -> str:
        return self.heading

    @property
    def heading(self) -> str:
        """The point in words."""
        if self.title:
            return self.title
        facts = {name: value for name, value in self.facts.items() if name != "kinds"}
        kinds = [str(AssetKind(kind).label) for kind in self.facts.get("kinds", [])]
        template = str(HEADINGS[AgendaKind(self.kind)])
        return template % {"agency": self.agency, "since": "—", "kinds": "、".join(kinds), **facts}

    @property
    def text(self) -> str:
        """What stands below the point."""
        return self.detail or "、".join(self.facts.get("numbers", []))


class Resolution(Row):
    """What a conference decided (会议决定), numbered within its minutes."""

    conference = models.ForeignKey(Conference, on_delete=models.PROTECT, related_name="resolutions")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=1000)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["conference", "number"], name="one_resolution_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.conference} {self.number}"


class TaskState(models.TextChoices):
    OPEN = "open", _("Open")
    REPORTED = "reported", _("Reported as done")
    DONE = "done", _("Done")


@history()
class ConferenceTask(Row):
    """A task a conference gave to an agency (交办任务, matter JC-TASK): due on a day, proven by evidence.

    ``done_on`` is the day on which it was reported as done, once the court has accepted the evidence.
    """

    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="tasks")
    conference = models.ForeignKey(Conference, on_delete=models.PROTECT, related_name="tasks")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="conference_tasks")
    task = models.CharField(max_length=500)
    evidence_required = models.CharField(max_length=300)
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=TaskState, default=TaskState.OPEN)
    reported_on = models.DateField(null=True)
    done_on = models.DateField(null=True)
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="a_done_task_has_its_day",
                condition=~Q(state="done") | Q(done_on__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["agency", "due_on"], name="conference_task_by_agency"),
            models.Index(fields=["due_on"], condition=~Q(state="done"), name="conference_task_due"),
        ]

    def __str__(self) -> str:
        return self.task

    @property
    def in_time(self) -> bool:
        """Whether it was reported, with evidence the court accepted, by its day."""
        return self.done_on is not None and self.done_on <= self.due_on


class ReportState(models.TextChoices):
    RECEIVED = "received", _("Received")
    ACCEPTED = "accepted", _("Accepted")
    RETURNED = "returned", _("Returned")


class TaskReport(Row):
    """What an agency reported about a task (落实情况), and what the court made of the evidence."""

    task = models.ForeignKey(ConferenceTask, on_delete=models.PROTECT, related_name="reports")
    progress = models.CharField(max_length=1000)
    is_done = models.BooleanField(default=False)
    evidence = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    reported_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=ReportState, default=ReportState.RECEIVED)
    reply = models.CharField(max_length=500, blank=True)
    judged_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="who_reports_does_not_judge_it",
                condition=Q(judged_by=None) | ~Q(judged_by=F("reported_by")),
            ),
            models.CheckConstraint(
                name="a_judged_report_has_its_judge",
                condition=Q(state="received", judged_by=None, judged_at=None)
                | ~Q(state="received") & Q(judged_by__isnull=False, judged_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.progress
