"""Fields that shapes share, and what every answer may hold: rules of law and problems."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers


def text(help_text: Any = None, *, null: bool = False) -> serializers.CharField:
    return serializers.CharField(allow_blank=True, allow_null=null, help_text=help_text)


def one_of(choices: Any, **options: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=choices.choices, **options)


def money(*, null: bool = False, places: int = 2) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=17, decimal_places=places, allow_null=null)


def day(*, null: bool = False) -> serializers.DateField:
    return serializers.DateField(allow_null=null)


def public_id(*, null: bool = False) -> serializers.UUIDField:
    return serializers.UUIDField(allow_null=null)


class Rule(serializers.Serializer):
    """A place in the law."""

    instrument = text()
    article = text()
    verified = serializers.BooleanField(help_text=_("False where the text itself was not seen."))
    label = text()  # type: ignore[assignment]


class Problem(serializers.Serializer):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text=_("A name, `urn:zhixing:problem:` and the code; not an address."))
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField(help_text=_("The path that was called."))
    code = serializers.CharField()
    rules = Rule(many=True, help_text=_("What the refusal rests on."))
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text=_("Sentences by the path of their field, such as `parties[0].name`."),
    )
    request_id = serializers.CharField(allow_blank=True, help_text=_("Quote it when you report something."))


def problem_response(description: Any) -> OpenApiResponse:
    """A problem as one of an operation's answers."""
    return OpenApiResponse(Problem, description)
