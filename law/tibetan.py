"""Tibetan names (藏文名称) of clocks, nodes, ways to close, types of case, instruments, matters and fields.

They stand apart from the tables they belong to, in ``data/tibetan.csv``, because all of them are drafts that
no court translator has approved yet; ``docs/tibetan-review.md`` lists them beside the Chinese.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def names() -> Mapping[tuple[str, str], str]:
    """Every Tibetan name by table and code, in the order of the table."""
    with (files("law") / "data" / "tibetan.csv").open(encoding="utf-8") as table:
        return MappingProxyType(
            {(row["table"], row["code"]): row["name_bo"] for row in csv.DictReader(table)}
        )


def name(table: str, code: str) -> str:
    """The Tibetan name of a code of a table; empty if there is none.

    The tables are ``deadlines`` (with the product's own), ``nodes``, ``closings``, ``case_types``,
    ``instruments``, ``linkage_matters`` and ``linkage_fields``.
    """
    return names().get((table, code), "")


def in_language(language: str, table: str, code: str, *, zh: str, en: str) -> str:
    """The one of three names that a language calls for; Chinese where a Tibetan one is missing."""
    if language.startswith("bo"):
        return name(table, code) or zh
    return zh if language.startswith("zh") else en
