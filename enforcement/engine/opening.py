"""The first round trip of an act: lock, see, and learn what every check needs, in one query."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, F, Func, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat

from directory.models import Court, Duty, LocalDay, Person
from directory.models.people import PersonKind
from enforcement.engine.refusal import OutOfSight
from enforcement.models import Assignment, Case, Event, Recusal, Register
from law.calendar import Calendar


@dataclass
class Opened:
    """A locked case or register, with what is known about the actor there."""

    case: Case | None
    register: Register | None
    court: Court
    event_id: int
    classes: dict[str, set[str]]  # duty class -> duties the actor has or had on this case
    assigned: set[str]  # duties the actor holds on this case today
    recused: bool
    earlier: UUID | None  # event made with the same key
    calendar: Calendar


class _SetConfig(Func):
    function = "set_config"
    output_field = TextField()

    def __init__(self, name: str, value: Any):
        super().__init__(Value(name), Cast(value, TextField()), Value(True, output_field=BooleanField()))


class _NextEvent(Func):
    template = "nextval('enforcement_event_id_seq')"
    output_field = TextField()


def _text(expression: Any) -> Cast:
    return Cast(expression, TextField())


SEPARATOR = _text(Value("|"))


def _local_days(court_columns: list[Any]) -> ArraySubquery:
    return ArraySubquery(
        LocalDay.objects.filter(reduce(or_, (Q(court=column) for column in court_columns)))
        .order_by("day")
        .annotate(entry=Concat(_text("day"), SEPARATOR, _text("is_workday")))
        .values("entry")
    )


@lru_cache(maxsize=64)
def _calendar(entries: tuple[str, ...]) -> Calendar:
    days = {}
    for entry in entries:
        day, is_workday = entry.split("|")
        days[date.fromisoformat(day)] = is_workday == "true"
    return Calendar(days)


def calendar_of(court: Court) -> Calendar:
    """The working calendar of a court: national days and the local days of it and the courts above."""
    courts = [above.pk for above in court.line().values() if above is not None]
    rows = LocalDay.objects.filter(court_id__in=courts).order_by("day").values_list("day", "is_workday")
    return _calendar(tuple(f"{day}|{str(workday).lower()}" for day, workday in rows))


def _context(event_uid: UUID) -> dict[str, Any]:
    return {
        "_history_id": _SetConfig("pghistory.context_id", Value(str(event_uid))),
        "_history": _SetConfig("pghistory.context_metadata", Value(json.dumps({"event": str(event_uid)}))),
    }


def _earlier(actor: Person, key: str | None) -> Any:
    if key is None:
        return Value(None, output_field=TextField())
    return Subquery(Event.objects.filter(actor=actor, idempotency_key=key).values("uid")[:1])


def open_case(case_id: int, actor: Person, event_uid: UUID, key: str | None) -> Opened:
    """Lock a visible case; the clock (the system's own person) reaches every case. Raises ``OutOfSight``."""
    parts = Assignment.objects.filter(case_id=OuterRef("pk"), person=actor)
    case = (
        (Case.objects.all() if actor.kind == PersonKind.SYSTEM else Case.objects.visible_to(actor))
        .filter(pk=case_id)
        .select_for_update(of=("self",))
        .select_related("court", "implementer")
        .annotate(
            _guard=_SetConfig("zhixing.act", F("pk")),
            _event=_NextEvent(),
            _parts=ArraySubquery(
                parts.annotate(
                    entry=Concat(
                        _text(F("duty_class")),
                        SEPARATOR,
                        _text(F("duty")),
                        SEPARATOR,
                        _text(Q(until=None)),
                    )
                ).values("entry")
            ),
            _recused=ArraySubquery(Recusal.objects.filter(case_id=OuterRef("pk"), person=actor).values("pk")),
            _earlier=_earlier(actor, key),
            _days=_local_days(
                [OuterRef("court_id"), OuterRef("intermediate_court_id"), OuterRef("high_court_id")]
            ),
            **_context(event_uid),
        )
        .first()
    )
    if case is None:
        raise OutOfSight
    classes: dict[str, set[str]] = {}
    assigned: set[str] = set()
    for entry in case._parts:
        duty_class, duty, live = entry.split("|")
        classes.setdefault(duty_class, set()).add(duty)
        if live == "true":
            assigned.add(duty)
    return Opened(
        case=case,
        register=None,
        court=case.court,
        event_id=int(case._event),
        classes=classes,
        assigned=assigned,
        recused=bool(case._recused),
        earlier=case._earlier,
        calendar=_calendar(tuple(case._days)),
    )


def open_court(court: Court, actor: Person, event_uid: UUID, key: str | None) -> Opened:
    """Lock a court's register for somebody who holds a duty there. Raises ``OutOfSight``."""
    if not any(court.pk in courts for courts in actor.duties.values()) and actor.kind != "system":
        raise OutOfSight
    registers = (
        Register.objects.filter(court=court)
        .select_for_update(of=("self",))
        .select_related("court__parent__parent")
        .annotate(
            _guard=_SetConfig("zhixing.act", Concat(_text(Value("court:")), _text("court_id"))),
            _event=_NextEvent(),
            _earlier=_earlier(actor, key),
            **_context(event_uid),
        )
    )
    register = registers.first()
    if register is None:
        # A court's register begins with its first act.
        Register.objects.get_or_create(court=court)
        register = registers.get()
    return Opened(
        case=None,
        register=register,
        court=register.court,
        event_id=int(register._event),
        classes={},
        assigned=set(),
        recused=False,
        earlier=register._earlier,
        calendar=calendar_of(register.court),
    )


def open_new_case(court: Court, actor: Person, event_uid: UUID, key: str | None) -> Opened:
    """Prepare the opening of a case: nothing to lock yet, its id is drawn now so that the guard knows it.

    Raises ``OutOfSight``.
    """
    if not any(court.pk in courts for courts in actor.duties.values()):
        raise OutOfSight
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('enforcement_case_id_seq'), nextval('enforcement_event_id_seq'),"
            " set_config('pghistory.context_id', %s, true),"
            " set_config('pghistory.context_metadata', %s, true)",
            [str(event_uid), json.dumps({"event": str(event_uid)})],
        )
        case_id, event_id, *_ = cursor.fetchone()
        cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case_id)])
    earlier = (
        Event.objects.filter(actor=actor, idempotency_key=key).values_list("uid", flat=True).first()
        if key is not None
        else None
    )
    return Opened(
        case=Case(pk=case_id, court=court),
        register=None,
        court=court,
        event_id=event_id,
        classes={},
        assigned=set(),
        recused=False,
        earlier=earlier,
        calendar=calendar_of(court),
    )


def duty_for(act: Any, opened: Opened, actor: Person, wanted: frozenset[Duty]) -> Duty | None:
    """The duty among ``wanted`` under which the actor may act at this court; ``None`` if there is none.

    An enforcement officer acts on the cases assigned to them; other duties need no assignment.
    """
    for duty in sorted(wanted):
        if not actor.holds(duty, opened.court.pk):
            continue
        unassigned_officer = (
            duty == Duty.IMPLEMENTER
            and opened.case is not None
            and act.needs_assignment
            and not act.opens_case
            and duty not in opened.assigned
        )
        if not unassigned_officer:
            return duty
    return None
