"""People of an agency (本机构人员): its administrator is invited by the liaison court, and gives the duties.

The acts stand on the liaison court's register; an agency's administrator reaches their own agency and its
branches, nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.languages import LANGUAGES
from directory.models import Agency, Court, Duty, DutyHolding, Person
from directory.models.people import PersonKind
from directory.sessions import end_sessions
from enforcement.acts.staff import USERNAME, StaffAct
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused, Subject
from enforcement.models import Case
from law import clock
from law.citations import DECISION_2011, PIPL
from linkage.acts.liaison import LiaisonAct, members_of, shut_out
from linkage.models import Member

AGENCY_STAFF_DUTIES = [
    (duty.value, duty.label)
    for duty in (Duty.AGENCY_OPERATOR, Duty.AGENCY_REVIEWER, Duty.AGENCY_ADMINISTRATOR)
]


def reached_by(actor: Person, court: Court) -> set[int]:
    """Ids of the agencies somebody may administer on a court's register: their own and its branches; for the
    court's command centre all it keeps."""
    kept = Member.objects.filter(liaison=court, agency__is_active=True)
    if not actor.holds(Duty.COMMAND, court.pk):
        kept = kept.filter(agency__in=actor.agency_duties.get(Duty.AGENCY_ADMINISTRATOR, set()))
    return set(kept.values_list("agency_id", flat=True))


def own_agencies(context: dict[str, Any]) -> dict[str, str]:
    """Agencies the person before a form may administer, by code."""
    actor, court = context.get("actor"), context.get("court")
    if actor is None or court is None:
        return {}
    rows = Agency.objects.filter(pk__in=reached_by(actor, court))
    return {agency.code: str(agency) for agency in rows}


def own_people(context: dict[str, Any]) -> dict[str, str]:
    """Active people of those agencies, by username."""
    actor, court = context.get("actor"), context.get("court")
    if actor is None or court is None:
        return {}
    people = Person.objects.filter(
        agency__in=reached_by(actor, court), kind=PersonKind.HUMAN, is_active=True
    ).select_related("agency")
    return {person.username: f"{person.name} ({person.username}) · {person.agency}" for person in people}


def own_holdings(context: dict[str, Any]) -> dict[str, str]:
    """Duties held at those agencies today or later, by their number."""
    actor, court = context.get("actor"), context.get("court")
    if actor is None or court is None:
        return {}
    today = clock.today()
    held = DutyHolding.objects.filter(
        agency__in=reached_by(actor, court), person__kind=PersonKind.HUMAN
    ).select_related("person", "agency")
    return {
        str(holding.pk): f"{holding.person.name} · {holding.get_duty_display()} · {holding.agency}"
        for holding in held.order_by("person__name", "duty")
        if holding.during.upper is None or holding.during.upper > today
    }


class AgencySideAct(Act):
    """An act on the liaison court's register by the administrator of an agency that the court keeps.

    What withdraws something may be done by the court's command centre as well.
    """

    group = "agency-staff"
    basis = (DECISION_2011.art("四"), PIPL.art(51))
    subject = Subject.COURT
    by = frozenset({Duty.AGENCY_ADMINISTRATOR})
    needs_assignment = False
    offered_as_step = False

    @classmethod
    def admits(cls, case: Case | None, court: Court, actor: Person, data: Mapping[str, Any]) -> Duty | None:
        administered = actor.agency_duties.get(Duty.AGENCY_ADMINISTRATOR, set())
        kept = Member.objects.filter(liaison=court, agency__in=administered, agency__is_active=True)
        admitted = Duty.AGENCY_ADMINISTRATOR in cls.by and bool(administered) and kept.exists()
        return Duty.AGENCY_ADMINISTRATOR if admitted else None

    def own_agency(self, code: str) -> Agency:
        """One of the agencies the actor reaches. Raises ``Refused`` for any other, known or not."""
        agency = Agency.objects.filter(pk__in=reached_by(self.actor, self.court), code=code).first()
        if agency is None:
            raise Refused(
                gettext("You administer no such agency."),
                DECISION_2011.art("四"),
                field="agency",
                code="not-found",
            )
        return agency

    def own_person(self, username: str) -> Person:
        """Somebody of those agencies, locked. Raises ``Refused`` for anybody else, known or not."""
        person = (
            Person.objects.select_for_update(of=("self",))
            .select_related("agency")
            .filter(
                username=username,
                agency__in=reached_by(self.actor, self.court),
                kind=PersonKind.HUMAN,
            )
            .first()
        )
        if person is None:
            raise Refused(
                gettext("Your agency has no such person."), PIPL.art(51), field="person", code="not-found"
            )
        if person.pk == self.actor.pk:
            raise Refused(
                gettext("Nobody changes their own account or duties here; another administrator does."),
                PIPL.art(51),
                field="person",
                code="own-account",
            )
        return person

    def refuse_closed(self, person: Person) -> None:
        if not person.is_active:
            raise Refused(gettext("This account is closed."), PIPL.art(51), field="person", code="closed")


def _text(label: Any, most: int, **options: Any) -> serializers.CharField:
    return serializers.CharField(
        label=label, max_length=most, required=False, allow_blank=True, default="", **options
    )


class PersonInput(ActInput):
    username = serializers.CharField(
        label=_("Sign-in name"),
        max_length=40,
        help_text=_("Small letters, digits, dot and hyphen, at least three; never changed later."),
    )
    name = serializers.CharField(label=_("Name"), max_length=80)
    name_bo = _text(_("Name in Tibetan"), 160)
    employee_number = _text(_("Employee number"), 20)
    email = serializers.EmailField(label=_("E-mail"), required=False, allow_blank=True, default="")
    language = serializers.ChoiceField(label=_("Language of the pages"), choices=LANGUAGES, default="zh-hans")

    def validate_username(self, value: str) -> str:
        if not USERNAME.fullmatch(value):
            raise serializers.ValidationError(
                _("Use 3 to 40 small letters, digits, dots, hyphens or underscores, beginning with a letter.")
            )
        return value


PERSON_COLUMNS = ("username", "name", "name_bo", "employee_number", "email", "language")


def refuse_taken(username: str) -> None:
    """Raise ``Refused`` for a sign-in name somebody has."""
    if Person.objects.filter(username=username).exists():
        raise Refused(
            gettext("This sign-in name is taken. Choose another."),
            PIPL.art(51),
            field="username",
            code="taken",
        )


def make_person(agency: Agency, data: dict[str, Any], duties: list[str], day: Any) -> Person:
    """A person of an agency without a password, with duties from a day on."""
    person = Person(agency=agency, **{name: data[name] for name in PERSON_COLUMNS})
    person.set_unusable_password()
    person.save()
    for duty in duties:
        DutyHolding.objects.create(person=person, duty=duty, agency=agency, during=DateRange(day, None))
    return person


class InviteInput(PersonInput):
    agency = LiveChoiceField(label=_("Agency"), choices_of=members_of)

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        return {"agency": fields.pop("agency"), **fields}


class InviteAdministrator(LiaisonAct):
    """Create an agency's administrator (邀请单位管理员); the link to set a password is shown once."""

    code = "agency.invite-administrator"
    title = _("Invite an administrator")
    summary = _("%(name)s (%(username)s) administers the people and keys of %(agency_name)s (%(agency)s)")
    basis = (DECISION_2011.art("四"), PIPL.art(51))
    Input = InviteInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        self.agency(data["agency"])
        refuse_taken(data["username"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        agency = self.agency(data["agency"])
        person = make_person(agency, data, [Duty.AGENCY_ADMINISTRATOR], self.day)
        self.run.revealed = StaffAct.one_time_link(self, person)  # type: ignore[arg-type]  # a mere act
        return {
            "agency": agency.code,
            "agency_name": agency.name,
            "name": person.name,
            "username": person.username,
        }


class AddPersonInput(PersonInput):
    agency = LiveChoiceField(label=_("Agency"), choices_of=own_agencies)
    duties = serializers.MultipleChoiceField(
        label=_("Duties"), choices=AGENCY_STAFF_DUTIES, required=False, help_text=_("From today on.")
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        return {"agency": fields.pop("agency"), **fields}


class AddPerson(AgencySideAct):
    """Add a person to the agency (新增本机构人员), with a link to set a password."""

    code = "agency.add-person"
    title = _("Add a person of the agency")
    summary = _("%(name)s (%(username)s) was added to %(agency_name)s (%(agency)s): %(duties)s")
    Input = AddPersonInput

    def initial(self, case: None) -> dict[str, Any]:
        return {"agency": self.actor.agency.code} if self.actor.agency else {}

    def check(self, case: None, data: dict[str, Any]) -> None:
        self.own_agency(data["agency"])
        refuse_taken(data["username"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        agency = self.own_agency(data["agency"])
        duties = sorted(data.get("duties", ()))
        person = make_person(agency, data, duties, self.day)
        self.run.revealed = StaffAct.one_time_link(self, person)  # type: ignore[arg-type]  # a mere act
        return {
            "agency": agency.code,
            "agency_name": agency.name,
            "name": person.name,
            "username": person.username,
            "duties": [str(Duty(duty).label) for duty in duties],
        }


class GiveDutyInput(ActInput):
    person = LiveChoiceField(label=_("Person"), choices_of=own_people)
    duty = serializers.ChoiceField(label=_("Duty"), choices=AGENCY_STAFF_DUTIES)
    agency = LiveChoiceField(
        label=_("At"),
        choices_of=own_agencies,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Empty: where the person works. At a headquarters it reaches the branches too."),
    )
    since = serializers.DateField(label=_("From"), required=False, allow_null=True, default=None)
    until = serializers.DateField(
        label=_("Last day"), required=False, allow_null=True, default=None, help_text=_("Empty: until ended.")
    )


class GiveDuty(AgencySideAct):
    """Give a duty at the agency or a branch from a day on (授予职责)."""

    code = "agency.give-duty"
    title = _("Give a duty at the agency")
    summary = _("%(name)s holds the duty “%(duty)s” at %(agency_name)s from %(since)s to %(until)s")
    Input = GiveDutyInput

    def initial(self, case: None) -> dict[str, Any]:
        return {"since": self.day}

    def _where(self, person: Person, data: dict[str, Any]) -> Agency:
        assert person.agency is not None
        return self.own_agency(data["agency"]) if data["agency"] else person.agency

    def check(self, case: None, data: dict[str, Any]) -> None:
        person = self.own_person(data["person"])
        self.refuse_closed(person)
        since, until = data["since"] or self.day, data["until"]
        if since < self.day:
            raise Refused(
                gettext("A duty can't be given for the past; begin today or later."),
                PIPL.art(51),
                field="since",
            )
        if until and until < since:
            raise Refused(gettext("The last day lies before the first."), PIPL.art(51), field="until")
        span = DateRange(since, until + timedelta(days=1) if until else None)
        where = self._where(person, data)
        if DutyHolding.objects.filter(
            person=person, duty=data["duty"], agency=where, during__overlap=span
        ).exists():
            raise Refused(
                gettext("%(name)s holds this duty already in that time.") % {"name": person.name},
                PIPL.art(51),
                field="duty",
                code="held",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        person = self.own_person(data["person"])
        where = self._where(person, data)
        since, until = data["since"] or self.day, data["until"]
        DutyHolding.objects.create(
            person=person,
            duty=data["duty"],
            agency=where,
            during=DateRange(since, until + timedelta(days=1) if until else None),
        )
        return {
            "agency": where.code,
            "agency_name": where.name,
            "name": person.name,
            "username": person.username,
            "duty": Duty(data["duty"]).label,
            "since": since,
            "until": until,
            "sessions_ended": end_sessions(person),
        }


class EndDutyInput(ActInput):
    holding = LiveChoiceField(label=_("Duty"), choices_of=own_holdings)
    reason = serializers.CharField(label=_("Reason"), max_length=200)


class EndDuty(AgencySideAct):
    """End a duty at once (终止职责); the person is signed out in the same moment."""

    code = "agency.end-duty"
    title = _("End a duty at the agency")
    summary = _("%(name)s no longer holds the duty “%(duty)s” at %(agency_name)s: %(reason)s")
    tone = "bad"
    by = frozenset({Duty.AGENCY_ADMINISTRATOR, Duty.COMMAND})
    Input = EndDutyInput

    def _holding(self, number: str) -> DutyHolding:
        holding = (
            DutyHolding.objects.select_for_update(of=("self",))
            .select_related("person", "agency")
            .filter(
                pk=int(number) if number.isdecimal() and len(number) < 18 else 0,
                agency__in=reached_by(self.actor, self.court),
                person__kind=PersonKind.HUMAN,
            )
            .first()
        )
        if holding is None or (holding.during.upper is not None and holding.during.upper <= self.day):
            raise Refused(
                gettext("No such duty is held at your agency any more."),
                PIPL.art(51),
                field="holding",
                code="not-found",
            )
        return holding

    def check(self, case: None, data: dict[str, Any]) -> None:
        holding = self._holding(data["holding"])
        if holding.person_id == self.actor.pk:
            raise Refused(
                gettext("Nobody changes their own account or duties here; another administrator does."),
                PIPL.art(51),
                field="holding",
                code="own-account",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        holding = self._holding(data["holding"])
        assert holding.agency is not None
        if holding.during.lower >= self.day:
            # It has not had a single day: the event alone remembers it.
            holding.delete()
        else:
            holding.during = DateRange(holding.during.lower, self.day)
            holding.save(update_fields=["during"])
        return {
            "agency": holding.agency.code,
            "agency_name": holding.agency.name,
            "name": holding.person.name,
            "username": holding.person.username,
            "duty": Duty(holding.duty).label,
            "reason": data["reason"],
            "sessions_ended": end_sessions(holding.person),
        }


class OwnPersonInput(ActInput):
    person = LiveChoiceField(label=_("Person"), choices_of=own_people)


class DeactivateInput(OwnPersonInput):
    reason = serializers.CharField(label=_("Reason"), max_length=200)


class DeactivatePerson(AgencySideAct):
    """Close the account of somebody who left (停用账号): duties and sessions end, history stays."""

    code = "agency.deactivate-person"
    title = _("Close an account of the agency")
    summary = _("The account of %(name)s (%(username)s) of %(agency_name)s was closed: %(reason)s")
    tone = "bad"
    by = frozenset({Duty.AGENCY_ADMINISTRATOR, Duty.COMMAND})
    Input = DeactivateInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        self.refuse_closed(self.own_person(data["person"]))

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        person = self.own_person(data["person"])
        assert person.agency is not None
        duties = shut_out(person, self.day)
        return {
            "agency": person.agency.code,
            "agency_name": person.agency.name,
            "name": person.name,
            "username": person.username,
            "duties": duties,
            "reason": data["reason"],
        }


class SignInLink(AgencySideAct):
    """Void a password and give a one-time link to set a new one (重置登录)."""

    code = "agency.sign-in-link"
    title = _("Give a sign-in link to somebody of the agency")
    summary = _("A one-time sign-in link was made for %(name)s (%(username)s) of %(agency_name)s")
    by = frozenset({Duty.AGENCY_ADMINISTRATOR, Duty.COMMAND})
    Input = OwnPersonInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        self.refuse_closed(self.own_person(data["person"]))

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        person = self.own_person(data["person"])
        assert person.agency is not None
        person.set_unusable_password()
        person.save(update_fields=["password"])
        ended = end_sessions(person)
        self.run.revealed = StaffAct.one_time_link(self, person)  # type: ignore[arg-type]  # a mere act
        return {
            "agency": person.agency.code,
            "agency_name": person.agency.name,
            "name": person.name,
            "username": person.username,
            "sessions_ended": ended,
        }
