"""Whoever has all power over the database can change history; verification finds it and names the place."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from enforcement.models import Event
from enforcement.verification import Fault, verify
from tests.enforcement import control
from tests.faults.installation import Installation
from tests.world import World

SEED = int(os.environ.get("ZHIXING_FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
FLIPS = 40
#: What is found where a column's bit was turned over.
BYTES = {"body": {"hash"}, "hash": {"hash"}, "prev_hash": {"prev_hash"}}


@contextmanager
def tampering() -> Iterator[None]:
    """As the database's superuser with every trigger off; undone afterwards."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def history(place: Installation, world: World) -> list[Event]:
    """Some chains of cases and one of a court."""
    for _ in range(8):
        case = world.assigned_case()
        world.do("notice.issue", case, "implementer", report_days=10, contact="0891-0000000")
        control.record(world, case)
    world.do("calendar.add-day", world.court, "administrator", day="2026-12-30", kind="off", name="雪顿节")
    assert verify().faults == []
    return list(Event.objects.select_related("case", "register__court").order_by("id"))


def chain_of(event: Event) -> str:
    if event.case is not None:
        return event.case.number
    assert event.register is not None
    return f"court:{event.register.court.code}"


def test_each_bit_that_is_turned_over_is_found_and_named(history: list[Event]) -> None:
    print(f"seed {SEED} (ZHIXING_FAULT_SEED)")
    dice = random.Random(SEED)
    for number in range(FLIPS):
        event = dice.choice(history)
        column = dice.choice(sorted(BYTES))
        value = bytearray(getattr(event, column))
        place = dice.randrange(len(value) * 8)
        value[place // 8] ^= 1 << place % 8
        with tampering():
            Event.objects.filter(pk=event.pk).update(**{column: bytes(value)})
            faults = verify().faults
        assert faults, f"flip {number}: bit {place} of {column} of {chain_of(event)} #{event.seq}"
        assert [(one.chain, one.seq) for one in faults] == [(chain_of(event), event.seq)]
        assert faults[0].field in BYTES[column]
    assert verify().faults == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("act", "money.pay"),
        ("phase", "rejected"),
        ("uid", "00000000-0000-4000-8000-000000000000"),
        ("at", "2020-01-01T00:00:00Z"),
        ("actor_id", None),
        ("idempotency_key", "another"),
    ],
)
def test_a_changed_column_that_only_repeats_the_body_is_found(
    history: list[Event], world: World, column: str, value: str | None
) -> None:
    event = history[len(history) // 2]
    changed = value if value is not None else world.people["auditor"].pk
    with tampering():
        Event.objects.filter(pk=event.pk).update(**{column: changed})
        faults = [fault for fault in verify().faults if fault.field != "event"]
    names = {"actor_id": "actor", "idempotency_key": "key"}
    assert faults == [Fault(chain_of(event), event.seq, names.get(column, column))]


def test_events_that_are_swapped_dropped_or_put_in_are_found(history: list[Event]) -> None:
    chain = [event for event in history if event.case_id == history[0].case_id]
    first, second, last = chain[0], chain[1], chain[-1]
    with tampering():
        Event.objects.filter(pk=first.pk).update(seq=1000)
        Event.objects.filter(pk=second.pk).update(seq=first.seq)
        Event.objects.filter(pk=first.pk).update(seq=second.seq)
        assert _places() == [(chain_of(first), first.seq)], "swapped"
    with tampering():
        _forget(second)
        assert _places() == [(chain_of(first), second.seq)], "dropped from the middle"
    with tampering():
        _forget(last)
        assert {fault.field for fault in verify().faults} <= {"event_count", "event"}, "the last one dropped"
        assert verify().faults[0].chain == chain_of(last)
    with tampering():
        stranger = next(event for event in history if event.case_id not in (None, first.case_id))
        Event.objects.filter(pk=stranger.pk).update(case=first.case, seq=last.seq + 1)
        assert (chain_of(first), last.seq + 1) in _places(), "put in from another case"


def _forget(event: Event) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM enforcement_event WHERE id = %s", [event.pk])


def _places() -> list[tuple[str, int]]:
    return [(fault.chain, fault.seq) for fault in verify().faults if fault.field != "event"]
