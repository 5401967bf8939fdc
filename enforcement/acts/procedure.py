"""The clocks of a case in the officer's hand: waiting, deciding the next step, extending the time limit."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Court, Duty, Person
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused, do
from enforcement.engine.effects import RECOUNTED, recount
from enforcement.engine.opening import calendar_of
from enforcement.models import OPEN_STAGES, Case, Deadline, DeadlineKind, DeadlineState, Stage
from law import clock, deadlines
from law.calendar import Calendar
from law.citations import CPL, ENFORCEMENT_RULES, RECOMMENDED, TIME_LIMITS

LONGEST_WAIT = 180  # days; a product convention, the law has no wait of this kind
LIMITS = ("closing.limit", "closing.limit.nonlitigation", "closing.extend")
BEFORE_EXPIRY = (
    10  # days, art. 12 of the provisions on time limits; written for civil cases, applied by analogy
)


def open_deadlines(case: Case) -> list[Deadline]:
    """Running deadlines of a case, from what the workspace has loaded."""
    return [deadline for deadline in case.deadlines.all() if deadline.state == DeadlineState.OPEN]


class WaitInput(ActInput):
    """Until when, and for what."""

    until = serializers.DateField(label=_("Wait until"))
    reason = serializers.CharField(
        label=_("What the case waits for"),
        min_length=4,
        max_length=300,
        style={"base_template": "textarea.html"},
    )


class Wait(Act):
    """Let the case rest until a day, for a reason that everybody can read; no legal period stops (等待)."""

    code = "case.wait"
    title = _("Wait until a day")
    group = "procedure"
    summary = _("Waits until %(until)s: %(reason)s")
    basis = (ENFORCEMENT_RULES.art(63), RECOMMENDED.whole())
    by = frozenset({Duty.IMPLEMENTER})
    stages = OPEN_STAGES - {Stage.FILED}
    Input = WaitInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        if data["until"] <= self.day:
            raise Refused(
                gettext("A wait ends after today. Choose a later day."),
                RECOMMENDED.whole(),
                field="until",
                code="past",
            )
        longest = self.day + timedelta(days=LONGEST_WAIT)
        if data["until"] > longest:
            raise Refused(
                gettext("A wait lasts at most %(days)s days: until %(day)s.")
                % {"days": LONGEST_WAIT, "day": longest},
                RECOMMENDED.whole(),
                field="until",
                code="too-long",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        self.effects.stop(case, "product.next-step", "product.wait")
        self.effects.open_deadline(
            case,
            "product.wait",
            kind=DeadlineKind.WAIT,
            length=(data["until"] - self.day).days,
            duty=Duty.IMPLEMENTER,
            act="case.resume",
            reason=data["reason"],
        )
        return {"until": data["until"], "reason": data["reason"]}


class Resume(Act):
    """End a wait: the officer before its day, the clock after it (恢复办理)."""

    code = "case.resume"
    title = _("End the wait")
    group = "procedure"
    summary = _("The wait ended: %(reason)s")
    basis = (ENFORCEMENT_RULES.art(63), RECOMMENDED.whole())
    by = frozenset({Duty.IMPLEMENTER})
    by_system = True
    stages = OPEN_STAGES - {Stage.FILED}

    def ready(self, case: Case) -> None:
        if self._wait(case) is None:
            raise Refused(
                gettext("The case does not wait for anything."), RECOMMENDED.whole(), code="no-wait"
            )

    def check(self, case: Case, data: dict[str, Any]) -> None:
        wait = self._wait(case)
        if self.actor.kind == "system" and wait is not None and wait.due_on >= self.day:
            raise Refused(
                gettext("The wait runs until %(day)s.") % {"day": wait.due_on},
                RECOMMENDED.whole(),
                code="running",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        wait = self._wait(case)
        assert wait is not None
        self.effects.meet(case, "product.wait")
        self.effects.open_deadline(case, "product.next-step", duty=Duty.IMPLEMENTER, act="case.record-step")
        return {"reason": wait.reason, "until": wait.due_on}

    def _wait(self, case: Case) -> Deadline | None:
        return next((one for one in open_deadlines(case) if one.rule == "product.wait"), None)


def resume_expired_waits() -> int:
    """End every wait whose day has passed, as the system; returns how many. For the daily run."""
    system = Person.objects.system()
    waiting = Case.objects.filter(
        deadlines__rule="product.wait",
        deadlines__state=DeadlineState.OPEN,
        deadlines__due_on__lt=clock.today(),
    )
    ended = 0
    for case in waiting.order_by("pk"):
        do(Resume, case, system, {})
        ended += 1
    return ended


def recordable(case: Case, today: date) -> dict[str, Deadline]:
    """What the officer settles by a decision on file: tasks that name this act, and waits for others that ran
    out and that no act of its own settles. Keyed by rule code and, where there is one, subject."""
    return {
        f"{deadline.rule} {deadline.subject}" if deadline.subject else deadline.rule: deadline
        for deadline in open_deadlines(case)
        if deadline.act == RecordStep.code
        or (deadline.kind == DeadlineKind.WAIT and not deadline.act and deadline.due_on < today)
    }


def recordable_choices(context: dict[str, Any]) -> dict[str, str]:
    """The same as choices of a form."""
    case = context.get("case")
    if case is None:
        return {}
    language = get_language() or "en"
    return {
        key: " · ".join(part for part in (deadline.definition.name(language), deadline.label) if part)
        for key, deadline in recordable(case, clock.today()).items()
    }


class StepInput(ActInput):
    """Which task, and what was decided."""

    task = LiveChoiceField(choices_of=recordable_choices, label=_("Task"))
    decision = serializers.CharField(
        label=_("What was decided, and why"),
        min_length=4,
        max_length=500,
        style={"base_template": "textarea.html"},
    )


class RecordStep(Act):
    """Put on file what was decided where the law asks for no writ (记录办理决定)."""

    code = "case.record-step"
    title = _("Record what was decided")
    group = "procedure"
    summary = _("%(task)s: %(decision)s")
    basis = (CPL.art(239), RECOMMENDED.whole())
    by = frozenset({Duty.IMPLEMENTER})
    stages = OPEN_STAGES - {Stage.FILED}
    Input = StepInput

    def ready(self, case: Case) -> None:
        if not recordable(case, self.day):
            raise Refused(
                gettext("No task of this case is settled by recording a decision."),
                RECOMMENDED.whole(),
                code="no-task",
            )

    def check(self, case: Case, data: dict[str, Any]) -> None:
        if data["task"] not in recordable(case, self.day):
            raise Refused(
                gettext("This task is not open on the case."),
                RECOMMENDED.whole(),
                field="task",
                code="no-task",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        task = recordable(case, self.day)[data["task"]]
        self.effects.meet(case, task.rule, subject=task.subject)
        return {"task": task.definition.name_zh, "rule": task.rule, "decision": data["decision"]}


class ExtendInput(ActInput):
    """By how much, and why."""

    months = serializers.IntegerField(label=_("Months"), min_value=1, max_value=3, default=3)
    reason = serializers.CharField(
        label=_("Special circumstances"),
        min_length=4,
        max_length=500,
        style={"base_template": "textarea.html"},
    )
    filed_with_high_court_on = serializers.DateField(
        label=_("Filed with the high court on"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Only for a further extension."),
    )


class Extend(Act):
    """Extend the time limit of the case (延长执行期限): the president approves before it ends."""

    code = "case.extend"
    title = _("Extend the time limit")
    group = "procedure"
    summary = _("Time limit extended from %(old)s to %(new)s")
    basis = (TIME_LIMITS.art(5), TIME_LIMITS.art(14), ENFORCEMENT_RULES.art(63))
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.PRESIDENT
    stages = OPEN_STAGES - {Stage.FILED}
    Input = ExtendInput

    def ready(self, case: Case) -> None:
        limit = self._limit(case)
        if limit is None:
            raise Refused(gettext("No time limit runs on this case."), TIME_LIMITS.art(5), code="no-limit")
        if limit.due_on < self.day:
            raise Refused(
                gettext("The time limit ended on %(day)s; it is extended before it ends, not after.")
                % {"day": limit.due_on},
                TIME_LIMITS.art(14),
                code="ended",
            )

    def check(self, case: Case, data: dict[str, Any]) -> None:
        limit = self._limit(case)
        filed = data["filed_with_high_court_on"]
        if limit is not None and limit.rule == "closing.extend" and filed is None:
            raise Refused(
                gettext(
                    "The limit was extended before. Say when this extension was filed with the high court."
                ),
                TIME_LIMITS.art(5),
                field="filed_with_high_court_on",
                code="high-court",
            )
        if filed is not None and filed > self.day:
            raise Refused(
                gettext("It can't have been filed with the high court after today."),
                TIME_LIMITS.art(5),
                field="filed_with_high_court_on",
                code="future",
            )

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        limit = self._limit(case)
        assert limit is not None
        return {"old": limit.due_on, "new": self._new_day(limit, data["months"]), "reason": data["reason"]}

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        limit = self._limit(case)
        assert limit is not None
        self.effects.stop(case, limit.rule)
        extended = self.effects.open_deadline(
            case,
            "closing.extend",
            kind=DeadlineKind.LIMIT,
            starts_on=limit.due_on,
            length=data["months"],
            duty=Duty.IMPLEMENTER,
        )
        return {
            "old": limit.due_on,
            "new": extended.due_on,
            "months": data["months"],
            "late": (limit.due_on - self.day).days < BEFORE_EXPIRY,
        }

    def _limit(self, case: Case) -> Deadline | None:
        return next((one for one in open_deadlines(case) if one.rule in LIMITS), None)

    def _new_day(self, limit: Deadline, months: int) -> date:
        return (
            deadlines.rule("closing.extend")
            .due(limit.due_on, calendar=self.effects.calendar, length=months)
            .day
        )


class RecountDeadlines(Act):
    """Reckon the running periods of a case anew after its calendar changed (重算期限)."""

    code = "case.recount-deadlines"
    title = _("Recount the deadlines")
    group = "procedure"
    summary = _("%(number)s deadlines moved with the calendar")
    basis = (CPL.art(85),)
    by_system = True
    offered_as_step = False

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        moved = []
        for deadline in Deadline.objects.filter(case=case, state=DeadlineState.OPEN).select_related("owner"):
            before = deadline.due_on
            if recount(deadline, self.effects.calendar, self.day):
                deadline.save(update_fields=RECOUNTED)
                moved.append({"rule": deadline.rule, "from": before, "to": deadline.due_on})
                self.effects.notify(
                    [deadline.owner],
                    "deadline.moved",
                    case=case,
                    rule=deadline.rule,
                    due=deadline.due_on.isoformat(),
                )
        return {"number": len(moved), "moved": moved}


def recompute_open_deadlines(court: Court) -> int:
    """Recount the cases of a court and the courts below it whose due days a changed calendar moves.

    Each case gets an event of the system; the number of such cases is returned. Call it after the commit of
    what changed the calendar, outside a transaction: every case is locked and written by itself.
    """
    system = Person.objects.system()
    today = clock.today()
    calendars: dict[int, Calendar] = {}
    stale: dict[int, Case] = {}
    running = (
        Deadline.objects.filter(**{f"case__{court.level_column}": court.pk}, state=DeadlineState.OPEN)
        .exclude(calendar_version="")
        .select_related("case__court__parent__parent")
        .order_by("case_id")
    )
    for deadline in running.iterator(chunk_size=500):
        where = deadline.case.court
        if where.pk not in calendars:
            calendars[where.pk] = calendar_of(where)
        if recount(deadline, calendars[where.pk], today):
            stale[deadline.case_id] = deadline.case
    for case in stale.values():
        do(RecountDeadlines, case, system, {})
    return len(stale)
