"""The register of refusals, delays and interference (不协助、干预登记): what stood in the way, and what the
court did about it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models import Agency, Person
from enforcement.models import Case, Document, Event
from enforcement.models.base import Row, history, money
from law.citations import CPL, CPL_INTERPRETATION, NETWORK_FREEZE, OBJECTION_RULES, SEIZURE_RULES, Citation
from linkage.models.requests import Request


class DifficultyKind(models.TextChoices):
    REFUSAL = "refusal", _("Refusal")
    DELAY = "delay", _("Delay")
    TIP_OFF = "tip-off", _("Tip-off to the debtor")
    OWN_RELEASE = "own-release", _("Released on its own")
    INTERFERENCE = "interference", _("Interference")


class DifficultyGround(models.TextChoices):
    """What was said for it. The first five are lawful if they are true (see ``ARTICLE_OF``)."""

    NO_WRIT = "no-writ", _("No ruling, notice or credentials came with it")
    NOT_IN_POWER = "not-in-power", _("Beyond our power, or against the law")
    NOT_THE_DEBTOR = "not-the-debtor", _("It is not the debtor's")
    TRANSFERRED = "transferred", _("Transferred before the order arrived")
    EXEMPT = "exempt", _("Exempt from enforcement")
    INTERNAL = "internal", _("Internal instructions, approval or rules")
    NONE = "none", _("No ground was given")
    OTHER = "other", _("Another reason")


#: The rule by which a ground excuses, or fails to. Two of them are judged by the case alone.
ARTICLE_OF: dict[str, Citation] = {
    DifficultyGround.NO_WRIT: SEIZURE_RULES.art(1),
    DifficultyGround.NOT_IN_POWER: OBJECTION_RULES.art("5(4)"),
    DifficultyGround.NOT_THE_DEBTOR: NETWORK_FREEZE.art(7),
    DifficultyGround.TRANSFERRED: SEIZURE_RULES.art(23),
    DifficultyGround.EXEMPT: SEIZURE_RULES.art(3),
    DifficultyGround.INTERNAL: CPL_INTERPRETATION.art("192(4)"),
    DifficultyGround.NONE: CPL.art(117),
    DifficultyGround.OTHER: CPL.art(117),
}
LAWFUL_GROUNDS = frozenset(
    {
        DifficultyGround.NO_WRIT,
        DifficultyGround.NOT_IN_POWER,
        DifficultyGround.NOT_THE_DEBTOR,
        DifficultyGround.TRANSFERRED,
        DifficultyGround.EXEMPT,
    }
)


class Ending(models.TextChoices):
    """How a difficulty ended."""

    PERFORMED = "performed", _("Carried out after all")
    LAWFUL = "lawful", _("The refusal was lawful")
    RECALLED = "recalled", _("The request was recalled")
    SANCTIONED = "sanctioned", _("Fined or reported, and closed")
    DROPPED = "dropped", _("Nothing more is done")


@history()
class Difficulty(Row):
    """One refusal, delay or interference, open until it is settled. Amounts in CNY.

    ``is_lawful`` is the court's judgment of what was said for it; nothing while nobody has judged.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="difficulties")
    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=12, choices=DifficultyKind)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, related_name="difficulties")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="difficulties")
    by_whom = models.CharField(max_length=160, blank=True, help_text=_("Who, if it was no member agency."))
    served_on = models.DateField(null=True, help_text=_("Day the order arrived there."))
    happened_on = models.DateField()
    ground = models.CharField(max_length=16, choices=DifficultyGround)
    said = models.CharField(max_length=500, blank=True, help_text=_("What was said, in their words."))
    is_lawful = models.BooleanField(null=True)
    reply = models.CharField(max_length=500, blank=True, help_text=_("What the court answered."))
    opened_by = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="difficulties_opened")
    opened_on = models.DateField()
    advised_on = models.DateField(null=True)
    fined_on = models.DateField(null=True)
    fine_of_unit = money(null=True, blank=True)
    fine_of_person = money(null=True, blank=True)
    fined_person = models.CharField(max_length=80, blank=True)
    sanction = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    ending = models.CharField(max_length=10, choices=Ending, blank=True)
    ended_on = models.DateField(null=True)
    ended_by = models.ForeignKey(
        Event, on_delete=models.PROTECT, null=True, related_name="difficulties_ended"
    )
    settled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="a_settled_difficulty_has_its_end",
                condition=Q(ending="", ended_on=None, ended_by=None)
                | ~Q(ending="") & Q(ended_on__isnull=False, ended_by__isnull=False),
            ),
            models.CheckConstraint(
                name="a_difficulty_is_somebodys", condition=Q(agency__isnull=False) | ~Q(by_whom="")
            ),
            models.CheckConstraint(
                name="fines_within_the_law",
                condition=(Q(fine_of_unit=None) | Q(fine_of_unit__gte=50000, fine_of_unit__lte=1000000))
                & (Q(fine_of_person=None) | Q(fine_of_person__gt=0, fine_of_person__lte=100000)),
            ),
            models.CheckConstraint(
                name="a_lawful_refusal_is_not_fined",
                condition=Q(fined_on=None) | Q(is_lawful=None) | Q(is_lawful=False),
            ),
            # A second delay of the same request is the same delay; a second refusal is a new one.
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(kind="delay", ending=""),
                name="one_open_delay_per_request",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-id"], name="difficulty_by_case"),
            models.Index(fields=["agency", "-happened_on", "-id"], name="difficulty_by_agency"),
            models.Index(fields=["-id"], condition=Q(ending=""), name="difficulty_open"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return not self.ending

    @property
    def whose(self) -> str:
        """The agency, or who else it was."""
        return str(self.agency) if self.agency is not None else self.by_whom
