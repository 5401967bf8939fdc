"""The decisions inbox: another person decides, with a reason where the law asks for one."""

import uuid

import pytest

from enforcement.models import ProposalState
from enforcement.queries import decisions
from tests.enforcement import cash, control


@pytest.fixture
def proposal(world, case):
    """A freeze of 1 000.00 proposed by the implementer, to be decided by a judge."""
    cash.noticed(world, case)
    asset = control.record(world, case)
    return control.propose(world, "measure.freeze-deposit", case, asset, amount="1000.00").proposal


def test_the_inbox_shows_what_is_asked_its_basis_and_the_writ(world, case, proposal, browser):
    page = browser("judge").get("/decisions/").content.decode()
    assert case.number in page
    assert "1,000.00" in page
    assert 'class="writ' in page
    assert 'data-key="y"' in page


def test_approval_does_the_act_and_leads_to_the_next(world, case, proposal, browser):
    answer = browser("judge").post(f"/decisions/{proposal.uid}/decide/", {"decision": "approve"})
    assert (answer.status_code, answer["Location"]) == (303, "/decisions/")
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.APPROVED
    assert case.measures.count() == 1


def test_without_a_reason_nothing_is_turned_down(world, proposal, browser):
    client = browser("judge")
    address = f"/decisions/{proposal.uid}/decide/"
    assert client.post(address, {"decision": "reject", "reason": " "}).status_code == 422
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.OPEN
    assert client.post(address, {"decision": "reject", "reason": "金额过大"}).status_code == 303
    proposal.refresh_from_db()
    assert (proposal.state, proposal.reason) == (ProposalState.REJECTED, "金额过大")


def test_deciding_twice_says_that_it_was_decided(world, proposal, browser):
    address = f"/decisions/{proposal.uid}/decide/"
    browser("judge").post(address, {"decision": "approve", "idempotency_key": str(uuid.uuid4())})
    again = browser("judge").post(address, {"decision": "approve", "idempotency_key": str(uuid.uuid4())})
    assert again.status_code == 409


@pytest.mark.parametrize("name", ["implementer", "clerk", "finance"])
def test_nobody_else_gets_the_buttons(world, proposal, browser, name):
    client = browser(name)
    assert 'data-key="y"' not in client.get(f"/decisions/{proposal.uid}/").content.decode()
    assert client.post(f"/decisions/{proposal.uid}/decide/", {"decision": "approve"}).status_code == 422
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.OPEN


def test_another_court_knows_no_such_proposal(world, proposal, browser):
    assert browser("sister_head").get(f"/decisions/{proposal.uid}/").status_code == 404
    answer = browser("sister_head").post(f"/decisions/{proposal.uid}/decide/", {"decision": "approve"})
    assert answer.status_code == 404


def test_a_freeze_is_decided_only_after_proving_a_factor_again(world, proposal, browser, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "SecondFactorRequired" not in name]
    world.judge.set_password("correct horse battery")
    world.judge.save()
    answer = browser("judge").post(f"/decisions/{proposal.uid}/decide/", {"decision": "approve"})
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.OPEN


def test_the_preview_follows_what_is_typed(world, case, browser):
    cash.noticed(world, case)
    asset = control.record(world, case)
    address = f"/cases/{case.uid}/acts/measure.freeze-deposit/preview/"
    typed = {
        "asset": str(asset.uid),
        "amount": "4321.00",
        "officers": "次仁、扎西",
        "effective_on": cash.day(0),
    }
    client = browser("implementer")
    part = client.post(address, typed, headers={"HX-Request": "true"}).content.decode()
    assert "4,321.00" in part
    assert "<html" not in part
    whole = client.post(address, typed).content.decode()
    assert "4,321.00" in whole
    assert 'value="4321.00"' in whole
    assert case.proposals.count() == 0


def test_a_release_is_not_lost_behind_older_proposals(world, case, monkeypatch):
    monkeypatch.setattr(decisions, "MOST", 1)
    control.propose(world, "measure.freeze-deposit", case, control.record(world, case), amount="1000.00")
    assert [one.proposal.act for one in decisions.inbox(world.judge)] == ["measure.freeze-deposit"]
    measure = control.freeze(world, case)
    release = {"measure": str(measure.uid), "ground": "wrong", "reason": "冻结错误"}
    world.do("measure.release", case, "implementer", **release)
    assert [one.proposal.act for one in decisions.inbox(world.judge)] == ["measure.release"]
