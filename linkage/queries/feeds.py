"""Requests as systems of agencies read them: what was addressed to them, within the matters they are let to.

What is out of a system's sight raises ``OutOfSight``; a matter it is not let to raises ``OtherMatter``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL

from directory.models import Person
from enforcement.engine import OutOfSight
from enforcement.models import Document
from enforcement.queries.feeds import Rows
from law import clock
from linkage import delivering, envelope
from linkage.acts.base import addressed_to
from linkage.models import Answer, AnswerState, Channel, Dispatch, Request, RequestDocument

#: Rows of a list: name, column. No personal data: a list is for choosing.
REQUEST = {
    "uid": "uid",
    "number": "number",
    "agency": "agency__code",
    "matter": "matter_code",
    "priority": "priority",
    "case_number": "case__number",
    "court": "case__court__code",
    "amount": "amount",
    "issued_at": "issued_at",
    "delivered_at": "delivered_at",
    "due_on": "due_on",
    "state": "state",
    "outcome": "outcome",
}
#: Every transaction below it has ended, so that no row can still appear behind a cursor.
SETTLED = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


class OtherMatter(Exception):
    """The client system is not let to this matter."""


@dataclass(frozen=True)
class Feed:
    """Dispatches in the order in which they were committed, and whether there are more."""

    dispatches: list[Dispatch]
    more: bool


def within(patterns: Iterable[str], column: str = "matter_code") -> Q:
    """Matters that one of the patterns names: ``BANK-INQ-DEP``, ``BANK-*``, ``*``; no pattern, no limit."""
    found = Q()
    for pattern in patterns:
        if pattern == "*":
            return Q()
        found |= Q(**{f"{column}__startswith": pattern[:-1]} if pattern.endswith("*") else {column: pattern})
    return found


def is_within(matter: str, patterns: Iterable[str]) -> bool:
    """Whether a matter is among those of the patterns."""
    known = list(patterns)
    return not known or any(
        matter.startswith(pattern[:-1]) if pattern.endswith("*") else matter == pattern for pattern in known
    )


def visible(person: Person) -> QuerySet[Request]:
    """Requests addressed to the agencies a system works for."""
    return Request.objects.filter(agency__in=addressed_to(person))


def requests(
    person: Person,
    patterns: Iterable[str],
    *,
    view: str,
    matter: str = "",
    agency: str = "",
    due_before: date | None = None,
    after: tuple[Any, ...] | None,
    size: int,
) -> Rows:
    """Requests that wait for an answer, most urgent first; or those answered, latest first."""
    rows = visible(person).filter(within(patterns))
    if matter:
        rows = rows.filter(within([matter]))
    if agency:
        rows = rows.filter(agency__code=agency)
    if due_before is not None:
        rows = rows.filter(due_on__lt=due_before)
    if view == "waiting":
        rows = rows.waiting().order_by("priority", "due_on", "id")  # type: ignore[attr-defined]
        if after is not None:
            priority, due_on, pk = after
            rows = rows.filter(priority__gte=priority).filter(
                Q(priority__gt=priority)
                | Q(priority=priority, due_on__gt=due_on)
                | Q(priority=priority, due_on=due_on, pk__gt=pk)
            )
        place: tuple[str, ...] = ("priority", "due_on", "pk")
    else:
        rows = rows.filter(answered_at__isnull=False).order_by("-answered_at", "-id")
        if after is not None:
            answered_at, pk = after
            rows = rows.filter(answered_at__lte=answered_at).filter(
                Q(answered_at__lt=answered_at) | Q(pk__lt=pk)
            )
        place = ("answered_at", "pk")
    columns = dict.fromkeys([*REQUEST.values(), *place])
    found = list(rows.values(*columns)[: size + 1])
    last = tuple(found[size - 1][name] for name in place) if len(found) > size else None
    return Rows([{name: row[column] for name, column in REQUEST.items()} for row in found[:size]], last)


def request_named(person: Person, uid: UUID, patterns: Iterable[str]) -> Request:
    """One request, with its case and agency. Raises ``OutOfSight``, ``OtherMatter``."""
    found = visible(person).filter(uid=uid).select_related("case", "agency__member").first()
    if found is None:
        raise OutOfSight
    if not is_within(found.matter_code, patterns):
        raise OtherMatter(found.matter_code)
    return found


def request_row(person: Person, uid: UUID, patterns: Iterable[str]) -> tuple[Request, dict[str, Any]]:
    """One request: what it asks in full, what was answered, what was asked back. It has arrived now."""
    request_named(person, uid, patterns)
    writs = RequestDocument.objects.select_related("document").defer("document__data").order_by("document_id")
    found = (
        visible(person)
        .select_related("case__court", "agency", "requested_by", "decided_by", "undoes", "lift")
        .prefetch_related(
            Prefetch("accompanied_by", queryset=writs),
            Prefetch("answers", queryset=Answer.objects.defer("raw_sealed").order_by("id")),
            "questions",
            "dispatches",
        )
        .get(uid=uid)
    )
    now = clock.now()
    if delivering.arrived([found.pk], now):
        found.delivered_at = now
    return found, envelope.ordered(found) | {
        "state": found.state,
        "outcome": found.outcome,
        "delivered_at": found.delivered_at,
        "accepted_at": found.accepted_at,
        "answered_at": found.answered_at,
        "answers": [
            {
                "uid": answer.uid,
                "number": answer.number,
                "state": answer.state,
                "received_at": answer.received_at,
                "problem": answer.problem,
            }
            for answer in found.answers.all()
            if answer.state != AnswerState.CONFIRMING
        ],
        "questions": [
            {
                "uid": question.uid,
                "text": question.text,
                "is_objection": question.is_objection,
                "asked_at": question.asked_at,
                "reply": question.reply,
                "replied_at": question.replied_at,
            }
            for question in found.questions.all()
        ],
    }


def writ(person: Person, uid: UUID, document: UUID, patterns: Iterable[str]) -> tuple[Request, Document]:
    """A writ that goes with a request. Raises ``OutOfSight``, ``OtherMatter``."""
    request = request_named(person, uid, patterns)
    found = (
        Document.objects.filter(uid=document, accompanies__request=request)
        .select_related("file", "signed_file", "agency_file")
        .defer("data")
        .first()
    )
    if found is None:
        raise OutOfSight
    return request, found


def feed(person: Person, patterns: Iterable[str], *, after: tuple[int, int] | None, size: int) -> Feed:
    """What the agencies were told behind a position, in the order of commits; what is read has arrived.

    Rows of transactions that still run are not shown, and none appears behind a position later.
    """
    agencies = addressed_to(person)
    rows = Dispatch.objects.filter(
        within(patterns, "request__matter_code"),
        agency__in=agencies,
        transaction__lt=RawSQL(SETTLED, [], output_field=BigIntegerField()),  # nosec B611  # a constant
    ).order_by("transaction", "id")
    if after is not None:
        transaction, pk = after
        rows = rows.filter(transaction__gte=transaction).filter(Q(transaction__gt=transaction) | Q(pk__gt=pk))
    found = list(envelope.ready(rows)[: size + 1])
    shown, now = found[:size], clock.now()
    delivering.arrived({dispatch.request_id for dispatch in shown}, now)
    Channel.objects.filter(agency__in=agencies).update(pulled_at=now)
    return Feed(shown, len(found) > size)
