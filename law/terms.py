"""How long a measure of control may last (控制措施期限): art. 485 of the CPL interpretation.

Deposits at most one year, movables two, immovables and other property rights three; a renewal has the same
ceiling.  A term ends on the corresponding day that the order itself names and is not moved by days off.
"""

from datetime import date

from law.counting import add_months
from law.deadlines import Rule, rule

#: Rule of the longest term, by kind of asset. The law names no maximum for income withheld (P 254); it is
#: kept here with other property rights, so that somebody looks at it again (our convention).
_RULES = {
    "deposit": "control.deposit.term",
    "house": "control.immovable.term",
    "land": "control.immovable.term",
    "vehicle": "control.movable.term",
    "equity": "control.other-right.term",
    "security": "control.other-right.term",
    "insurance": "control.other-right.term",
    "wage": "control.other-right.term",
    "claim": "control.other-right.term",
}
MONTHS_OF_A_YEAR = 12


def term_rule(measure: str, asset: str) -> Rule:
    """The rule that bounds a measure (``freeze``, ``seal``, ``seize``) on a kind of asset.

    A thing of no named kind is a movable when it is seized and a property right when it is frozen.
    """
    if asset == "other":
        return rule("control.other-right.term" if measure == "freeze" else "control.movable.term")
    return rule(_RULES[asset])


def term_rules() -> frozenset[str]:
    """Codes of all rules that bound measures."""
    return frozenset({*_RULES.values()})


def most_months(measure: str, asset: str) -> int:
    """The longest term in months."""
    years = term_rule(measure, asset).duration
    assert years is not None, "the law gives these terms in years"
    return years * MONTHS_OF_A_YEAR


def last_day(effective_on: date, months: int) -> date:
    """Last day of a term: the corresponding day, because the day it takes effect is not counted."""
    return add_months(effective_on, months)
