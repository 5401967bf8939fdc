"""Orders to freeze, seal and seize: what is refused, what leaves the court, and when a measure begins."""

from decimal import Decimal

import pytest

from enforcement import engine
from enforcement.models import Deadline, DeadlineKind, DeadlineState, Document, MeasureState
from law import clock, terms
from linkage.models import Request
from tests.enforcement.cash import arrive
from tests.enforcement.control import freeze as freeze_on_paper
from tests.enforcement.control import record, running
from tests.linkage.orders import deposit, freeze, frozen, house, order, propose
from tests.linkage_world import make_agency


def test_a_freeze_leaves_with_ruling_and_notice_and_no_measure_begins(link, case):
    asset = deposit(link, case, "50000.00")
    request = freeze(link, case, "35000.00", asset)
    assert (request.matter_code, request.agency, request.amount) == (
        "BANK-FRZ-DEP",
        link.branch,
        Decimal("35000.00"),
    )
    assert {one.writ for one in request.documents.all()} == {"ruling.freeze", "notice.assist-freeze"}
    assert request.term.lower == clock.today()
    assert not case.measures.exists()
    assert request.requested_by == link.world.implementer
    assert request.decided_by == link.world.judge
    assert request.carried()["account_no"] == asset.account_number
    assert asset.account_number not in str(request.facts)


def test_the_ruling_is_to_be_served_on_the_parties(link, case):
    freeze(link, case, "1000.00")
    assert running(case, "product.serve").count() == 2


def test_the_notice_names_the_agency_it_is_addressed_to(link, case):
    freeze(link, case, "1000.00")
    assert Document.objects.get(case=case, writ="notice.assist-freeze").data["holder"] == link.branch.name


def test_a_thing_with_an_order_on_its_way_is_not_ordered_twice(link, case):
    asset = deposit(link, case)
    freeze(link, case, "1000.00", asset)
    with pytest.raises(engine.Refused, match="still waits for the answer") as refusal:
        propose(link, "request.freeze-deposit", case, asset=str(asset.uid), amount="500.00")
    assert refusal.value.code == "pending"


def test_a_thing_restrained_already_is_not_ordered_again(link, case):
    measure = freeze_on_paper(link.world, case, asset=deposit(link, case))
    deposit(link, case)
    with pytest.raises(engine.Refused, match="restrained already"):
        propose(link, "request.freeze-deposit", case, asset=str(measure.asset.uid), amount="500.00")


def test_orders_on_their_way_count_against_the_claim(link, case):
    freeze(link, case, "100000.00")
    second = deposit(link, case)
    with pytest.raises(engine.Refused, match="exceeds the uncovered claim") as refusal:
        propose(link, "request.freeze-deposit", case, asset=str(second.uid), amount="100000.00")
    assert refusal.value.code == "excess"


def test_money_beyond_the_claim_is_decided_by_the_president(link, case):
    asset = deposit(link, case)
    proposed = propose(
        link,
        "request.freeze-deposit",
        case,
        asset=str(asset.uid),
        amount="500000.00",
        excess_reason="担保物价值不明",
    )
    assert proposed.proposal is not None
    assert proposed.proposal.duty == "president"
    link.world.approve(proposed, "president")
    request = Request.objects.get(case=case)
    link.answer(request, link.teller, facts={"amount_frozen": "500000.00"})
    assert case.measures.get().excess_reason == "担保物价值不明"


def test_no_order_lasts_longer_than_the_law_allows(link, case):
    with pytest.raises(engine.Refused, match="12 months"):
        freeze(link, case, "1000.00", months=13)


def test_the_order_lasts_for_the_months_ordered(link, case):
    request = freeze(link, case, "1000.00", months=6)
    assert request.term.upper - request.term.upper.resolution == terms.last_day(clock.today(), 6)


def test_nobody_without_a_number_is_frozen(link, world):
    case = world.assigned_case(parties=[world.applicant(), world.debtor(identity_number="")])
    with pytest.raises(engine.Refused, match="identity"):
        freeze(link, case, "1000.00")


def test_who_proposes_an_order_does_not_decide_it(link, case):
    proposed = propose(
        link, "request.freeze-deposit", case, asset=str(deposit(link, case).uid), amount="1000.00"
    )
    assert proposed.proposal is not None
    with pytest.raises(engine.Refused):
        engine.decide(proposed.proposal, link.world.implementer, approve=True)


def test_an_asset_whose_holder_is_no_agency_needs_the_agency_chosen(link, case):
    asset = deposit(link, case, holder="某未联网银行")
    with pytest.raises(engine.Refused, match="Which agency holds"):
        propose(link, "request.freeze-deposit", case, asset=str(asset.uid), amount="1000.00")
    request = freeze(link, case, "1000.00", asset, agency=link.second_bank.code)
    assert request.agency == link.second_bank


def test_an_agency_that_does_not_answer_the_matter_is_refused(link, case):
    with pytest.raises(engine.Refused, match="does not answer"):
        freeze(link, case, "1000.00", agency=link.land.code)


def test_a_house_is_sealed_at_the_land_register(link, case):
    asset = house(link, case)
    request = order(link, "request.seal", case, asset=str(asset.uid))[0]
    assert (request.matter_code, request.agency) == ("LAND-SEAL", link.land)
    assert request.carried()["unit_no"] == asset.register_number
    assert request.facts["right_type"] == "房屋所有权"
    link.answer(request, link.registrar, facts={"rank": "1"})
    measure = case.measures.get()
    assert (measure.kind, measure.state) == ("seal", MeasureState.IN_FORCE)
    assert measure.last_day == terms.last_day(clock.today(), 36)


def test_an_order_without_what_its_matter_demands_is_not_proposed(link, case):
    vehicles = make_agency(link.world, "demo-vehicles", "vehicles", "示例车管所", ("VEH-SEAL",))
    car = record(link.world, case, "vehicle", holder=vehicles.name, register_number="藏A12345")
    with pytest.raises(engine.Refused, match="can't be issued without") as refusal:
        propose(link, "request.seize", case, asset=str(car.uid))
    assert refusal.value.code == "incomplete"
    request = order(link, "request.seize", case, asset=str(car.uid), facts={"vin": "LFV2A21K6A3000001"})[0]
    assert request.facts == request.facts | {"plate": "藏A12345", "vin": "LFV2A21K6A3000001"}


class TestTheBankAnswers:
    def test_the_frozen_sum_becomes_a_measure_of_the_case(self, link, case):
        request = freeze(link, case, "35000.00")
        link.answer(request, link.teller, facts={"amount_frozen": "35000.00", "rank": "首冻"}, handler="甲")
        measure = case.measures.get()
        request.refresh_from_db()
        assert request.measure == measure
        assert (measure.amount, measure.rank, measure.state) == (Decimal("35000.00"), 1, "in-force")
        assert measure.during.lower == clock.today()
        assert measure.last_day == terms.last_day(clock.today(), 12)
        assert (measure.proposed_by, measure.decided_by) == (link.world.implementer, link.world.judge)
        assert measure.notice.writ == "notice.assist-freeze"
        assert measure.carried_out_by == f"{link.branch.name}（甲）"

    def test_its_term_is_watched_and_the_notice_to_perform_must_follow(self, link, case):
        measure = frozen(link, case, "1000.00")
        term = Deadline.objects.get(subject=measure.uid, kind=DeadlineKind.TERM, state=DeadlineState.OPEN)
        assert (term.due_on, term.act) == (measure.last_day, "measure.renew")
        assert running(case, "notice.send.after-measure").exists()

    def test_an_answer_without_figures_confirms_what_was_ordered(self, link, case):
        assert frozen(link, case, "1000.00").amount == Decimal("1000.00")

    def test_a_part_is_frozen_for_what_there_is(self, link, case):
        request = freeze(link, case, "35000.00")
        link.answer(request, link.teller, outcome="part", facts={"amount_frozen": "1234.56"})
        assert case.measures.get().amount == Decimal("1234.56")
        assert running(case, "linkage.check", subject=request.uid).exists()

    def test_a_part_says_how_much(self, link, case):
        request = freeze(link, case, "35000.00")
        with pytest.raises(engine.Refused, match="say how much"):
            link.answer(request, link.teller, outcome="part")

    @pytest.mark.parametrize("rank", ["轮候1", "2", ""])
    def test_behind_another_court_it_waits_and_controls_nothing(self, link, case, rank):
        request = freeze(link, case, "35000.00")
        link.answer(request, link.teller, outcome="waiting", facts={"rank": rank})
        measure = case.measures.get()
        assert (measure.rank, measure.state) == (2, MeasureState.WAITING)

    @pytest.mark.parametrize(
        ("facts", "code"),
        [
            ({"amount_frozen": "35000.01"}, "more-than-ordered"),
            ({"end_on": "2099-01-01"}, "term"),
            ({"start_on": "2020-01-01"}, "start"),
            ({"start_on": "2099-01-01"}, "start"),
        ],
    )
    def test_what_goes_beyond_the_order_is_refused_and_nothing_applied(self, link, case, facts, code):
        request = freeze(link, case, "35000.00")
        with pytest.raises(engine.Refused) as refusal:
            link.answer(request, link.teller, facts=facts)
        assert (refusal.value.code, bool(refusal.value.basis)) == (code, True)
        request.refresh_from_db()
        assert request.state == "issued"
        assert not case.measures.exists()

    def test_nothing_there_makes_no_measure(self, link, case):
        link.answer(freeze(link, case, "35000.00"), link.teller, outcome="nothing")
        assert not case.measures.exists()

    def test_a_refusal_makes_no_measure_and_is_looked_at(self, link, case):
        request = freeze(link, case, "35000.00")
        link.answer(request, link.teller, outcome="refused", remarks="账户属于他人")
        assert not case.measures.exists()
        assert running(case, "linkage.check", subject=request.uid).exists()

    def test_two_banks_that_hit_together_leave_an_excess_to_lift(self, link, case):
        first, second = freeze(link, case, "60000.00"), freeze(link, case, "60000.00")
        case.refresh_from_db()
        link.answer(first, link.teller)
        arrive(link.world, case, "100000.00")
        link.answer(second, link.teller)
        duty = running(case, "control.excess.release").get()
        assert duty.act == "request.lift"


class TestACorrectedAnswer:
    def test_a_lower_sum_takes_the_place_of_the_first(self, link, case):
        request = freeze(link, case, "35000.00")
        link.answer(request, link.teller)
        link.answer(
            request,
            link.teller,
            number="N-second",
            corrects=True,
            outcome="part",
            facts={"amount_frozen": "30000.00"},
        )
        measure = case.measures.get()
        assert measure.amount == Decimal("30000.00")
        assert running(case, "control.deposit.term", subject=measure.uid).count() == 1
        assert {one.state for one in request.answers.all()} == {"superseded", "applied"}

    def test_a_freeze_that_never_was_ends(self, link, case):
        request = freeze(link, case, "35000.00")
        link.answer(request, link.teller)
        link.answer(request, link.teller, number="N-second", corrects=True, outcome="nothing")
        measure = case.measures.get()
        assert measure.state == MeasureState.RELEASED
        assert measure.release_confirmed_on == clock.today()

    def test_a_second_answer_that_corrects_nothing_is_refused(self, link, case):
        request = freeze(link, case, "35000.00")
        link.answer(request, link.teller)
        with pytest.raises(engine.Refused, match="settled"):
            link.answer(request, link.teller, number="N-second")
