"""Role × act, each cell: who may, who may not, and that others see nothing at all.

``expected_matrix.csv`` was written by hand from the law and the separation of powers, apart from the acts'
declarations, so that a wrong declaration fails. A new act without a row fails too.
"""

import csv
from pathlib import Path

import pytest
from rest_framework.exceptions import ValidationError

from directory.models import COURT_DUTIES, Duty
from enforcement import engine
from enforcement.engine import Subject
from enforcement.models import Case, Event, Stage
from tests.world import make_person

EXPECTED = {
    row["act"]: row
    for row in csv.DictReader(
        (Path(__file__).parent / "expected_matrix.csv").read_text(encoding="utf-8").splitlines()
    )
}
ACTS = [act for act in engine.all_acts() if act.by]
# Reaching any of these means that duty and sight were granted; the empty input then goes no further.
PAST_THE_DUTY = {"stage", "needs-decision", "refused"}


def test_every_act_has_its_row_and_every_row_its_act():
    assert {act.code for act in ACTS} == set(EXPECTED)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.code)
def test_the_declaration_is_what_the_matrix_expects(act):
    expected = EXPECTED[act.code]
    assert {duty.value for duty in act.by} == set(expected["may"].split("|"))
    assert (act.decided_by.value if act.decided_by else "") == expected["decides"]
    assert act.subject.value == expected["subject"]


def outcome(act, subject, person) -> str:
    """ "unseen", "duty" or "granted": how far somebody gets with an empty form."""
    try:
        engine.submit(act, subject, person, {})
    except engine.OutOfSight:
        return "unseen"
    except ValidationError:
        return "granted"
    except engine.Refused as refusal:
        return "duty" if refusal.code in {"duty", "separation", "recused"} else "granted"
    return "granted"


@pytest.fixture
def people(world):
    """One person for every court duty at the court; the implementer is not assigned to the case."""
    return {duty: make_person(f"only-{duty.value}", world.court, duty) for duty in sorted(COURT_DUTIES)}


@pytest.fixture
def subjects(world):
    return {Subject.CASE: world.assigned_case(), Subject.COURT: world.court}


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.code)
def test_each_duty_gets_as_far_as_the_matrix_says(act, world, people, subjects):
    subject = subjects[act.subject]
    allowed = set(EXPECTED[act.code]["may"].split("|"))
    events = Event.objects.count()
    for duty, person in people.items():
        got = outcome(act, subject, person)
        if duty == Duty.COURT_ADMINISTRATOR and act.subject is Subject.CASE:
            assert got == "unseen", duty
        elif duty.value not in allowed:
            assert got in {"duty", "unseen"}, duty
        elif duty == Duty.IMPLEMENTER and act.subject is Subject.CASE and act.needs_assignment:
            assert got == "duty", "an officer acts on the cases assigned to them"
        else:
            assert got == "granted", duty
    if "implementer" in allowed and act.subject is Subject.CASE:
        assert outcome(act, subject, world.implementer) == "granted"
    if not any(duty.value in allowed for duty in people):
        assert Event.objects.count() == events


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.code)
def test_who_is_of_another_court_or_held_the_duty_once_sees_nothing(act, world, subjects):
    subject = subjects[act.subject]
    duty = Duty(sorted(EXPECTED[act.code]["may"].split("|"))[0])
    sister = make_person("sister-one", world.sister, duty)
    assert outcome(act, subject, sister) == "unseen"
    nobody = make_person("nobody", world.court)
    assert outcome(act, subject, nobody) == "unseen"


OF_COURTS = [act for act in ACTS if act.by & COURT_DUTIES]


@pytest.mark.parametrize(
    "act", [act for act in OF_COURTS if act.subject is Subject.CASE], ids=lambda act: act.code
)
def test_the_court_above_sees_the_case_but_does_not_act_on_it(act, world, subjects):
    above = make_person(
        "above", world.intermediate, *[Duty(duty) for duty in EXPECTED[act.code]["may"].split("|")]
    )
    assert Case.objects.visible_to(above).filter(pk=subjects[Subject.CASE].pk).exists()
    assert outcome(act, subjects[Subject.CASE], above) == "duty"


def test_a_closed_case_refuses_what_only_an_open_one_allows(world, case):
    for act in ACTS:
        if act.subject is Subject.CASE and Stage.CLOSED in act.stages and act.affects:
            # A measure may be ended, never begun, on a closed case.
            assert act.code in {
                "measure.renew",
                "measure.let-lapse",
                "measure.release",
                "request.renew",
                "request.lift",
            }
