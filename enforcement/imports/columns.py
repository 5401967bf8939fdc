"""The columns of a sheet of filings: their headings in three languages, the words their cells may hold.

One line is one filing. A filing with more debtors, applicants or sums goes on in the next lines, which
repeat its number in the file (编号) and fill only what they add.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Kind = Literal["text", "date", "money", "rate", "word", "number"]


@dataclass(frozen=True)
class Column:
    """One column. ``needed``: every filing fills it on its first line. ``words``: what a cell may say."""

    key: str
    zh: str
    en: str
    bo: str
    kind: Kind = "text"
    needed: bool = False
    help: str | Promise = ""
    example: str = ""
    words: tuple[tuple[str, tuple[str, ...]], ...] = ()
    aliases: tuple[str, ...] = ()

    def heading(self, language: str) -> str:
        """The heading in a language, for the template and for messages."""
        return self.zh if language.startswith("zh") else self.bo if language == "bo" else self.en


PARTY_KINDS = (
    ("person", ("自然人", "个人", "natural person", "person", "རང་བྱུང་མི")),
    ("company", ("企业法人", "公司", "法人", "enterprise legal person", "company", "ཁེ་ལས")),
    ("organisation", ("其他组织", "非法人组织", "other organisation", "organisation", "སྒྲིག་འཛུགས་གཞན")),
    ("state-organ", ("机关法人", "国家机关", "state organ", "རྒྱལ་ཁབ་ལས་ཁུངས")),
)
TITLE_KINDS = (
    ("judgment", ("判决书", "民事判决书", "judgment", "ཐག་གཅོད་ཡི་གེ")),
    ("mediation", ("调解书", "民事调解书", "mediation statement", "འདུམ་འགྲིག་ཡི་གེ")),
    ("ruling", ("裁定书", "ruling", "གཏན་འབེབས་ཡི་གེ")),
    ("payment-order", ("支付令", "payment order", "དངུལ་སྤྲོད་བཀའ་རྒྱ")),
    ("arbitration", ("仲裁裁决书", "仲裁裁决", "arbitral award", "བར་བཅད་ཡི་གེ")),
    ("notarised", ("公证债权文书", "notarised instrument of debt", "སྤྱི་དཔང་བུ་ལོན་ཡིག་ཆ")),
    ("criminal-incidental", ("刑事附带民事判决书", "judgment incidental to criminal proceedings")),
    ("administrative", ("行政处理决定书", "行政决定", "administrative decision")),
)
TYPES = (
    ("执", ("执", "首次执行", "first enforcement")),
    ("执恢", ("执恢", "恢复执行", "revived enforcement")),
)
SERVICE_LANGUAGES = (
    ("zh-hans", ("汉语", "中文", "汉文", "chinese", "zh-hans", "རྒྱ་ཡིག")),
    ("bo", ("藏语", "藏文", "tibetan", "bo", "བོད་ཡིག")),
)
_DAY = _("A day, such as 2026-03-31.")
_YUAN = _("In yuan, at most two decimals, more than 0.")

COLUMNS: tuple[Column, ...] = (
    Column(
        "no",
        "编号",
        "No. in this file",
        "ཨང་རྟགས",
        help=_(
            "Your own number. Lines with the same number are one filing:"
            " the further lines add parties or sums."
        ),
        example="1",
    ),
    Column(
        "type_code",
        "案件类型",
        "Type of case",
        "གྱོད་གཞིའི་རིགས",
        "word",
        help=_("Empty means 执."),
        example="执",
        words=TYPES,
    ),
    Column("cause", "案由", "Cause of action", "གྱོད་དོན", needed=True, example="买卖合同纠纷"),
    Column(
        "applied_on", "申请日期", "Application received on", "ཞུ་གཏུགས་ཉིན", "date", True, _DAY, "2026-03-02"
    ),
    Column(
        "title_kind",
        "执行依据种类",
        "Kind of title",
        "གཞི་འཛིན་གྱི་རིགས",
        "word",
        True,
        example="判决书",
        words=TITLE_KINDS,
    ),
    Column(
        "title_number",
        "执行依据文号",
        "Number of the title",
        "གཞི་འཛིན་ཨང་རྟགས",
        needed=True,
        example="（2025）藏0102民初1号",
    ),
    Column(
        "title_made_by", "作出机关", "Made by", "བཟོ་མཁན་ལས་ཁུངས", needed=True, example="拉萨市城关区人民法院"
    ),
    Column("title_effective_on", "生效日期", "Effective on", "ནུས་པ་ཐོན་ཉིན", "date", True, _DAY, "2025-11-20"),
    Column(
        "performance_due_on",
        "履行期限届满日",
        "Last day for performance",
        "ལག་བསྟར་དུས་མཇུག",
        "date",
        True,
        _("On a further line: the last day for the sum of that line (an instalment)."),
        "2025-12-20",
    ),
    Column("obligation", "判项主文", "Operative part", "ཐག་གཅོད་ཚིག", example="被告于判决生效后30日内支付货款"),
    Column("main_amount", "本金", "Main debt (CNY)", "མ་དངུལ", "money", help=_YUAN, example="120000.00"),
    Column(
        "main_label",
        "本金名目",
        "Main debt: what for",
        "མ་དངུལ་གྱི་མིང",
        help=_("Empty means 本金."),
        example="货款",
    ),
    Column("cost_amount", "应付费用", "Costs payable (CNY)", "འགྲོ་གྲོན", "money", help=_YUAN, example="1350.00"),
    Column(
        "cost_label",
        "费用名目",
        "Costs: what for",
        "འགྲོ་གྲོན་གྱི་མིང",
        help=_("Empty means 案件受理费."),
        example="案件受理费",
    ),
    Column(
        "interest_annual",
        "一般利息年利率",
        "General interest, yearly rate",
        "ལོ་རེའི་སྐྱེད་ཚད",
        "rate",
        help=_("A fraction such as 0.0345, or a percentage; empty if the title gives none."),
        example="3.45%",
    ),
    Column("interest_from", "起息日", "Interest from", "སྐྱེད་འགོ་འཛུགས་ཉིན", "date", help=_DAY),
    Column(
        "interest_to",
        "止息日",
        "Interest to",
        "སྐྱེད་མཚམས་འཇོག་ཉིན",
        "date",
        help=_("Only if the title names a last day."),
    ),
    Column(
        "interest_year_basis",
        "计息年天数",
        "Days of the year for interest",
        "ལོའི་ཉིན་གྲངས",
        "number",
        help=_("365 or 360; empty means 365."),
    ),
    Column(
        "applicant_kind",
        "申请执行人类型",
        "Applicant: kind",
        "རེ་ཞུ་བའི་རིགས",
        "word",
        True,
        words=PARTY_KINDS,
        example="自然人",
    ),
    Column(
        "applicant_name",
        "申请执行人",
        "Applicant: name",
        "རེ་ཞུ་བའི་མིང",
        needed=True,
        example="卓玛丙",
        aliases=("申请执行人姓名或名称", "申请人"),
    ),
    Column(
        "applicant_name_bo",
        "申请执行人藏文名",
        "Applicant: name in Tibetan",
        "རེ་ཞུ་བའི་བོད་ཡིག་མིང",
        example="སྒྲོལ་མ།",
    ),
    Column(
        "applicant_identity_number",
        "申请执行人证件号码",
        "Applicant: identity number or credit code",
        "རེ་ཞུ་བའི་ཐོབ་ཐང་ཨང",
        needed=True,
        help=_("As text, 18 characters."),
    ),
    Column("applicant_phone", "申请执行人电话", "Applicant: telephone", "རེ་ཞུ་བའི་ཁ་པར"),
    Column("applicant_address", "申请执行人地址", "Applicant: address for service", "རེ་ཞུ་བའི་ཁ་བྱང"),
    Column(
        "applicant_representative", "申请执行人法定代表人", "Applicant: legal representative", "རེ་ཞུ་བའི་ཚབ་མི"
    ),
    Column("applicant_account_bank", "收款开户行", "Payee bank", "དངུལ་ལེན་དངུལ་ཁང"),
    Column("applicant_account_number", "收款账号", "Payee account", "དངུལ་ལེན་ཨང་རྟགས", help=_("As text.")),
    Column(
        "debtor_kind",
        "被执行人类型",
        "Debtor: kind",
        "བྱ་ཡུལ་གྱི་རིགས",
        "word",
        True,
        words=PARTY_KINDS,
        example="自然人",
    ),
    Column(
        "debtor_name",
        "被执行人",
        "Debtor: name",
        "བྱ་ཡུལ་གྱི་མིང",
        needed=True,
        example="旦增乙",
        aliases=("被执行人姓名或名称",),
    ),
    Column(
        "debtor_name_bo", "被执行人藏文名", "Debtor: name in Tibetan", "བྱ་ཡུལ་གྱི་བོད་ཡིག་མིང", example="བསྟན་འཛིན།"
    ),
    Column(
        "debtor_identity_number",
        "被执行人证件号码",
        "Debtor: identity number or credit code",
        "བྱ་ཡུལ་གྱི་ཐོབ་ཐང་ཨང",
        help=_("As text, 18 characters. Needed before any order leaves."),
    ),
    Column("debtor_phone", "被执行人电话", "Debtor: telephone", "བྱ་ཡུལ་གྱི་ཁ་པར"),
    Column("debtor_address", "被执行人地址", "Debtor: address for service", "བྱ་ཡུལ་གྱི་ཁ་བྱང"),
    Column(
        "debtor_representative",
        "被执行人法定代表人",
        "Debtor: legal representative",
        "བྱ་ཡུལ་གྱི་ཚབ་མི",
        help=_("Needed for a company."),
    ),
    Column(
        "debtor_language",
        "送达语言",
        "Language of service",
        "སྐྱེལ་སྤྲོད་སྐད་ཡིག",
        "word",
        words=SERVICE_LANGUAGES,
        help=_("汉语 or 藏语; empty means 汉语."),
        example="藏语",
    ),
)
BY_KEY = {column.key: column for column in COLUMNS}
NEEDED = tuple(column.key for column in COLUMNS if column.needed)


def folded(text: str) -> str:
    """A heading or word without what people add to it: marks of need, brackets' contents, blanks, width."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip().strip("་།")
    return re.sub(r"[\s*:：]|\((?:必填|选填|元|required|optional)\)", "", plain)


_BY_HEADING = {
    folded(heading): column.key
    for column in COLUMNS
    for heading in (column.zh, column.en, column.bo, column.key, *column.aliases)
}
_WORDS = {
    column.key: {folded(word): value for value, words in column.words for word in (value, *words)}
    for column in COLUMNS
    if column.words
}


def column_of(heading: str) -> str | None:
    """The key of the column with that heading, in any of the languages."""
    return _BY_HEADING.get(folded(heading))


def value_of_word(key: str, word: str) -> str:
    """The value a word stands for in a column; an unknown word is kept for the field to refuse."""
    return _WORDS[key].get(folded(word), word)
