"""Joint conferences (联席会议, Decision 四): called, prepared, held, written down; what was decided becomes
tasks for named agencies. A conference never decides a case."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any, ClassVar

from django.db.models import Max, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Agency, Duty, DutyHolding, Person
from enforcement.engine import ActInput, LiveChoiceField, Refused
from law import clock, linkage
from law.citations import CPL, DECISION_2011, JOINT_CONFERENCE, Citation
from linkage.acts.inquiring import LiveChoicesField
from linkage.acts.liaison import LiaisonAct, members_of
from linkage.models import (
    AgendaItem,
    AgendaKind,
    Attendance,
    Conference,
    ConferenceKind,
    ConferenceState,
    ConferenceTask,
    Presence,
    Resolution,
)
from linkage.queries.conferences import open_points

BASIS = (DECISION_2011.art("四"), JOINT_CONFERENCE.whole())
CASE_NUMBER = re.compile(r"[(\[〔]\d{4}[)\]〕][\u4e00-\u9fff]{1,4}\d{0,6}[\u4e00-\u9fff]{1,4}\d+(?:号|之)")
TASK_MATTER = "JC-TASK"
UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def names_a_case(text: str) -> bool:
    """Whether a text holds a case number, in any usual writing."""
    return bool(CASE_NUMBER.search(re.sub(r"\s", "", unicodedata.normalize("NFKC", text))))


def refuse_case(text: str, field: str) -> None:
    """Raise ``Refused`` for a decision or task about one case: courts decide those, alone."""
    if names_a_case(text):
        raise Refused(
            gettext(
                "A conference decides about cooperation, never about a case."
                " Take the case number out; what concerns one case is asked by a request on that case."
            ),
            (CPL.art(6), DECISION_2011.art("四")),
            field=field,
            code="decides-a-case",
        )


def conferences_of(context: dict[str, Any]) -> dict[str, str]:
    """Conferences of the court of a form, the latest first."""
    court = context.get("court")
    if court is None:
        return {}
    rows = Conference.objects.filter(court=court)[:60]
    return {str(one.uid): f"{one.number} · {one.day} · {one.place}" for one in rows}


class ConferenceAct(LiaisonAct):
    """What acts about one conference share."""

    group = "conferences"
    basis: ClassVar[tuple[Citation, ...]] = BASIS

    def conference(self, uid: str) -> Conference:
        """A conference of this court, locked. Raises ``Refused``."""
        found = (
            Conference.objects.select_for_update(of=("self",)).filter(court=self.court, uid=uid).first()
            if UID.fullmatch(uid)
            else None
        )
        if found is None:
            raise Refused(
                gettext("This court has no such conference."), BASIS, field="conference", code="not-found"
            )
        return found

    def _asked_about(self) -> Conference | None:
        """The conference a form was opened for."""
        known = Conference.objects.filter(court=self.court)
        return known.filter(uid=self.about).first() if UID.fullmatch(self.about) else None

    def refuse_held(self, conference: Conference) -> None:
        if conference.state == ConferenceState.HELD:
            raise Refused(
                gettext("The minutes of this conference are kept; nothing before them changes."),
                BASIS,
                field="conference",
                code="held",
            )

    def outcome_of(self, conference: Conference, **more: Any) -> dict[str, Any]:
        return {"conference": conference.uid, "number": conference.number, **more}


class CallInput(ActInput):
    kind = serializers.ChoiceField(label=_("Kind"), choices=ConferenceKind.choices)
    day = serializers.DateField(label=_("Day"))
    begins_at = serializers.TimeField(label=_("Begins at"), required=False, allow_null=True, default=None)
    place = serializers.CharField(label=_("Place"), max_length=120)
    purpose = serializers.CharField(
        label=_("Purpose"),
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html", "rows": 3},
    )
    agencies = LiveChoicesField(
        label=_("Members called"),
        choices_of=members_of,
        required=False,
        help_text=_("If none is named: every member of this court."),
    )


class Call(ConferenceAct):
    """Call a conference (召开联席会议); what is open with its members is put on the agenda at once."""

    code = "conference.call"
    title = _("Call a joint conference")
    summary = _(
        "Conference %(number)s called for %(day)s at %(place)s: %(agencies)s members, %(items)s items"
    )
    Input = CallInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        if data["day"] < self.day:
            raise Refused(gettext("This day has passed."), BASIS, field="day")
        if data["kind"] == ConferenceKind.AD_HOC and not data["purpose"].strip():
            raise Refused(
                gettext("Say for what occasion it is called."), BASIS, field="purpose", code="no-purpose"
            )
        self.called = list(self._members(data.get("agencies") or set()))
        if not self.called:
            raise Refused(
                gettext("This court has no member agency to call."), BASIS, field="agencies", code="nobody"
            )

    def _members(self, codes: set[str]) -> Any:
        members = Agency.objects.filter(member__liaison=self.court, is_active=True)
        if not codes:
            return members
        found = members.filter(code__in=codes)
        if found.count() != len(codes):
            raise Refused(
                gettext("This court keeps no such agency."), BASIS, field="agencies", code="not-found"
            )
        return found

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        conference = Conference.objects.create(
            court=self.court,
            number=self._number(),
            kind=data["kind"],
            day=data["day"],
            begins_at=data["begins_at"],
            place=data["place"],
            purpose=data["purpose"],
            called_by=self.actor,
            called_at=self.at,
        )
        Attendance.objects.bulk_create(
            Attendance(conference=conference, agency=agency) for agency in self.called
        )
        items = put_on_agenda(conference, open_points(self.court, [one.pk for one in self.called], self.day))
        tell_agencies(
            self,
            [one.pk for one in self.called],
            "conference.called",
            "conference",
            day=data["day"].isoformat(),
            place=data["place"],
        )
        return self.outcome_of(
            conference,
            day=data["day"],
            place=data["place"],
            agencies=len(self.called),
            called=[one.code for one in self.called],
            items=items,
        )

    def _number(self) -> str:
        """The next number of the year: the register is locked, so counting is safe."""
        this_year = clock.start_of(date(self.day.year, 1, 1))
        made = Conference.objects.filter(court=self.court, called_at__gte=this_year).count()
        return f"{self.court.code}联席〔{self.day.year}〕{made + 1}号"


def put_on_agenda(conference: Conference, points: list[dict[str, Any]]) -> int:
    """Append points; what is open with an agency stands there once. How many."""
    drafted = set(conference.agenda.exclude(kind=AgendaKind.OTHER).values_list("kind", "agency_id"))
    last = conference.agenda.aggregate(last=Max("position"))["last"] or 0
    fresh = [
        one
        for one in points
        if one["kind"] == AgendaKind.OTHER or (one["kind"], one["agency_id"]) not in drafted
    ]
    AgendaItem.objects.bulk_create(
        AgendaItem(conference=conference, position=last + number, **one)
        for number, one in enumerate(fresh, start=1)
    )
    return len(fresh)


def people_of(agencies: list[int]) -> list[Person]:
    """Active people who work for agencies or administer them, there or at their headquarters."""
    held = DutyHolding.objects.live().filter(
        Q(agency__in=agencies) | Q(agency__branches__in=agencies),
        duty__in=[Duty.AGENCY_OPERATOR, Duty.AGENCY_ADMINISTRATOR],
    )
    return list(Person.objects.filter(holdings__in=held, is_active=True, kind="human").distinct())


def tell_agencies(act: Any, agencies: list[int], notice: str, text: str, **params: str) -> None:
    """A notice to the people of agencies, and an e-mail without a word of the matter."""
    people = people_of(agencies)
    act.effects.notify(people, notice, **params)
    for person in people:
        if person.email:
            act.effects.send("email", str(person.pk), {"text": text, "params": {}})


class AgendaRow(serializers.Serializer):
    title = serializers.CharField(label=_("Point"), max_length=200)
    detail = serializers.CharField(
        label=_("In detail"), max_length=1000, required=False, allow_blank=True, default=""
    )
    kind = serializers.ChoiceField(
        label=_("Kind"), choices=AgendaKind.choices, required=False, default=AgendaKind.OTHER
    )
    agency = LiveChoiceField(
        label=_("Agency"), choices_of=members_of, required=False, allow_blank=True, default=""
    )


class AgendaInput(ActInput):
    conference = LiveChoiceField(label=_("Conference"), choices_of=conferences_of)
    items = AgendaRow(many=True, required=False, label=_("Agenda, in its order"))
    add_open = serializers.BooleanField(
        label=_("Add what became open meanwhile"),
        required=False,
        default=False,
        help_text=_("Overdue answers, refusals and disputed assets of the members called."),
    )


class Agenda(ConferenceAct):
    """Write the agenda (议程): as it stands here it will be; what is open may be added."""

    code = "conference.agenda"
    title = _("Write the agenda")
    summary = _("Agenda of conference %(number)s: %(count)s points")
    Input = AgendaInput

    def initial(self, case: None) -> dict[str, Any]:
        conference = self._asked_about()
        if conference is None:
            return {}
        return {
            "conference": str(conference.uid),
            "items": [
                {
                    "title": one.heading,
                    "detail": one.text,
                    "kind": one.kind,
                    "agency": one.agency.code if one.agency else "",
                }
                for one in conference.agenda.select_related("agency")
            ],
        }

    def check(self, case: None, data: dict[str, Any]) -> None:
        conference = self.conference(data["conference"])
        self.refuse_held(conference)
        for row in data.get("items", []):
            if row["agency"]:
                self.agency(row["agency"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        conference = self.conference(data["conference"])
        if "items" in data or not data["add_open"]:
            conference.agenda.all().delete()
            put_on_agenda(
                conference,
                [
                    {
                        "kind": row["kind"],
                        "agency_id": self.agency(row["agency"]).pk if row["agency"] else None,
                        "title": row["title"],
                        "detail": row["detail"],
                    }
                    for row in data.get("items", [])
                ],
            )
        if data["add_open"]:
            called = list(conference.attendances.values_list("agency_id", flat=True))
            put_on_agenda(conference, open_points(self.court, called, self.day))
        return self.outcome_of(conference, count=conference.agenda.count())


class AttendRow(serializers.Serializer):
    agency = LiveChoiceField(label=_("Agency"), choices_of=members_of)
    presence = serializers.ChoiceField(
        label=_("Attendance"), choices=[one for one in Presence.choices if one[0] != Presence.CALLED]
    )
    delegate = serializers.CharField(
        label=_("Who came"), max_length=80, required=False, allow_blank=True, default=""
    )
    post = serializers.CharField(label=_("Post"), max_length=80, required=False, allow_blank=True, default="")


class AttendInput(ActInput):
    conference = LiveChoiceField(label=_("Conference"), choices_of=conferences_of)
    rows = AttendRow(many=True, label=_("Attendance"))


class Attend(ConferenceAct):
    """Record who came (签到); an agency that was not called but came is added."""

    code = "conference.attend"
    title = _("Record attendance")
    summary = _("Attendance of conference %(number)s: %(present)s present, %(absent)s absent")
    Input = AttendInput

    def initial(self, case: None) -> dict[str, Any]:
        conference = self._asked_about()
        if conference is None:
            return {}
        return {
            "conference": str(conference.uid),
            "rows": [
                {
                    "agency": one.agency.code,
                    "presence": one.presence if one.presence != Presence.CALLED else Presence.PRESENT.value,
                    "delegate": one.delegate,
                    "post": one.post,
                }
                for one in conference.attendances.select_related("agency")
            ],
        }

    def check(self, case: None, data: dict[str, Any]) -> None:
        conference = self.conference(data["conference"])
        self.refuse_held(conference)
        if conference.day > self.day:
            raise Refused(
                gettext("The conference is not before %(day)s.") % {"day": conference.day},
                BASIS,
                field="conference",
                code="too-early",
            )
        for row in data["rows"]:
            self.agency(row["agency"])
            if row["presence"] == Presence.PRESENT and not row["delegate"].strip():
                raise Refused(
                    gettext("Say who came for %(agency)s.") % {"agency": self.agency(row["agency"]).name},
                    BASIS,
                    field="rows",
                    code="no-name",
                )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        conference = self.conference(data["conference"])
        for row in data["rows"]:
            Attendance.objects.update_or_create(
                conference=conference,
                agency=self.agency(row["agency"]),
                defaults={name: row[name] for name in ("presence", "delegate", "post")},
            )
        counted = list(conference.attendances.values_list("presence", flat=True))
        return self.outcome_of(
            conference,
            present=counted.count(Presence.PRESENT),
            absent=counted.count(Presence.ABSENT),
            excused=counted.count(Presence.EXCUSED),
        )


class ResolutionRow(serializers.Serializer):
    text = serializers.CharField(
        label=_("Decision"), max_length=1000, style={"base_template": "textarea.html", "rows": 2}
    )


class MinutesInput(ActInput):
    conference = LiveChoiceField(label=_("Conference"), choices_of=conferences_of)
    minutes = serializers.CharField(
        label=_("Minutes"), max_length=20000, style={"base_template": "textarea.html", "rows": 12}
    )
    decisions = ResolutionRow(
        many=True,
        required=False,
        label=_("Decisions"),
        help_text=_("About cooperation, never about a case. Tasks are given under a decision afterwards."),
    )


class Minutes(ConferenceAct):
    """Keep the minutes (会议纪要) with what was decided; from then on they stand as they are."""

    code = "conference.minutes"
    title = _("Keep the minutes")
    summary = _("Minutes of conference %(number)s: %(count)s decisions")
    Input = MinutesInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        conference = self.conference(data["conference"])
        self.refuse_held(conference)
        if conference.day > self.day:
            raise Refused(
                gettext("The conference is not before %(day)s.") % {"day": conference.day},
                BASIS,
                field="conference",
                code="too-early",
            )
        if conference.attendances.filter(presence=Presence.CALLED).exists():
            raise Refused(
                gettext("Record first who of those called came."),
                BASIS,
                field="conference",
                code="no-attendance",
            )
        for row in data.get("decisions", []):
            refuse_case(row["text"], "decisions")

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        conference = self.conference(data["conference"])
        conference.state = ConferenceState.HELD
        conference.minutes = data["minutes"]
        conference.minutes_by, conference.minutes_at = self.actor, self.at
        conference.save()
        decisions = data.get("decisions", [])
        Resolution.objects.bulk_create(
            Resolution(conference=conference, number=number, text=row["text"])
            for number, row in enumerate(decisions, start=1)
        )
        return self.outcome_of(conference, count=len(decisions))


def resolutions_of(context: dict[str, Any]) -> dict[str, str]:
    """Decisions of the court's conferences, the latest first."""
    court = context.get("court")
    if court is None:
        return {}
    rows = Resolution.objects.filter(conference__court=court).select_related("conference")
    rows = rows.order_by("-conference__day", "-conference_id", "number")[:100]
    return {str(one.uid): f"{one.conference.number} · {one.number}. {one.text[:60]}" for one in rows}


class TaskInput(ActInput):
    resolution = LiveChoiceField(label=_("Under the decision"), choices_of=resolutions_of)
    agency = LiveChoiceField(label=_("Agency"), choices_of=members_of)
    task = serializers.CharField(
        label=_("Task"), max_length=500, style={"base_template": "textarea.html", "rows": 3}
    )
    evidence_required = serializers.CharField(label=_("Evidence that it is done"), max_length=300)
    due_on = serializers.DateField(label=_("Due on"), required=False, allow_null=True, default=None)


class Task(ConferenceAct):
    """Give an agency a task under a decision (交办), due on a day, proven by evidence."""

    code = "conference.task"
    title = _("Give a task")
    summary = _("Task of conference %(number)s for %(name)s, due on %(due_on)s: %(task)s")
    Input = TaskInput

    def initial(self, case: None) -> dict[str, Any]:
        return {"due_on": self._usual_day()}

    def _usual_day(self) -> date:
        """The clock of the matter, where the minutes name none."""
        return self.effects.calendar.add_workdays(self.day, linkage.matter(TASK_MATTER).days)

    def check(self, case: None, data: dict[str, Any]) -> None:
        resolution = self._resolution(data["resolution"])
        agency = self.agency(data["agency"])
        refuse_case(data["task"], "task")
        refuse_case(data["evidence_required"], "evidence_required")
        if data["due_on"] and data["due_on"] <= self.day:
            raise Refused(gettext("A task is due tomorrow at the earliest."), BASIS, field="due_on")
        if not resolution.conference.attendances.filter(agency=agency).exists():
            raise Refused(
                gettext("%(agency)s was not called to this conference.") % {"agency": agency.name},
                BASIS,
                field="agency",
                code="not-called",
            )

    def _resolution(self, uid: str) -> Resolution:
        found = (
            Resolution.objects.select_related("conference")
            .filter(conference__court=self.court, uid=uid)
            .first()
            if UID.fullmatch(uid)
            else None
        )
        if found is None:
            raise Refused(
                gettext("No conference of this court decided that."),
                BASIS,
                field="resolution",
                code="not-found",
            )
        return found

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        resolution = self._resolution(data["resolution"])
        agency = self.agency(data["agency"])
        task = ConferenceTask.objects.create(
            resolution=resolution,
            conference=resolution.conference,
            agency=agency,
            task=data["task"],
            evidence_required=data["evidence_required"],
            due_on=data["due_on"] or self._usual_day(),
            given_at=self.at,
        )
        tell_agencies(
            self, [agency.pk], "conference.task", "conference", task=task.task, due=task.due_on.isoformat()
        )
        return self.outcome_of(
            resolution.conference,
            decision=resolution.number,
            agency=agency.code,
            name=agency.name,
            task=task.task,
            task_uid=task.uid,
            due_on=task.due_on,
        )
