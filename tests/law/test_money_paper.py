"""Cases worked on paper, one per kind and turn that the table of worked cases does not reach."""

from datetime import date
from decimal import Decimal

import pytest

from law.calculators import run
from law.money import (
    FactError,
    Item,
    Receipt,
    claim_account,
    enforcement_fee,
    fee_increment,
    fee_inside_pot,
)
from tests.law.paper import result

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
