"""What writs to agencies say beyond other writs, as plain JSON: addressee, what is asked, whom it concerns.

Accounts and identity numbers are masked here as everywhere in a snapshot; the agency's own copy takes the
full ones from the sealed values (:mod:`enforcement.writs.copies`).
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from directory.models import Agency, Person
from enforcement.engine.history import mask
from enforcement.models import Party, PartyKind
from enforcement.writs import wording
from law.amounts import capital_amount

WAYS: dict[str, wording.Pair] = {
    "auction": ("拍卖成交", "རིན་བསྒྲགས་བཙོང་འགྱེད"),
    "sale": ("变卖成交", "བཙོང་འགྱེད"),
    "set-off": ("以物抵债", "དངོས་པོས་བུ་ལོན་འཇལ་བ"),
}

CARDS = ("work_card", "duty_card")


def amount(value: Any) -> dict[str, str]:
    """A sum in figures and in capital numerals."""
    exact = Decimal(str(value))
    return {"figure": f"{exact:,.2f}", "capital": capital_amount(exact)}


def day(value: Any) -> dict[str, str]:
    """A day as texts name it."""
    found = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return {"iso": found.isoformat(), "zh": wording.plain_day(found), "bo": wording.tibetan_day(found)}


def names(one: Any) -> dict[str, str]:
    """Both names of a person, party or agency. The Tibetan one loses its closing stroke, which can't stand
    before a particle."""
    name, name_bo = (
        (str(one.get("name") or ""), str(one.get("name_bo") or ""))
        if isinstance(one, Mapping)
        else (one.name, one.name_bo)
    )
    return {"zh": name, "bo": name_bo.rstrip("།་ ") or name}


def words(value: Any) -> dict[str, str]:
    """A text in both languages; what is given in one stands in both."""
    if isinstance(value, Mapping):
        return {"zh": str(value.get("zh") or ""), "bo": str(value.get("bo") or value.get("zh") or "")}
    return {"zh": str(value), "bo": str(value)}


def agency(value: Any) -> dict[str, Any]:
    """An agency a writ is addressed to, or is about."""
    kind = value.kind if isinstance(value, Agency) else value.get("kind") or ""
    return {"name": names(value), "kind": str(kind)}


def matter(value: Any) -> dict[str, str]:
    """The name of a matter."""
    if isinstance(value, Mapping):
        return words(value)
    return {"zh": value.name("zh"), "bo": value.name("bo").rstrip("།་ ")}


def asks(value: Any) -> list[dict[str, str]]:
    """What is to be looked up."""
    return [words(one) for one in ([value] if isinstance(value, str | Mapping) else value)]


def figure(value: Any) -> str:
    """A sum in figures; what comes written stays."""
    return value if isinstance(value, str) else f"{Decimal(str(value)):,.2f}"


def payee(value: Any) -> dict[str, str]:
    """The court's account for case money, which is nobody's secret."""
    return {name: str(value.get(name) or "") for name in ("name", "bank", "account")}


def transferee(value: Any) -> dict[str, Any]:
    """Who gets the thing."""
    is_party = isinstance(value, Party)
    kind = str(value.kind if is_party else value.get("kind") or PartyKind.PERSON)
    if is_party:
        masked = value.identity_mask
    else:
        masked = mask("identity", str(value["identity"])) if value.get("identity") else ""
    return {
        "name": names(value),
        "identity": masked,
        "identity_label": wording.pair(wording.IDENTITIES[kind]),
    }


def way(value: Any) -> dict[str, Any]:
    """How title passed."""
    return wording.pair(WAYS[str(value)])


def officer(value: Any) -> dict[str, str]:
    """Somebody who signs."""
    if isinstance(value, Person | Party):
        return names(value)
    if isinstance(value, Mapping):
        name = str(value.get("name") or value.get("zh") or "")
        return {"zh": name, "bo": str(value.get("name_bo") or value.get("bo") or name)}
    return {"zh": str(value), "bo": str(value)}


def officer_with_cards(value: Any) -> dict[str, str]:
    """An officer whom an agency knows by the numbers of their cards."""
    if isinstance(value, Person):
        cards = {"work_card": value.work_card, "duty_card": value.duty_card}
    else:
        cards = {name: str(value[name]) for name in CARDS if isinstance(value, Mapping) and value.get(name)}
    return officer(value) | cards


def fined(value: Any) -> dict[str, Any]:
    """The head or the person responsible who is fined."""
    return {"name": names(value), "post": str(value.get("post") or "")}


def lift(value: Any) -> dict[str, Any]:
    """A lifting: when it was ordered, when the last holder confirmed it, and who they are."""
    given = value if isinstance(value, Mapping) else vars(value)
    holders = given.get("holders")
    if holders is None:
        holders = [] if isinstance(value, Mapping) else _holders(value)
    found: dict[str, Any] = {"number": str(given.get("number") or ""), "holders": asks(holders)}
    found["reason"] = str(given.get("reason") or "")
    for name in ("ordered_on", "confirmed_on"):
        if given.get(name):
            found[name] = day(given[name])
    return found


def _holders(row: Any) -> list[dict[str, str]]:
    """Those a lifting was sent to: rows of an upper room, known here by their agency alone."""
    return [names(request.agency) for request in row.requests.select_related("agency").order_by("id")]


READERS = {
    "agency": agency,
    "about": agency,
    "matter": matter,
    "asks": asks,
    "amount": amount,
    "month": figure,
    "kept_month": figure,
    "payee": payee,
    "transferee": transferee,
    "way": way,
    "restriction": words,
    "until": day,
    "answer_by": day,
    "person": fined,
    "lift": lift,
}
