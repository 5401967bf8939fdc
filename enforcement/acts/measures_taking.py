"""What all measures of control share (查封、扣押、冻结): the right person, a term within the ceiling, a rank,
and nothing beyond the claim without a reason."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext

from directory.models import Duty
from enforcement import ranks
from enforcement.acts.service import to_serve
from enforcement.coverage import ZERO, Coverage, coverage, net_value
from enforcement.engine import Act, Refused, Remedy
from enforcement.engine.act import yuan
from enforcement.models import (
    LIVE_STATES,
    Asset,
    AssetKind,
    Case,
    DeadlineKind,
    DeadlineState,
    Document,
    Measure,
    MeasureKind,
    MeasureState,
    PartyKind,
    PartyRole,
    Stage,
)
from law import terms
from law.citations import (
    CPL,
    CPL_INTERPRETATION,
    EQUITY_RULES,
    SEIZURE_RULES,
)

# Measures may start at once (CPL 251), before the notice to perform was issued.
CONTROL_STAGES = frozenset({Stage.NOTICE, Stage.CONTROL, Stage.DISPOSAL, Stage.DISTRIBUTION})
ONE_DAY = timedelta(days=1)
# What needs no price, because it is money.
MONEY_KINDS = frozenset({AssetKind.DEPOSIT, AssetKind.WAGE})


class TakeMeasure(Act):
    """A measure: proposed by the officer, decided by a judge, carried out by two officers, for a term."""

    group = "control"
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.ENFORCEMENT_JUDGE
    stages = CONTROL_STAGES
    affects = "debtor"
    remedy = Remedy.OBJECTION
    released_by = "measure.release"
    kind: ClassVar[MeasureKind]
    takes: ClassVar[frozenset[AssetKind]]
    none_recorded: ClassVar[Any]
    all_taken: ClassVar[Any]
    is_money: ClassVar[bool] = False

    # --- when it may be done ------------------------------------------------------------------
    def ready(self, case: Case) -> None:
        if not self._candidates(case):
            raise Refused(self.none_recorded, self.basis, code="no-asset")
        if not self._free(case):
            raise Refused(self.all_taken, self.basis, code="all-taken")

    def _candidates(self, case: Case) -> list[Asset]:
        return [asset for asset in case.assets.all() if asset.kind in self.takes]

    def _free(self, case: Case) -> list[Asset]:
        held = {measure.asset_id for measure in case.measures.all() if measure.is_live}
        return [asset for asset in self._candidates(case) if asset.pk not in held]

    def decider(self, case: Case, data: dict[str, Any]) -> Duty | None:
        """The judge; the president where money beyond the claim is to be restrained."""
        if self.is_money and self._excess(case, data):
            return Duty.PRESIDENT
        return self.decided_by

    def initial(self, case: Case) -> dict[str, Any]:
        free = self._free(case)
        first = {"asset": free[0].uid} if len(free) == 1 else {}
        months = min((self._ceiling(asset) for asset in free), default=0)
        return first | {
            "effective_on": self.day,
            "months": months or None,
            "officers": f"{self.actor.name}、",
        }

    # --- what the law forbids -----------------------------------------------------------------
    def check(self, case: Case, data: dict[str, Any]) -> None:
        asset = data["asset"]
        self._check_person(asset)
        self._check_free(asset)
        self._check_term(case, data)
        self._check_rank(asset, data)
        self._check_excess(case, data)

    def _check_person(self, asset: Asset) -> None:
        owner = asset.owner
        if owner.kind in {PartyKind.PERSON, PartyKind.COMPANY} and not owner.identity_index:
            raise Refused(
                gettext(
                    "No order about %(name)s may leave without a checked identity number or credit code,"
                    " because others bear the same name. Add it to the party first."
                )
                % {"name": owner.name},
                SEIZURE_RULES.art(2),
                field="asset",
                code="identity-missing",
            )

    def _check_free(self, asset: Asset) -> None:
        held = asset.measures.filter(state__in=LIVE_STATES).first()
        if held is not None:
            raise Refused(
                gettext("“%(asset)s” is restrained already, until %(day)s. Renew that measure instead.")
                % {"asset": asset.description, "day": held.last_day},
                CPL_INTERPRETATION.art(485),
                field="asset",
                code="held",
            )

    def _check_term(self, case: Case, data: dict[str, Any]) -> None:
        if data["effective_on"] > self.day:
            raise Refused(
                gettext("A measure is in force from its service; that day can't lie after today."),
                SEIZURE_RULES.art(1),
                field="effective_on",
            )
        if data["effective_on"] < case.filed_on:
            raise Refused(
                gettext("The case was docketed on %(day)s; no measure of it can be older.")
                % {"day": case.filed_on},
                CPL.art(251),
                field="effective_on",
            )
        ceiling = self._ceiling(data["asset"])
        if data["months"] is not None and data["months"] > ceiling:
            raise Refused(
                gettext("The longest term for this is %(months)s months.") % {"months": ceiling},
                CPL_INTERPRETATION.art(485),
                field="months",
                code="term",
            )
        if self._last_day(data) < self.day:
            raise Refused(
                gettext("This term ended on %(day)s; what has ended can't be recorded as in force.")
                % {"day": self._last_day(data)},
                SEIZURE_RULES.art(27),
                field="months",
                code="term",
            )

    def _check_rank(self, asset: Asset, data: dict[str, Any]) -> None:
        ranks.hold_rank(asset)
        held = list(ranks.same_thing(asset).select_related("case").order_by("rank", "id"))
        free = ranks.next_rank(held)
        if data["rank"] is None:
            data["rank"] = free
        elif data["rank"] < free:
            raise Refused(
                gettext("%(case)s comes first on this; yours can only wait, with rank %(rank)s.")
                % {"case": ranks.name_for(held[0].case, self.actor), "rank": free},
                SEIZURE_RULES.art(26),
                field="rank",
                code="rank",
            )

    def _check_excess(self, case: Case, data: dict[str, Any]) -> None:
        excess = self._excess(case, data)
        if not excess:
            return
        if not data["excess_reason"].strip():
            raise Refused(
                self._excess_sentence(case, data, excess),
                self._excess_basis(data),
                field="amount" if self.is_money else "excess_reason",
                code="excess",
            )
        if self.run.proposer is not None and self.decider(case, data) != self.run.duty:
            raise Refused(
                gettext(
                    "It now exceeds the claim by %(excess)s, which only the president may decide."
                    " Propose it anew."
                )
                % {"excess": yuan(excess)},
                SEIZURE_RULES.art(19),
                code="excess",
            )

    def _excess_sentence(self, case: Case, data: dict[str, Any], excess: Decimal) -> str:
        words = {
            "amount": yuan(self._covers(case, data)),
            "uncovered": yuan(self._coverage(case).uncovered),
            "excess": yuan(excess),
        }
        if self.is_money:
            return (
                gettext(
                    "%(amount)s exceeds the uncovered claim of %(uncovered)s by %(excess)s. Lower the amount,"
                    " or give a reason for the president to decide. If a frozen deposit was deducted"
                    " meanwhile, record its new balance first."
                )
                % words
            )
        return (
            gettext(
                "Its value of %(amount)s exceeds the uncovered claim of %(uncovered)s by %(excess)s. Say why"
                " it is needed all the same: it can't be divided, and nothing else suffices."
            )
            % words
        )

    def _excess_basis(self, data: dict[str, Any]) -> Any:
        if data["asset"].kind == AssetKind.EQUITY:
            return (EQUITY_RULES.art(5), CPL.art(253))
        return (SEIZURE_RULES.art(19), CPL.art(253))

    # --- figures ------------------------------------------------------------------------------
    def _ceiling(self, asset: Asset) -> int:
        return terms.most_months(self.kind, asset.kind)

    def _last_day(self, data: dict[str, Any]) -> Any:
        months = data["months"] or self._ceiling(data["asset"])
        return terms.last_day(data["effective_on"], months)

    def _coverage(self, case: Case) -> Coverage:
        known: Coverage | None = self.__dict__.get("_known_coverage")
        if known is None:
            known = self.__dict__["_known_coverage"] = coverage(case, self.day)
        return known

    def _amount(self, case: Case, data: dict[str, Any]) -> Decimal | None:
        """The sum the order names; ``None`` for a thing as a whole."""
        return data.get("amount")

    def _covers(self, case: Case, data: dict[str, Any]) -> Decimal:
        amount = self._amount(case, data)
        return amount if amount is not None else net_value(data["asset"]) or ZERO

    def _excess(self, case: Case, data: dict[str, Any]) -> Decimal:
        if (data["rank"] or 1) > 1:
            return ZERO  # what waits controls nothing
        return self._coverage(case).excess_with(self._covers(case, data))

    # --- what it does -------------------------------------------------------------------------
    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        assert self.run.proposer is not None, "a measure is decided by a second person"
        asset, excess = data["asset"], self._excess(case, data)
        measure = self._measure(case, data)
        measure.excess_reason = data["excess_reason"].strip() if excess else ""
        extra = self._writ_data(case, data, measure) | {"deciders": [self.actor]}
        ruling = self.effects.write(case, self.writs[0], party=asset.owner, extra=extra)
        measure.notice = self.effects.write(case, "notice.assist", party=asset.owner, extra=extra)
        measure.save(force_insert=True)
        serve_ruling(self, case, ruling, measure)
        open_term(self, case, measure)
        open_duties(self, case, measure)
        return self._said(case, data) | {
            "measure": measure.uid,
            "documents": [one.uid for one in self.effects.documents],
        }

    def _measure(self, case: Case, data: dict[str, Any]) -> Measure:
        rank = data["rank"] or 1
        return Measure(
            case=case,
            asset=data["asset"],
            kind=self.kind,
            rank=rank,
            amount=self._amount(case, data),
            during=DateRange(data["effective_on"], self._last_day(data) + ONE_DAY),
            state=MeasureState.IN_FORCE if rank == 1 else MeasureState.WAITING,
            basis="、".join(citation.label("zh") for citation in self.basis)[:300],
            remedy=Remedy.OBJECTION.value,
            carried_out_by=data["officers"],
            ordered_by_id=self.effects.event_id,
            proposed_by=self.run.proposer,
            decided_by=self.actor,
        )

    def _writ_data(self, case: Case, data: dict[str, Any], measure: Measure) -> dict[str, Any]:
        return {
            "asset": measure.asset,
            "measure": measure,
            "holder": measure.asset.holder,
            "officers": measure.carried_out_by.split("、"),
        }

    def _said(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        excess, covers = self._excess(case, data), self._covers(case, data)
        return {
            "description": data["asset"].description,
            "asset": data["asset"].uid,
            "amount": self._amount(case, data),
            "sum": yuan(covers),
            "from": data["effective_on"],
            "until": self._last_day(data),
            "rank": data["rank"] or 1,
            "officers": data["officers"],
            "coverage": "excess" if excess else "within",
            "excess": excess,
            "excess_reason": data["excess_reason"] if excess else "",
        }

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        shown = self._coverage(case)
        return self._said(case, data) | {"limit": shown.limit, "uncovered": shown.uncovered}

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        extra = self._writ_data(case, data, self._measure(case, data)) | {"party": data["asset"].owner}
        return [(self.writs[0], extra), ("notice.assist", extra)]


def serve_ruling(act: Act, case: Case, ruling: Document, measure: Measure) -> None:
    """A ruling about a measure is served on its debtor and the applicants (SEIZURE_RULES 1, 28)."""
    if case.is_open:
        applicants = [party for party in case.parties.all() if party.role == PartyRole.APPLICANT]
        to_serve(act, ruling, measure.asset.owner, *applicants)


def open_term(act: Act, case: Case, measure: Measure) -> None:
    """The term of a measure: its last day is the one the order names, and days off do not move it."""
    rule = terms.term_rule(measure.kind, measure.asset.kind)
    act.effects.open_deadline(
        case,
        rule.code,
        kind=DeadlineKind.TERM,
        starts_on=measure.during.lower,
        due_on=measure.last_day,
        duty=Duty.IMPLEMENTER,
        act="measure.renew",
        subject=measure.uid,
        label=measure.asset.description[:160],
    )


def open_duties(act: Act, case: Case, measure: Measure) -> None:
    """The notice that must follow a measure taken before it, and the price a thing is disposed of at."""
    waits_for_notice = (
        case.stage == Stage.NOTICE
        and not case.deadlines.filter(rule="notice.send.after-measure", state=DeadlineState.OPEN).exists()
    )
    if waits_for_notice:
        act.effects.open_deadline(
            case,
            "notice.send.after-measure",
            starts_on=measure.during.lower,
            duty=Duty.IMPLEMENTER,
            act="notice.issue",
        )
    if measure.asset.kind not in MONEY_KINDS and measure.state == MeasureState.IN_FORCE:
        act.effects.open_deadline(
            case,
            "disposal.reference.start",
            starts_on=measure.during.lower,
            duty=Duty.IMPLEMENTER,
            act="asset.value",
            subject=measure.asset.uid,
            label=measure.asset.description[:160],
        )
