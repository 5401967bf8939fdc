"""Letting somebody from outside the court read one case until a day (查阅授权)."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty, Person
from directory.models.people import PersonKind
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused
from enforcement.models import Case, CaseGrant, Stage
from law import clock
from law.citations import PIPL

LONGEST_GRANT = 90  # days; set by the product


class GrantInput(ActInput):
    """Who may read the case, until when, for what."""

    person = serializers.CharField(label=_("User name"), max_length=60)
    until = serializers.DateField(label=_("Until"))
    reason = serializers.CharField(label=_("Reason"), min_length=4, max_length=300)


class Grant(Act):
    """Let a person of another court, of the procuratorate or of an agency read this case until a day."""

    code = "case.grant"
    title = _("Let somebody read this case")
    group = "procedure"
    summary = _("%(person)s may read the case until %(until)s: %(reason)s")
    basis = (PIPL.art(6), PIPL.art(34))
    by = frozenset({Duty.PRESIDENT, Duty.BUREAU_HEAD})
    stages = frozenset(Stage)
    Input = GrantInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        last = self.day + timedelta(days=LONGEST_GRANT)
        if not self.day <= data["until"] <= last:
            raise Refused(
                gettext("A grant ends between today and %(day)s.") % {"day": last},
                PIPL.art(34),
                field="until",
                code="too-long",
            )
        person = Person.objects.filter(username=data["person"], is_active=True, kind=PersonKind.HUMAN).first()
        if person is None:
            raise Refused(gettext("There is no such person."), PIPL.art(34), field="person", code="nobody")
        if Case.objects.visible_to(person).filter(pk=case.pk).exists() and not live(case, person):
            raise Refused(
                gettext("%(name)s sees this case by their own duty.") % {"name": person},
                PIPL.art(34),
                field="person",
                code="sees",
            )
        self.person = person

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        # One row a person: a new grant sets its end anew, and history keeps the earlier one as its event.
        CaseGrant.objects.update_or_create(
            user=self.person,
            permission=Permission.objects.get(codename="read_case", content_type__app_label="enforcement"),
            content_object=case,
            defaults={"until": data["until"], "reason": data["reason"]},
        )
        self.effects.notify(
            [self.person], "case.granted", case=case, number=case.number, until=data["until"].isoformat()
        )
        return {"person": self.person.name, "until": data["until"], "reason": data["reason"]}


def live(case: Case, person: Person | None = None) -> list[CaseGrant]:
    """Grants on a case in force today, of one person if named."""
    grants = CaseGrant.objects.filter(content_object=case, until__gte=clock.today())
    if person is not None:
        grants = grants.filter(user=person)
    return list(grants.select_related("user").order_by("user__username"))


def grantees(context: dict[str, Any]) -> dict[str, str]:
    """Who reads the case by grant today, as choices of a form."""
    case = context.get("case")
    return {grant.user.username: str(grant.user) for grant in live(case)} if case is not None else {}


class RevokeInput(ActInput):
    """Whose grant ends."""

    person = LiveChoiceField(choices_of=grantees, label=_("Who"))
    reason = serializers.CharField(label=_("Reason"), min_length=4, max_length=300)


class RevokeGrant(Act):
    """End a grant before its day; it ends in the same moment."""

    code = "case.revoke-grant"
    title = _("End a grant")
    group = "procedure"
    summary = _("%(person)s may no longer read the case: %(reason)s")
    basis = (PIPL.art(34),)
    by = frozenset({Duty.PRESIDENT, Duty.BUREAU_HEAD})
    stages = frozenset(Stage)
    offered_as_step = False
    Input = RevokeInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        self.grants = [grant for grant in live(case) if grant.user.username == data["person"]]
        if not self.grants:
            raise Refused(
                gettext("Nobody of this name reads the case by grant."),
                PIPL.art(34),
                field="person",
                code="no-grant",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        # Nothing vanishes: the row stays, its last day is yesterday.
        for grant in self.grants:
            grant.until = self.day - timedelta(days=1)
            grant.save(update_fields=["until"])
        return {"person": self.grants[0].user.name, "reason": data["reason"]}
