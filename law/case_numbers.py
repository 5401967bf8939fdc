"""Case numbers (案号): （收案年度）法院代字+类型代字+编号号, such as （2026）藏0102执123号.

By the rules on case numbers (法〔2015〕137号) a number is made of the year in which the case was received in
full-width brackets, the letter of the court, the letters of the type of case, and a serial number that starts
at 1 for each court, type and year, has no leading zeros and is never used again.

What people write is more various than that: half-width brackets, full-width digits, spaces.  :func:`parse`
accepts those and gives the one form in which numbers are kept and compared.
"""

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from law import tibetan
from law.citations import CASE_NUMBER_RULES, Citation, parse_articles
from law.steps import Step
from law.steps import mark as _

#: The court letter: the character of the province ("最高法" has three) and digits of the division.
_COURT = r"[\u4e00-\u9fff]{1,3}[0-9]{0,4}"
_TYPE = r"[\u4e00-\u9fff]{1,3}"
_NUMBER = re.compile(rf"\((?P<year>\d{{4}})\)(?P<letters>{_COURT}{_TYPE})(?P<serial>[0-9]+)号")
_LARGEST_SERIAL = 9_999_999
_YEARS = range(1900, 2100)

BASIS = CASE_NUMBER_RULES.whole()


class CaseNumberError(ValueError):
    """A text that is no case number; ``sentence`` says what is wrong with it and can be translated."""

    def __init__(self, sentence: str, **params: str) -> None:
        self.sentence = Step(sentence, params)
        super().__init__(str(self.sentence))


@dataclass(frozen=True)
class CaseType:
    """A type of case (案件类型) and its letters (类型代字)."""

    code: str
    name_zh: str
    name_en: str
    court_level: str
    role: str
    opened_from: str
    carries_over: str
    time_limit: str
    citations: tuple[Citation, ...]
    source: str
    verified: bool
    remarks: str

    def name(self, language: str = "en") -> str:
        """The name in Chinese, Tibetan or English."""
        return tibetan.in_language(language, "case_types", self.code, zh=self.name_zh, en=self.name_en)


@dataclass(frozen=True, order=True)
class CaseNumber:
    """A case number in its parts; as text it is in the one form in which numbers are kept."""

    year: int
    court_code: str
    type_code: str
    serial: int

    @property
    def type(self) -> CaseType | None:
        """The type of case, if it is one the product handles."""
        return _types().get(self.type_code)

    def __str__(self) -> str:
        return f"（{self.year}）{self.court_code}{self.type_code}{self.serial}号"


@cache
def _types() -> dict[str, CaseType]:
    with (files("law") / "data" / "case_types.csv").open(encoding="utf-8") as table:
        return {row["type_code"]: _read(row) for row in csv.DictReader(table)}


def _read(row: dict[str, str]) -> CaseType:
    verified = row["verified"] == "yes"
    return CaseType(
        code=row["type_code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        court_level=row["level_of_court"],
        role=row["role"],
        opened_from=row["opened_from"],
        carries_over=row["carries_over"],
        time_limit=row["statutory_time_limit"],
        citations=tuple(parse_articles(row["article"], verified=verified)),
        source=row["source"],
        verified=verified,
        remarks=row["remarks"],
    )


def types() -> tuple[CaseType, ...]:
    """All types of case, in the order of the table."""
    return tuple(_types().values())


def case_type(code: str) -> CaseType:
    """The type of case of those letters; ``KeyError`` if there is none."""
    try:
        return _types()[code]
    except KeyError:
        raise KeyError(f"There is no type of case {code!r}.") from None


def format_number(year: int, court_code: str, type_code: str, serial: int) -> str:
    """The number of a case, such as （2026）藏0102执123号; checked by reading it back."""
    number = CaseNumber(year, court_code, type_code, serial)
    if parse(str(number)) != number:
        raise CaseNumberError(
            _("%(court)s and %(type)s are not the letters of a court and a type of case."),
            court=court_code,
            type=type_code,
        )
    return str(number)


def normalise(text: str) -> str:
    """The text with half-width brackets and digits, and without spaces or invisible characters."""
    half_width = unicodedata.normalize("NFKC", text)
    # 〔2026〕 and [2026] are not brackets of a case number, but are what documents of before 2016 have.
    half_width = half_width.translate(str.maketrans("〔〕[]【】", "()()()"))
    return "".join(c for c in half_width if not c.isspace() and unicodedata.category(c) not in {"Cf", "Cc"})


def parse(text: str) -> CaseNumber:
    """Read a case number in any of the ways it is written."""
    plain = normalise(text)
    if not plain:
        raise CaseNumberError(_("A case number is missing."))
    match = _NUMBER.fullmatch(plain)
    if match is None:
        raise CaseNumberError(
            _("%(text)s is not a case number; one is written like %(example)s."),
            text=text.strip()[:60],
            example="（2026）藏0102执123号",
        )
    court, kind = _split(match["letters"])
    year, serial = int(match["year"]), match["serial"]
    if year not in _YEARS:
        raise CaseNumberError(_("%(year)s is not a year in which a case was received."), year=str(year))
    if serial.startswith("0"):
        raise CaseNumberError(_("The serial number of a case starts at 1 and has no leading zeros."))
    if int(serial[:8]) > _LARGEST_SERIAL:
        raise CaseNumberError(_("The serial number is longer than that of any case."))
    return CaseNumber(year, court, kind, int(serial))


def _split(letters: str) -> tuple[str, str]:
    """The letters of the court and those of the type.

    Digits part the two; a court without digits (the High Court of a region, the Supreme Court) is parted by
    the longest type letters known, as 藏司惩复 is 藏 + 司惩复 and not 藏司 + 惩复.
    """
    with_digits = re.fullmatch(rf"(?P<court>[\u4e00-\u9fff]{{1,3}}[0-9]{{1,4}})(?P<type>{_TYPE})", letters)
    if with_digits:
        return with_digits["court"], with_digits["type"]
    for code in sorted(_types(), key=len, reverse=True):
        if letters.endswith(code) and 1 <= len(letters) - len(code) <= 3:
            return letters[: -len(code)], code
    # A type this product does not handle: only the Supreme Court has more than one character.
    head = 3 if letters.startswith("最高法") and len(letters) > 3 else 1
    if not 1 <= len(letters) - head <= 3:
        raise CaseNumberError(
            _("%(letters)s are not the letters of a court and a type of case."), letters=letters
        )
    return letters[:head], letters[head:]
