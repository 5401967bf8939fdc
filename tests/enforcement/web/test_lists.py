"""Lists, filters, search, desk, notices and bulk work as a browser meets them."""

import uuid

import pytest

from enforcement.models import Case, ReadLog, SavedFilter
from enforcement.queries import cases as case_queries
from enforcement.queries import desk as desk_queries
from enforcement.queries import search as search_queries
from tests.world import resident_number


def numbers(page: str) -> list[str]:
    """Case numbers on a page in the order of the database's newest first."""
    return [case.number for case in Case.objects.order_by("-filed_on", "-pk") if case.number in page]


def test_pages_follow_each_other_in_both_directions(world, monkeypatch):
    monkeypatch.setattr(case_queries, "PAGE", 2)
    filed = [world.file_case() for _number in range(5)][::-1]
    head = world.head
    first = case_queries.listed(head, size=2)
    second = case_queries.listed(head, {"after": first.after}, size=2)
    third = case_queries.listed(head, {"after": second.after}, size=2)
    assert [*first.cases, *second.cases, *third.cases] == filed
    assert (first.before, third.after) == (None, None)
    back = case_queries.listed(head, {"before": third.before}, size=2)
    assert back.cases == second.cases
    assert case_queries.listed(head, {"before": back.before}, size=2).before is None


@pytest.mark.parametrize(
    "query",
    [
        "ordering=court",
        "page_size=1000000000",
        "stage=nowhere",
        "filed_from=yesterday",
        "after=x",
        "after=2026-01-01.x",
    ],
)
def test_what_the_list_does_not_know_is_refused_in_words(world, case, browser, query):
    answer = browser("head").get(f"/cases/?{query}")
    assert answer.status_code == 400
    assert case.number not in answer.content.decode()


def test_the_list_is_narrowed_by_its_address(world, case, browser):
    other = world.file_case(parties=[world.applicant(name="德吉庚"), world.company()])
    client = browser("implementer")
    for query, expected in {
        "officer=me": [case],
        "stage=filed": [other],
        "state=closed": [],
        "q=德吉": [other],
        f"q={other.serial}": [other],
        "q=djg": [other],
        "due=soon": [other],
    }.items():
        page = client.get(f"/cases/?{query}").content.decode()
        assert set(numbers(page)) == {one.number for one in expected}, query


def test_a_part_of_the_list_shows_the_same_rows_as_the_page(world, case, browser):
    client = browser("head")
    part = client.get("/cases/?officer=implementer", headers={"HX-Request": "true"}).content.decode()
    assert case.number in part
    assert "<html" not in part


def test_a_filter_is_saved_under_a_name_and_forgotten(world, browser):
    client = browser("head")
    client.post("/cases/filters/", {"name": "超期", "query": "due=overdue&after=2026-01-01.5"})
    saved = SavedFilter.objects.get()
    assert (saved.person, saved.query) == (world.head, "due=overdue")
    assert "超期" in client.get("/cases/?due=overdue").content.decode()
    browser("judge").post(f"/cases/filters/{saved.pk}/forget/")
    assert SavedFilter.objects.exists()
    client.post(f"/cases/filters/{saved.pk}/forget/")
    assert not SavedFilter.objects.exists()


def test_a_filter_the_list_does_not_know_is_not_saved(world, browser):
    browser("head").post("/cases/filters/", {"name": "坏", "query": "court__code=1"})
    assert not SavedFilter.objects.exists()


def test_a_whole_case_number_opens_its_case(world, case, browser):
    for text in [case.number, case.number.replace("（", "(").replace("）", ")")]:
        answer = browser("head").get("/search/", {"q": text})
        assert (answer.status_code, answer["Location"]) == (303, f"/cases/{case.uid}/")


def test_an_identity_number_finds_its_cases_exactly_and_is_written_down_masked(world, browser):
    number = resident_number()
    case = world.file_case(parties=[world.applicant(), world.debtor(identity_number=number)])
    page = browser("head").post("/search/", {"q": number}).content.decode()
    assert case.number in page
    assert number not in page
    row = ReadLog.objects.get(what="search.identity")
    assert row.person == world.head
    assert number not in row.purpose
    assert case.number not in browser("head").get("/search/", {"q": number[:14]}).content.decode()


def test_the_thirty_first_search_by_a_personal_number_in_an_hour_is_refused(world, browser):
    for _number in range(search_queries.NUMBERS_PER_HOUR):
        search_queries.search(world.head, resident_number())
    assert browser("head").post("/search/", {"q": resident_number()}).status_code == 429


def test_a_personal_number_never_stands_in_an_address(world, browser):
    client = browser("head")
    answer = client.get("/search/", {"q": resident_number()})
    assert (answer.status_code, answer["Location"]) == (303, "/search/")
    assert not ReadLog.objects.exists()
    answer = client.post("/search/", {"q": "旦增"})
    assert answer["Location"].startswith("/search/?q=")


def test_a_name_is_found_by_its_known_spellings(world, case, browser):
    assert case.number in browser("head").get("/search/", {"q": "丹增"}).content.decode()


def test_lifting_stands_first_on_the_desk(world, case):
    from tests.enforcement import cash, control

    cash.noticed(world, case)
    measure = control.freeze(world, case, "1000.00")
    control.release(world, case, measure)
    tasks = desk_queries.desk(world.implementer).tasks
    assert desk_queries.is_lift(tasks[0])
    assert not all(desk_queries.is_lift(task) for task in tasks)


def test_the_desk_holds_what_is_mine_and_what_my_duty_may_take(world, filed, case):
    assert {task.case_id for task in desk_queries.desk(world.head).tasks} == {filed.pk}
    assert {task.case_id for task in desk_queries.desk(world.implementer).tasks} == {case.pk}
    assert desk_queries.desk(world.second_implementer).tasks == []
    assert desk_queries.desk(world.sister_head).tasks == []


def test_notices_are_read_once_read(world, case, browser):
    client = browser("implementer")
    last = world.implementer.notices.first()
    assert case.number in client.get("/notices/").content.decode()
    client.post("/notices/read/", {"last": last.pk})
    last.refresh_from_db()
    assert last.read_at is not None


def test_one_act_is_done_on_many_cases(world, browser):
    filed = [world.file_case() for _number in range(3)]
    client = browser("head")
    chosen = {"case": [str(case.uid) for case in filed], "act": "case.assign"}
    assert all(case.number in client.post("/cases/bulk/", chosen).content.decode() for case in filed)
    key = str(uuid.uuid4())
    done = client.post("/cases/bulk/", chosen | {"confirm": "1", "officer": "", "idempotency_key": key})
    assert done.status_code == 200
    assert Case.objects.filter(stage="notice").count() == 3
    client.post("/cases/bulk/", chosen | {"confirm": "1", "officer": "", "idempotency_key": key})
    assert set(Case.objects.values_list("event_count", flat=True)) == {2}


def test_one_foreign_case_refuses_the_whole_batch(world, filed, browser):
    from enforcement import engine

    engine.submit(engine.act_named("case.file"), world.sister, world.sister_clerk, world.filing())
    foreign = Case.objects.get(court=world.sister)
    chosen = {"case": [str(filed.uid), str(foreign.uid)], "act": "case.assign", "confirm": "1", "officer": ""}
    assert browser("head").post("/cases/bulk/", chosen).status_code == 404
    filed.refresh_from_db()
    assert filed.stage == "filed"


def test_more_than_twenty_cases_become_a_job(world, browser, django_capture_on_commit_callbacks):
    filed = [world.file_case() for _number in range(21)]
    chosen = {"case": [str(case.uid) for case in filed], "act": "case.assign", "confirm": "1", "officer": ""}
    answer = browser("head").post("/cases/bulk/", chosen)
    job = world.head.jobs.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/jobs/{job.uid}/")
    assert job.total == 21


def test_nothing_chosen_says_so(world, browser):
    assert browser("head").post("/cases/bulk/", {"act": "case.assign"}).status_code == 400
