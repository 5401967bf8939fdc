"""History that can be trusted: any changed byte is named, also when the database's owner changed it."""

import io
import json
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from enforcement import engine
from enforcement.engine.history import canonical, chain_hash, digest, plain
from enforcement.engine.recording import raw_input
from enforcement.models import Document, Event, Register
from enforcement.verification import verify


@contextmanager
def as_superuser():
    """Change rows as the database's owner can, when no trigger looks; afterwards all is as before."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        transaction.set_rollback(True)


def event(case, seq: int) -> Event:
    return Event.objects.get(case=case, seq=seq)


def flip(cursor, column: str, row: int, bit: int) -> None:
    cursor.execute(
        f"UPDATE enforcement_event SET {column} = set_bit({column}, %s, 1 - get_bit({column}, %s))"
        " WHERE id = %s",
        [bit, bit, row],
    )


def only_fault(case=None):
    faults = verify(case=case).faults
    assert len(faults) == 1, faults
    return faults[0]


def test_history_as_it_was_written_has_no_fault(case, world):
    other = world.file_case()
    findings = verify()
    assert findings.faults == []
    assert findings.chains == 2 + Register.objects.count()
    assert findings.events == Event.objects.count()
    assert verify(case=other).events == 1


@pytest.mark.parametrize("column", ["body", "hash", "prev_hash"])
def test_every_flipped_bit_is_found_and_named(case, column):
    target = event(case, 2)
    size = len(bytes(getattr(target, column))) * 8
    for bit in range(0, size, max(1, size // 25)):
        with as_superuser() as cursor:
            flip(cursor, column, target.pk, bit)
            found = only_fault(case)
        assert (found.chain, found.seq) == (case.number, 2)
        assert found.field == ("prev_hash" if column == "prev_hash" else "hash")
    assert verify(case=case).faults == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("at = at + interval '1 minute'", "at"),
        ("act = 'case.wait'", "act"),
        ("phase = 'proposed'", "phase"),
        ("uid = gen_random_uuid()", "uid"),
        ("actor_id = (SELECT id FROM directory_person WHERE username = 'finance')", "actor"),
        ("seq = 7", "seq"),
    ],
)
def test_a_changed_query_column_is_found_and_named(case, change, field):
    with as_superuser() as cursor:
        cursor.execute(f"UPDATE enforcement_event SET {change} WHERE id = %s", [event(case, 2).pk])
        found = only_fault(case)
    assert (found.seq, found.field) == (2, field)


def test_a_dropped_event_is_found(case):
    with as_superuser() as cursor:
        cursor.execute("DELETE FROM enforcement_event WHERE id = %s", [event(case, 1).pk])
        assert only_fault(case).field == "seq"


def test_a_cut_tail_is_found_by_the_count_and_the_head(case):
    with as_superuser() as cursor:
        cursor.execute("DELETE FROM enforcement_event WHERE id = %s", [event(case, 2).pk])
        assert only_fault(case).field == "event_count"
        cursor.execute("UPDATE enforcement_case SET event_count = 1 WHERE id = %s", [case.pk])
        assert only_fault(case).field == "head_hash"


def test_two_swapped_events_are_found(case):
    first, second = event(case, 1), event(case, 2)
    with as_superuser() as cursor:
        for row, seq in ((first, 99), (second, 1), (first, 2)):
            cursor.execute("UPDATE enforcement_event SET seq = %s WHERE id = %s", [seq, row.pk])
        assert only_fault(case).seq == 1


def test_an_event_moved_to_another_chain_is_found(case, world):
    other = world.file_case()
    with as_superuser() as cursor:
        cursor.execute("DELETE FROM enforcement_event WHERE case_id = %s", [other.pk])
        cursor.execute(
            "UPDATE enforcement_event SET case_id = %s WHERE id = %s", [other.pk, event(case, 1).pk]
        )
        chains = {fault.chain: fault.field for fault in verify().faults if fault.seq}
    assert chains == {case.number: "seq", other.number: "chain"}


def test_a_writ_whose_data_were_changed_is_found(case, world):
    world.do("notice.issue", case, "implementer", report_days=10, contact="0891-0000000")
    assert verify(case=case).faults == []
    writ = Document.objects.filter(case=case).earliest("pk")
    with as_superuser() as cursor:
        cursor.execute(
            "UPDATE enforcement_document SET data = jsonb_set(data, '{claim,figure}', '\"1.00\"')"
            " WHERE id = %s",
            [writ.pk],
        )
        assert only_fault(case).field == "documents"


def test_a_row_changed_by_hand_is_named(case):
    party = case.parties.first()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case.pk)])
        # Every transaction begins without an event; the test's own one has seen some.
        cursor.execute("SELECT set_config('pghistory.context_id', '', true)")
        cursor.execute("UPDATE enforcement_party SET name = 'changed' WHERE id = %s", [party.pk])
    found = only_fault()
    assert found.field == "event"
    assert found.chain == f"enforcement_partyevent#{party.pk}"


def test_the_command_names_what_it_finds_and_fails(case):
    out = io.StringIO()
    call_command("verify_history", stdout=out)
    assert "all as they were written" in out.getvalue()
    with as_superuser() as cursor:
        flip(cursor, "body", event(case, 1).pk, 80)
        errors = io.StringIO()
        with pytest.raises(CommandError, match="1 faults"):
            call_command("verify_history", "--case", case.number, stderr=errors)
    assert f"Chain {case.number}, event 1, field hash" in errors.getvalue()


def test_a_long_history_is_read_in_batches(case, world, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("enforcement.verification.BATCH", 2)
    for _ in range(3):
        world.file_case()
    assert verify().faults == []
    monkeypatch.setattr("enforcement.verification.BATCH", 2000)
    with django_assert_max_num_queries(25):
        verify()


def test_the_hash_of_the_input_is_covered_by_the_chain(case):
    with as_superuser() as cursor:
        cursor.execute(
            "UPDATE enforcement_event SET input_hash = sha256('another input') WHERE id = %s",
            [event(case, 2).pk],
        )
        found = only_fault(case)
    assert (found.seq, found.field) == (2, "input_hash")


def test_an_older_event_whose_body_lacks_the_hash_of_the_input_still_verifies(case):
    first, last = event(case, 1), event(case, 2)
    content = json.loads(bytes(last.body))
    del content["input_hash"]
    body = canonical(content)
    with as_superuser() as cursor:
        cursor.execute(
            "UPDATE enforcement_event SET body = %s, hash = %s, input_hash = sha256('it was') WHERE id = %s",
            [body, chain_hash(bytes(first.hash), body), last.pk],
        )
        cursor.execute(
            "UPDATE enforcement_case SET head_hash = %s WHERE id = %s",
            [chain_hash(bytes(first.hash), body), case.pk],
        )
        assert verify(case=case).faults == []


def test_an_identity_number_cannot_be_guessed_from_history(world):
    """What the input was is told by a keyed hash only: a plain one of an identity number is soon found."""
    filing = world.filing()
    case = engine.submit(engine.act_named("case.file"), world.court, world.clerk, filing).case
    written = event(case, 1)
    assert written.content["input_hash"] == bytes(written.input_hash).hex()
    assert bytes(written.input_hash) != digest(plain(filing))


def test_a_request_repeated_across_the_change_of_its_hash_is_still_the_same_request(world):
    """Events from before bodies held a commitment of the input kept a plain hash of it in the column."""
    filing = world.filing()
    act = engine.act_named("case.file")
    case = engine.submit(act, world.court, world.clerk, filing, key="once").case
    written = event(case, 1)
    content = json.loads(bytes(written.body))
    del content["input_hash"]
    with as_superuser() as cursor:
        cursor.execute(
            "UPDATE enforcement_event SET body = %s, input_hash = %s WHERE id = %s",
            [canonical(content), digest(plain(raw_input(filing))), written.pk],
        )
        again = engine.submit(act, world.court, world.clerk, filing, key="once")
        assert (again.replayed, again.event) == (True, written)
        with pytest.raises(engine.Conflict):
            engine.submit(act, world.court, world.clerk, filing | {"cause": "借款合同纠纷"}, key="once")
