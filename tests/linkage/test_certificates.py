"""Who was restrained can show that it is over, from the moment the last holder has confirmed it."""

import pytest

from enforcement import writs
from enforcement.models import Document
from enforcement.writs.standing import IN_FORCE, State, standing_of
from tests.linkage.orders import frozen, house, order

pytestmark = pytest.mark.django_db

WRONG = {"ground": "wrong", "reason": "账户为案外人所有,已核实"}


@pytest.fixture
def lifts(link, case):
    """A freeze at a bank and a seal at the land register, both ordered lifted."""
    frozen(link, case, "1000.00")
    sealed = order(link, "request.seal", case, asset=str(house(link, case).uid))[0]
    link.answer(sealed, link.registrar)
    return order(link, "request.lift", case, **WRONG)


def certificates() -> list[Document]:
    return list(Document.objects.filter(writ="certificate.lift").order_by("id"))


def test_the_debtor_gets_a_certificate_when_the_last_holder_has_confirmed(link, case, lifts):
    at_bank, at_land = lifts
    link.answer(at_bank, link.teller)
    assert certificates() == []
    link.answer(at_land, link.registrar)
    (certificate,) = certificates()
    assert certificate.party == case.parties.get(role="debtor")
    page = writs.render_html(certificate)
    for shown in (link.branch.name, link.land.name, "1,000.00", at_bank.lift.number, "全部确认办理完毕"):
        assert shown in page
    assert standing_of(certificate) == IN_FORCE


def test_the_orders_that_were_lifted_are_told_from_those_in_force(link, case, lifts):
    orders = [one.undoes.documents.all() for one in lifts]
    assert all(standing_of(one).state is State.LIFTED for documents in orders for one in documents)
    releases = [one for request in lifts for one in request.documents.all()]
    assert releases
    assert all(standing_of(one) == IN_FORCE for one in releases)


def test_a_certificate_falls_when_a_holder_takes_its_word_back(link, case, lifts):
    at_bank, at_land = lifts
    link.answer(at_bank, link.teller)
    link.answer(at_land, link.registrar)
    link.answer(
        at_bank, link.teller, outcome="refused", remarks="系统未实际解除", number="N-again", corrects=True
    )
    (certificate,) = certificates()
    assert standing_of(certificate).state is State.RECALLED
