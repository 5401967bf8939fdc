"""The act (行为): declared once, in one class; forms, endpoints, offers, deadlines and history follow."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Court, Duty, Person
from enforcement.engine.effects import Effects
from enforcement.engine.fields import OfCase, SealedField, check_text
from enforcement.models import OPEN_STAGES, Case, Register, Stage
from law.citations import Citation


class Subject(enum.Enum):
    """What an act is done on."""

    CASE = "case"
    COURT = "court"


class Remedy(enum.StrEnum):
    """What the affected person can do against it (救济)."""

    OBJECTION = "objection"
    RECONSIDERATION = "reconsideration"


class ActInput(serializers.Serializer):
    """Input of an act: browser form, REST body and OpenAPI schema in one. Unknown keys are refused."""

    # Filled by browser forms and bulk work; never part of what the act reads.
    CONTROL_KEYS: ClassVar[set[str]] = {"csrfmiddlewaretoken", "idempotency_key", "seen"}

    def get_fields(self) -> dict[str, serializers.Field]:
        """A field of this serializer's own for each declared one.

        DRF copies what each was declared with deeply, all labels and choices too; nobody changes those, and
        the copying took a tenth of an act. What holds fields in turn is copied as DRF does it.
        """
        holders = (serializers.BaseSerializer, serializers.ListField, serializers.DictField)
        return {
            name: deepcopy(field)
            if isinstance(field, (*holders, OfCase))
            else type(field)(*field._args, **field._kwargs)  # type: ignore[attr-defined]  # DRF keeps them
            for name, field in self._declared_fields.items()
        }

    def to_internal_value(self, data: Any) -> Any:
        if hasattr(data, "keys"):
            known = set(self.fields)
            unknown = [
                key
                for key in data
                if key.split("[")[0].split(".")[0] not in known
                and key not in self.CONTROL_KEYS
                and not key.startswith("_")
            ]
            if unknown:
                raise serializers.ValidationError(
                    {key: [_("There is no such field here.")] for key in unknown}
                )
        return super().to_internal_value(data)

    def validate(self, attrs: Any) -> Any:
        for name, value in attrs.items():
            if isinstance(value, str):
                try:
                    check_text(value)
                except serializers.ValidationError as error:
                    raise serializers.ValidationError({name: error.detail}) from error
        return attrs


class Run:
    """One performance of an act: who, where, when, and what it has caused so far."""

    def __init__(
        self,
        *,
        case: Case | None,
        register: Register | None,
        court: Court,
        actor: Person,
        duty: Duty,
        at: datetime,
        day: date,
        effects: Effects,
        proposer: Person | None = None,
        key: str | None = None,
    ):
        self.case = case
        self.register = register
        self.court = court
        self.actor = actor
        self.duty = duty
        self.at = at
        self.day = day
        self.effects = effects
        self.proposer = proposer
        self.key = key
        # A sealed value this run opened; shown once to the person, kept nowhere.
        self.revealed = ""


class Act:
    """Base of all acts. A subclass with a ``code`` registers itself; a coercive one (``affects``) that lacks
    basis, decision, notice, remedy, term or release refuses to register (architecture, invariant 1)."""

    code: ClassVar[str] = ""
    title: ClassVar[Any] = ""
    group: ClassVar[str] = ""
    summary: ClassVar[Any] = ""  # timeline sentence; %(name)s from the outcome
    tone: ClassVar[str] = ""  # "in", "bad" or "": how the timeline marks it
    basis: ClassVar[tuple[Citation, ...]] = ()
    subject: ClassVar[Subject] = Subject.CASE
    opens_case: ClassVar[bool] = False
    by: ClassVar[frozenset[Duty]] = frozenset()
    by_system: ClassVar[bool] = False
    needs_assignment: ClassVar[bool] = True
    decided_by: ClassVar[Duty | None] = None
    stages: ClassVar[frozenset[Stage]] = OPEN_STAGES
    affects: ClassVar[str] = ""
    remedy: ClassVar[Remedy | None] = None
    term: ClassVar[str] = ""  # rule code of law/deadlines that bounds the measure
    released_by: ClassVar[str] = ""  # code of the act that ends it
    writs: ClassVar[tuple[str, ...]] = ()
    bulk: ClassVar[bool] = False
    offered_as_step: ClassVar[bool] = True
    about: str = ""  # subject of the task a form was opened from; what it shows first may follow it
    do_not_call_in_templates: ClassVar[bool] = True  # pages show what the class declares
    Input: ClassVar[type[ActInput]] = ActInput

    def __init_subclass__(cls, **options: Any):
        super().__init_subclass__(**options)
        if cls.__dict__.get("code"):
            _register(cls)

    def __init__(self, run: Run):
        self.run = run
        self.actor = run.actor
        self.day = run.day
        self.at = run.at
        self.effects = run.effects
        self.court = run.court

    # --- what a subclass says -----------------------------------------------------------------
    @classmethod
    def admits(cls, case: Case | None, court: Court, actor: Person, data: Mapping[str, Any]) -> Duty | None:
        """The duty under which somebody who does not see the case may do this act on it, because of what was
        addressed to them; ``None`` leaves it out of their sight."""
        return None

    def ready(self, case: Any) -> None:
        """Raise ``Refused`` if nothing typed could make the act lawful now. Reads what is loaded."""

    def decider(self, case: Any, data: dict[str, Any]) -> Duty | None:
        """Who must decide this input; ``None`` where the law needs nobody."""
        return self.decided_by

    def initial(self, case: Any) -> dict[str, Any]:
        """What the form shows before anything is typed."""
        return {}

    def check(self, case: Any, data: dict[str, Any]) -> None:
        """Raise ``Refused`` when the law forbids it."""

    def perform(self, case: Any, data: dict[str, Any]) -> dict[str, Any]:
        """Change rows; return what the timeline should show."""
        raise NotImplementedError

    def propose_summary(self, case: Any, data: dict[str, Any]) -> dict[str, Any]:
        """What the decision inbox shows of a proposal, as values for ``summary``."""
        return {}

    def preview(self, case: Any, data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """Writs this input would make: (writ code, extra data), for the live preview."""
        return []

    @classmethod
    def input_fields(cls) -> dict[str, serializers.Field]:
        return dict(cls.Input().fields)

    @classmethod
    def codes_of_basis(cls) -> list[str]:
        return [str(citation) for citation in cls.basis]


REGISTRY: dict[str, type[Act]] = {}


def _register(act: type[Act]) -> None:
    if act.code in REGISTRY:
        raise ImproperlyConfigured(f"Two acts have the code {act.code}.")
    if not act.basis:
        raise ImproperlyConfigured(f"{act.code}: every act names its basis.")
    if not act.by and not act.by_system:
        raise ImproperlyConfigured(f"{act.code}: nobody may do it.")
    if act.affects:
        missing = [
            name
            for name, value in {
                "decided_by": act.decided_by,
                "remedy": act.remedy,
                "writs (its notice)": act.writs,
                "term": act.term,
                "released_by": act.released_by,
            }.items()
            if not value
        ]
        if missing:
            raise ImproperlyConfigured(
                f"{act.code} restrains a person and can't register without {', '.join(missing)}."
            )
    if act.decided_by and _sealed_fields(act.Input()):
        # A proposal keeps its input until the decision; personal data must not wait there in the open.
        raise ImproperlyConfigured(f"{act.code}: an act that waits for a decision takes no sealed fields.")
    REGISTRY[act.code] = act


def _sealed_fields(serializer: serializers.BaseSerializer) -> Iterable[str]:
    one = serializer.child if isinstance(serializer, serializers.ListSerializer) else serializer
    assert isinstance(one, serializers.Serializer)
    found = []
    for name, field in one.fields.items():
        if isinstance(field, SealedField):
            found.append(name)
        elif isinstance(field, serializers.BaseSerializer):
            found.extend(_sealed_fields(field))
    return found


def act_named(code: str) -> type[Act]:
    """The act with a code. Raises ``KeyError``."""
    return REGISTRY[code]


def all_acts() -> list[type[Act]]:
    """Every registered act, in the order of registration (which follows the path of a case)."""
    return list(REGISTRY.values())


def yuan(amount: Decimal) -> str:
    """An amount as sentences show it: 1,234.50."""
    return f"{amount:,.2f}"
