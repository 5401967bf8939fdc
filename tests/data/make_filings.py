"""Makes ``filings.xlsx``: 500 filings invented for tests, some of them wrong on purpose.

    python tests/data/make_filings.py

The same file every time, byte for byte. Identity numbers carry a division code that was never assigned
(law.identity.UNASSIGNED_DIVISION), accounts a prefix no bank has: they belong to nobody.
"""

from __future__ import annotations

import random
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from xlsxwriter import Workbook

from law import identity

FILINGS = 500
APPLIED = date(2026, 3, 2)
#: What is wrong with which filing (its number in the file).
WRONG = {
    7: "checksum",
    23: "impossible date",
    61: "negative money",
    118: "over-precise money",
    190: "missing applicant",
    245: "formula",
    302: "twin of 301",
    377: "period not over",
    444: "identity as a number",
}
SURNAMES = "张王李赵刘陈杨黄周吴"
GIVEN = ["某甲", "某乙", "某丙", "某丁", "某戊"]
TIBETAN = [
    ("扎西某", "བཀྲ་ཤིས།"),
    ("旦增某", "བསྟན་འཛིན།"),
    ("卓玛某", "སྒྲོལ་མ།"),
    ("次仁某", "ཚེ་རིང་།"),
    ("央金某", "དབྱངས་ཅན།"),
    ("格桑某", "སྐལ་བཟང་།"),
]
TRADES = ["运输", "建材", "农牧", "商贸", "餐饮"]
CAUSES = ["买卖合同纠纷", "民间借贷纠纷", "劳务合同纠纷", "租赁合同纠纷", "金融借款合同纠纷"]
HEADINGS = [
    "编号", "案件类型", "案由", "申请日期", "执行依据种类", "执行依据文号", "作出机关", "生效日期",
    "履行期限届满日", "判项主文", "本金", "本金名目", "应付费用", "费用名目", "一般利息年利率", "起息日",
    "止息日", "计息年天数", "申请执行人类型", "申请执行人", "申请执行人藏文名", "申请执行人证件号码",
    "申请执行人电话", "申请执行人地址", "申请执行人法定代表人", "收款开户行", "收款账号", "被执行人类型",
    "被执行人", "被执行人藏文名", "被执行人证件号码", "被执行人电话", "被执行人地址", "被执行人法定代表人",
    "送达语言",
]  # fmt: skip


class Maker:
    """Draws filings from one seed."""

    def __init__(self) -> None:
        self.random = random.Random(20260302)
        self.people = 0
        self.firms = 0

    def identity_number(self) -> str:
        self.people += 1
        born = date(1955, 1, 1) + timedelta(days=self.people * 7 % 17_000)
        return identity.make_resident_number(identity.UNASSIGNED_DIVISION, born, self.people % 999 + 1)

    def party(self, role: str) -> dict[str, Any]:
        draw = self.random.random()
        prefix = "申请执行人" if role == "applicant" else "被执行人"
        row: dict[str, Any] = {}
        if draw < 0.25:
            self.firms += 1
            row[f"{prefix}类型"] = "企业法人"
            row[prefix] = f"某某{self.random.choice(TRADES)}有限公司{self.firms}"
            row[f"{prefix}证件号码"] = identity.make_credit_code(identity.UNASSIGNED_DIVISION, self.firms)
            row[f"{prefix}法定代表人"] = self.random.choice(SURNAMES) + self.random.choice(GIVEN)
        elif draw < 0.6:
            name, tibetan = self.random.choice(TIBETAN)
            row[f"{prefix}类型"] = "自然人"
            row[prefix], row[f"{prefix}藏文名"] = f"{name}{self.people % 50}", tibetan
            row[f"{prefix}证件号码"] = self.identity_number()
        else:
            row[f"{prefix}类型"] = "自然人"
            row[prefix] = self.random.choice(SURNAMES) + self.random.choice(GIVEN) + str(self.people % 90)
            row[f"{prefix}证件号码"] = self.identity_number()
        row[f"{prefix}电话"] = f"139{self.random.randrange(10**8):08}"
        row[f"{prefix}地址"] = f"拉萨市城关区某路{self.random.randrange(1, 300)}号"
        if role == "debtor":
            row["送达语言"] = "藏语" if f"{prefix}藏文名" in row else "汉语"
        return row

    def filing(self, number: int) -> list[dict[str, Any]]:
        due = APPLIED - timedelta(days=self.random.randrange(30, 700))
        amount = self.random.randrange(300_000, 90_000_000)
        row: dict[str, Any] = {
            "编号": str(number),
            "案件类型": "执",
            "案由": self.random.choice(CAUSES),
            "申请日期": APPLIED,
            "执行依据种类": self.random.choice(["判决书", "判决书", "调解书", "仲裁裁决书"]),
            "执行依据文号": f"（{due.year}）藏0102民初{90_000 + number}号",
            "作出机关": "拉萨市城关区人民法院",
            "生效日期": due - timedelta(days=30),
            "履行期限届满日": due,
            "判项主文": "被告于判决生效后三十日内向原告支付所欠款项",
            "本金": amount / 100,
            "本金名目": "所欠款项",
        }
        if number % 3 == 0:
            row |= {"应付费用": self.random.randrange(5_000, 800_000) / 100, "费用名目": "案件受理费"}
        if number % 4 == 0:
            row |= {"一般利息年利率": "3.45%", "起息日": due - timedelta(days=200)}
        row |= self.party("applicant")
        row |= {
            "收款开户行": "高原某银行",
            "收款账号": identity.make_bank_card(identity.UNASSIGNED_CARD_PREFIX, number),
        }
        row |= self.party("debtor")
        rows = [row]
        # Every tenth filing has more debtors, on further lines with the same number.
        for _further in range(self.random.randrange(1, 4) if number % 10 == 0 else 0):
            rows.append({"编号": str(number), **self.party("debtor")})
        return rows


def spoil(number: int, rows: list[dict[str, Any]], earlier: list[dict[str, Any]]) -> None:
    """Make a filing wrong in the way its number says."""
    row = rows[0]
    wrong = WRONG.get(number)
    if wrong == "checksum":
        good = row["被执行人证件号码"]
        row["被执行人证件号码"] = good[:-1] + ("1" if good[-1] != "1" else "2")
    elif wrong == "impossible date":
        row["生效日期"] = "2025-02-30"
    elif wrong == "negative money":
        row["本金"] = -120_000
    elif wrong == "over-precise money":
        row["本金"] = 1234.567
    elif wrong == "missing applicant":
        row["申请执行人"] = None
    elif wrong == "formula":
        row["本金"] = "=1000*120"
    elif wrong == "twin of 301":
        row["执行依据文号"] = earlier[0]["执行依据文号"]
        row["被执行人证件号码"] = earlier[0]["被执行人证件号码"]
        row["被执行人类型"] = earlier[0]["被执行人类型"]
        row["被执行人"] = earlier[0]["被执行人"]
        row["被执行人法定代表人"] = earlier[0].get("被执行人法定代表人")
    elif wrong == "period not over":
        row["履行期限届满日"] = APPLIED + timedelta(days=10)
    elif wrong == "identity as a number":
        row["被执行人证件号码"] = 549900198001010000.0


def main(target: Path) -> None:
    maker = Maker()
    book = Workbook(str(target), {"strings_to_formulas": False, "strings_to_urls": False})
    # The time of making would change the bytes of the same content.
    book.set_properties({"created": datetime(2026, 3, 2), "title": "500 invented filings"})
    sheet = book.add_worksheet("立案")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for place, heading in enumerate(HEADINGS):
        sheet.write_string(0, place, heading)
    line = 0
    earlier: list[dict[str, Any]] = []
    for number in range(1, FILINGS + 1):
        rows = maker.filing(number)
        spoil(number, rows, earlier)
        earlier = rows
        for row in rows:
            line += 1
            for place, heading in enumerate(HEADINGS):
                value = row.get(heading)
                if isinstance(value, date):
                    sheet.write_datetime(line, place, datetime(value.year, value.month, value.day), day)
                elif isinstance(value, str) and value.startswith("="):
                    sheet.write_formula(line, place, value, None, 120_000)
                elif isinstance(value, str):
                    sheet.write_string(line, place, value)
                elif value is not None:
                    sheet.write_number(line, place, value)
    book.close()


if __name__ == "__main__":
    main(Path(__file__).with_name("filings.xlsx"))
