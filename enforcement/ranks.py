"""Waiting measures (轮候): who else holds the same thing, in any court of this installation."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext

from directory.models import Person
from directory.sealing import blind_index
from enforcement.engine.effects import Effects
from enforcement.models import LIVE_STATES, Asset, Case, Measure, MeasureState

KEY_BYTES = 8  # an advisory lock is named by a signed 64-bit number


def same_thing(asset: Asset) -> QuerySet[Measure]:
    """Live measures of other cases on the same thing: same account, or same number in the same register."""
    measures = Measure.objects.filter(state__in=LIVE_STATES).exclude(case_id=asset.case_id)
    if asset.account_index:
        return measures.filter(asset__account_index=bytes(asset.account_index))
    if asset.register_number:
        return measures.filter(asset__register_number=asset.register_number, asset__kind=asset.kind)
    return measures.none()


def hold_rank(asset: Asset) -> None:
    """Let no other case take a rank on this thing until the transaction ends: two courts that order at the
    same moment must not both be first."""
    name = f"rank|{asset.account_index.hex() if asset.account_index else asset.kind + asset.register_number}"
    key = int.from_bytes(blind_index(name, kind="lock")[:KEY_BYTES], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def next_rank(held: Iterable[Measure]) -> int:
    """The rank a new measure gets behind those held: 1 if there are none."""
    return max((measure.rank for measure in held), default=0) + 1


def name_for(case: Case, person: Person) -> str:
    """How a person may hear of the case that comes first: its number, or only that it is another court's."""
    if Case.objects.visible_to(person).filter(pk=case.pk).exists():
        return case.number
    return gettext("another court")


def tell_waiting(effects: Effects, measure: Measure) -> None:
    """Put a notice on the desk of whoever is next in line, when a measure no longer holds the thing."""
    waiting = list(
        same_thing(measure.asset)
        .filter(state=MeasureState.WAITING)
        .select_related("case__implementer", "asset")
        .order_by("rank", "id")
    )
    for other in waiting[:1]:
        effects.notify(
            [other.case.implementer],
            "measure.may-move-up",
            case=other.case,
            tone="in",
            asset=other.asset.description,
        )
