"""Title passes to the buyer, restrictions run for their term, any other matter of the table can be asked."""

import pytest

from directory.models import Duty
from enforcement import engine
from enforcement.models import DeadlineKind, MeasureState, Party
from law import clock
from law.counting import add_months
from linkage.models import Lift, MatterAnswered, Outcome, Request
from tests.enforcement.control import running
from tests.linkage.orders import frozen, house, order, propose
from tests.linkage_world import make_agency, make_staff
from tests.world import credit_code, resident_number

SALE = {"way": "auction", "price": "88000.00"}


@pytest.fixture
def sealed(link, case):
    """A house of the debtor the register has sealed."""
    request = order(link, "request.seal", case, asset=str(house(link, case).uid))[0]
    link.answer(request, link.registrar, facts={"rank": "1"})
    return case.measures.get()


@pytest.fixture
def buyer(link, case) -> Party:
    done = link.world.do(
        "sale.record-buyer",
        case,
        "implementer",
        kind="person",
        name="平措戊",
        identity_number=resident_number(),
    )
    return Party.objects.get(uid=done.outcome["party"])


def transfer(link, case, asset, buyer, **data) -> Request:
    wanted = {"asset": str(asset.uid), "transferee": str(buyer.uid)} | SALE | data
    return order(link, "request.transfer", case, **wanted)[0]


class TestTransfer:
    def test_a_buyers_number_is_checked_and_sealed(self, link, case, buyer):
        assert buyer.role == "third"
        assert buyer.identity_number not in str(case.events.last().body)
        with pytest.raises(Exception, match="identity_number"):
            link.world.do(
                "sale.record-buyer", case, "implementer", kind="company", name="某公司", identity_number="123"
            )
        link.world.do(
            "sale.record-buyer",
            case,
            "implementer",
            kind="company",
            name="某公司",
            identity_number=credit_code(),
        )

    def test_the_register_is_told_who_bought_it_and_by_which_ruling(self, link, case, sealed, buyer):
        request = transfer(link, case, sealed.asset, buyer)
        assert request.matter_code == "LAND-TRANSFER"
        assert {one.writ for one in request.documents.all()} == {"ruling.transfer", "notice.assist-transfer"}
        carried = request.carried()
        assert carried["transferee"]["id"] == buyer.identity_number
        assert carried["ruling_no"] == request.documents.get(writ="ruling.transfer").number
        assert buyer.identity_number not in str(request.facts)
        assert sealed.state == MeasureState.IN_FORCE

    def test_a_ruling_that_exists_is_not_made_again(self, link, case, sealed, buyer):
        request = transfer(link, case, sealed.asset, buyer, ruling_no="（2026）藏0102执1号之九")
        assert {one.writ for one in request.documents.all()} == {"notice.assist-transfer"}
        assert request.facts["ruling_no"] == "（2026）藏0102执1号之九"

    def test_the_seal_ends_and_the_thing_has_a_new_owner(self, link, case, sealed, buyer):
        request = transfer(link, case, sealed.asset, buyer)
        link.answer(request, link.registrar, facts={"new_title_no": "藏2026不动产0009"})
        sealed.refresh_from_db()
        sealed.asset.refresh_from_db()
        assert (sealed.state, sealed.release_confirmed_on) == (MeasureState.RELEASED, clock.today())
        assert sealed.release_ground == f"sold: {request.number}"
        assert "平措戊" in sealed.asset.description
        assert not running(case, "control.immovable.term").exists()

    def test_what_was_transferred_is_nobodys_to_seal_any_more(self, link, case, sealed, buyer):
        link.answer(transfer(link, case, sealed.asset, buyer), link.registrar)
        house(link, case)
        with pytest.raises(engine.Refused, match="transferred to its buyer"):
            propose(link, "request.seal", case, asset=str(sealed.asset.uid))

    def test_what_is_not_under_our_seal_is_not_transferred(self, link, case, buyer):
        with pytest.raises(engine.Refused, match="not under a measure"):
            transfer(link, case, house(link, case), buyer)

    def test_a_transfer_refused_leaves_the_seal(self, link, case, sealed, buyer):
        request = transfer(link, case, sealed.asset, buyer)
        link.answer(request, link.registrar, outcome="refused", remarks="未完税")
        sealed.refresh_from_db()
        assert sealed.state == MeasureState.IN_FORCE

    def test_a_transfer_taken_back_is_looked_at(self, link, case, sealed, buyer):
        request = transfer(link, case, sealed.asset, buyer)
        link.answer(request, link.registrar)
        done = link.answer(
            request, link.registrar, number="N-second", corrects=True, outcome="refused", remarks="登记有误"
        )
        assert done.outcome["check"]
        assert running(case, "linkage.check", subject=request.uid).exists()


@pytest.fixture
def housing(link):
    agency = make_agency(link.world, "demo-housing", "housing", "示例住建局", ("HOUSE-BUYBAN", "HOUSE-HALT"))
    return agency, make_staff("housing-clerk", agency, Duty.AGENCY_OPERATOR)


@pytest.fixture
def police(link):
    matters = ("PS-HOTEL", "PS-LOCATE", "PS-EXITBAN")
    agency = make_agency(link.world, "demo-police", "police", "示例公安局", matters)
    return agency, make_staff("police-clerk", agency, Duty.AGENCY_OPERATOR)


def debtor(case) -> str:
    return str(case.parties.get(role="debtor").uid)


def restrict(link, case, decider="judge", **data) -> list[Request]:
    wanted = {"party": debtor(case), "reason": "有能力而不履行"} | data
    return order(link, "request.restrict", case, decider, **wanted)


class TestRestriction:
    def test_it_runs_until_its_last_day_from_the_answer_on(self, link, case, housing):
        until = add_months(clock.today(), 6)
        (request,) = restrict(
            link, case, matter="HOUSE-BUYBAN", facts={"order_no": "限1号"}, until=until.isoformat()
        )
        assert request.facts["order_no"] == "限1号"
        assert [one.writ for one in request.documents.all()] == ["notice.assist-restrict"]
        assert not running(case, "linkage.restriction").exists()
        link.answer(request, housing[1])
        term = running(case, "linkage.restriction", subject=request.uid).get()
        assert (term.kind, term.due_on) == (DeadlineKind.TERM, until)

    def test_it_is_lifted_under_its_own_matter(self, link, case, housing):
        (request,) = restrict(
            link,
            case,
            matter="HOUSE-BUYBAN",
            facts={"order_no": "限1号"},
            until=add_months(clock.today(), 6).isoformat(),
        )
        link.answer(request, housing[1])
        (undo,) = order(link, "request.lift", case, ground="wrong", reason="已履行完毕,经核实")
        assert (undo.matter_code, undo.undoes, undo.priority) == ("HOUSE-BUYBAN", request, 0)
        assert not running(case, "linkage.restriction").exists()
        link.answer(undo, housing[1])
        assert Lift.objects.get().confirmed_on == clock.today()
        assert not running(case, "linkage.restriction").exists()

    def test_what_binds_only_with_a_ruling_needs_it(self, link, case, housing):
        with pytest.raises(engine.Refused, match="binds only with a ruling"):
            restrict(link, case, matter="HOUSE-HALT", reason="转移财产")

    def test_the_facts_of_the_matter_are_demanded_before_anybody_decides(self, link, case, housing):
        with pytest.raises(engine.Refused, match="can't be issued without"):
            propose(
                link,
                "request.restrict",
                case,
                matter="HOUSE-BUYBAN",
                party=debtor(case),
                reason="有能力而不履行",
            )

    def test_the_same_restriction_is_not_asked_twice(self, link, case, housing):
        restrict(link, case, matter="HOUSE-BUYBAN", facts={"order_no": "限1号"})
        with pytest.raises(engine.Refused, match="still waits"):
            restrict(link, case, matter="HOUSE-BUYBAN", facts={"order_no": "限1号"})

    def test_leaving_the_country_is_barred_by_the_president(self, link, case, police):
        until = add_months(clock.today(), 3).isoformat()
        data = {
            "matter": "PS-EXITBAN",
            "facts": {"doc_numbers": "—", "control_kind": "不准出境"},
            "until": until,
        }
        proposed = propose(link, "request.restrict", case, party=debtor(case), reason="转移财产", **data)
        assert proposed.proposal is not None
        assert proposed.proposal.duty == Duty.PRESIDENT
        link.world.approve(proposed, "president")
        request = Request.objects.get(case=case)
        assert {one.writ for one in request.documents.all()} == {"decision.exit", "notice.assist-restrict"}


class TestOtherMatters:
    def test_where_somebody_slept_is_for_the_president_to_ask(self, link, case, police):
        data = {"matter": "PS-HOTEL", "facts": {"period": "近三个月", "purpose": "查找下落"}}
        proposed = propose(link, "request.other", case, party=debtor(case), **data)
        assert proposed.proposal is not None
        assert proposed.proposal.duty == Duty.PRESIDENT

    def test_a_person_is_looked_for_by_decision_of_the_judge(self, link, case, police):
        (request,) = order(
            link,
            "request.other",
            case,
            matter="PS-LOCATE",
            party=debtor(case),
            facts={"reason": "拘传", "decision_no": "（2026）藏0102司惩1号"},
        )
        assert request.agency == police[0]
        link.answer(request, police[1], facts={"place": "某地"})
        request.refresh_from_db()
        assert request.outcome == Outcome.DONE

    def test_an_inquiry_needs_a_notice_only(self, link, case):
        make_agency(link.world, "demo-tax", "tax", "示例税务局", ("TAX-INQ",))
        done = propose(
            link, "request.other", case, matter="TAX-INQ", party=debtor(case), facts={"period": "2025"}
        )
        assert done.proposal is None
        assert Request.objects.get(case=case).matter_code == "TAX-INQ"

    def test_transactions_of_an_account_are_asked_by_its_number(self, link, case):
        MatterAnswered.objects.create(agency=link.branch, matter="BANK-INQ-TXN")
        measure = frozen(link, case, "1000.00")
        done = propose(
            link,
            "request.other",
            case,
            matter="BANK-INQ-TXN",
            party=debtor(case),
            asset=str(measure.asset.uid),
            facts={"period_from": "2026-01-01", "period_to": "2026-06-30"},
        )
        assert done.proposal is None
        request = Request.objects.get(case=case, matter_code="BANK-INQ-TXN")
        assert request.carried()["account_no"] == measure.asset.account_number
        assert request.carried()["period_from"] == "2026-01-01"
