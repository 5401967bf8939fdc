"""Cases worked on paper, one per kind and turn that the table of worked cases does not reach."""

from datetime import date
from decimal import Decimal

import pytest

from law.calculators import run
from law.money import (
    Asset,
    Claim,
    Cost,
    FactError,
    Item,
    Receipt,
    claim_account,
    distribute,
    enforcement_fee,
    fee_increment,
    fee_inside_pot,
    hold_back,
)
from law.money.disputes import DisputedClaim


def result(kind, **facts):
    found = run(kind, facts)
    found.pop("steps")
    found.pop("articles")
    return found


PRINCIPAL = {"id": "principal", "kind": "main", "amount": "100000.00", "delay_from": "2023-12-31"}


def account(**facts):
    return result("claim_account", **{"items": [PRINCIPAL], "receipts": [], "suspensions": [], **facts})


# --- claim account ------------------------------------------------------------------------------------------


def test_an_auction_counts_on_the_day_the_ruling_takes_effect():
    # 2014年解释 第三条第二款: 2024-01-01 to 2024-03-01 are 61 days (leap year): 100000 × 0.000175 × 61 =
    # 1067.50.
    found = account(
        receipts=[
            {
                "kind": "auction",
                "amount": "100000.00",
                "bid_closed_on": "2024-02-10",
                "arrived_on": "2024-02-20",
                "ruling_effective_on": "2024-03-01",
                "paid_out_on": "2024-03-30",
            }
        ],
        as_of="2024-03-30",
    )
    assert found["days_counted"] == {"principal": 61}
    assert found["allocations"][0]["on"] == "2024-03-01"
    assert found["balance"]["doubled_interest"] == "1067.50"


def test_payment_on_the_last_day_of_the_period_bears_no_interest_and_on_the_next_one_day():
    # 第二条 with 民诉法 第八十五条: the first day drops out. 100000 × 0.000175 = 17.50.
    for paid_on, counted, owed in (("2023-12-31", 0, "0.00"), ("2024-01-01", 1, "17.50")):
        receipt = {"kind": "voluntary", "amount": "100000.00", "paid_on": paid_on}
        found = account(receipts=[receipt], as_of=paid_on)
        assert found["days_counted"] == {"principal": counted}
        assert found["balance"]["doubled_interest"] == owed


def test_stays_that_overlap_are_taken_once_and_settlement_counts():
    # 第三条第三款: 2024-01-11 to 01-30 are 20 days; the settlement of February counts. 60 − 20 = 40 days:
    # 700.00.
    found = account(
        suspensions=[
            {"from": "2024-01-11", "to": "2024-01-25", "reason": "retrial", "opened_by": "debtor"},
            {"from": "2024-01-20", "to": "2024-01-30", "reason": "review_not_by_debtor"},
            {"from": "2024-02-01", "to": "2024-02-20", "reason": "settlement"},
        ],
        as_of="2024-02-29",
    )
    assert found["days_counted"] == {"principal": 40}
    assert found["balance"]["doubled_interest"] == "700.00"


def test_general_interest_follows_the_rate_of_each_day_to_the_closing_date():
    # 第一条第二款: 2024-01-01 to 01-19 at 3.45 % (19 days), 01-20 to 01-31 at 3.35 % (12 days), × 1.5,
    # basis 360: 100000 × 1.5 × (0.0345 × 19 + 0.0335 × 12) / 360 = 150000 × 1.0575 / 360 = 440.625 →
    # 440.63.
    found = account(
        general_interest={
            "on": "principal",
            "from": "2024-01-01",
            "to": "2024-01-31",
            "rates": [{"from": "2024-01-20", "annual": "0.0335"}, {"from": "2023-08-21", "annual": "0.0345"}],
            "multiplier": "1.5",
            "year_basis": 360,
        },
        as_of="2024-03-31",
    )
    assert found["balance"]["general_interest"] == "440.63"


def test_of_two_instalments_the_one_due_is_paid_first():
    # 民法典 第五百六十条第二款: the first instalment is due on 2024-01-31, the second only on 2024-12-31.
    items = [
        Item("second", "main", Decimal("50000"), date(2024, 12, 31)),
        Item("first", "main", Decimal("50000"), date(2024, 1, 31)),
    ]
    found = claim_account(items, [Receipt(Decimal("60000"), date(2024, 3, 1))], as_of=date(2024, 3, 1))
    assert found.items == {"first": Decimal("0.00"), "second": Decimal("40000.00")}
    # 30 days on the first instalment only: 50000 × 0.000175 × 30 = 262.50.
    assert found.balance.doubled_interest == Decimal("262.50")
    assert found.days_counted == {"first": 30, "second": 0}


def test_debts_due_on_one_day_are_paid_in_proportion():
    # 民法典 第五百六十条第二款 at its end: 100.00 on 200 and 100: 66.67 and 33.33.
    items = [Item(name, "main", Decimal(sum_), date(2024, 1, 31)) for name, sum_ in (("a", 200), ("b", 100))]
    found = claim_account(items, [Receipt(Decimal("100"), date(2024, 1, 31))])
    assert found.items == {"a": Decimal("133.33"), "b": Decimal("66.67")}


# --- interest -----------------------------------------------------------------------------------------------


def test_foreign_currency_uses_the_rate_of_the_starting_day():
    # 2014年解释 第五条: 60 days; 10000 × 0.000175 × 60 = 105.00 USD; 10000 × 710.02 / 100 = 71002.00 CNY,
    # × 0.000175 × 60 = 745.521 → 745.52.
    found = result(
        "foreign_currency",
        currency="USD",
        amount="10000.00",
        delay_from="2024-01-31",
        paid_on="2024-03-31",
        per_units=100,
        mid_rates={"2024-01-31": "710.02", "2024-03-29": "709.50"},
    )
    assert found == {
        "days_counted": 60,
        "in_currency": "105.00",
        "cny_amount": "71002.00",
        "in_cny": "745.52",
    }


def test_yen_have_no_smaller_unit():
    # 1234567 × 0.000175 × 10 = 2160.49225 → 2160 JPY; 1234567 × 4.8001 / 100 = 59260.450567 → 59260.45 CNY,
    # × 0.00175 = 103.7057875 → 103.71.
    found = result(
        "foreign_currency",
        currency="JPY",
        amount="1234567.00",
        delay_from="2024-01-31",
        paid_on="2024-02-10",
        per_units=100,
        mid_rates={"2024-01-31": "4.8001"},
    )
    assert found == {"days_counted": 10, "in_currency": "2160", "cny_amount": "59260.45", "in_cny": "103.71"}


def test_the_old_rule_follows_changes_of_the_benchmark_rate():
    # 法释〔2009〕6号: 2012-05-31 (out) to 2012-06-07 7 days at 6.56 %, 06-08 to 06-30 23 days at 6.31 %:
    # k = 2 × (0.0656 × 7 + 0.0631 × 23) / 360 = 3.821 / 360; 36000 × k = 382.10.
    found = result(
        "old_rule",
        debt="36000.00",
        delay_from="2012-05-31",
        benchmark_rates=[
            {"from": "2011-07-07", "annual": "0.0656"},
            {"from": "2012-06-08", "annual": "0.0631"},
        ],
        year_basis=360,
        receipts=[],
        as_of="2012-06-30",
    )
    assert found["balance"] == {
        "on": "2012-06-30",
        "main": "36000.00",
        "old_interest": "382.10",
        "new_interest": "0.00",
        "total": "36382.10",
    }


def test_a_receipt_under_the_old_rule_that_covers_all_leaves_a_surplus():
    # 30 days at 6 %, basis 360: k = 0.01; 10000 owes 100 of interest; 10150 leaves 50.
    found = result(
        "old_rule",
        debt="10000.00",
        delay_from="2013-05-31",
        benchmark_rates=[{"from": "2012-07-06", "annual": "0.06"}],
        year_basis=360,
        receipts=[{"paid_on": "2013-06-30", "amount": "10150.00"}],
        as_of="2014-12-31",
    )
    assert found["allocations"] == [
        {
            "on": "2013-06-30",
            "main": "10000.00",
            "old_interest": "100.00",
            "new_interest": "0.00",
            "surplus": "50.00",
        }
    ]
    assert found["balance"]["total"] == "0.00"


def test_a_rule_not_verified_is_marked():
    facts = {
        "debt": "1.00",
        "delay_from": "2009-01-01",
        "benchmark_rates": [{"from": "2008-12-23", "annual": "0.0531"}],
        "year_basis": 360,
        "receipts": [],
        "as_of": "2015-01-01",
    }
    assert [each for each in run("old_rule", facts)["articles"] if not each["verified"]]
    assert not [
        each
        for each in run("old_rule", {**facts, "delay_from": "2010-01-01"})["articles"]
        if not each["verified"]
    ]


def test_interest_and_daily_penalty_are_held_against_the_ceiling_together():
    # 民间借贷规定 第二十九条: 0.10 + 0.0005 × 365 = 0.2825; ceiling 4 × 0.0345 = 0.138; 31 days of 100000:
    # 0.138: 1172.0548 → 1172.05; 0.2825: 2399.3151 → 2399.32; outside 1227.27.
    found = result(
        "rate_ceiling",
        principal="100000.00",
        lpr_1y_at_contract="0.0345",
        agreed_annual="0.1",
        penalty_daily="0.0005",
        year_basis=365,
        **{"from": "2024-01-01", "paid_on": "2024-02-01"},
    )
    assert found == {
        "ceiling_annual": "0.138",
        "agreed_total_annual": "0.2825",
        "used_annual": "0.138",
        "days": 31,
        "enforceable": "1172.05",
        "outside": "1227.27",
    }


def test_without_days_off_the_working_calendar_is_asked():
    # 2024-09-30 + 5 days = 10-05, National Day holiday to 10-07; the next working day is 10-08.
    found = result(
        "performance_period",
        effective_on="2024-09-30",
        period_days=5,
        base="1000.00",
        paid_on="2024-10-09",
    )
    assert found == {"period_ends_on": "2024-10-08", "days_counted": 1, "doubled_interest": "0.18"}


# --- fees ---------------------------------------------------------------------------------------------------


def test_preservation_fee_has_a_floor_and_a_ceiling():
    # 诉讼费用交纳办法 第十四条第（二）项: 30; 30 + 99000 × 1 % = 1020; 1020 + 400000 × 0.5 % = 3020; at
    # most 5000.
    amounts = ["0.00", "1000.00", "100000.00", "500000.00", "2000000.00"]
    assert result("preservation_fee", amounts=amounts)["fees"] == {
        "0.00": "30.00",
        "1000.00": "30.00",
        "100000.00": "1020.00",
        "500000.00": "3020.00",
        "2000000.00": "5000.00",
    }


def test_a_fee_without_amount_lies_between_50_and_500():
    # 诉讼费用交纳办法 第十四条第（一）项第1目.
    proposed = ["49.99", "50.00", "500.00", "500.01"]
    assert result("fee_without_amount", proposed=proposed)["accepted"] == {
        "49.99": False,
        "50.00": True,
        "500.00": True,
        "500.01": False,
    }


def test_each_receipt_adds_the_growth_of_the_fee():
    # F(6000) = 50; F(20000) = 50 + 10000 × 1.5 % = 200, less 50 = 150; F(520000) = 7400 + 200 = 7600, less
    # 200.
    assert result("fee_increments", executed=["6000.00", "14000.00", "500000.00"]) == {
        "increments": ["50.00", "150.00", "7400.00"],
        "total": "7600.00",
    }
    assert fee_increment(Decimal("20000"), Decimal("500000")) == Decimal("7400.00")


def test_a_pot_too_small_for_the_lowest_fee_is_refused():
    with pytest.raises(FactError, match="lowest fee"):
        fee_inside_pot(Decimal("50.00"))
    # 10050 carries F(10000) = 50; 507400 carries F(500000) = 7400.
    assert fee_inside_pot(Decimal("10050")).to_claim == Decimal("10000.00")
    assert fee_inside_pot(Decimal("507400")).fee == enforcement_fee(Decimal("500000"))


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
