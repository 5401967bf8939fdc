"""Pages and figures of requests at the court: who sees what, and that the counts are right."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import Duty
from enforcement import engine
from enforcement.models import ReadLog
from law import clock
from law.calendar import default
from linkage import chasing, ladder
from linkage.ladder import Step
from linkage.models import Difficulty, Request
from linkage.queries import boards, court, work
from tests.linkage.letters import arrive, asked, at_noon, found
from tests.linkage.orders import frozen
from tests.world import make_person

ONE_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Pages name static files without the manifest that a release collects."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def browse(link):
    """``browse("head")``: a signed-in browser of somebody of the world, or of an agency."""

    def sign_in(name: str) -> Client:
        client = Client()
        person = link.people.get(name) or link.world.people[name]
        client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


@pytest.fixture
def request_(link, case) -> Request:
    return asked(link, case)


def first_reminder(link, request) -> None:
    day = ladder.day_of(Step.FIRST, request, default())
    assert day is not None
    with at_noon(day):
        chasing.send_reminders()


# --- figures --------------------------------------------------------------------------------------
def figures(agency, days=90) -> boards.Figures:
    return boards.figures(agency, clock.today() - timedelta(days=days), clock.today())


def test_what_is_answered_by_its_day_is_in_time(link, case, request_):
    with at_noon(request_.due_on):
        link.answer(request_, link.teller, outcome="nothing")
        got = figures(link.branch)
    assert (got.issued, got.answered, got.due, got.in_time, got.overdue) == (1, 1, 1, 1, 0)
    assert got.in_time_percent == 100


def test_what_is_answered_later_is_not(link, case, request_):
    with at_noon(request_.due_on + ONE_DAY):
        assert (figures(link.branch).overdue, figures(link.branch).in_time) == (1, 0)
        link.answer(request_, link.teller, outcome="refused", remarks="系统故障。")
        got = figures(link.branch)
    assert (got.answered, got.due, got.in_time, got.overdue, got.refused) == (1, 1, 0, 0, 1)
    assert got.in_time_percent == 0


def test_days_on_the_way_are_not_the_agencys(link, case):
    request = link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])[0]
    with at_noon(request.due_on + 3 * ONE_DAY):
        assert figures(link.second_bank).overdue == 0
        arrive(request)
        assert figures(link.second_bank).overdue == 0
        link.answer(request, link.second_teller, outcome="nothing")
        assert figures(link.second_bank).in_time == 1


def test_headquarters_answer_for_their_branches(link, request_):
    assert figures(link.bank).issued == figures(link.branch).issued == 1
    assert figures(link.second_bank).issued == 0


def test_what_was_recalled_counts_nowhere(link, case, request_):
    link.world.do("request.recall", case, "implementer", request=str(request_.uid), reason="已履行。")
    assert figures(link.branch) == boards.Figures()


def test_the_median_is_of_the_days_from_issue_to_answer(link, case, request_):
    second = asked(link, case, "second-bank")
    for request, teller, days in ((request_, link.teller, 2), (second, link.second_teller, 4)):
        with clock.travel(request.issued_at + timedelta(days=days)):
            link.answer(request, teller, outcome="nothing")
    first, last = clock.today() - ONE_DAY, clock.today() + 9 * ONE_DAY
    assert boards.figures(link.branch, first, last).median_days == 2.0
    with at_noon(last):
        total = boards.board(link.world.head, "agency", first, last).total
    assert total.median_days == 3.0


def test_other_days_have_other_figures(link, request_):
    assert boards.figures(link.branch, clock.today() + ONE_DAY, clock.today() + 2 * ONE_DAY).issued == 0


# --- boards ---------------------------------------------------------------------------------------
def test_a_board_counts_by_agency_matter_and_court_worst_first(link, case):
    requests = link.inquire(case)
    arrive(*requests)
    with at_noon(max(one.due_on for one in requests) + ONE_DAY):
        for one in requests:
            if one.agency == link.second_bank:
                link.answer(one, link.second_teller, outcome="nothing")
        first, last = clock.today() - boards.SPAN, clock.today()
        by_agency = boards.board(link.world.head, "agency", first, last)
        assert [(row.key, row.figures.overdue) for row in by_agency.rows] == [
            ("demo-bank-chengguan", 1), ("demo-land", 1), ("second-bank", 0)
        ]  # fmt: skip
        assert by_agency.total.issued == 3
        by_matter = boards.board(link.world.head, "matter", first, last)
        assert {row.key: row.figures.issued for row in by_matter.rows} == {"BANK-INQ-DEP": 2, "LAND-INQ": 1}
        above = boards.board(link.world.people["high_head"], "court", first, last)
        assert [(row.key, row.figures.issued) for row in above.rows] == [("藏0102", 3)]


def test_a_board_is_paged_without_losing_or_doubling_a_row(link, case):
    requests = link.inquire(case)
    arrive(*requests)
    first, last = clock.today() - boards.SPAN, clock.today()
    seen, after = [], None
    while True:
        page = boards.board(link.world.head, "agency", first, last, {"after": after}, size=1)
        seen += [row.key for row in page.rows]
        after = page.after
        if after is None:
            break
    assert seen == ["demo-bank-chengguan", "demo-land", "second-bank"]


def test_a_board_stays_within_the_courts_of_its_reader(link, case, request_):
    first, last = clock.today() - boards.SPAN, clock.today()
    assert boards.board(link.world.people["sister_head"], "agency", first, last).rows == []


@pytest.mark.parametrize("who", ["implementer", "finance", "clerk", "administrator", "teller"])
def test_boards_are_for_those_who_answer_for_more(link, browse, who):
    assert browse(who).get(reverse("court_board")).status_code == 404


# --- lists and one request ------------------------------------------------------------------------
PAGES = ["court_requests", "court_register", "court_renewals"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", ["implementer", "head", "command"])
def test_pages_open_with_and_without_anything_to_show(link, case, browse, name, who):
    assert browse(who).get(reverse(name)).status_code == 200
    requests = link.inquire(case)
    arrive(*requests)
    first_reminder(link, requests[0])
    assert browse(who).get(reverse(name), {"state": "overdue"}).status_code == 200


def test_an_officers_list_is_their_own_by_clock(link, case, request_, browse):
    page = browse("implementer").get(reverse("court_requests")).content.decode()
    assert request_.number in page
    other = browse("second_implementer").get(reverse("court_requests")).content.decode()
    assert request_.number not in other
    # An officer does not widen it; the head does.
    widened = browse("second_implementer").get(reverse("court_requests"), {"all": "1"}).content.decode()
    assert request_.number not in widened
    assert request_.number in browse("head").get(reverse("court_requests")).content.decode()


def test_states_narrow_the_list(link, case, request_):
    officer = link.world.implementer
    waiting = asked(link, case, "second-bank")
    found(link, request_)
    assert [one.pk for one in court.listed(officer, {"state": "waiting"}).rows] == [waiting.pk]
    assert [one.pk for one in court.listed(officer, {"state": "check"}).rows] == [request_.pk]
    assert court.counts(officer) == {"overdue": 0, "lift": 0, "undelivered": 0, "check": 1}
    with at_noon(waiting.due_on + ONE_DAY):
        assert [one.pk for one in court.listed(officer, {"state": "overdue"}).rows] == [waiting.pk]


def test_a_list_is_paged_by_clock(link, case):
    requests = link.inquire(case)
    seen, after = [], ""
    while True:
        page = court.listed(link.world.implementer, {"after": after}, size=2)
        seen += [one.pk for one in page.rows]
        if page.after is None:
            break
        after = page.after
    assert sorted(seen) == sorted(one.pk for one in requests)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("after", ["x", "2026-01-01.x", "9999-99-99.1", "'; --"])
def test_a_place_that_is_none_shows_the_first_page(link, case, request_, after):
    assert len(court.listed(link.world.implementer, {"after": after}).rows) == 1


def test_one_request_shows_its_course_and_its_answer_masked(link, case, request_, browse):
    found(link, request_)
    page = browse("implementer").get(reverse("court_request", args=[request_.uid])).content.decode()
    assert "6222020200112233445" not in page
    assert "3445" in page
    assert request_.answers.get().number in page
    assert bytes(request_.answers.get().raw_sha256).hex() in page
    assert request_.party.identity_number not in page


def test_opening_a_request_is_written_down(link, case, request_, browse):
    browse("head").get(reverse("court_request", args=[request_.uid]))
    assert ReadLog.objects.filter(case=case, what="request", purpose=request_.number).exists()


@pytest.mark.parametrize("who", ["sister_head", "administrator", "teller"])
def test_requests_of_other_courts_do_not_exist(link, case, request_, browse, who):
    for address in (reverse("court_request", args=[request_.uid]), reverse("case_requests", args=[case.uid])):
        assert browse(who).get(address).status_code == 404


# --- the case and the desk ------------------------------------------------------------------------
def test_a_case_shows_its_fan_out_and_offers_to_ask_all(link, case, browse):
    requests = link.inquire(case)
    arrive(*requests)
    link.answer(requests[0], link.people["bank_head"], outcome="nothing")
    page = browse("implementer").get(reverse("case", args=[case.uid])).content.decode()
    assert 'data-key="q"' in page
    assert f"1 of {len(requests)} answered" in page


def test_the_panel_costs_the_same_whatever_it_shows(link, case, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        assert court.panel(case).total == 0
    requests = link.inquire(case)
    arrive(*requests)
    with django_assert_max_num_queries(3):
        assert court.panel(case).total == len(requests)


def test_the_desk_counts_what_requests_ask(link, case, request_, django_assert_max_num_queries):
    found(link, request_)
    second = asked(link, case, "second-bank")
    engine.submit(
        engine.act_named("request.ask"),
        case,
        link.second_teller,
        {"request": str(second.uid), "text": "金额是多少？"},
    )
    with django_assert_max_num_queries(3):
        lines = {line.rule: line.number for line in work.desk_lines(link.world.implementer)}
    assert lines == {"linkage.check": 1, "linkage.reply": 1}
    assert work.desk_lines(link.world.people["second_implementer"]) == []


def test_what_is_overdue_is_red_on_the_officers_desk(link, case, request_, browse):
    first_reminder(link, request_)
    with at_noon(request_.due_on + 9 * ONE_DAY):
        lines = {line.rule: line.tone for line in work.desk_lines(link.world.implementer)}
        assert lines["linkage.answer"] == "red"
        assert reverse("court_requests") in browse("implementer").get("/").content.decode()


# --- the register and renewals --------------------------------------------------------------------
def test_the_register_shows_open_entries_first_and_keeps_the_rest(link, case, request_):
    first_reminder(link, request_)
    head = link.world.head
    assert [one.request_id for one in work.register(head, {}).rows] == [request_.pk]
    link.answer(request_, link.teller, outcome="nothing")
    assert work.register(head, {}).rows == []
    assert len(work.register(head, {"state": "all"}).rows) == Difficulty.objects.count() == 1
    assert work.register(link.world.people["sister_head"], {"state": "all"}).rows == []


def test_what_ends_soon_is_proposed_for_renewal_in_one_go(link, case, browse):
    measure = frozen(link, case, "30000.00")
    with at_noon(measure.last_day - 10 * ONE_DAY):
        assert [(days, len(rows)) for days, rows in work.expiring(link.world.implementer)] == [(15, 1)]
        client = browse("implementer")
        page = client.get(reverse("court_renewals")).content.decode()
        assert str(measure.uid) in page
        done = client.post(
            reverse("court_renewals"), {"measure": [str(measure.uid)], "idempotency_key": "renewals-1"}
        )
        assert "Done: 1 of 1" in done.content.decode()
        proposal = case.proposals.get(act="request.renew")
        assert proposal.proposed_by == link.world.implementer
        # What is proposed is not proposed twice.
        again = client.post(reverse("court_renewals"), {"measure": [str(measure.uid)]})
        assert f'value="{measure.uid}"' not in again.content.decode()


def test_the_renewals_of_others_are_not_ours(link, case, browse):
    measure = frozen(link, case, "30000.00")
    with at_noon(measure.last_day - 10 * ONE_DAY):
        assert work.expiring(link.world.people["second_implementer"]) == []
        stranger = browse("second_implementer")
        stranger.post(reverse("court_renewals"), {"measure": [str(measure.uid)], "idempotency_key": "x"})
    assert not case.proposals.filter(act="request.renew").exists()


def test_somebody_without_a_duty_sees_no_requests(link, case, request_):
    nobody = make_person("nobody", link.world.court)
    assert court.listed(nobody, {"all": "1"}).rows == []
    assert not boards.may_see(nobody)
    assert boards.may_see(make_person("boss", link.world.court, Duty.PRESIDENT))
