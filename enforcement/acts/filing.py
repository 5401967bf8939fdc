"""Filing a case (立案): by form, by import and over REST it is this one act."""

from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from directory.sealing import blind_index
from enforcement import search
from enforcement.acts.numbering import next_serial
from enforcement.engine import Act, ActInput, MoneyField, Refused, SealedField, Subject
from enforcement.engine.history import mask
from enforcement.models import (
    Case,
    DeadlineKind,
    ItemKind,
    Party,
    PartyKind,
    PartyRole,
    Stage,
    Title,
    TitleItem,
    TitleKind,
)
from law import case_numbers, clock, identity
from law.citations import CASE_NUMBER_RULES, CPL, ENFORCEMENT_RULES, TIME_LIMITS

LANGUAGES = [("zh-hans", _("Chinese")), ("bo", _("Tibetan"))]
FILED_TYPES = [("执", _("First enforcement (执)")), ("执恢", _("Revived enforcement (执恢)"))]
MOST_PARTIES = 60
MOST_ITEMS = 40


def checked_identity(kind: str, value: str) -> str:
    """A normalised identity number or credit code that passes its checksum.

    Raises ``serializers.ValidationError`` with the sentence that says what is wrong.
    """
    number = identity.normalise(value)
    try:
        if kind == PartyKind.PERSON:
            identity.check_resident_number(number)
        else:
            identity.check_credit_code(number)
    except identity.IdentityError as error:
        raise serializers.ValidationError(error.sentence.render(gettext)) from error
    return number


class PartyInput(ActInput):
    """One party as it is filed. Identity, phone, address and account are sealed."""

    role = serializers.ChoiceField(
        label=_("Role"), choices=[(PartyRole.APPLICANT, _("Applicant")), (PartyRole.DEBTOR, _("Debtor"))]
    )
    kind = serializers.ChoiceField(label=_("Kind"), choices=PartyKind.choices)
    name = serializers.CharField(label=_("Name"), max_length=120)
    name_bo = serializers.CharField(
        label=_("Name in Tibetan"), max_length=240, required=False, allow_blank=True, default=""
    )
    identity_number = SealedField(
        kind="identity",
        label=_("Identity number or credit code"),
        max_length=24,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("18 characters; needed for the applicant, and for the debtor before any order leaves."),
    )
    phone = SealedField(
        kind="phone", label=_("Telephone"), max_length=24, required=False, allow_blank=True, default=""
    )
    address = SealedField(
        kind="address",
        label=_("Address for service"),
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
    )
    representative = serializers.CharField(
        label=_("Legal representative"), max_length=80, required=False, allow_blank=True, default=""
    )
    language = serializers.ChoiceField(label=_("Language of service"), choices=LANGUAGES, default="zh-hans")
    agreed_to_electronic_service = serializers.BooleanField(
        label=_("Agreed to electronic service"), required=False, default=False
    )
    account_bank = serializers.CharField(
        label=_("Payee bank"), max_length=120, required=False, allow_blank=True, default=""
    )
    account_number = SealedField(
        kind="account", label=_("Payee account"), max_length=34, required=False, allow_blank=True, default=""
    )

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        errors: dict[str, Any] = {}
        if attrs["identity_number"]:
            try:
                attrs["identity_number"] = checked_identity(attrs["kind"], attrs["identity_number"])
            except serializers.ValidationError as error:
                errors["identity_number"] = error.detail
        elif attrs["role"] == PartyRole.APPLICANT:
            errors["identity_number"] = [_("Write the applicant's identity number or credit code.")]
        if attrs["account_number"]:
            try:
                attrs["account_number"] = identity.check_account(attrs["account_number"])
            except identity.IdentityError as error:
                errors["account_number"] = [error.sentence.render(gettext)]
            if not attrs["account_bank"]:
                errors["account_bank"] = [_("Name the bank of the payee account.")]
        if (
            attrs["kind"] == PartyKind.COMPANY
            and attrs["role"] == PartyRole.DEBTOR
            and not attrs["representative"]
        ):
            errors["representative"] = [_("Name the company's legal representative.")]
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class ItemInput(ActInput):
    """One sum the title orders to be paid."""

    kind = serializers.ChoiceField(label=_("Kind"), choices=ItemKind.choices, default=ItemKind.MAIN)
    label = serializers.CharField(label=_("What for"), max_length=60)  # type: ignore[assignment]  # a field here
    amount = MoneyField(label=_("Amount (CNY)"))
    delay_from = serializers.DateField(
        label=_("Last day for performance"),
        required=False,
        allow_null=True,
        help_text=_("If it differs from the title's; an instalment has its own."),
    )
    creditor = serializers.IntegerField(
        label=_("Owed to the party in row"),
        min_value=1,
        max_value=MOST_PARTIES,
        required=False,
        allow_null=True,
        default=None,
        help_text=_(
            "Only with several applicants; if empty, the sum is owed to all of them in equal shares."
        ),
    )
    bears_interest = serializers.BooleanField(
        label=_("Bears the general interest of the title"), required=False, default=True, initial=True
    )


class FilingInput(ActInput):
    """An application for enforcement as it is docketed."""

    type_code = serializers.ChoiceField(label=_("Type of case"), choices=FILED_TYPES, default="执")
    cause = serializers.CharField(label=_("Cause of action"), max_length=120)
    applied_on = serializers.DateField(label=_("Application received on"))
    title_kind = serializers.ChoiceField(label=_("Kind of title"), choices=TitleKind.choices)
    title_number = serializers.CharField(label=_("Number of the title"), max_length=60)
    title_made_by = serializers.CharField(label=_("Made by"), max_length=120)
    title_effective_on = serializers.DateField(label=_("Effective on"))
    performance_due_on = serializers.DateField(
        label=_("Last day for performance"), help_text=_("If the title sets none: the day it took effect.")
    )
    obligation = serializers.CharField(
        label=_("Operative part"),
        max_length=2000,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html"},
    )
    interest_annual = serializers.DecimalField(
        label=_("General interest, yearly rate"),
        max_digits=9,
        decimal_places=6,
        min_value=Decimal("0.000001"),
        max_value=Decimal("1"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("As a fraction, such as 0.0345; leave empty if the title gives none."),
    )
    interest_from = serializers.DateField(
        label=_("Interest from"), required=False, allow_null=True, default=None
    )
    interest_to = serializers.DateField(
        label=_("Interest to"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Only if the title names a last day."),
    )
    interest_year_basis = serializers.ChoiceField(
        label=_("Days of the year for interest"), choices=[(365, "365"), (360, "360")], default=365
    )
    items: serializers.ListSerializer[Any] = serializers.ListSerializer(
        label=_("Sums to be paid"), child=ItemInput(), min_length=1, max_length=MOST_ITEMS
    )
    parties: serializers.ListSerializer[Any] = serializers.ListSerializer(
        label=_("Parties"), child=PartyInput(), min_length=2, max_length=MOST_PARTIES
    )
    duplicate_reason = serializers.CharField(
        label=_("Why it is not a duplicate"),
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Only if an open case with the same title and debtor exists."),
    )

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        errors: dict[str, Any] = {}
        today = clock.today()
        if attrs["applied_on"] > today:
            errors["applied_on"] = [_("The application can't be received after today.")]
        if attrs["title_effective_on"] > attrs["applied_on"]:
            errors["title_effective_on"] = [_("The title must be effective before the application.")]
        if attrs["performance_due_on"] < attrs["title_effective_on"]:
            errors["performance_due_on"] = [
                _("The last day for performance can't be before the title took effect.")
            ]
        if (attrs["interest_annual"] is None) != (attrs["interest_from"] is None):
            errors["interest_from"] = [_("Give the rate and the first day together, or neither.")]
        if attrs["interest_to"] and attrs["interest_from"] and attrs["interest_to"] < attrs["interest_from"]:
            errors["interest_to"] = [_("Interest can't end before it begins.")]
        roles = {party["role"] for party in attrs["parties"]}
        if len(roles) < 2:
            errors["parties"] = [_("A case has at least one applicant and one debtor.")]
        if not any(item["kind"] == ItemKind.MAIN for item in attrs["items"]):
            errors["items"] = [_("At least one sum is the main debt.")]
        rows = dict(enumerate(attrs["parties"], 1))
        if any(
            item["creditor"] and rows.get(item["creditor"], {}).get("role") != PartyRole.APPLICANT
            for item in attrs["items"]
        ):
            errors["items"] = [
                _("The party a sum is owed to must be one of the applicants; give the number of its row.")
            ]
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


def refuse_before_the_period_ends(data: dict[str, Any]) -> None:
    """Raise ``Refused`` while the period for performance runs: the application comes too early."""
    if data["performance_due_on"] >= data["applied_on"] and not any(
        item.get("delay_from") and item["delay_from"] < data["applied_on"] for item in data["items"]
    ):
        raise Refused(
            gettext("The period for performance has not run out: it ends on %(day)s.")
            % {"day": data["performance_due_on"]},
            ENFORCEMENT_RULES.art(16),
            field="performance_due_on",
        )


class FileCase(Act):
    """Docket an application for enforcement (立案): gives the number, opens the clocks of the case."""

    code = "case.file"
    title = _("File a case")
    group = "filing"
    summary = _("Filed as %(number)s on title %(title)s")
    basis = (CPL.art(247), ENFORCEMENT_RULES.art(16), TIME_LIMITS.art(6), CASE_NUMBER_RULES.art(3))
    subject = Subject.COURT
    opens_case = True
    by = frozenset({Duty.FILING_CLERK})
    needs_assignment = False
    stages = frozenset(Stage)
    Input: ClassVar[type[ActInput]] = FilingInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        refuse_before_the_period_ends(data)
        if data["duplicate_reason"]:
            return
        names = [party["name"] for party in data["parties"] if party["role"] == PartyRole.DEBTOR]
        same = (
            Case.objects.filter(
                high_court=self.court.line()["high_court"],
                title__number=data["title_number"],
                parties__role=PartyRole.DEBTOR,
                parties__name__in=names,
            )
            .exclude(stage=Stage.CLOSED)
            .first()
        )
        if same is not None:
            visible = Case.objects.visible_to(self.actor).filter(pk=same.pk).exists()
            raise Refused(
                gettext(
                    "The same title against the same debtor is already being enforced: %(number)s."
                    " If this is another matter, say why."
                )
                % {"number": same.number if visible else gettext("in another court")},
                CPL.art(247),
                field="duplicate_reason",
                code="duplicate",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        line = self.court.line()
        serial = next_serial(self.court, data["type_code"], self.day.year)
        number = case_numbers.format_number(self.day.year, self.court.code, data["type_code"], serial)
        parties = [self._party(case, position, row) for position, row in enumerate(data["parties"], 1)]
        for name, court in line.items():
            setattr(case, name, court)
        case.number = number
        case.year, case.type_code, case.serial = self.day.year, data["type_code"], serial
        case.stage = Stage.FILED
        case.cause = data["cause"]
        case.filed_on, case.applied_on = self.day, data["applied_on"]
        case.claim = sum((item["amount"] for item in data["items"]), Decimal("0.00"))
        case.updated_at = self.at
        refresh_names(case, parties)
        case.save(force_insert=True)
        title = Title.objects.create(
            case=case,
            kind=data["title_kind"],
            number=data["title_number"],
            made_by=data["title_made_by"],
            effective_on=data["title_effective_on"],
            performance_due_on=data["performance_due_on"],
            obligation=data["obligation"],
            interest_annual=data["interest_annual"],
            interest_from=data["interest_from"],
            interest_to=data["interest_to"],
            interest_year_basis=data["interest_year_basis"],
        )
        Party.objects.bulk_create(parties)
        TitleItem.objects.bulk_create(
            TitleItem(
                title=title,
                case=case,
                position=position,
                kind=item["kind"],
                label=item["label"],
                amount=item["amount"],
                delay_from=item.get("delay_from") or data["performance_due_on"],
                creditor=parties[item["creditor"] - 1] if item["creditor"] else None,
                bears_interest=item["bears_interest"],
            )
            for position, item in enumerate(data["items"], 1)
        )
        self.effects.open_deadline(case, "filing.handover", duty=Duty.BUREAU_HEAD, act="case.assign")
        self.effects.open_deadline(
            case, "notice.send", starts_on=data["applied_on"], duty=Duty.IMPLEMENTER, act="notice.issue"
        )
        self.effects.open_deadline(case, "closing.limit", kind=DeadlineKind.LIMIT, duty=Duty.IMPLEMENTER)
        return {
            "number": number,
            "title": data["title_number"],
            "claim": case.claim,
            "parties": [party.name for party in parties],
        }

    def _party(self, case: Case, position: int, row: dict[str, Any]) -> Party:
        party = Party(
            case=case,
            position=position,
            role=row["role"],
            kind=row["kind"],
            name=row["name"],
            name_bo=row["name_bo"],
            representative=row["representative"],
            language=row["language"],
            agreed_to_electronic_service=row["agreed_to_electronic_service"],
            account_bank=row["account_bank"],
            account_holder=row["name"] if row["account_number"] else "",
            search_terms=sorted(search.terms(row["name"]) | search.terms(row["name_bo"])),
        )
        seal_identity(party, row["identity_number"])
        party.phone, party.phone_mask = row["phone"], mask("phone", row["phone"]) if row["phone"] else ""
        party.address = row["address"]
        party.address_mask = mask("address", row["address"]) if row["address"] else ""
        party.account_number = row["account_number"]
        party.account_mask = mask("account", row["account_number"]) if row["account_number"] else ""
        return party


def seal_identity(party: Party, number: str) -> None:
    """Put an identity number on a party: sealed, masked, findable by exact value."""
    party.identity_number = number
    party.identity_mask = mask("identity", number) if number else ""
    party.identity_index = blind_index(number, kind="identity") if number else None
    if number and party.kind == PartyKind.PERSON:
        party.birth_year = identity.check_resident_number(number).birth_date.year


def refresh_names(case: Case, parties: list[Party]) -> None:
    """Names and search terms a list shows and finds a case by."""
    by_role = {
        role: "、".join(party.name for party in parties if party.role == role)
        for role in (PartyRole.APPLICANT, PartyRole.DEBTOR)
    }
    case.applicant_names = by_role[PartyRole.APPLICANT][:400]
    case.debtor_names = by_role[PartyRole.DEBTOR][:400]
    found = search.number_terms(case.year, case.type_code, case.serial)
    for party in parties:
        found.update(party.search_terms)
    case.search_terms = sorted(found)
