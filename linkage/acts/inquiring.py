"""Asking agencies about debtors (查询): every debtor at every agency that answers the matter, in one act."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from directory.models import Agency, Duty
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused
from enforcement.models import Case, Party, PartyKind, PartyRole, Stage
from law import linkage
from law.citations import CPL, CPL_INTERPRETATION, NETWORK_FREEZE, PROPERTY_INVESTIGATION
from linkage.acts.base import Draft, issue
from linkage.models import WAITING_STATES, MatterAnswered, Request

INQUIRY_STAGES = frozenset({Stage.NOTICE, Stage.CONTROL, Stage.DISPOSAL, Stage.DISTRIBUTION})
# What is asked about everybody at first; people and companies leave different traces.
PRESET = ("BANK-INQ-DEP", "SEC-INQ", "INS-INQ", "LAND-INQ", "VEH-INQ")
PRESET_OF = {
    PartyKind.PERSON: (*PRESET, "HRSS-INQ", "PFUND-INQ", "MKT-INQ"),
    PartyKind.COMPANY: (*PRESET, "MKT-INQ", "TAX-INQ"),
}


def askable() -> dict[str, linkage.Matter]:
    """Inquiries about a person that need nothing but case and person."""
    return {
        code: matter
        for code, matter in linkage.matters().items()
        if matter.is_inquiry
        and "P" in matter.carries
        and not any(one.required for one in matter.request_fields)
    }


def debtors_of(context: dict[str, Any]) -> dict[str, str]:
    """Debtors of the case of a form."""
    case = context.get("case")
    return {} if case is None else {str(party.uid): party.name for party in _debtors(case)}


def agencies_of(context: dict[str, Any]) -> dict[str, str]:
    """Agencies that answer an inquiry."""
    rows = Agency.objects.filter(is_active=True, matters__matter__in=list(askable())).distinct()
    return {agency.code: str(agency) for agency in rows}


def _debtors(case: Case) -> list[Party]:
    return [party for party in case.parties.all() if party.role == PartyRole.DEBTOR]


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class LiveChoicesField(serializers.MultipleChoiceField):
    """Several of what a case or court has at this moment."""

    choices = LiveChoiceField.choices
    grouped_choices = LiveChoiceField.grouped_choices

    def __init__(self, *, choices_of: Any, **options: Any):
        self.choices_of = choices_of
        super().__init__(choices=[], **options)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) or not hasattr(data, "__iter__"):
            self.fail("not_a_list", input_type=type(data).__name__)
        return {str(item) for item in data}


class InquireInput(ActInput):
    """Whom to ask, about whom, and what; each left empty means all."""

    matters = serializers.MultipleChoiceField(
        label=_("What to ask"),
        choices=[(code, matter.name_zh) for code, matter in askable().items()],
        required=False,
        help_text=_("If empty: what is usually asked about a person or a company."),
    )
    debtors = LiveChoicesField(
        label=_("About"), choices_of=debtors_of, required=False, help_text=_("If empty: every debtor.")
    )
    agencies = LiveChoicesField(
        label=_("Agencies"),
        choices_of=agencies_of,
        required=False,
        help_text=_("If empty: every agency that answers it."),
    )


class Inquire(Act):
    """Ask every linked body about the debtors (查询): notices, no ruling; for this case only, kept secret."""

    code = "request.inquire"
    title = _("Ask agencies about a debtor")
    group = "linkage"
    summary = _("%(count)s inquiries sent to %(agencies)s agencies about %(debtors)s")
    basis = (CPL.art(253), CPL_INTERPRETATION.art(483), NETWORK_FREEZE.art(3), PROPERTY_INVESTIGATION.art(12))
    by = frozenset({Duty.IMPLEMENTER})
    stages = INQUIRY_STAGES
    bulk = True
    Input = InquireInput

    def ready(self, case: Case) -> None:
        if not _debtors(case):
            raise Refused(gettext("This case has no debtor to ask about."), CPL.art(253), code="no-debtor")

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.drafts = self._drafts(case, data)
        if not self.drafts:
            raise Refused(
                gettext("No agency answers this, or the same inquiry still waits for its answer."),
                NETWORK_FREEZE.art(1),
                code="nobody-to-ask",
            )

    def _drafts(self, case: Case, data: dict[str, Any]) -> list[Draft]:
        debtors = _debtors(case)
        if data.get("debtors"):
            debtors = [party for party in debtors if str(party.uid) in data["debtors"]]
        waiting = set(
            Request.objects.filter(
                case=case, state__in=WAITING_STATES, matter_code__in=list(askable())
            ).values_list("party_id", "agency_id", "matter_code")
        )
        answered = MatterAnswered.objects.select_related("agency").filter(agency__is_active=True)
        if data.get("agencies"):
            answered = answered.filter(agency__code__in=data["agencies"])
        by_matter: dict[str, list[MatterAnswered]] = {}
        for row in answered.filter(matter__in=list(askable())).order_by("agency_id"):
            by_matter.setdefault(row.matter, []).append(row)
        return [
            Draft(linkage.matter(code), row.agency, party=party)
            for party in debtors
            for code in (sorted(data.get("matters") or ()) or PRESET_OF.get(PartyKind(party.kind), PRESET))
            for row in by_matter.get(code, [])
            if linkage.matter(code).in_force_on(self.day) and (party.pk, row.agency_id, code) not in waiting
        ]

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        requests = issue(self, case, self.drafts)
        return {
            "count": len(requests),
            "agencies": len({request.agency_id for request in requests}),
            "debtors": "、".join(dict.fromkeys(draft.party.name for draft in self.drafts if draft.party)),
            "requests": [request.number for request in requests[:200]],
        }
