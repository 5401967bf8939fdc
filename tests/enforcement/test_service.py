"""Service of writs, its proof, and what follows from it."""

from datetime import timedelta

import pytest

from enforcement import engine
from enforcement.acts.service import service_of
from enforcement.models import DeadlineKind, DeadlineState, Party, ServiceState
from law import clock
from law.deadlines import rule
from tests.world import return_of_service

ORDER = {"report_days": 10, "contact": "0891-0000000"}


@pytest.fixture
def issued(world, case):
    """A case whose notice and order are made and not served yet."""
    world.do("notice.issue", case, "implementer", **ORDER)
    return case


def document(case, writ="order.property-report"):
    return case.documents.get(writ=writ)


def debtor(case):
    return next(party for party in case.parties.all() if party.is_debtor)


def record(world, case, *, writ="order.property-report", party=None, actor="implementer", **data):
    today = clock.today().isoformat()
    return world.do(
        "service.record",
        case,
        actor,
        **{
            "document": str(document(case, writ).uid),
            "party": str((party or debtor(case)).uid),
            "method": "direct",
            "state": "served",
            "sent_on": today,
            "served_on": today,
            "received_by": "旦增乙",
        }
        | ({} if data.get("method") in {"public", "electronic"} else {"proof": return_of_service()})
        | data,
    )


def refusal_of(world, case, **data):
    with pytest.raises(engine.Refused) as refusal:
        record(world, case, **data)
    assert not case.services.exists()
    return refusal.value


def test_service_closes_its_task_and_no_other(world, issued):
    record(world, issued)
    done = issued.deadlines.get(rule="product.serve", state=DeadlineState.MET)
    assert done.subject == service_of(document(issued), debtor(issued))
    assert issued.deadlines.filter(rule="product.serve", state=DeadlineState.OPEN).count() == 1


def test_the_order_served_starts_the_period_it_sets(world, issued):
    served = clock.today()
    record(world, issued)
    period = issued.deadlines.get(rule="report.submit")
    assert period.kind == DeadlineKind.WAIT
    assert period.starts_on == served
    assert period.subject == debtor(issued).uid
    assert period.due_on == rule("report.submit").due(served, length=10).day
    assert period.reason


def test_the_return_of_service_is_kept_and_named_in_history_by_its_hash(world, issued):
    result = record(world, issued)
    kept = issued.services.get().proof
    assert (kept.purpose, kept.case) == ("proof", issued)
    assert result.outcome["proof"] == kept.sha256


def test_the_notice_served_starts_no_period_to_report(world, issued):
    record(world, issued, writ="notice.execution")
    assert not issued.deadlines.filter(rule="report.submit").exists()


def test_the_period_runs_from_receipt_and_not_from_recording(world, issued):
    served = clock.today()
    with clock.travel(served + timedelta(days=3)):
        record(world, issued, sent_on=served.isoformat(), served_on=served.isoformat())
    assert issued.deadlines.get(rule="report.submit").starts_on == served


def test_a_writ_is_served_once_on_a_party(world, issued):
    record(world, issued)
    with pytest.raises(engine.Refused) as refusal:
        record(world, issued)
    assert refusal.value.code == "served"
    assert issued.services.count() == 1


def test_an_addressed_writ_is_not_served_on_another(world, issued):
    applicant = issued.parties.get(role="applicant")
    assert refusal_of(world, issued, party=applicant).code == "not-addressed"


def test_a_party_of_another_case_does_not_exist_here(world, issued):
    from rest_framework.exceptions import ValidationError

    stranger = Party.objects.filter(case=world.file_case()).first()
    with pytest.raises(ValidationError) as error:
        record(world, issued, party=stranger)
    assert "party" in error.value.detail


def test_electronic_service_needs_the_partys_agreement(world, issued):
    refusal = refusal_of(world, issued, method="electronic", received_by="")
    assert (refusal.code, refusal.field) == ("no-consent", "method")
    assert "90" in str(refusal.basis[0])


def test_a_party_who_agreed_is_served_electronically_on_the_day_of_arrival(world):
    case = world.assigned_case(parties=[world.applicant(), world.debtor(agreed_to_electronic_service=True)])
    world.do("notice.issue", case, "implementer", **ORDER)
    record(world, case, method="electronic", received_by="")
    assert case.services.get().state == ServiceState.SERVED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"served_on": None}, "served_on"),
        ({"received_by": ""}, "received_by"),
        ({"method": "post", "received_by": " "}, "received_by"),
        ({"method": "left", "received_by": "", "remarks": ""}, "remarks"),
        ({"proof": None}, "proof"),
        ({"method": "post", "proof": None}, "proof"),
        ({"method": "left", "received_by": "", "remarks": "拒收,拍照留置", "proof": None}, "proof"),
        ({"method": "entrusted", "proof": None}, "proof"),
        ({"state": "failed", "served_on": None, "remarks": ""}, "remarks"),
        ({"state": "sent"}, "served_on"),
    ],
)
def test_a_return_of_service_says_what_the_law_asks(world, issued, changes, field):
    assert refusal_of(world, issued, **changes).field == field


def test_nothing_is_served_before_it_was_made_or_after_today(world, issued):
    today = clock.today()
    assert refusal_of(world, issued, sent_on=(today - timedelta(days=1)).isoformat()).field == "sent_on"
    assert refusal_of(world, issued, sent_on=(today + timedelta(days=1)).isoformat()).field == "sent_on"
    assert refusal_of(world, issued, served_on=(today + timedelta(days=1)).isoformat()).field == "served_on"


def test_a_writ_in_the_post_is_waited_for_and_then_served(world, issued):
    record(world, issued, method="post", state="sent", served_on=None, received_by="")
    about = service_of(document(issued), debtor(issued))
    wait = issued.deadlines.get(rule="product.delivery", state=DeadlineState.OPEN)
    assert (wait.subject, wait.kind) == (about, DeadlineKind.WAIT)
    assert not issued.deadlines.filter(rule="product.serve", subject=about, state=DeadlineState.OPEN).exists()
    record(world, issued, method="post")
    wait.refresh_from_db()
    assert wait.state == DeadlineState.MET
    assert issued.services.get().state == ServiceState.SERVED


def test_service_that_failed_is_tried_again(world, issued):
    record(world, issued, state="failed", served_on=None, received_by="", remarks="拒收,邮件退回")
    about = service_of(document(issued), debtor(issued))
    assert issued.deadlines.filter(rule="product.serve", subject=about, state=DeadlineState.OPEN).count() == 1
    record(world, issued)
    assert sorted(issued.services.values_list("state", flat=True)) == ["failed", "served"]


def test_a_public_notice_serves_when_its_thirty_days_have_passed(world, issued):
    published = clock.today()
    public = {"method": "public", "received_by": "", "served_on": None, "remarks": "下落不明,邮寄退回"}
    record(world, issued, state="sent", **public)
    wait = issued.deadlines.get(rule="service.public", state=DeadlineState.OPEN)
    assert wait.due_on == rule("service.public").due(published).day
    with clock.travel(wait.due_on):
        with pytest.raises(engine.Refused) as refusal:
            record(world, issued, sent_on=published.isoformat(), **public)
        assert refusal.value.code == "running"
    with clock.travel(wait.due_on + timedelta(days=1)):
        record(world, issued, sent_on=published.isoformat(), **public)
    service = issued.services.get()
    assert (service.state, service.served_on) == (ServiceState.SERVED, wait.due_on)
    assert issued.deadlines.get(rule="report.submit").starts_on == wait.due_on


def test_a_public_notice_says_why_no_other_way_was_left(world, issued):
    refusal = refusal_of(
        world, issued, method="public", state="sent", received_by="", served_on=None, remarks=""
    )
    assert refusal.field == "remarks"
    assert "95" in str(refusal.basis[0])


def test_the_time_limit_stands_still_while_a_public_notice_runs(world, issued):
    published = clock.today()
    limit = issued.deadlines.get(rule="closing.limit")
    record(
        world,
        issued,
        method="public",
        state="sent",
        received_by="",
        served_on=None,
        remarks="下落不明",
    )
    last = rule("service.public").due(published).day
    expected = rule("closing.limit").due(limit.starts_on, suspensions=[(published + timedelta(days=1), last)])
    limit.refresh_from_db()
    assert limit.due_on == expected.day


def test_a_debtor_found_during_the_notice_stops_the_time_limit_only_until_then(world, issued):
    published = clock.today()
    limit = issued.deadlines.get(rule="closing.limit")
    public = {"method": "public", "received_by": "", "served_on": None, "remarks": "下落不明"}
    record(world, issued, state="sent", **public)
    found = published + timedelta(days=12)
    with clock.travel(found):
        record(world, issued, sent_on=found.isoformat(), served_on=found.isoformat())
    limit.refresh_from_db()
    assert (
        limit.due_on
        == rule("closing.limit")
        .due(limit.starts_on, suspensions=[(published + timedelta(days=1), found)])
        .day
    )
    assert issued.deadlines.get(rule="service.public").state == DeadlineState.MET


def test_the_clerk_serves_and_whoever_reviews_does_not(world, issued):
    record(world, issued, actor="clerk")
    with pytest.raises(engine.Refused) as refusal:
        record(world, issued, writ="notice.execution", actor="reviewer")
    assert refusal.value.code == "duty"


def test_a_case_without_writs_has_nothing_to_serve(world, case):
    from enforcement.acts.service import RecordService
    from enforcement.engine.offers import offered

    offer = next(offer for offer in offered(case, world.implementer) if offer.act is RecordService)
    assert not offer.allowed
    assert "no writ" in offer.why_not
