"""Filters of the list of cases: a plain GET form, the URL is the state."""

import re
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Person
from enforcement import search
from enforcement.models import Deadline, DeadlineKind, DeadlineState, Stage
from law import clock

SOON_DAYS = 7
# The end of a case number: type letters and serial.
_TAIL = re.compile(r"(执[\u4e00-\u9fff]{0,2})(\d{1,8})$")
MINE = "me"
STATES = [("open", _("Open")), ("closed", _("Closed"))]
DUES = [("overdue", _("Overdue")), ("soon", _("Due within 7 days"))]


class CaseFilters(serializers.Serializer):
    """What a list of cases can be narrowed to. Unknown names are refused, so that a slip is not taken for
    "everything"."""

    q = serializers.CharField(label=_("Party or number"), required=False, allow_blank=True, max_length=60)
    court = serializers.CharField(label=_("Court"), required=False, allow_blank=True, max_length=12)
    type = serializers.CharField(label=_("Type"), required=False, allow_blank=True, max_length=8)
    stage = serializers.ChoiceField(label=_("Stage"), choices=Stage.choices, required=False, allow_blank=True)
    state = serializers.ChoiceField(label=_("State"), choices=STATES, required=False, allow_blank=True)
    officer = serializers.CharField(label=_("Officer"), required=False, allow_blank=True, max_length=60)
    filed_from = serializers.DateField(label=_("Filed from"), required=False, allow_null=True)
    filed_to = serializers.DateField(label=_("Filed to"), required=False, allow_null=True)
    due = serializers.ChoiceField(label=_("Deadline"), choices=DUES, required=False, allow_blank=True)
    after = serializers.CharField(required=False, allow_blank=True, max_length=40)
    before = serializers.CharField(required=False, allow_blank=True, max_length=40)

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError(
                {name: [_("The list has no such filter.")] for name in sorted(unknown)}
            )
        # An empty date of a form means "any"; a date field would call it a wrong date.
        given = {name: data[name] for name in data if data[name] != ""}
        return super().to_internal_value(given)


def number_term(text: str) -> str | None:
    """The search term of a typed piece of a case number (123, 2026-123, 执恢31), or ``None``."""
    typed = search.normalise(text).removesuffix("号")
    year, dash, serial = typed.partition("-")
    if dash and year.isascii() and year.isdigit() and serial.isascii() and serial.isdigit():
        return f"#{int(year)}-{int(serial)}"
    if typed.isascii() and typed.isdigit() and len(typed) <= 8:
        return f"#{int(typed)}"
    tail = _TAIL.search(typed)
    return f"#{tail[1]}{int(tail[2])}" if tail else None


def matching(text: str) -> Q:
    """Cases whose number or party names match a typed text; one character is enough."""
    term = number_term(text)
    if term is not None:
        return Q(search_terms__contains=[term])
    found = Q(pk__in=[])
    for wanted in search.query_terms(text):
        found |= Q(search_terms__contains=sorted(wanted))
    return found


def apply(cases: Any, values: dict[str, Any], person: Person) -> Any:
    """The cases that pass the filters."""
    if text := values.get("q"):
        cases = cases.filter(matching(text))
    if court := values.get("court"):
        cases = cases.filter(court__code=court)
    if kind := values.get("type"):
        cases = cases.filter(type_code=kind)
    if stage := values.get("stage"):
        cases = cases.filter(stage=stage)
    if state := values.get("state"):
        closed = Q(stage=Stage.CLOSED)
        cases = cases.filter(closed if state == "closed" else ~closed)
    if officer := values.get("officer"):
        mine = Q(implementer=person) if officer == MINE else Q(implementer__username=officer)
        cases = cases.filter(mine)
    if first := values.get("filed_from"):
        cases = cases.filter(filed_on__gte=first)
    if last := values.get("filed_to"):
        cases = cases.filter(filed_on__lte=last)
    if due := values.get("due"):
        cases = cases.filter(Exists(_running(due)))
    return cases


def _running(due: str) -> Any:
    today = clock.today()
    rows = Deadline.objects.filter(case=OuterRef("pk"), state=DeadlineState.OPEN).exclude(
        kind=DeadlineKind.WAIT
    )
    if due == "overdue":
        return rows.filter(due_on__lt=today)
    return rows.filter(due_on__gte=today, due_on__lte=today + timedelta(days=SOON_DAYS))
