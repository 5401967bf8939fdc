"""What is known of a party: corrections, and looking at a sealed value for a stated purpose."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty, DutyHolding, Person
from enforcement import search
from enforcement.acts.filing import LANGUAGES, checked_identity, refresh_names, seal_identity
from enforcement.engine import Act, ActInput, OfCase, Refused, Run, SealedField, on
from enforcement.engine.history import mask
from enforcement.models import Assignment, Case, Party, ReadLog, Stage
from law.citations import CPL, PARTY_CHANGE, PIPL

REVEALS_AN_HOUR = 30  # identity numbers a person; a search or copying spree stops here
FIELDS = {
    "identity": (_("Identity number or credit code"), "identity_number", "identity_mask"),
    "phone": (_("Telephone"), "phone", "phone_mask"),
    "address": (_("Address"), "address", "address_mask"),
    "account": (_("Payee account"), "account_number", "account_mask"),
}


class RevealInput(ActInput):
    """Which value, and for what."""

    party = OfCase("parties", label=_("Party"))
    field = serializers.ChoiceField(
        label=_("Value"), choices=[(name, words[0]) for name, words in FIELDS.items()]
    )
    purpose = serializers.CharField(label=_("What it is needed for"), min_length=4, max_length=200)


class Reveal(Act):
    """Show a sealed value of a party to one person, once, for a purpose that stays on file (查看敏感信息)."""

    code = "party.reveal"
    title = _("Show a hidden value")
    group = "parties"
    summary = _("Looked at %(field_words)s of %(party)s (%(masked)s): %(purpose)s")
    basis = (PIPL.art(6), PIPL.art(28), PIPL.art(34))
    by = frozenset(
        {
            Duty.FILING_CLERK,
            Duty.IMPLEMENTER,
            Duty.ENFORCEMENT_JUDGE,
            Duty.FINANCE,
        }
    )
    stages = frozenset(Stage)
    offered_as_step = False
    Input = RevealInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        party, field = data["party"], data["field"]
        if field != "account" and not self._sees_more(case):
            raise Refused(
                gettext("For payments only the payee account is needed; it alone can be shown to you."),
                (PIPL.art(6), PIPL.art(34)),
                field="field",
                code="not-needed",
            )
        if not getattr(party, FIELDS[field][2]):
            raise Refused(
                gettext("There is no such value of %(party)s.") % {"party": party.name},
                PIPL.art(6),
                field="field",
                code="empty",
            )
        if field == "identity":
            self._check_pace()

    def _sees_more(self, case: Case) -> bool:
        """Whether the person holds a duty here beyond the accounts."""
        if self.run.duty != Duty.FINANCE:
            return True
        court = self.court.pk
        others = self.by - {Duty.FINANCE, Duty.IMPLEMENTER}
        return any(self.actor.holds(duty, court) for duty in others) or (
            self.actor.holds(Duty.IMPLEMENTER, court)
            and Assignment.objects.filter(
                case=case, person=self.actor, duty=Duty.IMPLEMENTER, until=None
            ).exists()
        )

    def _check_pace(self) -> None:
        # The person's row is locked so that two windows can't count to the same number.
        Person.objects.select_for_update().get(pk=self.actor.pk)
        recent = ReadLog.objects.filter(
            person=self.actor, what="reveal:identity", at__gt=self.at - timedelta(hours=1)
        ).count()
        if recent >= REVEALS_AN_HOUR:
            raise Refused(
                gettext("You looked at %(number)s identity numbers within an hour. Go on later.")
                % {"number": recent},
                PIPL.art(6),
                field="field",
                code="too-many",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        party, field = data["party"], data["field"]
        words, column, masked = FIELDS[field]
        self.run.revealed = getattr(party, column)
        ReadLog.objects.create(
            person=self.actor, case=case, at=self.at, what=f"reveal:{field}", purpose=data["purpose"]
        )
        return {
            "party": party.name,
            "field": field,
            "field_words": str(words),
            "masked": getattr(party, masked),
            "purpose": data["purpose"],
        }


class CorrectInput(ActInput):
    """What was wrong; a field left empty stays as it is."""

    party = OfCase("parties", label=_("Party"))
    name = serializers.CharField(
        label=_("Name"), max_length=120, required=False, allow_blank=True, default=""
    )
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
    language = serializers.ChoiceField(
        label=_("Language of service"), choices=LANGUAGES, required=False, allow_blank=True, default=""
    )
    agreed_to_electronic_service = serializers.BooleanField(
        label=_("Agreed to electronic service"), required=False, allow_null=True, default=None
    )
    reason = serializers.CharField(
        label=_("What shows that it was wrong"),
        min_length=4,
        max_length=300,
        style={"base_template": "textarea.html"},
    )

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        errors: dict[str, Any] = {}
        party: Party = attrs["party"]
        if attrs["identity_number"]:
            try:
                attrs["identity_number"] = checked_identity(party.kind, attrs["identity_number"])
            except serializers.ValidationError as error:
                errors["identity_number"] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


OPEN_TEXT = ("name", "name_bo", "representative", "language")
SEALED = ("identity_number", "phone", "address")


class CorrectParty(Act):
    """Correct what is recorded of a party; the party stays the same (更正当事人信息).

    Another person in its place is a change of parties, which needs a ruling; the payee account has an act of
    its own (``party.payee-account``), which knows what payments are under way.
    """

    code = "party.correct"
    title = _("Correct a party's data")
    group = "parties"
    summary = _("Data of %(party)s corrected (%(fields)s): %(reason)s")
    basis = (PIPL.art(46), CPL.art(11))
    by = frozenset({Duty.FILING_CLERK, Duty.IMPLEMENTER})
    offered_as_step = False
    Input = CorrectInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        party: Party = data["party"]
        changed = [name for name in OPEN_TEXT if data[name] and data[name] != getattr(party, name)]
        changed += [name for name in SEALED if data[name] and data[name] != getattr(party, name)]
        agreed = data["agreed_to_electronic_service"]
        if agreed is not None and agreed != party.agreed_to_electronic_service:
            changed.append("agreed_to_electronic_service")
        if not changed:
            raise Refused(
                gettext("Nothing differs from what is recorded. Fill in what is to change."),
                PIPL.art(46),
                code="nothing",
            )
        self.changed = changed
        # Name and number together are the person: changing both at once puts somebody else in their place.
        if {"name", "identity_number"} <= set(changed) and party.identity_mask:
            raise Refused(
                gettext("Another name with another number is another person. Change the party by a ruling."),
                (PARTY_CHANGE.art(28), PIPL.art(46)),
                field="identity_number",
                code="another-person",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        party: Party = data["party"]
        before = {name: self._shown(party, name) for name in self.changed}
        for name in self.changed:
            self._set(party, name, data[name])
        party.search_terms = sorted(search.terms(party.name) | search.terms(party.name_bo))
        party.save()
        if {"name", "name_bo"} & set(self.changed):
            parties = [party if one.pk == party.pk else one for one in Party.objects.filter(case=case)]
            refresh_names(case, parties)
        return {
            "party": party.name,
            "fields": "、".join(str(self.Input().fields[name].label) for name in self.changed),
            "changes": {
                name: {"from": before[name], "to": self._shown(party, name)} for name in self.changed
            },
            "reason": data["reason"],
        }

    def _set(self, party: Party, name: str, value: Any) -> None:
        if name == "identity_number":
            seal_identity(party, value)
            return
        setattr(party, name, value)
        if name in ("phone", "address"):
            setattr(party, f"{name}_mask", mask(name, value))

    def _shown(self, party: Party, name: str) -> Any:
        if name == "identity_number":
            return party.identity_mask
        return getattr(party, f"{name}_mask" if name in ("phone", "address") else name)


@on("party.payee-account")
def warn_of_changed_account(run: Run, outcome: dict[str, Any]) -> None:
    """A changed payee account is how money goes astray: the head and the accounts learn of it at once."""
    if not outcome["before"]:
        return
    holders = DutyHolding.objects.live().filter(court=run.court, duty__in=(Duty.BUREAU_HEAD, Duty.FINANCE))
    run.effects.notify(
        [holding.person for holding in holders.select_related("person")],
        "party.account-changed",
        case=run.case,
        tone="bad",
        party=outcome["party"],
        masked=outcome["account"],
    )
