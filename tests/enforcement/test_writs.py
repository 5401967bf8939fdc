"""Writs: numbered, complete, bilingual, the same bytes for ever, and deaf to what people type."""

import io
import re
import socket
import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from django.utils.html import strip_tags

from enforcement import writs
from enforcement.models import Document, Event
from enforcement.writs import rendering
from enforcement.writs.wording import chinese_day, chinese_number
from law import clock

ASSET = {
    "kind": "deposit",
    "description": "活期存款账户",
    "holder": "高原某银行拉萨支行",
    "account_mask": "**** 6789",
    "register_number": "",
}
MEASURE = {
    "kind": "freeze",
    "amount": Decimal("120000.00"),
    "from": date(2026, 11, 23),
    "until": date(2027, 11, 22),
    "rank": 1,
}
HOUSE = {
    "kind": "house",
    "description": "城关区某路 3 号 2 单元 501 室",
    "register_number": "藏2020不动产0001",
}
AGENCY: dict[str, Any] = {"agency": {"name": "高原某银行拉萨支行", "kind": "bank"}, "answer_days": 3}
REGISTER: dict[str, Any] = {"agency": {"name": "示例市登记中心", "kind": "land"}, "contact": "0891-0000000"}
PAYEE = {"name": "示例区人民法院执行案款专户", "bank": "示例银行", "account": "6200 0000 0000 0001"}
BUYER = {"name": "平措戊", "identity": "540102199001011231", "kind": "person"}
EXTRAS: dict[str, dict[str, Any]] = {
    "order.property-report": {"report_days": 10, "contact": "0891-0000000"},
    "ruling.freeze": {"asset": ASSET, "measure": MEASURE},
    "ruling.seal": {
        "asset": {
            "kind": "house",
            "description": "城关区某路 3 号 2 单元 501 室",
            "register_number": "藏2020不动产0001",
        },
        "measure": MEASURE | {"kind": "seal", "rank": 2, "amount": None},
    },
    "ruling.release": {"asset": ASSET, "measure": MEASURE, "ground": "被执行人已经履行完毕。"},
    "ruling.renew": {"asset": ASSET, "measure": MEASURE},
    "notice.assist": {"asset": ASSET, "measure": MEASURE},
    "notice.closing": {"closing": {"code": "done.full"}},
    "notice.distribution": {
        "plan": {
            "pot": Decimal("100000.00"),
            "fee": Decimal("1400.00"),
            "lines": [
                {"name": "卓玛丙", "amount": Decimal("98600.00"), "breakdown": {"本金": Decimal("98600.00")}},
                {"name": "国库（申请执行费）", "amount": Decimal("1400.00"), "breakdown": {}},
            ],
        }
    },
    "ruling.deduct": {"asset": ASSET, "amount": Decimal("60000.00")},
    "ruling.transfer": {
        "asset": HOUSE,
        "transferee": BUYER,
        "way": "auction",
        "amount": Decimal("880000.00"),
    },
    "notice.assist-inquiry": AGENCY | {"asks": ["全部存款账户的户名、账号、余额", "已有的冻结"]},
    "notice.assist-freeze": AGENCY | {"asset": ASSET, "measure": MEASURE},
    "notice.assist-renew": AGENCY | {"asset": ASSET, "measure": MEASURE},
    "notice.assist-deduct": AGENCY | {"asset": ASSET, "amount": Decimal("60000.00"), "payee": PAYEE},
    "notice.assist-income": AGENCY
    | {
        "asset": ASSET | {"kind": "wage", "description": "月工资", "account_mask": ""},
        "month": Decimal("2000.00"),
        "kept_month": Decimal("1500.00"),
        "amount": Decimal("60000.00"),
        "payee": PAYEE,
    },
    "notice.assist-release": AGENCY | {"asset": ASSET, "measure": MEASURE, "ground": "已经履行完毕。"},
    "notice.assist-seal": REGISTER | {"asset": HOUSE, "measure": MEASURE | {"kind": "seal", "amount": None}},
    "notice.assist-transfer": REGISTER | {"asset": HOUSE, "transferee": BUYER, "way": "auction"},
    "notice.assist-equity": REGISTER
    | {
        "asset": {"kind": "equity", "description": "某某运输公司百分之三十股权，出资额三十万元"},
        "measure": MEASURE | {"amount": None},
    },
    "notice.assist-restrict": REGISTER | {"restriction": "不受理其购买不动产的登记申请"},
    "notice.assist-locate": REGISTER
    | {"asset": {"kind": "vehicle", "description": "重型货车", "register_number": "藏A00000"}},
    "decision.fine": AGENCY
    | {
        "number": "（2026）藏0102司惩2号",
        "amount": Decimal("50000.00"),
        "ground": "该单位签收协助冻结存款通知书后，逾期未办理，亦未说明理由。",
    },
    "decision.exit": {"ground": "被执行人有履行能力而拒不履行。"},
    "advice.judicial": REGISTER | {"about": AGENCY["agency"], "ground": "该行拒不协助冻结。"},
    "letter.urge": REGISTER | {"ground": "被执行人为国家机关，至今未履行。"},
    "certificate.lift": {
        "lift": {
            "number": "L-2026-000012",
            "reason": "已经履行完毕。",
            "ordered_on": date(2026, 11, 20),
            "confirmed_on": date(2026, 11, 23),
            "holders": ["高原某银行拉萨支行：解除冻结存款"],
        }
    },
    "ruling.objection": {
        "objection": {
            "kind": "conduct",
            "number": "（2026）藏0102执异7号",
            "objector": "旦增乙",
            "grounds": "冻结的金额超出应当履行的义务范围。",
            "ruling": "冻结金额未超出被执行人应当履行义务的范围，异议不能成立。",
            "upheld": False,
        }
    },
}
OUR_FONTS = {"Noto-Serif-CJK-SC", "Noto-Serif-CJK-SC-Bold", "Noto-Serif-Tibetan", "Noto-Serif-Tibetan-Bold"}


def drafted(case, code, **changes) -> Document:
    options = {
        "event_id": Event.objects.filter(case=case).latest("id").pk,
        "day": date(2026, 11, 23),
        "party": case.parties.get(role="debtor"),
        "extra": EXTRAS.get(code, {}),
        "earlier": [],
    }
    return writs.draft(case, code, **(options | changes))


def text_of(document: Document) -> str:
    return re.sub(r"\s+", "", strip_tags(writs.render_html(document)))


def fonts_of(pdf: bytes) -> set[str]:
    """Names of the fonts in a PDF, without the subset's prefix."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return {
            str(each.BaseFont).split("+")[-1].lstrip("/")
            for each in opened.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font"
        }


@pytest.mark.parametrize("code", [writ.code for writ in writs.writs()])
def test_every_kind_of_writ_prints_in_both_languages_with_our_fonts_only(filed, code):
    pdf = writs.render_pdf(drafted(filed, code))
    assert pdf.startswith(b"%PDF")
    found = fonts_of(pdf)
    assert found <= OUR_FONTS, "a glyph was missing in our fonts and came from another"
    assert any("CJK" in name for name in found)
    assert any("Tibetan" in name for name in found)


@pytest.mark.parametrize("code", [writ.code for writ in writs.writs()])
def test_the_two_texts_stay_aligned_by_paragraph(filed, code):
    page = writs.render_html(drafted(filed, code))
    rows = re.findall(r"<tr>\s*(<td.*?)</tr>", page.split('<table class="text">')[1], re.DOTALL)
    bilingual = [row for row in rows if 'lang="zh-Hans"><p' in row]
    assert len(bilingual) >= 4
    for row in bilingual:
        chinese, tibetan = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        assert strip_tags(chinese).strip()
        assert re.search(r"[\u0f40-\u0fbc]", tibetan), f"no Tibetan beside {strip_tags(chinese)[:20]}"


def test_a_freeze_says_whose_money_how_much_and_until_when(filed):
    text = text_of(drafted(filed, "ruling.freeze"))
    assert "冻结旦增乙在高原某银行拉萨支行的银行存款" in text
    assert "人民币壹拾贰万元整（￥120,000.00）" in text
    assert "自2026年11月23日起至2027年11月22日止" in text
    assert "第二百五十三条" in text
    assert "二〇二六年十一月二十三日" in text
    assert "书面异议" in text


def test_income_is_withheld_month_by_month_and_living_costs_stay(filed):
    wage = ASSET | {"kind": "wage", "description": "月工资", "holder": "某某运输公司", "account_mask": ""}
    extra = {"asset": wage, "measure": MEASURE, "withheld_month": "2,000.00", "kept_month": "1,500.00"}
    text = text_of(drafted(filed, "ruling.freeze", extra=extra))
    assert "扣留旦增乙在某某运输公司的收入" in text
    assert "每月扣留2,000.00元" in text
    assert "生活费用每月1,500.00元" in text
    assert "第二百五十四条" in text
    assert "冻结旦增乙" not in text


def test_living_costs_left_in_an_account_are_named(filed):
    extra = EXTRAS["ruling.freeze"] | {"kept_for_living": "3,000.00"}
    assert "生活费用3,000.00元，不予冻结" in text_of(drafted(filed, "ruling.freeze", extra=extra))
    without = EXTRAS["ruling.freeze"] | {"kept_for_living": "0.00"}
    assert "生活费用" not in text_of(drafted(filed, "ruling.freeze", extra=without))


def test_the_notice_warns_of_double_interest_and_of_the_list_of_defaulters(filed):
    text = text_of(drafted(filed, "notice.execution"))
    assert "加倍支付迟延履行期间的债务利息" in text
    assert "风险提示" in text
    assert "失信被执行人名单" in text
    assert "货款120,000.00元" in text


def test_the_order_to_report_states_period_scope_time_and_consequences(filed):
    text = text_of(drafted(filed, "order.property-report"))
    assert "收到本令之日起10日内" in text
    for part in ("范围", "前一年至提交书面财产报告之日", "补充报告", "罚款、拘留"):
        assert part in text


def test_identity_numbers_are_masked_on_every_writ(filed):
    debtor = filed.parties.get(role="debtor")
    for writ in writs.writs():
        page = writs.render_html(drafted(filed, writ.code))
        assert debtor.identity_number not in page
    assert debtor.identity_mask in writs.render_html(drafted(filed, "notice.execution"))


def test_rulings_of_a_case_are_numbered_in_a_row_whatever_they_rule(filed):
    first = drafted(filed, "ruling.freeze")
    second = drafted(filed, "ruling.seal", earlier=[first])
    third = drafted(filed, "ruling.release", earlier=[first, second])
    assert [one.number for one in (first, second, third)] == [
        f"{filed.number}之一",
        f"{filed.number}之二",
        f"{filed.number}之三",
    ]
    assert {one.version for one in (first, second, third)} == {1}


def test_a_notice_bears_the_number_of_the_case_and_counts_its_versions(filed):
    first = drafted(filed, "notice.execution")
    again = drafted(filed, "notice.execution", earlier=[first])
    assert first.number == again.number == filed.number
    assert (first.version, again.version) == (1, 2)


def test_each_addressee_of_a_notice_has_versions_of_their_own(filed):
    debtor, applicant = filed.parties.get(role="debtor"), filed.parties.get(role="applicant")
    to_debtor = drafted(filed, "notice.closing", party=debtor)
    to_applicant = drafted(filed, "notice.closing", party=applicant, earlier=[to_debtor])
    corrected = drafted(filed, "notice.closing", party=debtor, earlier=[to_debtor, to_applicant])
    assert [one.version for one in (to_debtor, to_applicant, corrected)] == [1, 1, 2]


def test_a_ruling_on_an_objection_has_the_number_and_the_remedy_of_its_own_case(filed):
    conduct = drafted(filed, "ruling.objection")
    assert conduct.number == "（2026）藏0102执异7号"
    assert "十日内，向上一级人民法院申请复议" in text_of(conduct)
    objection = EXTRAS["ruling.objection"]["objection"] | {"kind": "third-party", "upheld": True}
    text = text_of(drafted(filed, "ruling.objection", extra={"objection": objection}))
    assert "第二百三十八条" in text
    assert "中止对" in text
    assert "十五日内向本院提起诉讼" in text
    assert "申请复议" not in text


def test_a_request_to_assist_names_the_ruling_it_goes_with(filed):
    ruling = drafted(filed, "ruling.release")
    request = drafted(filed, "notice.assist", earlier=[ruling])
    assert f"{ruling.number}执行裁定书" in text_of(request)
    assert "解除对旦增乙的银行存款" in text_of(request)


def test_the_same_document_gives_the_same_bytes_in_another_process(filed, tmp_path):
    document = drafted(filed, "ruling.seal")
    first = writs.render_pdf(document)
    page = tmp_path / "page.html"
    page.write_text(writs.render_html(document), encoding="utf-8")
    program = (
        "import sys, uuid, pathlib, hashlib, django; django.setup(); import weasyprint;"
        "from enforcement.writs import rendering;"
        f"html = pathlib.Path({str(page)!r}).read_text(encoding='utf-8');"
        f"pdf = rendering.pdf_of(html, uuid.UUID({str(document.uid)!r}));"
        "sys.stdout.buffer.write(pdf)"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert other.stdout == first
    assert writs.render_pdf(drafted(filed, "ruling.seal")) != first, "another document is another identifier"


ATTACKS = [
    '<img src="http://127.0.0.1:{port}/x">',
    '<link rel=attachment href="file:///etc/passwd">',
    "<style>@import url(http://127.0.0.1:{port}/x)</style>",
    "<style>@font-face{{font-family:x;src:url(file:///etc/passwd)}}</style>",
    '<svg><image href="http://127.0.0.1:{port}/x"/></svg>',
    '<object data="file:///etc/passwd"></object>',
    "{{{{ 7|add:7 }}}} {{% include 'base.html' %}}",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_people_type_opens_no_file_and_no_connection(filed, attack):
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    typed = attack.format(port=listener.getsockname()[1])
    document = drafted(filed, "ruling.release", extra=EXTRAS["ruling.release"] | {"ground": typed})
    pdf = writs.render_pdf(document)
    with pytest.raises(TimeoutError):
        listener.accept()
    listener.close()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert not opened.attachments
    assert b"root:" not in pdf
    assert "&lt;" in writs.render_html(document) or "{{ 7" in writs.render_html(document)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://127.0.0.1/", "https://writ.invalid/../settings.py", "data:text/css,x"],
)
def test_the_fetcher_serves_our_files_by_name_and_nothing_else(url):
    with pytest.raises(ValueError, match="nothing but"):
        rendering.WritFetcher().fetch(url)


def test_the_preview_reads_like_the_writ_and_needs_nothing_typed(filed):
    day = clock.today()
    fragment = writs.preview_html(filed, "ruling.freeze", day=day, extra={})
    assert fragment.lstrip().startswith('<article class="writ">')
    assert "<html" not in fragment
    assert "style=" not in fragment
    for writ in writs.writs():
        assert writ.title_zh in writs.preview_html(filed, writ.code, day=day, extra={})


def test_a_writ_to_a_party_needs_the_party(filed):
    with pytest.raises(ValueError, match="addressed to a party"):
        drafted(filed, "notice.execution", party=None)


@pytest.mark.parametrize(
    ("number", "written"),
    [(10, "十"), (12, "十二"), (105, "一百零五"), (252, "二百五十二"), (1010, "一千零一十")],
)
def test_articles_are_numbered_in_words(number, written):
    assert chinese_number(number) == written


def test_a_day_is_written_out():
    assert chinese_day(date(2026, 11, 23)) == "二〇二六年十一月二十三日"
