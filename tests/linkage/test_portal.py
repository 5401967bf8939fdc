"""What people of an agency see in the portal, and what comes of what they do there."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from directory.models import Duty
from enforcement import tasks
from enforcement.models import Job, ReadLog
from law import clock, linkage
from linkage.models import Answer, AnswerState, Question, Request, RequestState
from linkage.queries import portal, portal_lists
from tests.linkage import orders
from tests.linkage.portal import address, answer, browser, lift, two_people
from tests.linkage_world import make_staff
from tests.world import set_up

CARD = "6222020200112233445"


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def inquiry(link, case) -> Request:
    return link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["demo-bank-chengguan"])[0]


@pytest.fixture
def freeze(link, case) -> Request:
    return orders.freeze(link, case, "60000.00")


@pytest.fixture
def teller(link) -> Client:
    return browser(link.teller)


# --- sight ----------------------------------------------------------------------------------------
def test_an_agency_begins_at_its_inbox_and_has_its_own_navigation(teller, inquiry):
    page = teller.get("/", follow=True)
    assert page.redirect_chain == [("/portal/", 302)]
    labels = [str(item["label"]) for item in page.context["shell"]["nav"]]
    assert labels[:4] == ["Inbox", "Answered by us", "Bulk work", "Statements and proofs"]
    assert not {"Desk", "Cases", "Money"} & set(labels)
    assert inquiry.number in page.text


@pytest.mark.parametrize("who", ["second_teller", "registrar"])
@pytest.mark.parametrize("name", ["portal_request", "portal_print"])
def test_another_agency_finds_nothing(link, inquiry, who, name):
    assert browser(link.people[who]).get(address(inquiry, name)).status_code == 404


@pytest.mark.parametrize(
    "name", ["portal_accept", "portal_assign", "portal_ask", "portal_refuse", "portal_request"]
)
def test_another_agency_does_nothing_to_it(link, inquiry, name):
    typed = {"outcome": "nothing", "text": "?", "ground": "other", "remarks": "no", "assignee": ""}
    assert browser(link.second_teller).post(address(inquiry, name), typed).status_code == 404
    inquiry.refresh_from_db()
    assert (inquiry.state, Question.objects.count()) == (RequestState.ISSUED, 0)


def test_a_court_has_no_inbox_of_an_agency(world, inquiry):
    for name in ("implementer", "president", "administrator"):
        assert browser(world.people[name]).get(reverse("portal_inbox")).status_code == 404
        assert browser(world.people[name]).get(address(inquiry)).status_code == 404


def test_headquarters_see_their_branches(link, inquiry):
    assert inquiry.number in browser(link.people["bank_head"]).get("/portal/").text


def test_whoever_left_the_agency_sees_nothing_more(link, inquiry, teller):
    set_up(lambda: link.teller.holdings.all().delete())
    assert teller.get(address(inquiry)).status_code == 404


def test_the_writ_of_an_order_is_for_its_agency_alone(link, freeze):
    document = freeze.documents.first()
    path = address(freeze, "portal_paper", document.uid)
    assert browser(link.teller).get(path).status_code in {200, 202}
    assert browser(link.second_teller).get(path).status_code == 404


def test_facts_are_shown_in_full_to_whoever_may_answer_and_that_is_written_down(link, teller, freeze):
    account = freeze.carried()["account_no"]
    assert account in teller.get(address(freeze)).text
    row = ReadLog.objects.get(what="request")
    assert (row.person, row.case, row.purpose) == (link.teller, freeze.case, freeze.number)
    assert account not in str(ReadLog.objects.values_list("purpose", flat=True))


def test_an_administrator_assigns_but_does_not_read(link, freeze):
    keeper = make_staff("keeper", link.branch, Duty.AGENCY_ADMINISTRATOR)
    page = browser(keeper).get(address(freeze))
    assert freeze.carried()["account_no"] not in page.text
    assert not ReadLog.objects.filter(person=keeper).exists()
    browser(keeper).post(address(freeze, "portal_assign"), {"assignee": "teller"})
    freeze.refresh_from_db()
    assert freeze.assignee == link.teller
    assert answer(browser(keeper), freeze).status_code == 404


@pytest.mark.parametrize("days", [portal.DAYS_IN_FULL, portal.DAYS_IN_FULL + 1])
def test_personal_data_leaves_the_agencys_view_when_its_time_is_over(link, teller, freeze, days, monkeypatch):
    account = freeze.carried()["account_no"]
    link.answer(freeze, link.teller)
    later = clock.now() + timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: later)
    page = teller.get(address(freeze)).text
    seen = days <= portal.DAYS_IN_FULL
    assert (account in page, freeze.party.name in page) == (seen, seen)
    assert freeze.number in page
    paper = teller.get(address(freeze, "portal_paper", freeze.documents.first().uid))
    assert (paper.status_code == 404) is not seen
    assert (freeze.party.name in teller.get("/portal/answered/").text) == seen


# --- the inbox ------------------------------------------------------------------------------------
def test_lifts_come_first_and_inquiries_last(link, case, teller, inquiry):
    undone = lift(link, case, "2000.00")
    waiting = orders.freeze(link, case, "1000.00")
    rows = portal_lists.inbox(link.teller).rows
    assert [row.request for row in rows] == [undone, waiting, inquiry]


def test_pages_follow_each_other_without_gap_or_double(link, world, teller):
    cases = [world.assigned_case() for _each in range(5)]
    for case in cases:
        link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["demo-bank-chengguan"])
    seen: list[int] = []
    values: dict[str, str] = {}
    for _page in range(3):
        page = portal_lists.inbox(link.teller, values, size=2)
        seen += [row.request.pk for row in page.rows]
        values = {"after": page.after}
    assert seen == sorted(seen)
    assert len(set(seen)) == 5
    assert page.after == ""


def test_the_inbox_asks_the_same_number_of_queries_however_much_waits(link, world, teller):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert teller.get("/portal/").status_code == 200
        assert not any("COUNT(*)" in one["sql"] and "LIMIT" not in one["sql"] for one in asked)
        return len(asked)

    link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"])
    queries()  # the first page of all fills the caches
    few = queries()
    for _each in range(6):
        link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"])
    assert queries() == few


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("kind=inquiry", True),
        ("kind=freeze", False),
        ("due=week", True),
        ("due=overdue", False),
        ("state=issued", True),
        ("state=accepted", False),
        ("state=confirming", False),
        ("whose=nobody", True),
        ("whose=mine", False),
        ("branch=demo-bank-chengguan", True),
    ],
)
def test_filters_narrow_the_inbox(teller, inquiry, query, seen):
    assert (inquiry.number in teller.get(f"/portal/?{query}").text) is seen


@pytest.mark.parametrize("query", ["kind=all", "due=never", "after=9-2026-13-01-1", "after=x", "branch=../x"])
def test_a_filter_the_list_does_not_have_is_said_to_be_wrong(teller, inquiry, query):
    assert teller.get(f"/portal/?{query}").status_code == 400


def test_a_branch_of_somebody_else_filters_to_nothing(link, teller, case):
    link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])
    page = teller.get("/portal/?branch=second-bank")
    assert "Nothing" in page.text or "No request here" in page.text


def test_a_request_is_found_by_its_number_its_case_or_the_end_of_an_account(link, teller, freeze):
    account = freeze.carried()["account_no"]
    for typed in (freeze.number, freeze.number.lower(), freeze.case.number, account[-4:], account):
        found = teller.post("/portal/search/", {"q": typed})
        assert account not in found.url
        assert teller.get(found.url).url == address(freeze), typed
    other = browser(link.second_teller)
    for typed in (freeze.number, freeze.case.number, account[-4:]):
        assert str(freeze.uid) not in other.get(f"/portal/?q={typed}").text


# --- answering ------------------------------------------------------------------------------------
def test_rows_of_the_form_become_the_answer(teller, inquiry):
    done = answer(
        teller,
        inquiry,
        **{
            "number": "HD-1",
            "facts.accounts[0]account_no": CARD,
            "facts.accounts[0]balance": "35,000.00",
            "facts.accounts[1]account_no": "",
        },
    )
    assert done.status_code == 303
    given = Answer.objects.get(request=inquiry)
    assert (given.number, given.state, given.outcome) == ("HD-1", AnswerState.APPLIED, "done")
    assert [row["balance"] for row in given.facts["accounts"]] == ["35000.00"]
    assert CARD not in str(given.facts)


def test_what_was_typed_stays_when_it_is_wrong(teller, inquiry):
    page = answer(teller, inquiry, **{"facts.accounts[0]balance": "many", "number": "HD-<2>"})
    assert page.status_code == 422
    assert 'value="many"' in page.text
    assert "HD-&lt;2&gt;" in page.text
    assert "Write the amount in digits" in page.text
    assert not Answer.objects.exists()


def test_a_pasted_block_fills_the_table_without_scripts(teller, inquiry):
    block = f"账号\t余额\t币种\n{CARD}\t1,200.50\tCNY\n{CARD[:-1]}6\t0.00\tCNY\n"
    page = answer(teller, inquiry, _fill="1", _paste=block, number="HD-3")
    assert page.status_code == 200
    assert f'value="{CARD}"' in page.text
    assert 'name="facts.accounts[1]account_no"' in page.text
    assert 'value="HD-3"' in page.text
    assert not Answer.objects.exists()


def test_a_table_that_can_not_be_read_says_so_and_keeps_the_form(teller, inquiry):
    page = answer(teller, inquiry, _fill="1", _paste="", number="HD-4")
    assert page.status_code == 422
    assert "The table is empty" in page.text
    assert 'value="HD-4"' in page.text


def test_nothing_found_is_one_click(teller, inquiry):
    assert answer(teller, inquiry, _nothing="1").status_code == 303
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.outcome) == (RequestState.ANSWERED, "nothing")
    assert Answer.objects.get().number == f"{inquiry.number}/1"


def test_sending_a_form_twice_is_one_answer(teller, inquiry):
    key = {"idempotency_key": "b6a6e3a6-4b62-4ac0-9d4c-3b4ec1c6b1aa"}
    for _time in range(2):
        assert answer(teller, inquiry, _nothing="1", **key).status_code == 303
    assert Answer.objects.count() == 1


def test_the_amount_asked_is_filled_in_beforehand(teller, freeze):
    page = teller.get(address(freeze)).text
    assert 'value="60000.00"' in page
    assert f'value="{freeze.carried()["account_no"]}"' in page


def test_a_freeze_confirmed_by_its_form_is_in_force(teller, freeze):
    facts = {"facts.amount_frozen": "60000.00", "facts.account_no": freeze.carried()["account_no"]}
    assert answer(teller, freeze, number="LS-1", **facts).status_code == 303
    freeze.refresh_from_db()
    assert freeze.measure is not None
    assert str(freeze.measure.amount) == "60000.00"


def test_a_refusal_has_a_coded_ground_and_a_sentence(teller, inquiry):
    path = address(inquiry, "portal_refuse")
    assert teller.post(path, {"ground": "exempt"}).status_code == 422
    assert teller.post(path, {"remarks": "no ground"}).status_code == 422
    assert teller.post(path, {"ground": "exempt", "remarks": "农民工工资专用账户"}).status_code == 303
    given = Answer.objects.get()
    assert (given.outcome, given.ground, given.remarks) == ("refused", "exempt", "农民工工资专用账户")


def test_a_question_and_an_objection_reach_the_court(teller, freeze):
    path = address(freeze, "portal_ask")
    assert teller.post(path, {"text": ""}).status_code == 422
    assert teller.post(path, {"text": "户名不符？", "is_objection": "true"}).status_code == 303
    question = Question.objects.get()
    assert question.is_objection
    assert "户名不符？" in teller.get(address(freeze)).text


def test_accepting_is_known_to_the_court(teller, inquiry):
    teller.post(address(inquiry, "portal_accept"))
    inquiry.refresh_from_db()
    assert inquiry.state == RequestState.ACCEPTED


def test_only_a_live_colleague_may_be_given_a_request(link, teller, inquiry):
    path = address(inquiry, "portal_assign")
    for stranger in ("second_teller", "implementer", "nobody"):
        assert teller.post(path, {"assignee": stranger}).status_code == 422
    assert teller.post(path, {"assignee": "teller_reviewer"}).status_code == 303
    inquiry.refresh_from_db()
    assert inquiry.assignee == link.people["teller_reviewer"]
    assert inquiry.number in browser(link.people["teller_reviewer"]).get("/portal/?whose=mine").text


def test_hostile_text_stays_text(link, teller, inquiry, case):
    hostile = "<script>alert(1)</script>{{ 7*7 }}\"'><img src=x onerror=alert(1)>"
    teller.post(address(inquiry, "portal_ask"), {"text": hostile})
    teller.post(address(inquiry, "portal_refuse"), {"ground": "other", "remarks": hostile})
    for path in (address(inquiry), address(inquiry, "portal_print"), f"/portal/?q={hostile}"):
        page = teller.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


# --- two people -----------------------------------------------------------------------------------
@pytest.fixture
def waiting(link, inquiry, teller) -> Answer:
    two_people(link)
    facts = {"facts.accounts[0]account_no": CARD, "facts.accounts[0]balance": "5.00"}
    assert answer(teller, inquiry, number="HD-9", **facts).status_code == 303
    return Answer.objects.get()


def decide(client: Client, answer: Answer, **typed: str):
    return client.post(address(answer.request, "portal_decide", answer.uid), typed)


def test_an_answer_waits_for_the_second_person(link, waiting, inquiry):
    inquiry.refresh_from_db()
    assert (waiting.state, inquiry.state) == (AnswerState.CONFIRMING, RequestState.ISSUED)
    reviewer = browser(link.people["teller_reviewer"])
    assert CARD in reviewer.get(address(inquiry)).text
    assert inquiry.number in reviewer.get("/portal/?state=confirming").text
    assert decide(reviewer, waiting, decision="confirm").status_code == 303
    waiting.refresh_from_db()
    inquiry.refresh_from_db()
    assert (waiting.state, inquiry.outcome) == (AnswerState.APPLIED, "done")
    assert (waiting.answered_by, waiting.confirmed_by) == (link.teller, link.people["teller_reviewer"])


def test_nobody_confirms_their_own_answer(link, waiting, teller):
    assert decide(teller, waiting, decision="confirm").status_code == 404
    waiting.refresh_from_db()
    assert waiting.state == AnswerState.CONFIRMING


def test_a_reviewer_who_answers_is_one_person_too(link, inquiry):
    two_people(link)
    reviewer = browser(link.people["teller_reviewer"])
    answer(reviewer, inquiry, _nothing="1")
    given = Answer.objects.get()
    assert given.state == AnswerState.CONFIRMING
    assert decide(reviewer, given, decision="confirm").status_code == 404


def test_an_operator_is_no_reviewer(link, waiting):
    other = make_staff("other_teller", link.branch, Duty.AGENCY_OPERATOR)
    assert decide(browser(other), waiting, decision="confirm").status_code == 404


def test_what_is_sent_back_needs_a_reason_and_may_be_given_again(link, waiting, teller, inquiry):
    reviewer = browser(link.people["teller_reviewer"])
    assert decide(reviewer, waiting, decision="back").status_code == 422
    assert decide(reviewer, waiting, decision="back", reason="余额有误").status_code == 303
    assert "余额有误" in teller.get(address(inquiry)).text
    assert answer(teller, inquiry, number="HD-9", _nothing="1").status_code == 303
    assert decide(reviewer, waiting, decision="confirm").status_code == 409


def test_two_answers_do_not_wait_at_once(waiting, teller, inquiry):
    page = answer(teller, inquiry, _nothing="1", number="HD-10")
    assert page.status_code == 422
    assert Answer.objects.count() == 1


# --- genuine --------------------------------------------------------------------------------------
def test_a_request_of_filed_officers_is_genuine(link, teller, freeze):
    for person in (freeze.requested_by, freeze.decided_by):
        person.duty_card = "藏执0001"
        person.save()
    found = portal.verdict(portal.one(link.teller, freeze.uid))
    assert found.genuine
    assert "Genuine and in force" in teller.get(address(freeze)).text


def test_officers_without_cards_on_file_are_said(link, freeze):
    found = portal.verdict(portal.one(link.teller, freeze.uid))
    assert not found.genuine
    assert freeze.requested_by.name in str([check.detail for check in found.checks])


def test_a_writ_whose_bytes_changed_is_not_genuine(link, freeze):
    tasks.render_outbox()
    order = portal.one(link.teller, freeze.uid)
    document = order.accompanied_by.all()[0].document
    assert portal.intact(document)
    assert document.file is not None
    with open(default_storage.path(document.file.path), "ab") as stored:
        stored.write(b"%forged")
    assert not portal.intact(document)
    assert not portal.verdict(order).genuine


# --- many at once ---------------------------------------------------------------------------------
def chosen(client: Client, requests: list[Request], what: str, **typed: str):
    return client.post(
        "/portal/chosen/", {"what": what, "request": [str(one.uid) for one in requests]} | typed
    )


@pytest.fixture
def inquiries(link, world) -> list[Request]:
    return [
        link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"], agencies=["demo-bank-chengguan"])[0]
        for _each in range(3)
    ]


def test_nothing_found_is_said_to_many_at_once(teller, inquiries):
    page = chosen(teller, inquiries, "nothing")
    assert "Done: 3 of 3" in page.text
    assert {one.outcome for one in Request.objects.all()} == {"nothing"}


def test_an_order_is_not_answered_unseen(teller, inquiries, freeze):
    page = chosen(teller, [*inquiries, freeze], "nothing")
    assert "Done: 3 of 4" in page.text
    freeze.refresh_from_db()
    assert freeze.state == RequestState.ISSUED


def test_one_row_out_of_sight_refuses_all(link, teller, inquiries):
    other = link.inquire(inquiries[0].case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])[0]
    assert chosen(teller, [*inquiries, other], "nothing").status_code == 404
    assert not Answer.objects.exists()


def test_a_second_person_confirms_many_times_nothing(link, teller, inquiries):
    two_people(link)
    chosen(teller, inquiries, "nothing")
    assert Answer.objects.filter(state=AnswerState.CONFIRMING).count() == 3
    assert "Done: 0 of 3" in chosen(teller, inquiries, "confirm").text
    assert "Done: 3 of 3" in chosen(browser(link.people["teller_reviewer"]), inquiries, "confirm").text
    assert Answer.objects.filter(state=AnswerState.APPLIED).count() == 3


def test_many_are_assigned_at_once(link, teller, inquiries):
    chosen(teller, inquiries, "assign", assignee="teller")
    assert {one.assignee for one in Request.objects.all()} == {link.teller}


def test_more_than_twenty_are_a_job_with_a_state_for_each(teller, inquiries, monkeypatch):
    monkeypatch.setattr("linkage.web.portal.MOST_AT_ONCE", 2)
    answer(teller, inquiries[1], _nothing="1")
    found = chosen(teller, inquiries, "nothing")
    job = Job.objects.get()
    assert found.url == f"/jobs/{job.uid}/"
    tasks.run_job(job.pk)
    assert [row.state for row in job.rows.all()] == ["done", "refused", "done"]
    assert teller.get(found.url).status_code == 200


def test_the_account_to_pay_to_is_copied_with_one_key():
    fields = linkage.matter("BANK-DEDUCT").request_fields
    lines = portal.lines_of(fields, {"payee_account": "54000001234", "account_no": "62220001"})
    assert {line.text: (line.copy, line.key) for line in lines} == {
        "54000001234": (True, "c"),
        "62220001": (True, ""),
    }
