"""The engine: what every act goes through, whoever does it and from where."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection, transaction

from directory.models import Duty
from enforcement import engine
from enforcement.engine.history import canonical, chain_hash, plain
from enforcement.models import Case, Event, Party
from law.citations import CPL
from tests.world import make_world


@contextmanager
def inside(case: Case) -> Iterator[None]:
    """Writes as an act on this case makes them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case.pk)])
    yield


def test_a_coercive_act_without_what_the_law_asks_does_not_register():
    with pytest.raises(ImproperlyConfigured, match="decided_by, remedy, writs"):
        type(
            "Bare",
            (engine.Act,),
            {
                "code": "test.bare",
                "basis": (CPL.art(253),),
                "by": frozenset({Duty.IMPLEMENTER}),
                "affects": "debtor",
            },
        )
    assert "test.bare" not in {act.code for act in engine.all_acts()}


def test_an_act_without_basis_does_not_register():
    with pytest.raises(ImproperlyConfigured, match="basis"):
        type("Baseless", (engine.Act,), {"code": "test.baseless", "by": frozenset({Duty.IMPLEMENTER})})


def test_every_coercive_act_has_basis_decider_notice_remedy_term_and_release():
    coercive = [act for act in engine.all_acts() if act.affects]
    assert coercive
    for act in coercive:
        assert act.basis
        assert act.decided_by
        assert act.writs
        assert act.remedy
        assert act.term
        assert engine.act_named(act.released_by)


def test_filing_gives_the_next_number_and_opens_the_clocks(world):
    first, second = world.file_case(), world.file_case()
    assert second.serial == first.serial + 1
    assert {"filing.handover", "notice.send", "closing.limit"} == set(
        first.deadlines.values_list("rule", flat=True)
    )


def test_the_same_key_gives_the_first_result_and_no_second_case(world):
    data = world.filing()
    first = engine.submit(engine.act_named("case.file"), world.court, world.clerk, data, key="one")
    again = engine.submit(engine.act_named("case.file"), world.court, world.clerk, data, key="one")
    assert again.replayed
    assert again.event.pk == first.event.pk
    assert Case.objects.count() == 1


def test_a_key_used_for_another_input_is_a_conflict(world):
    engine.submit(engine.act_named("case.file"), world.court, world.clerk, world.filing(), key="one")
    with pytest.raises(engine.Conflict, match="key"):
        engine.submit(engine.act_named("case.file"), world.court, world.clerk, world.filing(), key="one")


def test_a_person_of_another_court_finds_nothing_to_act_on(world, filed):
    with pytest.raises(engine.OutOfSight):
        engine.submit(engine.act_named("case.assign"), filed, world.sister_head, {})
    with pytest.raises(engine.OutOfSight):
        engine.submit(engine.act_named("case.file"), world.court, world.sister_clerk, world.filing())


def test_a_duty_that_ended_while_the_form_was_open_is_refused(world, filed):
    head = world.head
    assert head.holds(Duty.BUREAU_HEAD)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', 'installation', true)")
        cursor.execute(
            "UPDATE directory_dutyholding SET during = daterange('2000-01-01', '2001-01-01')"
            " WHERE person_id = %s",
            [head.pk],
        )
    with pytest.raises((engine.Refused, engine.OutOfSight)):
        engine.submit(engine.act_named("case.assign"), filed, head, {})


def test_a_stale_form_is_refused_and_says_so(world, filed):
    seen = filed.event_count
    world.do("case.assign", filed, "head", officer=world.implementer.username)
    with pytest.raises(engine.Conflict, match="meanwhile"):
        engine.submit(
            engine.act_named("case.reassign"),
            filed,
            world.head,
            {"officer": world.second_implementer.username, "reason": "病假"},
            seen=seen,
        )


def test_an_unknown_field_is_refused(world):
    from rest_framework.exceptions import ValidationError

    with pytest.raises(ValidationError) as refusal:
        engine.submit(
            engine.act_named("case.file"), world.court, world.clerk, world.filing() | {"priority": "high"}
        )
    assert "priority" in refusal.value.detail


def test_personal_numbers_are_not_in_the_history(world):
    applicant = world.applicant()
    case = world.file_case(parties=[applicant, world.debtor()])
    body = bytes(case.events.get().body).decode()
    for secret in (applicant["identity_number"], applicant["phone"], applicant["account_number"]):
        assert secret not in body
    assert applicant["identity_number"][:6] in body
    assert case.parties.first().identity_number == applicant["identity_number"]


def test_a_sealed_value_moved_to_another_row_does_not_open(world, filed):
    from directory.sealing import SealBroken

    first, second = filed.parties.all()
    second.identity_sealed = first.identity_sealed
    with pytest.raises(SealBroken):
        assert second.identity_number


def test_the_chain_of_a_case_is_whole(world, case):
    previous = b"\0" * 32
    for seq, event in enumerate(case.events.order_by("seq"), 1):
        assert event.seq == seq
        assert bytes(event.prev_hash) == previous
        assert chain_hash(previous, bytes(event.body)) == bytes(event.hash)
        previous = bytes(event.hash)
    assert bytes(Case.objects.get(pk=case.pk).head_hash) == previous


def test_canonical_json_has_one_form():
    assert canonical(plain({"b": 1, "a": "值"})) == '{"a":"值","b":1}'.encode()
    assert plain(2**60) == str(2**60)


# The guard looks at a transaction-local setting, so these need transactions of their own.
@pytest.mark.django_db(transaction=True)
class TestTheDatabaseItselfRefuses:
    def test_a_write_outside_an_act(self):
        case = make_world().file_case()
        with pytest.raises(Error, match="only inside an act"):
            Party.objects.filter(case=case).update(name="别人")
        with pytest.raises(Error, match="only inside an act"):
            Case.objects.filter(pk=case.pk).update(cause="别的")

    def test_a_write_to_another_case_inside_an_act(self):
        world = make_world()
        mine, other = world.file_case(), world.file_case()
        with pytest.raises(Error, match="only inside an act"), transaction.atomic(), inside(mine):
            Party.objects.filter(case=other).update(name="别人")

    def test_any_change_to_an_event(self):
        case = make_world().file_case()
        with pytest.raises(Error, match="append-only"):
            case.events.update(act="nothing")
        with pytest.raises(Error, match="append-only"):
            case.events.all()._raw_delete("default")
        with pytest.raises(Error, match="append-only"), connection.cursor() as cursor:
            cursor.execute("TRUNCATE enforcement_event CASCADE")

    def test_an_event_that_does_not_follow_its_chain(self):
        case = make_world().file_case()
        last = case.events.get()
        body = bytes(last.body)
        with pytest.raises(Error, match="does not follow"), transaction.atomic(), inside(case):
            Event.objects.create(
                uid=uuid.uuid4(),
                case=case,
                seq=7,
                at=last.at,
                actor_id=last.actor_id,
                act=last.act,
                body=body,
                prev_hash=bytes(last.hash),
                hash=chain_hash(bytes(last.hash), body),
                input_hash=bytes(last.input_hash),
            )
