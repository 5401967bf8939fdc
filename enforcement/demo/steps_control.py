"""Steps of a case from filing to control: assigned, notified, reported on, restrained, objected to."""

import io
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from enforcement import engine
from enforcement.acts.procedure import recordable
from enforcement.acts.service import service_of
from enforcement.demo import names
from enforcement.demo.playing import Player
from enforcement.models import Case
from law import clock, identity


@cache
def _return_of_service() -> bytes:
    """A picture that stands for a signed return of service."""
    picture = Image.new("RGB", (640, 400), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 20, 620, 380), outline="black", width=3)
    draw.text((40, 60), "Return of service (demo)", fill="black")
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


class ControlSteps(Player):
    """Each method is one step, done on the next day it may happen on."""

    amount: Decimal  # the main debt of the case being played, CNY

    def _file(self) -> Case:
        self.amount = Decimal(self.chance.randint(8, 900) * 1000 + self.chance.randint(0, 99) * 10).quantize(
            Decimal("0.01")
        )
        filed = self.today - timedelta(days=self.age)
        several = self.chance.random() < 0.12
        items: list[dict[str, Any]] = [
            {
                "kind": "main",
                "label": "本金" if self.chance.random() < 0.5 else "货款",
                "amount": str(self.amount),
            }
        ]
        if self.chance.random() < 0.6:
            items.append(
                {"kind": "cost", "label": "案件受理费", "amount": str(self.chance.randint(5, 60) * 10)}
            )
        interest = (
            {"interest_annual": "0.0345", "interest_from": (filed - timedelta(days=200)).isoformat()}
            if self.chance.random() < 0.4
            else {}
        )
        data = {
            "cause": self.chance.choice(names.CAUSES),
            "applied_on": (filed - timedelta(days=self.chance.randint(0, 4))).isoformat(),
            "title_kind": self.chance.choice(["judgment", "judgment", "mediation", "arbitration"]),
            "title_number": f"（{filed.year - 1}）示例民初{self.serial}号",
            "title_made_by": self.court.name,
            "title_effective_on": (filed - timedelta(days=120)).isoformat(),
            "performance_due_on": (filed - timedelta(days=90)).isoformat(),
            "items": items,
            "parties": [self._party("applicant")]
            + ([self._party("applicant")] if several else [])
            + [self._party("debtor")]
            + ([self._party("debtor")] if self.chance.random() < 0.2 else []),
            **interest,
        }
        with self._on(self.age, 9):
            result = engine.submit(engine.act_named("case.file"), self.court, self.people["clerk"], data)
        assert result.case is not None
        return result.case

    def _party(self, role: str) -> dict[str, Any]:
        number = self.chance.randint(1, 99_999_999)
        if self.chance.random() < (0.45 if role == "debtor" else 0.2):
            name, name_bo = names.company_name(self.chance)
            party = {
                "kind": "company",
                "name": name,
                "name_bo": name_bo,
                "identity_number": identity.make_credit_code(identity.UNASSIGNED_DIVISION, number),
                "representative": names.person_name(self.chance)[0],
                "language": "zh-hans",
            }
        else:
            name, name_bo, language = names.person_name(self.chance)
            born = date(1960, 1, 1) + timedelta(days=number % 14_000)
            party = {
                "kind": "person",
                "name": name,
                "name_bo": name_bo,
                "identity_number": identity.make_resident_number(
                    identity.UNASSIGNED_DIVISION, born, number % 999 + 1
                ),
                "language": language,
            }
        party |= {
            "role": role,
            "phone": f"199{number % 100_000_000:08}",
            "address": f"示例市{self.chance.choice(names.STREETS)}{number % 200 + 1}号",
        }
        if role == "applicant":
            party |= {
                "account_bank": "高原示例银行城关支行",
                "account_number": identity.make_bank_card(identity.UNASSIGNED_CARD_PREFIX, number),
            }
        return party

    def _assign(self, case: Case) -> None:
        with self._on(self._later(0, 2)):
            self._do("case.assign", case, "head")
        assert case.implementer is not None
        self.people["mine"] = case.implementer

    def _notify(self, case: Case) -> None:
        with self._on(self._later(1, 4)):
            self._do("notice.issue", case, "mine", report_days=10, contact="0891-0000000")

    def _serve(self, case: Case) -> None:
        days_ago = self._later(1, 4)
        with self._on(days_ago):
            day = clock.today().isoformat()
            for document in case.documents.filter(party__isnull=False, services=None):
                assert document.party is not None
                self._served(case, document, document.party, day)

    def _served(self, case: Case, document: Any, party: Any, day: str) -> None:
        self._do(
            "service.record",
            case,
            "mine",
            document=str(document.uid),
            party=str(party.uid),
            method="direct",
            state="served",
            sent_on=day,
            served_on=day,
            received_by=party.representative or party.name,
            proof=SimpleUploadedFile("return-of-service.png", _return_of_service(), "image/png"),
        )

    def _report(self, case: Case) -> None:
        # The period is the law's to count: it moves with holidays.
        due = case.deadlines.filter(rule="report.submit").latest("due_on").due_on
        self.day = max(0, min(self.day, (self.today - due).days - self.chance.randint(1, 3)))
        over = due < self.today - timedelta(days=self.day)
        with self._on(self.day):
            for party in case.parties.filter(role="debtor"):
                arrived = self.chance.random() < 0.6 or not over
                self._do(
                    "report.record",
                    case,
                    "mine",
                    party=str(party.uid),
                    result="arrived" if arrived else "not-arrived",
                    **(
                        {
                            "received_on": clock.today().isoformat(),
                            "declared": [{"kind": "deposit", "description": "活期存款", "value": "3200.00"}],
                        }
                        if arrived
                        else {"remarks": "报告期满未报告"}
                    ),
                )

    def _find(self, case: Case) -> None:
        number = self.chance.randint(1, 99_999_999)
        with self._on(self._later(2, 6)):
            owner = str(case.parties.filter(role="debtor").first().uid)  # type: ignore[union-attr]
            today = clock.today().isoformat()
            self._do(
                "asset.record",
                case,
                "mine",
                owner=owner,
                kind="deposit",
                description="活期存款账户",
                holder="高原示例银行城关支行",
                account_number=identity.make_bank_card(identity.UNASSIGNED_CARD_PREFIX, number),
                value=str((self.amount * Decimal("1.1")).quantize(Decimal("0.01"))),
                found_on=today,
                source="银行反馈",
            )
            if self.chance.random() < 0.5:
                self._do(
                    "asset.record",
                    case,
                    "mine",
                    owner=owner,
                    kind="vehicle",
                    description="小型普通客车（示例）",
                    register_number=f"藏A示{number % 10000:04}",
                    value="86000.00",
                    found_on=today,
                    source="被执行人报告",
                )

    def _freeze(self, case: Case) -> None:
        self._later(1, 5)
        with self._on(self.day, 10):
            result = self._propose_freeze(case)
        with self._on(self.day, 16):
            self._decide(result, "judge")

    def _propose_freeze(self, case: Case) -> engine.Result:
        deposit = case.assets.filter(kind="deposit").first()
        assert deposit is not None
        share = Decimal("0.4") if self.chance.random() < 0.5 else Decimal("0.9")
        return self._do(
            "measure.freeze-deposit",
            case,
            "mine",
            asset=str(deposit.uid),
            amount=str((self.amount * share).quantize(Decimal("0.01"))),
            effective_on=clock.today().isoformat(),
            officers=f"{self.people['officer'].name}、{self.people['officer2'].name}",
        )

    def _propose(self, case: Case) -> None:
        with self._on(self.chance.randint(0, 3)):
            self._propose_freeze(case)

    def _object(self, case: Case) -> None:
        deposit = case.assets.first()
        assert deposit is not None
        self.day = min(self.day, 12)
        third = self.chance.random() < 0.5
        with self._on(self._later(2, 8), 10):
            self._do(
                "objection.receive",
                case,
                "mine",
                kind="third-party" if third else "conduct",
                grounds="账户内款项属于案外人（示例）" if third else "冻结数额过高（示例）",
                received_on=clock.today().isoformat(),
                **(
                    {"objector": names.person_name(self.chance)[0], "asset": str(deposit.uid)}
                    if third
                    else {
                        "party": str(case.parties.filter(role="debtor").earliest("pk").uid),
                        "against": str(
                            case.events.filter(act="measure.freeze-deposit", phase="done").earliest("pk").uid
                        ),
                    }
                ),
            )
        if self.chance.random() < 0.6:
            with self._on(self._later(1, 3)):
                objection = case.objections.get()
                self._do("objection.file", case, "clerk", objection=str(objection.uid))

    def _serve_rest(self, case: Case) -> None:
        """Every writ that still waits for service reaches those it concerns."""
        with self._on(self._later(0, 1)):
            day = clock.today().isoformat()
            parties = list(case.parties.all())
            about = {
                service_of(document, party): (document, party)
                for document in case.documents.all()
                for party in parties
            }
            for deadline in case.deadlines.filter(state="open", rule="product.serve"):
                assert deadline.subject is not None
                document, party = about[deadline.subject]
                self._served(case, document, party, day)

    def _tidy(self, case: Case) -> None:
        """Most officers keep their desk in order: writs are served, open questions decided."""
        if self.chance.random() < 0.04:
            return
        self._serve_rest(case)
        with self._on(self.day):
            for task in list(recordable(case, clock.today())):
                self._do("case.record-step", case, "mine", task=task, decision="已催告，继续查控（示例）")
            if self.day > 12:
                until = self.today + timedelta(days=self.chance.randint(-2, 25))
                reason = self.chance.choice(["等候评估机构出具报告（示例）", "等候登记机构答复（示例）"])
                if (until - clock.today()).days <= 180:
                    self._do("case.wait", case, "mine", until=until.isoformat(), reason=reason)
