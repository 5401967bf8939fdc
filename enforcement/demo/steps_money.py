"""Steps of a case from money to its end: received, divided, paid, lifted, closed."""

from decimal import Decimal

from enforcement import engine
from enforcement.claims import outstanding
from enforcement.demo.steps_control import ControlSteps
from enforcement.distribution import payables
from enforcement.models import Case, LedgerAccount
from law import clock


class MoneySteps(ControlSteps):
    """Each method is one step, done on the next day it may happen on."""

    def _receive(self, case: Case) -> None:
        self._money(case, full=False)

    def _receive_all(self, case: Case) -> None:
        self._money(case, full=True)

    def _money(self, case: Case, *, full: bool) -> None:
        # Money must be paid out within a month of its arrival; most of it is.
        self.day = min(self.day, self.chance.randint(8, 34))
        with self._on(self._later(2, 6)):
            today = clock.today()
            owed = outstanding(case, today)
            amount = owed if full else (owed * Decimal("0.35")).quantize(Decimal("0.01"))
            debtor = case.parties.filter(role="debtor").first()
            assert debtor is not None
            self._do(
                "money.receive",
                case,
                "finance",
                amount=str(amount),
                payer=debtor.name,
                arrived_on=today.isoformat(),
                bank_reference=f"示例流水{self.serial:05}",
                how="voluntary",
                debtor=str(debtor.uid),
            )

    def _propose_plan(self, case: Case) -> engine.Result:
        held = case.balances.filter(account=LedgerAccount.TO_DISTRIBUTE)
        return self._do("money.plan", case, "mine", amount=str(sum(row.amount for row in held)))

    def _plan(self, case: Case) -> None:
        with self._on(min(self._later(1, 3), 4)):
            self._propose_plan(case)

    def _approve_plan(self, case: Case) -> None:
        with self._on(self._later(1, 2), 9):
            result = self._propose_plan(case)
        with self._on(self.day, 11):
            self._decide(result, "head")
        document = case.documents.filter(writ="notice.distribution").last()
        if document is not None and case.parties.filter(role="applicant").count() > 1:
            with self._on(self.day, 15):
                for party in case.parties.all():
                    self._served(case, document, party, clock.today().isoformat())
            self.day = max(0, self.day - 24)

    def _order(self, case: Case) -> None:
        total = sum(row.amount for row in payables(case))
        with self._on(self._later(0, 2), 10):
            result = self._do("money.pay", case, "finance", total=str(total))
        with self._on(self.day, 14):
            self._decide(result, "head")

    def _confirm(self, case: Case) -> None:
        with self._on(self._later(0, 2)):
            for payment in case.payments.filter(state="ordered"):
                self._do(
                    "money.confirm",
                    case,
                    "finance",
                    payment=str(payment.uid),
                    bank_reference=f"示例付款{payment.pk:05}",
                    settled_on=clock.today().isoformat(),
                )

    def _lift(self, case: Case) -> None:
        self.day = min(self.day, 3)
        with self._on(self._later(0, 1), 9):
            result = self._do("case.release-all", case, "mine", reason="申请执行人的债权已全部清偿")
        with self._on(self.day, 11):
            self._decide(result, "judge")

    def _confirm_lift(self, case: Case) -> None:
        with self._on(self._later(0, 1), 15):
            for measure in case.measures.filter(state="released", release_confirmed_on=None):
                self._do(
                    "measure.confirm-release",
                    case,
                    "mine",
                    measure=str(measure.uid),
                    confirmed_on=clock.today().isoformat(),
                    reference="示例回执",
                )

    def _close(self, case: Case) -> None:
        with self._on(self._later(0, 1), 10):
            result = self._do("case.close-performed", case, "mine", way="done.full")
        with self._on(self.day, 15):
            self._decide(result, "head")

    def arrivals(self, how_many: int) -> None:
        """Money that arrived without saying for which case: some name the number, some only the payer."""
        open_cases = Case.objects.filter(court=self.court, stage__in=["control", "distribution"])
        for number, case in enumerate(open_cases[:how_many], 1):
            with self._on(number % 4):
                debtor = case.parties.filter(role="debtor").first()
                assert debtor is not None
                self._do(
                    "money.receive-unidentified",
                    self.court,
                    "finance",
                    amount=f"{number * 1700}.00",
                    payer=debtor.name,
                    arrived_on=clock.today().isoformat(),
                    bank_reference=f"示例待认领{self.court.code}-{number:03}",
                    memo=case.number if number % 2 else "执行款",
                )
