"""Whether a writ stands (效力状态): what a teller asks who holds it in hand.

Rooms above know more: they register a witness that says what became of a writ, or nothing. The witness that
says most against a writ is believed.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from enforcement.models import Document, Measure, MeasureState
from enforcement.writs.declarations import Numbering, writ_named
from law import clock


class State(enum.IntEnum):
    """What became of a writ; a higher one outweighs a lower one."""

    IN_FORCE = 0
    EXPIRED = 1
    SUPERSEDED = 2
    LIFTED = 3
    RECALLED = 4


@dataclass(frozen=True)
class Standing:
    """What became of a writ, and since when if a day is known."""

    state: State
    since: date | None = None

    @property
    def is_in_force(self) -> bool:
        return self.state is State.IN_FORCE


IN_FORCE = Standing(State.IN_FORCE)
Witness = Callable[[Document], Standing | None]
_witnesses: list[Witness] = []
# Writs that hold something for a term; one that lets go of it stays what it is.
CONTROL = frozenset(
    {
        "ruling.freeze",
        "ruling.seal",
        "ruling.renew",
        "notice.assist",
        "notice.assist-freeze",
        "notice.assist-renew",
        "notice.assist-seal",
        "notice.assist-equity",
        "notice.assist-restrict",
    }
)


def witness(known: Witness) -> Witness:
    """Let a room say what became of writs: ``@standing.witness``."""
    _witnesses.append(known)
    return known


def standing_of(document: Document) -> Standing:
    """What became of a writ, by everybody who knows."""
    said = (known(document) for known in _witnesses)
    return max((one for one in said if one is not None), key=lambda one: one.state, default=IN_FORCE)


def _holds_something(document: Document) -> bool:
    return document.writ in CONTROL and document.data.get("action") != "release"


@witness
def _newer_version(document: Document) -> Standing | None:
    """A writ to a party, or about the whole case, is replaced by its next version. Notices to agencies are
    counted in one row, though each is about something else."""
    kind = writ_named(document.writ)
    if kind.numbering is not Numbering.CASE or document.writ.startswith(("notice.assist", "certificate.")):
        return None
    addressee = Q(party=None) if document.party_id is None else Q(party_id=document.party_id)
    newer = (
        Document.objects.filter(
            addressee,
            case_id=document.case_id,
            writ=document.writ,
            number=document.number,
            version__gt=document.version,
        )
        .order_by("version")
        .values_list("made_on", flat=True)
        .first()
    )
    return Standing(State.SUPERSEDED, newer) if newer is not None else None


@witness
def _term(document: Document) -> Standing | None:
    """The last day the writ itself names has passed; a renewal is a writ of its own."""
    if not _holds_something(document):
        return None
    last = document.data.get("until") or document.data.get("measure", {}).get("until")
    if not last:
        return None
    day = date.fromisoformat(last["iso"])
    return Standing(State.EXPIRED, day) if day < clock.today() else None


@witness
def _measures(document: Document) -> Standing | None:
    """All that the writ held has been let go, or its effect has lapsed."""
    if not _holds_something(document):
        return None
    measures = list(
        Measure.objects.filter(
            Q(ordered_by_id=document.event_id) | Q(notice__event_id=document.event_id),
            case_id=document.case_id,
        )
    )
    if not measures or any(one.is_live for one in measures):
        return None
    released = [one.released_on for one in measures if one.released_on is not None]
    if any(one.state == MeasureState.RELEASED for one in measures):
        return Standing(State.LIFTED, max(released, default=None))
    return Standing(State.EXPIRED, max(one.last_day for one in measures))
