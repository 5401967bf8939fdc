"""Reading one case by grant."""

from datetime import timedelta

import pytest

from enforcement import engine
from enforcement.models import Case, CaseGrant, Notice
from law import clock


def in_days(number):
    return (clock.today() + timedelta(days=number)).isoformat()


def grant(world, case, actor="head", **data):
    return world.do(
        "case.grant",
        case,
        actor,
        **{"person": "sister_head", "until": in_days(30), "reason": "协助执行需要查阅"} | data,
    )


def sees(person, case):
    person.__dict__.pop("_granted_cases", None)
    return Case.objects.visible_to(person).filter(pk=case.pk).exists()


def test_a_grant_shows_one_case_until_its_day(world, case):
    other = world.assigned_case()
    assert not sees(world.sister_head, case)
    grant(world, case)
    assert sees(world.sister_head, case)
    assert not sees(world.sister_head, other)
    with clock.travel(clock.today() + timedelta(days=30)):
        assert sees(world.sister_head, case)
    with clock.travel(clock.today() + timedelta(days=31)):
        assert not sees(world.sister_head, case)
    assert Notice.objects.get(person=world.sister_head).code == "case.granted"


def test_a_grant_reads_and_does_nothing_else(world, case):
    grant(world, case)
    with pytest.raises(engine.Refused) as refusal:
        world.do("case.reassign", case, "sister_head", officer="sister_implementer", reason="接手办理")
    assert refusal.value.code == "duty"


@pytest.mark.parametrize("days", [-1, 91])
def test_a_grant_lasts_at_most_ninety_days(world, case, days):
    with pytest.raises(engine.Refused) as refusal:
        grant(world, case, until=in_days(days))
    assert (refusal.value.code, refusal.value.field) == ("too-long", "until")
    assert not CaseGrant.objects.exists()


def test_the_ninetieth_day_is_allowed_and_a_new_grant_sets_the_end_anew(world, case):
    grant(world, case, until=in_days(90))
    grant(world, case, "president", until=in_days(5))
    assert CaseGrant.objects.get().until.isoformat() == in_days(5)


def test_who_sees_the_case_by_duty_needs_no_grant(world, case):
    with pytest.raises(engine.Refused) as refusal:
        grant(world, case, person="supervisor")
    assert refusal.value.code == "sees"


def test_a_grant_needs_a_person_and_a_reason(world, case):
    from rest_framework.exceptions import ValidationError

    for name in ("nobody", "system"):
        with pytest.raises(engine.Refused) as refusal:
            grant(world, case, person=name)
        assert refusal.value.code == "nobody"
    with pytest.raises(ValidationError):
        grant(world, case, reason="")


@pytest.mark.parametrize("actor", ["implementer", "clerk", "reviewer", "finance"])
def test_only_president_and_head_let_others_in(world, case, actor):
    with pytest.raises(engine.Refused) as refusal:
        grant(world, case, actor)
    assert refusal.value.code == "duty"


def test_a_revoked_grant_ends_at_once_and_stays_on_file(world, case):
    grant(world, case)
    world.do("case.revoke-grant", case, "head", person="sister_head", reason="查阅事项已办结")
    assert not sees(world.sister_head, case)
    assert CaseGrant.objects.count() == 1


def test_there_is_no_grant_to_revoke_twice(world, case):
    grant(world, case)
    world.do("case.revoke-grant", case, "head", person="sister_head", reason="查阅事项已办结")
    with pytest.raises(engine.Refused) as refusal:
        world.do("case.revoke-grant", case, "head", person="sister_head", reason="查阅事项已办结")
    assert refusal.value.code == "no-grant"
