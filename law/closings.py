"""Every way to close a case (结案方式), with the conditions, documents and effects of each."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from law import tibetan
from law.citations import Citation, parse_articles


@dataclass(frozen=True)
class Closing:
    """One way to close.  Its family is the part of the code before the first dot: done, round, terminate …"""

    code: str
    name_zh: str
    name_en: str
    conditions: tuple[str, ...]
    documents: tuple[str, ...]
    effects: tuple[str, ...]
    revival: str
    citations: tuple[Citation, ...]
    source: str
    verified: bool
    remarks: str

    @property
    def family(self) -> str:
        """What kind of end it is."""
        return self.code.partition(".")[0]

    def name(self, language: str = "en") -> str:
        """The name in Chinese, Tibetan or English."""
        return tibetan.in_language(language, "closings", self.code, zh=self.name_zh, en=self.name_en)


@cache
def _closings() -> dict[str, Closing]:
    with (files("law") / "data" / "closings.csv").open(encoding="utf-8") as table:
        return {row["code"]: _read(row) for row in csv.DictReader(table)}


def _read(row: dict[str, str]) -> Closing:
    verified = row["verified"] == "yes"
    return Closing(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        conditions=_list(row["conditions"]),
        documents=_list(row["documents"]),
        effects=_list(row["effects"]),
        revival=row["revival"],
        citations=tuple(parse_articles(row["article"], verified=verified)),
        source=row["source"],
        verified=verified,
        remarks=row["remarks"],
    )


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def closings(family: str | None = None) -> tuple[Closing, ...]:
    """All ways to close, or those of one family, in the order of the table."""
    return tuple(each for each in _closings().values() if family is None or each.family == family)


def closing(code: str) -> Closing:
    """The way to close of a code; ``KeyError`` if there is none."""
    try:
        return _closings()[code]
    except KeyError:
        raise KeyError(f"There is no way to close {code!r}.") from None
