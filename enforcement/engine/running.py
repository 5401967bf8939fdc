"""Doing, proposing and deciding acts: one transaction, the case row locked, nothing half-done.

The order of checks is: visible, duty, separation, stage, input, the act's own check.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from directory.models import Court, Duty, Person
from enforcement.engine import opening
from enforcement.engine.act import Act, Run, act_named
from enforcement.engine.admission import (
    admitted_duty,
    begin,
    check,
    check_stage,
    checked_input,
    fresh,
    open_subject,
)
from enforcement.engine.history import digest, input_commitment, plain, recorded
from enforcement.engine.recording import append, case_columns, flush, raw_input, record_part
from enforcement.engine.refusal import Conflict, Refused
from enforcement.models import (
    Case,
    Event,
    Phase,
    Proposal,
    ProposalState,
)
from law.citations import DECISION_2011

_reactions: dict[str, list[Callable[[Run, dict[str, Any]], None]]] = defaultdict(list)


def on(code: str) -> Callable[[Callable[[Run, dict[str, Any]], None]], Callable[[Run, dict[str, Any]], None]]:
    """Subscribe to an act by its code: called with the run and the outcome, in the same transaction."""

    def subscribe(
        reaction: Callable[[Run, dict[str, Any]], None],
    ) -> Callable[[Run, dict[str, Any]], None]:
        _reactions[code].append(reaction)
        return reaction

    return subscribe


@dataclass
class Result:
    """What came of it: the event, the case, the proposal if a decision is awaited, and whether this was a
    repetition of something already done."""

    event: Event
    case: Case | None
    outcome: dict[str, Any] = field(default_factory=dict)
    proposal: Proposal | None = None
    replayed: bool = False
    revealed: str = field(default="", repr=False)  # a sealed value opened by the act; shown once


def submit(
    act: type[Act],
    subject: Case | Court,
    actor: Person,
    data: Mapping[str, Any],
    *,
    key: str | None = None,
    seen: int | None = None,
) -> Result:
    """Do the act, or propose it where somebody else must decide. Raises as ``do``.

    ``seen`` is the number of events the person had seen on the case; ``Conflict`` if there are more now.
    """
    return _perform(act, subject, actor, data, key=key, propose="if needed", seen=seen)


def do(
    act: type[Act], subject: Case | Court, actor: Person, data: Mapping[str, Any], *, key: str | None = None
) -> Result:
    """Perform an act now.

    Raises ``OutOfSight``, ``Refused`` (a rule forbids it, also: it needs a decision),
    ``rest_framework.exceptions.ValidationError`` (the input is wrong), ``Conflict`` (the key was used for
    something else).
    """
    return _perform(act, subject, actor, data, key=key, propose="never")


def propose(
    act: type[Act], case: Case, actor: Person, data: Mapping[str, Any], *, key: str | None = None
) -> Result:
    """Store the act for another person's decision. Raises as ``do``."""
    return _perform(act, case, actor, data, key=key, propose="always")


def _perform(
    act: type[Act],
    subject: Case | Court,
    actor: Person,
    data: Mapping[str, Any],
    *,
    key: str | None,
    propose: str,
    seen: int | None = None,
) -> Result:
    event_uid = uuid.uuid4()
    actor = fresh(actor)
    try:
        with transaction.atomic():
            opened = open_subject(act, subject, actor, event_uid, key, data)
            if opened.earlier is not None:
                return _replay(opened.earlier, act, data)
            if seen is not None and opened.case is not None and opened.case.event_count != seen:
                raise Conflict(
                    _("Somebody acted on this case meanwhile. Look at what changed."), code="stale"
                )
            duty = admitted_duty(act, opened, actor, act.by)
            run = begin(opened, actor, duty, key)
            instance = act(run)
            # Stage before input: a form for something that can't happen now is not worth correcting.
            check_stage(act, run.case)
            serializer, valid = checked_input(act, run, data)
            check(instance, run.case, valid)
            decider = instance.decider(run.case, valid)
            if decider is not None and propose != "never":
                return _propose(instance, run, event_uid, serializer, valid, data, decider)
            if decider is not None:
                raise Refused(
                    _("“%(act)s” must be proposed and decided by another person (%(duty)s).")
                    % {"act": act.title, "duty": decider.label},
                    act.basis,
                    code="needs-decision",
                )
            return _finish(instance, run, event_uid, serializer, valid, data)
    except IntegrityError as error:
        if key is not None and "a_key_has_one_effect" in str(error):
            # Two requests with one key at the same time: the other one won, give its result.
            with transaction.atomic():
                event = Event.objects.get(actor=actor, idempotency_key=key)
                return _replay(event.uid, act, data)
        raise


def decide(
    proposal: Proposal, actor: Person, *, approve: bool, reason: str = "", key: str | None = None
) -> Result:
    """Decide a proposal as another person than its proposer; approval performs the act at once.

    Raises as ``do``. A rejection needs a reason.
    """
    act = act_named(proposal.act)
    event_uid = uuid.uuid4()
    actor = fresh(actor)
    request = {"proposal": str(proposal.uid), "approve": approve, "reason": reason}
    with transaction.atomic():
        opened = opening.open_case(proposal.case_id, actor, event_uid, key)
        if opened.earlier is not None:
            return _replay(opened.earlier, act, request)
        proposal = (
            Proposal.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=proposal.pk)
        )
        if proposal.state != ProposalState.OPEN:
            raise Conflict(_("This proposal was decided already."), code="already-decided")
        if proposal.proposed_by_id == actor.pk:
            raise Refused(
                _("Whoever proposes an act can't decide it; another person must."),
                DECISION_2011.art("三"),
                code="four-eyes",
            )
        duty = admitted_duty(act, opened, actor, frozenset({Duty(proposal.duty)}))
        run = begin(opened, actor, duty, key, proposer=proposal.proposed_by)
        instance = act(run)
        if not approve:
            if not reason.strip():
                raise ValidationError({"reason": [_("Say why it is not approved.")]})
            event = append(
                instance,
                run,
                event_uid,
                Phase.REJECTED,
                {"proposal": str(proposal.uid), "reason": reason},
                {"proposed_by": proposal.proposed_by.name, "reason": reason},
                input_commitment(plain(request)),
            )
            _close(proposal, run, ProposalState.REJECTED, reason)
            run.effects.notify(
                [proposal.proposed_by], "proposal.rejected", case=run.case, tone="bad", act=act.code
            )
            flush(run)
            return Result(event, run.case, {}, proposal)
        check_stage(act, run.case)
        serializer, valid = checked_input(act, run, proposal.input)
        check(instance, run.case, valid)
        result = _finish(
            instance, run, event_uid, serializer, valid, request, proposal=proposal, reason=reason
        )
        return result


def withdraw(proposal: Proposal, actor: Person) -> Proposal:
    """Take back one's own open proposal. Raises ``Refused``."""
    with transaction.atomic():
        opening.open_case(proposal.case_id, fresh(actor), uuid.uuid4(), None)
        proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
        if proposal.state != ProposalState.OPEN or proposal.proposed_by_id != actor.pk:
            raise Refused(
                _("Only its proposer can take back an undecided proposal."), DECISION_2011.art("三")
            )
        proposal.state = ProposalState.WITHDRAWN
        proposal.save(update_fields=["state"])
        return proposal


# --- steps of a run -------------------------------------------------------------------------------
def _replay(event_uid: uuid.UUID, act: type[Act], data: Mapping[str, Any]) -> Result:
    event = Event.objects.select_related("case").get(uid=event_uid)
    if event.act != act.code or not _same_input(event, plain(raw_input(data))):
        raise Conflict(
            _("This key was already used for something else. Use a new key for a new act."),
            code="key-reused",
        )
    proposal = None
    if event.phase == Phase.PROPOSED:
        proposal = Proposal.objects.filter(proposed_event=event).first()
    return Result(event, event.case, event.outcome, proposal, replayed=True)


def _same_input(event: Event, asked: Any) -> bool:
    """Whether an event came of this input. Events from before the body held its commitment kept a plain
    hash in the column."""
    known = bytes(event.input_hash)
    if "input_hash" in event.content:
        return known == input_commitment(asked)
    return known == digest(asked)


def _propose(
    instance: Act,
    run: Run,
    event_uid: uuid.UUID,
    serializer: Any,
    valid: dict[str, Any],
    data: Mapping[str, Any],
    decider: Duty,
) -> Result:
    assert run.case is not None
    written = recorded(serializer, valid)
    event = append(
        instance,
        run,
        event_uid,
        Phase.PROPOSED,
        written,
        {"decider": decider.value},
        input_commitment(plain(raw_input(data))),
    )
    with translation.override("en"):
        summary = plain(instance.propose_summary(run.case, valid))
    proposal = Proposal.objects.create(
        case=run.case,
        court_id=run.case.court_id,
        act=instance.code,
        input=written,
        summary=summary,
        duty=decider,
        proposed_by=run.actor,
        proposed_at=run.at,
        proposed_event=event,
    )
    record_part(run)
    flush(run)
    return Result(event, run.case, {}, proposal)


def _finish(
    instance: Act,
    run: Run,
    event_uid: uuid.UUID,
    serializer: Any,
    valid: dict[str, Any],
    data: Mapping[str, Any],
    *,
    proposal: Proposal | None = None,
    reason: str = "",
) -> Result:
    written = recorded(serializer, valid)
    record_part(run)
    before = case_columns(run.case)
    # History keeps words in one language; pages show them in their reader's.
    with translation.override("en"):
        outcome = plain(instance.perform(run.case, valid))
    if proposal is not None:
        outcome |= {"proposed_by": proposal.proposed_by.name, "decided_by": run.actor.name}
        if reason:
            outcome["reason"] = reason
    for reaction in _reactions[instance.code]:
        reaction(run, outcome)
    if run.case is not None and not instance.opens_case:
        changed = [name for name, value in case_columns(run.case).items() if value != before[name]]
        if changed:
            run.case.save(force_update=True, update_fields=changed)
    event = append(
        instance, run, event_uid, Phase.DONE, written, outcome, input_commitment(plain(raw_input(data)))
    )
    if proposal is not None:
        _close(proposal, run, ProposalState.APPROVED, reason)
        if proposal.proposed_by_id != run.actor.pk:
            run.effects.notify(
                [proposal.proposed_by], "proposal.approved", case=run.case, tone="in", act=instance.code
            )
    flush(run)
    return Result(event, run.case, outcome, proposal, revealed=run.revealed)


def _close(proposal: Proposal, run: Run, state: ProposalState, reason: str) -> None:
    proposal.state = state
    proposal.decided_by = run.actor
    proposal.decided_at = run.at
    proposal.decided_event_id = run.effects.event_id
    proposal.reason = reason
    proposal.save(update_fields=["state", "decided_by", "decided_at", "decided_event", "reason"])
