"""What an act causes besides its own rows: deadlines, writs, notices, messages, assignments.

Rows of one kind are collected and written at once when the act ends, because round trips are what an act
costs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from directory.models import Duty, Person
from enforcement.models import (
    Case,
    Deadline,
    DeadlineKind,
    DeadlineState,
    Document,
    Message,
    Notice,
)
from law import deadlines
from law.calendar import Calendar

if TYPE_CHECKING:
    from enforcement.models import Party

# Days before (+) or after (-) the due day on which somebody is warned.
ALERTS = {
    DeadlineKind.TERM: (30, 15, 7, 3, 0),
    DeadlineKind.TASK: (3, 0, -1),
    DeadlineKind.LIMIT: (30, 10, 0, -1),
    DeadlineKind.WAIT: (0, -1),
}


def next_alert(kind: str, due_on: date, today: date) -> date | None:
    """The next day on which a deadline of this kind warns, today included; ``None`` after the last."""
    for days in ALERTS[DeadlineKind(kind)]:
        day = due_on - timedelta(days=days)
        if day >= today:
            return day
    return None


def recount(deadline: Deadline, calendar: Calendar, today: date) -> bool:
    """Reckon a due day anew from rule, start, length, suspensions and calendar; whether it moved.

    A day that a writ names itself (no calendar was used) stays as it is.
    """
    if not deadline.calendar_version:
        return False
    due = deadline.definition.due(
        deadline.starts_on,
        calendar=calendar,
        length=deadline.length,
        suspensions=[
            (date.fromisoformat(span["first"]), date.fromisoformat(span["last"]))
            for span in deadline.suspensions
        ],
    )
    moved = due.day != deadline.due_on
    deadline.due_on, deadline.projected = due.day, due.projected
    deadline.calendar_version = calendar.version(due.day.year)
    if moved:
        deadline.alert_on = next_alert(deadline.kind, due.day, today)
    return moved


RECOUNTED = ["suspensions", "due_on", "projected", "calendar_version", "alert_on"]


class Effects:
    """Collects effects of one run; ``flush`` writes them with the event that caused them."""

    def __init__(self, *, event_id: int, at: datetime, day: date, calendar: Calendar):
        self.event_id = event_id
        self.at = at
        self.day = day
        self.calendar = calendar
        self.documents: list[Document] = []
        self._deadlines: list[Deadline] = []
        self._closings: list[tuple[dict[str, Any], str]] = []
        self._messages: list[Message] = []
        self._notices: list[Notice] = []

    # --- deadlines ----------------------------------------------------------------------------
    def open_deadline(
        self,
        case: Case,
        rule: str,
        *,
        kind: DeadlineKind = DeadlineKind.TASK,
        starts_on: date | None = None,
        length: int | None = None,
        duty: Duty | None = None,
        owner: Person | None = None,
        act: str = "",
        subject: uuid.UUID | None = None,
        label: str = "",
        reason: str = "",
        due_on: date | None = None,
    ) -> Deadline:
        """Start a period. ``due_on`` only where a writ names the day itself (a term's last day)."""
        definition = deadlines.rule(rule)
        start = starts_on or self.day
        projected, version = False, ""
        if due_on is None:
            due = definition.due(start, calendar=self.calendar, length=length)
            due_on, projected = due.day, due.projected
            version = self.calendar.version(due_on.year)
        deadline = Deadline(
            case=case,
            court_id=case.court_id,
            rule=rule,
            kind=kind,
            subject=subject,
            label=label,
            starts_on=start,
            length=length,
            due_on=due_on,
            projected=projected,
            calendar_version=version,
            duty=duty or "",
            owner=owner if owner is not None else (case.implementer if duty == Duty.IMPLEMENTER else None),
            act=act,
            reason=reason,
            opened_by_id=self.event_id,
            alert_on=next_alert(kind, due_on, self.day),
        )
        self._deadlines.append(deadline)
        return deadline

    def meet(self, case: Case, *rules: str, subject: uuid.UUID | None = None) -> None:
        """Close running deadlines of these rules (about one subject, if given) as met."""
        self._close(case, rules, DeadlineState.MET, subject)

    def stop(self, case: Case, *rules: str, subject: uuid.UUID | None = None) -> None:
        """Close running deadlines of these rules as stopped: what they waited for no longer matters."""
        self._close(case, rules, DeadlineState.STOPPED, subject)

    def stop_all(self, case: Case, *, keep: Iterable[str] = ()) -> None:
        """Stop every running deadline of the case but those of the kept rules."""
        self._closings.append(({"case": case, "_keep": tuple(keep)}, DeadlineState.STOPPED))

    def suspend(self, case: Case, *rules: str, first: date, last: date, cause: str) -> None:
        """Let running periods of these rules stand still on the days from ``first`` to ``last`` (both in).

        ``cause`` names what stops them; a new stretch of one cause takes the place of its earlier one, so a
        stop that ended early is shortened, and an empty stretch (``last`` before ``first``) takes it back.
        Raises ``ValueError`` for a rule the law lets nothing suspend.
        """
        for rule in rules:
            if not deadlines.rule(rule).suspendable:
                raise ValueError(f"Nothing suspends {rule}.")
        opened = [
            deadline for deadline in self._deadlines if deadline.case == case and deadline.rule in rules
        ]
        running = list(Deadline.objects.filter(case=case, rule__in=rules, state=DeadlineState.OPEN))
        for deadline in [*opened, *running]:
            spans = [span for span in deadline.suspensions if span["cause"] != cause]
            if first <= last:
                spans.append({"first": first.isoformat(), "last": last.isoformat(), "cause": cause})
            deadline.suspensions = spans
            recount(deadline, self.calendar, self.day)
        Deadline.objects.bulk_update(running, RECOUNTED)

    def _close(
        self, case: Case, rules: Sequence[str], state: DeadlineState, subject: uuid.UUID | None
    ) -> None:
        which: dict[str, Any] = {"case": case, "rule__in": rules}
        if subject is not None:
            which["subject"] = subject
        self._closings.append((which, state))

    # --- words to people and systems ----------------------------------------------------------
    def notify(
        self,
        people: Iterable[Person | None],
        code: str,
        *,
        case: Case | None = None,
        tone: str = "",
        **params: str,
    ) -> None:
        """Put a notice on the desks of these people; its sentence is in ``queries.notices``."""
        for person in {person.pk: person for person in people if person is not None}.values():
            self._notices.append(
                Notice(
                    person=person,
                    case=case,
                    event_id=self.event_id,
                    code=code,
                    params=params,
                    tone=tone,
                    at=self.at,
                )
            )

    def send(self, kind: str, recipient: str, body: dict[str, Any], *, case: Case | None = None) -> None:
        """Put a message into the outbox; a worker delivers it after the commit."""
        self._messages.append(
            Message(
                event_id=self.event_id,
                case=case,
                kind=kind,
                recipient=recipient,
                body=body,
                created_at=self.at,
                due_at=self.at,
            )
        )

    def post(self, messages: Iterable[Message]) -> None:
        """Put messages into the outbox that somebody else made of this act's event."""
        self._messages.extend(messages)

    def write(
        self, case: Case, writ: str, *, party: Party | None = None, extra: dict[str, Any] | None = None
    ) -> Document:
        """Make a writ of this case: the snapshot now, its PDF by a worker after the commit."""
        from enforcement import writs

        document = writs.draft(
            case,
            writ,
            event_id=self.event_id,
            day=self.day,
            party=party,
            extra=extra or {},
            earlier=self.documents,
        )
        document.save(force_insert=True)
        self.documents.append(document)
        self.send("render", str(document.uid), {}, case=case)
        return document

    # --- writing ------------------------------------------------------------------------------
    def flush(self) -> frozenset[str]:
        """Write everything collected; the kinds of messages to deliver after the commit."""
        closed_on: dict[int, Case] = {}
        for which, state in self._closings:
            closed_on[which["case"].pk] = which["case"]
            keep = which.pop("_keep", ())
            rows = Deadline.objects.filter(state=DeadlineState.OPEN, **which)
            if keep:
                rows = rows.exclude(rule__in=keep)
            rows.update(state=state, closed_by_id=self.event_id, closed_on=self.day, alert_on=None)
        for case in closed_on.values():
            self._keep_moving(case)
        if self._deadlines:
            Deadline.objects.bulk_create(self._deadlines)
        if self._notices:
            Notice.objects.bulk_create(self._notices)
        if self._messages:
            Message.objects.bulk_create(self._messages, batch_size=1000)
        return frozenset(message.kind for message in self._messages)

    def _keep_moving(self, case: Case) -> None:
        """An open case has at least one open task or wait: closing the last opens “decide the next step”."""
        if not case.is_open:
            return
        moving = (DeadlineKind.TASK, DeadlineKind.WAIT)
        if any(deadline.case == case and deadline.kind in moving for deadline in self._deadlines):
            return
        if not Deadline.objects.filter(case=case, state=DeadlineState.OPEN, kind__in=moving).exists():
            self.open_deadline(case, "product.next-step", duty=Duty.IMPLEMENTER, act="case.record-step")
