"""The course of a case (节点): statutory steps with the days on which they were passed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from directory.models import Duty
from enforcement.models import Case, DeadlineKind, DeadlineState, Stage
from law import clock

STEPS = [
    (Stage.FILED, _("Filing")),
    (None, _("Assignment")),
    (Stage.NOTICE, _("Execution notice")),
    (Stage.CONTROL, _("Tracing and control")),
    (Stage.DISPOSAL, _("Disposal")),
    (Stage.DISTRIBUTION, _("Distribution and payment")),
    (Stage.CLOSED, _("Closing")),
]
# The step that is being taken while the case stands at a stage.
NOW = {
    Stage.FILED: 1,
    Stage.NOTICE: 2,
    Stage.CONTROL: 3,
    Stage.DISPOSAL: 4,
    Stage.DISTRIBUTION: 5,
    Stage.CLOSED: 7,
}


@dataclass
class RailStep:
    """One step: its name, a day or remark, and whether it is done, being taken, or ahead ("")."""

    label: str
    detail: str
    state: str


def rail(case: Any) -> list[RailStep]:
    """The steps of a case from what the workspace has loaded."""
    now = NOW[Stage(case.stage)]
    days = _days(case)
    steps = []
    for index, (_stage, label) in enumerate(STEPS):
        state = "done" if index < now else "now" if index == now else ""
        passed = days[index]
        detail = passed.isoformat()[5:] if passed and state == "done" else ""
        if state == "done" and index == 4 and passed is None:
            state, detail = "", gettext("not needed")
        if state == "now":
            # The newest day known before this step is the day it began.
            began = max((day for day in days[:index] if day), default=case.filed_on)
            detail = gettext("day %(number)d") % {"number": (clock.today() - began).days + 1}
        if index == 6 and case.is_open:
            limit = _limit(case)
            detail = gettext("by %(day)s") % {"day": limit.isoformat()} if limit else ""
        steps.append(RailStep(str(label), detail, state))
    return steps


def _days(case: Case) -> list[date | None]:
    """The day each step was passed, as far as rows show it."""
    assigned = [part.since for part in case.assignments.all() if part.duty == Duty.IMPLEMENTER]
    noticed = [document.made_on for document in case.documents.all() if document.writ.startswith("notice")]
    controlled = [measure.during.lower for measure in case.measures.all()]
    planned = [plan.as_of for plan in case.plans.all()]
    return [
        case.filed_on,
        min(assigned, default=None),
        min(noticed, default=None),
        min(controlled, default=None),
        None,  # no row says when a disposal began
        min(planned, default=None),
        case.closed_on,
    ]


def _limit(case: Case) -> date | None:
    limits = [
        deadline.due_on
        for deadline in case.deadlines.all()
        if deadline.kind == DeadlineKind.LIMIT and deadline.state == DeadlineState.OPEN
    ]
    return min(limits, default=None)
