"""Drafting a writ: number, version and snapshot. Nothing is rendered here; the outbox does that later."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from enforcement.models import Case, Document, Party
from enforcement.writs import copies
from enforcement.writs.declarations import Numbering, Writ, writ_named, writs
from enforcement.writs.rendering import template_hash
from enforcement.writs.snapshot import snapshot
from enforcement.writs.wording import chinese_number


def draft(
    case: Case,
    writ: str,
    *,
    event_id: int,
    day: date,
    party: Party | None = None,
    extra: Mapping[str, Any] | None = None,
    earlier: Iterable[Document] = (),
) -> Document:
    """An unsaved writ of this case. ``earlier`` are those the same act has drafted already, saved or not.

    Raises ``KeyError`` for an unknown code and ``ValueError`` if the writ is addressed to a party and none is
    named. The case row is locked by the act that calls, so numbers can't be given twice.
    """
    kind = writ_named(writ)
    if kind.needs_party and party is None:
        raise ValueError(f"The writ {writ!r} is addressed to a party.")
    earlier = [one for one in earlier if one.case_id == case.pk]
    extra = _with_ruling(kind, extra or {}, earlier)
    known: set[tuple[str, str, int | None, int, int]]
    known = set(case.documents.values_list("writ", "number", "party_id", "ordinal", "version"))
    known |= {(one.writ, one.number, one.party_id, one.ordinal, one.version) for one in earlier}
    number, ordinal = number_of(case, kind, extra, {(code, place) for code, _, _, place, _ in known})
    same = (writ, number, party.pk if party else None, ordinal)
    versions = [version for *other, version in known if tuple(other) == same]
    document = Document(
        case=case,
        event_id=event_id,
        writ=writ,
        number=number,
        ordinal=ordinal,
        version=max(versions, default=0) + 1,
        party=party,
        data=snapshot(case, kind, number=number, day=day, party=party, extra=extra),
        template_hash=template_hash(kind),
        made_on=day,
    )
    if full := copies.values(kind, party, extra):
        document.full_values = json.dumps(full, ensure_ascii=False)
    return document


def number_of(
    case: Case, kind: Writ, extra: Mapping[str, Any], known: Iterable[tuple[str, int]]
) -> tuple[str, int]:
    """The number a writ gets and its place among the numbered rulings of the case (0: not counted).

    ``known`` holds the codes and places of the writs the case already has.
    """
    if kind.numbering is Numbering.CASE:
        return case.number, 0
    if kind.numbering is Numbering.OWN:
        return str(extra.get("number") or case.number), 0
    if kind.numbering is Numbering.OBJECTION:
        objection = extra.get("objection")
        given = objection["number"] if isinstance(objection, Mapping) else getattr(objection, "number", "")
        if given:
            return str(given), 0
    counted = {writ.code for writ in writs() if writ.numbering in COUNTED}
    ordinal = max((place for code, place in known if code in counted), default=0) + 1
    return f"{case.number}之{chinese_number(ordinal)}", ordinal


COUNTED = (Numbering.SERIAL, Numbering.OBJECTION)
ACTIONS = {"ruling.release": "release", "ruling.renew": "renew"}


def _with_ruling(kind: Writ, extra: Mapping[str, Any], earlier: list[Document]) -> Mapping[str, Any]:
    """A request to assist names the ruling it goes with: the last one the same act has drafted."""
    rulings = [one for one in earlier if writ_named(one.writ).is_ruling]
    if not kind.code.startswith("notice.assist") or not rulings:
        return extra
    last = rulings[-1]
    return {"ruling": last.number, "action": ACTIONS.get(last.writ, "order")} | dict(extra)
