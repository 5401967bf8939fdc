"""Orders to agencies for tests, in words of the domain."""

from typing import Any

from enforcement import engine
from enforcement.models import Asset, Case, Measure
from law import clock
from linkage.models import Request
from tests.enforcement.control import record
from tests.linkage_world import Linked
from tests.world import bank_card


def deposit(link: Linked, case: Case, value: str | None = None, **changes: Any) -> Asset:
    """A deposit at the branch, as the officer recorded it."""
    data = {"holder": link.branch.name, "account_number": bank_card(), "value": value} | changes
    return record(link.world, case, **data)


def house(link: Linked, case: Case, value: str | None = "90000.00", **changes: Any) -> Asset:
    """A house of the debtor in the land register."""
    data = {
        "holder": link.land.name,
        "register_number": f"藏2020不动产{bank_card()[-6:]}",
        "value": value,
    } | changes
    return record(link.world, case, "house", **data)


def propose(link: Linked, code: str, case: Case, **data: Any) -> engine.Result:
    return link.world.do(code, case, "implementer", **data)


def order(link: Linked, code: str, case: Case, decider: str = "judge", **data: Any) -> list[Request]:
    """What an order sends out, once it is decided."""
    done = link.world.approve(propose(link, code, case, **data), decider)
    return list(Request.objects.filter(ordered_by=done.event).order_by("id"))


def freeze(link: Linked, case: Case, amount: str, asset: Asset | None = None, **data: Any) -> Request:
    """An order to freeze a deposit at the branch, decided and on its way."""
    asset = asset or deposit(link, case)
    return order(link, "request.freeze-deposit", case, asset=str(asset.uid), amount=amount, **data)[0]


def frozen(link: Linked, case: Case, amount: str, asset: Asset | None = None, **facts: Any) -> Measure:
    """A deposit the bank has frozen."""
    request = freeze(link, case, amount, asset)
    link.answer(request, link.teller, facts=facts)
    request.refresh_from_db()
    assert request.measure is not None
    return request.measure


def today() -> str:
    return clock.today().isoformat()
