"""What orders to agencies share (协助执行): matter, agency and facts of a thing, and what still waits.

An order makes a ruling, a notice and a request; the measure begins with the agency's answer.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Agency
from enforcement.acts.measures_input import MeasureInput
from enforcement.coverage import ZERO, Coverage, coverage, net_value
from enforcement.engine import LiveChoiceField, Refused
from enforcement.models import Asset, AssetKind, Case, Measure
from law import linkage
from law.citations import CPL, NETWORK_FREEZE, SEIZURE_RULES
from law.linkage import FieldKind, Matter, MatterField
from linkage.acts.answering import fields_of
from linkage.acts.base import Draft
from linkage.models import WAITING_STATES, Answer, AnswerState, MatterAnswered, Outcome, Request

#: Kinds of matter by which a thing is restrained, and by which money or title leaves the debtor.
RESTRAINING = frozenset({"freeze", "seize"})
TAKING = frozenset({"deduct", "dispose"})
#: Matters by the kind of asset, the usual one first.
MATTERS_OF: dict[str, tuple[str, ...]] = {
    AssetKind.DEPOSIT: ("BANK-FRZ-DEP", "BANK-FRZ-WAIT", "HOUSE-PRESALE-FUND"),
    AssetKind.SECURITY: ("SEC-FRZ", "SEC-FRZ-CASH"),
    AssetKind.EQUITY: ("MKT-FRZ-EQ", "MKT-DIVID"),
    AssetKind.INSURANCE: ("INS-FRZ",),
    AssetKind.CLAIM: ("THIRD-CLAIM",),
    AssetKind.HOUSE: ("LAND-SEAL", "LAND-PRESEAL", "LAND-SEAL-WAIT"),
    AssetKind.LAND: ("LAND-SEAL", "LAND-PRESEAL", "LAND-SEAL-WAIT", "LAND-MINING"),
    AssetKind.VEHICLE: ("VEH-SEAL",),
    AssetKind.OTHER: ("MKT-IP", "LAND-MINING", "BANK-SAFE"),
}
#: Facts that name the thing itself: they come from the asset, never from what somebody types.
FROM_REGISTER_NUMBER = frozenset(
    {
        "unit_no",
        "plate",
        "policy_no",
        "security_code",
        "company_uscc",
        "reg_no",
        "licence_no",
        "contract_no",
        "box_no",
        "refund_no",
    }
)
FROM_ACCOUNT = frozenset({"account_no", "fund_account"})
#: Numbers that belong to nobody in private and may wait for a decision in the open.
PUBLIC_NUMBERS = frozenset({"company_uscc", "payee_account"})
REQUEST_NUMBER = re.compile(r"R-\d{4}-\d{6,}")
VIN = re.compile(r"\b[A-HJ-NPR-Z0-9]{17}\b")


def pending_orders(case: Case) -> list[Request]:
    """Orders about things of a case whose answer is still due; what undoes an order is none."""
    waiting = Request.objects.filter(
        case=case, asset__isnull=False, undoes=None, state__in=WAITING_STATES
    ).select_related("asset", "agency")
    return [one for one in waiting if one.matter.request_kind in RESTRAINING | TAKING]


def pending_value(orders: Iterable[Request]) -> Decimal:
    """What orders without an answer will cover in CNY if all are carried out; a thing counts once. One that
    builds on a measure in force adds nothing to it."""
    by_asset: dict[int, Decimal] = {}
    for one in orders:
        if one.measure_id is not None or one.asset is None:
            continue
        worth = net_value(one.asset)
        covers = one.amount if worth is None else worth if one.amount is None else min(one.amount, worth)
        by_asset[one.asset.pk] = max(by_asset.get(one.asset.pk, ZERO), covers or ZERO)
    return sum(by_asset.values(), ZERO)


def coverage_with_pending(case: Case, day: date) -> Coverage:
    """How far the claim is covered by measures in force and by orders that still wait for their answer."""
    known = coverage(case, day)
    return replace(known, value=known.value + pending_value(pending_orders(case)))


def refuse_ordered(asset: Asset, field: str = "asset") -> None:
    """Raise ``Refused`` if an order about the thing waits for its answer, or its title has passed."""
    for one in pending_orders(asset.case):
        if one.asset_id == asset.pk:
            raise Refused(
                gettext("Order %(number)s about “%(asset)s” still waits for the answer of %(agency)s.")
                % {"number": one.number, "asset": asset.description, "agency": one.agency.name},
                SEIZURE_RULES.art(1),
                field=field,
                code="pending",
            )
    refuse_transferred(asset, field)


def refuse_transferred(asset: Asset, field: str = "asset") -> None:
    """Raise ``Refused`` if the title of the thing was transferred by order of this case."""
    done = Request.objects.filter(asset=asset, undoes=None, outcome=Outcome.DONE)
    if any(one.matter.request_kind == "transfer" for one in done):
        raise Refused(
            gettext("“%(asset)s” was transferred to its buyer; nothing of it is the debtor's any more.")
            % {"asset": asset.description},
            SEIZURE_RULES.art(27),
            field=field,
            code="transferred",
        )


def order_behind(measure: Measure) -> Request | None:
    """The order a measure came from; ``None`` for one taken without an agency of this system."""
    orders = Request.objects.filter(measure=measure, undoes=None).select_related("agency", "ordered_by")
    return next((one for one in orders.order_by("id") if one.matter.request_kind in RESTRAINING), None)


def pending_on(measure: Measure) -> Request | None:
    """An order about a measure whose answer is still due."""
    waiting = Request.objects.filter(measure=measure, state__in=WAITING_STATES).select_related("agency")
    return waiting.order_by("id").first()


# --- who is asked ---------------------------------------------------------------------------------
def agencies_for(*matters: str) -> Any:
    """Choices of a form: the agencies that answer one of these matters."""

    def choices(context: dict[str, Any]) -> dict[str, str]:
        rows = Agency.objects.filter(is_active=True, matters__matter__in=matters).distinct()
        return {agency.code: str(agency) for agency in rows}

    return choices


def answering_agencies(matter: str) -> list[Agency]:
    """Active agencies that answer a matter, by name."""
    rows = MatterAnswered.objects.filter(matter=matter, agency__is_active=True).select_related("agency")
    return sorted((row.agency for row in rows), key=lambda one: (one.name, one.pk))


def agency_of(asset: Asset, matter: Matter, wanted: str = "") -> Agency:
    """The agency an order about a thing goes to: the one chosen, the one that holds it, the one that reported
    it, or the only one there is. Raises ``Refused``."""
    found = answering_agencies(matter.code)
    if wanted:
        chosen = next((one for one in found if one.code == wanted), None)
        if chosen is None:
            raise Refused(
                gettext("This agency does not answer “%(matter)s”. Choose another.")
                % {"matter": matter.name("en")},
                NETWORK_FREEZE.art(1),
                field="agency",
                code="wrong-agency",
            )
        return chosen
    source = reported_by(asset)
    likely = [one for one in found if one.name == asset.holder]
    likely = likely or [one for one in found if source is not None and one.pk == source.agency_id]
    if likely or len(found) == 1:
        return (likely or found)[0]
    raise Refused(
        gettext("Which agency holds “%(asset)s”? Choose it.") % {"asset": asset.description}
        if found
        else gettext("No agency answers “%(matter)s”.") % {"matter": matter.name("en")},
        (CPL.art(253), NETWORK_FREEZE.art(1)),
        field="agency",
        code="which-agency",
    )


# --- what is said about the thing -----------------------------------------------------------------
def reported_by(asset: Asset) -> Request | None:
    """The inquiry by which a thing was found."""
    named = REQUEST_NUMBER.search(asset.source)
    return Request.objects.filter(case_id=asset.case_id, number=named[0]).first() if named else None


def reported(asset: Asset) -> dict[str, Any]:
    """What the agency that reported a thing said about it, as shown (personal values masked)."""
    source = reported_by(asset)
    if source is None or not asset.register_number:
        return {}
    answer = Answer.objects.filter(request=source, state=AnswerState.APPLIED).last()
    if answer is None:
        return {}
    for rows in answer.facts.values():
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and asset.register_number in row.values():
                return row
    return {}


def addressee(draft: Draft) -> dict[str, Any]:
    """What a writ says about the agency it goes to."""
    return {
        "agency": draft.agency,
        "holder": draft.agency.name,
        "matter": draft.matter,
        "answer_days": draft.days or draft.matter.days,
    }


def facts_of(
    asset: Asset, matter: Matter, typed: dict[str, Any], *, amount: Decimal | None = None
) -> dict[str, Any]:
    """What a matter demands about a thing: from the asset, from what was reported, else as typed."""
    known = {name: value for name, value in reported(asset).items() if isinstance(value, str | int)}
    house = asset.kind == AssetKind.HOUSE
    vin = VIN.search(asset.description)
    facts: dict[str, Any] = {
        "branch": known.get("branch") or asset.holder,
        "freeze_mode": "限额冻结",
        "parcel_or_unit": asset.description,
        "paid_price": asset.value,
        "right_type": "房屋所有权" if house else "建设用地使用权",
        "share": "全部",
        "scope": "房地一并",
        "vin": vin[0] if vin else "",
        "qty": known.get("available_qty"),
        "market": _market(asset.register_number),
        "custodian": asset.holder,
        "include_fruits": True,
        "equity_amount_or_ratio": str(amount) if amount is not None else known.get("share", ""),
        "forbidden_acts": "不得办理股权变更、出质登记",
        "third_party": {"name": asset.holder},
        "basis": asset.source or asset.description,
        "employer": asset.holder,
        "box_no": asset.register_number,
    }
    facts |= known | {name: value for name, value in typed.items() if value not in (None, "")}
    facts |= {name: asset.register_number for name in FROM_REGISTER_NUMBER if asset.register_number}
    if asset.account_sealed is not None:
        facts |= dict.fromkeys(FROM_ACCOUNT, asset.account_number)
    wanted = {one.name for one in matter.request_fields}
    return {name: value for name, value in facts.items() if name in wanted and value not in (None, "")}


def _market(code: str) -> str:
    """The exchange of a listed security, by the first digit of its code."""
    return {"6": "上海证券交易所", "0": "深圳证券交易所", "3": "深圳证券交易所"}.get(code[:1], "")


def typed_fields(matter: Matter) -> tuple[MatterField, ...]:
    """What an officer may type about a matter. Numbers of things and people come from the case: what waits
    for a decision holds no personal number."""
    return tuple(
        _without_numbers(one)
        for one in matter.request_fields
        if one.name not in FROM_REGISTER_NUMBER | FROM_ACCOUNT
        and (one.kind not in {FieldKind.ACCOUNT, FieldKind.IDENTITY} or one.name in PUBLIC_NUMBERS)
    )


def facts_field(matter: Matter) -> serializers.Field | None:
    """The nested field ``facts`` of an order, or ``None`` where the matter asks for nothing to be typed."""
    fields = typed_fields(matter)
    if not fields:
        return None
    language = get_language() or "en"
    open_fields: dict[str, serializers.Field] = {}
    for one in fields:
        if one.name in PUBLIC_NUMBERS:
            open_fields[one.name] = serializers.CharField(
                label=one.label(language), max_length=40, required=False, allow_blank=True, default=""
            )
        else:
            open_fields |= fields_of((one,), language)
    name = "".join(part.title() for part in matter.code.split("-"))
    made: serializers.Field = type(f"{name}Facts", (serializers.Serializer,), open_fields)(required=False)
    return made


def _without_numbers(one: MatterField) -> MatterField:
    """A fact, or a group of facts, without the personal numbers in it."""
    private = {FieldKind.ACCOUNT, FieldKind.IDENTITY}
    inner = tuple(each for each in one.fields if each.kind not in private)
    return replace(one, required=False, fields=inner)


def facts_of_input(serializer: serializers.Serializer, matter: Matter | None) -> serializers.Field | None:
    """The field ``facts`` of an input: by matter once that is known, any facts in the schema of the API,
    nothing in a form that nobody has typed into yet."""
    if matter is not None:
        return facts_field(matter)
    if serializer.context.get("case") is not None and not hasattr(serializer, "initial_data"):
        return None
    return serializers.DictField(label=_("What the matter asks"), required=False)


class OrderInput(MeasureInput):
    """What an order about a thing is given; day, rank and who carried it out come with the answer."""

    effective_on = None  # type: ignore[assignment]  # the answer says since when
    rank = None  # type: ignore[assignment]  # the answer says behind whom
    officers = None  # type: ignore[assignment]  # the agency carries it out
    agency = LiveChoiceField(
        choices_of=agencies_for(*{code for codes in MATTERS_OF.values() for code in codes}),
        label=_("Agency"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("If empty: the agency that holds the thing or reported it."),
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        """What is ordered comes first, then who carries it out and how long."""
        fields = super().get_fields()
        after = {"agency", "matter", "months", "excess_reason"}
        return {name: one for name, one in fields.items() if name not in after} | fields


class MatterOrderInput(OrderInput):
    """An order whose matter depends on the thing, with the facts the matter demands."""

    matter = serializers.ChoiceField(
        label=_("Matter"),
        choices=[
            (code, linkage.matter(code).name_zh)
            for code in dict.fromkeys(code for codes in MATTERS_OF.values() for code in codes)
            if not code.startswith("BANK-FRZ")
        ],
        required=False,
        allow_blank=True,
        default="",
        help_text=_("If empty: what is usual for this kind of thing."),
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        """With the facts of the matter, once the thing is known."""
        fields = super().get_fields()
        facts = facts_of_input(self, self._matter())
        return fields | ({"facts": facts} if facts is not None else {})

    def _matter(self) -> Matter | None:
        case, data = self.context.get("case"), getattr(self, "initial_data", None)
        if case is None or not data:
            return None
        if data.get("matter") in linkage.matters():
            return linkage.matter(str(data["matter"]))
        asset = next((one for one in case.assets.all() if str(one.uid) == str(data.get("asset"))), None)
        usual = MATTERS_OF.get(asset.kind, ()) if asset is not None else ()
        return linkage.matter(usual[0]) if usual else None
