"""The articles on which the money rules rest, and where the law leaves a choice that the system makes.

An entry marked ``convention`` is not in the text of the article: the law is silent or open there, and the
note says what this system does. An entry with ``verified`` false has not been read in an official text.
"""

from __future__ import annotations

from dataclasses import dataclass

from law.steps import mark as _

__all__ = ["Article", "convention"]

DELAY = "最高人民法院关于执行程序中计算迟延履行期间的债务利息适用法律若干问题的解释"
OLD_DELAY = "最高人民法院关于在执行工作中如何计算迟延履行期间的债务利息等问题的批复（法释〔2009〕6号）"
PROCEDURE = "中华人民共和国民事诉讼法"
PROCEDURE_RULES = "最高人民法院关于适用《中华人民共和国民事诉讼法》的解释"
CIVIL_CODE = "中华人民共和国民法典"
ENFORCEMENT = "最高人民法院关于人民法院执行工作若干问题的规定（试行）"
FEES = "诉讼费用交纳办法"
SEIZURE = "最高人民法院关于人民法院民事执行中查封、扣押、冻结财产的规定"
SALES = "最高人民法院关于人民法院民事执行中拍卖、变卖财产的规定"
ONLINE = "最高人民法院关于人民法院网络司法拍卖若干问题的规定"
CRIMINAL = "最高人民法院关于刑事裁判涉财产部分执行的若干规定"
INQUIRY = "最高人民法院关于民事执行中财产调查若干问题的规定"
OBJECTIONS = "最高人民法院关于人民法院办理执行异议和复议案件若干问题的规定"
NOTARISED = "最高人民法院关于公证债权文书执行若干问题的规定"
LENDING = "最高人民法院关于审理民间借贷案件适用法律若干问题的规定"
MORTGAGED_HOMES = "最高人民法院关于人民法院执行设定抵押的房屋的规定"
DECISION = "西藏自治区人民代表大会常务委员会关于加强和改进人民法院民事执行工作的决定"


@dataclass(frozen=True)
class Article:
    """One article of an instrument, in the words by which Chinese lawyers cite it."""

    instrument: str
    article: str
    verified: bool = True
    convention: bool = False
    note: str = ""

    def as_json(self) -> dict[str, object]:
        """The entry as it stands in a result; ``note`` is an English literal that may be translated."""
        entry: dict[str, object] = {
            "instrument": self.instrument,
            "article": self.article,
            "verified": self.verified,
            "convention": self.convention,
        }
        if self.note:
            entry["note"] = self.note
        return entry


def convention(instrument: str, article: str, note: str) -> Article:
    """What this system does where ``article`` is silent or open."""
    return Article(instrument, article, convention=True, note=note)


ROUNDING = convention(
    PROCEDURE,
    "第二百六十四条",
    _("Sums are computed exactly and rounded half up to the fen once, when shown or paid."),
)
DOUBLED = Article(DELAY, "第一条第三款")
GENERAL = Article(DELAY, "第一条第二款")
GENERAL_DAYS = convention(
    DELAY,
    "第一条第二款",
    _("Its first day and a closing date in the title count, the day of payment does not."),
)
START = Article(DELAY, "第二条")
START_DAYS = convention(
    DELAY,
    "第二条",
    _("The day on which the performance period ends is not counted; the day after it is the first."),
)
STOP = Article(DELAY, "第三条第一、二款")
NOT_COUNTED = Article(DELAY, "第三条第三款")
STILL_COUNTED = convention(
    DELAY,
    "第三条第三款",
    _("Days of a settlement or of a review asked for by the debtor count; overlaps are taken once."),
)
ORDER = Article(DELAY, "第四条")
ORDER_OF_COSTS = Article(CIVIL_CODE, "第五百六十一条")
ORDER_OF_DEBTS = Article(CIVIL_CODE, "第五百六十条")
COSTS_IN_BASE = convention(
    DELAY,
    "第一条第三款",
    _("Costs payable to the creditor bear doubled interest, the court's fee does not."),
)
CURRENCY = Article(DELAY, "第五条")
CURRENCY_UNIT = convention(
    DELAY, "第五条", _("A sum in foreign currency is rounded half up to the smallest unit of that currency.")
)
OLD_PERIOD = Article(DELAY, "第七条")
OLD_RULE = Article(OLD_DELAY, "全文", note=_("Read on a copy on the web only."))
OLD_RULE_ORDER = convention(
    DELAY,
    "第七条",
    _("Money received after 31 July 2014 pays the debt, then old interest, then new interest."),
)
OLDER_PERIOD = Article(
    OLD_DELAY, "施行前", verified=False, note=_("The rule for days before 18 May 2009 has not been verified.")
)
PERIOD = Article(PROCEDURE, "第八十五条")
DOUBLING = Article(PROCEDURE, "第二百六十四条")

NOTARISED_CEILING = Article(NOTARISED, "第十一条")
CEILING = Article(LENDING, "第二十五条")
CEILING_TOTAL = Article(LENDING, "第二十九条")
CEILING_BEFORE = Article(
    LENDING,
    "第三十一条",
    note=_("For older contracts the interest up to 19 August 2020 may follow the earlier rule."),
)

FEE = Article(FEES, "第十四条第（一）项")
FEE_WHEN = Article(FEES, "第二十条第二款")
FEE_BURDEN = Article(FEES, "第三十八条第一款")
PRESERVATION = Article(FEES, "第十四条第（二）项")
FEE_OF_RECEIPTS = convention(
    FEES, "第十四条第（一）项", _("The fee follows the total executed so far, less what was charged before.")
)
FEE_INSIDE = convention(
    FEES,
    "第三十八条第一款",
    _("Money that must carry its own fee is split so that claim and fee add up to it."),
)

COSTS_FIRST = Article(ENFORCEMENT, "第三十四条")
ASSET_COSTS = convention(
    PROCEDURE_RULES,
    "第五百零八条",
    _("A cost of one asset is taken from that asset, a common cost from all assets by price."),
)
PRO_RATA = Article(PROCEDURE_RULES, "第五百零八条")
BY_SEIZURE = Article(PROCEDURE_RULES, "第五百一十四条")
SEVERAL_CREDITORS = Article(ENFORCEMENT, "第五十五条")
ODD_FEN = convention(
    PROCEDURE_RULES,
    "第五百零八条",
    _("Odd fen go to the largest remainders, then the larger and the earlier claim."),
)
DOUBLED_LAST = convention(
    DELAY,
    "第四条",
    _("Doubled interest is paid after all title debts, by the same method; it is not secured."),
)
CRIMINAL_ORDER = Article(CRIMINAL, "第十三条")
CRIMINAL_SHARES = convention(
    CRIMINAL,
    "第十三条",
    _("Within one rank the claims are paid pro rata; medical costs come from all assets by price."),
)
LIVING_COSTS_CRIMINAL = Article(CRIMINAL, "第九条第二款")
AUDIT = Article(INQUIRY, "第二十条")
BOUNTY = Article(INQUIRY, "第二十四条")
PAID_FIRST = Article(DECISION, "第二条")
BOUNTY_BURDEN = convention(
    DECISION,
    "第二条",
    _("Who bears the bounty is chosen: the applicant who offered it, out of his share, or the pot."),
)
DISPUTED = Article(PROCEDURE_RULES, "第五百一十条第三款")
DISPUTED_SUM = convention(
    PROCEDURE_RULES,
    "第五百一十条第三款",
    _("Everyone is paid the lesser of his share in the plan and as objected; the rest is held back."),
)

ONLINE_START = Article(ONLINE, "第十条")
ONLINE_DEPOSIT = Article(ONLINE, "第十七条")
ONLINE_SECOND = Article(ONLINE, "第二十六条")
ONLINE_DEFAULT = Article(ONLINE, "第二十四条")
ONLINE_SHORTFALL = convention(
    ONLINE, "第三十七条第三款", _("What the deposit does not cover is still owed, as in other auctions.")
)
RESERVE = Article(SALES, "第五条")
NO_SURPLUS = Article(SALES, "第六条")
DEPOSIT = Article(SALES, "第十条")
DEFAULT = Article(SALES, "第二十二条")
ROUNDS = Article(SALES, "第二十四、二十五条")
COMMISSION = Article(SALES, "第二十九条")
LIMITS = convention(SALES, "第五条", _("A legal minimum is rounded up to the fen and a legal maximum down."))

HOME = Article(OBJECTIONS, "第二十条第一款第（三）项")
HOME_SEALED = Article(SEIZURE, "第四条")
HOME_ORDER = convention(
    OBJECTIONS,
    "第二十条第一款第（三）项",
    _("Rent is set aside after the costs of sale and before the claims."),
)
INCOME = Article(PROCEDURE, "第二百五十四条")
MINIMUM = Article(SEIZURE, "第三条第（二）项")
HEADS = convention(
    SEIZURE,
    "第三条第（二）项",
    _("The debtor counts as one person, each dependant by the share the debtor bears."),
)
