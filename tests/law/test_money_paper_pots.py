"""Cases worked on paper: distribution, auctions, exemptions and the calculator of deadlines."""

from datetime import date
from decimal import Decimal

import pytest

from law.calculators import run
from law.money import (
    Asset,
    Claim,
    Cost,
    distribute,
    hold_back,
)
from law.money.disputes import DisputedClaim
from tests.law.paper import result

# --- distribution -------------------------------------------------------------------------------------------

CRIMINAL = {
    "debtor_kind": "citizen",
    "mode": "pro_rata",
    "criminal": True,
    "living_costs_reserved": "3000.00",
    "assets": [{"id": "car", "price": "100000.00"}],
}


def test_a_debtor_also_criminally_liable_pays_in_the_order_of_the_provisions():
    # 刑事涉财产执行规定 第十三、九条: medical 20000, pledge 30000 (10000 unsecured join the ordinary),
    # restitution 25000, ordinary 10000 + 8000: 100000 − 93000 = 7000 left; 3000 for the family, 4000 of the
    # fine.
    found = result(
        "distribution",
        **CRIMINAL,
        claims=[
            {"id": "fine", "type": "fine", "title_debt": "50000.00"},
            {"id": "ordinary", "type": "ordinary", "title_debt": "8000.00"},
            {"id": "victims", "type": "restitution", "title_debt": "25000.00"},
            {
                "id": "pledge",
                "type": "secured",
                "title_debt": "40000.00",
                "secured_amount": "30000.00",
                "asset": "car",
                "priority": 1,
            },
            {"id": "hospital", "type": "medical", "title_debt": "20000.00"},
            {"id": "state", "type": "confiscation", "title_debt": "9000.00"},
        ],
    )
    assert found == {
        "costs": {},
        "paid": {
            "fine": "4000.00",
            "ordinary": "8000.00",
            "victims": "25000.00",
            "pledge": "40000.00",
            "hospital": "20000.00",
            "state": "0.00",
        },
        "to_debtor": "0.00",
        "kept_for_family": "3000.00",
    }


def test_an_enterprise_pays_by_seizure_and_doubled_interest_after_all_title_debts():
    # 民诉法解释 第五百一十四条: rank 1 20000, rank 2 two claims of 15000 and 5000, then doubled interest
    # 1000 of rank 1 before 900 of rank 2; 40000 + 1500 = 41500.
    found = result(
        "distribution",
        debtor_kind="enterprise_legal_person",
        mode="seizure_order",
        assets=[{"id": "plant", "price": "41500.00"}],
        claims=[
            {
                "id": "late",
                "type": "ordinary",
                "title_debt": "15000.00",
                "seizure_rank": 2,
                "doubled_interest": "900.00",
            },
            {"id": "also", "type": "ordinary", "title_debt": "5000.00", "seizure_rank": 2},
            {
                "id": "first",
                "type": "ordinary",
                "title_debt": "20000.00",
                "seizure_rank": 1,
                "doubled_interest": "1000.00",
            },
        ],
    )
    assert found["paid"] == {"late": "15500.00", "also": "5000.00", "first": "21000.00"}


def test_common_costs_fall_on_the_assets_by_price_before_priority_rights():
    # 执行工作规定 第三十四条: 900 of common costs on prices 20000 and 10000 are 600 and 300; valuation 400
    # falls on the flat. The flat leaves 20000 − 400 − 600 = 19000 for the mortgage; 6000 join the ordinary
    # claims, which get 10000 − 300 = 9700 for 6000 and 6000: 4850 each.
    plan = distribute(
        [Asset("flat", Decimal(20000)), Asset("car", Decimal(10000))],
        [
            Claim(
                "bank",
                "secured",
                Decimal(25000),
                asset="flat",
                priority=1,
                secured_amount=Decimal(25000),
                filed_on=date(2024, 1, 1),
            ),
            Claim("shop", "ordinary", Decimal(6000), filed_on=date(2024, 1, 2)),
        ],
        [Cost("fee", Decimal(900)), Cost("valuation", Decimal(400), "flat")],
    )
    assert plan.paid == {"bank": Decimal("23850.00"), "shop": Decimal("4850.00")}
    assert plan.costs == {"fee": Decimal("900.00"), "valuation": Decimal("400.00")}


def test_a_bounty_comes_out_of_the_share_of_the_applicant_who_offered_it():
    # 财产调查规定 第二十四条第二款: shares 4000 and 6000; a bounty of 5000 takes the 4000 and leaves 1000
    # due.
    found = result(
        "distribution",
        debtor_kind="citizen",
        mode="pro_rata",
        assets=[{"id": "deposit", "price": "10000.00"}],
        claims=[
            {"id": "A", "type": "ordinary", "title_debt": "8000.00"},
            {"id": "B", "type": "ordinary", "title_debt": "12000.00"},
        ],
        bounty={"amount": "5000.00", "offeror": "A", "burden": "offeror_share"},
    )
    assert found == {
        "costs": {},
        "paid": {"A": "0.00", "B": "6000.00"},
        "to_debtor": "0.00",
        "bounty_paid": "4000.00",
        "bounty_still_due_from_offeror": "1000.00",
    }


@pytest.mark.parametrize(
    ("borne_by", "costs", "paid"),
    [("debtor", {"audit": "2000.00"}, "8000.00"), ("applicant", {}, "10000.00")],
)
def test_an_audit_is_paid_back_where_the_debtor_bears_it(borne_by, costs, paid):
    # 财产调查规定 第二十条: advanced by the applicant; borne by the debtor only where evasion was found.
    found = result(
        "distribution",
        debtor_kind="other_organisation",
        mode="pro_rata",
        assets=[{"id": "deposit", "price": "10000.00"}],
        claims=[{"id": "A", "type": "ordinary", "title_debt": "20000.00"}],
        audit={"amount": "2000.00", "advanced_by": "A", "borne_by": borne_by},
    )
    assert found["costs"] == costs
    assert found["paid"] == {"A": paid}


def test_odd_fen_go_to_the_larger_remainder_then_to_the_earlier_application():
    # 100.00 on three equal claims: 33.33 each and one fen for the earliest, whatever the order of the rows.
    claims = [
        Claim(name, "ordinary", Decimal(50), date(2024, 1, day))
        for name, day in (("c", 3), ("a", 2), ("b", 1))
    ]
    plan = distribute([Asset("deposit", Decimal(100))], claims)
    assert plan.paid == {"c": Decimal("33.33"), "a": Decimal("33.33"), "b": Decimal("33.34")}


def test_what_is_left_for_the_debtor_either_way_is_not_held_back():
    # Pot 200; claim 100, as objected 60: only the 40 between them are in dispute, 100 go to the debtor.
    found = hold_back(Decimal(200), [DisputedClaim("A", Decimal(100), date(2024, 1, 1), Decimal(60))])
    assert (found.pay_now, found.held_back, found.to_debtor) == (
        {"A": Decimal(60)},
        Decimal(40),
        Decimal(100),
    )


# --- auctions -----------------------------------------------------------------------------------------------


def test_an_online_auction_outside_the_limits_is_told_so():
    # 网络司法拍卖规定 第十、十七条: 70 % of 100000 = 70000; deposit 3499.95 to 13999.80 of 69999.00.
    found = result(
        "network_auction",
        valuation="100000.00",
        start_price_1="69999.00",
        deposit="14000.00",
        applicant_claim="10000.00",
        hammer_price="80000.00",
    )
    assert found == {
        "min_start_1": "70000.00",
        "min_start_2": "55999.20",
        "deposit_min": "3499.95",
        "deposit_max": "13999.80",
        "start_price_1_lawful": False,
        "deposit_lawful": False,
        "applicant_pays_deposit": "4000.00",
        "balance_due_from_buyer": "66000.00",
    }


def test_an_auction_of_a_house_has_three_rounds():
    # 拍卖变卖规定 第五、六、十、二十五、二十九条: 3000000 → 2400000 → 1920000; 1900000 + 20000 ahead = the
    # last reserve, so no surplus; commission on 2500000: 2000000 × 5 % + 500000 × 3 % = 115000.
    found = result(
        "traditional_auction",
        asset_kind="immovable",
        valuation="3000000.00",
        priority_claims="1900000.00",
        enforcement_costs="20000.00",
        hammer_price="2500000.00",
    )
    assert found == {
        "reserve_1": "3000000.00",
        "min_reserve_2": "2400000.00",
        "min_reserve_3": "1920000.00",
        "deposit_min": "150000.00",
        "no_surplus_at_last_reserve": True,
        "reserve_must_reach": "1920000.01",
        "commission_cap": "115000.00",
    }


def test_an_auction_of_a_movable_has_two_rounds():
    # 拍卖变卖规定 第二十四条: 80 % of 12345.67 = 9876.536 → 9876.54; 5 % = 617.2835 → 617.29;
    # commission 10000.01 × 5 % = 500.0005 → down to 500.00.
    found = result(
        "traditional_auction",
        asset_kind="movable",
        valuation="12345.67",
        priority_claims="0.00",
        enforcement_costs="300.00",
        hammer_price="10000.01",
    )
    assert found == {
        "reserve_1": "12345.67",
        "min_reserve_2": "9876.54",
        "deposit_min": "617.29",
        "no_surplus_at_last_reserve": False,
        "reserve_must_reach": "300.01",
        "commission_cap": "500.00",
    }


@pytest.mark.parametrize(
    ("hammer", "cap"),
    [("10000000", "340000"), ("50000000", "1140000"), ("100000000", "1640000"), ("200000000", "2140000")],
)
def test_commission_by_tiers(hammer, cap):
    # 拍卖变卖规定 第二十九条: 100000 + 240000 = 340000; + 800000; + 500000; + 500000.
    found = result(
        "traditional_auction",
        asset_kind="movable",
        valuation=hammer,
        priority_claims="0.00",
        enforcement_costs="0.00",
        hammer_price=hammer,
    )
    assert found["commission_cap"] == f"{cap}.00"


DEFAULT = {
    "costs_lost": "2000.00",
    "first_price": "500000.00",
    "second_price": "470000.00",
    "case_debt_open": "10000.00",
}


def test_an_online_deposit_is_kept_whole():
    # 网络司法拍卖规定 第二十四条: 50000 = costs 2000 + gap 30000 + this case 10000 + related debts 8000.
    assert result("defaulting_buyer", channel="network", deposit="50000.00", **DEFAULT) == {
        "costs": "2000.00",
        "price_gap": "30000.00",
        "case_debt": "10000.00",
        "other_debts": "8000.00",
    }


def test_elsewhere_the_rest_of_the_deposit_goes_back_and_a_shortfall_is_owed():
    # 拍卖变卖规定 第二十二条: of 50000, 18000 go back; of 25000, 23000 are used for the gap and 7000 stay
    # owed.
    found = result("defaulting_buyer", channel="traditional", deposit="50000.00", **DEFAULT)
    assert (found["back_to_buyer"], found["still_owed_by_buyer"]) == ("18000.00", "0.00")
    assert (found["case_debt"], found["other_debts"]) == ("0.00", "0.00")
    found = result("defaulting_buyer", channel="traditional", deposit="25000.00", **DEFAULT)
    assert (found["price_gap"], found["still_owed_by_buyer"]) == ("23000.00", "7000.00")


# --- exemptions ---------------------------------------------------------------------------------------------


def test_rent_for_an_unlawful_number_of_years_is_told_so():
    # 执行异议和复议规定 第二十条第一款第（三）项: 5 to 8 years; the price runs out at the mortgage.
    found = result(
        "home_sale",
        price="100000.00",
        costs="1000.00",
        market_rent_month="500.00",
        years=4,
        secured="90000.00",
        claim="5000.00",
    )
    assert found == {
        "costs": "1000.00",
        "rent_for_debtor": "24000.00",
        "secured": "75000.00",
        "claim": "0.00",
        "to_debtor": "0.00",
        "years_lawful": False,
    }


@pytest.mark.parametrize("listed", [[], [{"who": "debtor", "share": "1"}]])
def test_income_above_the_minimum_is_withheld_whether_or_not_the_debtor_is_listed(listed):
    # 民诉法 第二百五十四条, 查封扣押冻结规定 第三条第（二）项: heads 1 + 0.5 + 1/3; 900 × 11/6 = 1650;
    # 5000 − 1650 = 3350; 10000 = 2 × 3350 + 3300.
    found = result(
        "income",
        net_income_month="5000.00",
        minimum_per_person_month="900.00",
        persons=[*listed, {"who": "child", "share": "0.5"}, {"who": "parent", "share": "1/3"}],
        outstanding="10000.00",
    )
    assert found == {
        "kept_month": "1650.00",
        "withheld_month": "3350.00",
        "full_months": 2,
        "last_instalment": "3300.00",
    }


def test_income_below_the_minimum_is_left_alone():
    found = result(
        "income",
        net_income_month="800.00",
        minimum_per_person_month="900.00",
        persons=[],
        outstanding="10000.00",
    )
    assert found == {
        "kept_month": "800.00",
        "withheld_month": "0.00",
        "full_months": None,
        "last_instalment": None,
    }


# --- deadlines ------------------------------------------------------------------------------------------


def test_the_deadline_calculator_answers_like_the_others():
    # 民诉法解释 第四百八十条: 10 days after 2025-01-20 end on 01-30, in the Spring Festival; the next day
    # is 02-05.
    found = run("deadline", {"rule_code": "notice.send", "start": "2025-01-20"})
    assert (found["due"], found["projected"]) == ("2025-02-05", False)
    assert {"instrument", "article", "verified", "convention"} <= set(found["articles"][0])
    assert all(article["article"].startswith("第") for article in found["articles"])


def test_days_off_not_published_yet_are_said_to_be_projected():
    facts = {"effective_on": "2190-01-04", "period_days": 5, "base": "1000.00", "paid_on": "2190-02-09"}
    assert "projected" in str(run("performance_period", facts)["steps"][-1])
    given = run("performance_period", {**facts, "days_off": ["2190-01-09", "2190-01-10"]})
    assert given["period_ends_on"] == "2190-01-11"
    assert "projected" not in str(given["steps"][-1])
