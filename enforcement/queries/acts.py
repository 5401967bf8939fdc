"""Acts as a form shows them: whether they are possible now, what is filled in, what the law says."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from directory.models import Court, Duty, Person
from enforcement.engine import (
    Act,
    MoneyField,
    Offer,
    OutOfSight,
    Refused,
    Run,
    Subject,
    act_named,
    all_acts,
    offered,
)
from enforcement.engine.act import yuan
from enforcement.engine.effects import Effects
from enforcement.models import Case, Proposal
from enforcement.writs import preview_html
from law import clock
from law.calendar import default

FILE_KEEPING = {"procedure", "parties"}


@dataclass
class ActForm:
    """One act about to be done by a person on a case or at a court."""

    act: type[Act]
    case: Case | None
    court: Court
    person: Person
    instance: Act | None  # None where the person holds no duty for it
    allowed: bool
    why_not: str = ""
    why_not_basis: tuple[Any, ...] = ()

    @property
    def context(self) -> dict[str, Any]:
        """Context of the ``Input`` serializer, as the engine gives it."""
        run = self.instance.run if self.instance is not None else None
        case = None if self.act.opens_case else self.case
        return {"case": case, "actor": self.person, "court": self.court, "run": run}

    def initial(self, given: Mapping[str, str]) -> dict[str, Any]:
        """What the form shows at first: the act's own proposal, then what the address names."""
        if self.instance is not None:
            self.instance.about = given.get("about", "")
        proposed = self.instance.initial(self.case) if self.instance is not None else {}
        known = self.act.input_fields()
        return {**proposed, **{name: given[name] for name in given if name in known}}


def _act(code: str, subject: Subject) -> type[Act]:
    try:
        act = act_named(code)
    except KeyError:
        raise OutOfSight from None
    on = Subject.COURT if act.opens_case else act.subject
    if on is not subject or not act.by:
        raise OutOfSight
    return act


def _instance(act: type[Act], case: Case | None, court: Court, person: Person, duty: Duty) -> Act:
    at = clock.now()
    day = clock.legal_day(at)
    # Nothing an act would cause is written from here: a form only looks.
    effects = Effects(event_id=0, at=at, day=day, calendar=default())
    return act(
        Run(case=case, register=None, court=court, actor=person, duty=duty, at=at, day=day, effects=effects)
    )


def on_case(person: Person, case: Case, code: str) -> ActForm:
    """The form of an act on a case loaded as workspace. Raises ``OutOfSight`` for an unknown act."""
    act = _act(code, Subject.CASE)
    assert case.court is not None
    offer = next((offer for offer in offered(case, person) if offer.act is act), None)
    if offer is None:
        duties = ", ".join(str(duty.label) for duty in sorted(act.by))
        why = _("“%(act)s” is for: %(duties)s. You hold no such duty on this case.") % {
            "act": act.title,
            "duties": duties,
        }
        return ActForm(act, case, case.court, person, None, False, why, act.basis)
    assert offer.duty is not None
    instance = _instance(act, case, case.court, person, offer.duty)
    return ActForm(act, case, case.court, person, instance, offer.allowed, offer.why_not, offer.why_not_basis)


def at_court(person: Person, court_code: str, code: str) -> ActForm:
    """The form of an act at a court where the person holds a duty, or which admits them. Raises
    ``OutOfSight`` elsewhere."""
    act = _act(code, Subject.COURT)
    held = {court for courts in person.duties.values() for court in courts}
    court = Court.objects.filter(pk__in=held, code=court_code).select_related("parent__parent").first()
    duty = None
    if court is None:
        # Somebody from outside may be admitted to a register by what they answer for there.
        court = Court.objects.filter(code=court_code).select_related("parent__parent").first()
        duty = act.admits(None, court, person, {}) if court is not None else None
        if court is None or duty is None:
            raise OutOfSight
    duty = duty or next((duty for duty in sorted(act.by) if person.holds(duty, court.pk)), None)
    if duty is None:
        duties = ", ".join(str(one.label) for one in sorted(act.by))
        why = _("“%(act)s” is for: %(duties)s. You hold no such duty at this court.") % {
            "act": act.title,
            "duties": duties,
        }
        return ActForm(act, None, court, person, None, False, why, act.basis)
    form = ActForm(act, None, court, person, _instance(act, None, court, person, duty), True)
    if not act.opens_case:
        try:
            form.instance.ready(None)  # type: ignore[union-attr]
        except Refused as refusal:
            form.allowed, form.why_not, form.why_not_basis = False, refusal.reason, refusal.basis or act.basis
    return form


def court_acts(person: Person) -> list[tuple[type[Act], Court]]:
    """Acts the person may do at a court (not on a case), with the court."""
    possible = [
        (act, pk)
        for act in all_acts()
        if (act.subject is Subject.COURT or act.opens_case) and act.offered_as_step
        for pk in sorted({court for duty in act.by for court in person.duties.get(duty, set())})
    ]
    courts = Court.objects.in_bulk({pk for _act, pk in possible})
    return [(act, courts[pk]) for act, pk in possible]


def may(person: Person, code: str) -> bool:
    """Whether the person holds a duty for an act at their own court."""
    return person.court_id is not None and any(
        person.holds(duty, person.court_id) for duty in act_named(code).by
    )


def bulk_acts(person: Person) -> list[type[Act]]:
    """Acts the person holds a duty for that can be done on many cases at once."""
    return [act for act in all_acts() if act.bulk and any(person.holds(duty) for duty in act.by)]


def bulk_form(person: Person, court: Court, code: str) -> ActForm:
    """The form of an act on many cases. Raises ``OutOfSight`` for an act that is not for many."""
    act = _act(code, Subject.CASE)
    duty = next((duty for duty in sorted(act.by) if person.holds(duty, court.pk)), None)
    if not act.bulk or duty is None:
        raise OutOfSight
    return ActForm(act, None, court, person, _instance(act, None, court, person, duty), True)


def steps(case: Case, person: Person) -> tuple[list[Offer], list[Offer]]:
    """Next lawful steps: what is possible now (what is due first), and what is not, with the reason."""
    # Of what has no day, the acts that carry the case on stand before those that keep its file in order.
    offers = sorted(
        (offer for offer in offered(case, person) if offer.act.offered_as_step),
        key=lambda offer: offer.due is None and offer.act.group in FILE_KEEPING,
    )
    return [offer for offer in offers if offer.allowed], [offer for offer in offers if not offer.allowed]


def previews(form: ActForm, serializer: Any) -> list[str] | None:
    """The writs an input would make, as HTML sheets; ``None`` while too little is typed to draw them.

    Fields that are wrong or still empty are left out, so that the sheet follows while somebody types.
    """
    if form.instance is None or form.case is None:
        return []
    data: dict[str, Any] = {}
    for field in serializer.fields.values():
        try:
            data[field.field_name] = field.run_validation(field.get_value(serializer.initial_data))
        except (serializers.ValidationError, serializers.SkipField):
            continue
    try:
        wanted = form.instance.preview(form.case, data)
    except (KeyError, Refused):
        return None  # an act's preview reads what it needs; what is missing is not typed yet
    sheets = []
    for writ, extra in wanted:
        rest = {name: value for name, value in extra.items() if name != "party"}
        sheets.append(
            preview_html(form.case, writ, day=form.instance.day, party=extra.get("party"), extra=rest)
        )
    return sheets


def proposed(proposal: Proposal, case: Case) -> ActForm:
    """The form of a proposed act as its proposer had it, for the decider to look at."""
    act = act_named(proposal.act)
    assert case.court is not None
    duty = next(iter(sorted(act.by)))
    return ActForm(
        act,
        case,
        case.court,
        proposal.proposed_by,
        _instance(act, case, case.court, proposal.proposed_by, duty),
        True,
    )


def typed(form: ActForm, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was filled in, as label and text, for reading. Rows of the case show their names."""
    serializer = form.act.Input(context=form.context)
    shown = []
    for name, field in serializer.fields.items():
        value = values.get(name)
        if value in (None, "", [], {}):
            continue
        shown.append((str(field.label or name), _shown(field, value)))
    return shown


def _shown(field: Any, value: Any) -> str:
    if isinstance(field, serializers.ListSerializer):
        row_serializer: Any = field.child
        names: dict[str, Any] = dict(row_serializer.fields.items())
        return "; ".join(
            ", ".join(
                _shown(names[name], one)
                for name, one in row.items()
                if name in names and one not in ("", None)
            )
            for row in value
        )
    if isinstance(field, MoneyField):
        return yuan(Decimal(str(value)))
    if isinstance(field, serializers.BooleanField):
        return _("yes") if value else _("no")
    choices = getattr(field, "choices", None)
    if choices is not None:
        many = value if isinstance(value, list) else [value]
        texts = {str(key): str(label) for key, label in choices.items()}
        return "、".join(texts.get(str(one), str(one)) for one in many)
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
