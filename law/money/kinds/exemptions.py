"""The calculators of what the debtor and the family keep."""

from __future__ import annotations

from typing import Any

from law.money import exemptions, sources
from law.money.arithmetic import exact, plain, show
from law.money.errors import Errors
from law.money.fields import boolean, choice, integer, listing, money, rate
from law.money.kinds.base import Answer, Calculator, row
from law.steps import Step
from law.steps import mark as _

__all__ = ["CALCULATORS"]


def _home_sale(facts: dict[str, Any]) -> Answer:
    found = exemptions.home_sale(**facts)
    steps = [
        Step(
            _("rent %(rent)s × 12 × %(years)s = %(due)s (5 to 8 years are lawful)"),
            {
                "rent": show(facts["market_rent_month"]),
                "years": str(facts["years"]),
                "due": show(found.rent_due),
            },
        ),
        Step(
            _(
                "%(price)s: costs %(costs)s, rent for the debtor %(rent)s, secured %(secured)s, "
                "claim %(claim)s, to the debtor %(rest)s"
            ),
            {
                "price": show(facts["price"]),
                "costs": show(found.costs),
                "rent": show(found.rent_for_debtor),
                "secured": show(found.secured),
                "claim": show(found.claim),
                "rest": show(found.to_debtor),
            },
        ),
    ]
    names = ("costs", "rent_for_debtor", "secured", "claim", "to_debtor", "years_lawful")
    return Answer(row(found, *names), steps, (sources.HOME, sources.HOME_SEALED, sources.HOME_ORDER))


def _income(facts: dict[str, Any]) -> Answer:
    errors = Errors()
    dependants, debtors = [], 0
    for index, person in enumerate(facts["persons"]):
        if person["who"] != "debtor":
            dependants.append(person["share"])
            continue
        debtors += 1
        if debtors > 1:
            errors.add(
                f"persons[{index}].who", _("The debtor stands in the list already; remove one of the rows.")
            )
        if person["share"] != 1:
            errors.add(f"persons[{index}].share", _("The debtor counts as one person; give 1."))
    errors.raise_if_any()
    found = exemptions.withholding(
        facts["net_income_month"], facts["minimum_per_person_month"], dependants, facts["outstanding"]
    )
    heads = 1 + sum(dependants)
    steps = [
        Step(
            _("to be kept: %(minimum)s × %(heads)s persons = %(exact)s → %(kept)s"),
            {
                "minimum": show(facts["minimum_per_person_month"]),
                "heads": plain(heads, 6),
                "exact": plain(exact(facts["minimum_per_person_month"]) * heads),
                "kept": show(found.minimum),
            },
        ),
        Step(
            _("income %(income)s: kept %(kept)s, withheld %(withheld)s a month"),
            {
                "income": show(facts["net_income_month"]),
                "kept": show(found.kept_month),
                "withheld": show(found.withheld_month),
            },
        ),
    ]
    if found.full_months is None or found.last_instalment is None:
        steps.append(Step(_("nothing can be withheld; the income does not exceed what is kept")))
    else:
        steps.append(
            Step(
                _("%(outstanding)s = %(months)s × %(withheld)s + %(last)s"),
                {
                    "outstanding": show(facts["outstanding"]),
                    "months": str(found.full_months),
                    "withheld": show(found.withheld_month),
                    "last": show(found.last_instalment),
                },
            )
        )
    names = ("kept_month", "withheld_month", "full_months", "last_instalment")
    return Answer(row(found, *names), steps, (sources.INCOME, sources.MINIMUM, sources.HEADS))


CALCULATORS = (
    Calculator(
        "home_sale",
        _("Sale of the debtor's only home"),
        (
            money("price", _("Price")),
            money("costs", _("Costs of sale"), zero=True),
            money("market_rent_month", _("Market rent per month")),
            integer("years", _("Years of rent"), minimum=1, maximum=50),
            money("secured", _("Secured claim"), zero=True),
            money("claim", _("Claim"), zero=True),
        ),
        (
            money("costs", _("Costs"), zero=True),
            money("rent_for_debtor", _("Rent set aside"), zero=True),
            money("secured", _("To the secured claim"), zero=True),
            money("claim", _("To the claim"), zero=True),
            money("to_debtor", _("To the debtor"), zero=True),
            boolean("years_lawful", _("Years are lawful")),
        ),
        _home_sale,
    ),
    Calculator(
        "income",
        _("Withholding of income"),
        (
            money("net_income_month", _("Net income per month"), zero=True),
            money("minimum_per_person_month", _("Minimum living standard per person and month")),
            listing(
                "persons",
                _("Persons"),
                (
                    choice(
                        "who",
                        _("Who"),
                        {
                            "debtor": _("debtor"),
                            "spouse": _("spouse"),
                            "child": _("child"),
                            "parent": _("parent"),
                            "other": _("other dependant"),
                        },
                    ),
                    rate(
                        "share",
                        _("Share the debtor bears"),
                        zero=False,
                        ratio=True,
                        help=_("1 for a dependant the debtor supports alone; 0.5 or 1/3 where others help."),
                    ),
                ),
                most=50,
                help=_("Dependants; the debtor counts as one person whether listed or not."),
            ),
            money("outstanding", _("Outstanding")),
        ),
        (
            money("kept_month", _("Kept per month"), zero=True),
            money("withheld_month", _("Withheld per month"), zero=True),
            integer("full_months", _("Full months"), required=False),
            money("last_instalment", _("Last instalment"), required=False, zero=True),
        ),
        _income,
    ),
)
