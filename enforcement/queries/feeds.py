"""Rows as systems read them: plain values by name, a page at a time, each page one query.

Names are what leaves over REST; personal numbers leave as their masks only. What is out of the person's
sight raises ``OutOfSight``.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Lower, Upper

from directory.models import Court, Person
from enforcement.engine import OutOfSight
from enforcement.models import (
    Asset,
    Case,
    Deadline,
    Document,
    Event,
    Job,
    JobRow,
    Measure,
    Objection,
    Party,
    PaymentOrder,
    Plan,
    Proposal,
    ProposalState,
    Receipt,
    Service,
    TitleItem,
)
from enforcement.queries import case_filters


@dataclass
class Rows:
    """One page; ``last`` is the keyset position behind which the next page begins, if there is one."""

    rows: list[dict[str, Any]]
    last: tuple[Any, ...] | None


# Name over REST: column. The keyset columns of a list are ``position``.
CASE = {
    "uid": "uid",
    "number": "number",
    "court": "court__code",
    "stage": "stage",
    "type_code": "type_code",
    "cause": "cause",
    "filed_on": "filed_on",
    "applied_on": "applied_on",
    "implementer": "implementer__username",
    "claim": "claim",
    "received": "received",
    "paid_out": "paid_out",
    "applicant_names": "applicant_names",
    "debtor_names": "debtor_names",
    "closed_on": "closed_on",
    "closing_code": "closing_code",
    "event_count": "event_count",
    "updated_at": "updated_at",
}
TITLE = {
    name: f"title__{name}"
    for name in (
        "kind",
        "number",
        "made_by",
        "effective_on",
        "performance_due_on",
        "obligation",
        "interest_annual",
        "interest_from",
        "interest_to",
        "interest_year_basis",
    )
}
EVENT = {
    "uid": "uid",
    "seq": "seq",
    "at": "at",
    "act": "act",
    "phase": "phase",
    "prev_hash": "prev_hash",
    "hash": "hash",
    "content": "body",
}
DEADLINE = {
    "id": "pk",
    "rule": "rule",
    "kind": "kind",
    "label": "label",
    "subject": "subject",
    "starts_on": "starts_on",
    "due_on": "due_on",
    "projected": "projected",
    "state": "state",
    "duty": "duty",
    "owner": "owner__username",
    "act": "act",
    "reason": "reason",
    "closed_on": "closed_on",
}
DOCUMENT = {
    "uid": "uid",
    "case": "case__uid",
    "writ": "writ",
    "number": "number",
    "version": "version",
    "party": "party__uid",
    "event": "event__uid",
    "made_on": "made_on",
    "state": "state",
    "pages": "pages",
    "size": "given_size",
    "sha256": "given_sha256",
}
PROPOSAL = {
    "uid": "uid",
    "case": "case__uid",
    "case_number": "case__number",
    "act": "act",
    "duty": "duty",
    "state": "state",
    "proposed_by": "proposed_by__username",
    "proposed_at": "proposed_at",
    "summary": "summary",
    "input": "input",
    "reason": "reason",
}


def _same(*names: str, **others: str) -> dict[str, str]:
    return {name: name for name in names} | others


# Lists of a case: model, columns.
OF_CASE: dict[str, tuple[type[Any], dict[str, str]]] = {
    "parties": (
        Party,
        _same(
            "uid", "role", "kind", "name", "name_bo", "identity_mask", "phone_mask", "address_mask",
            "representative", "language", "agreed_to_electronic_service", "account_holder", "account_bank",
            "account_mask",
        ),
    ),
    "documents": (Document, DOCUMENT),
    "deadlines": (Deadline, DEADLINE),
    "assets": (
        Asset,
        _same(
            "uid", "kind", "description", "holder", "account_mask", "register_number", "value",
            "value_source", "prior_claims", "is_only_home", "is_indivisible", "found_on", "source",
            owner="owner__uid",
        ),
    ),
    "measures": (
        Measure,
        _same(
            "uid", "kind", "rank", "amount", "state", "basis", "released_on", "release_ground",
            asset="asset__uid", since="since", until="until",
        ),
    ),
    "services": (
        Service,
        _same(
            "uid", "method", "state", "sent_on", "served_on", "received_by", "remarks",
            document="document__uid", party="party__uid",
        ),
    ),
    "objections": (
        Objection,
        _same(
            "uid", "kind", "number", "objector", "grounds", "received_on", "state", "stops_disposal",
            "ruled_on", "ruling", party="party__uid", asset="asset__uid",
        ),
    ),
    "receipts": (
        Receipt,
        _same(
            "uid", "payer", "payer_account_mask", "amount", "how", "counts_on", "arrived_on",
            "bank_reference", "memo", "state", debtor="debtor__uid",
        ),
    ),
    "plans": (Plan, _same("uid", "pot", "fee", "state", "as_of", "steps")),
    "payments": (
        PaymentOrder,
        _same(
            "uid", "payee", "payee_bank", "payee_account_mask", "amount", "state", "ordered_on",
            "settled_on", "bank_reference", plan="plan__uid", party="party__uid",
        ),
    ),
}  # fmt: skip


def _dicts(rows: QuerySet[Any], columns: Mapping[str, str], *more: str) -> list[tuple[Any, ...]]:
    return list(rows.values_list(*columns.values(), *more))


def _page(
    rows: QuerySet[Any],
    columns: Mapping[str, str],
    position: tuple[str, ...],
    size: int,
    shape: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Rows:
    """Cut one page out of ordered rows; one row more is read to know whether there is a next page."""
    found = _dicts(rows[: size + 1], columns, *position)
    width = len(columns)
    shown = [dict(zip(columns, row, strict=False)) for row in found[:size]]
    if shape is not None:
        shown = [shape(row) for row in shown]
    return Rows(shown, tuple(found[size - 1][width:]) if len(found) > size else None)


def cases(person: Person, values: dict[str, Any], *, after: tuple[Any, ...] | None, size: int) -> Rows:
    """Visible cases, newest filing first."""
    rows = case_filters.apply(Case.objects.visible_to(person), values, person)
    if number := values.get("number"):
        rows = rows.filter(number=number)
    if after is not None:
        day, pk = after
        rows = rows.filter(Q(filed_on__lt=day) | Q(filed_on=day, pk__lt=pk), filed_on__lte=day)
    return _page(rows.order_by("-filed_on", "-pk"), CASE, ("filed_on", "pk"), size)


def case_named(person: Person, uid: UUID) -> Case:
    """A visible case with its id and head only. Raises ``OutOfSight``."""
    case = Case.objects.visible_to(person).filter(uid=uid).only("pk", "uid", "event_count").first()
    if case is None:
        raise OutOfSight
    return case


def case(person: Person, uid: UUID) -> dict[str, Any]:
    """One case with its title. Raises ``OutOfSight``."""
    found = (
        Case.objects.visible_to(person)
        .filter(uid=uid)
        .values_list(*CASE.values(), "head_hash", "pk", *TITLE.values())
        .first()
    )
    if found is None:
        raise OutOfSight
    width = len(CASE)
    items = TitleItem.objects.filter(case_id=found[width + 1]).order_by("position")
    names = ("kind", "label", "amount", "delay_from")
    title = dict(zip(TITLE, found[width + 2 :], strict=True))
    title["items"] = [dict(zip(names, row, strict=True)) for row in items.values_list(*names)]
    return dict(zip(CASE, found[:width], strict=True)) | {
        "head_hash": bytes(found[width]).hex(),
        "title": title,
        "pk": found[width + 1],
    }


def of_case(case: Case, what: str, *, after: tuple[Any, ...] | None, size: int) -> Rows:
    """A page of one of the lists of a case (``OF_CASE``), oldest row first."""
    model, columns = OF_CASE[what]
    rows = model.objects.filter(case_id=case.pk)
    if what == "measures":
        rows = rows.annotate(since=Lower("during"), until=Upper("during"))
    if what == "documents":
        # What a download gives: signed where the court signs.
        rows = rows.annotate(
            given_size=Coalesce("signed_file__size", "file__size"),
            given_sha256=Coalesce("signed_file__sha256", "file__sha256"),
        )
    if after is not None:
        rows = rows.filter(pk__gt=after[0])
    return _page(rows.order_by("pk"), columns, ("pk",), size)


def events(case: Case, *, after: int, size: int) -> Rows:
    """History of a case in order, behind a sequence number."""
    rows = Event.objects.filter(case_id=case.pk, seq__gt=after).order_by("seq")
    return _page(rows, EVENT, ("seq",), size, _event)


def _event(row: dict[str, Any]) -> dict[str, Any]:
    # The body is canonical JSON (RFC 8785): whoever canonicalises the content again can check the hash.
    return row | {
        "prev_hash": bytes(row["prev_hash"]).hex(),
        "hash": bytes(row["hash"]).hex(),
        "content": json.loads(bytes(row["content"])),
    }


def deadline_row(found: Deadline) -> dict[str, Any]:
    """A loaded period in the shape of the lists."""
    row = {name: getattr(found, column) for name, column in DEADLINE.items() if "__" not in column}
    return row | {"owner": found.owner.username if found.owner else None}


def document_row(found: Document) -> dict[str, Any]:
    """A loaded document in the shape of the lists."""
    file = found.given_file
    return {
        "uid": found.uid,
        "case": found.case.uid,
        "writ": found.writ,
        "number": found.number,
        "version": found.version,
        "party": found.party.uid if found.party else None,
        "event": found.event.uid,
        "made_on": found.made_on,
        "state": found.state,
        "pages": found.pages,
        "size": file.size if file else None,
        "sha256": file.sha256 if file else None,
    }


def proposals(person: Person, *, after: tuple[Any, ...] | None, size: int) -> Rows:
    """Open proposals the person may decide, oldest first."""
    mine = Q(pk__in=[])
    for duty, courts in person.duties.items():
        mine |= Q(duty=duty, court_id__in=courts)
    rows = Proposal.objects.filter(mine, state=ProposalState.OPEN, case__in=Case.objects.visible_to(person))
    rows = rows.exclude(proposed_by=person)
    if after is not None:
        at, pk = after
        rows = rows.filter(Q(proposed_at__gt=at) | Q(proposed_at=at, pk__gt=pk))
    return _page(rows.order_by("proposed_at", "pk"), PROPOSAL, ("proposed_at", "pk"), size)


def proposal_row(person: Person, uid: UUID) -> dict[str, Any]:
    """One proposal on a visible case, whoever may decide it. Raises ``OutOfSight``."""
    rows = Proposal.objects.filter(uid=uid, case__in=Case.objects.visible_to(person))
    found = rows.values_list(*PROPOSAL.values()).first()
    if found is None:
        raise OutOfSight
    return dict(zip(PROPOSAL, found, strict=True))


def court_named(person: Person, code: str) -> Court:
    """A court where the person holds a duty. Raises ``OutOfSight``."""
    held: Iterable[int] = set().union(*person.duties.values())
    found = Court.objects.filter(code=code, pk__in=held).select_related("parent__parent").first()
    if found is None:
        raise OutOfSight
    return found


# --- jobs -----------------------------------------------------------------------------------------
JOB = {
    "uid": "uid",
    "kind": "kind",
    "act": "act",
    "court": "court__code",
    "state": "state",
    "created_at": "created_at",
    "started_at": "started_at",
    "ended_at": "ended_at",
    "total": "total",
}
JOB_ROW = {
    "position": "position",
    "source_row": "source_row",
    "state": "state",
    "label": "label",
    "errors": "errors",
    "warnings": "warnings",
    "result": "result",
    "case": "case__uid",
}


def jobs(person: Person, *, after: tuple[Any, ...] | None, size: int) -> Rows:
    """The person's own jobs, newest first."""
    rows = Job.objects.filter(owner=person)
    if after is not None:
        rows = rows.filter(pk__lt=after[0])
    return _page(rows.order_by("-pk"), JOB, ("pk",), size)


def job(person: Person, uid: UUID) -> Job:
    """One of the person's own jobs. Raises ``OutOfSight``."""
    found = Job.objects.filter(uid=uid, owner=person).select_related("court").first()
    if found is None:
        raise OutOfSight
    return found


def job_row(found: Job) -> dict[str, Any]:
    """A loaded job in the shape of the list."""
    row = {name: getattr(found, column) for name, column in JOB.items() if "__" not in column}
    return row | {"court": found.court.code}


def rows_of_job(of: Job, state: str, *, after: tuple[Any, ...] | None, size: int) -> Rows:
    """Rows of a job in the order of its sheet, of one state or of all."""
    rows = JobRow.objects.filter(job=of)
    if state:
        rows = rows.filter(state=state)
    if after is not None:
        rows = rows.filter(position__gt=after[0])
    return _page(rows.order_by("position"), JOB_ROW, ("position",), size)
