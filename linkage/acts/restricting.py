"""What else is asked of agencies: restrictions for a term (协助限制), and what the table of matters holds
besides (其他协助): looking for somebody, assisting on the spot, urging, referring, sharing, telling."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.acts.measures_taking import CONTROL_STAGES
from enforcement.engine import Act, ActInput, LiveChoiceField, MoneyField, OfCase, Refused, Remedy
from enforcement.models import Case, PartyRole
from enforcement.writs.declarations import writ_named
from law import linkage
from law.citations import (
    CPL,
    CPL_INTERPRETATION,
    DECISION_2011,
    ENFORCEMENT_PROCEDURE,
    PROPERTY_INVESTIGATION,
)
from law.counting import add_months
from law.linkage import Matter
from linkage.acts.base import Draft, issue, refuse_incomplete
from linkage.acts.inquiring import askable
from linkage.acts.ordering import (
    addressee,
    agencies_for,
    answering_agencies,
    facts_field,
    facts_of,
    facts_of_input,
)
from linkage.models import WAITING_STATES, Request

#: Matters only the president decides: custody, leaving the country, where somebody slept (CPL 119, 266; the
#: last by our own rule).
PRESIDENTS = frozenset({"PS-HOTEL", "PS-EXITBAN", "PS-DETAIN"})
#: Matters an agency sends to the court, or that other acts send.
INCOMING = frozenset({"objection", "supervise", "register", "task"})
OTHERWISE = frozenset({"freeze", "seize", "renew", "deduct", "dispose", "release", "transfer", "restrict"})


def restrictions() -> dict[str, Matter]:
    """Matters that restrict a debtor."""
    return {code: one for code, one in linkage.matters().items() if one.request_kind == "restrict"}


def others() -> dict[str, Matter]:
    """Matters no other act asks."""
    simple = askable()
    return {
        code: one
        for code, one in linkage.matters().items()
        if one.request_kind not in OTHERWISE | INCOMING and code not in simple and not code.startswith("JC-")
    }


class GenericInput(ActInput):
    """Which matter, at which agency, about whom; with the facts the matter demands."""

    table: ClassVar[Callable[[], dict[str, Matter]]]

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        data = getattr(self, "initial_data", None)
        code = str(data.get("matter") or "") if data and self.context.get("case") is not None else ""
        matter = type(self).table().get(code)
        facts = facts_field(matter) if matter is not None else facts_of_input(self, None)
        return fields | ({"facts": facts} if facts is not None else {})


def _choices(matters: dict[str, Matter]) -> list[tuple[str, str]]:
    return [(code, one.name_zh) for code, one in matters.items()]


class RestrictInput(GenericInput):
    table = restrictions
    matter = serializers.ChoiceField(label=_("Restriction"), choices=_choices(restrictions()))
    party = OfCase("parties", only={"role": PartyRole.DEBTOR}, label=_("Debtor"))
    agency = LiveChoiceField(
        choices_of=agencies_for(*restrictions()),
        label=_("Agency"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("If empty: every agency that answers it."),
    )
    ruling = OfCase(
        "documents",
        label=_("Ruling it rests on"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Needed where the matter binds only with a ruling or decision."),
    )
    reason = serializers.CharField(
        label=_("Ground"), max_length=300, style={"base_template": "textarea.html"}
    )
    until = serializers.DateField(
        label=_("Until"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("If empty: until it is lifted, or for the longest the matter allows."),
    )


class OtherInput(GenericInput):
    table = others
    matter = serializers.ChoiceField(label=_("Matter"), choices=_choices(others()))
    party = OfCase("parties", label=_("About"), required=False, allow_null=True, default=None)
    asset = OfCase("assets", label=_("Asset"), required=False, allow_null=True, default=None)
    amount = MoneyField(label=_("Amount (CNY)"), required=False, allow_null=True, default=None)
    agency = LiveChoiceField(
        choices_of=agencies_for(*others()),
        label=_("Agency"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("If empty: every agency that answers it."),
    )
    ruling = OfCase(
        "documents",
        label=_("Ruling it rests on"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Needed where the matter binds only with a ruling or decision."),
    )
    until = serializers.DateField(label=_("Until"), required=False, allow_null=True, default=None)


class Generic(Act):
    """An order under any matter of the table: its facts are what the table demands."""

    group = "linkage"
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.ENFORCEMENT_JUDGE
    stages = CONTROL_STAGES

    def decider(self, case: Case, data: dict[str, Any]) -> Duty | None:
        return Duty.PRESIDENT if data["matter"] in PRESIDENTS else self.decided_by

    def check(self, case: Case, data: dict[str, Any]) -> None:
        matter = self._matter(data)
        if not matter.in_force_on(self.day):
            raise Refused(
                gettext("“%(matter)s” is not in force today.") % {"matter": matter.name("en")},
                self.basis,
                field="matter",
                code="not-in-force",
            )
        self._check_ruling(matter, data)
        self._check_until(matter, data)
        self.drafts = self._drafts(case, data)
        for draft in self.drafts:
            refuse_incomplete(draft, writ_follows=True)

    def _matter(self, data: dict[str, Any]) -> Matter:
        return linkage.matter(data["matter"])

    def _check_ruling(self, matter: Matter, data: dict[str, Any]) -> None:
        ruling = data.get("ruling")
        if ruling is not None and not writ_named(ruling.writ).is_ruling and ruling.writ != "decision.exit":
            raise Refused(
                gettext("This writ is no ruling; choose the one that orders the restriction."),
                self.basis,
                field="ruling",
                code="no-ruling",
            )
        if matter.needs_writ and ruling is None:
            raise Refused(
                gettext("“%(matter)s” binds only with a ruling: choose the one it rests on (%(writs)s).")
                % {"matter": matter.name("en"), "writs": matter.writs},
                (CPL.art(253), CPL_INTERPRETATION.art(192)),
                field="ruling",
                code="no-ruling",
            )

    def _check_until(self, matter: Matter, data: dict[str, Any]) -> None:
        until, months = data.get("until"), matter.longest_months
        if until is not None and until <= self.day:
            raise Refused(
                gettext("The last day must lie after today."), self.basis, field="until", code="term"
            )
        longest = add_months(self.day, months) if months is not None else None
        if until is not None and longest is not None and until > longest:
            raise Refused(
                gettext("“%(matter)s” lasts at most %(months)s months at a time.")
                % {"matter": matter.name("en"), "months": months},
                self.basis,
                field="until",
                code="term",
            )
        if until is None and "T" in matter.carries:
            if longest is None:
                raise Refused(
                    gettext("Say until when; the table names no longest term."),
                    self.basis,
                    field="until",
                    code="term",
                )
            data["until"] = longest

    def _drafts(self, case: Case, data: dict[str, Any]) -> list[Draft]:
        matter, party, asset = self._matter(data), data.get("party"), data.get("asset")
        agencies = answering_agencies(matter.code)
        if data["agency"]:
            agencies = [one for one in agencies if one.code == data["agency"]]
        waiting = set(
            Request.objects.filter(
                case=case, matter_code=matter.code, party=party, asset=asset, state__in=WAITING_STATES
            ).values_list("agency_id", flat=True)
        )
        drafts = [
            Draft(
                matter,
                agency,
                party=party,
                asset=asset,
                amount=data.get("amount"),
                first=self.day,
                last=data.get("until"),
                facts=self._facts(matter, data),
            )
            for agency in agencies
            if agency.pk not in waiting
        ]
        if not drafts:
            raise Refused(
                gettext("No agency answers this, or the same request still waits for its answer."),
                self.basis,
                field="agency",
                code="nobody-to-ask",
            )
        return drafts

    def _facts(self, matter: Matter, data: dict[str, Any]) -> dict[str, Any]:
        typed = {"reason": data.get("reason", "")} | dict(data.get("facts") or {})
        if matter.code == "PS-EXITBAN":
            # The decision is made with the order and bears the number of the case.
            typed["decision_no"] = typed.get("decision_no") or data["party"].case.number
        if data.get("asset") is not None:
            return facts_of(data["asset"], matter, typed, amount=data.get("amount"))
        wanted = {one.name for one in matter.request_fields}
        return {name: value for name, value in typed.items() if name in wanted}

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        for draft in self.drafts:
            extra = self._writ_data(data, draft) | {"deciders": [self.actor]}
            notice = self.effects.write(case, self._notice(draft.matter), party=draft.party, extra=extra)
            ruling = data.get("ruling")
            draft.documents = [*([ruling] if ruling is not None else []), notice]
        requests = issue(self, case, self.drafts)
        return self._said(data) | {"requests": [request.number for request in requests]}

    def _notice(self, matter: Matter) -> str:
        notices = {"restrict": "notice.assist-restrict", "inquiry": "notice.assist-inquiry"}
        return notices.get(matter.request_kind, "notice.assist-locate")

    def _writ_data(self, data: dict[str, Any], draft: Draft) -> dict[str, Any]:
        shown = addressee(draft) | {"restriction": _both(draft.matter), "asks": [_both(draft.matter)]}
        ruling = data.get("ruling")
        optional = {
            "asset": draft.asset,
            "until": data.get("until"),
            "ground": data.get("reason"),
            "ruling": ruling.number if ruling is not None else None,
        }
        return shown | {name: value for name, value in optional.items() if value}

    def _said(self, data: dict[str, Any]) -> dict[str, Any]:
        matter, party = self._matter(data), data.get("party")
        return {
            "matter": matter.code,
            "name": matter.name(get_language() or "en"),
            "agencies": "、".join(draft.agency.name for draft in self.drafts[:20]),
            "party": party.name if party is not None else "",
            "until": data.get("until"),
            "count": len(self.drafts),
        }

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return self._said(data)

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        return [
            (self._notice(draft.matter), self._writ_data(data, draft) | {"party": draft.party})
            for draft in self._drafts(case, data)[:1]
        ]


def _both(matter: Matter) -> dict[str, str]:
    return {"zh": matter.name_zh, "bo": matter.name("bo").rstrip("།་ ")}


class OrderRestriction(Generic):
    """Ask agencies to refuse or stop something for a debtor (协助限制), until lifted or its term ends."""

    code = "request.restrict"
    title = _("Order a restriction")
    summary = _("%(name)s: %(party)s, at %(agencies)s")
    basis = (CPL.art(262), CPL.art(266), CPL_INTERPRETATION.art(192), DECISION_2011.art("四"))
    affects = "debtor"
    remedy = Remedy.OBJECTION
    term = "linkage.restriction"
    released_by = "request.lift"
    writs = ("notice.assist-restrict",)
    Input = RestrictInput

    def initial(self, case: Case) -> dict[str, Any]:
        debtors = [party for party in case.parties.all() if party.is_debtor]
        return {"party": debtors[0].uid} if len(debtors) == 1 else {}

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        if data["matter"] == "PS-EXITBAN" and data.get("ruling") is None:
            extra = {"ground": data["reason"], "deciders": [self.actor], "matter": self._matter(data)}
            data["ruling"] = self.effects.write(case, "decision.exit", party=data["party"], extra=extra)
        return super().perform(case, data)


class OrderOther(Generic):
    """Ask an agency for any other assistance of the table (其他协助事项)."""

    code = "request.other"
    title = _("Ask an agency for other assistance")
    summary = _("%(name)s: asked of %(agencies)s %(party)s")
    basis = (CPL.art(253), CPL.art(262), PROPERTY_INVESTIGATION.art(15), ENFORCEMENT_PROCEDURE.art(23))
    writs = ("notice.assist-locate",)
    Input = OtherInput

    def decider(self, case: Case, data: dict[str, Any]) -> Duty | None:
        """An inquiry needs a notice only; what shows where somebody has been needs a decision."""
        matter = self._matter(data)
        if matter.is_inquiry and matter.agency_kind != "police":
            return None
        return super().decider(case, data)
