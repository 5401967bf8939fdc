"""What the answer to an inquiry does (查询反馈): what is the debtor's goes on the case as assets, each once.

What another person holds is never made the debtor's; it is shown for checking.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from directory.sealing import blind_index
from enforcement.acts.assets import register_form
from enforcement.coverage import ZERO
from enforcement.engine.history import mask
from enforcement.models import Asset, AssetKind, Case, Party
from linkage.acts.answering import AnswerRequest, effect_of
from linkage.effects.reading import OUR_CURRENCY
from linkage.models import Request

#: Accounts nothing may be frozen on (查扣冻 3(8); 保障农民工工资支付条例 33; 法〔2000〕19号): only noted.
EXEMPT_WORDS = ("农民工工资", "工资专", "社会保险", "社保基金", "备付金", "准备金", "党费", "工会经费")
HOUSE_WORDS = ("房", "住宅", "公寓", "商铺", "商业", "办公")


@dataclass(frozen=True)
class Hit:
    """One thing an answer names. ``value`` and ``prior`` in CNY; ``holder_name`` is whose it is, if said."""

    kind: AssetKind
    description: str
    holder: str
    register_number: str = ""
    account: str = ""
    value: Decimal | None = None
    prior: Decimal = ZERO
    owner_name: str = ""
    is_exempt: bool = False


@dataclass
class Found:
    """What came of an answer."""

    new: list[Asset] = field(default_factory=list)
    known: list[Asset] = field(default_factory=list)
    to_check: list[str] = field(default_factory=list)
    exempt: list[str] = field(default_factory=list)


@effect_of("inquiry")
def found(act: AnswerRequest, case: Case, request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """Assets of the debtor asked about, new ones recorded and known ones valued anew."""
    if request.party is None:
        return {}
    result = Found()
    for hit in hits(request, data["facts"]):
        _take(act, case, request, hit, result)
    if not (result.new or result.known or result.to_check or result.exempt):
        return {}
    return {
        "found": len(result.new) + len(result.to_check),
        "assets": [asset.uid for asset in result.new],
        "known": [asset.uid for asset in result.known],
        "to_check": result.to_check,
        "exempt": result.exempt,
    }


def _take(act: AnswerRequest, case: Case, request: Request, hit: Hit, result: Found) -> None:
    party = request.party
    assert party is not None
    if hit.is_exempt:
        result.exempt.append(hit.description)
        return
    if hit.owner_name and not _is_same_name(hit.owner_name, party):
        result.to_check.append(
            gettext("%(thing)s, registered for %(name)s")
            % {"thing": hit.description, "name": f"{hit.owner_name[:1]}*"}
        )
        return
    known = _known(case, hit)
    source = f"{request.matter.name_zh} {request.number}"
    if known is not None:
        if hit.value is not None:
            known.value, known.value_source, known.prior_claims = hit.value, source, hit.prior
            known.save(update_fields=["value", "value_source", "prior_claims"])
        result.known.append(known)
        return
    asset = Asset(
        case=case,
        owner=party,
        kind=hit.kind,
        description=hit.description[:300],
        holder=hit.holder[:160],
        register_number=hit.register_number,
        value=hit.value,
        value_source=source if hit.value is not None else "",
        prior_claims=hit.prior,
        found_on=act.day,
        source=source,
    )
    if hit.account:
        asset.account_number = hit.account
        asset.account_mask = mask("account", hit.account)
        asset.account_index = blind_index(hit.account, kind="account")
    asset.save(force_insert=True)
    result.new.append(asset)


def _is_same_name(name: str, party: Party) -> bool:
    plain = "".join(name.split())
    return plain in {"".join(party.name.split()), "".join(party.name_bo.split()).rstrip("།")}


def _known(case: Case, hit: Hit) -> Asset | None:
    same = case.assets.filter(kind=hit.kind)
    if hit.account:
        return same.filter(account_index=blind_index(hit.account, kind="account")).first()
    if hit.register_number:
        return same.filter(register_number=hit.register_number).first()
    return same.filter(holder=hit.holder[:160], description=hit.description[:300]).first()


# --- reading the rows of each kind of answer ------------------------------------------------------
def hits(request: Request, facts: dict[str, Any]) -> list[Hit]:
    """Everything an answer names that may be the debtor's."""
    found: list[Hit] = []
    for name, read in READERS.items():
        rows = facts.get(name)
        if isinstance(rows, list):
            found.extend(hit for row in rows if (hit := read(request, row)) is not None)
    for name, read in SINGLE_READERS.items():
        if facts.get(name):
            hit = read(request, facts)
            found.extend([hit] if hit is not None else [])
    return found


def _words(*parts: Any) -> str:
    return " ".join(str(part).strip() for part in parts if part not in (None, ""))


def _account(request: Request, row: dict[str, Any]) -> Hit | None:
    number = "".join(str(row.get("account_no") or "").split())
    if not number:
        return None
    holder = row.get("bank") or request.agency.name
    kind = _words(row.get("type"), row.get("status"))
    currency = str(row.get("currency") or "").strip().upper()
    is_ours = currency in OUR_CURRENCY
    name = _words(row.get("branch") or holder, row.get("type") or "存款", mask("account", number))
    return Hit(
        AssetKind.DEPOSIT,
        name if is_ours else f"{name}（{currency}）",
        holder,
        account=number,
        value=row.get("balance") if is_ours else None,
        prior=_frozen_by_others(request, row),
        is_exempt=any(word in kind for word in EXEMPT_WORDS),
    )


def _frozen_by_others(request: Request, row: dict[str, Any]) -> Decimal:
    """What other authorities hold of an account, at most all of it."""
    held = sum(
        (
            each["amount"]
            for each in row.get("existing_measures") or ()
            if each.get("amount") and request.case.court.name not in str(each.get("authority") or "")
        ),
        ZERO,
    )
    balance = row.get("balance")
    return held if balance is None else min(held, balance)


def _unit(request: Request, row: dict[str, Any]) -> Hit | None:
    number = register_form(str(row.get("unit_no") or ""))
    use = _words(row.get("use"), row.get("right_type"))
    kind = AssetKind.HOUSE if any(word in use for word in HOUSE_WORDS) else AssetKind.LAND
    words = _words(row.get("location"), use, row.get("area"), row.get("share"), number)
    if not words:
        return None
    return Hit(
        kind, words, request.agency.name, number, owner_name=str(row.get("right_holder") or "").strip()
    )


def _vehicle(request: Request, row: dict[str, Any]) -> Hit | None:
    plate = register_form(str(row.get("plate") or ""))
    words = _words(row.get("brand"), plate, str(row.get("vin") or "").upper())
    return Hit(AssetKind.VEHICLE, words, request.agency.name, plate) if words else None


def _holding(request: Request, row: dict[str, Any]) -> Hit | None:
    code = register_form(str(row.get("security_code") or ""))
    if not code:
        return None
    words = _words("证券", code, row.get("qty"), row.get("custodian"))
    return Hit(AssetKind.SECURITY, words, row.get("custodian") or request.agency.name, code)


def _policy(request: Request, row: dict[str, Any]) -> Hit | None:
    number = register_form(str(row.get("policy_no") or ""))
    if not number:
        return None
    return Hit(
        AssetKind.INSURANCE,
        _words("保单", row.get("kind"), number),
        request.agency.name,
        number,
        value=row.get("cash_value"),
        # The cash value is the policyholder's; whoever is only insured by it owns nothing of it.
        owner_name=str(row.get("holder") or "").strip(),
    )


def _entity(request: Request, row: dict[str, Any]) -> Hit | None:
    """The debtor's share in a company; the debtor's own entry in the register is no asset."""
    assert request.party is not None
    for holder in row.get("holders") or ():
        if _is_same_name(str(holder.get("name") or ""), request.party):
            company = str(row.get("name") or "")
            return Hit(
                AssetKind.EQUITY,
                _words(company, "股权", holder.get("share")),
                company,
                register_form(str(row.get("uscc") or "")),
            )
    return None


def _contract(request: Request, row: dict[str, Any]) -> Hit | None:
    number = register_form(str(row.get("contract_no") or ""))
    words = _words(row.get("unit"), "网签合同", number)
    return Hit(AssetKind.HOUSE, words, request.agency.name, number) if number else None


def _product(request: Request, row: dict[str, Any]) -> Hit | None:
    code = register_form(str(row.get("product_code") or ""))
    if not code:
        return None
    words = _words("理财产品", code, row.get("shares"))
    return Hit(AssetKind.OTHER, words, request.agency.name, code, value=row.get("value"))


def _refund(request: Request, row: dict[str, Any]) -> Hit | None:
    words = _words("应退税款", row.get("due_on"))
    return Hit(AssetKind.CLAIM, words, request.agency.name, value=row.get("amount"))


def _owed(request: Request, row: dict[str, Any]) -> Hit | None:
    """What somebody owes the debtor for work or a contract won."""
    if not row.get("owed"):
        return None
    words = _words("应收款", row.get("name"), row.get("no"))
    return Hit(
        AssetKind.CLAIM,
        words,
        str(row.get("owner") or request.agency.name),
        register_form(str(row.get("no") or "")),
        value=row["owed"],
    )


def _cash(request: Request, facts: dict[str, Any]) -> Hit | None:
    cash = facts["cash"]
    if not isinstance(cash, dict) or not cash.get("balance"):
        return None
    return Hit(AssetKind.SECURITY, "交易结算资金", request.agency.name, value=cash["balance"])


def _employer(request: Request, facts: dict[str, Any]) -> Hit | None:
    employer = str(facts["employer"]).strip()
    return Hit(AssetKind.WAGE, _words(employer, "工资"), employer)


def _fund(request: Request, facts: dict[str, Any]) -> Hit | None:
    if request.matter_code != "PFUND-INQ":
        return None
    return Hit(AssetKind.OTHER, "住房公积金", request.agency.name, value=facts["balance"])


Reader = Callable[[Request, dict[str, Any]], Hit | None]
READERS: dict[str, Reader] = {
    "accounts": _account,
    "units": _unit,
    "vehicles": _vehicle,
    "holdings": _holding,
    "policies": _policy,
    "entities": _entity,
    "contracts": _contract,
    "products": _product,
    "refunds": _refund,
    "awards": _owed,
    "projects": _owed,
}
SINGLE_READERS: dict[str, Reader] = {"cash": _cash, "employer": _employer, "balance": _fund}
