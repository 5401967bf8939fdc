"""Who sees which page: signed out, every duty, another court."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from enforcement.models import ReadLog
from tests.enforcement.control import sister_case
from tests.world import PEOPLE

LISTS = ["/", "/cases/", "/decisions/", "/notices/", "/search/?q=旦增"]


def pages_of(case) -> list[str]:
    """Every address about one case."""
    base = f"/cases/{case.uid}/"
    deadline = case.deadlines.first()
    parts = ["", "history/", "print/", f"deadlines/{deadline.pk}/why/", "acts/case.assign/"]
    return [base + part for part in parts]


@pytest.mark.parametrize(
    "address", [*LISTS, "/cases/{uid}/", "/cases/{uid}/acts/case.assign/", "/files/{uid}/"]
)
def test_signed_out_people_are_sent_to_the_sign_in_page(db, address):
    answer = Client().get(address.format(uid=uuid.uuid4()))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/")


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(db):
    answer = Client().get(f"/cases/{uuid.uuid4()}/history/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", PEOPLE)
def test_every_duty_has_its_lists(world, case, browser, name):
    for address in LISTS:
        assert browser(name).get(address).status_code == 200, address


@pytest.mark.parametrize("name", [name for name in PEOPLE if name != "administrator"])
def test_every_duty_of_the_court_that_sees_cases_reads_a_case(world, case, browser, name):
    for address in pages_of(case)[:-1]:
        assert browser(name).get(address).status_code == 200, address


def headers_of(answer) -> dict[str, str]:
    """Headers but for the reference every answer has of its own."""
    return {name: value for name, value in answer.items() if name != "X-Request-ID"}


@pytest.mark.parametrize("name", ["sister_head", "administrator"])
@pytest.mark.parametrize("htmx", [False, True])
def test_a_case_out_of_sight_is_answered_like_one_that_never_existed(world, case, browser, name, htmx):
    client = browser(name)
    headers = {"HX-Request": "true"} if htmx else {}
    for address in pages_of(case):
        foreign = client.get(address, headers=headers)
        missing = client.get(address.replace(str(case.uid), str(uuid.uuid4())), headers=headers)
        assert foreign.status_code == missing.status_code == 404, address
        assert foreign.content == missing.content
        assert headers_of(foreign) == headers_of(missing)


def test_posting_an_act_on_a_case_out_of_sight_does_nothing(world, filed, browser):
    answer = browser("sister_head").post(f"/cases/{filed.uid}/acts/case.assign/", {"officer": ""})
    assert answer.status_code == 404
    filed.refresh_from_db()
    assert filed.event_count == 1


def test_lists_and_search_hold_no_case_of_another_court(world, case, browser):
    other = sister_case(world)
    for address in ["/cases/", "/cases/?court=藏0103", f"/search/?q={other.number}", "/search/?q=旦增"]:
        assert str(other.uid) not in browser("implementer").get(address).content.decode(), address


def test_the_court_above_sees_the_cases_below_it(world, case, browser):
    assert case.number in browser("high_head").get("/cases/").content.decode()
    assert browser("high_head").get(f"/cases/{case.uid}/").status_code == 200


def test_opening_a_case_is_written_down_and_shown_to_those_who_answer_for_it(world, case, browser):
    browser("judge").get(f"/cases/{case.uid}/")
    assert list(ReadLog.objects.filter(case=case).values_list("person__username", "what")) == [
        ("judge", "case")
    ]
    assert "judge" in browser("head").get(f"/cases/{case.uid}/readers/").content.decode()
    assert browser("implementer").get(f"/cases/{case.uid}/readers/").status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete", "head", "options"])
def test_pages_answer_only_the_methods_they_know(world, case, browser, method):
    client = browser("implementer")
    for address in [f"/cases/{case.uid}/", "/cases/", "/notices/read/"]:
        assert getattr(client, method)(address).status_code == 405, address


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_lists_ask_as_many_questions_for_thirty_cases_as_for_one(world, case, browser):
    client = browser("implementer")
    addresses = ["/", "/cases/", "/cases/?due=soon", "/search/?q=旦增", "/notices/"]
    client.get("/")
    one = {address: queries(client, address) for address in addresses}
    for _number in range(29):
        world.assigned_case()
    assert {address: queries(client, address) for address in addresses} == one


def test_a_case_asks_as_many_questions_with_many_rows_as_with_few(world, case, browser):
    from tests.enforcement import cash, control

    cash.noticed(world, case)
    control.freeze(world, case, "100.00")
    client = browser("implementer")
    client.get("/")
    few = queries(client, f"/cases/{case.uid}/")
    for _number in range(4):
        control.freeze(world, case, "100.00")
    cash.arrive(world, case, "500.00")
    assert queries(client, f"/cases/{case.uid}/") <= few + 1
