"""Reading over REST: what is in sight, page by page, at a constant cost."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = [pytest.mark.api, pytest.mark.django_db]


def test_a_case_is_read_with_its_title_and_its_tag(clerk, filed):
    answer = clerk.get(f"/api/v1/cases/{filed.uid}/")
    assert answer.status_code == 200
    body = answer.json()
    assert body["number"] == filed.number
    assert body["claim"] == "120000.00"
    assert body["title"]["items"][0]["amount"] == "120000.00"
    assert body["head_hash"] == bytes(filed.head_hash).hex()
    assert answer["ETag"] == '"1"'


def test_what_has_not_changed_is_not_sent_again(clerk, filed, world):
    path = f"/api/v1/cases/{filed.uid}/"
    tag = clerk.get(path)["ETag"]
    unchanged = clerk.get(path, **{"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    world.do("case.assign", filed, "head", officer="implementer")
    assert clerk.get(path, **{"If-None-Match": tag}).status_code == 200


def test_reading_a_case_is_written_into_its_log(clerk, filed):
    clerk.get(f"/api/v1/cases/{filed.uid}/")
    read = filed.reads.get()
    assert read.person == clerk.person


def test_parties_leave_with_masked_numbers_only(clerk, world):
    number = world.applicant()["identity_number"]
    filed = world.file_case(parties=[world.applicant(identity_number=number), world.debtor()])
    answer = clerk.get(f"/api/v1/cases/{filed.uid}/parties/")
    assert answer.json()["results"][0]["identity_mask"].endswith(number[-4:])
    assert number not in answer.content.decode()


@pytest.mark.parametrize(
    "part",
    ["", "parties/", "events/", "documents/", "deadlines/", "acts/", "assets/", "measures/", "payments/"],
)
def test_out_of_sight_is_answered_like_what_never_existed(sister, filed, part):
    absent = "00000000-0000-4000-8000-000000000000"
    answers = []
    for uid in (str(filed.uid), absent):
        with CaptureQueriesContext(connection) as queries:
            answer = sister.get(f"/api/v1/cases/{uid}/{part}")
        body = json.loads(answer.content.replace(uid.encode(), b""))
        body.pop("request_id")
        headers = {name: value for name, value in answer.items() if name != "X-Request-ID"}
        answers.append((answer.status_code, body, headers, len(queries)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert filed.reads.count() == 0


def test_a_list_holds_own_cases_only_and_turns_its_pages_once_each(clerk, sister, world):
    mine = {str(world.file_case().uid) for _ in range(5)}
    assert sister.get("/api/v1/cases/").json()["results"] == []
    seen, path = [], "/api/v1/cases/?page_size=2"
    while path:
        page = clerk.get(path).json()
        assert len(page["results"]) <= 2
        seen += [row["uid"] for row in page["results"]]
        path = page["next"]
    assert len(seen) == 5
    assert set(seen) == mine


def test_a_list_costs_the_same_however_long_it_is(clerk, world):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert clerk.get("/api/v1/cases/").status_code == 200
        return len(queries)

    world.file_case()
    one = cost()
    for _ in range(4):
        world.file_case()
    assert cost() == one == 2


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "page_size=0",
        "page_size=x",
        "cursor=AAAA",
        "stage=never",
        "stage=filed&stage=notice",
        "filed_from=0000-00-00",
        "cursor=W10",
        "after=1",
    ],
)
def test_a_parameter_that_means_nothing_is_refused_by_name(clerk, query):
    answer = clerk.get(f"/api/v1/cases/?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0] in answer.json()["errors"]


def test_a_page_never_holds_more_than_a_hundred(clerk, filed):
    assert clerk.get("/api/v1/cases/?page_size=1000000000").status_code == 200


def test_filters_narrow_the_list(clerk, filed, case):
    def numbers(query: str) -> list[str]:
        return [row["number"] for row in clerk.get(f"/api/v1/cases/?{query}").json()["results"]]

    assert numbers("stage=filed") == [filed.number]
    assert numbers("officer=implementer") == [case.number]
    assert numbers(f"number={filed.number}") == [filed.number]


def test_history_is_read_on_from_a_number_and_checks_by_its_hashes(clerk, case):
    import hashlib

    import rfc8785

    events = clerk.get(f"/api/v1/cases/{case.uid}/events/").json()["results"]
    assert [event["seq"] for event in events] == [1, 2]
    previous = b"\0" * 32
    for event in events:
        assert event["prev_hash"] == previous.hex()
        previous = hashlib.sha256(b"\x02" + previous + rfc8785.dumps(event["content"])).digest()
        assert event["hash"] == previous.hex()
    later = clerk.get(f"/api/v1/cases/{case.uid}/events/?from_seq=2").json()["results"]
    assert [event["act"] for event in later] == ["case.assign"]


def test_a_deadline_says_why_it_ends_on_its_day(clerk, filed):
    rows = clerk.get(f"/api/v1/cases/{filed.uid}/deadlines/").json()["results"]
    row = next(row for row in rows if row["rule"] == "notice.send")
    detail = clerk.get(f"/api/v1/cases/{filed.uid}/deadlines/{row['id']}/").json()
    assert detail["due_on"] == row["due_on"]
    assert detail["why"]
    assert detail["rules"][0]["article"]


def test_offers_tell_what_is_lawful_now_and_why_the_rest_is_not(head, filed):
    offers = {
        offer["code"]: offer for offer in head.get(f"/api/v1/cases/{filed.uid}/acts/").json()["results"]
    }
    assert offers["case.assign"]["allowed"]
    assert offers["case.assign"]["due_on"]
    assert offers["case.assign"]["href"] == f"/api/v1/cases/{filed.uid}/acts/case.assign/"
    refused = [offer for offer in offers.values() if not offer["allowed"]]
    assert all(offer["why_not"] and offer["rules"] for offer in refused)
