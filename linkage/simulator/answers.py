"""What a simulated agency answers: plausible, invented, and the same for the same request.

Numbers of cards, cars and companies pass their checksums and were never given to anybody.
"""

import random
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from law import identity, linkage
from law.linkage import FieldKind, Matter, MatterField

CENT = Decimal("0.01")
Facts = dict[str, Any]
Order = Mapping[str, Any]
Answering = Callable[[Order, random.Random, datetime], tuple[str, Facts]]

_special: dict[str, Answering] = {}


def answers(*codes: str) -> Callable[[Answering], Answering]:
    """Say how these matters are answered."""

    def register(answering: Answering) -> Answering:
        for code in codes:
            _special[code] = answering
        return answering

    return register


def answer(order: Order, at: datetime) -> tuple[str, Facts]:
    """Outcome and facts for what a request says (``data`` of its event)."""
    chance = random.Random(str(order["uid"]))  # nosec B311  # the same answer each time
    special = _special.get(order["matter"])
    if special is not None:
        return special(order, chance, at)
    matter = linkage.matter(order["matter"])
    by_kind = _by_kind.get(matter.request_kind, _done)
    return by_kind(matter, order, chance, at)


# --- inquiries ----------------------------------------------------------------------------------
@answers("BANK-INQ-DEP")
def _accounts(order: Order, chance: random.Random, at: datetime) -> tuple[str, Facts]:
    number = chance.choice([0, 1, 1, 2, 3])
    if number == 0:
        return "nothing", {}
    rows = []
    for _ in range(number):
        balance = _money(chance, 300, 90_000)
        rows.append(
            {
                "account_no": card(chance),
                "branch": f"示例支行第{chance.randint(1, 9)}营业部",
                "type": "活期存款",
                "status": "正常",
                "currency": "CNY",
                "balance": str(balance),
                "available": str(balance),
                "opened_on": _day(at, -chance.randint(200, 4000)),
                "existing_measures": [],
            }
        )
    return "done", {"accounts": rows}


@answers("LAND-INQ")
def _units(order: Order, chance: random.Random, at: datetime) -> tuple[str, Facts]:
    if chance.random() < 0.5:
        return "nothing", {}
    name = (order.get("facts") or {}).get("person", {}).get("name", "")
    return "done", {
        "units": [
            {
                "unit_no": f"000000{chance.randint(10**9, 10**10 - 1)}",
                "location": f"示例市示例中路{chance.randint(1, 200)}号",
                "use": "住宅",
                "area": f"{chance.randint(60, 160)}.{chance.randint(10, 99)}㎡",
                "right_type": "房屋所有权",
                "right_holder": name,
                "share": "单独所有",
                "obtained_on": _day(at, -chance.randint(400, 6000)),
                "mortgages": [],
                "seals": [],
                "in_process": [],
            }
        ]
    }


@answers("VEH-INQ")
def _vehicles(order: Order, chance: random.Random, at: datetime) -> tuple[str, Facts]:
    if chance.random() < 0.6:
        return "nothing", {}
    return "done", {
        "vehicles": [
            {
                "plate": f"示A{chance.randint(10000, 99999)}",
                "vin": f"LDEMO{chance.randint(10**11, 10**12 - 1)}",
                "engine_no": f"D{chance.randint(100000, 999999)}",
                "brand": "示例牌小型轿车",
                "status": "正常",
                "mortgage": "无",
                "seals": [],
            }
        ]
    }


@answers("MKT-INQ")
def _entities(order: Order, chance: random.Random, at: datetime) -> tuple[str, Facts]:
    name = (order.get("facts") or {}).get("person", {}).get("name", "")
    if chance.random() < 0.7:
        return "nothing", {}
    capital = _money(chance, 10_000, 900_000)
    code = identity.make_credit_code(identity.UNASSIGNED_DIVISION, chance.randint(1, 10**6))
    return "done", {
        "entities": [
            {
                "uscc": code,
                "name": f"示例{chance.choice('一二三四五')}商贸有限公司",
                "status": "存续",
                "legal_rep": name,
                "holders": [{"name": name, "share": "60%", "subscribed": str(capital), "paid": str(capital)}],
                "posts": [],
                "frozen": [],
                "pledges": [],
            }
        ]
    }


# --- orders -------------------------------------------------------------------------------------
def _done(matter: Matter, order: Order, chance: random.Random, at: datetime) -> tuple[str, Facts]:
    return "done", _filled(matter.answer_fields, order, at)


def _looked_up(matter: Matter, order: Order, chance: random.Random, at: datetime) -> tuple[str, Facts]:
    return "nothing", {}


def _restrained(matter: Matter, order: Order, chance: random.Random, at: datetime) -> tuple[str, Facts]:
    """Now and then there is less than was ordered."""
    facts = _filled(matter.answer_fields, order, at)
    amount = order.get("amount")
    if amount is None or chance.random() < 0.75:
        return "done", facts
    part = (Decimal(str(amount)) * chance.randint(20, 80) / 100).quantize(CENT)
    for name in ("amount_frozen", "amount"):
        if name in facts:
            facts[name] = str(part)
    facts["amount_unmet"] = str(Decimal(str(amount)) - part)
    known = {one.name for one in matter.answer_fields}
    return "part", {name: value for name, value in facts.items() if name in known}


_by_kind: dict[str, Callable[[Matter, Order, random.Random, datetime], tuple[str, Facts]]] = {
    "inquiry": _looked_up,
    "freeze": _restrained,
}


def _filled(fields: tuple[MatterField, ...], order: Order, at: datetime) -> Facts:
    """What the order itself says, and the moment, in the fields of the answer."""
    asked = dict(order.get("facts") or {})
    found = {}
    for one in fields:
        value = _value(one, order, asked, at)
        if value is not None:
            found[one.name] = value
    return found


def _value(one: MatterField, order: Order, asked: Facts, at: datetime) -> Any:
    if one.name in asked:
        return asked[one.name]
    if one.kind is FieldKind.MOMENT:
        return at.isoformat()
    if one.kind is FieldKind.MONEY:
        return _amount(one.name, order)
    if one.kind is FieldKind.DATE:
        return _term(one.name, order)
    if one.kind is FieldKind.FLAG:
        return True
    words = {"rank": "首冻", "currency": "CNY", "bank_txn_no": f"T{str(order['uid'])[:8]}"}
    return words.get(one.name)


def _amount(name: str, order: Order) -> str | None:
    if order.get("amount") is None or name == "amount_unmet":
        return None
    whole = {"amount", "amount_requested", "amount_frozen", "amount_deducted", "amount_withdrawn", "net"}
    return str(order["amount"]) if name in whole | {"released_amount"} else None


def _term(name: str, order: Order) -> str | None:
    """Days of the order's own term; a day that no order names is left to the reader of the answer."""
    term = order.get("term") or {}
    return {"end_on": term.get("last"), "new_end_on": term.get("last")}.get(name)


# --- invented things ----------------------------------------------------------------------------
def card(chance: random.Random) -> str:
    """The number of a bank card that belongs to nobody."""
    return identity.make_bank_card(identity.UNASSIGNED_CARD_PREFIX, chance.randint(1, 10**9))


def _money(chance: random.Random, least: int, most: int) -> Decimal:
    return Decimal(chance.randint(least * 100, most * 100)) / 100


def _day(at: datetime, days: int) -> str:
    day: date = at.date() + timedelta(days=days)
    return day.isoformat()
