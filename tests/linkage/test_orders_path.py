"""One case through the banks and the land register: asked, frozen, deducted, sealed, transferred, lifted."""

from decimal import Decimal

from enforcement import invariants, ledger
from enforcement.claims import outstanding
from enforcement.models import Asset, MeasureState
from law import clock
from linkage.models import Lift, Request
from linkage.proposals import proposal_for
from tests.linkage.orders import order
from tests.linkage.test_orders_money import PAYEE
from tests.world import bank_card, resident_number


def test_from_inquiry_to_money_and_from_seal_to_lift(link, case):
    world = link.world
    requests = {(one.agency, one.matter_code): one for one in link.inquire(case)}
    rows = [
        {"account_no": bank_card(), "balance": "40000.00", "type": "活期"},
        {"account_no": bank_card(), "balance": "9000.00", "type": "农民工工资专用"},
    ]
    link.answer(requests[link.branch, "BANK-INQ-DEP"], link.teller, facts={"accounts": rows})
    link.answer(requests[link.second_bank, "BANK-INQ-DEP"], link.second_teller, outcome="nothing")
    debtor = case.parties.get(role="debtor")
    unit = {
        "unit_no": "540102001001GB00001F00010001",
        "use": "住宅",
        "location": "城关区某路3号",
        "right_holder": debtor.name,
    }
    link.answer(requests[link.land, "LAND-INQ"], link.registrar, facts={"units": [unit]})
    assert {one.kind for one in Asset.objects.filter(case=case)} == {"deposit", "house"}

    # Hits become freezes: the proposal takes the whole account, because more is owed.
    proposal = proposal_for(case, clock.today())
    assert proposal.total == Decimal("40000.00")
    amounts = [{"asset": uid, "amount": str(amount)} for uid, amount in proposal.amounts.items()]
    (freezing,) = order(link, "request.freeze-found", case, rows=amounts)
    assert not case.measures.exists()
    link.answer(freezing, link.teller, facts={"amount_frozen": "40000.00", "rank": "首冻"})
    frozen = case.measures.get()
    assert (frozen.amount, frozen.state) == (Decimal("40000.00"), MeasureState.IN_FORCE)

    # Frozen money is deducted to the fen.
    before = outstanding(case, clock.today())
    (taking,) = order(link, "request.deduct", case, asset=str(frozen.asset.uid), amount="39999.99", **PAYEE)
    link.answer(taking, link.teller, facts={"amount_deducted": "39999.99", "bank_txn_no": "20261123-7"})
    assert sum(row.amount for row in ledger.balances(case, ["2020"])) == Decimal("39999.99")
    assert outstanding(case, clock.today()) < before
    frozen.refresh_from_db()
    assert frozen.amount == Decimal("0.01")

    # The house is sealed, sold and transferred.
    home = case.assets.get(kind="house")
    world.do("asset.value", case, "implementer", asset=str(home.uid), value="60000.00", value_source="议价")
    (sealing,) = order(link, "request.seal", case, asset=str(home.uid))
    link.answer(sealing, link.registrar, facts={"rank": "1"})
    buyer = world.do(
        "sale.record-buyer",
        case,
        "implementer",
        kind="person",
        name="平措戊",
        identity_number=resident_number(),
    )
    (transfer,) = order(
        link,
        "request.transfer",
        case,
        asset=str(home.uid),
        transferee=buyer.outcome["party"],
        way="auction",
        price="60000.00",
    )
    link.answer(transfer, link.registrar, facts={"new_title_no": "藏2026不动产0009"})
    assert not case.measures.filter(asset=home, state="in-force").exists()

    # What is left is lifted, and the lift is done when the bank has said so.
    (lifting,) = order(link, "request.lift", case, ground="wrong", reason="余额为误冻,已核实")
    assert lifting.undoes == freezing
    assert Lift.objects.get(case=case).confirmed_on is None
    link.answer(lifting, link.teller, facts={"released_amount": "0.01"})
    assert Lift.objects.get(case=case).confirmed_on == clock.today()
    assert not Request.objects.filter(case=case, state__in=["issued", "accepted"]).exists()
    assert not {"stuck-cases", "unwatched-measures", "unbalanced-entries"} & set(invariants.broken())
