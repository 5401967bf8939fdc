"""What every measure of control is recorded with (查封、扣押、冻结)."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from enforcement.engine import ActInput

FEWEST_OFFICERS = 2


class OfficersField(serializers.CharField):
    """Names of those who carried the measure out: two or more, all different."""

    def __init__(self, **options: Any):
        options.setdefault("label", _("Carried out by"))
        options.setdefault("max_length", 200)
        options.setdefault("help_text", _("Names of the two or more officers, separated by commas."))
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        names = [
            name for name in re.split(r"[,，、;；\n]\s*", super().to_internal_value(data)) if name.strip()
        ]
        names = [name.strip() for name in names]
        if len(names) < FEWEST_OFFICERS:
            raise serializers.ValidationError(_("Two officers carry out a measure; name both."))
        if len(set(names)) < len(names):
            raise serializers.ValidationError(_("The same officer is named twice; name two different ones."))
        return "、".join(names)


class MeasureInput(ActInput):
    """What every measure is recorded with; a kind of measure adds ``asset`` and what is its own."""

    effective_on = serializers.DateField(
        label=_("In force since"),
        help_text=_("Day the ruling and the notice were served on the bank or register."),
    )
    months = serializers.IntegerField(
        label=_("Term in months"),
        min_value=1,
        max_value=36,
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Leave empty for the longest the law allows."),
    )
    rank = serializers.IntegerField(
        label=_("Rank"),
        min_value=1,
        max_value=99,
        required=False,
        allow_null=True,
        default=None,
        help_text=_("1 is in force, higher ranks wait. Leave empty to take the next free one known here."),
    )
    officers = OfficersField()
    excess_reason = serializers.CharField(
        label=_("Reason for going beyond the claim"),
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html"},
        help_text=_("Only if more than the uncovered claim is restrained; for money the president decides."),
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        """What is restrained comes first in the form, then when, how long and by whom."""
        fields = super().get_fields()
        shared = MeasureInput._declared_fields
        return {name: field for name, field in fields.items() if name not in shared} | fields
