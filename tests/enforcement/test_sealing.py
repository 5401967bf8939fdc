"""Sealed values: opened only in their place, found only by exact value, and rotated while all goes on."""

import os

import pytest
from django.core.management import call_command
from django.db import connection

from directory.sealing import SealBroken, blind_index, key_id_of, seal, unseal
from enforcement import rotation
from enforcement.models import Party
from enforcement.verification import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_key(settings):
    """A new key before the old one, as an operator adds it."""
    settings.FIELD_KEYS = {"k2": os.urandom(32)} | settings.FIELD_KEYS
    return "k2"


def test_a_value_moved_to_another_row_or_column_does_not_open(filed):
    first, second = filed.parties.all()
    with pytest.raises(SealBroken, match="changed or moved"):
        unseal(first.identity_sealed, table="enforcement_party", column="identity_sealed", row=second.uid)
    with pytest.raises(SealBroken, match="changed or moved"):
        unseal(first.identity_sealed, table="enforcement_party", column="phone_sealed", row=first.uid)


def test_a_missing_key_is_named_and_nothing_is_shown(filed, settings):
    party = filed.parties.first()
    gone = next(iter(settings.FIELD_KEYS))
    settings.FIELD_KEYS = {"k9": os.urandom(32)}
    with pytest.raises(SealBroken, match=f"'{gone}'"):
        _ = party.identity_number


def test_two_seals_of_one_value_differ_and_its_index_does_not(filed):
    party = filed.parties.first()
    place = {"table": "t", "column": "c", "row": party.uid}
    assert seal("13900000000", **place) != seal("13900000000", **place)
    assert blind_index("13900000000", kind="phone") == blind_index("13900000000", kind="phone")
    assert blind_index("13900000000", kind="phone") != blind_index("13900000000", kind="account")


def test_the_database_holds_no_identity_number_in_clear(filed):
    number = filed.parties.first().identity_number
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text FROM enforcement_party p WHERE case_id = %s", [filed.pk])
        assert not any(number in row[0] for row in cursor.fetchall())


def test_rotation_seals_every_value_with_the_new_key_and_changes_no_word(filed, new_key):
    before = [(p.identity_number, p.phone, p.address, p.account_number) for p in filed.parties.all()]
    assert rotation.remaining()
    call_command("rotate_keys", "--batch", "1", verbosity=0)
    after = list(filed.parties.all())
    assert [(p.identity_number, p.phone, p.address, p.account_number) for p in after] == before
    assert {key_id_of(party.identity_sealed) for party in after} == {new_key}
    assert rotation.remaining() == {}


def test_after_rotation_the_old_key_can_go_and_history_is_whole(filed, new_key, settings):
    call_command("rotate_keys", verbosity=0)
    settings.FIELD_KEYS = {new_key: settings.FIELD_KEYS[new_key]}
    assert filed.parties.first().identity_number
    assert verify().faults == []


def test_an_interrupted_rotation_goes_on_where_it_was(filed, new_key):
    for _place, _count in rotation.rotate(batch=1):
        break  # … killed after the first column
    assert rotation.remaining()
    assert all(party.identity_number for party in Party.objects.filter(case=filed))
    list(rotation.rotate())
    assert rotation.remaining() == {}


def test_every_sealed_column_is_rotated():
    named = {str(place) for place in rotation.places()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND column_name LIKE '%\\_sealed'"
            " AND table_name NOT LIKE '%event'"
        )
        assert {row[0] for row in cursor.fetchall()} <= named
