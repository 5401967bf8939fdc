"""People of a court and the duties they hold (人员与职责), by the court's administrator of accounts.

The administrator sees no case; nobody changes their own duties. Whatever changes what a person may do ends
that person's sessions in the same transaction.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.languages import LANGUAGES
from directory.models import BLIND_DUTIES, COURT_DUTIES, Duty, DutyHolding, Person
from directory.models.people import PersonKind
from directory.sessions import end_sessions
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused, Subject
from enforcement.models import OPEN_STAGES, Case
from law import clock
from law.citations import DECISION_2011, PIPL

USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,39}", re.ASCII)
DUTY_CHOICES = [(duty.value, duty.label) for duty in Duty if duty in COURT_DUTIES]


def people_of(context: dict[str, Any]) -> dict[str, str]:
    """Active people of the court of a form, by username."""
    court = context.get("court")
    people = Person.objects.filter(court=court, kind=PersonKind.HUMAN, is_active=True) if court else []
    return {person.username: f"{person.name} ({person.username})" for person in people}


def holdings_of(context: dict[str, Any]) -> dict[str, str]:
    """Duties held at the court of a form today or later, by their number."""
    court = context.get("court")
    if court is None:
        return {}
    today = clock.today()
    held = DutyHolding.objects.filter(court=court, person__kind=PersonKind.HUMAN).select_related("person")
    return {
        str(holding.pk): f"{holding.person.name} · {holding.get_duty_display()}"
        for holding in held.order_by("person__name", "duty")
        if holding.during.upper is None or holding.during.upper > today
    }


class StaffAct(Act):
    """What acts on people share: the court's own people, never oneself."""

    group = "staff"
    basis = (DECISION_2011.art("三"), PIPL.art(51))
    subject = Subject.COURT
    by = frozenset({Duty.COURT_ADMINISTRATOR})
    needs_assignment = False
    offered_as_step = False

    def person(self, username: str) -> Person:
        """A person of this court. Raises ``Refused`` for anybody else, known or not."""
        person = (
            Person.objects.select_for_update(of=("self",))
            .filter(username=username, court=self.court, kind=PersonKind.HUMAN)
            .first()
        )
        if person is None:
            raise Refused(
                gettext("This court has no such person."), PIPL.art(51), field="person", code="not-found"
            )
        return person

    def refuse_self(self, person: Person) -> None:
        if person.pk == self.actor.pk:
            raise Refused(
                gettext("Nobody changes their own account or duties here; another administrator does."),
                DECISION_2011.art("三"),
                field="person",
                code="own-account",
            )

    def one_time_link(self, person: Person) -> str:
        """The address at which the person sets a password, once, within 24 hours."""
        key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
        uidb36, _dash, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": token})
        return settings.BASE_URL.rstrip("/") + path


class PersonInput(ActInput):
    username = serializers.CharField(
        label=_("Sign-in name"),
        max_length=40,
        help_text=_("Small letters, digits, dot and hyphen, at least three; never changed later."),
    )
    name = serializers.CharField(label=_("Name"), max_length=80)
    name_bo = serializers.CharField(
        label=_("Name in Tibetan"), max_length=160, required=False, allow_blank=True, default=""
    )
    employee_number = serializers.CharField(
        label=_("Employee number"), max_length=20, required=False, allow_blank=True, default=""
    )
    work_card = serializers.CharField(
        label=_("Number of the work card (工作证)"),
        max_length=30,
        required=False,
        allow_blank=True,
        default="",
    )
    duty_card = serializers.CharField(
        label=_("Number of the official duty card (执行公务证)"),
        max_length=30,
        required=False,
        allow_blank=True,
        default="",
    )
    email = serializers.EmailField(label=_("E-mail"), required=False, allow_blank=True, default="")
    language = serializers.ChoiceField(label=_("Language of the pages"), choices=LANGUAGES, default="zh-hans")

    def validate_username(self, value: str) -> str:
        if not USERNAME.fullmatch(value):
            raise serializers.ValidationError(
                _("Use 3 to 40 small letters, digits, dots, hyphens or underscores, beginning with a letter.")
            )
        return value


class AddPerson(StaffAct):
    """Add a person to the court (新增人员): without duties, and with a link to set a password."""

    code = "staff.add-person"
    title = _("Add a person")
    summary = _("%(name)s (%(username)s) was added to the court")
    Input = PersonInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        if Person.objects.filter(username=data["username"]).exists():
            raise Refused(
                gettext("This sign-in name is taken. Choose another."),
                PIPL.art(51),
                field="username",
                code="taken",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        person = Person(court=self.court, **data)
        person.set_unusable_password()
        person.save()
        self.run.revealed = self.one_time_link(person)
        return {"name": person.name, "username": person.username}


class GiveDutyInput(ActInput):
    person = LiveChoiceField(label=_("Person"), choices_of=people_of)
    duty = serializers.ChoiceField(label=_("Duty"), choices=DUTY_CHOICES)
    since = serializers.DateField(label=_("From"), required=False, allow_null=True, default=None)
    until = serializers.DateField(
        label=_("Last day"), required=False, allow_null=True, default=None, help_text=_("Empty: until ended.")
    )


class GiveDuty(StaffAct):
    """Give a duty from a day on (授予职责)."""

    code = "staff.give-duty"
    title = _("Give a duty")
    summary = _("%(name)s holds the duty “%(duty)s” from %(since)s to %(until)s")
    Input = GiveDutyInput

    def initial(self, case: Any) -> dict[str, Any]:
        return {"since": self.day}

    def check(self, case: None, data: dict[str, Any]) -> None:
        person = self.person(data["person"])
        self.refuse_self(person)
        since = data["since"] or self.day
        if not person.is_active:
            raise Refused(gettext("This account is closed."), PIPL.art(51), field="person")
        if since < self.day:
            raise Refused(
                gettext("A duty can't be given for the past; begin today or later."),
                DECISION_2011.art("三"),
                field="since",
            )
        if data["until"] and data["until"] < since:
            raise Refused(
                gettext("The last day lies before the first."), DECISION_2011.art("三"), field="until"
            )
        span = DateRange(since, data["until"] + timedelta(days=1) if data["until"] else None)
        overlapping = DutyHolding.objects.filter(person=person, during__overlap=span)
        if overlapping.filter(duty=data["duty"], court=self.court).exists():
            raise Refused(
                gettext("%(name)s holds this duty already in that time.") % {"name": person.name},
                DECISION_2011.art("三"),
                field="duty",
                code="held",
            )
        blind = [duty.value for duty in BLIND_DUTIES]
        apart = (
            overlapping.exclude(duty__in=blind)
            if data["duty"] in blind
            else overlapping.filter(duty__in=blind)
        )
        if apart.exists():
            raise Refused(
                gettext("Who administers accounts works on no case. End the other duty first."),
                DECISION_2011.art("三"),
                field="duty",
                code="separation",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        person = self.person(data["person"])
        since = data["since"] or self.day
        until = data["until"]
        DutyHolding.objects.create(
            person=person,
            duty=data["duty"],
            court=self.court,
            during=DateRange(since, until + timedelta(days=1) if until else None),
        )
        return {
            "name": person.name,
            "username": person.username,
            "duty": Duty(data["duty"]).label,
            "since": since,
            "until": until,
            "sessions_ended": end_sessions(person),
        }


class EndDutyInput(ActInput):
    holding = LiveChoiceField(label=_("Duty"), choices_of=holdings_of)
    last_day = serializers.DateField(
        label=_("Last day"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Empty: it ends at once."),
    )
    reason = serializers.CharField(label=_("Reason"), max_length=200)


class EndDuty(StaffAct):
    """End a duty at once or after a day (终止职责)."""

    code = "staff.end-duty"
    title = _("End a duty")
    summary = _("%(name)s no longer holds the duty “%(duty)s” after %(last_day)s: %(reason)s")
    tone = "bad"
    Input = EndDutyInput

    def _holding(self, number: str) -> DutyHolding:
        holding = (
            DutyHolding.objects.select_for_update(of=("self",))
            .select_related("person")
            .filter(pk=int(number) if number.isdecimal() and len(number) < 18 else 0, court=self.court)
            .first()
        )
        if holding is None or (holding.during.upper is not None and holding.during.upper <= self.day):
            raise Refused(
                gettext("No such duty is held at this court any more."), PIPL.art(51), field="holding"
            )
        return holding

    def check(self, case: None, data: dict[str, Any]) -> None:
        holding = self._holding(data["holding"])
        self.refuse_self(holding.person)
        if data["last_day"] and data["last_day"] < max(self.day, holding.during.lower):
            raise Refused(
                gettext("The last day must be today or later, within the duty."),
                PIPL.art(51),
                field="last_day",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        holding = self._holding(data["holding"])
        ends = data["last_day"] + timedelta(days=1) if data["last_day"] else self.day
        if ends <= holding.during.lower:
            # It has not had a single day: the event alone remembers it.
            holding.delete()
        else:
            holding.during = DateRange(holding.during.lower, ends)
            holding.save(update_fields=["during"])
        outcome = {
            "name": holding.person.name,
            "username": holding.person.username,
            "duty": Duty(holding.duty).label,
            "last_day": ends - timedelta(days=1),
            "reason": data["reason"],
            "sessions_ended": end_sessions(holding.person),
        }
        if holding.duty == Duty.IMPLEMENTER:
            outcome["open_cases"] = open_cases(holding.person)
        return outcome


def open_cases(person: Person) -> int:
    """Open cases a person still leads; somebody must take them over."""
    return Case.objects.filter(implementer=person, stage__in=OPEN_STAGES).count()


class DeactivateInput(ActInput):
    person = LiveChoiceField(label=_("Person"), choices_of=people_of)
    reason = serializers.CharField(label=_("Reason"), max_length=200)


class Deactivate(StaffAct):
    """Close a person's account (停用账号): duties end, sessions end, history stays."""

    code = "staff.deactivate"
    title = _("Close an account")
    summary = _("The account of %(name)s (%(username)s) was closed: %(reason)s")
    tone = "bad"
    Input = DeactivateInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        person = self.person(data["person"])
        self.refuse_self(person)
        if not person.is_active:
            raise Refused(gettext("This account is closed already."), PIPL.art(51), field="person")

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        person = self.person(data["person"])
        ended = []
        for holding in person.holdings.select_for_update(of=("self",)):
            if holding.during.upper is not None and holding.during.upper <= self.day:
                continue
            ended.append(Duty(holding.duty).label)
            if holding.during.lower >= self.day:
                holding.delete()
            else:
                holding.during = DateRange(holding.during.lower, self.day)
                holding.save(update_fields=["during"])
        person.is_active = False
        person.set_unusable_password()
        person.save(update_fields=["is_active", "password"])
        return {
            "name": person.name,
            "username": person.username,
            "reason": data["reason"],
            "duties": ended,
            "open_cases": open_cases(person),
            "sessions_ended": end_sessions(person),
        }


class SignInLinkInput(ActInput):
    person = LiveChoiceField(label=_("Person"), choices_of=people_of)


class SignInLink(StaffAct):
    """Void a person's password and give a one-time link to set a new one (重置登录)."""

    code = "staff.sign-in-link"
    title = _("Give a sign-in link")
    summary = _("A one-time sign-in link was made for %(name)s (%(username)s); the old password is void")
    Input = SignInLinkInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        person = self.person(data["person"])
        self.refuse_self(person)
        if not person.is_active:
            raise Refused(gettext("This account is closed."), PIPL.art(51), field="person")

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        person = self.person(data["person"])
        person.set_unusable_password()
        person.save(update_fields=["password"])
        ended = end_sessions(person)
        self.run.revealed = self.one_time_link(person)
        return {"name": person.name, "username": person.username, "sessions_ended": ended}
