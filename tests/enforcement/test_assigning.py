"""Assignment, reassignment and recusal."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.serializers import ChoiceField

from directory.models import Duty, DutyClass
from enforcement import engine
from enforcement.acts.assigning import chosen_officer, officers_of
from enforcement.engine.offers import offered
from enforcement.models import Assignment, DeadlineState, Notice, Recusal
from tests.world import make_person, set_up


def owners(case):
    return {
        deadline.rule: deadline.owner
        for deadline in case.deadlines.filter(state=DeadlineState.OPEN, duty=Duty.IMPLEMENTER)
    }


def inside(case, action):
    """Write a row of a case the way an act would, to put a person into a position."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case.pk)])
        result = action()
        cursor.execute("SELECT set_config('zhixing.act', '', true)")
    return result


def take_part(case, person, duty, duty_class):
    return inside(
        case,
        lambda: Assignment.objects.create(
            case=case, person=person, duty=duty, duty_class=duty_class, since=case.filed_on
        ),
    )


def recuse(case, person):
    return inside(
        case,
        lambda: Recusal.objects.create(
            case=case, person=person, reason="relative: brother", recorded_at="2026-01-05T00:00Z"
        ),
    )


def test_the_named_officer_gets_case_tasks_and_word_of_it(world, filed):
    world.do("case.assign", filed, "head", officer="implementer")
    assert filed.implementer == world.implementer
    assert filed.stage == "notice"
    part = filed.assignments.get()
    assert (part.person, part.is_lead, part.duty_class) == (world.implementer, True, DutyClass.IMPLEMENTATION)
    assert filed.deadlines.get(rule="filing.handover").state == DeadlineState.MET
    assert set(owners(filed).values()) == {world.implementer}
    assert "notice.send" in owners(filed)
    assert Notice.objects.get(person=world.implementer).code == "case.assigned"


def test_a_blank_officer_means_the_lightest_load(world):
    heavy = world.assigned_case()
    light = world.file_case()
    world.do("case.assign", light, "head")
    assert heavy.implementer == world.implementer
    assert light.implementer == world.second_implementer


def test_equal_loads_go_in_turn(world):
    cases = [world.file_case() for _ in range(4)]
    for case in cases:
        world.do("case.assign", case, "head")
    takers = [case.implementer.username for case in cases]
    assert takers[:2] == takers[2:]
    assert set(takers) == {"implementer", "second_implementer"}


def test_an_officer_of_another_court_is_refused(world, filed):
    with pytest.raises(engine.Refused, match="not an enforcement officer") as refusal:
        world.do("case.assign", filed, "head", officer="sister_implementer")
    assert refusal.value.code == "not-an-officer"
    assert refusal.value.field == "officer"


def test_whoever_reviewed_a_case_never_implements_it(world, filed):
    person = make_person("two_hats", world.court, Duty.IMPLEMENTER, Duty.REVIEWING_JUDGE)
    take_part(filed, person, Duty.REVIEWING_JUDGE, DutyClass.REVIEW)
    with pytest.raises(engine.Refused, match="can't implement") as refusal:
        world.do("case.assign", filed, "head", officer="two_hats")
    assert refusal.value.code == "separation"


def test_a_recused_officer_is_refused_by_name(world, filed):
    recuse(filed, world.implementer)
    with pytest.raises(engine.Refused, match="recused") as refusal:
        world.do("case.assign", filed, "head", officer="implementer")
    assert "47" in str(refusal.value.basis[0])


def test_nobody_left_to_take_the_case_is_said(world, filed):
    for person in (world.implementer, world.second_implementer):
        recuse(filed, person)
    with pytest.raises(engine.Refused, match="No enforcement officer") as refusal:
        world.do("case.assign", filed, "head")
    assert refusal.value.code == "nobody"


def test_only_the_head_assigns_and_only_a_filed_case(world, filed):
    with pytest.raises(engine.Refused) as refusal:
        world.do("case.assign", filed, "implementer")
    assert refusal.value.code == "duty"
    world.do("case.assign", filed, "head")
    with pytest.raises(engine.Refused) as refusal:
        world.do("case.assign", filed, "head")
    assert refusal.value.code == "stage"


def test_the_checks_come_in_their_order(world, case):
    """Duty before stage before input before the act's own check."""
    with pytest.raises(engine.Refused) as refusal:
        world.do("case.assign", case, "clerk", officer="nobody", wrong="field")
    assert refusal.value.code == "duty"
    with pytest.raises(engine.Refused) as refusal:
        world.do("case.assign", case, "head", officer="nobody", wrong="field")
    assert refusal.value.code == "stage"


def test_the_form_offers_only_who_may_take_the_case(world, filed):
    recuse(filed, world.implementer)
    field = engine.act_named("case.assign").Input(context={"case": filed}).fields["officer"]
    assert isinstance(field, ChoiceField)
    assert list(field.choices) == ["second_implementer"]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    flaws=st.lists(
        st.sampled_from(["none", "recused", "reviewed", "supervised", "inactive", "busy"]),
        min_size=1,
        max_size=5,
    )
)
def test_assignment_by_caseload_never_finds_a_recused_or_separated_officer(world, flaws):
    from django.db import transaction

    with transaction.atomic():
        case = world.file_case()
        for person in (world.implementer, world.second_implementer):
            recuse(case, person)
        good = {}
        for number, flaw in enumerate(flaws):
            person = make_person(f"officer_{number}", world.court, Duty.IMPLEMENTER)
            if flaw == "recused":
                recuse(case, person)
            elif flaw == "reviewed":
                take_part(case, person, Duty.REVIEWING_JUDGE, DutyClass.REVIEW)
            elif flaw == "supervised":
                take_part(case, person, Duty.SUPERVISOR, DutyClass.SUPERVISION)
            elif flaw == "inactive":
                set_up(
                    lambda person=person: type(person).objects.filter(pk=person.pk).update(is_active=False)
                )
            else:
                if flaw == "busy":
                    world.do("case.assign", world.file_case(), "head", officer=person.username)
                good[person.username] = flaw
        if good:
            officer = chosen_officer(case, world.court, "")
            assert officer.username in good
            loads = {person.username: vars(person)["open_cases"] for person in officers_of(world.court)}
            assert loads[officer.username] == min(loads[name] for name in good)
        else:
            with pytest.raises(engine.Refused):
                chosen_officer(case, world.court, "")
        transaction.set_rollback(True)


# --- reassignment ---------------------------------------------------------------------------------


def test_open_work_goes_to_the_new_officer_and_the_old_one_can_act_no_more(world, case):
    world.do("case.reassign", case, "head", officer="second_implementer", reason="调往执行二庭")
    assert case.implementer == world.second_implementer
    assert set(owners(case).values()) == {world.second_implementer}
    old = case.assignments.get(person=world.implementer)
    assert old.until is not None
    assert case.assignments.get(until=None).person == world.second_implementer
    with pytest.raises(engine.Refused) as refusal:
        world.do("case.wait", case, "implementer", until="2099-01-01", reason="等待评估报告")
    assert refusal.value.code == "duty"
    assert {notice.person for notice in Notice.objects.filter(code__startswith="case.reass")} == {
        world.implementer
    }


def test_a_case_returns_to_an_officer_who_had_it_before(world, case):
    world.do("case.reassign", case, "head", officer="second_implementer", reason="调往执行二庭")
    world.do("case.reassign", case, "head", officer="implementer", reason="调回执行一庭")
    assert case.implementer == world.implementer
    assert case.assignments.filter(person=world.implementer).count() == 2


def test_a_case_is_not_reassigned_to_the_officer_who_has_it(world, case):
    with pytest.raises(engine.Refused, match="already") as refusal:
        world.do("case.reassign", case, "head", officer="implementer", reason="调往执行二庭")
    assert refusal.value.code == "same"


def test_reassigning_by_caseload_leaves_out_the_present_officer(world, case):
    world.do("case.reassign", case, "head", reason="案多人少调整")
    assert case.implementer == world.second_implementer


def test_a_reassignment_gives_its_reason(world, case):
    from rest_framework.exceptions import ValidationError

    with pytest.raises(ValidationError) as error:
        world.do("case.reassign", case, "head", officer="second_implementer", reason="")
    assert "reason" in error.value.detail


# --- recusal --------------------------------------------------------------------------------------


def test_an_officer_who_declares_recusal_is_off_the_case_at_once(world, case):
    world.do("case.recuse", case, "implementer", ground="relative", reason="被执行人系本人表兄")
    assert case.implementer is None
    assert not case.assignments.filter(until=None).exists()
    task = case.deadlines.get(rule="product.reassign", state=DeadlineState.OPEN)
    assert (task.duty, task.act) == (Duty.BUREAU_HEAD, "case.reassign")
    assert set(owners(case).values()) == {None}
    with pytest.raises(engine.Refused) as refusal:
        world.do("case.recuse", case, "implementer", ground="relative", reason="被执行人系本人表兄")
    assert refusal.value.code == "recused"


def test_a_case_left_by_recusal_goes_on_with_another_officer(world, case):
    world.do("case.recuse", case, "implementer", ground="interest", reason="与本案有利害关系")
    with pytest.raises(engine.Refused, match="recused"):
        world.do("case.reassign", case, "head", officer="implementer", reason="原承办人回避")
    world.do("case.reassign", case, "head", reason="原承办人回避")
    assert case.implementer == world.second_implementer
    assert case.deadlines.get(rule="product.reassign").state == DeadlineState.MET


def test_the_head_records_the_recusal_of_somebody_else(world, case):
    world.do("case.recuse", case, "head", person="reviewer", ground="relation", reason="与代理人系同学")
    assert case.recusals.get().person == world.reviewer
    assert case.implementer == world.implementer
    assert Notice.objects.get(person=world.reviewer).code == "case.recused"


def test_an_officer_does_not_recuse_a_colleague(world, case):
    with pytest.raises(engine.Refused, match="president") as refusal:
        world.do(
            "case.recuse", case, "implementer", person="reviewer", ground="relation", reason="与代理人同学"
        )
    assert refusal.value.code == "not-yours"


def test_a_person_is_recused_once_and_only_at_their_court(world, case):
    world.do("case.recuse", case, "head", person="reviewer", ground="relation", reason="与代理人系同学")
    with pytest.raises(engine.Refused) as refusal:
        world.do("case.recuse", case, "head", person="reviewer", ground="relation", reason="与代理人系同学")
    assert refusal.value.code == "recused"
    with pytest.raises(engine.Refused) as refusal:
        world.do(
            "case.recuse", case, "head", person="sister_head", ground="relation", reason="与代理人系同学"
        )
    assert refusal.value.code == "not-here"


def test_an_officer_not_assigned_yet_can_declare_beforehand(world, filed):
    world.do("case.recuse", filed, "implementer", ground="interest", reason="与本案有利害关系")
    assert not filed.deadlines.filter(rule="product.reassign").exists()
    world.do("case.assign", filed, "head")
    assert filed.implementer == world.second_implementer


def test_offering_reassignment_costs_no_query(world, case, django_assert_num_queries):
    from enforcement.models import Case

    loaded = Case.objects.prefetch_related(
        "parties",
        "assets",
        "measures",
        "documents",
        "services",
        "deadlines",
        "receipts",
        "plans",
        "payments",
        "objections",
        "proposals",
        "assignments",
        "recusals",
    ).get(pk=case.pk)
    world.head.duties, loaded.court  # noqa: B018
    with django_assert_num_queries(0):
        offers = {
            offer.act.code: offer
            for offer in offered(loaded, world.head)
            if not offer.act.code.startswith(("asset", "measure", "money", "objection"))
        }
    assert offers["case.reassign"].allowed
