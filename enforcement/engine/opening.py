"""How an act begins: lock, see, and learn what every check needs, in one query under the lock."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Func, Model, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat

from directory.models import Court, Duty, LocalDay, Person
from enforcement.engine.refusal import OutOfSight
from enforcement.models import Case, Event, Register
from law import clock
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
    admitted: Duty | None = None  # duty of somebody from outside the court, by what was addressed to them


#: Says under which duty somebody who does not see the case may act on it, if at all.
Admits = Callable[[Case | None, Court], Duty | None]


def _nobody(case: Case | None, court: Court) -> None:
    return None


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


def _columns(alias: str, model: type[Model]) -> str:
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


# Written out, because every act begins here and putting these statements together anew took longer than the
# rest of the act. The lock is a statement of its own: one that waited for it would otherwise still read the
# assignments and recusals of the moment at which it began to wait.
LOCK_CASE = """
SELECT id, set_config('zhixing.act', id::text, true), set_config('pghistory.context_id', %(event)s, true),
       set_config('pghistory.context_metadata', %(context)s, true)
  FROM enforcement_case WHERE {} = %(case)s FOR UPDATE
"""
LOCK_BY_KEY, LOCK_BY_UID = LOCK_CASE.format("id"), LOCK_CASE.format("uid")
READ_CASE = f"""
SELECT nextval('enforcement_event_id_seq'),
       ARRAY(SELECT h.duty || '|' || h.court_id FROM directory_dutyholding h
              WHERE h.person_id = %(person)s AND h.court_id IS NOT NULL AND h.during @> %(today)s::date),
       ARRAY(SELECT g.content_object_id FROM enforcement_casegrant g
              WHERE g.user_id = %(person)s AND g.until >= %(today)s::date),
       ARRAY(SELECT a.duty_class || '|' || a.duty || '|' || (a.until IS NULL) FROM enforcement_assignment a
              WHERE a.case_id = c.id AND a.person_id = %(person)s),
       EXISTS(SELECT 1 FROM enforcement_recusal r WHERE r.case_id = c.id AND r.person_id = %(person)s),
       (SELECT e.uid FROM enforcement_event e
         WHERE e.actor_id = %(person)s AND e.idempotency_key = %(key)s),
       ARRAY(SELECT l.day || '|' || l.is_workday FROM directory_localday l
              WHERE l.court_id IN (c.court_id, c.intermediate_court_id, c.high_court_id) ORDER BY l.day),
       {_columns("c", Case)}, {_columns("court", Court)}, {_columns("officer", Person)}
  FROM enforcement_case c
  JOIN directory_court court ON court.id = c.court_id
  LEFT JOIN directory_person officer ON officer.id = c.implementer_id
 WHERE c.id = %(case)s
"""  # nosec B608  # names of our own columns; every value is a parameter


def open_case(
    named: int | UUID, actor: Person, event_uid: UUID, key: str | None, admits: Admits = _nobody
) -> Opened:
    """Lock a visible case, named by its key or its public id. Raises ``OutOfSight``.

    The clock (the system's own person) reaches every case.
    """
    values = {
        "case": named,
        "person": actor.pk,
        "today": clock.today(),
        "key": key,
        "event": str(event_uid),
        "context": json.dumps({"event": str(event_uid)}),
    }
    with connection.cursor() as cursor:
        cursor.execute(LOCK_BY_UID if isinstance(named, UUID) else LOCK_BY_KEY, values)
        locked = cursor.fetchone()
        if locked is None:
            raise OutOfSight
        cursor.execute(READ_CASE, values | {"case": locked[0]})
        row = cursor.fetchone()
    event_id, held, granted, parts, recused, earlier, days, *rest = row
    # What is known about the actor since the request began may have ended: read under the lock, it holds.
    actor.remember(held, granted)
    case = _row(Case, rest)
    case.court = _row(Court, rest)
    case.implementer = _row(Person, rest) if case.implementer_id is not None else None
    admitted = None
    if not case.is_visible_to(actor):
        admitted = admits(case, case.court)
        if admitted is None:
            raise OutOfSight
    classes: dict[str, set[str]] = {}
    assigned: set[str] = set()
    for entry in parts:
        duty_class, duty, live = entry.split("|")
        classes.setdefault(duty_class, set()).add(duty)
        if live == "true":
            assigned.add(duty)
    return Opened(
        case=case,
        register=None,
        court=case.court,
        event_id=event_id,
        classes=classes,
        assigned=assigned,
        recused=recused,
        earlier=earlier,
        calendar=_calendar(tuple(days)),
        admitted=admitted,
    )


def _row(model: type[Model], values: list[Any]) -> Any:
    """A row from the next columns of a longer answer."""
    names = [field.attname for field in model._meta.concrete_fields]
    own, values[:] = values[: len(names)], values[len(names) :]
    return model.from_db(connection.alias, names, own)


def open_court(
    court: Court, actor: Person, event_uid: UUID, key: str | None, admits: Admits = _nobody
) -> Opened:
    """Lock a court's register for somebody who holds a duty there. Raises ``OutOfSight``."""
    admitted = None
    if not any(court.pk in courts for courts in actor.duties.values()) and actor.kind != "system":
        admitted = admits(None, court)
        if admitted is None:
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
        admitted=admitted,
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
    if opened.admitted in wanted:
        return opened.admitted
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
