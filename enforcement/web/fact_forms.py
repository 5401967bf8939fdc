"""Forms of the calculators, built from the facts that the law's calculators declare.

The fields only carry what was typed; reading and refusing it is the calculators' own business, so that a
form, the REST interface and a running case are judged by one reader.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, gettext
from rest_framework import serializers
from rest_framework.fields import empty

from law import deadlines
from law.calculators import Calculator
from law.money.errors import FactError
from law.money.fields import Field

_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
_PATH = re.compile(r"[^.\[\]]+|\[\d+\]")


def form_of(calculator: Calculator) -> type[serializers.Serializer]:
    """A serializer class with a field for every fact of the calculator, in the language of the page."""
    return _serializer(calculator.kind, calculator.facts)


def _serializer(name: str, fields: Sequence[Field]) -> type[serializers.Serializer]:
    return type(f"Facts_{name}", (serializers.Serializer,), {field.name: _field(field) for field in fields})


def _field(field: Field) -> serializers.Field:
    common: dict[str, Any] = {
        "label": gettext(field.label) if field.label else field.name,
        # Django's own blank forms: what is missing is for the calculator to say.
        "required": field.required,
        "help_text": gettext(field.help) if field.help else "",
    }
    if field.name == "rule_code":
        language = get_language() or "zh-hans"
        rules = [(rule.code, f"{rule.name(language)} · {rule.code}") for rule in deadlines.all_rules()]
        return serializers.ChoiceField(choices=rules, allow_blank=not field.required, **common)
    if field.type == "list" and field.fields:
        return _serializer(field.name, field.fields)(many=True, **common)
    if field.type == "list":
        assert field.of is not None
        return serializers.ListField(child=_field(field.of), **common)
    if field.type == "map":
        assert field.key is not None
        assert field.of is not None
        row = {"key": _field(field.key), "value": _field(field.of)}
        for name, fallback in (("key", gettext("Name")), ("value", gettext("Value"))):
            if row[name].label in ("", field.key.name, field.of.name):
                row[name].label = fallback
        return type(f"Facts_{field.name}", (serializers.Serializer,), row)(many=True, **common)
    if field.type == "object":
        return _serializer(field.name, field.fields)(**common)
    if field.type == "bool":
        return serializers.BooleanField(**common)
    if field.choices:
        choices = [(value, gettext(label)) for value, label in field.choices]
        return serializers.ChoiceField(choices=choices, allow_blank=not field.required, **common)
    styles: dict[str, dict[str, Any]] = {
        "money": {"base_template": "money.html", "inputmode": "decimal"},
        "rate": {"inputmode": "decimal", "short": True},
        "int": {"inputmode": "numeric", "short": True},
        "date": {"base_template": "date.html", "input_type": "date", "short": True},
        "text": {"short": True},
    }
    return serializers.CharField(style=styles[field.type], allow_blank=not field.required, **common)


# --- what was typed, as facts --------------------------------------------------------------------------
def facts_of(fields: Sequence[Field], serializer: Any, typed: Any) -> dict[str, Any]:
    """What was typed, in the JSON shape the calculators read; what was left open is left out."""
    facts: dict[str, Any] = {}
    for field in fields:
        value = _fact(field, serializer.fields[field.name], typed)
        if value is not None:
            facts[field.name] = value
    return facts


def _fact(field: Field, source: Any, typed: Any) -> Any:
    raw = source.get_value(typed)
    if field.type == "bool":
        ticked = str(raw).lower() in ("true", "on", "1")
        return ticked if ticked or field.required else None
    if field.type == "list":
        rows = raw if isinstance(raw, list) else []
        if field.of is not None:
            found: list[Any] = [_plain(field.of, value) for value in rows if value not in (None, "")]
        else:
            found = [facts_of(field.fields, source.child, row) for row in rows]
        return found if found or field.required else None
    if field.type == "map":
        assert field.key is not None
        assert field.of is not None
        entries = {}
        for row in raw if isinstance(raw, list) else []:
            key = str(row.get("key", "")).strip()
            entries[key] = _plain(field.of, row.get("value", ""))
        return entries if entries or field.required else None
    if field.type == "object":
        inner = facts_of(field.fields, source, raw if raw is not empty else {})
        # Empty lists and unticked boxes alone do not say that somebody began to fill the group in.
        begun = any(value not in ([], {}, False) for value in inner.values())
        return inner if begun or field.required else None
    return None if raw in (empty, None, "") else _plain(field, raw)


def _plain(field: Field, value: Any) -> Any:
    text = str(value).strip()
    if field.type in ("money", "rate", "int"):
        text = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lstrip("¥")
        if _THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
    if field.type == "int" and re.fullmatch(r"-?\d{1,9}", text):
        return int(text)
    return text


# --- errors and results ----------------------------------------------------------------------------------
def errors_of(error: FactError, facts: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    """Refused facts as the form shows them: at their field; what has none stands on top."""
    shown: dict[str, Any] = {}
    known = {field.name: field for field in fields}
    for path, text in error.in_language(gettext).items():
        steps = [step.strip("[]") for step in _PATH.findall(path)]
        field = known.get(steps[0]) if steps else None
        if field is None:
            shown.setdefault("non_field_errors", []).append(text)
            continue
        if field.type == "map" and len(steps) > 1:
            keys = list(facts.get(field.name, {}))
            key = path[len(field.name) + 1 :]
            steps = [field.name, str(keys.index(key)), "value"] if key in keys else [field.name]
        place = shown
        for step in steps[:-1]:
            inner = place.setdefault(step, {})
            if not isinstance(inner, dict):
                inner = place[step] = {"non_field_errors": inner}
            place = inner
        last = steps[-1]
        if isinstance(place.get(last), dict):
            place[last].setdefault("non_field_errors", []).append(text)
        else:
            place.setdefault(last, []).append(text)
    return shown


def typed_from(fields: Sequence[Field], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as the form shows them at first (a map becomes rows)."""
    shown: dict[str, Any] = {}
    for field in fields:
        if field.name not in facts:
            continue
        value = facts[field.name]
        if field.type == "map":
            value = [{"key": key, "value": one} for key, one in value.items()]
        shown[field.name] = value
    return shown


def shown_results(fields: Sequence[Field], result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Result fields for the page: single values, tables, or pairs of names and values."""
    return [_shown(field, result.get(field.name)) for field in fields]


def _shown(field: Field, value: Any) -> dict[str, Any]:
    label = gettext(field.label) if field.label else field.name.replace("_", " ")
    shape: dict[str, Any] = {"label": label, "type": field.type, "value": value}
    if field.type == "list" and field.fields:
        shape["columns"] = [_label(one) for one in field.fields]
        shape["rows"] = [
            [{"type": one.type, "value": row.get(one.name)} for one in field.fields] for row in value or []
        ]
    elif field.type == "list":
        assert field.of is not None
        shape["columns"] = [label]
        shape["rows"] = [[{"type": field.of.type, "value": one}] for one in value or []]
    elif field.type == "map":
        assert field.of is not None
        shape["pairs"] = [
            {"label": key, "type": field.of.type, "value": one} for key, one in (value or {}).items()
        ]
    elif field.type == "object":
        shape["pairs"] = [
            {"label": _label(one), "type": one.type, "value": (value or {}).get(one.name)}
            for one in field.fields
        ]
    return shape


PARTS = {
    "title_costs": "costs payable to the creditor",
    "general_interest": "general interest",
    "main": "main debt",
    "doubled_interest": "doubled interest for delay",
    "surplus": "surplus",
    "total": "total",
}


def _label(field: Field) -> str:
    if field.label:
        return gettext(field.label)
    return gettext(PARTS[field.name]) if field.name in PARTS else field.name.replace("_", " ")
