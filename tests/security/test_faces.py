"""Every act × every role that may not do it, through both faces: a page and the interface for systems answer
with the same refusal, and nothing happens.

How far each duty gets in the engine is in ``test_access_matrix``; here it is shown that no face has a way
around it.
"""

import html
from typing import Any

import pytest
from django.core.cache import cache
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from directory.models import COURT_DUTIES, Agency, Duty, DutyHolding, Person
from enforcement.engine import Subject
from enforcement.models import Event
from law import clock
from tests.security.test_access_matrix import ACTS, EXPECTED
from tests.world import World, client_system, make_person, set_up

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
EVERYTHING = sorted(COURT_DUTIES - {Duty.COURT_ADMINISTRATOR})
NEXT_DOOR, ABOVE, TELLER = "of the court next door", "of the court above", "of an agency"
NOBODY, FORMER = "without a duty", "no longer in duty"
BLIND = {NEXT_DOOR, NOBODY, FORMER}


def next_door(world: World) -> Person:
    return make_person("next-door", world.sister, *EVERYTHING)


def above(world: World) -> Person:
    return make_person("above", world.intermediate, *EVERYTHING)


def nobody(world: World) -> Person:
    return make_person("without", world.court)


def former(world: World) -> Person:
    """Held every duty until yesterday."""
    person = make_person("former", world.court)
    held = DateRange(clock.today().replace(year=2020), clock.today())
    for duty in EVERYTHING:
        set_up(
            lambda duty=duty: DutyHolding.objects.create(
                person=person, duty=duty, court=world.court, during=held
            )
        )
    return person


def teller(world: World) -> Person:
    bank = Agency.objects.create(code="示例-0001", name="高原示例银行", kind="bank")
    person = Person.objects.create(username="teller", name="某柜员", agency=bank)
    for duty in (Duty.AGENCY_OPERATOR, Duty.AGENCY_REVIEWER, Duty.AGENCY_ADMINISTRATOR):
        since = DateRange(clock.today(), None)
        set_up(
            lambda duty=duty, since=since: DutyHolding.objects.create(
                person=person, duty=duty, agency=bank, during=since
            )
        )
    return person


OUTSIDE = {NEXT_DOOR: next_door, ABOVE: above, TELLER: teller, NOBODY: nobody, FORMER: former}


def may_not(act: Any, role: str) -> bool:
    """Whether the hand-written matrix keeps a role from an act."""
    may = set(EXPECTED[act.code]["may"].split("|"))
    if role == TELLER:
        return not any(duty.startswith("agency") for duty in may)
    if role in OUTSIDE:
        return True
    # The officer asked here is not the one the case is assigned to.
    assigned = on_case(act) and act.needs_assignment
    return role not in may or (role == Duty.IMPLEMENTER and assigned)


def on_case(act: Any) -> bool:
    return act.subject is Subject.CASE and not act.opens_case


def page_of(person: Person) -> Client:
    client = Client()
    client.force_login(person, BACKEND)
    return client


def system_of(person: Person) -> Client:
    """A client system that acts as the person, with its token."""
    client_id, secret = client_system(person, ["cases:read", "cases:act"])
    form = f"grant_type=client_credentials&client_id={client_id}&client_secret={secret}"
    answer = Client().post("/api/token/", form, content_type="application/x-www-form-urlencoded")
    return Client(
        headers={"Authorization": f"Bearer {answer.json()['access_token']}", "Accept-Language": "en"}
    )


@pytest.fixture(autouse=True)
def _ready(settings):
    cache.clear()  # every role has the whole rate of requests to itself
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.mark.parametrize("role", [*sorted(duty.value for duty in COURT_DUTIES), *OUTSIDE])
def test_both_faces_refuse_an_act_to_whoever_may_not_do_it(world, case, settings, role):
    # It calls as often as there are acts; how often a system may call is tried elsewhere.
    rates = {"DEFAULT_THROTTLE_RATES": {"client": "100000/s"}}
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | rates
    person = OUTSIDE[role](world) if role in OUTSIDE else make_person("only", world.court, Duty(role))
    set_up(lambda: Person.objects.filter(pk=person.pk).update(language="en"))
    page, system = page_of(person), system_of(person)
    events = Event.objects.count()
    asked = [act for act in ACTS if act.code in EXPECTED and may_not(act, role)]
    assert len(asked) > 10
    for act in asked:
        place = f"cases/{case.uid}" if on_case(act) else f"courts/{world.court.code}"
        shown = page.post(f"/{place}/acts/{act.code}/", {"idempotency_key": act.code})
        said = system.post(
            f"/api/v1/{place}/acts/{act.code}/",
            {},
            content_type="application/json",
            headers={"Idempotency-Key": act.code},
        )
        assert shown.status_code == expected(act, role), act.code
        if role == TELLER:
            # An agency's token has no scope here: it is turned away before anything is looked for.
            assert (said.status_code, said.json()["code"]) in {(403, "scope"), (404, "not-found")}, act.code
            continue
        assert shown.status_code == said.status_code, act.code
        if said.status_code == 403:
            text, problem = html.unescape(shown.content.decode()), said.json()
            assert problem["detail"] in text, act.code
            assert problem["rules"][0]["label"] in text, act.code
    assert Event.objects.count() == events


def expected(act: Any, role: str) -> int:
    """404 for whom it does not exist; 403, with the rule, for whoever sees it and may not."""
    if role in BLIND or role == TELLER:
        return 404
    if role == ABOVE:
        return 403 if on_case(act) else 404
    if role == Duty.COURT_ADMINISTRATOR:
        return 404 if on_case(act) else 403
    return 403
