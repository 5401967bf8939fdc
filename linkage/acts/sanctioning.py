"""Judicial advice and fines for not assisting (司法建议、罚款): proposed, and decided by the president."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Agency, Duty
from enforcement.acts.numbering import next_serial
from enforcement.engine import Act, ActInput, LiveChoiceField, MoneyField, Refused, Remedy
from enforcement.engine.act import yuan
from enforcement.models import Case
from law import case_numbers, linkage
from law.citations import CPL, CPL_INTERPRETATION, Citation
from linkage import register
from linkage.acts.base import Draft, issue, tell
from linkage.acts.chasing import listed, to_hand_over
from linkage.acts.following import FOLLOWING_STAGES, running
from linkage.acts.recording import DifficultyOf, of_task
from linkage.ladder import Step
from linkage.models import (
    ARTICLE_OF,
    Difficulty,
    DifficultyKind,
    DispatchKind,
    Request,
    RequestDocument,
)
from linkage.register import DIFFICULTY_RULE

ADVICE, FINE = "advice", "fine"
MEASURES = [(ADVICE, _("Judicial advice to the supervision organ")), (FINE, _("Fine"))]
LEAST_OF_UNIT, MOST_OF_UNIT, MOST_OF_PERSON = Decimal(50_000), Decimal(1_000_000), Decimal(100_000)  # CNY
ADVICE_MATTER, SANCTION_TYPE = "SUP-ADVICE", "司惩"


def supervisors_of(context: dict[str, Any]) -> dict[str, str]:
    """Linked organs that take judicial advice."""
    rows = Agency.objects.filter(is_active=True, matters__matter=ADVICE_MATTER).distinct()
    return {agency.code: str(agency) for agency in rows}


class AdviseInput(ActInput):
    difficulty = DifficultyOf(label=_("Entry of the register"))
    measure = serializers.ChoiceField(
        label=_("Proposal"), choices=MEASURES, style={"base_template": "radio.html"}
    )
    unit_amount = MoneyField(
        label=_("Fine of the unit (CNY)"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("From 50,000 to 1,000,000."),
    )
    person = serializers.CharField(
        label=_("Its head, or the person responsible"),
        max_length=80,
        required=False,
        allow_blank=True,
        default="",
    )
    post = serializers.CharField(
        label=_("Post of that person"), max_length=80, required=False, allow_blank=True, default=""
    )
    person_amount = MoneyField(
        label=_("Fine of that person (CNY)"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("At most 100,000."),
    )
    organ = LiveChoiceField(
        choices_of=supervisors_of,
        label=_("Advice goes to"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("If empty: the advice is handed over on paper."),
    )
    reasons = serializers.CharField(
        label=_("Facts and reasons"),
        min_length=10,
        max_length=1000,
        style={"base_template": "textarea.html"},
        help_text=_(
            "What was done and what came of it; a fine follows from both, and from the sum at stake."
        ),
    )


class Advise(Act):
    """Judicial advice (司法建议) or a fine (罚款) for not assisting: the president decides.

    CPL 117 and 118: the unit is ordered to perform and fined 50,000 to 1,000,000 CNY, its head or the person
    responsible up to 100,000 CNY; sized by CPL_INTERPRETATION 193. A reminder is no condition; proof that the
    order arrived is. Against a fine: reconsideration by the court above, within 3 days (CPL_INTERPRETATION
    185).
    """

    code = "request.advise"
    title = _("Judicial advice or a fine")
    group = "linkage"
    summary = _("%(what)s for %(agency)s (%(number)s)%(amounts)s")
    tone = "bad"
    basis = (CPL.art(117), CPL.art(118), CPL.art(119), CPL_INTERPRETATION.art("192-193"))
    by = frozenset({Duty.IMPLEMENTER, Duty.BUREAU_HEAD})
    decided_by = Duty.PRESIDENT
    remedy = Remedy.RECONSIDERATION
    stages = FOLLOWING_STAGES
    writs = ("decision.fine", "advice.judicial")
    Input = AdviseInput

    def ready(self, case: Case) -> None:
        if not running(case, DIFFICULTY_RULE):
            raise Refused(
                gettext("The register of this case holds nothing that could be punished."),
                CPL.art(117),
                code="no-difficulty",
            )

    def initial(self, case: Case) -> dict[str, Any]:
        return of_task(self, case)

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self._check_difficulty(data["difficulty"], data["measure"])
        if data["measure"] == FINE:
            self._check_amounts(data)
        elif data["unit_amount"] is not None or data["person_amount"] is not None:
            self._refuse(gettext("Advice carries no fine; leave the amounts empty."), "unit_amount")
        if data["organ"] and data["organ"] not in supervisors_of({}):
            self._refuse(gettext("This organ does not take judicial advice here."), "organ")

    def _refuse(
        self, reason: str, field: str, basis: Citation | None = None, *, code: str = "refused"
    ) -> None:
        raise Refused(reason, basis or CPL.art(117), field=field, code=code)

    def _check_difficulty(self, difficulty: Difficulty, measure: str) -> None:
        if not difficulty.is_open:
            self._refuse(gettext("This entry is settled."), "difficulty", code="settled")
        if difficulty.agency is None:
            self._refuse(
                gettext("Advice and fines are for a unit that must assist; name its agency in the entry."),
                "difficulty",
                code="no-agency",
            )
        if difficulty.is_lawful:
            self._refuse(
                gettext("This refusal was found lawful; nobody is punished for it."),
                "difficulty",
                ARTICLE_OF[difficulty.ground],
                code="lawful",
            )
        if difficulty.kind == DifficultyKind.REFUSAL and difficulty.is_lawful is None:
            self._refuse(
                gettext("Judge the refusal first: check the answer and say whether it is lawful."),
                "difficulty",
                code="not-judged",
            )
        request = difficulty.request
        if request is None or not request.is_delivered:
            self._refuse(
                gettext(
                    "Nothing proves that an order reached %(agency)s. Without proof of service there is no"
                    " duty, and no penalty."
                )
                % {"agency": difficulty.agency},
                "difficulty",
                CPL_INTERPRETATION.art(192),
                code="not-served",
            )
        if measure == FINE and difficulty.fined_on is not None:
            self._refuse(
                gettext("A fine was imposed for this on %(day)s; one act is fined once.")
                % {"day": difficulty.fined_on},
                "difficulty",
                CPL_INTERPRETATION.art(184),
                code="fined",
            )

    def _check_amounts(self, data: dict[str, Any]) -> None:
        unit, person = data["unit_amount"], data["person_amount"]
        if unit is None and person is None:
            self._refuse(gettext("Say how much the fine is."), "unit_amount", CPL.art(118))
        if unit is not None and not LEAST_OF_UNIT <= unit <= MOST_OF_UNIT:
            self._refuse(
                gettext("A unit is fined %(least)s to %(most)s.")
                % {"least": yuan(LEAST_OF_UNIT), "most": yuan(MOST_OF_UNIT)},
                "unit_amount",
                CPL.art(118),
                code="amount",
            )
        if person is not None and person > MOST_OF_PERSON:
            self._refuse(
                gettext("A person is fined at most %(most)s.") % {"most": yuan(MOST_OF_PERSON)},
                "person_amount",
                CPL.art(118),
                code="amount",
            )
        if (person is None) != (not data["person"].strip()):
            self._refuse(
                gettext("Name the person who is fined, with the amount, or neither."), "person", CPL.art(117)
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        difficulty: Difficulty = data["difficulty"]
        request = difficulty.request
        assert request is not None
        if data["measure"] == FINE:
            self._fine(case, difficulty, request, data)
        else:
            self._advise(case, difficulty, request, data)
        difficulty.sanction = self.effects.documents[0]
        difficulty.save(
            update_fields=[
                "sanction",
                "advised_on",
                "fined_on",
                "fine_of_unit",
                "fine_of_person",
                "fined_person",
            ]
        )
        Request.objects.filter(pk=request.pk).update(reminded=Step.PENALTY)
        return self._said(difficulty, data) | {"difficulty": difficulty.uid, "request": request.uid}

    def _fine(self, case: Case, difficulty: Difficulty, request: Request, data: dict[str, Any]) -> None:
        """A decision for the unit, another one for the person: each has its own remedy."""
        for writ, extra in self._decisions(difficulty, data):
            serial = next_serial(self.court, SANCTION_TYPE, self.day.year)
            number = case_numbers.format_number(self.day.year, self.court.code, SANCTION_TYPE, serial)
            decision = self.effects.write(case, writ, extra=extra | {"number": number})
            RequestDocument.objects.create(case=case, request=request, document=decision)
            to_hand_over(self, case, decision, difficulty.whose)
        difficulty.fined_on = self.day
        difficulty.fine_of_unit, difficulty.fine_of_person = data["unit_amount"], data["person_amount"]
        difficulty.fined_person = data["person"]
        tell(self, case, [request], DispatchKind.REMINDED, gettext("Decision to fine"))

    def _advise(self, case: Case, difficulty: Difficulty, request: Request, data: dict[str, Any]) -> None:
        organ = Agency.objects.filter(code=data["organ"]).first() if data["organ"] else None
        advice = self.effects.write(case, "advice.judicial", extra=self._advice(difficulty, organ, data))
        difficulty.advised_on = self.day
        if organ is None:
            to_hand_over(self, case, advice, gettext("supervision organ"))
            return
        draft = Draft(
            linkage.matter(ADVICE_MATTER),
            organ,
            facts={
                "unit": difficulty.whose,
                "act": difficulty.get_kind_display(),
                "dates": str(difficulty.happened_on),
                "writ_served_on": str(difficulty.served_on or register.arrived_on(request)),
                "facts": data["reasons"][:300],
            },
            documents=[advice],
        )
        issue(self, case, [draft])

    def _decisions(self, difficulty: Difficulty, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        common = self._facts(difficulty, data) | {"agency": difficulty.agency}
        fines = []
        if data.get("unit_amount"):
            fines.append(("decision.fine", common | {"amount": data["unit_amount"]}))
        if data.get("person_amount"):
            person = {"name": data["person"], "post": data["post"]}
            fines.append(("decision.fine", common | {"amount": data["person_amount"], "person": person}))
        return fines

    def _advice(self, difficulty: Difficulty, organ: Agency | None, data: dict[str, Any]) -> dict[str, Any]:
        extra = self._facts(difficulty, data) | {"about": difficulty.agency}
        return extra | ({"agency": organ} if organ is not None else {})

    def _facts(self, difficulty: Difficulty, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "ground": data.get("reasons", ""),
            "requests": [listed(difficulty.request)] if difficulty.request is not None else [],
            "deciders": [self.actor],
        }

    def _said(self, difficulty: Difficulty, data: dict[str, Any]) -> dict[str, Any]:
        unit, person = data["unit_amount"], data["person_amount"]
        amounts = [yuan(unit)] if unit is not None else []
        if person is not None:
            amounts.append(f"{data['person']} {yuan(person)}")
        return {
            "what": dict(MEASURES)[data["measure"]],
            "agency": difficulty.whose,
            "number": difficulty.number,
            "amounts": ": " + "、".join(amounts) if amounts else " ",
            "unit_amount": unit,
            "person_amount": person,
        }

    def propose_summary(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        return self._said(data["difficulty"], data)

    def preview(self, case: Case, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        if data["measure"] == FINE:
            return self._decisions(data["difficulty"], data)
        organ = Agency.objects.filter(code=data.get("organ") or "").first()
        return [("advice.judicial", self._advice(data["difficulty"], organ, data))]
