"""What must always be true, asked as queries: rows that a query finds are wrong, and the sentence says how.

Checked daily (``enforcement.daily``), by the tests and by the operator's health page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from enforcement.models import (
    Case,
    Deadline,
    DeadlineKind,
    DeadlineState,
    Document,
    DocumentState,
    Entry,
    Measure,
    MeasureState,
    Message,
    MessageState,
    Stage,
)
from law import clock

RENDER_PATIENCE = timedelta(hours=1)


@dataclass(frozen=True)
class Invariant:
    """A query that must find nothing, and what it means when it does."""

    code: str
    sentence: Any
    broken: Callable[[], QuerySet[Any]]


def stuck_cases() -> QuerySet[Case]:
    """Open cases for which nobody has anything to do and nothing is waited for."""
    running = Deadline.objects.filter(
        case=OuterRef("pk"),
        state=DeadlineState.OPEN,
        kind__in=[DeadlineKind.TASK, DeadlineKind.WAIT],
    )
    return Case.objects.exclude(stage=Stage.CLOSED).filter(~Exists(running))


def lapsing_measures() -> QuerySet[Measure]:
    """Measures whose term ran out in silence: no renewal, no release, no signed reason to let them lapse."""
    return Measure.objects.filter(
        state__in=[MeasureState.IN_FORCE, MeasureState.WAITING],
        during__endswith__lte=clock.today(),
        lapse_reason="",
    )


def unwatched_measures() -> QuerySet[Measure]:
    """Live measures without a running term that would warn before they end, save those left to lapse with a
    signed reason."""
    term = Deadline.objects.filter(
        subject=OuterRef("uid"), case=OuterRef("case"), kind=DeadlineKind.TERM, state=DeadlineState.OPEN
    )
    return Measure.objects.filter(
        state__in=[MeasureState.IN_FORCE, MeasureState.WAITING],
        during__endswith__gt=clock.today(),
        lapse_reason="",
    ).filter(~Exists(term))


def unbalanced_entries() -> QuerySet[Entry]:
    """Entries whose lines do not sum to 0, or that have fewer than two."""
    return Entry.objects.annotate(
        sides=Count("lines"), total=Sum("lines__amount", default=Decimal("0.00"))
    ).filter(~Q(total=0) | Q(sides__lt=2))


def measures_on_closed_cases() -> QuerySet[Measure]:
    """Measures in force on a case that was performed in full: no restriction outlives its purpose."""
    return Measure.objects.filter(
        state=MeasureState.IN_FORCE, case__stage=Stage.CLOSED, case__closing_code__startswith="done"
    )


def overpaid_cases() -> QuerySet[Case]:
    """Cases that paid out more than they received."""
    return Case.objects.filter(paid_out__gt=F("received"))


def parked_messages() -> QuerySet[Message]:
    """Messages that were given up and wait for a person."""
    return Message.objects.filter(state=MessageState.PARKED)


def unmade_documents() -> QuerySet[Document]:
    """Writs without a PDF an hour after the act, or that could not be made."""
    return Document.objects.filter(
        Q(state=DocumentState.FAILED)
        | Q(state=DocumentState.WAITING, event__at__lt=clock.now() - RENDER_PATIENCE)
    )


INVARIANTS = (
    Invariant(
        "stuck-cases", _("Open cases with no task and no wait: nobody will look at them."), stuck_cases
    ),
    Invariant(
        "lapsing-measures",
        _("Measures that ended without a renewal, a release or a reason."),
        lapsing_measures,
    ),
    Invariant("unwatched-measures", _("Measures in force without a term that warns."), unwatched_measures),
    Invariant("unbalanced-entries", _("Entries of case money that do not balance."), unbalanced_entries),
    Invariant(
        "measures-on-closed-cases",
        _("Measures in force on cases performed in full."),
        measures_on_closed_cases,
    ),
    Invariant("overpaid-cases", _("Cases that paid out more than they received."), overpaid_cases),
    Invariant(
        "parked-messages", _("Messages that could not be delivered and wait for a person."), parked_messages
    ),
    Invariant("unmade-documents", _("Documents that could not be made in an hour."), unmade_documents),
)


def broken() -> dict[str, int]:
    """How many rows break each invariant; empty if everything holds."""
    counts = {each.code: each.broken().count() for each in INVARIANTS}
    return {code: count for code, count in counts.items() if count}
