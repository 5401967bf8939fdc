"""Serializer fields that know cases: amounts, rows of the same case, sealed values."""

import unicodedata
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

FORBIDDEN = {"Cc", "Cs"}
BIDI_CONTROLS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def check_text(value: str) -> None:
    """Refuse control characters, lone surrogates and direction overrides; line breaks are fine.

    Raises ``serializers.ValidationError``.
    """
    for character in value:
        if character in "\n\r\t":
            continue
        if unicodedata.category(character) in FORBIDDEN or character in BIDI_CONTROLS:
            raise serializers.ValidationError(
                _("This text holds an invisible control character (U+%(code)04X). Remove it.")
                % {"code": ord(character)}
            )


class MoneyField(serializers.DecimalField):
    """An amount in CNY: more than 0, at most two places, plain digits; commas between thousands are accepted
    because people paste them. Nothing is rounded in silence."""

    default_error_messages = {
        "invalid": _("Write the amount in digits, such as 1200.50."),
        "max_decimal_places": _("An amount has at most two decimal places; nothing is rounded here."),
        "min_value": _("The amount must be at least 0.01."),
    }

    def __init__(self, *, allow_zero: bool = False, **options: Any):
        options.setdefault("max_digits", 17)
        options.setdefault("decimal_places", 2)
        self.allow_zero = allow_zero
        options.setdefault("min_value", Decimal("0.00") if allow_zero else Decimal("0.01"))
        style = {"base_template": "money.html"} | options.pop("style", {})
        super().__init__(style=style, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        text = str(data).strip()
        if "," in text:
            groups = text.split(".")[0].lstrip("-").split(",")
            if not all(len(group) == 3 for group in groups[1:]) or not 0 < len(groups[0]) <= 3:
                self.fail("invalid")
            text = text.replace(",", "")
        if not text.lstrip("-").replace(".", "", 1).isascii() or not text.lstrip("-").replace(
            ".", "", 1
        ).isdigit():
            self.fail("invalid")
        return super().to_internal_value(text)


@extend_schema_field(OpenApiTypes.UUID)
class OfCase(serializers.SlugRelatedField):
    """A row of the same case, named by its public id: ``OfCase("assets")``. Rows of other cases do not exist
    here, so a foreign id is answered like a random one."""

    default_error_messages = {
        "does_not_exist": _("No such entry on this case."),
        "invalid": _("No such entry on this case."),
    }

    def __init__(self, relation: str, *, only: dict[str, Any] | None = None, **options: Any):
        self.relation = relation
        self.only = only or {}
        options.setdefault("slug_field", "uid")
        # DRF asks for a queryset at declaration; the real one depends on the case and comes at run time.
        options["queryset"] = _Later()
        super().__init__(**options)

    def __deepcopy__(self, memo: dict[int, Any]) -> "OfCase":
        options = {key: value for key, value in self._kwargs.items() if key != "queryset"}
        return type(self)(*self._args, **options)

    def get_queryset(self) -> QuerySet[Any]:
        case = self.context.get("case")
        if case is None:
            from enforcement.models import Case

            model = Case._meta.get_field(self.relation).related_model
            return model._default_manager.none()  # type: ignore[union-attr]
        return getattr(case, self.relation).filter(**self.only)

    def to_internal_value(self, data: Any) -> Any:
        from uuid import UUID

        try:
            UUID(str(data))
        except ValueError:
            self.fail("does_not_exist")
        return super().to_internal_value(data)


class _Later:
    """Stands where DRF wants a queryset before the case is known."""

    def all(self) -> "_Later":
        return self


class SealedField(serializers.CharField):
    """Personal data: kept sealed, shown masked, recorded in history only as mask and keyed commitment."""

    def __init__(self, *, kind: str, **options: Any):
        self.kind = kind
        super().__init__(**options)
