"""The legal instruments (法律渊源) the product cites, each with the time it is in force.

``verified`` says that the text itself was read in a collection of primary texts.  What is not verified is
shown with that mark wherever it is cited; it is never presented as settled.

An instrument that was amended is listed in its present version, with the day *that version* took effect, as
its articles are cited by the numbers of that version.
"""

from dataclasses import dataclass
from datetime import date

from law import tibetan

TITLE_LANGUAGES = ("zh", "en", "bo")


@dataclass(frozen=True)
class Instrument:
    """A statute, interpretation, circular or decision.

    ``effective_from`` is ``None`` where the day is not known (local and internal rules); ``effective_to`` is
    the last day in force.  ``aliases`` are the short names under which the rule tables cite it.
    """

    key: str
    title_zh: str
    title_en: str
    short_zh: str
    effective_from: date | None
    effective_to: date | None = None
    verified: bool = True
    number: str = ""
    aliases: tuple[str, ...] = ()

    def art(self, article: int | str, note: str = "") -> "Citation":
        """Cite one article, or several in a row ("10-13"), or an item of one ("64(1)")."""
        return Citation(self, str(article), note, self.verified)

    def whole(self, note: str = "") -> "Citation":
        """Cite the instrument without an article."""
        return Citation(self, "", note, self.verified)

    def in_force_on(self, day: date) -> bool:
        """Whether it is in force on a day; a bound that is not known does not exclude."""
        if self.effective_from is not None and day < self.effective_from:
            return False
        return self.effective_to is None or day <= self.effective_to

    def title(self, language: str = "en") -> str:
        """The title in a language ("zh", "en", "bo"); in Chinese where a Tibetan one is not known."""
        return tibetan.in_language(language, "instruments", self.key, zh=self.title_zh, en=self.title_en)

    @property
    def title_bo(self) -> str:
        """The short title in Tibetan, a draft; empty if there is none."""
        return tibetan.name("instruments", self.key)


@dataclass(frozen=True)
class Citation:
    """One place in an instrument (条文引用).  ``article`` is empty for the instrument as a whole."""

    instrument: Instrument
    article: str = ""
    note: str = ""
    verified: bool = True

    def in_force_on(self, day: date) -> bool:
        """Whether the instrument in the version cited is in force on a day."""
        return self.instrument.in_force_on(day)

    def label(self, language: str = "en") -> str:
        """The citation as a lawyer writes it in a language: 《民事诉讼法》第253条."""
        write = self._in_chinese if language.startswith("zh") else self._in_western
        if language.startswith("bo"):
            write = self._in_tibetan
        text = write()
        if not self.note:
            return text
        return f"{text}（{self.note}）" if language.startswith("zh") else f"{text} ({self.note})"

    def _in_chinese(self) -> str:
        name = f"《{self.instrument.short_zh}》"
        if not self._is_numbered:
            return name + self.article
        number, _, item = self.article.partition("(")
        return f"{name}第{number}条" + (f"（{item.rstrip(')')}）" if item else "")

    def _in_tibetan(self) -> str:
        name = f"《{self.instrument.title_bo or self.instrument.short_zh}》"
        if self._is_numbered:
            return f"{name}དོན་ཚན་{self._western_article}པ།"
        if self.article and self.article in _SECTIONS:
            return f"{name}ས་བཅད་{_SECTIONS.index(self.article)}པ།"
        return name + self.article

    def _in_western(self) -> str:
        name = self.instrument.title_en
        if self._is_numbered:
            return f"{name} {'arts.' if '-' in self.article else 'art.'} {self._western_article}"
        if self.article and self.article in _SECTIONS:  # the 2011 Decision numbers its parts 一 … 十一
            return f"{name} sec. {_SECTIONS.index(self.article)}"
        return f"{name}, {self.article}" if self.article else name

    @property
    def _is_numbered(self) -> bool:
        return self.article[:1].isdigit()

    @property
    def _western_article(self) -> str:
        """The article with items (三) written as (3)."""
        number, bracket, item = self.article.partition("(")
        item = item.rstrip(")")
        if item and item in _SECTIONS:
            item = str(_SECTIONS.index(item))
        return f"{number}({item})" if bracket else number

    def as_dict(self) -> dict[str, str | bool]:
        """The shape in which articles leave over REST."""
        return {"instrument": self.instrument.title_zh, "article": self.article, "verified": self.verified}

    def __str__(self) -> str:
        return self.label("en")


_SECTIONS = ["", *"一二三四五六七八九十", "十一", "十二", "十三", "十四", "十五"]
# Eighteen interpretations on enforcement were amended together by 法释〔2020〕21号.
_AMENDED_2020 = date(2021, 1, 1)
_SPC = "最高人民法院关于"

# --- Statutes ---------------------------------------------------------------------------------------------

CPL = Instrument(
    "CPL", "中华人民共和国民事诉讼法", "Civil Procedure Law", "民事诉讼法", date(2024, 1, 1),
    number="2023年修正", aliases=("CPL",),
)  # fmt: skip
CIVIL_CODE = Instrument(
    "CIVIL_CODE", "中华人民共和国民法典", "Civil Code", "民法典", date(2021, 1, 1),
)  # fmt: skip
PIPL = Instrument(
    "PIPL", "中华人民共和国个人信息保护法", "Personal Information Protection Law", "个人信息保护法",
    date(2021, 11, 1),
)  # fmt: skip
DATA_SECURITY = Instrument(
    "DATA_SECURITY", "中华人民共和国数据安全法", "Data Security Law", "数据安全法", date(2021, 9, 1),
)  # fmt: skip
BANKRUPTCY = Instrument(
    "BANKRUPTCY", "中华人民共和国企业破产法", "Enterprise Bankruptcy Law", "企业破产法", date(2007, 6, 1),
)  # fmt: skip
STATE_COMPENSATION = Instrument(
    "STATE_COMPENSATION", "中华人民共和国国家赔偿法", "State Compensation Law", "国家赔偿法",
    date(2013, 1, 1), number="2012年修正",
)  # fmt: skip
COMPANY_LAW = Instrument(
    "COMPANY_LAW", "中华人民共和国公司法", "Company Law", "公司法", date(2024, 7, 1), verified=False,
    number="2023年修订",
)  # fmt: skip
EXIT_ENTRY = Instrument(
    "EXIT_ENTRY", "中华人民共和国出境入境管理法", "Exit and Entry Administration Law", "出境入境管理法",
    date(2013, 7, 1),
)  # fmt: skip

# --- Regulations ------------------------------------------------------------------------------------------

FEE_MEASURES = Instrument(
    "FEE_MEASURES", "诉讼费用交纳办法", "Measures on the Payment of Litigation Costs", "诉讼费用交纳办法",
    date(2007, 4, 1), number="国务院令第481号",
)  # fmt: skip
CREDIT_REPORTING = Instrument(
    "CREDIT_REPORTING", "征信业管理条例", "Credit Reporting Regulation", "征信业管理条例", date(2013, 3, 15),
    number="国务院令第631号",
)  # fmt: skip
LAND_REGISTRATION = Instrument(
    "LAND_REGISTRATION", "不动产登记暂行条例", "Interim Regulation on Real Estate Registration",
    "不动产登记暂行条例", date(2019, 3, 24), number="2019年修订",
)  # fmt: skip
PETITIONS = Instrument(
    "PETITIONS", "信访工作条例", "Regulation on Petitions", "信访工作条例", date(2022, 5, 1),
)  # fmt: skip

# --- Interpretations of the Supreme People's Court -----------------------------------------------------

CPL_INTERPRETATION = Instrument(
    "CPL_INTERPRETATION", _SPC + "适用《中华人民共和国民事诉讼法》的解释",
    "Interpretation of the Civil Procedure Law", "民诉法解释", date(2022, 4, 10), number="法释〔2022〕11号",
    aliases=("解释",),
)  # fmt: skip
ENFORCEMENT_RULES = Instrument(
    "ENFORCEMENT_RULES", _SPC + "人民法院执行工作若干问题的规定（试行）",
    "Provisions on Enforcement Work (Trial)", "执行工作规定", _AMENDED_2020, number="2020年修正",
    aliases=("执行工作规定(试行)",),
)  # fmt: skip
ENFORCEMENT_PROCEDURE = Instrument(
    "ENFORCEMENT_PROCEDURE", _SPC + "适用《中华人民共和国民事诉讼法》执行程序若干问题的解释",
    "Interpretation on Enforcement Procedure", "执行程序解释", _AMENDED_2020, number="2020年修正",
)  # fmt: skip
SEIZURE_RULES = Instrument(
    "SEIZURE_RULES", _SPC + "人民法院民事执行中查封、扣押、冻结财产的规定",
    "Provisions on Sealing, Seizing and Freezing Property", "查封扣押冻结规定", _AMENDED_2020,
    number="2020年修正", aliases=("查扣冻规定", "查扣冻"),
)  # fmt: skip
PROPERTY_INVESTIGATION = Instrument(
    "PROPERTY_INVESTIGATION", _SPC + "民事执行中财产调查若干问题的规定",
    "Provisions on Property Investigation", "财产调查规定", _AMENDED_2020, number="2020年修正",
    aliases=("财产调查",),
)  # fmt: skip
OBJECTION_RULES = Instrument(
    "OBJECTION_RULES", _SPC + "人民法院办理执行异议和复议案件若干问题的规定",
    "Provisions on Enforcement Objections and Reconsiderations", "异议复议规定", _AMENDED_2020,
    number="2020年修正", aliases=("异议和复议规定", "异议复议"),
)  # fmt: skip
EQUITY_RULES = Instrument(
    "EQUITY_RULES", _SPC + "人民法院强制执行股权若干问题的规定", "Provisions on Enforcement against Equity",
    "强制执行股权规定", date(2022, 1, 1), number="法释〔2021〕20号", aliases=("股权规定",),
)  # fmt: skip
LATE_INTEREST = Instrument(
    "LATE_INTEREST", _SPC + "执行程序中计算迟延履行期间的债务利息适用法律若干问题的解释",
    "Interpretation on Interest for Delayed Performance", "迟延履行利息解释", date(2014, 8, 1),
    number="法释〔2014〕8号",
)  # fmt: skip
ONLINE_AUCTION = Instrument(
    "ONLINE_AUCTION", _SPC + "人民法院网络司法拍卖若干问题的规定", "Provisions on Online Judicial Auctions",
    "网络司法拍卖规定", date(2017, 1, 1), number="法释〔2016〕18号", aliases=("网拍规定",),
)  # fmt: skip
SALE_RULES = Instrument(
    "SALE_RULES", _SPC + "人民法院民事执行中拍卖、变卖财产的规定",
    "Provisions on Auction and Sale in Enforcement", "拍卖变卖规定", _AMENDED_2020, number="2020年修正",
)  # fmt: skip
REFERENCE_PRICE = Instrument(
    "REFERENCE_PRICE", _SPC + "人民法院确定财产处置参考价若干问题的规定",
    "Provisions on Reference Prices for Disposal", "确定财产处置参考价规定", date(2018, 9, 1),
    number="法释〔2018〕15号", aliases=("参考价规定",),
)  # fmt: skip
MORTGAGED_HOMES = Instrument(
    "MORTGAGED_HOMES", _SPC + "人民法院执行设定抵押的房屋的规定",
    "Provisions on Enforcement against Mortgaged Homes", "执行设定抵押的房屋规定", date(2005, 12, 21),
    number="法释〔2005〕14号",
)  # fmt: skip
DELEGATION = Instrument(
    "DELEGATION", _SPC + "委托执行若干问题的规定", "Provisions on Delegated Enforcement", "委托执行规定",
    _AMENDED_2020, number="2020年修正", aliases=("委托规定",),
)  # fmt: skip
SETTLEMENT = Instrument(
    "SETTLEMENT", _SPC + "执行和解若干问题的规定", "Provisions on Settlement in Enforcement", "执行和解规定",
    _AMENDED_2020, number="2020年修正", aliases=("和解规定",),
)  # fmt: skip
SECURITY = Instrument(
    "SECURITY", _SPC + "执行担保若干问题的规定", "Provisions on Security in Enforcement", "执行担保规定",
    _AMENDED_2020, number="2020年修正", aliases=("担保规定",),
)  # fmt: skip
PARTY_CHANGE = Instrument(
    "PARTY_CHANGE", _SPC + "民事执行中变更、追加当事人若干问题的规定",
    "Provisions on Changing and Adding Parties in Enforcement", "变更追加当事人规定", _AMENDED_2020,
    number="2020年修正", aliases=("变更追加规定", "变更追加"),
)  # fmt: skip
PRESERVATION = Instrument(
    "PRESERVATION", _SPC + "人民法院办理财产保全案件若干问题的规定", "Provisions on Property Preservation",
    "财产保全规定", _AMENDED_2020, number="2020年修正",
)  # fmt: skip
DEFAULTERS_LIST = Instrument(
    "DEFAULTERS_LIST", _SPC + "公布失信被执行人名单信息的若干规定",
    "Provisions on the List of Dishonest Debtors", "失信名单规定", date(2017, 5, 1), verified=False,
    number="法释〔2017〕7号修正",
)  # fmt: skip
CONSUMPTION = Instrument(
    "CONSUMPTION", _SPC + "限制被执行人高消费及有关消费的若干规定", "Provisions on Restricting Consumption",
    "限制高消费规定", date(2015, 7, 22), verified=False, number="法释〔2015〕17号修正", aliases=("限高规定",),
)  # fmt: skip
TIME_LIMITS = Instrument(
    "TIME_LIMITS", _SPC + "严格执行案件审理期限制度的若干规定", "Provisions on Time Limits of Cases",
    "案件审理期限规定", date(2000, 9, 28), number="法释〔2000〕29号",
    aliases=("执行案件审理期限规定", "审限规定"),
)  # fmt: skip
NETWORK_FREEZE = Instrument(
    "NETWORK_FREEZE", _SPC + "网络查询、冻结被执行人存款的规定",
    "Provisions on Network Inquiry and Freezing of Deposits", "网络查询冻结规定", date(2013, 9, 2),
    number="法释〔2013〕20号",
)  # fmt: skip
ARBITRAL_AWARDS = Instrument(
    "ARBITRAL_AWARDS", _SPC + "人民法院办理仲裁裁决执行案件若干问题的规定",
    "Provisions on Enforcing Arbitral Awards", "仲裁裁决执行规定", date(2018, 3, 1), number="法释〔2018〕5号",
    aliases=("仲裁规定", "仲裁"),
)  # fmt: skip
NOTARIAL_DEEDS = Instrument(
    "NOTARIAL_DEEDS", _SPC + "公证债权文书执行若干问题的规定", "Provisions on Enforcing Notarial Deeds",
    "公证债权文书执行规定", date(2018, 10, 1), number="法释〔2018〕18号", aliases=("公证规定", "公证"),
)  # fmt: skip
CRIMINAL_PROPERTY = Instrument(
    "CRIMINAL_PROPERTY", _SPC + "刑事裁判涉财产部分执行的若干规定",
    "Provisions on Enforcing Property Parts of Criminal Judgments", "刑事裁判涉财产部分执行规定",
    date(2014, 11, 6), number="法释〔2014〕13号", aliases=("刑事涉财产",),
)  # fmt: skip
ENFORCEMENT_COMPENSATION = Instrument(
    "ENFORCEMENT_COMPENSATION", _SPC + "审理涉执行司法赔偿案件适用法律若干问题的解释",
    "Interpretation on Compensation Arising from Enforcement", "涉执行司法赔偿解释", date(2022, 3, 1),
    number="法释〔2022〕3号", aliases=("司法赔偿解释",),
)  # fmt: skip
FIRST_SEIZURE_REPLY = Instrument(
    "FIRST_SEIZURE_REPLY", _SPC + "首先查封法院与优先债权执行法院处分查封财产有关问题的批复",
    "Reply on First Seizure and Priority Claims", "首先查封与优先债权批复", date(2016, 4, 14), verified=False,
    number="法释〔2016〕6号",
)  # fmt: skip
TERMINATION_OBJECTION_REPLY = Instrument(
    "TERMINATION_OBJECTION_REPLY", _SPC + "对人民法院终结执行行为提出执行异议期限问题的批复",
    "Reply on the Period for Objecting to Termination", "终结执行异议期限批复", date(2016, 2, 15),
    verified=False, number="法释〔2016〕3号",
)  # fmt: skip

# --- Circulars, none of which is in the collection of primary texts ------------------------------------

CASE_MONEY = Instrument(
    "CASE_MONEY", _SPC + "执行款物管理工作的规定", "Provisions on Case Money and Things", "执行款物管理规定",
    date(2017, 5, 1), verified=False, number="法发〔2017〕6号",
)  # fmt: skip
CASE_NUMBER_RULES = Instrument(
    "CASE_NUMBER_RULES", _SPC + "人民法院案件案号的若干规定", "Provisions on Case Numbers", "案号规定",
    date(2016, 1, 1), verified=False, number="法〔2015〕137号",
)  # fmt: skip
TERMINATION_OF_ROUND = Instrument(
    "TERMINATION_OF_ROUND", _SPC + "严格规范终结本次执行程序的规定（试行）",
    "Provisions on Ending a Round of Enforcement (Trial)", "终本规定", date(2016, 12, 1), verified=False,
    number="法〔2016〕373号", aliases=("终本规定(试行)",),
)  # fmt: skip
FILING_AND_CLOSING = Instrument(
    "FILING_AND_CLOSING", _SPC + "执行案件立案、结案若干问题的意见",
    "Opinions on Filing and Closing Enforcement Cases", "立案结案意见", date(2015, 1, 1), verified=False,
    number="法发〔2014〕26号",
)  # fmt: skip
GOOD_FAITH = Instrument(
    "GOOD_FAITH", _SPC + "在执行工作中进一步强化善意文明执行理念的意见",
    "Opinions on Enforcement in Good Faith", "善意文明执行意见", date(2019, 12, 16), verified=False,
    number="法发〔2019〕35号",
)  # fmt: skip
INTO_BANKRUPTCY = Instrument(
    "INTO_BANKRUPTCY", _SPC + "执行案件移送破产审查若干问题的指导意见", "Guidance on Referral to Bankruptcy",
    "执转破指导意见", date(2017, 1, 20), verified=False, number="法发〔2017〕2号",
)  # fmt: skip
SALE_AFTER_AUCTION = Instrument(
    "SALE_AFTER_AUCTION", _SPC + "认真做好网络司法拍卖与网络司法变卖衔接工作的通知",
    "Notice on Online Sale after Online Auction", "网拍与变卖衔接通知", date(2017, 7, 18), verified=False,
    number="法明传〔2017〕455号",
)  # fmt: skip
SUPERVISION_APPLICATIONS = Instrument(
    "SUPERVISION_APPLICATIONS", _SPC + "办理申请执行监督案件若干问题的意见",
    "Opinions on Applications for Supervision of Enforcement", "申请执行监督意见", date(2023, 2, 1),
    verified=False, number="法发〔2023〕4号",
)  # fmt: skip
PROCURATORIAL_SUPERVISION = Instrument(
    "PROCURATORIAL_SUPERVISION", "最高人民法院、最高人民检察院关于民事执行活动法律监督若干问题的规定",
    "Provisions on Procuratorial Supervision of Civil Enforcement", "民事执行活动法律监督规定",
    date(2017, 1, 1), verified=False, number="法发〔2016〕30号",
)  # fmt: skip
JUDICIAL_AID = Instrument(
    "JUDICIAL_AID", "关于建立完善国家司法救助制度的意见（试行）", "Opinions on State Judicial Aid (Trial)",
    "国家司法救助意见", None, verified=False, number="中政委〔2014〕3号",
)  # fmt: skip
JUDICIAL_AID_COURTS = Instrument(
    "JUDICIAL_AID_COURTS", _SPC + "加强和规范人民法院国家司法救助工作的意见",
    "Opinions on Judicial Aid by Courts", "法院司法救助意见", None, verified=False, number="法发〔2016〕16号",
)  # fmt: skip
JUDICIAL_AID_CASES = Instrument(
    "JUDICIAL_AID_CASES", "人民法院国家司法救助案件办理程序规定（试行）",
    "Procedure for Judicial Aid Cases (Trial)", "司法救助案件办理程序规定", None, verified=False,
    number="法发〔2019〕2号",
)  # fmt: skip

# --- Region and below ---------------------------------------------------------------------------------------

DECISION_2011 = Instrument(
    "DECISION_2011", "西藏自治区人民代表大会常务委员会关于加强和改进人民法院民事执行工作的决定",
    "Decision on Strengthening and Improving Civil Enforcement by the People's Courts",
    "关于加强和改进人民法院民事执行工作的决定", date(2011, 9, 30), aliases=("决定",),
)  # fmt: skip
LOCAL_CASE_MONEY = Instrument(
    "LOCAL_CASE_MONEY", "嘉鱼县人民法院执行案款规定（试行）",
    "A county court's rules on case money (example)", "嘉鱼县法院执行案款规定", date(2024, 1, 2),
    verified=False, aliases=("嘉鱼县法院执行案款规定(试行)",),
)  # fmt: skip
JOINT_CONFERENCE = Instrument(
    "JOINT_CONFERENCE", "联席会议纪要（地方）", "Minutes of the joint conference (local)", "联席会议纪要",
    None, verified=False, aliases=("联席会议纪要(地方)",),
)  # fmt: skip
RECOMMENDED = Instrument(
    "RECOMMENDED", "产品建议值", "Recommended value, not law", "产品建议值", None, verified=False,
)  # fmt: skip
