"""Words of writs that are looked up rather than written: days, numbers, kinds, in Chinese and Tibetan.

The Tibetan follows the glossary (docs/glossary.md); a court translator confirms it before service.
"""

from datetime import date
from typing import Any

from enforcement.models import AssetKind, MeasureKind, PartyKind, PartyRole, TitleKind
from law.citations import (
    CONSUMPTION,
    CPL,
    CPL_INTERPRETATION,
    DEFAULTERS_LIST,
    ENFORCEMENT_PROCEDURE,
    ENFORCEMENT_RULES,
    LATE_INTEREST,
    OBJECTION_RULES,
    PROPERTY_INVESTIGATION,
    SEIZURE_RULES,
    Citation,
)

_DIGITS = "〇一二三四五六七八九"
Pair = tuple[str, str]

ROLES: dict[str, Pair] = {
    PartyRole.APPLICANT: ("申请执行人", "ལག་བསྟར་རེ་ཞུ་བྱེད་མཁན།"),
    PartyRole.DEBTOR: ("被执行人", "ལག་བསྟར་བྱ་ཡུལ།"),
    PartyRole.THIRD: ("第三人", "ཕྱོགས་གསུམ་པ།"),
}
IDENTITIES: dict[str, Pair] = {
    PartyKind.PERSON: ("公民身份号码", "སྤྱི་དམངས་ཐོབ་ཐང་ཨང་རྟགས།"),
    PartyKind.COMPANY: ("统一社会信用代码", "གཅིག་གྱུར་སྤྱི་ཚོགས་ཡིད་རྟོན་ཨང་རྟགས།"),
    PartyKind.ORGANISATION: ("统一社会信用代码", "གཅིག་གྱུར་སྤྱི་ཚོགས་ཡིད་རྟོན་ཨང་རྟགས།"),
    PartyKind.STATE_ORGAN: ("统一社会信用代码", "གཅིག་གྱུར་སྤྱི་ཚོགས་ཡིད་རྟོན་ཨང་རྟགས།"),
}
TITLES: dict[str, Pair] = {
    TitleKind.JUDGMENT: ("民事判决书", "དམངས་དོན་ཁྲིམས་ཐག་ཡི་གེ"),
    TitleKind.MEDIATION: ("民事调解书", "དམངས་དོན་བར་འདུམ་ཡི་གེ"),
    TitleKind.RULING: ("民事裁定书", "དམངས་དོན་གཏན་འབེབས་ཡི་གེ"),
    TitleKind.PAYMENT_ORDER: ("支付令", "སྤྲོད་དགོས་པའི་བཀའ་ཐོ"),
    TitleKind.ARBITRATION: ("裁决书", "ཚོད་གཅོད་ཡི་གེ"),
    TitleKind.NOTARISED: ("公证债权文书", "སྤྱི་དཔང་བུ་ལོན་ཡིག་ཆ"),
    TitleKind.CRIMINAL_INCIDENTAL: ("刑事附带民事判决书", "ཉེས་དོན་ཞར་བྱུང་དམངས་དོན་ཁྲིམས་ཐག་ཡི་གེ"),
    TitleKind.ADMINISTRATIVE: ("行政决定书", "སྲིད་འཛིན་ཐག་གཅོད་ཡི་གེ"),
}
# The third form is the Tibetan genitive, whose particle follows the last letter.
MEASURES: dict[str, tuple[str, str, str]] = {
    MeasureKind.FREEZE: ("冻结", "འཁྱགས་འཇོག", "འཁྱགས་འཇོག་གི"),
    MeasureKind.SEAL: ("查封", "དམ་སྦྱར", "དམ་སྦྱར་གྱི"),
    MeasureKind.SEIZE: ("扣押", "བཀག་ཉར", "བཀག་ཉར་གྱི"),
}
# Income is not frozen but withheld by whoever pays it (CPL 254).
WITHHOLDING = ("扣留", "བཀག་འཇོག", "བཀག་འཇོག་གི")
ASSETS: dict[str, Pair] = {
    AssetKind.DEPOSIT: ("银行存款", "དངུལ་ཁང་གི་འཇོག་དངུལ"),
    AssetKind.HOUSE: ("房屋", "ཁང་པ"),
    AssetKind.LAND: ("土地使用权", "ས་ཞིང་བེད་སྤྱོད་ཀྱི་དབང་ཆ"),
    AssetKind.VEHICLE: ("车辆", "རླངས་འཁོར"),
    AssetKind.EQUITY: ("股权", "མ་རྐང་གི་དབང་ཆ"),
    AssetKind.SECURITY: ("有价证券", "རིན་ལྡན་འཛིན་ཡིག"),
    AssetKind.INSURANCE: ("保险权益", "ཉེན་སྲུང་ཁེ་དབང"),
    AssetKind.WAGE: ("收入", "ཡོང་འབབ"),
    AssetKind.CLAIM: ("到期债权", "དུས་འཁེལ་བུ་ལོན་དབང་ཆ"),
    AssetKind.OTHER: ("财产", "རྒྱུ་ནོར"),
}
INSTRUMENTS_BO = {
    CPL.key: "ཀྲུང་ཧྭ་མི་དམངས་སྤྱི་མཐུན་རྒྱལ་ཁབ་ཀྱི་དམངས་དོན་གཏུགས་བཤེར་བཅའ་ཁྲིམས",
    CPL_INTERPRETATION.key: "མི་དམངས་ཁྲིམས་ཁང་མཐོ་ཤོས་ཀྱི《དམངས་དོན་གཏུགས་བཤེར་བཅའ་ཁྲིམས》སྤྱོད་པའི་འགྲེལ་བཤད",
    ENFORCEMENT_RULES.key: "མི་དམངས་ཁྲིམས་ཁང་གི་ལག་བསྟར་བྱ་བའི་གཏན་འབེབས(ཚོད་ལྟ)",
    ENFORCEMENT_PROCEDURE.key: "དམངས་དོན་གཏུགས་བཤེར་བཅའ་ཁྲིམས་ཀྱི་ལག་བསྟར་གོ་རིམ་འགྲེལ་བཤད",
    SEIZURE_RULES.key: "རྒྱུ་ནོར་དམ་སྦྱར་བཀག་ཉར་འཁྱགས་འཇོག་གི་གཏན་འབེབས",
    PROPERTY_INVESTIGATION.key: "དམངས་དོན་ལག་བསྟར་ནང་རྒྱུ་ནོར་ཞིབ་དཔྱོད་ཀྱི་གཏན་འབེབས",
    OBJECTION_RULES.key: "ལག་བསྟར་ངོས་མི་ལེན་པའི་བསམ་འཆར་དང་བསྐྱར་གྲོས་ཀྱི་གཏན་འབེབས",
    LATE_INTEREST.key: "འགོར་འགྱངས་དུས་ཡུན་གྱི་བུ་ལོན་སྐྱེད་ཀ་རྩི་བའི་འགྲེལ་བཤད",
    DEFAULTERS_LIST.key: "ཡིད་རྟོན་བརླག་པའི་མིང་ཐོ་ཁྱབ་བསྒྲགས་ཀྱི་གཏན་འབེབས",
    CONSUMPTION.key: "འཛད་སྤྱོད་ཚོད་འཛིན་གྱི་གཏན་འབེབས",
}


def chinese_number(number: int) -> str:
    """A number from 0 to 9999 as it is read: 252 is 二百五十二, 12 is 十二."""
    if not 0 <= number < 10_000:
        raise ValueError(f"{number} is not written in words here.")
    if number == 0:
        return _DIGITS[0]
    text, owes_zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if not digit:
            owes_zero = bool(text)
            continue
        text += ("零" if owes_zero else "") + _DIGITS[digit] + name
        owes_zero = False
    return text.removeprefix("一") if text.startswith("一十") else text


def chinese_day(day: date) -> str:
    """二〇二六年十一月二十三日."""
    year = "".join(_DIGITS[int(digit)] for digit in f"{day.year:04d}")
    return f"{year}年{chinese_number(day.month)}月{chinese_number(day.day)}日"


def plain_day(day: date) -> str:
    """2026年11月23日, as days within a text are written."""
    return f"{day.year}年{day.month}月{day.day}日"


def tibetan_day(day: date) -> str:
    """The same day in Tibetan, by the public calendar."""
    return f"{day.year}ལོའི་ཟླ་{day.month}པའི་ཚེས་{day.day}ཉིན"


def basis_words(citations: tuple[Citation, ...]) -> dict[str, str]:
    """The articles a writ rests on, as its text names them: 《…法》第二百五十三条、《…规定》第一条."""
    return {
        "zh": "、".join(_article_zh(citation) for citation in citations),
        "bo": " དང་ ".join(_article_bo(citation) for citation in citations),
    }


def _article_zh(citation: Citation) -> str:
    first, _, last = citation.article.partition("-")
    if not first.isdigit():
        return f"《{citation.instrument.title_zh}》{citation.article}"
    text = f"《{citation.instrument.title_zh}》第{chinese_number(int(first))}条"
    return f"{text}至第{chinese_number(int(last))}条" if last else text


def _article_bo(citation: Citation) -> str:
    name = INSTRUMENTS_BO.get(citation.instrument.key) or citation.instrument.title("bo")
    return f"《{name}》དོན་ཚན་{citation.article}པ" if citation.article else f"《{name}》"


def pair(words: Pair) -> dict[str, Any]:
    """Both texts under the names templates use."""
    return {"zh": words[0], "bo": words[1]}


def triple(words: tuple[str, str, str]) -> dict[str, str]:
    """A measure's name in Chinese and Tibetan and its Tibetan genitive."""
    return {"zh": words[0], "bo": words[1], "of": words[2]}
