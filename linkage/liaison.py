"""What this part of the room adds to the house: words, places in the navigation, work of each day.

Importing it registers everything.
"""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from directory.models import Duty
from enforcement import daily, deliveries
from enforcement.models import Notice
from enforcement.queries import notices, words
from enforcement.web import shell
from enforcement.web.shell import Place
from law import clock
from linkage.acts.conference_tasks import command_of
from linkage.acts.conferences import people_of
from linkage.models import ConferenceTask, TaskState
from linkage.queries import tips

LINKAGE = _("Linkage")
LOOKS = frozenset({Duty.COMMAND, Duty.BUREAU_HEAD, Duty.PRESIDENT, Duty.AUDITOR})
TIPS = frozenset({Duty.COMMAND, Duty.IMPLEMENTER, Duty.FILING_CLERK, Duty.PRESIDENT})
#: Days before (+) and after (-) its day on which an agency is reminded of a task.
REMINDERS = (7, 3, 0, -1, -7)

words.GROUPS.update(
    {
        "agencies": _("Agencies"),
        "agency-staff": _("People and keys of agencies"),
        "conferences": _("Joint conferences"),
        "tips": _("Tips and rapid response"),
    }
)
words.READINGS.update({"tip": _("Tip")})
notices.SENTENCES.update(
    {
        "conference.called": _("Joint conference on %(day)s at %(place)s"),
        "conference.task": _("A conference gave your agency a task, due on %(due)s: %(task)s"),
        "conference.task-soon": _("Due on %(due)s: the task “%(task)s” of a conference"),
        "conference.task-overdue": _("Overdue since %(due)s: the task “%(task)s” of %(agency)s"),
        "conference.reported": _("%(agency)s reported on the task “%(task)s”"),
        "conference.returned": _("The evidence for “%(task)s” was returned: %(reply)s"),
        "tip.received": _("New tip %(number)s"),
        "tip.dispatched": _("You are sent out: tip %(number)s"),
        "tip.overdue": _("Tip %(number)s is overdue: %(rule)s"),
        "tip.message": _("A new word on tip %(number)s"),
        "tip.outcome": _("Rapid response: %(outcome)s"),
    }
)
deliveries.EMAILS["conference"] = (
    _("Something of a joint conference waits for your agency"),
    _(
        "A joint conference called your agency, gave it a task, or returned what was sent for one.\n"
        "Sign in to see it: %(link)s\n\n"
        "This message holds no case data. Do not answer it."
    ),
)
PLACES = [
    Place(_("Agencies"), "agencies", "", LINKAGE, LOOKS),
    Place(_("Joint conferences"), "conferences", "", LINKAGE, LOOKS),
    Place(_("Tips"), "tips", "g t", LINKAGE, TIPS),
]
# Before the tools: it is daily work of the command centre.
_first_tool = next((index for index, place in enumerate(shell.PLACES) if place.group), len(shell.PLACES))
shell.PLACES[_first_tool:_first_tool] = PLACES


def remind_of_tasks(day: date) -> dict[str, Any]:
    """Remind agencies of tasks near, at and past their day; past it, the court that gave them too."""
    days = [day + timedelta(days=ahead) for ahead in REMINDERS]
    tasks = ConferenceTask.objects.filter(state=TaskState.OPEN, due_on__in=days)
    written = 0
    for task in tasks.select_related("agency", "conference__court"):
        late = task.due_on < day
        people = people_of([task.agency_id]) + (command_of(task.conference.court) if late else [])
        params = {"task": task.task, "due": task.due_on.isoformat(), "agency": task.agency.name}
        Notice.objects.bulk_create(
            Notice(
                person=person,
                code="conference.task-overdue" if late else "conference.task-soon",
                params=params,
                tone="bad" if late else "",
                at=clock.now(),
            )
            for person in people
        )
        written += len(people)
    return {"notices": written}


daily.WORK["conference-tasks"] = remind_of_tasks
daily.SWEEPS.append(tips.warn_overdue)
