"""Warning of deadlines: one statement per batch moves ``alert_on`` on and writes the notices.

Both happen in one statement, so that a worker killed between them is no case to think of; two sweeps at the
same time take different rows. Who is told: the owner, or if there is none on duty, everybody who holds the
duty at the court.
"""

from datetime import date
from typing import Any

from django.db import connection, transaction

from enforcement.engine.effects import ALERTS
from law import clock

BATCH = 1000

SQL = """
WITH alert AS (
    SELECT * FROM unnest(%(kinds)s::text[], %(days)s::int[]) AS alert(kind, days)),
due AS (
    SELECT id, kind, rule, label, due_on, owner_id, court_id, duty, case_id FROM enforcement_deadline
     WHERE state = 'open' AND alert_on <= %(today)s
     ORDER BY alert_on LIMIT %(batch)s FOR UPDATE SKIP LOCKED),
moved AS (
    UPDATE enforcement_deadline d
       SET alert_on = (SELECT min(due.due_on - alert.days) FROM alert
                        WHERE alert.kind = due.kind AND due.due_on - alert.days > %(today)s)
      FROM due WHERE d.id = due.id
    RETURNING d.id),
told AS (
    SELECT due.id, owner.id AS person_id FROM due
      JOIN directory_person owner ON owner.id = due.owner_id AND owner.is_active
    UNION
    SELECT due.id, holder.id FROM due
      LEFT JOIN directory_person owner ON owner.id = due.owner_id AND owner.is_active
      JOIN directory_dutyholding holding ON holding.court_id = due.court_id AND holding.duty = due.duty
       AND holding.during @> %(today)s::date
      JOIN directory_person holder ON holder.id = holding.person_id AND holder.is_active
     WHERE owner.id IS NULL),
written AS (
    INSERT INTO enforcement_notice (person_id, case_id, deadline_id, code, params, tone, at)
    SELECT told.person_id, due.case_id, due.id,
           CASE WHEN due.due_on < %(today)s THEN 'deadline.overdue'
                WHEN due.due_on = %(today)s THEN 'deadline.due' ELSE 'deadline.soon' END,
           jsonb_build_object('rule', due.rule, 'due', to_char(due.due_on, 'YYYY-MM-DD'), 'label', due.label),
           CASE WHEN due.due_on < %(today)s THEN 'bad' ELSE '' END, %(now)s
      FROM told JOIN due USING (id)
    RETURNING 1)
SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM written)
"""


def warn(today: date | None = None, *, batch: int = BATCH) -> tuple[int, int]:
    """Write all warnings of a legal day (today); how many deadlines and how many notices."""
    today = today or clock.today()
    kinds, days = zip(*((kind.value, day) for kind, row in ALERTS.items() for day in row), strict=True)
    parameters: dict[str, Any] = {
        "kinds": list(kinds), "days": list(days), "today": today, "now": clock.now(), "batch": batch
    }  # fmt: skip
    deadlines = notices = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SQL, parameters)
            moved, written = cursor.fetchone()
        deadlines, notices = deadlines + moved, notices + written
        if moved < batch:
            return deadlines, notices
