"""Facts that are wrong or contradict each other are refused by name; nothing is guessed."""

import copy
import json
import pickle
from typing import Any

import pytest

from law.calculators import CALCULATORS, FactError, FactErrors, UnknownKind, as_json, run
from law.money.fields import MAX_ROWS
from law.steps import Step

ACCOUNT: dict[str, Any] = {
    "items": [{"id": "principal", "kind": "main", "amount": "100000.00", "delay_from": "2023-03-10"}],
    "receipts": [{"kind": "deduction", "amount": "1000.00", "deducted_on": "2023-09-06"}],
    "suspensions": [{"from": "2023-05-01", "to": "2023-05-10", "reason": "retrial"}],
    "general_interest": {
        "on": "principal",
        "from": "2023-03-01",
        "rates": [{"from": "2023-03-01", "annual": "0.048"}],
        "year_basis": 365,
    },
    "as_of": "2023-10-01",
}
PLAN = {
    "debtor_kind": "citizen",
    "mode": "pro_rata",
    "assets": [{"id": "flat", "price": "1000.00"}],
    "claims": [
        {"id": "A", "type": "ordinary", "title_debt": "700.00"},
        {
            "id": "bank",
            "type": "secured",
            "title_debt": "500.00",
            "asset": "flat",
            "priority": 1,
            "secured_amount": "400.00",
        },
    ],
    "costs": [{"id": "fee", "amount": "10.00"}],
}
OLD: dict[str, Any] = {
    "debt": "1000.00",
    "delay_from": "2013-06-30",
    "benchmark_rates": [{"from": "2012-07-06", "annual": "0.06"}],
    "year_basis": 360,
    "receipts": [{"paid_on": "2014-02-28", "amount": "100.00"}],
    "as_of": "2014-12-31",
}
CURRENCY = {
    "currency": "JPY",
    "amount": "1000.00",
    "delay_from": "2024-01-31",
    "paid_on": "2024-03-31",
    "per_units": 100,
    "mid_rates": {"2024-01-31": "4.8"},
}
ONLINE = {
    "valuation": "1000.00",
    "start_price_1": "700.00",
    "deposit": "70.00",
    "applicant_claim": "0.00",
    "hammer_price": "800.00",
}
INCOME = {
    "net_income_month": "5000.00",
    "minimum_per_person_month": "900.00",
    "persons": [{"who": "debtor", "share": "1"}, {"who": "child", "share": "0.5"}],
    "outstanding": "10000.00",
}


def changed(facts, path, value):
    """A copy of the facts with the value at the path replaced, or taken out if it is ``...``."""
    facts = copy.deepcopy(facts)
    keys = [int(key) if key.isdigit() else key for key in path.replace("[", ".").replace("]", "").split(".")]
    inner = facts
    for key in keys[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[keys[-1]]
    else:
        inner[keys[-1]] = value
    return facts


@pytest.mark.parametrize(
    "amount",
    [
        "-1.00",
        "+1.00",
        "0.00",
        "0.001",
        "1e3",
        "NaN",
        "Infinity",
        "１００",
        "1,000.00",
        "1 000",
        " 1",
        "1.",
        ".5",
        "007",
        "",
        "1234567890123456.00",
        "123456789012345678",
        "0x10",
        "1_000",
        "١٢",
        100,
        100.5,
        True,
        None,
        [],
        {},
    ],
)
def test_a_malformed_amount_is_refused(amount):
    with pytest.raises(FactError) as refusal:
        run("claim_account", changed(ACCOUNT, "items[0].amount", amount))
    assert list(refusal.value.errors) == ["items[0].amount"]


@pytest.mark.parametrize(
    "rate", ["-0.01", "4.8", "4.8%", "1e-2", "0.0000000000001", "inf", 0.048, "０.0345", None]
)
def test_a_malformed_rate_is_refused(rate):
    with pytest.raises(FactError) as refusal:
        run("claim_account", changed(ACCOUNT, "general_interest.rates[0].annual", rate))
    assert list(refusal.value.errors) == ["general_interest.rates[0].annual"]


@pytest.mark.parametrize(
    "day",
    [
        "2023-02-29",
        "2023-13-01",
        "2023-1-1",
        "20230101",
        "2023-W01-1",
        "1899-01-01",
        "9999-12-31",
        "",
        20230101,
        None,
    ]
    + ["2023-03-10T00:00:00", "２０２３-03-10", " 2023-03-10"],
)
def test_an_impossible_day_is_refused(day):
    with pytest.raises(FactError) as refusal:
        run("claim_account", changed(ACCOUNT, "items[0].delay_from", day))
    assert list(refusal.value.errors) == ["items[0].delay_from"]


CONTRADICTIONS = [
    ("claim_account", ACCOUNT, "unknown", "1", "unknown"),
    ("claim_account", ACCOUNT, "as_of", ..., "as_of"),
    ("claim_account", ACCOUNT, "items", [], "items"),
    ("claim_account", ACCOUNT, "items", {}, "items"),
    ("claim_account", ACCOUNT, "items", ACCOUNT["items"] * 2, "items[1].id"),
    ("claim_account", ACCOUNT, "items", ACCOUNT["items"] * (MAX_ROWS + 1), "items"),
    ("claim_account", ACCOUNT, "items[0].kind", "fee", "items[0].kind"),
    ("claim_account", ACCOUNT, "items[0].id", " ", "items[0].id"),
    ("claim_account", ACCOUNT, "items[0].note", "x", "items[0].note"),
    ("claim_account", ACCOUNT, "receipts[0]", "x", "receipts[0]"),
    ("claim_account", ACCOUNT, "receipts[0].deducted_on", ..., "receipts[0].deducted_on"),
    ("claim_account", ACCOUNT, "receipts[0].paid_on", "2023-09-06", "receipts[0].paid_on"),
    ("claim_account", ACCOUNT, "receipts[0].arrived_on", "2023-09-05", "receipts[0].arrived_on"),
    ("claim_account", ACCOUNT, "receipts[0].deducted_on", "2023-10-02", "receipts[0].deducted_on"),
    ("claim_account", ACCOUNT, "suspensions[0].to", "2023-04-30", "suspensions[0].to"),
    ("claim_account", ACCOUNT, "suspensions[0].reason", "holiday", "suspensions[0].reason"),
    ("claim_account", ACCOUNT, "general_interest.on", "other", "general_interest.on"),
    ("claim_account", ACCOUNT, "general_interest.to", "2023-02-01", "general_interest.to"),
    ("claim_account", ACCOUNT, "general_interest.from", "2023-02-28", "general_interest.rates"),
    ("claim_account", ACCOUNT, "general_interest.rates", [], "general_interest.rates"),
    ("claim_account", ACCOUNT, "general_interest.multiplier", "0", "general_interest.multiplier"),
    ("claim_account", ACCOUNT, "general_interest.year_basis", 366, "general_interest.year_basis"),
    ("claim_account", ACCOUNT, "general_interest.year_basis", "365", "general_interest.year_basis"),
    ("claim_account", ACCOUNT, "kind", "old_rule", "kind"),
    ("distribution", PLAN, "mode", "seizure_order", "mode"),
    ("distribution", PLAN, "claims[0].type", "fine", "claims[0].type"),
    ("distribution", PLAN, "claims[0].priority", 1, "claims[0].priority"),
    ("distribution", PLAN, "claims[0].seizure_rank", 1, "claims[0].seizure_rank"),
    ("distribution", PLAN, "claims[0].id", "bank", "claims[1].id"),
    ("distribution", PLAN, "claims[1].asset", "car", "claims[1].asset"),
    ("distribution", PLAN, "claims[1].priority", ..., "claims[1].priority"),
    ("distribution", PLAN, "claims[1].secured_amount", ..., "claims[1].secured_amount"),
    ("distribution", PLAN, "claims[1].secured_amount", "500.01", "claims[1].secured_amount"),
    ("distribution", PLAN, "costs[0].asset", "car", "costs[0].asset"),
    ("distribution", PLAN, "living_costs_reserved", "1.00", "living_costs_reserved"),
    ("distribution", PLAN, "criminal", "yes", "criminal"),
    ("distribution", PLAN, "bounty", {"amount": "1.00", "offeror": "Z", "burden": "pot"}, "bounty.offeror"),
    (
        "distribution",
        PLAN,
        "audit",
        {"amount": "1.00", "advanced_by": "Z", "borne_by": "debtor"},
        "audit.advanced_by",
    ),
    ("old_rule", OLD, "delay_from", "2014-08-01", "delay_from"),
    ("old_rule", OLD, "delay_from", "2012-07-01", "benchmark_rates"),
    ("old_rule", OLD, "benchmark_rates", OLD["benchmark_rates"] * 2, "benchmark_rates"),
    ("old_rule", OLD, "as_of", "2013-06-01", "receipts[0].paid_on"),
    ("foreign_currency", CURRENCY, "currency", "CNY", "currency"),
    ("foreign_currency", CURRENCY, "amount", "1000.50", "amount"),
    ("foreign_currency", CURRENCY, "paid_on", "2024-01-30", "paid_on"),
    ("foreign_currency", CURRENCY, "mid_rates", {"2024-01-30": "4.8"}, "mid_rates"),
    ("foreign_currency", CURRENCY, "mid_rates", {"today": "4.8"}, "mid_rates.today"),
    ("foreign_currency", CURRENCY, "per_units", 0, "per_units"),
    ("network_auction", ONLINE, "hammer_price", "559.99", "hammer_price"),
    ("network_auction", ONLINE, "deposit", "700.01", "deposit"),
    ("income", INCOME, "persons[0].share", "0.5", "persons[0].share"),
    ("income", INCOME, "persons[1].who", "debtor", "persons[1].who"),
    ("income", INCOME, "persons[1].share", "1.5", "persons[1].share"),
    ("income", INCOME, "persons[1].share", "3/2", "persons[1].share"),
    ("income", INCOME, "persons[1].share", "1/0", "persons[1].share"),
    ("enforcement_fee", {"amounts": ["1.00"]}, "amounts[0]", "0.00", "amounts[0]"),
    ("fee_inside_pot", {"pot": "100.00"}, "pot", "50.00", "pot"),
]


@pytest.mark.parametrize(("kind", "facts", "path", "value", "field"), CONTRADICTIONS)
def test_a_refusal_names_its_field(kind, facts, path, value, field):
    run(kind, facts)
    with pytest.raises(FactError) as refusal:
        run(kind, changed(facts, path, value))
    assert field in refusal.value.errors
    assert refusal.value.errors[field].endswith((".", '"'))
    json.dumps(refusal.value.errors)


def test_several_refusals_are_told_at_once_and_in_the_language_of_the_reader():
    facts = changed(changed(ACCOUNT, "items[0].amount", "1e3"), "as_of", "2023-02-30")
    with pytest.raises(FactErrors) as refusal:
        run("claim_account", facts)
    assert set(refusal.value.errors) == {"items[0].amount", "as_of"}
    assert set(refusal.value.in_language(lambda text: "不对")) == {"items[0].amount", "as_of"}
    assert set(refusal.value.in_language(lambda text: "不对").values()) == {"不对"}
    assert pickle.loads(pickle.dumps(refusal.value)).errors == refusal.value.errors


def test_a_plan_by_seizure_needs_the_rank_of_every_claim_that_takes_part():
    enterprise = {**PLAN, "debtor_kind": "enterprise_legal_person", "mode": "seizure_order"}
    with pytest.raises(FactError) as refusal:
        run("distribution", enterprise)
    assert refusal.value.field == "claims[0].seizure_rank"
    # The mortgage is short by 100, which joins the ordinary claims and needs a rank there.
    with pytest.raises(FactError) as refusal:
        run("distribution", changed(enterprise, "claims[0].seizure_rank", 1))
    assert refusal.value.field == "claims[1].seizure_rank"


def test_an_objection_without_a_disputed_claim_is_refused():
    claims = [{"id": "A", "claim": "100.00", "filed_on": "2024-01-01"}]
    with pytest.raises(FactError) as refusal:
        run("distribution_objection", {"pot": "90.00", "claims": claims})
    assert refusal.value.field == "claims"


@pytest.mark.parametrize("facts", [None, [], "facts", 1])
@pytest.mark.parametrize("kind", sorted(CALCULATORS))
def test_facts_are_an_object(kind, facts):
    with pytest.raises(FactError):
        run(kind, facts)


@pytest.mark.parametrize("kind", sorted(CALCULATORS))
def test_every_calculator_refuses_empty_and_unknown_facts_and_describes_its_fields(kind):
    calculator = CALCULATORS[kind]
    with pytest.raises(FactError):
        run(kind, {})
    with pytest.raises(FactError) as refusal:
        run(kind, {"surprise": "1"})
    assert "surprise" in refusal.value.errors
    for field in (*calculator.facts, *calculator.results):
        json.dumps(field.describe())
    assert calculator.title


def test_an_unknown_kind_is_told_apart_from_wrong_facts():
    with pytest.raises(UnknownKind):
        run("horoscope", {})


def test_results_carry_the_declared_fields_and_translate():
    for kind, facts in (
        ("claim_account", ACCOUNT),
        ("distribution", PLAN),
        ("old_rule", OLD),
        ("income", INCOME),
    ):
        result = run(kind, facts)
        declared = {field.name: field.required for field in CALCULATORS[kind].results}
        assert {name for name, required in declared.items() if required} <= set(result)
        assert set(result) - {"steps", "articles"} <= set(declared)
        assert all(isinstance(step, Step) for step in result["steps"])
        seen: list[str] = []

        def translated(text: str, seen: list[str] = seen) -> str:
            seen.append(text)
            return text

        shaped = as_json(result, translated)
        assert seen
        assert json.dumps(shaped)
