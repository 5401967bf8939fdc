"""The worked money cases: every expected field, to the fen."""

import csv
import json
from pathlib import Path

import pytest

from law.calculators import as_json, run

CASES = Path(__file__).parent / "data" / "money_cases.csv"


def cases():
    with CASES.open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            yield pytest.param(
                json.loads(row["facts_json"]),
                json.loads(row["expected_json"]),
                id=f"{row['id']} {row['rule']}",
            )


@pytest.mark.parametrize(("facts", "expected"), list(cases()))
def test_a_worked_case_comes_out_to_the_fen(facts, expected):
    kind = facts.pop("kind")
    result = run(kind, facts)
    assert {name: result[name] for name in expected} == expected


@pytest.mark.parametrize(("facts", "expected"), list(cases()))
def test_a_worked_case_explains_itself_and_is_json(facts, expected):
    kind = facts.pop("kind")
    result = as_json(run(kind, facts))
    assert result["steps"]
    assert all(isinstance(step, str) and step for step in result["steps"])
    assert all(article["instrument"] and article["article"] for article in result["articles"])
    assert set(result) == {*expected, "steps", "articles"}
    json.dumps(result)
