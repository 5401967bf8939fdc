"""The worked case of docs/worked-case.md, played through acts and compared with the hand calculation."""

from datetime import date
from decimal import Decimal

import pytest

from enforcement import ledger
from enforcement.claims import amount_to_be_free, claim_account
from enforcement.models import Case, Stage
from enforcement.queries.closing import closing_checklist
from law import clock
from tests.enforcement.cash import amounts, arrive, confirmed, decided, noticed, ordered, planned, serve_plan


def figures(case, day):
    account = claim_account(Case.objects.get(pk=case.pk), day)
    return {
        one.party.name: tuple(
            str(part)
            for part in (
                one.balance.title_costs,
                one.balance.general_interest,
                one.balance.main,
                one.balance.doubled_interest,
            )
        )
        for one in account.creditors
    }


def lines(plan):
    return [
        (line.account, line.party.name if line.party else "", str(line.amount)) for line in plan.lines.all()
    ]


@pytest.fixture
def worked(world):
    with clock.travel(date(2026, 3, 2)):
        case = world.assigned_case(
            applied_on="2026-03-02",
            title_effective_on="2026-01-05",
            performance_due_on="2026-01-20",
            interest_annual="0.0365",
            interest_from="2026-01-01",
            items=[
                {"kind": "main", "label": "货款", "amount": "60000.00", "creditor": 1},
                {
                    "kind": "main",
                    "label": "加工费",
                    "amount": "29357.00",
                    "creditor": 2,
                    "bears_interest": False,
                },
                {"kind": "cost", "label": "诉讼费", "amount": "1000.00", "creditor": 2},
            ],
            parties=[
                world.applicant(name="卓玛丙"),
                world.applicant(name="格桑丁", name_bo=""),
                world.debtor(),
            ],
        )
        return noticed(world, case)


def test_every_figure_of_the_worked_case_is_as_calculated_by_hand(world, worked):
    case = worked
    with clock.travel(date(2026, 4, 30)):
        assert figures(case, clock.today()) == {
            "卓玛丙": ("0.00", "714.00", "60000.00", "1050.00"),
            "格桑丁": ("1000.00", "0.00", "29357.00", "531.25"),
        }
        arrive(world, case, "45575.00")
        assert figures(case, clock.today()) == {
            "卓玛丙": ("0.00", "0.00", "30714.00", "1050.00"),
            "格桑丁": ("0.00", "0.00", "15357.00", "531.25"),
        }
    with clock.travel(date(2026, 5, 6)):
        plan = planned(world, case)
        assert lines(plan) == [
            ("2120", "", "575.00"),
            ("2110", "卓玛丙", "30000.00"),
            ("2110", "格桑丁", "15000.00"),
        ]
        serve_plan(world, case)
    with clock.travel(date(2026, 5, 22)):
        ordered(world, case)
        confirmed(world, case)
        assert str(case.paid_out) == "45000.00"
    with clock.travel(date(2026, 6, 29)):
        assert figures(case, clock.today()) == {
            "卓玛丙": ("0.00", "184.28", "30714.00", "1372.50"),
            "格桑丁": ("0.00", "0.00", "15357.00", "692.50"),
        }
        free = amount_to_be_free(Case.objects.get(pk=case.pk), clock.today())
        assert (str(free.claim), str(free.fee), str(free.total)) == ("48320.28", "724.80", "49045.08")
        arrive(world, case, "50000.00")
        assert amount_to_be_free(Case.objects.get(pk=case.pk), clock.today()).total == 0
    with clock.travel(date(2026, 6, 30)):
        plan = planned(world, case)
        assert lines(plan) == [
            ("2120", "", "724.80"),
            ("2110", "卓玛丙", "32270.78"),
            ("2110", "格桑丁", "16049.50"),
            ("2180", "旦增乙", "954.92"),
        ]
        assert plan.lines.get(party__name="卓玛丙").breakdown == {
            "general_interest": "184.28",
            "main": "30714.00",
            "doubled_interest": "1372.50",
        }
        serve_plan(world, case)
    with clock.travel(date(2026, 7, 16)):
        ordered(world, case)
        confirmed(world, case)
        assert amounts(case) == {}
        assert ledger.trial_balance(world.court).assets == 0
    with clock.travel(date(2026, 7, 17)):
        assert [one.code for one in closing_checklist(Case.objects.get(pk=case.pk)) if not one.met] == []
        decided(
            world,
            "case.close-performed",
            case,
            "implementer",
            way="done.voluntary",
            confirmation="谈话笔录第3页",
        )
        assert (case.stage, case.closed_on, case.closing_code) == (
            Stage.CLOSED,
            date(2026, 7, 17),
            "done.voluntary",
        )
        assert (str(case.received), str(case.paid_out)) == ("95575.00", "93320.28")
        assert not case.deadlines.filter(state="open").exists()


def test_shares_of_a_sum_owed_to_all_are_equal(world):
    with clock.travel(date(2026, 3, 2)):
        case = world.file_case(
            applied_on="2026-03-02",
            title_effective_on="2026-01-05",
            performance_due_on="2026-01-20",
            items=[{"kind": "main", "label": "货款", "amount": "100.01"}],
            parties=[world.applicant(name="甲"), world.applicant(name="乙"), world.debtor()],
        )
        account = claim_account(Case.objects.get(pk=case.pk), date(2026, 1, 20))
    assert [one.balance.main for one in account.creditors] == [Decimal("50.01"), Decimal("50.00")]
