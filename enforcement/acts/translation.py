"""Corrections of shown texts by a court's translators (译文校订)."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.engine import Act, ActInput, Refused, Subject
from enforcement.models import TranslationCorrection
from law.citations import CPL

LANGUAGES = [("bo", "བོད་ཡིག"), ("zh-hans", "中文")]
_PLACES = re.compile(r"%\((\w+)\)[a-z]|%[sd%]|\{\w*\}")


class CorrectionInput(ActInput):
    language = serializers.ChoiceField(label=_("Language"), choices=LANGUAGES, default="bo")
    source = serializers.CharField(  # type: ignore[assignment]  # a field here, not DRF's attribute
        label=_("Text in English"), max_length=1000, style={"base_template": "textarea.html"}
    )
    text = serializers.CharField(
        label=_("Corrected text"), max_length=4000, style={"base_template": "textarea.html"}
    )


class CorrectTranslation(Act):
    """Correct a text; it wins over the shipped catalogue on every page within seconds."""

    code = "translation.correct"
    title = _("Correct a translation")
    group = "translation"
    summary = _("A text was corrected (%(language)s): “%(text)s”")
    basis = (CPL.art(11),)
    subject = Subject.COURT
    by = frozenset({Duty.COURT_ADMINISTRATOR})
    needs_assignment = False
    offered_as_step = False
    Input = CorrectionInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        wanted = sorted(match[0] for match in _PLACES.finditer(data["source"]))
        given = sorted(match[0] for match in _PLACES.finditer(data["text"]))
        if wanted != given:
            raise Refused(
                gettext("The places for values must be the same as in the English text: %(places)s")
                % {"places": " ".join(wanted) or gettext("none")},
                CPL.art(11),
                field="text",
                code="places",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        TranslationCorrection.objects.update_or_create(
            language=data["language"],
            source=data["source"],
            defaults={"text": data["text"], "corrected_by": self.actor, "corrected_at": self.at},
        )
        return {"language": data["language"], "source": data["source"], "text": data["text"]}
