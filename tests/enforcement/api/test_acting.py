"""Acts over REST: one key, one effect; refusals name their rule; proposals are decided by somebody else."""

import pytest

from directory.models import Duty
from enforcement.models import Case, Event

pytestmark = [pytest.mark.api, pytest.mark.django_db]
FILE = "/api/v1/courts/藏0102/acts/case.file/"


def assign(caller, case, officer="implementer", **headers):
    return caller.post(f"/api/v1/cases/{case.uid}/acts/case.assign/", {"officer": officer}, **headers)


def test_a_case_is_filed_and_the_event_comes_back(clerk, world):
    answer = clerk.post(FILE, world.filing())
    assert answer.status_code == 201, answer.content
    body = answer.json()
    case = Case.objects.get()
    assert body["case"] == {"uid": str(case.uid), "number": case.number}
    assert body["hash"] == bytes(case.head_hash).hex()
    assert answer["Location"] == f"/api/v1/cases/{case.uid}/"
    assert answer["ETag"] == '"1"'


def test_a_repeated_key_gives_the_first_answer_and_no_second_case(clerk, world):
    filing = world.filing()
    first = clerk.post(FILE, filing, Idempotency_Key="once")
    again = clerk.post(FILE, filing, Idempotency_Key="once")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    assert Case.objects.count() == 1


def test_a_key_can_not_be_used_for_something_else(clerk, world):
    clerk.post(FILE, world.filing(), Idempotency_Key="once")
    other = clerk.post(FILE, world.filing(cause="借款合同纠纷"), Idempotency_Key="once")
    assert other.status_code == 422
    assert other.json()["code"] == "key-reused"
    assert Case.objects.count() == 1


def test_a_refusal_does_not_use_up_its_key(clerk, world):
    assert clerk.post(FILE, {}, Idempotency_Key="once").status_code == 400
    assert clerk.post(FILE, world.filing(), Idempotency_Key="once").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "ü", "x" * 81, "two words"])
def test_an_act_without_a_proper_key_is_not_begun(clerk, world, key):
    answer = clerk.post(FILE, world.filing(), Idempotency_Key=key)
    assert answer.status_code == 400
    assert answer.json()["code"] == "idempotency-key"
    assert Case.objects.count() == 0


def test_what_the_law_forbids_is_refused_with_the_rule(clerk, world):
    early = world.filing(performance_due_on=world.filing()["applied_on"])
    answer = clerk.post(FILE, early)
    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert problem["type"] == f"urn:zhixing:problem:{problem['code']}"
    assert problem["rules"][0]["instrument"]
    assert problem["rules"][0]["article"] == "16"
    assert problem["errors"].keys() == {"performance_due_on"}
    assert problem["request_id"] == answer["X-Request-ID"]
    assert Event.objects.count() == 0


def test_each_wrong_field_is_named_by_its_path(clerk, world):
    filing = world.filing()
    filing["parties"][1]["identity_number"] = "110101199001011234"
    filing["items"][0]["amount"] = "0.001"
    filing["colour"] = "red"
    assert clerk.post(FILE, filing).json()["errors"].keys() == {"colour"}
    del filing["colour"]
    errors = clerk.post(FILE, filing).json()["errors"]
    assert errors.keys() == {"parties[1].identity_number", "items[0].amount"}


def test_who_lacks_the_duty_is_told_who_may(clerk, filed):
    answer = assign(clerk, filed)
    assert answer.status_code == 403
    assert answer.json()["code"] == "duty"
    assert answer.json()["rules"]


def test_a_wrong_stage_is_a_conflict(head, filed):
    assert assign(head, filed).status_code == 201
    again = assign(head, filed)
    assert again.status_code == 409
    assert again.json()["rules"]


def test_an_act_on_what_was_not_seen_is_refused(head, filed, world):
    tag = head.get(f"/api/v1/cases/{filed.uid}/")["ETag"]
    assert assign(head, filed, If_Match='"0"').status_code == 412
    assert assign(head, filed, If_Match="nonsense").status_code == 400
    assert assign(head, filed, If_Match=tag).status_code == 201


def test_an_act_on_a_case_out_of_sight_is_answered_like_one_on_none(sister, filed):
    class Absent:
        uid = "00000000-0000-4000-8000-000000000000"

    hidden, absent = assign(sister, filed), assign(sister, Absent)
    assert hidden.status_code == absent.status_code == 404
    assert {**hidden.json(), "instance": "", "request_id": ""} == {
        **absent.json(),
        "instance": "",
        "request_id": "",
    }
    assert filed.events.count() == 1


def test_a_court_where_no_duty_is_held_does_not_exist(sister, world):
    known, unknown = sister.post(FILE, world.filing()), sister.post(FILE.replace("0102", "9999"), {})
    assert known.status_code == unknown.status_code == 404


def test_an_act_that_is_none_does_not_exist(head, filed):
    assert head.post(f"/api/v1/cases/{filed.uid}/acts/case.vanish/", {}).status_code == 404
    assert head.post(f"/api/v1/cases/{filed.uid}/acts/case.file/", {}).status_code == 404


@pytest.fixture
def proposed(world, case):
    """An extension proposed by the case's officer, which the president decides."""
    answer = world.do("case.extend", case, "implementer", months=2, reason="标的物正在评估")
    return answer.proposal


def test_a_proposal_is_decided_by_another_person_once(proposed, caller_of):
    president = caller_of(Duty.PRESIDENT)
    listed = president.get("/api/v1/proposals/").json()["results"]
    assert [row["uid"] for row in listed] == [str(proposed.uid)]
    path = f"/api/v1/proposals/{proposed.uid}/decision/"
    assert president.post(path, {"approve": False}).json()["errors"].keys() == {"reason"}
    first = president.post(path, {"approve": True}, Idempotency_Key="once")
    again = president.post(path, {"approve": True}, Idempotency_Key="once")
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    late = president.post(path, {"approve": True})
    assert (late.status_code, late.json()["code"]) == (409, "already-decided")


def test_a_decision_without_the_duty_is_refused(proposed, head):
    answer = head.post(f"/api/v1/proposals/{proposed.uid}/decision/", {"approve": True})
    assert answer.status_code == 403


def test_a_proposal_of_another_court_does_not_exist(proposed, sister):
    assert sister.get("/api/v1/proposals/").json()["results"] == []
    assert sister.get(f"/api/v1/proposals/{proposed.uid}/").status_code == 404
    answer = sister.post(f"/api/v1/proposals/{proposed.uid}/decision/", {"approve": True})
    assert answer.status_code == 404
