"""Matters agencies answer, with JSON Schemas of what a request carries and what an answer says."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from rest_framework.response import Response

from law import linkage
from law.linkage import FieldKind, Matter, MatterField
from linkage.api import shapes
from linkage.api.reading import READ, LinkageEndpoint
from linkage.models import Ground, Outcome
from linkage.queries import feeds

SCHEMA = "https://json-schema.org/draft/2020-12/schema"
TEXT: dict[str, Any] = {"type": "string", "maxLength": 300}
MONEY: dict[str, Any] = {"type": "string", "pattern": r"^[0-9]{1,15}(\.[0-9]{1,2})?$"}
DAY: dict[str, Any] = {"type": "string", "format": "date"}
PLAIN: dict[FieldKind, dict[str, Any]] = {
    FieldKind.TEXT: TEXT,
    FieldKind.MONEY: MONEY,
    FieldKind.DATE: DAY,
    FieldKind.MOMENT: {"type": "string", "format": "date-time"},
    FieldKind.NUMBER: {"type": "integer", "minimum": 0},
    FieldKind.FLAG: {"type": "boolean"},
    FieldKind.ACCOUNT: {"type": "string", "maxLength": 40},
    FieldKind.IDENTITY: {"type": "string", "maxLength": 40},
}
PERSON = {
    "type": "object",
    "properties": {"kind": TEXT, "name": TEXT, "name_bo": TEXT, "identity_number": TEXT},
    "required": ["kind", "name", "identity_number"],
}


def of_fields(fields: tuple[MatterField, ...], *, required: bool) -> dict[str, Any]:
    """JSON Schema of an object with these fields. An answer that found nothing leaves out what it lacks."""
    language = get_language() or "zh-hans"
    shape: dict[str, Any] = {
        "type": "object",
        "properties": {one.name: _field(one, language, required=required) for one in fields},
    }
    names = [one.name for one in fields if one.required]
    return shape | ({"required": names} if required and names else {})


def _field(one: MatterField, language: str, *, required: bool) -> dict[str, Any]:
    title = {"title": one.label(language)}
    if one.kind in {FieldKind.ROWS, FieldKind.GROUP}:
        inner = of_fields(one.fields or (MatterField("remarks", FieldKind.TEXT),), required=required)
        return title | ({"type": "array", "items": inner} if one.kind is FieldKind.ROWS else inner)
    return title | PLAIN[one.kind]


def request_schema(matter: Matter) -> dict[str, Any]:
    """What ``data`` of a request of this matter holds besides what every request holds."""
    facts = of_fields(matter.request_fields, required=True)
    if "P" in matter.carries:
        facts["properties"]["person"] = PERSON
        facts.setdefault("required", []).append("person")
    shape: dict[str, Any] = {"$schema": SCHEMA, "type": "object", "properties": {"facts": facts}}
    shape["required"] = ["facts"]
    if "A" in matter.carries:
        shape["properties"]["amount"] = MONEY
        shape["required"].append("amount")
    if "T" in matter.carries:
        shape["properties"]["term"] = {"type": "object", "properties": {"first": DAY, "last": DAY}}
        shape["required"].append("term")
    return shape


def answer_schema(matter: Matter) -> dict[str, Any]:
    """What the body of an answer to this matter holds."""
    return {
        "$schema": SCHEMA,
        "type": "object",
        "properties": {
            "outcome": {"type": "string", "enum": Outcome.values},
            "number": {"type": "string", "minLength": 1, "maxLength": 80},
            "handled_at": PLAIN[FieldKind.MOMENT],
            "handler": {"type": "string", "maxLength": 80},
            "ground": {"type": "string", "enum": ["", *Ground.values]},
            "remarks": {"type": "string", "maxLength": 500},
            "corrects": {"type": "boolean"},
            "facts": of_fields(matter.answer_fields, required=False),
        },
        "required": ["outcome", "number"],
        "additionalProperties": False,
    }


def row(matter: Matter) -> dict[str, Any]:
    return {
        "code": matter.code,
        "name": matter.name(get_language() or "zh-hans"),
        "agency_kind": matter.agency_kind,
        "request_kind": matter.request_kind,
        "answer_days": matter.days,
        "basis": matter.basis,
        "verified": matter.verified,
        "href": reverse("linkage-api:matter", args=[matter.code]),
    }


class Matters(LinkageEndpoint):
    """Matters of the law's table that this client is let to."""

    scopes = {"GET": READ}
    operations = {"GET": "list_matters"}
    summaries = {"GET": gettext_lazy("Matters agencies answer")}
    gives = {"GET": {200: shapes.Matters}}

    def get(self, request: Any) -> Response:
        known = linkage.matters().items()
        rows = [row(matter) for code, matter in known if feeds.is_within(code, request.auth.matters)]
        return Response({"results": rows})


class MatterDetail(LinkageEndpoint):
    """One matter with its schemas."""

    scopes = {"GET": READ}
    operations = {"GET": "read_matter"}
    summaries = {"GET": gettext_lazy("One matter: what is asked, what is answered")}
    gives = {"GET": {200: shapes.MatterDetail}}

    def get(self, request: Any, code: str) -> Response:
        matter = linkage.matters().get(code)
        if matter is None:
            raise Http404
        if not feeds.is_within(code, request.auth.matters):
            raise feeds.OtherMatter(code)
        schemas = {"request_schema": request_schema(matter), "answer_schema": answer_schema(matter)}
        return Response(row(matter) | schemas)
