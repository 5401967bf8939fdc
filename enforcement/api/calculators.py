"""The calculators of the law: what they ask for, and their answers with every step and article."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from enforcement.api import shapes
from enforcement.api.endpoint import Endpoint, json_object
from law import calculators
from law.money.fields import Field

SCOPE = "calculators"
# JSON Schema of the plain kinds of facts; text of an amount or rate keeps every digit.
PLAIN: dict[str, dict[str, Any]] = {
    "money": {"type": "string", "pattern": r"^[0-9]{1,15}(\.[0-9]{1,2})?$"},
    "rate": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "choice": {"type": "string"},
    "text": {"type": "string", "minLength": 1},
}


def schema_of(fields: tuple[Field, ...]) -> dict[str, Any]:
    """JSON Schema of an object with these facts."""
    shape: dict[str, Any] = {
        "type": "object",
        "properties": {field.name: _schema(field) for field in fields},
        "additionalProperties": False,
    }
    required = [field.name for field in fields if field.required]
    return shape | ({"required": required} if required else {})


def _schema(field: Field) -> dict[str, Any]:
    if field.type == "object":
        shape = schema_of(field.fields)
    elif field.type == "list":
        shape = {"type": "array", "items": _schema(field.of) if field.of else schema_of(field.fields)}
        if field.minimum:
            shape["minItems"] = int(field.minimum)
        if field.maximum:
            shape["maxItems"] = int(field.maximum)
    elif field.type == "map":
        assert field.of is not None
        shape = {"type": "object", "additionalProperties": _schema(field.of)}
    else:
        shape = dict(PLAIN[field.type])
        if field.choices:
            values = [value for value, _label in field.choices]
            shape["enum"] = [int(value) for value in values] if field.type == "int" else values
        elif field.type == "int":
            shape |= {"minimum": int(field.minimum or 0), "maximum": int(field.maximum or 0)}
    if field.label:
        shape["title"] = gettext(field.label)
    if field.help:
        shape["description"] = gettext(field.help)
    return shape


class Kinds(Endpoint):
    """All calculators and the facts each asks for."""

    scopes = {"GET": SCOPE}
    tag = "calculators"
    operations = {"GET": "list_calculators"}
    summaries = {"GET": _("Calculators and the facts they ask for")}
    gives = {"GET": {200: shapes.Calculators}}

    def get(self, request: Any) -> Response:
        return Response(
            {
                "results": [
                    {
                        "kind": each.kind,
                        "title": gettext(each.title),
                        "facts": [field.describe(gettext) for field in each.facts],
                        "results": [field.describe(gettext) for field in each.results],
                        "href": reverse(f"api:calculator-{each.kind}"),
                    }
                    for each in calculators.CALCULATORS.values()
                ]
            }
        )


class Calculate(Endpoint):
    """One calculator. It knows no case and stores nothing."""

    scopes = {"POST": SCOPE}
    tag = "calculators"
    kind = ""
    operations = property(lambda self: {"POST": "calculate_" + self.kind.replace("-", "_")})

    @property
    def calculator(self) -> calculators.Calculator:
        """The calculator of this address."""
        try:
            return calculators.CALCULATORS[self.kind]
        except KeyError:
            raise NotFound from None

    @property
    def summaries(self) -> dict[str, str]:
        return {"POST": gettext(self.calculator.title)}

    @property
    def takes(self) -> dict[str, Any]:
        return {"POST": {"application/json": schema_of(self.calculator.facts)}}

    @property
    def gives(self) -> dict[str, Any]:
        results: dict[str, Any] = {field.name: {} for field in self.calculator.results}
        return {
            "POST": {
                200: {
                    "type": "object",
                    "properties": results
                    | {
                        "steps": {"type": "array", "items": {"type": "string"}},
                        "articles": {"type": "array", "items": {"type": "object"}},
                    },
                    "required": ["steps", "articles"],
                }
            }
        }

    def post(self, request: Any) -> Response:
        facts = json_object(request)
        return Response(calculators.as_json(calculators.run(self.kind, facts), gettext))
