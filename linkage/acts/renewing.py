"""Ordering the holder to renew (协助续行查封、冻结): before the last day, with a new ruling; rank is kept."""

from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enforcement.acts.measures_taking import serve_ruling
from enforcement.acts.measures_term import LIVE, RenewInput, RenewMeasure, live_measures, writ_data
from enforcement.engine import ActInput, LiveChoiceField, OfCase, Refused
from enforcement.models import AssetKind, Case, Measure, MeasureKind
from law import linkage
from law.citations import CPL_INTERPRETATION, NETWORK_FREEZE, SEIZURE_RULES
from linkage.acts.base import Draft, issue, refuse_incomplete
from linkage.acts.ordering import (
    MATTERS_OF,
    addressee,
    agencies_for,
    agency_of,
    facts_of,
    order_behind,
    pending_on,
)

RENEWALS = {
    AssetKind.DEPOSIT: "BANK-FRZ-RENEW",
    AssetKind.HOUSE: "LAND-SEAL-RENEW",
    AssetKind.LAND: "LAND-SEAL-RENEW",
}


def matter_of_renewal(measure: Measure) -> linkage.Matter | None:
    """The matter a renewal is asked under: one of its own, or that of the order it renews."""
    own = RENEWALS.get(AssetKind(measure.asset.kind))
    if own is not None:
        return linkage.matter(own)
    behind = order_behind(measure)
    if behind is not None:
        return behind.matter
    usual = MATTERS_OF.get(measure.asset.kind, ())
    return linkage.matter(usual[0]) if len(usual) == 1 else None


class RenewOrderInput(RenewInput):
    measure = OfCase("measures", only=LIVE, label=_("Measure"))
    agency = LiveChoiceField(
        choices_of=agencies_for(
            *RENEWALS.values(), "VEH-SEAL", "MKT-FRZ-EQ", "SEC-FRZ", "SEC-FRZ-CASH", "INS-FRZ"
        ),
        label=_("Agency"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("If empty: the agency that holds the thing."),
    )


class OrderRenewal(RenewMeasure):
    """Order a measure to be renewed. Its term runs on only when the holder has answered."""

    code = "request.renew"
    title = _("Order a measure to be renewed")
    group = "linkage"
    summary = _("%(agency)s ordered to renew the measure on “%(description)s” from %(before)s to %(until)s")
    basis = (CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(27))
    released_by = "request.lift"
    writs = ("ruling.renew", "notice.assist-renew")
    Input: ClassVar[type[ActInput]] = RenewOrderInput

    def initial(self, case: Case) -> dict[str, Any]:
        ending = [measure for measure in live_measures(case) if measure.asset.kind in MATTERS_OF]
        ending.sort(key=lambda measure: (str(measure.uid) != self.about, measure.last_day))
        return {"measure": ending[0].uid, "months": self._ceiling(ending[0])} if ending else {}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        super().check(case, data)
        waiting = pending_on(data["measure"])
        if waiting is not None:
            raise Refused(
                gettext("Order %(number)s about “%(asset)s” still waits for the answer of %(agency)s.")
                % {
                    "number": waiting.number,
                    "asset": data["measure"].asset.description,
                    "agency": waiting.agency.name,
                },
                SEIZURE_RULES.art(27),
                field="measure",
                code="pending",
            )
        refuse_incomplete(self._draft(data), writ_follows=True)

    def _draft(self, data: dict[str, Any]) -> Draft:
        measure, until = data["measure"], self._until(data)
        asset, behind = measure.asset, order_behind(measure)
        matter = matter_of_renewal(measure)
        if matter is None:
            raise Refused(
                gettext("No agency renews this electronically; renew it with the holder and record it."),
                NETWORK_FREEZE.art(1),
                field="measure",
                code="no-matter",
            )
        wanted = data["agency"]
        agency = agency_of(asset, matter, wanted) if wanted or behind is None else behind.agency
        number = behind.number if behind is not None else measure.notice.number if measure.notice else ""
        said = {
            "original_request_no": number,
            "original_end_on": measure.last_day,
            "new_end_on": until,
        }
        carried = behind.carried() if behind is not None else {}
        facts = carried | facts_of(asset, matter, {}, amount=measure.amount)
        facts |= {one.name: said[one.name] for one in matter.request_fields if one.name in said}
        return Draft(
            matter,
            agency,
            party=asset.owner,
            asset=asset,
            measure=measure,
            amount=measure.amount,
            first=measure.during.lower,
            last=until,
            facts=facts,
        )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        measure, until = data["measure"], self._until(data)
        draft = self._draft(data)
        extra = self._writ_extra(data, draft) | {"deciders": [self.actor]}
        ruling = self.effects.write(case, self.writs[0], party=measure.asset.owner, extra=extra)
        notice = self.effects.write(case, self._notice(measure), party=measure.asset.owner, extra=extra)
        serve_ruling(self, case, ruling, measure)
        draft.documents = [ruling, notice]
        request = issue(self, case, [draft])[0]
        return self._said(data, measure.last_day, until) | {
            "request": request.uid,
            "requests": [request.number],
        }

    def _said(self, data: dict[str, Any], before: Any, until: Any) -> dict[str, Any]:
        return super()._said(data, before, until) | {"agency": self._draft(data).agency.name}

    def _notice(self, measure: Measure) -> str:
        return self.writs[1] if measure.kind == MeasureKind.FREEZE else "notice.assist-seal"

    def _writ_extra(self, data: dict[str, Any], draft: Draft) -> dict[str, Any]:
        measure = data["measure"]
        return writ_data(measure, until_before=measure.last_day, until=self._until(data)) | addressee(draft)

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        measure = data["measure"]
        extra = self._writ_extra(data, self._draft(data)) | {"party": measure.asset.owner}
        return [(self.writs[0], extra), (self._notice(measure), extra)]
