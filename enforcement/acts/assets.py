"""What the debtor owns (财产): recorded when found, valued when known better."""

import unicodedata
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from directory.sealing import blind_index
from enforcement.coverage import coverage
from enforcement.engine import Act, ActInput, MoneyField, OfCase, Refused, SealedField
from enforcement.engine.act import yuan
from enforcement.engine.history import mask
from enforcement.models import (
    Asset,
    AssetKind,
    Case,
    DeadlineState,
    MeasureState,
    Stage,
)
from law import clock, identity
from law.citations import (
    CPL,
    CPL_INTERPRETATION,
    PROPERTY_INVESTIGATION,
    REFERENCE_PRICE,
    SEIZURE_RULES,
)

ASSET_STAGES = frozenset({Stage.FILED, Stage.NOTICE, Stage.CONTROL, Stage.DISPOSAL, Stage.DISTRIBUTION})
# Who holds such a thing must be known, because the order is addressed to them.
NEEDS_HOLDER = {
    AssetKind.DEPOSIT: _("Name the bank that keeps the deposit."),
    AssetKind.EQUITY: _("Name the company whose equity it is."),
    AssetKind.SECURITY: _("Name the custodian of the securities."),
    AssetKind.INSURANCE: _("Name the insurer."),
    AssetKind.WAGE: _("Name the employer."),
    AssetKind.CLAIM: _("Name the third person who owes the debtor."),
}


def register_form(number: str) -> str:
    """A register number as it is compared: half-width, upper case, without spaces."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


class RecordAssetInput(ActInput):
    """One asset as it was found."""

    owner = OfCase("parties", only={"role": "debtor"}, label=_("Owner"))
    kind = serializers.ChoiceField(label=_("Kind"), choices=AssetKind.choices)
    description = serializers.CharField(
        label=_("Description"),
        max_length=300,
        help_text=_("What and where it is, so that it can't be taken for another thing."),
    )
    holder = serializers.CharField(
        label=_("Held by"),
        max_length=160,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Bank, register, employer or company: whoever must assist."),
    )
    account_number = SealedField(
        kind="account",
        label=_("Account number"),
        max_length=40,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Needed for a deposit."),
    )
    register_number = serializers.CharField(
        label=_("Register number"),
        max_length=80,
        required=False,
        allow_blank=True,
        default="",
        help_text=_(
            "Unit number of a house or land, number plate, policy number; engine number if unregistered."
        ),
    )
    value = MoneyField(
        label=_("Value (CNY)"),
        allow_zero=True,
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Balance of a deposit; net income of a month for a wage; leave empty if not known."),
    )
    prior_claims = MoneyField(
        label=_("Prior claims on it (CNY)"),
        allow_zero=True,
        required=False,
        default=Decimal("0.00"),
        help_text=_("Mortgages and other rights that come first."),
    )
    is_only_home = serializers.BooleanField(
        label=_("The only home of the debtor and the family"), required=False, default=False
    )
    is_indivisible = serializers.BooleanField(label=_("Can't be divided"), required=False, default=False)
    found_on = serializers.DateField(label=_("Found on"))
    source = serializers.CharField(  # type: ignore[assignment]  # a field of this name, not DRF's attribute
        label=_("How it was found"),
        max_length=160,
        help_text=_("The debtor's report, an inquiry, a lead of the applicant …"),
    )

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        errors: dict[str, Any] = {}
        kind = AssetKind(attrs["kind"])
        if kind in NEEDS_HOLDER and not attrs["holder"]:
            errors["holder"] = [NEEDS_HOLDER[kind]]
        if attrs["account_number"]:
            try:
                attrs["account_number"] = identity.check_account(attrs["account_number"])
            except identity.IdentityError as error:
                errors["account_number"] = [error.sentence.render(gettext)]
        elif kind is AssetKind.DEPOSIT:
            errors["account_number"] = [_("Write the number of the account.")]
        if kind is AssetKind.WAGE and attrs["value"] is None:
            errors["value"] = [_("Write the net income of a month; what may be withheld follows from it.")]
        if attrs["is_only_home"] and kind is not AssetKind.HOUSE:
            errors["is_only_home"] = [_("Only a house can be the only home.")]
        if attrs["found_on"] > clock.today():
            errors["found_on"] = [_("It can't be found after today.")]
        attrs["register_number"] = register_form(attrs["register_number"])
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class RecordAsset(Act):
    """Put something the debtor owns on the case (登记财产). The account number is sealed at once."""

    code = "asset.record"
    title = _("Record an asset")
    group = "assets"
    summary = _("Asset recorded: %(description)s")
    basis = (CPL.art(252), CPL.art(253), CPL_INTERPRETATION.art(483), PROPERTY_INVESTIGATION.art(1))
    by = frozenset({Duty.IMPLEMENTER, Duty.FILING_CLERK})
    stages = ASSET_STAGES
    Input = RecordAssetInput

    def initial(self, case: Case) -> dict[str, Any]:
        debtors = [party for party in case.parties.all() if party.is_debtor]
        owner = {"owner": debtors[0].uid} if len(debtors) == 1 else {}
        return owner | {"found_on": self.day}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        same: dict[str, Any]
        if data["account_number"]:
            field = "account_number"
            same = {"account_index": blind_index(data["account_number"], kind="account")}
        elif data["register_number"]:
            field = "register_number"
            same = {"kind": data["kind"], "register_number": data["register_number"]}
        else:
            return
        known = Asset.objects.filter(case=case, **same).values_list("description", flat=True)[:1]
        if known:
            raise Refused(
                gettext("It is on this case already: “%(asset)s”. Record a new value there instead.")
                % {"asset": known[0]},
                CPL_INTERPRETATION.art(483),
                field=field,
                code="duplicate",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        asset = Asset(
            case=case,
            owner=data["owner"],
            kind=data["kind"],
            description=data["description"],
            holder=data["holder"],
            register_number=data["register_number"],
            value=data["value"],
            value_source=data["source"] if data["value"] is not None else "",
            prior_claims=data["prior_claims"],
            is_only_home=data["is_only_home"],
            is_indivisible=data["is_indivisible"],
            found_on=data["found_on"],
            source=data["source"],
        )
        if data["account_number"]:
            asset.account_number = data["account_number"]
            asset.account_mask = mask("account", data["account_number"])
            asset.account_index = blind_index(data["account_number"], kind="account")
        asset.save(force_insert=True)
        return {
            "asset": asset.uid,
            "description": asset.description,
            "kind": asset.kind,
            "owner": data["owner"].name,
            "value": asset.value,
        }


class ValueAssetInput(ActInput):
    """A new value of an asset and where it comes from."""

    asset = OfCase("assets", label=_("Asset"))
    value = MoneyField(label=_("Value (CNY)"), allow_zero=True)
    value_source = serializers.CharField(
        label=_("Source of the value"),
        max_length=160,
        help_text=_("Agreement, directed inquiry, online inquiry, appraisal, answer of the bank …"),
    )
    prior_claims = MoneyField(
        label=_("Prior claims on it (CNY)"),
        allow_zero=True,
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Leave empty if they stay as they are."),
    )
    is_reference_price = serializers.BooleanField(
        label=_("This is the reference price for disposal"),
        required=False,
        default=False,
        help_text=_("Agreed by the parties, inquired or appraised; not an estimate."),
    )


class ValueAsset(Act):
    """Record what an asset is worth (记录价值) and see whether the measures still keep within the claim."""

    code = "asset.value"
    title = _("Record a value")
    group = "assets"
    summary = _("Value of %(description)s: %(sum)s (%(source)s)")
    basis = (SEIZURE_RULES.art(19), REFERENCE_PRICE.art(1), REFERENCE_PRICE.art(2))
    by = frozenset({Duty.IMPLEMENTER})
    stages = ASSET_STAGES
    Input = ValueAssetInput

    def ready(self, case: Case) -> None:
        if not case.assets.all():
            raise Refused(gettext("No asset is recorded on this case."), SEIZURE_RULES.art(2))

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        asset = data["asset"]
        before = asset.value
        asset.value, asset.value_source = data["value"], data["value_source"]
        if data["prior_claims"] is not None:
            asset.prior_claims = data["prior_claims"]
        asset.save(update_fields=["value", "value_source", "prior_claims"])
        if data["is_reference_price"]:
            self.effects.meet(case, "disposal.reference.start", subject=asset.uid)
        return {
            "asset": asset.uid,
            "description": asset.description,
            "sum": yuan(asset.value),
            "value": asset.value,
            "before": before,
            "source": asset.value_source,
            "is_reference_price": data["is_reference_price"],
            "excess": watch_excess(self, case),
        }


def watch_excess(act: Act, case: Case, *, release: str = "measure.release") -> Decimal:
    """Open the duty to release what exceeds the claim (SEIZURE_RULES 19), or see it met; the excess in CNY.

    An excess that was decided with its reason (a thing that can't be divided) is no duty. ``release`` is the
    act that lifts it.
    """
    excess = coverage(case, act.day).excess
    if not excess:
        act.effects.meet(case, "control.excess.release")
        return excess
    reasoned = case.measures.filter(state=MeasureState.IN_FORCE).exclude(excess_reason="").exists()
    running = case.deadlines.filter(rule="control.excess.release", state=DeadlineState.OPEN).exists()
    if not reasoned and not running:
        act.effects.open_deadline(
            case,
            "control.excess.release",
            duty=Duty.IMPLEMENTER,
            act=release,
            label=gettext("%(sum)s beyond the claim") % {"sum": yuan(excess)},
        )
        act.effects.notify([case.implementer], "measure.excess", case=case, tone="bad", amount=yuan(excess))
    return excess
