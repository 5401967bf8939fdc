"""Local days of a court's calendar (地方节假日), such as Losar: open periods are counted anew with them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Court, Duty, LocalDay
from enforcement import bell
from enforcement.engine import Act, ActInput, Refused, Subject
from law.citations import CPL

OFF, WORK, NATIONAL = "off", "work", "national"
YEARS_AHEAD = 5


class LocalDayInput(ActInput):
    day = serializers.DateField(label=_("Day"))
    kind = serializers.ChoiceField(
        label=_("What it is here"),
        choices=[
            (OFF, _("A local day off")),
            (WORK, _("A day worked")),
            (NATIONAL, _("As in the national calendar (removes the local rule)")),
        ],
        default=OFF,
        style={"base_template": "radio.html"},
    )
    name = serializers.CharField(label=_("Name"), max_length=60)
    name_bo = serializers.CharField(
        label=_("Name in Tibetan"), max_length=120, required=False, allow_blank=True, default=""
    )


class AddLocalDay(Act):
    """Enter a local day off or day worked, for the court and all courts below it (登记地方节假日)."""

    code = "calendar.add-day"
    title = _("Enter a local day")
    group = "calendar"
    summary = _("Local calendar: %(day)s, %(name)s (%(kind)s)")
    basis = (CPL.art(85),)
    subject = Subject.COURT
    by = frozenset({Duty.COURT_ADMINISTRATOR})
    needs_assignment = False
    offered_as_step = False
    Input = LocalDayInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        if not self.day.year - 1 <= data["day"].year <= self.day.year + YEARS_AHEAD:
            raise Refused(
                gettext("Local days are entered from last year to %(years)s years ahead.")
                % {"years": YEARS_AHEAD},
                CPL.art(85),
                field="day",
            )
        known = LocalDay.objects.filter(court=self.court, day=data["day"]).first()
        if data["kind"] == NATIONAL and known is None:
            raise Refused(gettext("No local rule is entered for this day."), CPL.art(85), field="day")

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        if data["kind"] == NATIONAL:
            LocalDay.objects.filter(court=self.court, day=data["day"]).delete()
        else:
            LocalDay.objects.update_or_create(
                court=self.court,
                day=data["day"],
                defaults={
                    "is_workday": data["kind"] == WORK,
                    "name": data["name"],
                    "name_bo": data["name_bo"],
                },
            )
        court = self.court
        transaction.on_commit(lambda: _count_anew(court))
        labels = {
            OFF: _("A local day off"),
            WORK: _("A day worked"),
            NATIONAL: _("As in the national calendar"),
        }
        return {"day": data["day"], "name": data["name"], "kind": labels[data["kind"]]}


def _count_anew(court: Court) -> None:
    """Let a worker recount the open periods; without a broker it is done here, because days must be right."""
    from enforcement.acts.procedure import recompute_open_deadlines
    from enforcement.tasks import recount_deadlines

    if not bell.ring((recount_deadlines, (court.pk,))):
        recompute_open_deadlines(court)
