"""People (人员) and how they sign in."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from directory.models.agencies import Agency
from directory.models.courts import Court
from directory.models.duties import Duty


class PersonManager(BaseUserManager["Person"]):
    def create(self, *, password: str | None = None, **fields: Any) -> "Person":
        """A new person; without a password they can't sign in with one."""
        person = self.model(**fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def system(self) -> "Person":
        """The actor of what the clock does (系统): sweeps, digests, scheduled acts."""
        return self.get(username=SYSTEM_USERNAME)


SYSTEM_USERNAME = "system"


class PersonKind(models.TextChoices):
    HUMAN = "human", _("Person")
    CLIENT = "client", _("Client system")
    SYSTEM = "system", _("The system")


class Person(AbstractBaseUser):
    """Someone who acts here: a member of a court or an agency, a client system, or the clock."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    name_bo = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=8, choices=PersonKind, default=PersonKind.HUMAN)
    court = models.ForeignKey(Court, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    employee_number = models.CharField(max_length=20, blank=True)
    work_card = models.CharField(max_length=30, blank=True, help_text=_("Number of the work card (工作证)."))
    duty_card = models.CharField(
        max_length=30, blank=True, help_text=_("Number of the official duty card (执行公务证).")
    )
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=8, default="zh-hans")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = PersonManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name_bo if get_language() == "bo" and self.name_bo else self.name

    @cached_property
    def duties(self) -> dict[Duty, set[int]]:
        """Duties in force today and the ids of the courts where they are held (read once per request)."""
        held: dict[Duty, set[int]] = {}
        for duty, court in self.holdings.live().filter(court__isnull=False).values_list("duty", "court_id"):
            held.setdefault(Duty(duty), set()).add(court)
        return held

    @cached_property
    def agency_duties(self) -> dict[Duty, set[int]]:
        """Duties in force today at agencies, and the agencies they reach: where they are held, and the
        branches below (read once per request)."""
        held: dict[Duty, set[int]] = {}
        holdings = self.holdings.live().filter(agency__isnull=False, agency__is_active=True)
        for duty, agency in holdings.values_list("duty", "agency_id"):
            held.setdefault(Duty(duty), set()).add(agency)
        if not held:
            return held
        branches: dict[int, set[int]] = {}
        reached = set().union(*held.values())
        rows = Agency.objects.filter(headquarters__in=reached, is_active=True)
        for headquarters, branch in rows.values_list("headquarters_id", "pk"):
            branches.setdefault(headquarters, set()).add(branch)
        return {
            duty: agencies.union(*(branches.get(agency, set()) for agency in agencies))
            for duty, agencies in held.items()
        }

    def remember(self, held: Iterable[str], granted: Iterable[int]) -> None:
        """Take over what a larger query read: duties as ``duty|court id``, and ids of the granted cases."""
        duties: dict[Duty, set[int]] = {}
        for entry in held:
            duty, _bar, court = entry.partition("|")
            duties.setdefault(Duty(duty), set()).add(int(court))
        self.__dict__["duties"] = duties
        self.__dict__["_granted_cases"] = list(granted)

    def holds(self, duty: Duty, court_id: int | None = None) -> bool:
        """Whether the duty is held today at that court (at any court, if none is named)."""
        courts = self.duties.get(duty, set())
        return bool(courts) if court_id is None else court_id in courts

    @property
    def seat(self) -> Court | Agency | None:
        return self.court or self.agency

    def has_perm(self, permission: str, obj: object = None) -> bool:
        """No model permissions exist: what a person may do follows from duties, in the engine."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False
