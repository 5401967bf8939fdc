"""Correcting a party's data, and looking at a sealed value."""

import json
from datetime import timedelta

import pytest
from rest_framework.exceptions import ValidationError

from directory.models import Duty
from enforcement import engine
from enforcement.models import Case, Event, Notice, Party, ReadLog
from law import clock
from tests.world import bank_card, make_person, resident_number


def debtor(case):
    return case.parties.get(role="debtor")


def applicant(case):
    return case.parties.get(role="applicant")


def reveal(world, case, actor="implementer", party=None, **data):
    return world.do(
        "party.reveal",
        case,
        actor,
        **{"party": str((party or debtor(case)).uid), "field": "identity", "purpose": "核对协助查询身份"}
        | data,
    )


def correct(world, case, actor="implementer", party=None, **data):
    return world.do(
        "party.correct",
        case,
        actor,
        **{"party": str((party or debtor(case)).uid), "reason": "身份证复印件与起诉状不符"} | data,
    )


# --- looking --------------------------------------------------------------------------------------


def test_the_value_is_shown_once_and_written_nowhere(world, case):
    value = debtor(case).identity_number
    result = reveal(world, case)
    assert result.revealed == value
    event = Event.objects.get(case=case, act="party.reveal")
    assert value not in bytes(event.body).decode()
    assert value not in json.dumps(result.outcome)
    assert value not in repr(result)
    assert result.outcome["masked"] == debtor(case).identity_mask
    assert result.outcome["purpose"] == "核对协助查询身份"


def test_every_look_is_in_the_log_with_its_purpose(world, case):
    reveal(world, case, field="address")
    read = ReadLog.objects.get(what="reveal:address")
    assert (read.person, read.case, read.purpose) == (world.implementer, case, "核对协助查询身份")


def test_a_repeated_request_shows_nothing_a_second_time(world, case):
    act = engine.act_named("party.reveal")
    data = {"party": str(debtor(case).uid), "field": "identity", "purpose": "核对协助查询身份"}
    assert engine.submit(act, case, world.implementer, data, key="r1").revealed
    again = engine.submit(act, case, world.implementer, data, key="r1")
    assert again.replayed
    assert again.revealed == ""
    assert ReadLog.objects.filter(what="reveal:identity").count() == 1


@pytest.mark.parametrize("purpose", ["", "查", "   "])
def test_a_look_states_its_purpose(world, case, purpose):
    with pytest.raises(ValidationError) as error:
        reveal(world, case, purpose=purpose)
    assert "purpose" in error.value.detail
    assert not ReadLog.objects.exists()


def test_the_accounts_see_the_payee_account_and_nothing_else(world, case):
    party = applicant(case)
    shown = reveal(world, case, "finance", party, field="account", purpose="核对案款发放账户")
    assert shown.revealed == party.account_number
    for field in ("identity", "phone", "address"):
        with pytest.raises(engine.Refused) as refusal:
            reveal(world, case, "finance", party, field=field)
        assert refusal.value.code == "not-needed"


def test_an_officer_who_also_keeps_accounts_sees_what_an_officer_sees(world, case):
    make_person("both", world.court, Duty.FINANCE, Duty.FILING_CLERK)
    from directory.models import Person

    assert reveal(world, case, Person.objects.get(username="both")).revealed


@pytest.mark.parametrize(
    "actor", ["second_implementer", "head", "president", "auditor", "supervisor", "reviewer"]
)
def test_others_do_not_look_at_sealed_values(world, case, actor):
    with pytest.raises(engine.Refused) as refusal:
        reveal(world, case, actor)
    assert refusal.value.code == "duty"


def test_there_is_nothing_to_look_at_where_nothing_was_recorded(world, case):
    with pytest.raises(engine.Refused) as refusal:
        reveal(world, case, field="phone")
    assert refusal.value.code == "empty"


def test_the_thirty_first_identity_number_within_an_hour_is_refused(world, case):
    for _ in range(30):
        ReadLog.objects.create(
            person=world.implementer, case=case, at=clock.now(), what="reveal:identity", purpose="核对身份"
        )
    with pytest.raises(engine.Refused) as refusal:
        reveal(world, case)
    assert refusal.value.code == "too-many"
    assert reveal(world, case, field="address").revealed
    assert reveal(world, case, "clerk").revealed
    with clock.travel(clock.now() + timedelta(hours=1, minutes=1)):
        assert reveal(world, case).revealed


# --- correcting -----------------------------------------------------------------------------------


def test_a_corrected_name_is_found_and_listed(world, case):
    correct(world, case, name="旦增次仁", name_bo="བསྟན་འཛིན་ཚེ་རིང་།")
    assert debtor(case).name == "旦增次仁"
    assert case.debtor_names == "旦增次仁"
    found = set(Case.objects.get(pk=case.pk).search_terms)
    assert set(debtor(case).search_terms) <= found


def test_a_corrected_number_is_sealed_masked_and_findable(world, case):
    number = resident_number(1975)
    result = correct(world, case, identity_number=number)
    party = debtor(case)
    assert party.identity_number == number
    assert party.birth_year == 1975
    assert number not in bytes(Event.objects.get(case=case, act="party.correct").body).decode()
    assert result.outcome["changes"]["identity_number"]["to"] == party.identity_mask


def test_what_is_left_empty_stays(world, case):
    before = Party.objects.get(pk=debtor(case).pk)
    correct(world, case, phone="13900000001")
    after = debtor(case)
    assert (after.name, after.identity_number, after.address) == (
        before.name,
        before.identity_number,
        before.address,
    )
    assert after.phone == "13900000001"
    assert after.phone_mask


def test_a_changed_payee_account_is_made_known(world, case):
    card = bank_card()
    party = applicant(case)
    world.do(
        "party.payee-account",
        case,
        "clerk",
        party=str(party.uid),
        holder=party.name,
        bank="高原某银行",
        account=card,
    )
    told = Notice.objects.filter(code="party.account-changed")
    assert set(told.values_list("person__username", flat=True)) == {"head", "finance"}
    assert card not in json.dumps(list(told.values_list("params", flat=True)))


def test_a_correction_does_not_reach_the_payee_account(world, case):
    with pytest.raises(ValidationError) as error:
        correct(world, case, party=applicant(case), account_number=bank_card())
    assert "account_number" in error.value.detail


def test_another_name_with_another_number_is_another_person(world, case):
    with pytest.raises(engine.Refused, match="another person") as refusal:
        correct(world, case, name="索朗戊", identity_number=resident_number())
    assert refusal.value.code == "another-person"
    assert debtor(case).name == "旦增乙"


def test_a_debtor_without_number_gets_name_and_number(world):
    case = world.assigned_case(parties=[world.applicant(), world.debtor(identity_number="")])
    correct(world, case, name="旦增次仁", identity_number=resident_number())
    assert debtor(case).identity_mask


def test_a_correction_that_changes_nothing_is_refused(world, case):
    with pytest.raises(engine.Refused) as refusal:
        correct(world, case, name="旦增乙")
    assert refusal.value.code == "nothing"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"identity_number": "110101199003070000"}, "identity_number"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_correction_is_checked_like_a_filing(world, case, data, field):
    with pytest.raises(ValidationError) as error:
        correct(world, case, **data)
    assert field in error.value.detail


def test_consent_to_electronic_service_can_be_given_later_and_withdrawn(world, case):
    correct(world, case, agreed_to_electronic_service=True)
    assert debtor(case).agreed_to_electronic_service
    correct(world, case, agreed_to_electronic_service=False)
    assert not debtor(case).agreed_to_electronic_service
