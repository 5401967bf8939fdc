"""Ordering title to pass to whoever bought or took the thing (协助过户), and who that is."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.acts.filing import seal_identity
from enforcement.acts.measures_taking import CONTROL_STAGES
from enforcement.acts.service import to_serve
from enforcement.engine import (
    Act,
    ActInput,
    LiveChoiceField,
    MoneyField,
    OfCase,
    Refused,
    Remedy,
    SealedField,
)
from enforcement.models import AssetKind, Case, MeasureState, Party, PartyKind, PartyRole
from law import identity, linkage
from law.citations import CPL, CPL_INTERPRETATION, LAND_REGISTRATION, SEIZURE_RULES
from linkage.acts.base import Draft, issue, refuse_incomplete
from linkage.acts.deducting import held_by
from linkage.acts.ordering import addressee, agencies_for, agency_of, facts_of, refuse_ordered

TRANSFERS: dict[str, str] = {
    AssetKind.HOUSE: "LAND-TRANSFER",
    AssetKind.LAND: "LAND-TRANSFER",
    AssetKind.VEHICLE: "VEH-TRANSFER",
    AssetKind.EQUITY: "MKT-EQ-TRANSFER",
}
WAYS = [
    ("auction", _("Auction")),
    ("sale", _("Sale")),
    ("set-off", _("Taken in payment")),
]


class BuyerInput(ActInput):
    """Who bought the thing."""

    kind = serializers.ChoiceField(label=_("Kind"), choices=PartyKind.choices, default=PartyKind.PERSON)
    name = serializers.CharField(label=_("Name"), max_length=120)
    name_bo = serializers.CharField(
        label=_("Name in Tibetan"), max_length=240, required=False, allow_blank=True, default=""
    )
    identity_number = SealedField(kind="identity", label=_("Identity number or credit code"), max_length=40)

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        is_person = attrs["kind"] == PartyKind.PERSON
        checked = identity.check_resident_number if is_person else identity.check_credit_code
        number = identity.normalise(attrs["identity_number"])
        try:
            checked(number)
        except identity.IdentityError as error:
            raise serializers.ValidationError({"identity_number": [error.sentence.render(gettext)]}) from None
        attrs["identity_number"] = number
        return attrs


class RecordBuyer(Act):
    """Put the buyer of a thing on the case (登记买受人), with a checked number, before title is ordered to
    pass."""

    code = "sale.record-buyer"
    title = _("Record a buyer")
    group = "assets"
    summary = _("%(name)s recorded as buyer")
    basis = (CPL_INTERPRETATION.art(491), CPL.art(262))
    by = frozenset({Duty.IMPLEMENTER})
    stages = CONTROL_STAGES
    Input = BuyerInput

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        last = max((party.position for party in case.parties.all()), default=0)
        party = Party(
            case=case,
            position=last + 1,
            role=PartyRole.THIRD,
            kind=data["kind"],
            name=data["name"],
            name_bo=data["name_bo"],
        )
        seal_identity(party, data["identity_number"])
        party.save(force_insert=True)
        return {"party": party.uid, "name": party.name}


class TransferInput(ActInput):
    asset = OfCase("assets", only={"kind__in": sorted(TRANSFERS)}, label=_("Thing sold"))
    transferee = OfCase(
        "parties",
        only={"role__in": [PartyRole.THIRD, PartyRole.APPLICANT]},
        label=_("New owner"),
        help_text=_("A buyer is recorded on the case first; whoever takes the thing in payment is on it."),
    )
    way = serializers.ChoiceField(label=_("How title passed"), choices=WAYS, default="auction")
    price = MoneyField(label=_("Price (CNY)"))
    ruling_no = serializers.CharField(
        label=_("Number of the ruling"),
        max_length=80,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("If empty, the ruling on the passing of title is made with this order."),
    )
    share = serializers.CharField(
        label=_("Share"), max_length=80, required=False, allow_blank=True, default=""
    )
    agency = LiveChoiceField(
        choices_of=agencies_for(*TRANSFERS.values()),
        label=_("Agency"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("If empty: the agency that holds the thing or reported it."),
    )


class OrderTransfer(Act):
    """Order the register to enter the new owner (协助过户登记) after a sale or a set-off."""

    code = "request.transfer"
    title = _("Order title to be transferred")
    group = "linkage"
    summary = _("%(agency)s ordered to enter %(transferee)s as owner of “%(description)s”")
    basis = (
        CPL.art(262),
        CPL_INTERPRETATION.art(491),
        CPL_INTERPRETATION.art(500),
        LAND_REGISTRATION.whole(),
    )
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.ENFORCEMENT_JUDGE
    stages = CONTROL_STAGES
    affects = "debtor"
    remedy = Remedy.OBJECTION
    term = "control.immovable.term"  # the seal it is done under
    released_by = "request.lift"
    writs = ("ruling.transfer", "notice.assist-transfer")
    Input = TransferInput

    def ready(self, case: Case) -> None:
        if not any(asset.kind in TRANSFERS for asset in case.assets.all()):
            raise Refused(
                gettext("Nothing whose title is registered is recorded on this case."),
                self.basis,
                code="no-asset",
            )

    def initial(self, case: Case) -> dict[str, Any]:
        buyers = [party for party in case.parties.all() if party.role == PartyRole.THIRD]
        sold = [
            measure.asset
            for measure in case.measures.all()
            if measure.state == MeasureState.IN_FORCE and measure.asset.kind in TRANSFERS
        ]
        shown: dict[str, Any] = {"way": "auction"}
        if len(buyers) == 1:
            shown["transferee"] = buyers[0].uid
        if len(sold) == 1:
            shown["asset"] = sold[0].uid
        return shown

    def check(self, case: Case, data: dict[str, Any]) -> None:
        asset, transferee = data["asset"], data["transferee"]
        refuse_ordered(asset)
        measure = held_by(asset)
        if measure is None or measure.state != MeasureState.IN_FORCE:
            raise Refused(
                gettext("“%(asset)s” is not under a measure in force of this case; it can't have been sold.")
                % {"asset": asset.description},
                (CPL_INTERPRETATION.art(484), SEIZURE_RULES.art(26)),
                field="asset",
                code="not-held",
            )
        if asset.is_only_home and data["way"] == "set-off":
            raise Refused(
                gettext("The only home of the debtor and the family can't be taken in payment."),
                SEIZURE_RULES.art(4),
                field="asset",
                code="only-home",
            )
        if transferee.role == PartyRole.APPLICANT and not transferee.identity_index:
            raise Refused(
                gettext("No title passes to %(name)s without a checked identity number or credit code.")
                % {"name": transferee.name},
                CPL_INTERPRETATION.art(491),
                field="transferee",
                code="identity-missing",
            )
        refuse_incomplete(self._draft(data, data["ruling_no"] or case.number), writ_follows=True)

    def _draft(self, data: dict[str, Any], ruling_no: str) -> Draft:
        asset, transferee = data["asset"], data["transferee"]
        matter = linkage.matter(TRANSFERS[asset.kind])
        named = {one.name for one in matter.request_fields if one.fields}
        whole = {"name": transferee.name, "id": transferee.identity_number}
        typed = {
            "transferee": whole if "transferee" in named else transferee.name,
            "ruling_no": ruling_no,
            "price": data["price"],
            "share": data["share"],
            "tax_split": "依法各自承担",
        }
        return Draft(
            matter,
            agency_of(asset, matter, data["agency"]),
            party=asset.owner,
            asset=asset,
            measure=held_by(asset),
            facts=facts_of(asset, matter, typed),
        )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        asset, documents = data["asset"], []
        draft = self._draft(data, data["ruling_no"])
        extra = self._writ_data(data, draft) | {"deciders": [self.actor]}
        if not data["ruling_no"]:
            ruling = self.effects.write(case, self.writs[0], party=asset.owner, extra=extra)
            applicants = [party for party in case.parties.all() if party.role == PartyRole.APPLICANT]
            to_serve(self, ruling, *dict.fromkeys([asset.owner, *applicants, data["transferee"]]))
            documents.append(ruling)
            draft = self._draft(data, ruling.number)
        else:
            extra |= {"ruling": data["ruling_no"]}
        documents.append(self.effects.write(case, self.writs[1], party=asset.owner, extra=extra))
        draft.documents = documents
        request = issue(self, case, [draft])[0]
        return self._said(data, draft) | {"request": request.uid, "requests": [request.number]}

    def _writ_data(self, data: dict[str, Any], draft: Draft) -> dict[str, Any]:
        return addressee(draft) | {
            "asset": data["asset"],
            "transferee": data["transferee"],
            "way": data["way"],
            "amount": data["price"],
        }

    def _said(self, data: dict[str, Any], draft: Draft) -> dict[str, Any]:
        return {
            "asset": data["asset"].uid,
            "description": data["asset"].description,
            "transferee": data["transferee"].name,
            "price": data["price"],
            "agency": draft.agency.name,
            "matter": draft.matter.code,
        }

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return self._said(data, self._draft(data, data["ruling_no"]))

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        extra = self._writ_data(data, self._draft(data, data["ruling_no"])) | {"party": data["asset"].owner}
        return [(writ, extra) for writ in self.writs if not (writ == "ruling.transfer" and data["ruling_no"])]
