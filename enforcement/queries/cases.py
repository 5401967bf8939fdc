"""Lists of cases, and one case with all that belongs to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q

from directory.models import COURT_DUTIES, Court, CourtLevel, Duty, DutyHolding, Person
from enforcement.engine import OutOfSight
from enforcement.models import (
    Assignment,
    Case,
    Deadline,
    DeadlineKind,
    DeadlineState,
    Document,
    Measure,
    PlanLine,
    Proposal,
)
from enforcement.queries import case_filters

PAGE = 50


@dataclass
class CasePage:
    """One page of cases, newest first; a cursor is ``None`` where there is no more."""

    cases: list[Case] = field(default_factory=list)
    before: str | None = None
    after: str | None = None


class BadCursor(ValueError):
    """A page address that this list did not give out."""


def cursor_of(case: Case) -> str:
    """The place of a case in the order of lists."""
    return f"{case.filed_on.isoformat()}.{case.pk}"


def read_cursor(text: str) -> tuple[date, int]:
    """The place a cursor names. Raises :class:`BadCursor`."""
    day, _dot, key = text.partition(".")
    try:
        return date.fromisoformat(day), int(key)
    except ValueError:
        raise BadCursor(text) from None


def listed(person: Person, values: dict[str, Any] | None = None, *, size: int = PAGE) -> CasePage:
    """A page of the cases a person sees, filtered; ``values`` are validated ``CaseFilters``.

    Pages by keyset on (filed_on, id), in both directions. Each case gets ``next_deadline``.
    Raises :class:`BadCursor`.
    """
    values = values or {}
    cases = Case.objects.visible_to(person).select_related("implementer", "court").defer("search_terms")
    cases = case_filters.apply(cases, values, person)
    backwards = bool(values.get("before"))
    if backwards:
        day, key = read_cursor(values["before"])
        newer = Q(filed_on__gt=day) | Q(filed_on=day, pk__gt=key)
        cases = cases.filter(newer, filed_on__gte=day).order_by("filed_on", "pk")
    else:
        if values.get("after"):
            day, key = read_cursor(values["after"])
            cases = cases.filter(Q(filed_on__lt=day) | Q(filed_on=day, pk__lt=key), filed_on__lte=day)
        cases = cases.order_by("-filed_on", "-pk")
    rows = list(cases[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    with_next_deadline(rows)
    page = CasePage(rows)
    if rows:
        page.after = cursor_of(rows[-1]) if more or backwards else None
        page.before = cursor_of(rows[0]) if (more if backwards else values.get("after")) else None
    return page


def with_next_deadline(cases: Iterable[Case]) -> None:
    """Put ``next_deadline`` on each case: what is due first there (``None`` if nothing is), in one query."""
    by_id = {case.pk: case for case in cases}
    rows = (
        Deadline.objects.filter(case__in=by_id, state=DeadlineState.OPEN)
        .exclude(kind=DeadlineKind.LIMIT)
        .order_by("case_id", "due_on", "pk")
        .distinct("case_id")
    )
    found = {deadline.case_id: deadline for deadline in rows} if by_id else {}
    for case in by_id.values():
        case.next_deadline = found.get(case.pk)  # type: ignore[attr-defined]


def courts_in_sight(person: Person) -> list[Court]:
    """The person's court and all below it: what a list can be narrowed to."""
    if person.court is None or not any(duty in COURT_DUTIES for duty in person.duties):
        return []
    own = person.court
    if own.level == CourtLevel.BASIC:
        return [own]
    return list(Court.objects.filter(Q(pk=own.pk) | Q(parent=own) | Q(parent__parent=own)).order_by("code"))


def officers_in_sight(court: Court | None) -> list[Person]:
    """Enforcement officers of one court today, by name."""
    holdings = DutyHolding.objects.live().filter(court=court, duty=Duty.IMPLEMENTER)
    return list(Person.objects.filter(pk__in=holdings.values("person_id")).order_by("name")) if court else []


def one(person: Person, uid: UUID) -> Case:
    """A case by its public id. Raises ``OutOfSight``."""
    case = (
        Case.objects.visible_to(person)
        .filter(uid=uid)
        .select_related("court__parent__parent", "implementer")
        .first()
    )
    if case is None:
        raise OutOfSight
    return case


def some(person: Person, uids: list[UUID]) -> list[Case]:
    """Cases by their public ids, in the order asked for. Raises ``OutOfSight`` if one of them is."""
    found = {
        case.uid: case
        for case in Case.objects.visible_to(person).filter(uid__in=uids).select_related("court")
    }
    missing = [uid for uid in uids if uid not in found]
    if missing:
        raise OutOfSight(str(missing[0]))
    return [found[uid] for uid in dict.fromkeys(uids)]


def workspace(person: Person, uid: UUID) -> Case:
    """One case with every relation that acts' ``ready`` and the case page read. Raises ``OutOfSight``.

    The number of queries is constant; rows refer to each other's loaded rows, so following
    ``measure.asset`` or ``service.document`` asks nothing more.
    """
    case = (
        Case.objects.visible_to(person)
        .filter(uid=uid)
        .select_related("court__parent__parent", "implementer", "title")
        .prefetch_related(
            "title_items",
            "parties",
            "assets",
            Prefetch("measures", Measure.objects.select_related("decided_by")),
            Prefetch("documents", Document.objects.select_related("file").defer("data")),
            "services",
            Prefetch("deadlines", Deadline.objects.select_related("owner")),
            "receipts",
            "balances",
            Prefetch("plans__lines", PlanLine.objects.order_by("position")),
            "payments",
            "objections",
            Prefetch("proposals", Proposal.objects.select_related("proposed_by")),
            Prefetch("assignments", Assignment.objects.select_related("person")),
            "recusals",
        )
        .first()
    )
    if case is None:
        raise OutOfSight
    _join(case)
    return case


def _join(case: Case) -> None:
    """Let loaded rows point at each other."""
    parties = {party.pk: party for party in case.parties.all()}
    assets = {asset.pk: asset for asset in case.assets.all()}
    documents = {document.pk: document for document in case.documents.all()}
    plans = {plan.pk: plan for plan in case.plans.all()}
    links: list[tuple[Iterable[Any], str, dict[int, Any]]] = [
        (assets.values(), "owner", parties),
        (case.measures.all(), "asset", assets),
        (case.measures.all(), "notice", documents),
        (documents.values(), "party", parties),
        (case.services.all(), "party", parties),
        (case.services.all(), "document", documents),
        (case.receipts.all(), "debtor", parties),
        (case.balances.all(), "party", parties),
        (case.payments.all(), "party", parties),
        (case.payments.all(), "plan", plans),
        (case.objections.all(), "party", parties),
        (case.objections.all(), "asset", assets),
        *((plan.lines.all(), "party", parties) for plan in plans.values()),
    ]
    for rows, name, known in links:
        for row in rows:
            key = getattr(row, f"{name}_id")
            if key in known:
                setattr(row, name, known[key])
