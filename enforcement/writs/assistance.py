"""Writs that leave the court for an agency (协助执行), and what goes with them.

Draft the ruling first and the notice after it, in one act: the notice then names the ruling's number. What
they read from ``extra`` besides ``asset``, ``measure``, ``ground``, ``officers`` and ``deciders`` (see
:mod:`enforcement.writs.snapshot`); amounts are ``Decimal`` in CNY, all keys may be left out:

``agency``
    The addressee: an ``Agency`` or ``{"name", "name_bo", "kind"}``. Kind ``bank`` words the writ for banks.
``matter``
    A ``law.linkage.Matter`` or ``{"zh", "bo"}``: its name is printed under the title.
``asks``
    What is to be looked up or found: texts or ``{"zh", "bo"}``; the matter's name if there are none.
``amount``, ``month``, ``kept_month``
    The sum; for income what is withheld each month and what is left for living.
``account``
    The full account number where there is no ``Asset``; only the agency's copy names it.
``payee``
    ``{"name", "bank", "account"}`` of the court's account for case money.
``transferee``, ``way``
    A ``Party`` or ``{"name", "name_bo", "identity", "kind"}``; ``auction``, ``sale`` or ``set-off``.
``restriction``, ``until``
    What the agency is to refuse, stop or record: a text or ``{"zh", "bo"}``; its last day.
``answer_by``, ``answer_days``, ``contact``
    When the answer is due (a day, or working days), and the telephone for questions.
``number``
    Its own number (司惩) for ``decision.fine``.
``person``, ``about``, ``advice``
    Who is fined instead of the unit (``{"name", "post"}``); the unit an advice is about; what is advised.
``lift``
    A ``Lift`` or ``{"number", "ground", "reason", "ordered_on", "confirmed_on", "holders"}``.
"""

from enforcement.writs.kinds import Numbering, Remedy, Writ
from law.citations import (
    CPL,
    CPL_INTERPRETATION,
    DECISION_2011,
    ENFORCEMENT_PROCEDURE,
    EQUITY_RULES,
    PROPERTY_INVESTIGATION,
    SEIZURE_RULES,
)

RULING = ("执行裁定书", "ལག་བསྟར་གཏན་འབེབས་ཡི་གེ།")
NOTICE = ("协助执行通知书", "ལག་བསྟར་རོགས་སྐྱོར་བརྡ་ཐོ།")


def _notice(code: str, *, template: str, titles: tuple[str, str] = NOTICE, **options: object) -> Writ:
    return Writ(
        code=f"notice.assist-{code}",
        title_zh=titles[0],
        title_bo=titles[1],
        template=f"assist_{template}.html",
        numbering=Numbering.CASE,
        to_agency=True,
        **options,  # type: ignore[arg-type]  # passed on by name
    )


ASSISTANCE = (
    Writ(
        code="ruling.deduct",
        title_zh=RULING[0],
        title_bo=RULING[1],
        template="ruling_deduct.html",
        numbering=Numbering.SERIAL,
        basis=(CPL.art(253), CPL_INTERPRETATION.art(484)),
        basis_of_wage=(CPL.art(254),),
        remedy=Remedy.CONDUCT,
        is_ruling=True,
    ),
    Writ(
        code="ruling.transfer",
        title_zh=RULING[0],
        title_bo=RULING[1],
        template="ruling_transfer.html",
        numbering=Numbering.SERIAL,
        basis=(CPL.art(262), CPL_INTERPRETATION.art(491), CPL_INTERPRETATION.art(500)),
        remedy=Remedy.CONDUCT,
        is_ruling=True,
    ),
    _notice(
        "inquiry",
        template="inquiry",
        titles=("协助查询通知书", "འདྲི་རྩད་རོགས་སྐྱོར་བརྡ་ཐོ།"),
        titles_for_banks=("协助查询存款通知书", "འཇོག་དངུལ་འདྲི་རྩད་རོགས་སྐྱོར་བརྡ་ཐོ།"),
        basis=(CPL.art(253), CPL_INTERPRETATION.art(483)),
    ),
    _notice(
        "freeze",
        template="control",
        titles=("协助冻结通知书", "འཁྱགས་འཇོག་རོགས་སྐྱོར་བརྡ་ཐོ།"),
        titles_for_banks=("协助冻结存款通知书", "འཇོག་དངུལ་འཁྱགས་འཇོག་རོགས་སྐྱོར་བརྡ་ཐོ།"),
        basis=(CPL.art(253), CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(1)),
    ),
    _notice(
        "renew",
        template="control",
        titles_for_banks=("协助继续冻结存款通知书", "འཇོག་དངུལ་མུ་མཐུད་འཁྱགས་འཇོག་རོགས་སྐྱོར་བརྡ་ཐོ།"),
        basis=(CPL.art(253), CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(1)),
    ),
    _notice(
        "seal",
        template="control",
        basis=(CPL.art(255), CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(1)),
    ),
    _notice(
        "equity",
        template="equity",
        basis=(CPL.art(253), EQUITY_RULES.art(6)),
    ),
    _notice(
        "deduct",
        template="deduct",
        titles=("协助扣划通知书", "དངུལ་འཕོ་སྤྲོད་རོགས་སྐྱོར་བརྡ་ཐོ།"),
        titles_for_banks=("协助扣划存款通知书", "འཇོག་དངུལ་འཕོ་སྤྲོད་རོགས་སྐྱོར་བརྡ་ཐོ།"),
        basis=(CPL.art(253), CPL_INTERPRETATION.art(484)),
    ),
    _notice("income", template="income", basis=(CPL.art(254),)),
    _notice(
        "release",
        template="release",
        titles_for_banks=("协助解除冻结存款通知书", "འཇོག་དངུལ་འཁྱགས་འཇོག་གྲོལ་བའི་རོགས་སྐྱོར་བརྡ་ཐོ།"),
        basis=(SEIZURE_RULES.art(1), SEIZURE_RULES.art(28)),
    ),
    _notice("transfer", template="transfer", basis=(CPL.art(262), CPL_INTERPRETATION.art(500))),
    _notice(
        "restrict",
        template="restrict",
        basis=(CPL.art(262), CPL.art(266), CPL_INTERPRETATION.art(192)),
    ),
    _notice(
        "locate",
        template="locate",
        titles=("协助查找通知书", "འཚོལ་ཞིབ་རོགས་སྐྱོར་བརྡ་ཐོ།"),
        basis=(CPL_INTERPRETATION.art(483), PROPERTY_INVESTIGATION.art("15-16")),
    ),
    Writ(
        code="decision.fine",
        title_zh="罚款决定书",
        title_bo="ཆད་དངུལ་ཐག་གཅོད་ཡི་གེ།",
        template="decision_fine.html",
        numbering=Numbering.OWN,
        basis=(CPL.art("117-119"), CPL_INTERPRETATION.art("192-193")),
        remedy=Remedy.SANCTION,
    ),
    Writ(
        code="decision.exit",
        title_zh="限制出境决定书",
        title_bo="མཐའ་ཕྱིར་ཐོན་པ་ཚོད་འཛིན་གྱི་ཐག་གཅོད་ཡི་གེ།",
        template="decision_exit.html",
        numbering=Numbering.OWN,
        basis=(CPL.art(266), ENFORCEMENT_PROCEDURE.art("23-24")),
        needs_party=True,
    ),
    Writ(
        code="advice.judicial",
        title_zh="司法建议书",
        title_bo="ཁྲིམས་འཛིན་གྲོས་འགོའི་ཡི་གེ།",
        template="advice_judicial.html",
        numbering=Numbering.OWN,
        basis=(CPL.art(117),),
    ),
    Writ(
        code="letter.urge",
        title_zh="督促履行函",
        title_bo="འགན་སྒྲུབ་སྐུལ་འདེད་འཕྲིན་ཡིག",
        template="letter_urge.html",
        numbering=Numbering.OWN,
        basis=(DECISION_2011.art("第四项"),),
    ),
    Writ(
        code="letter.superior",
        title_zh="协助执行情况通报函",
        title_bo="ལག་བསྟར་རོགས་སྐྱོར་གྱི་གནས་ཚུལ་བརྡ་ཐོ།",
        template="letter_superior.html",
        numbering=Numbering.OWN,
        basis=(CPL.art(117), DECISION_2011.art("第四项")),
    ),
    Writ(
        code="certificate.lift",
        title_zh="解除证明",
        title_bo="གྲོལ་བའི་ར་སྤྲོད་ཡི་གེ།",
        template="certificate_lift.html",
        numbering=Numbering.CASE,
        basis=(SEIZURE_RULES.art(28),),
    ),
)
