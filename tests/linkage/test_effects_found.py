"""What agencies report becomes assets of the case, each once; what is another's does not."""

from decimal import Decimal

import pytest

from directory.models import Duty
from enforcement.models import Asset
from law import clock
from linkage.models import Request
from tests.enforcement.control import running
from tests.linkage.orders import order
from tests.linkage_world import make_agency, make_staff
from tests.world import bank_card


def asked(link, case, matter: str, agency: str) -> Request:
    return link.inquire(case, matters=[matter], agencies=[agency])[0]


@pytest.fixture
def at_bank(link, case) -> Request:
    return asked(link, case, "BANK-INQ-DEP", link.branch.code)


@pytest.fixture
def at_land(link, case) -> Request:
    return asked(link, case, "LAND-INQ", link.land.code)


def row(**changes):
    return {"account_no": bank_card(), "balance": "35000.00", "type": "活期", "currency": "CNY"} | changes


def test_an_account_becomes_a_deposit_of_the_debtor(link, case, at_bank):
    account = row()
    done = link.answer(at_bank, link.teller, facts={"accounts": [account]})
    asset = case.assets.get()
    assert (asset.kind, asset.owner, asset.holder) == ("deposit", at_bank.party, link.branch.name)
    assert (asset.account_number, asset.value) == (account["account_no"], Decimal("35000.00"))
    assert asset.account_number not in asset.description
    assert asset.found_on == clock.today()
    assert at_bank.number in asset.source
    assert done.outcome["found"] == 1
    assert running(case, "linkage.check", subject=at_bank.uid).exists()


def test_an_account_known_already_is_valued_anew_and_never_doubled(link, case, at_bank):
    account = row()
    link.answer(at_bank, link.teller, facts={"accounts": [account]})
    again = asked(link, case, "BANK-INQ-DEP", link.branch.code)
    link.answer(again, link.teller, facts={"accounts": [account | {"balance": "12.34"}]})
    assert case.assets.get().value == Decimal("12.34")


def test_a_corrected_answer_corrects_the_value(link, case, at_bank):
    account = row()
    link.answer(at_bank, link.teller, facts={"accounts": [account]})
    link.answer(
        at_bank,
        link.teller,
        number="N-second",
        corrects=True,
        facts={"accounts": [account | {"balance": "3500.00"}]},
    )
    assert case.assets.get().value == Decimal("3500.00")


@pytest.mark.parametrize("kind", ["农民工工资专用账户", "社会保险基金专户", "客户备付金"])
def test_an_exempt_account_is_only_noted(link, case, at_bank, kind):
    done = link.answer(at_bank, link.teller, facts={"accounts": [row(type=kind)]})
    assert not case.assets.exists()
    assert kind in done.outcome["exempt"][0]


def test_what_others_froze_before_is_not_counted_as_free(link, case, at_bank):
    earlier = {"authority": "某市中级人民法院", "amount": "30000.00", "kind": "冻结"}
    link.answer(at_bank, link.teller, facts={"accounts": [row(existing_measures=[earlier])]})
    assert case.assets.get().prior_claims == Decimal("30000.00")


def test_foreign_money_is_found_but_not_valued_in_yuan(link, case, at_bank):
    link.answer(at_bank, link.teller, facts={"accounts": [row(currency="USD")]})
    assert case.assets.get().value is None


def test_a_house_in_the_debtors_name_becomes_an_asset(link, case, at_land):
    unit = {"unit_no": "540102001001GB00001F00010001", "location": "城关区某路3号", "use": "住宅"}
    link.answer(at_land, link.registrar, facts={"units": [unit | {"right_holder": at_land.party.name}]})
    asset = case.assets.get()
    assert (asset.kind, asset.register_number) == ("house", unit["unit_no"])


def test_what_is_registered_for_another_is_shown_and_not_made_the_debtors(link, case, at_land):
    unit = {"unit_no": "540102001001GB00001F00010002", "use": "住宅", "right_holder": "达瓦丁"}
    done = link.answer(at_land, link.registrar, facts={"units": [unit]})
    assert not case.assets.exists()
    assert done.outcome["found"] == 1
    assert "达瓦丁" not in str(done.outcome["to_check"])
    assert "达*" in done.outcome["to_check"][0]


def test_nothing_found_is_a_complete_answer(link, case, at_bank):
    link.answer(at_bank, link.teller, outcome="nothing")
    assert not Asset.objects.exists()
    assert not running(case, "linkage.check").exists()


@pytest.mark.parametrize(
    ("matter", "kind", "facts", "asset_kind", "number", "value"),
    [
        (
            "VEH-INQ",
            "vehicles",
            {"vehicles": [{"plate": "藏a12345", "vin": "LFV2A21K6A3000001", "brand": "某牌"}]},
            "vehicle",
            "藏A12345",
            None,
        ),
        (
            "SEC-INQ",
            "securities",
            {"holdings": [{"security_code": "600000", "qty": 1000, "custodian": "某证券"}]},
            "security",
            "600000",
            None,
        ),
        (
            "INS-INQ",
            "insurance",
            {"policies": [{"policy_no": "P1", "cash_value": "8000.00", "holder": "旦增乙"}]},
            "insurance",
            "P1",
            Decimal("8000.00"),
        ),
        (
            "MKT-INQ",
            "market",
            {
                "entities": [
                    {
                        "uscc": "915401020000000012",
                        "name": "某商贸公司",
                        "holders": [{"name": "旦增乙", "share": "40%"}],
                    }
                ]
            },
            "equity",
            "915401020000000012",
            None,
        ),
        ("HRSS-INQ", "human-resources", {"employer": "某运输公司"}, "wage", "", None),
        ("PFUND-INQ", "housing", {"balance": "22000.00"}, "other", "", Decimal("22000.00")),
    ],
)
def test_every_register_answers_in_its_own_words(link, case, matter, kind, facts, asset_kind, number, value):
    agency = make_agency(link.world, f"demo-{kind}", kind, f"示例{kind}", (matter,))
    clerk = make_staff(f"clerk-{kind}", agency, Duty.AGENCY_OPERATOR)
    link.answer(asked(link, case, matter, agency.code), clerk, facts=facts)
    asset = case.assets.get()
    assert (asset.kind, asset.register_number, asset.value) == (asset_kind, number, value)


def test_what_the_register_reported_fills_the_order(link, case):
    """The frame number of a car is not typed again."""
    agency = make_agency(link.world, "demo-veh", "vehicles", "示例车管所", ("VEH-INQ", "VEH-SEAL"))
    clerk = make_staff("clerk-veh", agency, Duty.AGENCY_OPERATOR)
    facts = {"vehicles": [{"plate": "藏A12345", "vin": "LFV2A21K6A3000001", "brand": "某牌"}]}
    link.answer(asked(link, case, "VEH-INQ", agency.code), clerk, facts=facts)
    request = order(link, "request.seize", case, asset=str(case.assets.get().uid))[0]
    assert request.agency == agency
    assert request.facts["vin"] == "LFV2A21K6A3000001"
