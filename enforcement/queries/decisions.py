"""Proposals that await a person's decision (待我审批)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from directory.models import Person
from enforcement.engine import OutOfSight, act_named
from enforcement.models import Case, Proposal, ProposalState
from enforcement.queries import words

MOST = 100


@dataclass
class Pending:
    """A proposal as the inbox shows it."""

    proposal: Proposal
    title: str
    sentence: str
    coercive: bool


def _inbox(person: Person) -> QuerySet[Proposal]:
    """Open proposals for duties the person holds at that court; never one's own (四眼)."""
    mine = Q(pk__in=[])
    for duty, courts in person.duties.items():
        mine |= Q(duty=duty, court_id__in=sorted(courts))
    return (
        Proposal.objects.filter(mine, state=ProposalState.OPEN, case__in=Case.objects.visible_to(person))
        .exclude(proposed_by=person)
        .order_by("proposed_at", "pk")
    )


def summary(proposal: Proposal) -> str:
    """What is asked for, as a sentence."""
    try:
        act = act_named(proposal.act)
    except KeyError:
        return proposal.act
    values: dict[str, Any] = {**proposal.input, **proposal.summary}
    return words.sentence(act.summary, values) if proposal.summary else str(act.title)


def _pending(proposal: Proposal) -> Pending:
    return Pending(
        proposal, words.act_title(proposal.act), summary(proposal), bool(act_named(proposal.act).affects)
    )


def inbox(person: Person) -> list[Pending]:
    """What awaits the person's decision, oldest first, at most 100; releases before everything else, however
    many older proposals there are."""
    rows = _inbox(person).select_related("case", "proposed_by").defer("case__search_terms")
    lifts = ExpressionWrapper(Q(act__contains="release"), output_field=BooleanField())
    return [_pending(row) for row in rows.order_by(lifts.desc(), "proposed_at", "pk")[:MOST]]


def waiting_count(person: Person) -> int:
    """How many proposals await the person, at most 100."""
    return _inbox(person).order_by()[:MOST].count()


def proposal(person: Person, uid: UUID) -> Proposal:
    """A proposal on a case the person sees, whatever became of it. Raises ``OutOfSight``."""
    found = (
        Proposal.objects.filter(uid=uid, case__in=Case.objects.visible_to(person))
        .select_related("case", "proposed_by", "decided_by")
        .first()
    )
    if found is None:
        raise OutOfSight
    return found


def may_decide(person: Person, of: Proposal) -> bool:
    """Whether the inbox of the person holds this proposal."""
    return (
        of.state == ProposalState.OPEN
        and of.proposed_by_id != person.pk
        and any(duty == of.duty and of.court_id in courts for duty, courts in person.duties.items())
    )
