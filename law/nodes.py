"""The statutory nodes of a case (流程节点): what has to happen, by which clock, and what proves it."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from law import tibetan
from law.deadlines import Rule, rule


@dataclass(frozen=True)
class Node:
    """One node.  ``evidence`` is what the file must hold to show that it was passed."""

    code: str
    name_zh: str
    name_en: str
    order: int
    deadline_code: str
    evidence: str
    verified: bool

    @property
    def deadline(self) -> Rule:
        """The clock of the node."""
        return rule(self.deadline_code)

    def name(self, language: str = "en") -> str:
        """The name in Chinese, Tibetan or English."""
        return tibetan.in_language(language, "nodes", self.code, zh=self.name_zh, en=self.name_en)


@cache
def _nodes() -> dict[str, Node]:
    with (files("law") / "data" / "nodes.csv").open(encoding="utf-8") as table:
        found = [
            Node(
                code=row["code"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                order=int(row["order"]),
                deadline_code=row["deadline_code"],
                evidence=row["evidence"],
                verified=row["verified"] == "yes",
            )
            for row in csv.DictReader(table)
        ]
    return {each.code: each for each in sorted(found, key=lambda each: each.order)}


def nodes() -> tuple[Node, ...]:
    """All nodes, in the order in which a case passes them."""
    return tuple(_nodes().values())


def node(code: str) -> Node:
    """The node of a code; ``KeyError`` if there is none."""
    try:
        return _nodes()[code]
    except KeyError:
        raise KeyError(f"There is no node {code!r}.") from None


def nodes_of(deadline_code: str) -> tuple[Node, ...]:
    """The nodes that a clock belongs to."""
    return tuple(each for each in nodes() if each.deadline_code == deadline_code)
