"""What agencies do with tasks of a conference (落实情况): they report, the court looks at the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Court, Duty, DutyHolding, Person
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused, Subject, UploadField
from enforcement.models import Case
from law.citations import Citation
from linkage.acts.conferences import BASIS, UID, ConferenceAct, refuse_case, tell_agencies
from linkage.models import ConferenceTask, Member, ReportState, TaskReport, TaskState

REPORTING = (Duty.AGENCY_OPERATOR, Duty.AGENCY_ADMINISTRATOR)


def reporting_for(actor: Person) -> set[int]:
    """Ids of the agencies somebody may report for."""
    return set().union(*(actor.agency_duties.get(duty, set()) for duty in REPORTING))


def own_tasks(context: dict[str, Any]) -> dict[str, str]:
    """Open tasks of the agencies of the person before a form."""
    actor, court = context.get("actor"), context.get("court")
    if actor is None or court is None:
        return {}
    rows = ConferenceTask.objects.filter(
        agency__in=reporting_for(actor), conference__court=court, state=TaskState.OPEN
    ).select_related("conference", "agency")
    return {str(one.uid): f"{one.due_on} · {one.agency} · {one.task[:60]}" for one in rows}


def reports_of(context: dict[str, Any]) -> dict[str, str]:
    """Reports that wait for the court's look at their evidence."""
    court = context.get("court")
    if court is None:
        return {}
    rows = TaskReport.objects.filter(
        task__conference__court=court, is_done=True, state=ReportState.RECEIVED
    ).select_related("task__agency")
    return {str(one.uid): f"{one.task.agency} · {one.task.task[:60]}" for one in rows}


class ReportInput(ActInput):
    task = LiveChoiceField(label=_("Task"), choices_of=own_tasks)
    progress = serializers.CharField(
        label=_("Progress"), max_length=1000, style={"base_template": "textarea.html", "rows": 4}
    )
    is_done = serializers.BooleanField(label=_("It is done"), required=False, default=False)
    evidence = UploadField(
        purpose="proof", label=_("Evidence"), required=False, allow_null=True, default=None
    )


class ReportProgress(Act):
    """Report on a task of a conference (落实情况反馈): how far it is, or that it is done, with evidence."""

    code = "conference.report-progress"
    title = _("Report on a task")
    group = "conferences"
    summary = _("%(name)s reports on a task of conference %(number)s: %(progress)s")
    tone = "in"
    basis: ClassVar[tuple[Citation, ...]] = BASIS
    subject = Subject.COURT
    by = frozenset(REPORTING)
    needs_assignment = False
    offered_as_step = False
    Input = ReportInput

    @classmethod
    def admits(cls, case: Case | None, court: Court, actor: Person, data: Mapping[str, Any]) -> Duty | None:
        kept = set(Member.objects.filter(liaison=court).values_list("agency_id", flat=True))
        held = actor.agency_duties
        return next((duty for duty in REPORTING if held.get(duty, set()) & kept), None)

    def _task(self, uid: str) -> ConferenceTask:
        task = (
            ConferenceTask.objects.select_for_update(of=("self",))
            .select_related("conference", "agency", "resolution")
            .filter(uid=uid, conference__court=self.court, agency__in=reporting_for(self.actor))
            .first()
            if UID.fullmatch(uid)
            else None
        )
        if task is None:
            raise Refused(gettext("Your agency has no such task."), BASIS, field="task", code="not-found")
        return task

    def check(self, case: None, data: dict[str, Any]) -> None:
        task = self._task(data["task"])
        if task.state != TaskState.OPEN:
            raise Refused(
                gettext("This task is reported as done; the court looks at the evidence."),
                BASIS,
                field="task",
                code="not-open",
            )
        if data["is_done"] and data["evidence"] is None:
            raise Refused(
                gettext("Send the evidence that was asked for: %(evidence)s.")
                % {"evidence": task.evidence_required},
                BASIS,
                field="evidence",
                code="no-evidence",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        task = self._task(data["task"])
        report = TaskReport.objects.create(
            task=task,
            progress=data["progress"],
            is_done=data["is_done"],
            evidence=data["evidence"],
            reported_by=self.actor,
            reported_at=self.at,
        )
        if data["is_done"]:
            task.state, task.reported_on = TaskState.REPORTED, self.day
            task.save(update_fields=["state", "reported_on"])
        self.effects.notify(
            command_of(self.court),
            "conference.reported",
            tone="in",
            agency=task.agency.name,
            task=task.task,
        )
        return {
            "conference": task.conference.uid,
            "number": task.conference.number,
            "agency": task.agency.code,
            "name": task.agency.name,
            "task_uid": task.uid,
            "report": report.uid,
            "progress": data["progress"],
            "is_done": data["is_done"],
        }


def command_of(court: Court) -> list[Person]:
    """Active people of a court's command centre."""
    held = DutyHolding.objects.live().filter(court=court, duty=Duty.COMMAND)
    return list(Person.objects.filter(holdings__in=held, is_active=True, kind="human").distinct())


class JudgeInput(ActInput):
    report = LiveChoiceField(label=_("Report"), choices_of=reports_of)
    reply = serializers.CharField(
        label=_("Reply"), max_length=500, required=False, allow_blank=True, default=""
    )


class JudgeReport(ConferenceAct):
    """What accepting and returning have in common."""

    def _report(self, uid: str) -> TaskReport:
        report = (
            TaskReport.objects.select_for_update(of=("self",))
            .select_related("task__agency", "task__conference")
            .filter(uid=uid, task__conference__court=self.court, is_done=True, state=ReportState.RECEIVED)
            .first()
            if UID.fullmatch(uid)
            else None
        )
        if report is None:
            raise Refused(
                gettext("No such report waits for a look at its evidence."),
                BASIS,
                field="report",
                code="not-found",
            )
        return report

    def check(self, case: None, data: dict[str, Any]) -> None:
        self._report(data["report"])
        refuse_case(data["reply"], "reply")

    def judged(self, data: dict[str, Any], state: ReportState) -> TaskReport:
        report = self._report(data["report"])
        report.state, report.reply = state, data["reply"]
        report.judged_by, report.judged_at = self.actor, self.at
        report.save()
        return report

    def outcome_of_report(self, report: TaskReport) -> dict[str, Any]:
        return self.outcome_of(
            report.task.conference,
            agency=report.task.agency.code,
            name=report.task.agency.name,
            task=report.task.task,
            task_uid=report.task.uid,
            reply=report.reply,
            due_on=report.task.due_on,
        )


class AcceptEvidence(JudgeReport):
    """Accept the evidence (确认落实): the task is done on the day it was reported."""

    code = "conference.accept-evidence"
    title = _("Accept the evidence")
    summary = _("%(name)s did its task of conference %(number)s: %(task)s")
    tone = "in"
    Input = JudgeInput

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        report = self.judged(data, ReportState.ACCEPTED)
        task = report.task
        task.state, task.done_on = TaskState.DONE, task.reported_on
        task.save(update_fields=["state", "done_on"])
        return self.outcome_of_report(report) | {"done_on": task.done_on, "in_time": task.in_time}


class ReturnInput(JudgeInput):
    reply = serializers.CharField(label=_("What is missing"), max_length=500)


class ReturnEvidence(JudgeReport):
    """Return the evidence (退回): the task is open again, its day stays."""

    code = "conference.return-evidence"
    title = _("Return the evidence")
    summary = _("The evidence of %(name)s for its task of conference %(number)s was returned: %(reply)s")
    tone = "bad"
    Input = ReturnInput

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        report = self.judged(data, ReportState.RETURNED)
        report.task.state, report.task.reported_on = TaskState.OPEN, None
        report.task.save(update_fields=["state", "reported_on"])
        tell_agencies(
            self,
            [report.task.agency_id],
            "conference.returned",
            "conference",
            task=report.task.task,
            reply=report.reply,
        )
        return self.outcome_of_report(report)
