"""Serializer fields that know cases: amounts, rows of the same case, sealed values."""

import unicodedata
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from law import clock

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
        if (
            not text.lstrip("-").replace(".", "", 1).isascii()
            or not text.lstrip("-").replace(".", "", 1).isdigit()
        ):
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
        # What DRF keeps of every field's declaration, without the queryset that stands in for the real one.
        declared: dict[str, Any] = vars(self)
        options = {key: value for key, value in declared["_kwargs"].items() if key != "queryset"}
        return type(self)(*declared["_args"], **options)

    def get_queryset(self) -> QuerySet[Any]:
        case = self.context.get("case")
        if case is None:
            from enforcement.models import Case

            model = Case._meta.get_field(self.relation).related_model
            return model._default_manager.none()  # type: ignore[union-attr]
        return getattr(case, self.relation).filter(**self.only)

    def to_internal_value(self, data: Any) -> Any:
        case = self.context.get("case")
        try:
            uid = UUID(str(data))
        except ValueError:
            self.fail("does_not_exist")
        if case is None:
            self.fail("does_not_exist")
        model = case._meta.get_field(self.relation).related_model
        statement, rest = _row_of_case(model, tuple(sorted(_hashable(self.only))))
        row = next(iter(model._default_manager.raw(statement, [case.pk, uid, *rest])), None)
        if row is None:
            self.fail("does_not_exist")
        row.case = case
        return row


def _hashable(only: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Conditions as they can be remembered by."""
    for name, value in only.items():
        yield name, tuple(value) if isinstance(value, list | set | frozenset) else value


@cache
def _row_of_case(model: type[Model], only: tuple[tuple[str, Any], ...]) -> tuple[str, tuple[Any, ...]]:
    """The statement that reads one row of a case, and what it is given after the case and the public id.

    The ORM puts it together once; doing so for each act took longer than running it.
    """
    rows = model._default_manager.filter(case=0, uid=UUID(int=0)).filter(**dict(only))
    statement, values = rows.query.sql_with_params()
    return statement, tuple(values[2:])


class _Later:
    """Stands where DRF wants a queryset before the case is known."""

    def all(self) -> "_Later":
        return self


class SealedField(serializers.CharField):
    """Personal data: kept sealed, shown masked, recorded in history only as mask and keyed commitment."""

    def __init__(self, *, kind: str, **options: Any):
        self.kind = kind
        super().__init__(**options)


@extend_schema_field(OpenApiTypes.STR)
class LiveChoiceField(serializers.ChoiceField):
    """A choice among what a case or court has at this moment: ``choices_of`` gets the serializer's context
    and returns values with their labels. What is sent in vain is refused by the act, which knows the rule."""

    def __init__(self, *, choices_of: Callable[[dict[str, Any]], dict[str, str]], **options: Any):
        self.choices_of = choices_of
        super().__init__(choices=[], **options)

    @property
    def choices(self) -> dict[str, str]:
        # At its declaration and in the API schema the field stands in no form of a case yet.
        return self.choices_of(dict(self.context)) if getattr(self, "parent", None) is not None else {}

    @choices.setter
    def choices(self, value: Any) -> None:
        """DRF sets the choices of the declaration; here they are asked for."""

    @property
    def grouped_choices(self) -> dict[str, str]:  # type: ignore[override]  # never set: see ``choices``
        return self.choices

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        if data == "" and not self.allow_blank:
            self.fail("invalid_choice", input=data)
        return data

    def to_representation(self, value: Any) -> str:
        return str(value)


@extend_schema_field(OpenApiTypes.UUID)
class UploadField(serializers.FileField):
    """A file of an act: an upload of a form, or in JSON the public id of a file that the same person sent
    before for the same case. The validated value is the ``StoredFile``; history keeps its hash and name."""

    default_error_messages = {
        "unknown": _("No such file of yours for this case. Send it first, then name it."),
        "invalid": _("Send a file, or the id of one sent before."),
    }

    def __init__(self, *, purpose: str = "proof", **options: Any):
        from enforcement import files

        self.purpose = purpose
        style = {"base_template": "file.html", "accept": files.accept_attribute(purpose)}
        super().__init__(style=style | options.pop("style", {}), **options)

    def to_internal_value(self, data: Any) -> Any:
        from enforcement import files

        if not hasattr(data, "read"):
            # A proposal that is decided brings its recorded file back.
            return self._known(data["uid"] if isinstance(data, dict) and "uid" in data else data)
        try:
            return files.store(
                data,
                person=self.context["actor"],
                purpose=self.purpose,
                case=self.context.get("case"),
                at=clock.now(),
            )
        except files.UnacceptableFile as error:
            raise serializers.ValidationError(str(error)) from None

    def _known(self, uid: Any) -> Any:
        from enforcement.models import StoredFile

        try:
            UUID(uid if isinstance(uid, str) else "")
        except ValueError:
            self.fail("invalid")
        run = self.context.get("run")
        senders = [self.context["actor"]] + ([run.proposer] if run is not None and run.proposer else [])
        stored = StoredFile.objects.filter(
            uid=uid, purpose=self.purpose, case=self.context.get("case"), stored_by__in=senders
        ).first()
        if stored is None:
            self.fail("unknown")
        return stored

    def to_representation(self, value: Any) -> Any:
        return str(value.uid) if value else None
