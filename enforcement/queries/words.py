"""How acts, rules and outcomes are put into words, in the language of the page."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from enforcement.engine import Act, act_named
from enforcement.writs import writ_named
from law import deadlines
from law.citations import Citation

GROUPS = {
    "filing": _("Filing"),
    "notice": _("Notice"),
    "service": _("Service"),
    "assets": _("Assets"),
    "control": _("Measures"),
    "objections": _("Objections"),
    "money": _("Money"),
    "parties": _("Parties"),
    "procedure": _("Procedure"),
    "closing": _("Closing"),
    "staff": _("People and duties"),
    "calendar": _("Calendar"),
    "clients": _("Clients"),
    "translation": _("Translations"),
    "exports": _("Exports"),
    "linkage": _("Requests to agencies"),
}


class Values(dict[str, Any]):
    """Values for a sentence: lists are joined; what an older event did not record shows as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return "、".join(_shown(one) for one in value)
    return said(str(value))


def said(text: str) -> str:
    """Words that history or a deadline keeps (in English), in the language of the page; other text as is."""
    return gettext(text) if text else ""


def sentence(template: Any, values: Mapping[str, Any]) -> str:
    """A template with ``%(name)s`` places, filled; missing values show as a dash."""
    text: str = str(template) % Values({name: _shown(value) for name, value in values.items()})
    return text


#: What a row of the readers' log says was opened.
READINGS = {
    "case": _("Case"),
    "case.act": _("Act"),
    "case.decision": _("Decisions"),
    "case.print": _("Print"),
    "document": _("Document"),
    "file": _("Document"),
    "parties": _("Parties"),
    "request": _("Request"),
}


def act_title(code: str) -> str:
    """The title of an act; its code if this version does not know it any more."""
    try:
        return str(act_named(code).title)
    except KeyError:
        return code


def reading(what: str) -> str:
    """What was read, in a word."""
    return str(READINGS.get(what.partition(":")[0], what))


def group_label(group: str) -> str:
    """The name of a group of acts."""
    return str(GROUPS.get(group, group.replace("-", " ").capitalize()))


def language() -> str:
    """The language of the page, as the law's own texts name it."""
    return get_language() or "zh-hans"


def citation(of: Citation) -> str:
    """A citation as a lawyer writes it; an unseen text keeps its mark."""
    label = of.label(language())
    return label if of.verified else gettext("%(citation)s [text not seen]") % {"citation": label}


def citations(of: Any) -> str:
    """Several citations in a row."""
    return " · ".join(citation(one) for one in of)


def rule_name(code: str) -> str:
    """The name of a deadline rule; its code if this version does not know it any more."""
    try:
        return deadlines.rule(code).name(language())
    except KeyError:
        return code


def about(act: type[Act]) -> dict[str, Any]:
    """The law panel of an act: basis, decider, term, remedy and release, in words."""
    panel: dict[str, Any] = {"basis": [citation(one) for one in act.basis]}
    if act.decided_by:
        panel["decided_by"] = act.decided_by.label
    if act.remedy:
        panel["remedy"] = REMEDIES[act.remedy.value]
    if act.term:
        rule = deadlines.rule(act.term)
        panel["term"] = rule_name(act.term) + (
            f": {span(rule.duration, rule.unit.value)}" if rule.duration else ""
        )
    if act.released_by:
        panel["release"] = act_title(act.released_by)
    return panel


def span(number: int, unit: str) -> str:
    """A length of time in words: 1 year, 15 days."""
    templates = {
        "hour": ngettext("%(number)d hour", "%(number)d hours", number),
        "day": ngettext("%(number)d day", "%(number)d days", number),
        "working-day": ngettext("%(number)d working day", "%(number)d working days", number),
        "month": ngettext("%(number)d month", "%(number)d months", number),
        "year": ngettext("%(number)d year", "%(number)d years", number),
        "immediately": gettext("at once"),
    }
    return templates[unit] % {"number": number}


REMEDIES = {
    "objection": _(
        "Whoever is affected may object to this court; it reviews within 15 days. Against that ruling,"
        " reconsideration by the court above within 10 days of service."
    ),
    "reconsideration": _(
        "Whoever is affected may apply for reconsideration to the court above;"
        " meanwhile the decision is carried out."
    ),
}


def writ_title(code: str) -> str:
    """The title of a kind of writ: Tibetan on Tibetan pages, Chinese elsewhere; writs have no English."""
    try:
        writ = writ_named(code)
    except KeyError:
        return code
    return writ.title_bo if language().startswith("bo") and writ.title_bo else writ.title_zh
