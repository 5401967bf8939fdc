"""The interface for systems of agencies: what they read, what they answer, and what they are told when it is
not right."""

import base64
import json
import threading
from threading import Thread

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.cache import cache
from django.db import connection, connections, transaction

from directory.models import ClientSystem, Duty
from enforcement import outbox
from enforcement.models import Deadline, Event, ReadLog
from linkage.models import Answer, AnswerState, Channel, ChannelKind, Dispatch, Question, RequestState
from tests.enforcement.api.conftest import Caller
from tests.linkage.wire import Signer, until
from tests.linkage_world import linked, make_staff
from tests.world import client_system, set_up

pytestmark = [pytest.mark.api, pytest.mark.django_db]

API = "/api/v1/linkage"
BRANCH = "demo-bank-chengguan"
SCOPES = ["linkage:read", "linkage:answer"]


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


def system_of(agency, *scopes: str, name: str = "") -> Caller:
    """A signed-in system of an agency."""
    person = make_staff(name or f"system-of-{agency.code}", agency, Duty.AGENCY_OPERATOR)
    client_id, secret = client_system(person, list(scopes or SCOPES))
    return Caller(client_id, secret, person).sign_in()


@pytest.fixture
def bank(link):
    return system_of(link.branch)


@pytest.fixture
def inquiry(link, case):
    return link.inquire(case, matters=["BANK-INQ-DEP"], agencies=[BRANCH])[0]


def address(request, what: str = "") -> str:
    return f"{API}/requests/{request.uid}/{what}"


def body(number: str = "回执-1", **values) -> bytes:
    return json.dumps({"number": number, "outcome": "nothing"} | values, ensure_ascii=False).encode()


def answer(caller: Caller, request, raw: bytes | None = None, query: str = "", **headers: str):
    sent = caller.headers | {name.replace("_", "-"): value for name, value in headers.items()}
    return caller.http.post(
        address(request, "answers/") + query, raw or body(), content_type="application/json", headers=sent
    )


# --- reading ----------------------------------------------------------------------------------------
def test_an_inbox_holds_what_waits_and_no_personal_data(link, bank, inquiry):
    page = bank.get(f"{API}/requests/")
    (row,) = page.json()["results"]
    assert (row["number"], row["matter"], row["state"]) == (inquiry.number, "BANK-INQ-DEP", "issued")
    assert inquiry.party.name not in page.content.decode()


def test_an_inbox_goes_on_behind_its_cursor_and_shows_each_request_once(link, world, bank):
    numbers = [link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"], agencies=[BRANCH])[0].number
               for _ in range(5)]  # fmt: skip
    seen, path = [], f"{API}/requests/?page_size=2"
    while path:
        page = bank.get(path).json()
        seen += [row["number"] for row in page["results"]]
        path = page["next"]
    assert seen == numbers


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("matter=BANK-*", 1),
        ("matter=LAND-*", 0),
        (f"agency={BRANCH}", 1),
        ("agency=second-bank", 0),
        ("due_before=2000-01-01", 0),
        ("view=answered", 0),
    ],
)
def test_an_inbox_is_filtered(bank, inquiry, query, count):
    assert len(bank.get(f"{API}/requests/?{query}").json()["results"]) == count


def test_answered_requests_are_a_list_of_their_own(link, world, bank):
    for number in range(3):
        request = link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"], agencies=[BRANCH])[0]
        assert answer(bank, request, body(f"N-{number}")).status_code == 202
    first = bank.get(f"{API}/requests/?view=answered&page_size=2").json()
    second = bank.get(first["next"]).json()
    numbers = [row["number"] for row in first["results"] + second["results"]]
    assert len(set(numbers)) == 3
    assert bank.get(f"{API}/requests/").json()["results"] == []


def test_whoever_reads_a_request_in_full_has_received_it_and_is_in_the_readers_log(bank, inquiry):
    page = bank.get(address(inquiry)).json()
    assert page["facts"]["person"]["identity_number"] == inquiry.party.identity_number
    inquiry.refresh_from_db()
    assert inquiry.delivered_at is not None
    assert ReadLog.objects.filter(person=bank.person, case=inquiry.case, what="request").exists()


def test_a_request_that_did_not_change_is_not_sent_again(link, bank, inquiry):
    first = bank.get(address(inquiry))
    tag = first.headers["ETag"]
    assert bank.get(address(inquiry), **{"If-None-Match": tag}).status_code == 304
    answer(bank, inquiry)
    assert bank.get(address(inquiry), **{"If-None-Match": tag}).status_code == 200


def test_the_headquarters_works_on_what_is_addressed_to_its_branch(link, inquiry):
    headquarters = system_of(link.bank)
    assert headquarters.get(address(inquiry)).status_code == 200
    assert answer(headquarters, inquiry).status_code == 202


def test_another_agency_finds_nothing_whatever_it_does(link, inquiry):
    other = system_of(link.second_bank)
    unknown = address(inquiry).replace(str(inquiry.uid), "00000000-0000-4000-8000-000000000000")
    assert other.get(address(inquiry)).status_code == other.get(unknown).status_code == 404
    assert answer(other, inquiry).status_code == 404
    assert other.post(address(inquiry, "accept/"), {}).status_code == 404
    assert other.post(address(inquiry, "questions/"), {"text": "?"}).status_code == 404
    assert other.get(f"{API}/requests/").json()["results"] == []
    assert not Answer.objects.exists()


def test_a_system_of_a_court_has_no_inbox(link, world, inquiry):
    from tests.world import make_person

    client_id, secret = client_system(make_person("court-system", world.court, Duty.BUREAU_HEAD), SCOPES)
    court = Caller(client_id, secret, world.head).sign_in()
    assert court.get(f"{API}/requests/").json()["results"] == []
    assert court.get(address(inquiry)).status_code == 404


def test_a_system_of_an_agency_sees_no_case_whatever_scopes_it_was_given(link, case, inquiry):
    bank = system_of(link.branch, *SCOPES, "cases:read", "cases:act")
    assert bank.get(f"/api/v1/cases/{case.uid}/").status_code == 403
    assert bank.post(f"/api/v1/cases/{case.uid}/acts/request.answer/", {}).status_code == 403


def test_a_system_is_let_to_the_matters_of_its_scopes_alone(link, case, inquiry):
    caller = system_of(link.branch, *SCOPES, "matter:BANK-FRZ-*")
    assert caller.get(f"{API}/requests/").json()["results"] == []
    for reply in (caller.get(address(inquiry)), answer(caller, inquiry)):
        assert (reply.status_code, reply.json()["code"]) == (403, "scope")
    codes = {row["code"] for row in caller.get(f"{API}/matters/").json()["results"]}
    assert codes
    assert all(code.startswith("BANK-FRZ-") for code in codes)


def test_a_system_of_all_matters_is_not_limited(link, inquiry):
    assert system_of(link.branch, *SCOPES, "matter:*").get(address(inquiry)).status_code == 200


def test_a_token_may_ask_for_less_than_its_client_has(link, inquiry):
    caller = system_of(link.branch, *SCOPES)
    caller.headers.clear()
    caller.sign_in("linkage:read")
    assert caller.get(address(inquiry)).status_code == 200
    assert answer(caller, inquiry).status_code == 403


def test_a_system_that_was_shut_out_is_out_with_its_next_call(link, bank, inquiry):
    set_up(lambda: ClientSystem.objects.filter(person=bank.person).update(is_active=False))
    assert bank.get(address(inquiry)).status_code == 401


def test_the_writ_that_goes_with_a_request_is_not_everybodys(link, bank, inquiry):
    missing = bank.get(address(inquiry, "documents/00000000-0000-4000-8000-000000000000/content/"))
    assert missing.status_code == 404


# --- client certificates ----------------------------------------------------------------------------
CERTIFICATE, OTHER = "a" * 64, "b" * 64


def test_with_a_certificate_registered_token_and_call_show_the_same_one(settings, link, inquiry):
    settings.TRUSTED_CLIENT_CERT_HEADER = "X-Client-Cert"
    caller = system_of(link.branch)
    set_up(
        lambda: ClientSystem.objects.filter(person=caller.person).update(certificates=[CERTIFICATE, OTHER])
    )
    assert caller.get(address(inquiry), **{"X-Client-Cert": CERTIFICATE}).status_code == 401, "an older token"
    assert caller.ask_token().status_code == 401
    form = f"grant_type=client_credentials&client_id={caller.client_id}&client_secret={caller.secret}"
    asked = caller.http.post(
        "/api/token/",
        form,
        content_type="application/x-www-form-urlencoded",
        headers={"X-Client-Cert": CERTIFICATE},
    )
    caller.headers["Authorization"] = f"Bearer {asked.json()['access_token']}"
    assert caller.get(address(inquiry), **{"X-Client-Cert": CERTIFICATE}).status_code == 200
    assert caller.get(address(inquiry), **{"X-Client-Cert": OTHER}).status_code == 401
    assert caller.get(address(inquiry)).status_code == 401


def test_without_a_proxy_the_header_of_a_caller_proves_nothing(link, inquiry):
    caller = system_of(link.branch)
    set_up(lambda: ClientSystem.objects.filter(person=caller.person).update(certificates=[CERTIFICATE]))
    assert caller.get(address(inquiry), **{"X-Client-Cert": CERTIFICATE}).status_code == 401


# --- answering --------------------------------------------------------------------------------------
def test_an_answer_is_accepted_once_and_told_again_with_the_same_body(bank, inquiry):
    first, again = answer(bank, inquiry), answer(bank, inquiry)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json()
    told = first.json()
    assert (told["state"], told["request_number"]) == ("applied", inquiry.number)
    assert told["event"]["hash"] == bytes(Event.objects.get(act="request.answer").hash).hex()


def test_other_bytes_under_the_same_number_are_a_conflict(bank, inquiry):
    answer(bank, inquiry)
    reply = answer(bank, inquiry, body(outcome="done"))
    assert (reply.status_code, reply.json()["code"]) == (409, "other-bytes")
    assert Answer.objects.filter(state=AnswerState.QUARANTINED).count() == 1


def test_an_answer_with_accounts_is_stored_masked_and_whole(bank, inquiry):
    account = "6222020200112233445"
    raw = body(outcome="done", facts={"accounts": [{"account_no": account, "balance": "35000.00"}]})
    assert answer(bank, inquiry, raw).status_code == 202
    kept = Answer.objects.get()
    assert account not in json.dumps(kept.facts)
    assert kept.raw == raw.decode()


def test_a_trial_run_says_whether_it_would_be_accepted_and_does_nothing(bank, inquiry):
    reply = answer(bank, inquiry, query="?dry_run=true")
    assert (reply.status_code, reply.json()["accepted"]) == (200, True)
    wrong = answer(bank, inquiry, body(outcome="refused"), query="?dry_run=true")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "ground-missing")
    inquiry.refresh_from_db()
    assert inquiry.state == RequestState.ISSUED
    assert not Answer.objects.exists()


def test_a_rule_that_refuses_an_answer_is_named(bank, inquiry):
    reply = answer(bank, inquiry, body(outcome="refused"))
    assert (reply.status_code, reply.json()["code"]) == (409, "ground-missing")
    assert reply.json()["rules"]
    assert answer(bank, inquiry).status_code == 202, "corrected under the same number"


DEEP = b'{"number": ' + b"[" * 40 + b"]" * 40 + b"}"
JUNK = [
    (b"\x00\x01\xff" * 100, 400),
    (b'{"number": "a\\u0000b", "outcome": "done"}', 400),
    (b'{"number": "\xff\xfe", "outcome": "done"}', 400),
    (b'{"number": "x", "number": "y", "outcome": "done"}', 400),
    (b"[]", 400),
    (b"null", 400),
    (b'"text"', 400),
    (b"{}", 400),
    (b'{"number": 17, "outcome": "done"}', 400),
    (b'{"number": null, "outcome": "done"}', 400),
    (b'{"number": "' + b"x" * 81 + b'", "outcome": "done"}', 400),
    (b'{"number": "x", "outcome": ["done"]}', 400),
    (b'{"number": "x", "outcome": "done", "facts": "none"}', 400),
    (b'{"number": "x", "outcome": "done", "facts": {"accounts": {"a": 1}}}', 400),
    (b'{"number": "x", "outcome": "done", "facts": {"accounts": [1, null, [2]]}}', 400),
    (b'{"number": "x", "outcome": "done", "handled_at": {"when": "now"}}', 400),
    (b'{"number": "x", "outcome": "done", "surprise": 1}', 400),
    (b'{"number": "x", "outcome": "done", "corrects": "perhaps"}', 400),
    (DEEP, 400),
    (b'{"number": NaN, "outcome": "done"}', 400),
    (b"x" * (10 * 1024 * 1024), 413),
]


@pytest.mark.parametrize(("raw", "status"), JUNK, ids=range(len(JUNK)))
def test_whatever_is_sent_the_answer_is_in_words_and_never_a_fault(bank, inquiry, raw, status):
    reply = answer(bank, inquiry, raw)
    assert reply.status_code == status, reply.content[:300]
    assert reply.json()["detail"]
    assert reply.headers["Content-Type"] == "application/problem+json"
    inquiry.refresh_from_db()
    assert inquiry.state == RequestState.ISSUED


def test_only_json_is_read(bank, inquiry):
    reply = bank.http.post(
        address(inquiry, "answers/"), b"number=1", content_type="text/plain", headers=bank.headers
    )
    assert reply.status_code == 415


def test_ten_at_once_are_one_answer(transactional_db, world):
    link = linked(world)
    request = link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"], agencies=[BRANCH])[0]
    bank = system_of(link.branch)
    replies = []

    def send():
        try:
            replies.append(
                answer(Caller(bank.client_id, bank.secret, bank.person, dict(bank.headers)), request)
            )
        finally:
            connections.close_all()

    senders = [Thread(target=send) for _ in range(10)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(reply.status_code for reply in replies) == [200] * 9 + [202]
    assert len({reply.content for reply in replies}) == 1
    assert Event.objects.filter(act="request.answer").count() == 1


# --- signatures -------------------------------------------------------------------------------------
@pytest.fixture
def signer(link):
    one = Signer()
    one.register(link.branch)
    return one


def signed(caller, request, signer, raw: bytes, **options):
    headers = caller.headers | signer.sign(raw, **options)
    return caller.http.post(
        address(request, "answers/"), raw, content_type="application/json", headers=headers
    )


def test_an_agency_with_a_key_signs_and_the_signature_is_kept(bank, inquiry, signer):
    assert signed(bank, inquiry, signer, body()).status_code == 202
    kept = Answer.objects.get()
    assert (kept.key_id, kept.signed_headers["webhook-id"]) == ("2026-01", "msg_1")
    content = f"msg_1.{kept.signed_headers['webhook-timestamp']}.".encode() + kept.raw.encode()
    Ed25519PublicKey.from_public_bytes(signer.public).verify(base64.b64decode(kept.signature), content)


def test_signed_anew_it_is_still_the_same_answer(bank, inquiry, signer):
    assert signed(bank, inquiry, signer, body()).status_code == 202
    assert signed(bank, inquiry, signer, body(), message_id="msg_2", skew=7).status_code == 200


def test_an_agency_with_a_key_that_does_not_sign_is_turned_away_and_nothing_is_stored(bank, inquiry, signer):
    reply = answer(bank, inquiry)
    assert (reply.status_code, reply.json()["code"]) == (401, "signature-missing")
    assert not Answer.objects.exists()


def test_a_signature_of_another_agency_or_over_other_bytes_is_turned_away(link, bank, inquiry, signer):
    other = Signer()
    other.register(link.second_bank)
    assert signed(bank, inquiry, other, body()).json()["code"] == "signature-unknown"
    headers = bank.headers | signer.sign(body())
    reply = bank.http.post(
        address(inquiry, "answers/"), body("other"), content_type="application/json", headers=headers
    )
    assert (reply.status_code, reply.json()["code"]) == (401, "signature-unknown")
    assert not Answer.objects.exists()


@pytest.mark.parametrize("skew", [-360, 360])
def test_a_clock_that_is_off_is_told_by_how_many_seconds(bank, inquiry, signer, skew):
    reply = signed(bank, inquiry, signer, body(), skew=skew)
    assert (reply.status_code, reply.json()["code"]) == (401, "clock-skew")
    assert f"{skew:+d}"[:3] in reply.json()["detail"]


@pytest.mark.parametrize(
    "header", ["v1", "v1,!!", "v1a,", "v1a,!!", "x" * 100_000, " ".join(["v1a,AAAA"] * 1000), "v1,AAAA"]
)
def test_a_malformed_signature_is_401_and_never_a_fault(bank, inquiry, signer, header):
    headers = bank.headers | signer.sign(body()) | {"webhook-signature": header}
    reply = bank.http.post(
        address(inquiry, "answers/"), body(), content_type="application/json", headers=headers
    )
    assert reply.status_code == 401
    assert "WWW-Authenticate" in reply.headers


# --- accepting and asking ---------------------------------------------------------------------------
def test_accepting_is_done_once_and_later_changes_nothing(bank, inquiry):
    first = bank.post(address(inquiry, "accept/"), {}, Idempotency_Key="one")
    again = bank.post(address(inquiry, "accept/"), {}, Idempotency_Key="one")
    other = bank.post(address(inquiry, "accept/"), {}, Idempotency_Key="two")
    assert [reply.status_code for reply in (first, again, other)] == [201, 200, 200]
    assert first.json()["state"] == "accepted"
    answer(bank, inquiry)
    late = bank.post(address(inquiry, "accept/"), {}, Idempotency_Key="three")
    assert (late.status_code, late.json()["state"]) == (200, "answered")
    assert Event.objects.filter(act="request.accept").count() == 1


def test_a_question_reaches_the_officer_with_a_clock(bank, inquiry):
    reply = bank.post(address(inquiry, "questions/"), {"text": "户名与证件不符，是否为同一人？"})
    assert reply.status_code == 201
    assert Deadline.objects.filter(rule="linkage.reply", subject=Question.objects.get().uid).exists()
    assert bank.get(address(inquiry)).json()["questions"][0]["text"].startswith("户名")


def test_an_act_needs_a_key_of_its_own(bank, inquiry):
    reply = bank.http.post(
        address(inquiry, "accept/"), b"{}", content_type="application/json", headers=bank.headers
    )
    assert (reply.status_code, reply.json()["code"]) == (400, "idempotency-key")


# --- feed -------------------------------------------------------------------------------------------
@pytest.fixture
def committed(transactional_db, world):
    link = linked(world)
    Channel.objects.filter(agency=link.branch).update(kind=ChannelKind.PULL)
    return link


def fetched(bank, count: int, cursor: str = "", size: int = 50) -> tuple[list, list[dict]]:
    """Entries of the feed until there are so many, and the pages they came in. Transactions of others on the
    same server may hold them back for a moment."""
    entries, pages = [], []

    def read() -> bool:
        nonlocal cursor
        page = bank.get(f"{API}/feed/?page_size={size}" + (f"&cursor={cursor}" if cursor else "")).json()
        cursor = page["cursor"] or cursor
        entries.extend(page["results"])
        pages.append(page)
        return len(entries) >= count

    until(read, 60)
    return entries, pages


def test_what_is_fetched_from_the_feed_has_arrived_and_is_signed(committed, world):
    link, bank = committed, system_of(committed.branch)
    request = link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"], agencies=[BRANCH])[0]
    outbox.deliver_due(kinds=["dispatch"])
    request.refresh_from_db()
    assert request.delivered_at is None
    (entry,), pages = fetched(bank, 1)
    page = pages[-1]
    assert entry["event"]["data"]["number"] == request.number
    assert entry["event"]["data"]["facts"]["person"]["identity_number"]
    request.refresh_from_db()
    assert request.delivered_at is not None
    headers = entry["headers"]
    key = bank.get(f"{API}/keys/").json()["results"][0]["public_key"]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + rfc8785.dumps(
        entry["event"]
    )
    Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix("whpk_"))).verify(
        base64.b64decode(headers["webhook-signature"].split(",")[1]), content
    )
    after = bank.get(f"{API}/feed/?cursor={page['cursor']}").json()
    assert after == {"results": [], "cursor": page["cursor"], "more": False}


def test_a_feed_skips_nothing_when_commits_come_in_another_order_than_ids(committed, world):
    """One transaction draws its number first and commits last; nobody who read meanwhile misses its rows."""
    link, bank = committed, system_of(committed.branch)
    slow, quick = world.assigned_case(), world.assigned_case()
    written, finish = threading.Event(), threading.Event()

    def slowly():
        try:
            with transaction.atomic():
                link.inquire(slow, matters=["BANK-INQ-DEP"], agencies=[BRANCH])
                written.set()
                assert finish.wait(30)
        finally:
            connection.close()

    worker = Thread(target=slowly)
    worker.start()
    assert written.wait(30)
    link.inquire(quick, matters=["BANK-INQ-DEP"], agencies=[BRANCH])
    first = bank.get(f"{API}/feed/").json()
    finish.set()
    worker.join()
    second, _pages = fetched(bank, 2 - len(first["results"]), first["cursor"] or "")
    seen = [entry["event"]["id"] for entry in first["results"] + second]
    assert sorted(seen) == sorted(str(pk) for pk in Dispatch.objects.values_list("message_id", flat=True))
    assert len(seen) == 2


def test_a_feed_is_read_in_pages_and_a_forged_cursor_shows_nothing_of_others(committed, world):
    link, bank = committed, system_of(committed.branch)
    for _ in range(3):
        link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"])
    entries, pages = fetched(bank, 3, size=2)
    seen = [entry["event"]["data"]["agency"] for entry in entries]
    assert all(len(page["results"]) <= 2 for page in pages)
    assert seen == [BRANCH] * 3
    assert bank.get(f"{API}/feed/?cursor=WzBd").status_code == 400
    assert len(bank.get(f"{API}/feed/?cursor=WzAsMF0").json()["results"]) == 3


# --- matters ----------------------------------------------------------------------------------------
def test_a_matter_says_what_is_asked_and_what_is_answered(bank):
    matter = bank.get(f"{API}/matters/BANK-FRZ-DEP/").json()
    assert {"facts", "amount", "term"} <= set(matter["request_schema"]["required"])
    assert set(matter["answer_schema"]["required"]) == {"outcome", "number"}
    assert matter["answer_schema"]["properties"]["facts"]["properties"]
    assert bank.get(f"{API}/matters/NO-SUCH/").status_code == 404
