"""The catalogue: what may be done, by whom, on what basis; clocks, ways to close, matters of agencies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from enforcement.engine import Act, all_acts
from enforcement.models import Stage
from enforcement.queries import words
from law import citations, clock, closings, deadlines, linkage, nodes
from law.citations import Citation


@dataclass
class Basis:
    """A citation as the catalogue shows it; ``verified`` is said beside it, never left out."""

    text: str
    verified: bool
    in_force: bool


@dataclass
class ActRow:
    act: type[Act]
    title: str
    group: str
    who: list[str]
    decided_by: str
    stages: list[str]
    basis: list[Basis]
    remedy: str
    term: str
    release: str
    writs: list[str]
    coercive: bool
    about: str


@dataclass
class RuleRow:
    code: str
    name: str
    length: str
    trigger: str
    who: str
    consequence: str
    basis: list[Basis]
    source: str
    verified: bool
    remarks: str


@dataclass
class Catalogue:
    acts: list[ActRow] = field(default_factory=list)
    rules: list[RuleRow] = field(default_factory=list)
    closings: list[Any] = field(default_factory=list)
    nodes: list[Any] = field(default_factory=list)
    instruments: list[Any] = field(default_factory=list)
    matters: list[Any] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        parts = (self.acts, self.rules, self.closings, self.nodes, self.instruments, self.matters)
        return not any(parts)


def _basis(of: Any) -> list[Basis]:
    today: date = clock.today()
    language = words.language()
    return [_one(citation, language, today) for citation in of]


def _one(citation: Citation, language: str, today: date) -> Basis:
    return Basis(citation.label(language), citation.verified, citation.in_force_on(today))


def catalogue(wanted: str = "") -> Catalogue:
    """Everything, or what holds the wanted text in any of its words."""
    needle = wanted.casefold().strip()

    def holds(*texts: Any) -> bool:
        return not needle or needle in " ".join(str(text) for text in texts).casefold()

    found = Catalogue()
    for act in all_acts():
        row = _act_row(act)
        basis = " ".join(one.text for one in row.basis)
        if holds(act.code, row.title, row.group, basis, *row.who, row.about, *row.writs):
            found.acts.append(row)
    language = words.language()
    for rule in deadlines.all_rules():
        rule_row = _rule_row(rule, language)
        basis = " ".join(one.text for one in rule_row.basis)
        if holds(rule.code, rule.name_zh, rule.name_en, rule.trigger, rule.actor, rule.consequence, basis):
            found.rules.append(rule_row)
    for closing in closings.closings():
        if holds(closing.code, closing.name_zh, closing.name_en, *closing.conditions, *closing.effects):
            found.closings.append(
                {"closing": closing, "name": closing.name(language), "basis": _basis(closing.citations)}
            )
    for node in nodes.nodes():
        if holds(node.code, node.name_zh, node.name_en, node.evidence):
            found.nodes.append(
                {"node": node, "name": node.name(language), "clock": words.rule_name(node.deadline_code)}
            )
    for instrument in citations.catalogue():
        if holds(instrument.key, instrument.title_zh, instrument.title_en, instrument.number):
            found.instruments.append({"instrument": instrument, "title": instrument.title(language)})
    for matter in linkage.matters().values():
        constraints = "、".join(matter.constraints)
        if holds(matter.code, matter.name_zh, matter.name_en, matter.agency_zh, matter.basis, constraints):
            found.matters.append(_matter_row(matter, language))
    return found


def _matter_row(matter: linkage.Matter, language: str) -> dict[str, Any]:
    return {
        "matter": matter,
        "name": matter.name(language),
        "constraints": matter.constraints,
        "answer": [one.label(language) for one in matter.answer_fields],
    }


def _act_row(act: type[Act]) -> ActRow:
    about = words.about(act)
    stages = [str(stage.label) for stage in Stage if stage in act.stages] if not act.opens_case else []
    return ActRow(
        act=act,
        title=str(act.title),
        group=words.group_label(act.group),
        who=[str(duty.label) for duty in sorted(act.by)] or [_("the system, by the clock")],
        decided_by=str(act.decided_by.label) if act.decided_by else "",
        stages=[] if act.subject.value == "court" or len(stages) == len(Stage) else stages,
        basis=_basis(act.basis),
        remedy=str(about.get("remedy", "")),
        term=str(about.get("term", "")),
        release=str(about.get("release", "")),
        writs=[words.writ_title(writ) for writ in act.writs],
        coercive=bool(act.affects),
        about=(act.__doc__ or "").split("\n")[0],
    )


def _rule_row(rule: deadlines.Rule, language: str) -> RuleRow:
    return RuleRow(
        code=rule.code,
        name=rule.name(language),
        length=words.span(rule.duration or 0, rule.unit.value)
        if rule.duration or rule.unit.value == "immediately"
        else _("as ordered"),
        trigger=rule.trigger,
        who=rule.actor,
        consequence=rule.consequence,
        basis=_basis(rule.citations),
        source=rule.source,
        verified=rule.verified,
        remarks=rule.remarks,
    )
