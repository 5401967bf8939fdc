"""What acts of this room share: requests are issued in one way, and agencies act only on what was addressed
to them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext

from directory.models import Agency, Court, Duty, Person
from enforcement.engine import Act, ActInput, OfCase, Refused
from enforcement.engine.history import mask
from enforcement.models import Asset, Case, DeadlineKind, Document, Measure, Message, Party, PartyKind, Stage
from law import linkage
from law.citations import CPL, NETWORK_FREEZE, SEIZURE_RULES
from linkage.models import (
    PRIORITY_OF,
    Dispatch,
    DispatchKind,
    Lift,
    MatterAnswered,
    Priority,
    Request,
    RequestDocument,
)

AGENCY_DUTIES = frozenset({Duty.AGENCY_OPERATOR, Duty.AGENCY_REVIEWER})
ANSWER_RULE = "linkage.answer"
ONE_DAY = timedelta(days=1)


@dataclass
class Draft:
    """A request before it is issued. ``facts`` are what the matter demands besides case, person, writ, amount
    and term; personal values in it are masked in history and sealed in full. ``amount`` in CNY."""

    matter: linkage.Matter
    agency: Agency
    party: Party | None = None
    asset: Asset | None = None
    measure: Measure | None = None
    amount: Any = None
    first: date | None = None
    last: date | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    undoes: Request | None = None
    lift: Lift | None = None
    days: int | None = None
    # Who asked and who decided, where that is not whoever acts.
    requested_by: Person | None = None
    decided_by: Person | None = None


def draw_numbers(count: int) -> list[int]:
    """Ids of requests about to be made, each given once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('linkage_request', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def refuse_incomplete(draft: Draft, *, writ_follows: bool = False) -> None:
    """Raise ``Refused`` if a request lacks what its matter demands, or nobody identified its person.

    ``writ_follows`` while it is only proposed: the decision makes the writ.
    """
    matter, party = draft.matter, draft.party
    missing: list[str] = []
    if "P" in matter.carries and party is None:
        missing.append(gettext("the person it is about"))
    if "A" in matter.carries and draft.amount is None:
        missing.append(gettext("an amount"))
    if "T" in matter.carries and draft.last is None:
        missing.append(gettext("a term"))
    if "W" in matter.carries and not draft.documents and not writ_follows:
        missing.append(gettext("the writ that orders it"))
    missing += [
        one.label("en")
        for one in matter.request_fields
        if one.required and draft.facts.get(one.name) in (None, "")
    ]
    if missing:
        raise Refused(
            gettext("“%(matter)s” can't be issued without: %(missing)s.")
            % {"matter": matter.name("en"), "missing": ", ".join(missing)},
            (CPL.art(253), NETWORK_FREEZE.art(3)),
            code="incomplete",
        )
    identified = (
        party is None or party.kind not in {PartyKind.PERSON, PartyKind.COMPANY} or party.identity_index
    )
    if not identified:
        assert party is not None
        raise Refused(
            gettext(
                "No order about %(name)s may leave without a checked identity number or credit code,"
                " because others bear the same name. Add it to the party first."
            )
            % {"name": party.name},
            SEIZURE_RULES.art(2),
            code="identity-missing",
        )


def person_block(party: Party, *, masked: bool) -> dict[str, Any]:
    """The block ``@P``: kind, name, and number of the identity document or credit code."""
    number = party.identity_number
    return {
        "kind": party.kind,
        "name": party.name,
        "name_bo": party.name_bo,
        "identity_number": mask("identity", number) if masked and number else number,
    }


def issue(act: Act, case: Case, drafts: Iterable[Draft]) -> list[Request]:
    """Issue requests of one act: the rows, what each agency is told, the dated waits for the answers.

    Everything is written in a handful of statements, however many requests there are.
    Raises ``Refused`` for the first that lacks what its matter demands; then none is issued.
    """
    drafts = list(drafts)
    clocks = _clocks(drafts)
    for draft in drafts:
        refuse_incomplete(draft)
    requests = [
        _request(act, case, draft, pk, clocks.get((draft.agency.pk, draft.matter.code)))
        for draft, pk in zip(drafts, draw_numbers(len(drafts)), strict=True)
    ]
    Request.objects.bulk_create(requests, batch_size=1000)
    RequestDocument.objects.bulk_create(
        [
            RequestDocument(case=case, request=request, document=document)
            for request, draft in zip(requests, drafts, strict=True)
            for document in draft.documents
        ],
        batch_size=1000,
    )
    tell(act, case, requests, DispatchKind.ISSUED)
    return requests


def _clocks(drafts: list[Draft]) -> dict[tuple[int, str], int | None]:
    """Clocks that agreements set, by agency and matter."""
    rows = MatterAnswered.objects.filter(
        agency__in={draft.agency.pk for draft in drafts}, matter__in={draft.matter.code for draft in drafts}
    )
    return {(row.agency_id, row.matter): row.days for row in rows}


def _request(act: Act, case: Case, draft: Draft, pk: int, days: int | None) -> Request:
    matter = draft.matter
    deadline = act.effects.open_deadline(
        case,
        ANSWER_RULE,
        kind=DeadlineKind.WAIT,
        length=draft.days or days or matter.days,
        duty=Duty.IMPLEMENTER,
        act="request.remind",
        label=f"{matter.name_zh} · {draft.agency.name}"[:160],
        reason=gettext("Waits for the agency's answer"),
    )
    request = Request(
        pk=pk,
        case=case,
        number=f"R-{act.day.year}-{pk:06d}",
        matter_code=matter.code,
        agency=draft.agency,
        party=draft.party,
        asset=draft.asset,
        measure=draft.measure,
        undoes=draft.undoes,
        lift=draft.lift,
        priority=Priority.LIFT if draft.lift else PRIORITY_OF.get(matter.request_kind, Priority.OTHER),
        amount=draft.amount,
        term=DateRange(draft.first or act.day, draft.last + ONE_DAY) if draft.last else None,
        facts=_facts(draft, masked=True),
        basis=matter.basis[:300],
        ordered_by_id=act.effects.event_id,
        requested_by=draft.requested_by or act.run.proposer or act.actor,
        decided_by=draft.decided_by or (act.actor if act.run.proposer is not None else None),
        issued_at=act.at,
        due_on=deadline.due_on,
    )
    request.full_facts = json.dumps(_facts(draft, masked=False), ensure_ascii=False)
    deadline.subject = request.uid
    return request


def _facts(draft: Draft, *, masked: bool) -> dict[str, Any]:
    """What the request says, as it is sent (or, masked, as it is shown)."""
    shown = {
        one.name: _value(one, draft.facts[one.name], masked=masked)
        for one in draft.matter.request_fields
        if draft.facts.get(one.name) not in (None, "")
    }
    if draft.party is not None:
        shown["person"] = person_block(draft.party, masked=masked)
    return shown


def _value(one: linkage.MatterField, value: Any, *, masked: bool) -> Any:
    if masked and one.kind in {linkage.FieldKind.ACCOUNT, linkage.FieldKind.IDENTITY}:
        return mask(one.kind.value, str(value))
    if one.kind is linkage.FieldKind.GROUP and isinstance(value, Mapping):
        return {
            inner.name: _value(inner, value[inner.name], masked=masked)
            for inner in one.fields
            if value.get(inner.name) not in (None, "")
        }
    return value if isinstance(value, bool | int) else str(value)


def tell(act: Act, case: Case, requests: Iterable[Request], kind: DispatchKind, note: str = "") -> None:
    """Put what agencies are told into the outbox, one message for each request, in the order of acts."""
    requests = list(requests)
    messages = [
        Message(
            event_id=act.effects.event_id,
            case=case,
            kind="dispatch",
            recipient=request.agency.code,
            body={"request": str(request.uid), "kind": kind.value},
            created_at=act.at,
            due_at=act.at,
        )
        for request in requests
    ]
    act.effects.post(messages)
    Dispatch.objects.bulk_create(
        [
            Dispatch(
                agency_id=request.agency_id,
                request=request,
                case=case,
                kind=kind,
                note=note,
                event_id=act.effects.event_id,
                message=message,
                at=act.at,
            )
            for request, message in zip(requests, messages, strict=True)
        ],
        batch_size=1000,
    )


def addressed_to(person: Person, duties: Iterable[Duty] = AGENCY_DUTIES) -> set[int]:
    """Ids of the agencies whose requests somebody may work on."""
    held = person.agency_duties
    return set().union(*(held.get(duty, set()) for duty in duties)) if held else set()


class RequestInput(ActInput):
    """Which request it is about."""

    request = OfCase("requests")


class AgencyAct(Act):
    """An act of an agency on one request addressed to it; the rest of the case stays out of its sight."""

    group = "linkage"
    by = AGENCY_DUTIES
    needs_assignment = False
    offered_as_step = False
    # A holder answers, and lifts, after the case has closed as well.
    stages = frozenset(Stage)
    Input = RequestInput

    @classmethod
    def admits(cls, case: Case | None, court: Court, actor: Person, data: Mapping[str, Any]) -> Duty | None:
        request = _named(case, data)
        if request is None:
            return None
        held = actor.agency_duties
        return next((duty for duty in sorted(cls.by) if request.agency_id in held.get(duty, set())), None)


def _named(case: Case | None, data: Mapping[str, Any]) -> Request | None:
    try:
        uid = UUID(str(data.get("request", "")))
    except ValueError:
        return None
    return Request.objects.filter(case=case, uid=uid).only("agency_id").first()


def refuse_settled(request: Request) -> None:
    """Raise ``Refused`` for a request that waits for nothing any more."""
    if not request.is_waiting:
        raise Refused(
            gettext("Request %(number)s is settled (%(state)s); nothing is expected of it.")
            % {"number": request.number, "state": request.get_state_display()},
            NETWORK_FREEZE.art(4),
            field="request",
            code="settled",
        )
