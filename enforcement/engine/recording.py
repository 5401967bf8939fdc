"""What a run leaves behind: its event at the head of the chain, the parts people took, work for later."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from copy import copy
from functools import partial
from typing import Any

from django.db import transaction

from directory.models import CLASS_OF, Duty
from enforcement.engine.act import Act, ActInput, Run
from enforcement.engine.history import canonical, chain_hash, digest, plain
from enforcement.models import Assignment, Case, Event, Phase

# What an act may change on the case itself; the event's trigger moves the chain's head and ``updated_at``.
CASE_COLUMNS = (
    "stage",
    "implementer_id",
    "claim",
    "received",
    "paid_out",
    "applicant_names",
    "debtor_names",
    "search_terms",
    "closed_on",
    "closing_code",
)


def case_columns(case: Case | None) -> dict[str, Any]:
    """The columns of the case that an act may change, as they stand."""
    return {} if case is None else {name: copy(getattr(case, name)) for name in CASE_COLUMNS}


def record_part(run: Run) -> None:
    """Whoever acts in one of the separated powers has taken part in it, for good."""
    duty_class = CLASS_OF.get(run.duty)
    if run.case is None or duty_class is None or run.duty == Duty.IMPLEMENTER:
        return
    Assignment.objects.get_or_create(
        case=run.case,
        person=run.actor,
        duty=run.duty,
        until=None,
        defaults={"duty_class": duty_class, "since": run.day},
    )


def append(
    instance: Act,
    run: Run,
    event_uid: uuid.UUID,
    phase: Phase,
    written: Any,
    outcome: dict[str, Any],
    input_hash: bytes,
) -> Event:
    """Write the event of a run behind the last one of its case or register."""
    holder: Any = run.case if run.case is not None else run.register
    seq = holder.event_count + 1
    previous = bytes(holder.head_hash)
    body = canonical(
        {
            "uid": str(event_uid),
            "chain": str(run.case.uid) if run.case is not None else f"court:{run.court.code}",
            "seq": seq,
            "at": plain(run.at),
            "actor": run.actor.username,
            "duty": run.duty.value,
            "proposed_by": run.proposer.username if run.proposer else None,
            "act": instance.code,
            "phase": phase.value,
            "key": run.key,
            "basis": instance.codes_of_basis(),
            "input": written,
            "input_hash": input_hash.hex(),
            "outcome": outcome,
            "documents": [
                {
                    "uid": str(document.uid),
                    "writ": document.writ,
                    "number": document.number,
                    "data": digest(document.data).hex(),
                }
                for document in run.effects.documents
            ],
        }
    )
    event = Event(
        id=run.effects.event_id,
        uid=event_uid,
        case=run.case,
        register=run.register if run.case is None else None,
        seq=seq,
        at=run.at,
        actor=run.actor,
        act=instance.code,
        phase=phase,
        body=body,
        prev_hash=previous,
        hash=chain_hash(previous, body),
        idempotency_key=run.key,
        input_hash=input_hash,
    )
    event.save(force_insert=True)
    holder.event_count, holder.head_hash = seq, event.hash
    if run.case is not None:
        run.case.updated_at = run.at
    return event


def flush(run: Run) -> None:
    """Write the effects; the workers are woken when the transaction has committed."""
    kinds = run.effects.flush()
    if kinds:
        from enforcement.tasks import ring

        transaction.on_commit(partial(ring, kinds))


def raw_input(data: Mapping[str, Any]) -> dict[str, Any]:
    """The input as it came, in comparable form (a browser's form and a JSON body alike)."""
    raw: dict[str, Any] = {}
    for name in data:
        value = data.getlist(name) if hasattr(data, "getlist") else data[name]
        if name in ActInput.CONTROL_KEYS:
            continue
        if hasattr(value, "read") or isinstance(value, list) and any(hasattr(one, "read") for one in value):
            files = value if isinstance(value, list) else [value]
            value = [f"{file.name}|{file.size}" for file in files]
        raw[name] = value
    return raw
