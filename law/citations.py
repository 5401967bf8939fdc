"""Citing the law (引用): ``CPL.art(253)`` prints 《民事诉讼法》第253条, with the days of its force.

The instruments themselves are in :mod:`law.instruments` and can be imported from here.  This module adds the
reading of the rule tables' ``article`` column, whose authors abbreviate:

    CPL251;解释480;执行工作规定22      several instruments
    4、5、9、10;CPL252                bare numbers: articles of the instrument the row names first
    执行程序解释10-13                  several articles in a row
    10(2017)、4(条号未核)              a remark; "未核", "未见原文" and "转引" withdraw the verification
"""

import re
from collections.abc import Iterator
from functools import cache

from law import instruments
from law.instruments import (
    ARBITRAL_AWARDS,
    BANKRUPTCY,
    CASE_MONEY,
    CASE_NUMBER_RULES,
    CIVIL_CODE,
    COMPANY_LAW,
    CONSUMPTION,
    CPL,
    CPL_INTERPRETATION,
    CREDIT_REPORTING,
    CRIMINAL_PROPERTY,
    DATA_SECURITY,
    DECISION_2011,
    DEFAULTERS_LIST,
    DELEGATION,
    ENFORCEMENT_COMPENSATION,
    ENFORCEMENT_PROCEDURE,
    ENFORCEMENT_RULES,
    EQUITY_RULES,
    EXIT_ENTRY,
    FEE_MEASURES,
    FILING_AND_CLOSING,
    FIRST_SEIZURE_REPLY,
    GOOD_FAITH,
    INTO_BANKRUPTCY,
    JOINT_CONFERENCE,
    JUDICIAL_AID,
    JUDICIAL_AID_CASES,
    JUDICIAL_AID_COURTS,
    LAND_REGISTRATION,
    LATE_INTEREST,
    LOCAL_CASE_MONEY,
    MORTGAGED_HOMES,
    NETWORK_FREEZE,
    NOTARIAL_DEEDS,
    OBJECTION_RULES,
    ONLINE_AUCTION,
    PARTY_CHANGE,
    PETITIONS,
    PIPL,
    PRESERVATION,
    PROCURATORIAL_SUPERVISION,
    PROPERTY_INVESTIGATION,
    RECOMMENDED,
    REFERENCE_PRICE,
    SALE_AFTER_AUCTION,
    SALE_RULES,
    SECURITY,
    SEIZURE_RULES,
    SETTLEMENT,
    STATE_COMPENSATION,
    SUPERVISION_APPLICATIONS,
    TERMINATION_OBJECTION_REPLY,
    TERMINATION_OF_ROUND,
    TIME_LIMITS,
    Citation,
    Instrument,
)

#: Rules read ``from law.citations import CPL``: the instruments are part of this module.
__all__ = [
    "ARBITRAL_AWARDS",
    "BANKRUPTCY",
    "CASE_MONEY",
    "CASE_NUMBER_RULES",
    "CIVIL_CODE",
    "COMPANY_LAW",
    "CONSUMPTION",
    "CPL",
    "CPL_INTERPRETATION",
    "CREDIT_REPORTING",
    "CRIMINAL_PROPERTY",
    "Citation",
    "DATA_SECURITY",
    "DECISION_2011",
    "DEFAULTERS_LIST",
    "DELEGATION",
    "ENFORCEMENT_COMPENSATION",
    "ENFORCEMENT_PROCEDURE",
    "ENFORCEMENT_RULES",
    "EQUITY_RULES",
    "EXIT_ENTRY",
    "FEE_MEASURES",
    "FILING_AND_CLOSING",
    "FIRST_SEIZURE_REPLY",
    "GOOD_FAITH",
    "INTO_BANKRUPTCY",
    "Instrument",
    "JOINT_CONFERENCE",
    "JUDICIAL_AID",
    "JUDICIAL_AID_CASES",
    "JUDICIAL_AID_COURTS",
    "LAND_REGISTRATION",
    "LATE_INTEREST",
    "LOCAL_CASE_MONEY",
    "MORTGAGED_HOMES",
    "NETWORK_FREEZE",
    "NOTARIAL_DEEDS",
    "OBJECTION_RULES",
    "ONLINE_AUCTION",
    "PARTY_CHANGE",
    "PETITIONS",
    "PIPL",
    "PRESERVATION",
    "PROCURATORIAL_SUPERVISION",
    "PROPERTY_INVESTIGATION",
    "RECOMMENDED",
    "REFERENCE_PRICE",
    "SALE_AFTER_AUCTION",
    "SALE_RULES",
    "SECURITY",
    "SEIZURE_RULES",
    "SETTLEMENT",
    "STATE_COMPENSATION",
    "SUPERVISION_APPLICATIONS",
    "TERMINATION_OBJECTION_REPLY",
    "TERMINATION_OF_ROUND",
    "TIME_LIMITS",
    "catalogue",
    "instrument",
    "instruments_named",
    "parse_articles",
]

#: What the tables write where there is no article.
_NO_ARTICLE = frozenset({"", "—", "-", "未核", "全文"})

_UNSEEN = ("未核", "未见原文", "转引")

_PART = re.compile(
    r"""^(?P<name>\D*?(?:〔\d{4}〕\d+号)?)      # 执行程序解释, 法释〔2016〕6号, or nothing
        (?P<article>\d+(?:-\d+)?)?              # 10, 10-13
        (?:[(（](?P<bracket>[^)）]*)[)）])?$""",
    re.VERBOSE,
)
_ITEM = re.compile(r"^(?:\d{1,2}|[一二三四五六七八九十]{1,3})$")
_REFERENCE = re.compile(r"[(（][^()（）]*[)）]$")


@cache
def catalogue() -> tuple[Instrument, ...]:
    """All instruments the product cites, statutes first."""
    return tuple(value for value in vars(instruments).values() if isinstance(value, Instrument))


@cache
def _by_name() -> dict[str, Instrument]:
    names: dict[str, Instrument] = {}
    for each in catalogue():
        for name in (each.key, each.title_zh, each.short_zh, each.number, *each.aliases):
            # An amendment year ("2020年修正") is shared by many and names none of them.
            if name and not name.endswith(("年修正", "年修订")):
                names.setdefault(name, each)
    return names


def instrument(name: str) -> Instrument | None:
    """The instrument of that key, title, short title, document number or abbreviation, if it is known."""
    return _by_name().get(name.strip())


def instruments_named(text: str) -> list[Instrument]:
    """The instruments in a rule table's ``instrument`` column: 民事诉讼法(2023修正)、民诉法解释(…)."""
    found = []
    for written in _split_outside_brackets(text, "、;；"):
        known = instrument(written)
        while known is None and _REFERENCE.search(written):
            written = _REFERENCE.sub("", written)
            known = instrument(written)
        found.append(known or _unknown(written))
    return found


def parse_articles(text: str, *, of: Instrument | None = None, verified: bool = True) -> list[Citation]:
    """Read an ``article`` column.  Bare numbers are articles of ``of``.

    What can not be read is kept as it is written, in a citation that is not verified: a rule must never lose
    its basis, and never look better founded than it is.
    """
    citations: list[Citation] = []
    current = of
    for group in re.split(r"[;；]", text.strip()):
        inherited = of
        for written in _split_outside_brackets(group, "、"):
            match = _PART.match(written.strip())
            name = match["name"].strip() if match else ""
            if name in _NO_ARTICLE:
                current = inherited
            elif match:
                current = instrument(name)
            if match is None or current is None:
                raw = written.strip()
                if raw not in _NO_ARTICLE:
                    citations.append(_unknown(raw).whole())
                continue
            inherited = current
            citations.append(
                _citation(current, match["article"] or "", match["bracket"] or "", written, verified)
            )
    return citations


def _citation(of: Instrument, article: str, bracket: str, written: str, verified: bool) -> Citation:
    note = bracket
    if article and _ITEM.match(bracket):
        article, note = f"{article}({bracket})", ""
    if not article and written.strip() == "全文":
        note = ""
    seen = not any(word in written for word in _UNSEEN)
    return Citation(of, article, note, verified and seen)


def _unknown(written: str) -> Instrument:
    return Instrument(
        key="", title_zh=written, title_en=written, short_zh=written, effective_from=None, verified=False
    )


def _split_outside_brackets(text: str, separators: str) -> Iterator[str]:
    """The parts of a text between separators that stand in no brackets."""
    depth, part = 0, ""
    for character in text:
        depth += (character in "(（") - (character in ")）")
        if character in separators and depth <= 0:
            yield part.strip()
            part = ""
        else:
            part += character
    if part.strip():
        yield part.strip()
