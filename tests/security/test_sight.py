"""Who sees which case: the list and the single case give the same answer, for every kind of person.

Lists ask the database (``visible_to``); what holds a loaded case asks it (``is_visible_to``). Whoever was
let in by one and not by the other would see in a list what they can't open, or open what they can't see.
"""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from directory.models import COURT_DUTIES, Agency, Duty, DutyHolding, Person
from enforcement import engine
from enforcement.models import Case, CaseGrant
from law import clock
from tests.world import make_person, set_up

LEVELS = ["high", "intermediate", "court", "sister"]
SEEN_FROM = {
    "high": {"high", "intermediate", "court", "sister"},
    "intermediate": {"intermediate", "court", "sister"},
    "court": {"court"},
    "sister": {"sister"},
}
GRANTS = {"no grant": None, "a live grant": 0, "an ended grant": -1}
AGENCY_DUTIES = sorted(set(Duty) - COURT_DUTIES)


@pytest.fixture
def cases(world):
    """A case of each court."""
    found: dict[str, Case] = {}
    for name in LEVELS:
        court = getattr(world, name)
        clerk = make_person(f"clerk-{name}", court, Duty.FILING_CLERK)
        case = engine.submit(engine.act_named("case.file"), court, clerk, world.filing()).case
        assert case is not None
        found[name] = Case.objects.get(pk=case.pk)
    return found


def grant(person, case, days):
    """A grant whose last day is so many days from today, whoever the person is."""
    permission = Permission.objects.get(codename="read_case", content_type__app_label="enforcement")

    def write():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case.pk)])
        CaseGrant.objects.create(
            user=person,
            permission=permission,
            content_object=case,
            until=clock.today() + timedelta(days=days),
            reason="协助执行需要查阅",
        )

    set_up(write)


def seen(person, cases):
    """Names of the cases a person sees; one by one and by the list, which must agree."""
    fresh = Person.objects.get(pk=person.pk)
    listed = set(Case.objects.visible_to(fresh).values_list("pk", flat=True))
    fresh = Person.objects.get(pk=person.pk)
    single = {name for name, case in cases.items() if case.is_visible_to(fresh)}
    assert {cases[name].pk for name in single} == listed & {case.pk for case in cases.values()}
    return single


@pytest.mark.parametrize("granted", GRANTS)
@pytest.mark.parametrize("level", LEVELS)
def test_a_duty_sees_its_court_and_those_below_and_what_is_granted(world, cases, level, granted):
    days = GRANTS[granted]
    for duty in sorted(COURT_DUTIES):
        person = make_person(f"p-{duty.value}", getattr(world, level), duty)
        expected = set() if duty == Duty.COURT_ADMINISTRATOR else set(SEEN_FROM[level])
        if days is not None:
            foreign = "sister" if level == "court" else "court"
            grant(person, cases[foreign], days)
            expected |= {foreign} if days >= 0 else set()
        assert seen(person, cases) == expected, duty


@pytest.mark.parametrize("granted", GRANTS)
@pytest.mark.parametrize("duty", AGENCY_DUTIES)
def test_a_person_of_an_agency_sees_what_is_granted(world, cases, duty, granted):
    agency = Agency.objects.create(code="示例-0001", name="高原示例银行", kind="bank")
    person = Person.objects.create(username="teller", name="某柜员", agency=agency)
    since = DateRange(clock.today() - timedelta(days=30), None)
    set_up(lambda: DutyHolding.objects.create(person=person, duty=duty, agency=agency, during=since))
    if GRANTS[granted] is not None:
        grant(person, cases["court"], GRANTS[granted])
    assert seen(person, cases) == ({"court"} if granted == "a live grant" else set())


@pytest.mark.parametrize("kind", ["human", "client"])
def test_who_holds_no_duty_sees_nothing(world, cases, kind):
    nobody = Person.objects.create(username="nobody", name="某人", kind=kind, court=world.court)
    nowhere = Person.objects.create(username="nowhere", name="某人", kind=kind)
    assert seen(nobody, cases) == seen(nowhere, cases) == set()


def test_a_duty_that_ended_or_begins_tomorrow_shows_nothing(world, cases):
    today = clock.today()
    spans = {
        "was": DateRange(today - timedelta(days=9), today),
        "will-be": DateRange(today + timedelta(days=1), None),
        "is-for-a-last-day": DateRange(today - timedelta(days=9), today + timedelta(days=1)),
    }
    for name, during in spans.items():
        person = make_person(name, world.court)
        set_up(
            lambda person=person, during=during: DutyHolding.objects.create(
                person=person, duty=Duty.SUPERVISOR, court=world.court, during=during
            )
        )
        assert seen(person, cases) == ({"court"} if name == "is-for-a-last-day" else set()), name


def test_a_duty_held_elsewhere_does_not_open_the_court_one_belongs_to(world, cases):
    """Somebody who sits at the high court and holds a duty at a basic court only."""
    person = make_person("lent", world.high)
    since = DateRange(clock.today(), None)
    set_up(
        lambda: DutyHolding.objects.create(
            person=person, duty=Duty.IMPLEMENTER, court=world.court, during=since
        )
    )
    assert seen(person, cases) == set()


def test_the_system_which_acts_for_nobody_sees_all(world, cases):
    assert seen(Person.objects.system(), cases) == set(LEVELS)
