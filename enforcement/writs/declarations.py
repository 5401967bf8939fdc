"""Every kind of writ: its name, its template, how it is numbered, what it rests on, what can be done
against it.

An act makes one with ``self.effects.write(case, code, party=…, extra={…})``. What each writ reads from
``extra`` is said in :mod:`enforcement.writs.snapshot`, for those to agencies in
:mod:`enforcement.writs.assistance`.
"""

from enforcement.writs.assistance import ASSISTANCE
from enforcement.writs.kinds import Numbering, Remedy, Writ
from law.citations import (
    CPL,
    CPL_INTERPRETATION,
    DEFAULTERS_LIST,
    ENFORCEMENT_PROCEDURE,
    ENFORCEMENT_RULES,
    OBJECTION_RULES,
    PROPERTY_INVESTIGATION,
    SEIZURE_RULES,
)

__all__ = ["Numbering", "Remedy", "Writ", "writ_named", "writs"]

_WRITS = (
    Writ(
        code="notice.execution",
        title_zh="执行通知书",
        title_bo="ལག་བསྟར་བརྡ་ཐོ།",
        template="notice_execution.html",
        numbering=Numbering.CASE,
        basis=(
            CPL.art(251),
            CPL.art(264),
            CPL_INTERPRETATION.art(480),
            ENFORCEMENT_RULES.art(22),
            DEFAULTERS_LIST.art(2),
        ),
        remedy=Remedy.NOTICE,
        needs_party=True,
    ),
    Writ(
        code="order.property-report",
        title_zh="报告财产令",
        title_bo="རྒྱུ་ནོར་སྙན་ཞུའི་བཀའ་ཐོ།",
        template="order_property_report.html",
        numbering=Numbering.CASE,
        basis=(CPL.art(252), PROPERTY_INVESTIGATION.art("3-5"), PROPERTY_INVESTIGATION.art(9)),
        remedy=Remedy.NOTICE,
        needs_party=True,
    ),
    Writ(
        code="ruling.freeze",
        title_zh="执行裁定书",
        title_bo="ལག་བསྟར་གཏན་འབེབས་ཡི་གེ།",
        template="ruling_freeze.html",
        numbering=Numbering.SERIAL,
        basis=(CPL.art(253), CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(1)),
        basis_of_wage=(CPL.art(254), SEIZURE_RULES.art(3)),
        remedy=Remedy.CONDUCT,
        is_ruling=True,
    ),
    Writ(
        code="ruling.seal",
        title_zh="执行裁定书",
        title_bo="ལག་བསྟར་གཏན་འབེབས་ཡི་གེ།",
        template="ruling_seal.html",
        numbering=Numbering.SERIAL,
        basis=(CPL.art(255), CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(1)),
        remedy=Remedy.CONDUCT,
        is_ruling=True,
    ),
    Writ(
        code="ruling.release",
        title_zh="执行裁定书",
        title_bo="ལག་བསྟར་གཏན་འབེབས་ཡི་གེ།",
        template="ruling_release.html",
        numbering=Numbering.SERIAL,
        basis=(SEIZURE_RULES.art(28),),
        remedy=Remedy.CONDUCT,
        is_ruling=True,
    ),
    Writ(
        code="ruling.renew",
        title_zh="执行裁定书",
        title_bo="ལག་བསྟར་གཏན་འབེབས་ཡི་གེ།",
        template="ruling_renew.html",
        numbering=Numbering.SERIAL,
        basis=(CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(27)),
        remedy=Remedy.CONDUCT,
        is_ruling=True,
    ),
    Writ(
        code="notice.assist",
        title_zh="协助执行通知书",
        title_bo="ལག་བསྟར་རོགས་སྐྱོར་བརྡ་ཐོ།",
        template="notice_assist.html",
        numbering=Numbering.CASE,
        basis=(CPL.art(253), CPL.art(255), SEIZURE_RULES.art(1)),
        basis_of_wage=(CPL.art(254),),
    ),
    Writ(
        code="notice.closing",
        title_zh="结案通知书",
        title_bo="གྱོད་གཞི་མཇུག་བསྒྲིལ་བརྡ་ཐོ།",
        template="notice_closing.html",
        numbering=Numbering.CASE,
        basis=(ENFORCEMENT_RULES.art(64),),
        remedy=Remedy.NOTICE,
    ),
    Writ(
        code="notice.distribution",
        title_zh="执行案款分配方案",
        title_bo="ལག་བསྟར་དངུལ་བགོ་འགྲེམས་ཇུས་གཞི།",
        template="notice_distribution.html",
        numbering=Numbering.CASE,
        basis=(CPL_INTERPRETATION.art(509), ENFORCEMENT_PROCEDURE.art(17)),
        remedy=Remedy.PLAN,
    ),
    Writ(
        code="ruling.objection",
        title_zh="执行裁定书",
        title_bo="ལག་བསྟར་གཏན་འབེབས་ཡི་གེ།",
        template="ruling_objection.html",
        numbering=Numbering.OBJECTION,
        basis=(CPL.art(236), OBJECTION_RULES.art(17)),
        basis_of_third_party=(CPL.art(238),),
        remedy=Remedy.RECONSIDERATION,
        is_ruling=True,
    ),
)
_ALL = _WRITS + ASSISTANCE
_BY_CODE = {writ.code: writ for writ in _ALL}


def writs() -> tuple[Writ, ...]:
    """All kinds of writ."""
    return _ALL


def writ_named(code: str) -> Writ:
    """The kind of writ of a code; ``KeyError`` if there is none."""
    try:
        return _BY_CODE[code]
    except KeyError:
        raise KeyError(f"There is no writ {code!r}.") from None
