"""Verifying history: every chain from its genesis, every hash recomputed, every column compared.

Reads in batches of a fixed size; a chain of any length, and any number of chains, needs the same memory.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from enforcement.engine.history import EVENT_MARK, digest
from enforcement.models import Case, Document, Register
from enforcement.models.cases import GENESIS

BATCH = 2000
LARGEST_ID = 2**63 - 1
LARGEST_SEQUENCE = 2**31 - 1

OWNERS = {"case": "case_id", "register": "register_id"}
EVENTS_SQL = """
SELECT e.{owner}, e.uid, e.seq, e.at, p.username, e.act, e.phase, e.idempotency_key,
       e.body, e.prev_hash, e.hash, e.input_hash
  FROM enforcement_event e JOIN directory_person p ON p.id = e.actor_id
 WHERE e.{owner} IS NOT NULL AND (e.{owner}, e.seq) > (%s, %s) AND e.{owner} <= %s
 ORDER BY e.{owner}, e.seq LIMIT %s
"""
FAULTS = {
    "body": gettext_lazy("the body is no canonical JSON"),
    "seq": gettext_lazy("the sequence has a gap, a double or another number in its body"),
    "prev_hash": gettext_lazy("it does not follow the event before it"),
    "hash": gettext_lazy("the hash does not cover the body"),
    "uid": gettext_lazy("the id is not the one in the body"),
    "at": gettext_lazy("the time is not the one in the body"),
    "actor": gettext_lazy("the actor is not the one in the body"),
    "act": gettext_lazy("the act is not the one in the body"),
    "phase": gettext_lazy("the phase is not the one in the body"),
    "key": gettext_lazy("the key of its request is not the one in the body"),
    "input_hash": gettext_lazy("the hash of the input is not the one in the body"),
    "chain": gettext_lazy("the body belongs to another chain"),
    "documents": gettext_lazy("the writ's data are not those whose hash the event holds"),
    "event_count": gettext_lazy("the case counts another number of events than there are"),
    "head_hash": gettext_lazy("the case's head is not the hash of its last event"),
    "event": gettext_lazy("a row of this table was changed without an event"),
}


@dataclass(frozen=True)
class Fault:
    """The first wrong byte of one chain: where it is and what it contradicts."""

    chain: str
    seq: int
    field: str

    def __str__(self) -> str:
        return _("Chain %(chain)s, event %(seq)d, field %(field)s: %(what)s.") % {
            "chain": self.chain,
            "seq": self.seq,
            "field": self.field,
            "what": FAULTS[self.field],
        }


@dataclass
class Findings:
    """What a verification looked at and found; at most one fault for each chain."""

    chains: int = 0
    events: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass
class _Chain:
    """A chain while it is read."""

    owner: int
    name: str
    identity: str  # as bodies name it
    event_count: int
    head_hash: bytes
    seq: int = 0
    hash: bytes = GENESIS
    writs: dict[str, tuple[int, str]] = field(default_factory=dict)  # by uid: sequence, hash of the data
    fault: Fault | None = None

    def find(self, fault: str, seq: int | None = None) -> None:
        if self.fault is None:
            self.fault = Fault(self.name, self.seq + 1 if seq is None else seq, fault)


@dataclass(frozen=True)
class _Row:
    """An event as its columns hold it."""

    owner: int
    uid: UUID
    seq: int
    at: datetime
    actor: str
    act: str
    phase: str
    key: str | None
    body: bytes
    prev_hash: bytes
    hash: bytes
    input_hash: bytes


def verify(*, case: Case | None = None) -> Findings:
    """Verify one case, or everything: all cases and registers, and rows whose history has no event."""
    findings = Findings()
    if case is not None:
        _walk(_cases(case), _events("case", case.pk - 1, case.pk), findings)
        return findings
    _walk(_cases(None), _events("case"), findings)
    _walk(_registers(), _events("register"), findings)
    findings.faults += _rows_without_event()
    return findings


def _cases(only: Case | None) -> Iterator[_Chain]:
    cases = Case.objects.order_by("pk") if only is None else Case.objects.filter(pk=only.pk)
    last = 0
    while True:
        rows = list(
            cases.filter(pk__gt=last).values_list("pk", "number", "uid", "event_count", "head_hash")[:BATCH]
        )
        for pk, number, uid, count, head in rows:
            yield _Chain(pk, number, str(uid), count, bytes(head))
        if len(rows) < BATCH:
            return
        last = rows[-1][0]


def _registers() -> Iterator[_Chain]:
    rows = Register.objects.order_by("pk").values_list("pk", "court__code", "event_count", "head_hash")
    for pk, code, count, head in rows:
        yield _Chain(pk, f"court:{code}", f"court:{code}", count, bytes(head))


def _events(kind: str, after: int = 0, until: int = LARGEST_ID) -> Iterator[_Row]:
    """Events of all chains of a kind, chain by chain in their sequence."""
    statement = EVENTS_SQL.format(owner=OWNERS[kind])
    place = (after, LARGEST_SEQUENCE)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [*place, until, BATCH])
            rows = [_Row(*row[:8], *(bytes(part) for part in row[8:])) for row in cursor.fetchall()]
        yield from rows
        if len(rows) < BATCH:
            return
        place = (rows[-1].owner, rows[-1].seq)


def _walk(chains: Iterator[_Chain], events: Iterator[_Row], findings: Findings) -> None:
    """Read chains and their events side by side; both come in the order of the chain's owner."""
    row = next(events, None)
    for chain in chains:
        while row is not None and row.owner <= chain.owner:
            if chain.fault is None:
                _check(chain, row)
            findings.events += 1
            row = next(events, None)
        _check_end(chain)
        findings.chains += 1
        if chain.fault is not None:
            findings.faults.append(chain.fault)


def _check(chain: _Chain, row: _Row) -> None:
    if row.seq != chain.seq + 1:
        chain.find("seq")
        return
    if row.prev_hash != chain.hash:
        chain.find("prev_hash")
        return
    if hashlib.sha256(EVENT_MARK + row.prev_hash + row.body).digest() != row.hash:
        chain.find("hash")
        return
    try:
        content = json.loads(row.body)
        said = {name: content[name] for name in ("uid", "chain", "seq", "at", "actor", "act", "phase", "key")}
        written_here = {one["uid"]: (row.seq, one["data"]) for one in content["documents"]}
    except (ValueError, KeyError, TypeError):
        chain.find("body")
        return
    columns = {
        "seq": row.seq,
        "uid": str(row.uid),
        "at": _moment(row.at),
        "actor": row.actor,
        "act": row.act,
        "phase": row.phase,
        "key": row.key,
        "chain": chain.identity,
    }
    if "input_hash" in content:  # older events have it in the column only
        columns["input_hash"], said["input_hash"] = row.input_hash.hex(), content["input_hash"]
    said["at"] = _moment(said["at"])
    for name, value in columns.items():
        if said[name] != value:
            chain.find(name)
            return
    chain.writs |= written_here
    if len(chain.writs) > BATCH:
        _check_writs(chain)
    chain.seq, chain.hash = row.seq, row.hash


def _check_end(chain: _Chain) -> None:
    _check_writs(chain)
    if chain.event_count != chain.seq:
        chain.find("event_count", chain.seq)
    if chain.head_hash != chain.hash:
        chain.find("head_hash", chain.seq)


def _check_writs(chain: _Chain) -> None:
    """The data a writ was made from must be what its event saw."""
    if not chain.writs or chain.fault is not None:
        return
    found = dict(Document.objects.filter(uid__in=chain.writs).values_list("uid", "data"))
    for uid, (seq, expected) in chain.writs.items():
        data = found.get(UUID(uid))
        if data is None or digest(data).hex() != expected:
            chain.find("documents", seq)
            return
    chain.writs.clear()


def _moment(value: Any) -> str:
    """A moment as bodies write it, to the millisecond, whatever zone it is told in."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


TABLES_SQL = """
SELECT c.table_name FROM information_schema.columns c
 WHERE c.table_schema = current_schema() AND c.column_name = 'pgh_context_id'
   AND c.table_name LIKE 'enforcement\\_%'
 ORDER BY 1
"""


HISTORY_SQL = sql.SQL(
    "SELECT h.pgh_obj_id FROM {} h LEFT JOIN enforcement_event e ON e.uid = h.pgh_context_id"
    " WHERE e.id IS NULL ORDER BY h.pgh_id LIMIT %s"
)


def _rows_without_event() -> list[Fault]:
    """Row history that no event accounts for: a change by hand, by a migration, by a task outside an act."""
    found: list[Fault] = []
    with connection.cursor() as cursor:
        cursor.execute(TABLES_SQL)
        tables = [row[0] for row in cursor.fetchall()]
        for table in tables:
            cursor.execute(HISTORY_SQL.format(sql.Identifier(table)), [BATCH])
            found += [Fault(f"{table}#{row[0]}", 0, "event") for row in cursor.fetchall()]
    return found
