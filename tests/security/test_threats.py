"""What docs/threats.md claims: every threat has its row, and every test it names exists."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([A-Z]\d+) \| (met|part|open) \| (.*?) \| (.*?) \|$", re.MULTILINE)
LAST = {"A": 27, "S": 7, "W": 14, "U": 10, "X": 8, "M": 4, "H": 9, "D": 8, "F": 16, "C": 8}
ROWS = ROW.findall((ROOT / "docs" / "threats.md").read_text(encoding="utf-8"))


def test_every_threat_has_one_row():
    expected = [
        "A0",
        *(f"{letter}{number}" for letter, last in LAST.items() for number in range(1, last + 1)),
    ]
    assert [row[0] for row in ROWS] == expected


def test_every_test_named_exists():
    named = {place for row in ROWS for place in re.findall(r"`([^`]+)`", row[2])}
    assert len(named) > 100
    missing = []
    for place in sorted(named):
        path, _colons, name = place.partition("::")
        file = ROOT / "tests" / f"{path}.py"
        tree = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.Module([], [])
        found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        if name not in found:
            missing.append(place)
    assert missing == []


def test_what_is_met_names_a_test_and_what_is_not_says_why():
    for threat, state, tests, remark in ROWS:
        assert tests or state != "met", threat
        assert remark or state != "open", threat
