"""How a measure's term goes on or ends (期限): renewal, signed lapse, lapse, and moving up from waiting."""

from typing import Any, ClassVar

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement import ranks
from enforcement.acts.assets import watch_excess
from enforcement.acts.measures_taking import ONE_DAY, open_term, serve_ruling
from enforcement.coverage import coverage
from enforcement.engine import Act, ActInput, OfCase, Refused, Remedy
from enforcement.models import LIVE_STATES, Case, Measure, MeasureState, Stage
from law import terms
from law.citations import CPL_INTERPRETATION, SEIZURE_RULES

# A closed round keeps its measures: they are still renewed, released and lapse.
HOLDING_STAGES = frozenset(Stage) - {Stage.FILED}
LIVE = {"state__in": LIVE_STATES}


def live_measures(case: Case) -> list[Measure]:
    """Live measures of a case, from what a page has loaded."""
    return [measure for measure in case.measures.all() if measure.is_live]


def need_live(case: Case) -> None:
    """Raise ``Refused`` if no measure of the case is live."""
    if not live_measures(case):
        raise Refused(
            gettext("No measure is in force on this case."), SEIZURE_RULES.art(1), code="no-measure"
        )


def only_measure(measures: list[Measure]) -> dict[str, Any]:
    """The only measure it can be about, as what a form shows first."""
    return {"measure": measures[0].uid} if len(measures) == 1 else {}


def refuse_ended(measure: Measure, day: Any) -> None:
    """Raise ``Refused`` for a measure whose last day has passed: what is gone can't be prolonged."""
    if measure.last_day < day:
        raise Refused(
            gettext("The term ended on %(day)s without renewal, so its effect is gone. Take a new measure.")
            % {"day": measure.last_day},
            SEIZURE_RULES.art(27),
            field="measure",
            code="expired",
        )


def writ_data(measure: Measure, **more: Any) -> dict[str, Any]:
    """What the writs about an existing measure say of it."""
    return {
        "asset": measure.asset,
        "measure": {
            "kind": measure.kind,
            "amount": measure.amount,
            "from": measure.during.lower,
            "until": measure.last_day,
            "rank": measure.rank,
        }
        | more,
        "holder": measure.asset.holder,
    }


class RenewInput(ActInput):
    measure = OfCase("measures", only=LIVE, label=_("Measure"))
    months = serializers.IntegerField(
        label=_("Further months"),
        min_value=1,
        max_value=36,
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Leave empty for the longest the law allows; they begin after the present last day."),
    )


class RenewMeasure(Act):
    """Renew a measure before its last day (续行查封、扣押、冻结), with the ceiling of its first term."""

    code = "measure.renew"
    title = _("Renew a measure")
    group = "control"
    summary = _("Measure on “%(description)s” renewed from %(before)s to %(until)s")
    basis = (CPL_INTERPRETATION.art(485), SEIZURE_RULES.art(27))
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.ENFORCEMENT_JUDGE
    stages = HOLDING_STAGES
    affects = "debtor"
    remedy = Remedy.OBJECTION
    term = "control.other-right.term"
    released_by = "measure.release"
    writs = ("ruling.renew", "notice.assist")
    bulk = True
    Input: ClassVar[type[ActInput]] = RenewInput

    def ready(self, case: Case) -> None:
        need_live(case)

    def initial(self, case: Case) -> dict[str, Any]:
        ending = sorted(
            live_measures(case), key=lambda measure: (str(measure.uid) != self.about, measure.last_day)
        )
        return {"measure": ending[0].uid, "months": self._ceiling(ending[0])} if ending else {}

    def check(self, case: Case, data: dict[str, Any]) -> None:
        measure = data["measure"]
        refuse_ended(measure, self.day)
        ceiling = self._ceiling(measure)
        if data["months"] is not None and data["months"] > ceiling:
            raise Refused(
                gettext("A renewal lasts at most %(months)s months.") % {"months": ceiling},
                CPL_INTERPRETATION.art(485),
                field="months",
                code="term",
            )
        if not coverage(case, self.day).due:
            raise Refused(
                gettext("Nothing is owed any more; release the measure instead of renewing it."),
                SEIZURE_RULES.art(28),
                field="measure",
                code="paid",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        measure, before, until = data["measure"], data["measure"].last_day, self._until(data)
        measure.during = DateRange(measure.during.lower, until + ONE_DAY)
        measure.lapse_reason = ""
        extra = writ_data(measure, until_before=before) | {"deciders": [self.actor]}
        ruling = self.effects.write(case, "ruling.renew", party=measure.asset.owner, extra=extra)
        measure.notice = self.effects.write(case, "notice.assist", party=measure.asset.owner, extra=extra)
        measure.save(update_fields=["during", "lapse_reason", "notice"])
        serve_ruling(self, case, ruling, measure)
        self.effects.meet(case, *terms.term_rules(), subject=measure.uid)
        open_term(self, case, measure)
        return self._said(data, before, until)

    def _said(self, data: dict[str, Any], before: Any, until: Any) -> dict[str, Any]:
        measure = data["measure"]
        return {
            "measure": measure.uid,
            "description": measure.asset.description,
            "before": before,
            "until": until,
            "rank": measure.rank,
        }

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return self._said(data, data["measure"].last_day, self._until(data))

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        measure = data["measure"]
        extra = writ_data(measure, until_before=measure.last_day, until=self._until(data))
        extra["party"] = measure.asset.owner
        return [("ruling.renew", extra), ("notice.assist", extra)]

    def _ceiling(self, measure: Measure) -> int:
        return terms.most_months(measure.kind, measure.asset.kind)

    def _until(self, data: dict[str, Any]) -> Any:
        months = data["months"] or self._ceiling(data["measure"])
        return terms.last_day(data["measure"].last_day, months)


class LetLapseInput(ActInput):
    measure = OfCase("measures", only=LIVE, label=_("Measure"))
    reason = serializers.CharField(
        label=_("Why it need not be renewed"), max_length=300, style={"base_template": "textarea.html"}
    )


class LetLapse(Act):
    """Decide, with a signed reason, that a measure is not renewed (不再续行): nothing lapses in silence."""

    code = "measure.let-lapse"
    title = _("Let a measure lapse")
    group = "control"
    summary = _("Measure on “%(description)s” is left to lapse on %(until)s: %(reason)s")
    basis = (SEIZURE_RULES.art(27), CPL_INTERPRETATION.art(485))
    by = frozenset({Duty.IMPLEMENTER})
    decided_by = Duty.ENFORCEMENT_JUDGE
    stages = HOLDING_STAGES
    Input = LetLapseInput

    def ready(self, case: Case) -> None:
        need_live(case)

    def initial(self, case: Case) -> dict[str, Any]:
        return only_measure(live_measures(case))

    def check(self, case: Case, data: dict[str, Any]) -> None:
        refuse_ended(data["measure"], self.day)

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        measure = data["measure"]
        measure.lapse_reason = data["reason"]
        measure.save(update_fields=["lapse_reason"])
        self.effects.stop(case, *terms.term_rules(), subject=measure.uid)
        return self.propose_summary(case, data)

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        measure = data["measure"]
        return {
            "measure": measure.uid,
            "description": measure.asset.description,
            "until": measure.last_day,
            "reason": data["reason"],
        }


class LapseInput(ActInput):
    measure = OfCase("measures", only=LIVE, label=_("Measure"))


class LapseMeasure(Act):
    """Record that a measure has lapsed (期满未续,效力消灭); done by the system on the day after the last."""

    code = "measure.lapse"
    title = _("Measure lapsed")
    group = "control"
    summary = _("Measure on “%(description)s” lapsed after %(until)s")
    tone = "bad"
    basis = (SEIZURE_RULES.art(27),)
    by_system = True
    stages = frozenset(Stage)
    offered_as_step = False
    Input = LapseInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        if data["measure"].last_day >= self.day:
            raise Refused(
                gettext("The measure is in force until %(day)s.") % {"day": data["measure"].last_day},
                SEIZURE_RULES.art(27),
                field="measure",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        measure = data["measure"]
        was_in_force = measure.state == MeasureState.IN_FORCE
        measure.state = MeasureState.LAPSED
        measure.save(update_fields=["state"])
        end_duties(self, case, measure)
        if was_in_force:
            ranks.tell_waiting(self.effects, measure)
        if not measure.lapse_reason:
            self.effects.notify(
                [case.implementer, measure.decided_by],
                "measure.lapsed",
                case=case,
                tone="bad",
                asset=measure.asset.description,
            )
        watch_excess(self, case)
        return {
            "measure": measure.uid,
            "description": measure.asset.description,
            "until": measure.last_day,
            "reason": measure.lapse_reason,
        }


def end_duties(act: Act, case: Case, measure: Measure) -> None:
    """Stop what ran only because the measure held the thing: its term, and pricing it for disposal."""
    act.effects.stop(case, *terms.term_rules(), subject=measure.uid)
    act.effects.stop(case, "disposal.reference.start", subject=measure.asset.uid)


class MoveUpInput(ActInput):
    measure = OfCase("measures", only={"state": MeasureState.WAITING}, label=_("Waiting measure"))
    effective_on = serializers.DateField(
        label=_("In force since"), help_text=_("Day the measure before it was released or lapsed.")
    )
    months = serializers.IntegerField(
        label=_("Term in months"),
        min_value=1,
        max_value=36,
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Leave empty for the longest the law allows; it runs from the day it took effect."),
    )


class MoveUp(Act):
    """A waiting measure takes effect by itself when those before it are gone (轮候自动生效)."""

    code = "measure.move-up"
    title = _("Waiting measure takes effect")
    group = "control"
    summary = _("Waiting measure on “%(description)s” in force since %(from)s, until %(until)s")
    tone = "in"
    basis = (SEIZURE_RULES.art(26), SEIZURE_RULES.art(28))
    by = frozenset({Duty.IMPLEMENTER})
    stages = HOLDING_STAGES
    Input = MoveUpInput

    def ready(self, case: Case) -> None:
        if not self._waiting(case):
            raise Refused(gettext("No measure of this case waits behind another."), SEIZURE_RULES.art(26))

    def initial(self, case: Case) -> dict[str, Any]:
        return only_measure(self._waiting(case)) | {"effective_on": self.day}

    def _waiting(self, case: Case) -> list[Measure]:
        return [measure for measure in case.measures.all() if measure.state == MeasureState.WAITING]

    def check(self, case: Case, data: dict[str, Any]) -> None:
        measure = data["measure"]
        if not measure.during.lower <= data["effective_on"] <= self.day:
            raise Refused(
                gettext("It can take effect from %(day)s, the day it was registered as waiting, until today.")
                % {"day": measure.during.lower},
                SEIZURE_RULES.art(26),
                field="effective_on",
            )
        ranks.hold_rank(measure.asset)
        before = (
            ranks.same_thing(measure.asset)
            .filter(rank__lt=measure.rank)
            .select_related("case")
            .order_by("rank", "id")
            .first()
        )
        if before is not None:
            raise Refused(
                gettext("It still waits: %(case)s comes first on this.")
                % {"case": ranks.name_for(before.case, self.actor)},
                SEIZURE_RULES.art(26),
                field="measure",
                code="rank",
            )
        ceiling = terms.most_months(measure.kind, measure.asset.kind)
        if data["months"] is not None and data["months"] > ceiling:
            raise Refused(
                gettext("The longest term for this is %(months)s months.") % {"months": ceiling},
                CPL_INTERPRETATION.art(485),
                field="months",
                code="term",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        measure = data["measure"]
        months = data["months"] or terms.most_months(measure.kind, measure.asset.kind)
        until = terms.last_day(data["effective_on"], months)
        measure.rank, measure.state = 1, MeasureState.IN_FORCE
        measure.during = DateRange(data["effective_on"], until + ONE_DAY)
        measure.save(update_fields=["rank", "state", "during"])
        self.effects.meet(case, *terms.term_rules(), subject=measure.uid)
        open_term(self, case, measure)
        return {
            "measure": measure.uid,
            "description": measure.asset.description,
            "from": data["effective_on"],
            "until": until,
            "excess": watch_excess(self, case),
        }
