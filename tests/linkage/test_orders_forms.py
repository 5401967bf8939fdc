"""Orders as an officer meets them: each form opens prefilled, a post proposes it, the judge reads it."""

import uuid

import pytest
from django.test import Client

from enforcement.models import Proposal
from linkage.models import Request
from tests.linkage.orders import deposit, frozen, house

ORDERS = (
    "request.freeze-deposit",
    "request.freeze-right",
    "request.seal",
    "request.seize",
    "request.freeze-found",
    "request.renew",
    "request.deduct",
    "request.lift",
    "request.transfer",
    "request.restrict",
    "request.other",
    "sale.record-buyer",
)


@pytest.fixture
def officer(link) -> Client:
    client = Client()
    client.force_login(link.world.implementer)
    return client


@pytest.fixture
def full(link, case):
    """A case with a frozen deposit, a free one and a house."""
    frozen(link, case, "20000.00", deposit(link, case, "20000.00"))
    deposit(link, case, "80000.00")
    house(link, case)
    return case


@pytest.mark.parametrize("code", ORDERS)
def test_every_form_opens(full, officer, code):
    page = officer.get(f"/cases/{full.uid}/acts/{code}/")
    assert page.status_code == 200


def test_hits_become_freezes_with_one_press(link, full, officer):
    address = f"/cases/{full.uid}/acts/request.freeze-found/"
    page = officer.get(address).content.decode()
    assert 'value="80000.00"' in page
    free = full.assets.get(kind="deposit", value="80000.00")
    posted = {
        "rows[0]asset": str(free.uid),
        "rows[0]amount": "80000.00",
        "kept_for_living": "0.00",
        "months": "12",
        "idempotency_key": str(uuid.uuid4()),
        "seen": "",
    }
    assert officer.post(address, posted).status_code == 303
    proposal = Proposal.objects.get(case=full, state="open")
    assert proposal.summary["sum"] == "80,000.00"
    assert any("needed" in step for step in proposal.summary["steps"])
    judge = Client()
    judge.force_login(link.world.judge)
    assert judge.get("/decisions/").status_code == 200
    link.world.approve(_Result(proposal, full), "judge")
    assert Request.objects.filter(case=full, asset=free).exists()


class _Result:
    """What proposing it gave back."""

    def __init__(self, proposal, case):
        self.proposal, self.case = proposal, case
