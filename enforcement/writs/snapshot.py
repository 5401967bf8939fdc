"""What a writ says, gathered once as plain JSON. The text is made from this and from nothing else, so that
the same writ can be made again when the rows it was drawn from have long moved on.

Identity numbers and accounts are here only as their masks: a writ shows no more, and history keeps a hash of
this snapshot for good.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from directory.models import Duty
from enforcement.engine.history import mask, plain
from enforcement.models import Asset, AssetKind, Case, Measure, Objection, Party, PartyRole, Plan
from enforcement.writs import addressing, wording
from enforcement.writs.addressing import amount, names, officer
from enforcement.writs.addressing import day as day_words
from enforcement.writs.kinds import Writ
from law.closings import closing as closing_named

JUDGES = (Duty.ENFORCEMENT_JUDGE, Duty.REVIEWING_JUDGE, Duty.PRESIDENT, Duty.BUREAU_HEAD)


def snapshot(
    case: Case, writ: Writ, *, number: str, day: date, party: Party | None, extra: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything the text of a writ needs, as plain JSON.

    ``extra`` may hold ``asset`` {kind, description, holder, account_mask, register_number, owner},
    ``measure`` {kind, amount, from, until, rank}, ``plan`` {pot, fee, lines}, ``objection`` {kind, number,
    objector, grounds, ruling, upheld}, ``closing`` {code}, or the rows themselves; further ``ground``,
    ``report_days``, ``contact``, ``holder``, ``deciders``, ``officers``, ``clerk``; for writs to agencies
    also what :mod:`enforcement.writs.assistance` names. Amounts in CNY.
    """
    parties = list(case.parties.all())
    data: dict[str, Any] = {
        "writ": writ.code,
        "number": number,
        "case_number": case.number,
        "court": {"zh": case.court.name, "bo": case.court.name_bo or case.court.name},
        "day": day.isoformat(),
        "day_words": {"zh": wording.chinese_day(day), "bo": wording.tibetan_day(day)},
        "cause": case.cause,
        "title": _title(case),
        "applicants": [_party(one) for one in parties if one.role == PartyRole.APPLICANT],
        "debtors": [_party(one) for one in parties if one.role == PartyRole.DEBTOR],
        "others": [_party(one) for one in parties if one.role == PartyRole.THIRD],
        "party": _party(party) if party is not None else None,
        "claim": amount(case.claim),
        "received": amount(case.received),
        "paid_out": amount(case.paid_out),
        "outstanding": amount(max(case.claim - case.received, Decimal("0.00"))),
        "filed_on": day_words(case.filed_on),
    }
    data |= _people(case, writ, extra)
    for name, read in READERS.items():
        if extra.get(name) is not None:
            data[name] = read(extra[name])
    if extra.get("account") and "asset" in data:
        data["asset"]["account_mask"] = mask("account", str(extra["account"]))
    known = set(READERS) | {"deciders", "officers", "clerk", "account", "number"}
    data |= {name: plain(value) for name, value in extra.items() if name not in known}
    if "measure" in data and data.get("asset", {}).get("kind") == AssetKind.WAGE:
        data["measure"]["kind_words"] = wording.triple(wording.WITHHOLDING)
    data["heading"] = wording.pair(writ.heading_for(data))
    data["subject"] = _subject(data)
    data["basis"] = wording.basis_words(writ.basis_for(data))
    remedy = writ.remedy_for(data)
    data["remedy"] = {"zh": remedy.zh, "bo": remedy.bo}
    return data


def _party(party: Party) -> dict[str, Any]:
    return {
        "name": names(party),
        "role": wording.pair(wording.ROLES[party.role]),
        "kind": party.kind,
        "identity": party.identity_mask,
        "identity_label": wording.pair(wording.IDENTITIES[party.kind]),
        "address": party.address_mask,
        "representative": party.representative,
    }


def _subject(data: Mapping[str, Any]) -> dict[str, str]:
    """Whom a measure hits: the owner of the asset, else the party addressed, else all debtors."""
    if data.get("asset", {}).get("owner"):
        return data["asset"]["owner"]
    names = [data["party"]["name"]] if data["party"] else [one["name"] for one in data["debtors"]]
    return {"zh": "、".join(one["zh"] for one in names), "bo": " དང་ ".join(one["bo"] for one in names)}


def _title(case: Case) -> dict[str, Any]:
    title = case.title
    return {
        "kind": wording.pair(wording.TITLES[title.kind]),
        "number": title.number,
        "made_by": title.made_by,
        "effective_on": day_words(title.effective_on),
        "performance_due_on": day_words(title.performance_due_on),
        "obligation": title.obligation,
        "has_interest": title.interest_annual is not None,
        "items": [{"label": item.label, "amount": amount(item.amount)} for item in title.items.all()],
    }


def _people(case: Case, writ: Writ, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Who signs: the judges who decided, else those of the case; the officers in charge, to agencies with
    their cards; a clerk if named."""
    in_charge = addressing.officer_with_cards if writ.to_agency else officer
    live = [one for one in case.assignments.select_related("person").all() if one.until is None]
    judges = [officer(one) for one in extra.get("deciders") or ()]
    officers = [in_charge(one) for one in extra.get("officers") or ()]
    if not judges:
        judges = [officer(one.person) for one in live if one.duty in JUDGES]
    if not officers:
        officers = [in_charge(one.person) for one in live if one.duty == Duty.IMPLEMENTER]
    clerk = extra.get("clerk")
    return {"judges": judges, "officers": officers, "clerk": officer(clerk) if clerk else None}


def _read_asset(asset: Any) -> dict[str, Any]:
    data = _columns(asset, Asset, "kind", "description", "holder", "account_mask", "register_number")
    data["kind_words"] = wording.pair(wording.ASSETS[data["kind"]])
    if isinstance(asset, Asset):
        data["owner"] = names(asset.owner)
    elif asset.get("owner"):
        data["owner"] = officer(asset["owner"])
    return data


def _read_measure(measure: Any) -> dict[str, Any]:
    if isinstance(measure, Measure):
        measure = {
            "kind": measure.kind,
            "amount": measure.amount,
            "from": measure.during.lower,
            "until": measure.last_day,
            "rank": measure.rank,
        }
    data: dict[str, Any] = {"kind": str(measure["kind"]), "rank": int(measure.get("rank") or 1)}
    data["kind_words"] = wording.triple(wording.MEASURES[data["kind"]])
    if measure.get("amount") is not None:
        data["amount"] = amount(measure["amount"])
    for name in ("from", "until", "until_before"):
        if measure.get(name):
            data[name] = day_words(measure[name])
    return data


def _read_releases(releases: Any) -> list[dict[str, Any]]:
    """What one ruling releases: each asset with its measure and whose it is."""
    listed = []
    for measure in releases:
        asset, held = _read_asset(measure.asset), _read_measure(measure)
        if asset["kind"] == AssetKind.WAGE:
            held["kind_words"] = wording.triple(wording.WITHHOLDING)
        listed.append({"asset": asset, "measure": held, "subject": asset["owner"]})
    return listed


def _read_plan(plan: Any) -> dict[str, Any]:
    if isinstance(plan, Plan):
        plan = {
            "pot": plan.pot,
            "fee": plan.fee,
            "lines": [
                {
                    "name": line.party.name if line.party else line.get_account_display(),
                    "amount": line.amount,
                    "breakdown": line.breakdown,
                }
                for line in plan.lines.all()
            ],
        }
    return {
        "pot": amount(plan["pot"]),
        "fee": amount(plan.get("fee") or 0),
        "lines": [
            {
                "name": str(line["name"]),
                "amount": amount(line["amount"]),
                "breakdown": _breakdown(line.get("breakdown")),
            }
            for line in plan["lines"]
        ],
    }


def _breakdown(value: Any) -> list[dict[str, Any]]:
    """Parts of a share: a mapping of label to amount, a list of such pairs, or one text."""
    if not value:
        return []
    if isinstance(value, str):
        return [{"label": value, "value": ""}]
    pairs = value.items() if isinstance(value, Mapping) else value
    parts = []
    for part in pairs:
        label, worth = (part.get("label", ""), part.get("amount", "")) if isinstance(part, Mapping) else part
        shown = f"{worth:,.2f}" if isinstance(worth, Decimal) else str(plain(worth))
        parts.append({"label": str(label), "value": shown})
    return parts


def _read_closing(closing: Any) -> dict[str, Any]:
    data = dict(plain(closing)) if isinstance(closing, Mapping) else {"code": str(closing)}
    if data.get("code"):
        data["name"] = closing_named(data["code"]).name_zh
    return data


def _read_objection(objection: Any) -> dict[str, Any]:
    data = _columns(objection, Objection, "kind", "number", "objector", "grounds", "ruling", "guarantee")
    upheld = objection.state == "upheld" if isinstance(objection, Objection) else objection.get("upheld")
    received = objection.received_on if isinstance(objection, Objection) else objection.get("received_on")
    if received:
        data["received_on"] = day_words(received)
    return data | {"upheld": bool(upheld)}


def _columns(value: Any, model: type[models.Model], *names: str) -> dict[str, Any]:
    if isinstance(value, model):
        return {name: plain(getattr(value, name)) for name in names}
    return {name: plain(value.get(name)) or "" for name in names}


READERS = addressing.READERS | {
    "asset": _read_asset,
    "measure": _read_measure,
    "plan": _read_plan,
    "closing": _read_closing,
    "objection": _read_objection,
    "releases": _read_releases,
}
