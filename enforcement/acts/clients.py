"""Systems that may call the REST interface for a court (接入系统)."""

from __future__ import annotations

import secrets
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AccessToken, Application
from oauth2_provider.settings import oauth2_settings
from rest_framework import serializers

from directory.models import ClientSystem, Duty, DutyHolding, Person
from directory.models.people import PersonKind
from enforcement.acts.staff import DUTY_CHOICES
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused, Subject
from law.citations import DATA_SECURITY, PIPL

SCOPES = list(oauth2_settings.SCOPES.items())


def clients_of(context: dict[str, Any]) -> dict[str, str]:
    """Live client systems of the court of a form, by client id."""
    court = context.get("court")
    if court is None:
        return {}
    systems = ClientSystem.objects.filter(person__court=court, is_active=True)
    return {
        system.application.client_id: f"{system.person.name} ({system.application.client_id})"
        for system in systems.select_related("application", "person")
    }


class ClientAct(Act):
    group = "clients"
    basis = (DATA_SECURITY.whole(), PIPL.art(51))
    subject = Subject.COURT
    by = frozenset({Duty.COURT_ADMINISTRATOR})
    needs_assignment = False
    offered_as_step = False


class ClientInput(ActInput):
    name = serializers.CharField(label=_("Name of the system"), max_length=80)
    scopes = serializers.MultipleChoiceField(label=_("What it may use"), choices=SCOPES, allow_empty=False)
    duties = serializers.MultipleChoiceField(
        label=_("Duties it acts under"),
        choices=[choice for choice in DUTY_CHOICES if choice[0] != Duty.COURT_ADMINISTRATOR],
        allow_empty=False,
        help_text=_("It may do what a person with these duties may do, and nothing else."),
    )


class AddClient(ClientAct):
    """Let a system in (登记接入系统): its secret is shown once and kept only as a hash."""

    code = "client.add"
    title = _("Add a client system")
    summary = _("The system %(name)s (%(client_id)s) may call the interface: %(scopes)s")
    Input = ClientInput

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        client_id, secret = f"client-{secrets.token_hex(8)}", secrets.token_urlsafe(36)
        person = Person.objects.create(
            username=client_id, name=data["name"], court=self.court, kind=PersonKind.CLIENT
        )
        duties = sorted(data["duties"])
        for duty in duties:
            DutyHolding.objects.create(
                person=person, duty=duty, court=self.court, during=DateRange(self.day, None)
            )
        application = Application.objects.create(
            name=data["name"],
            client_id=client_id,
            client_secret=secret,
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        )
        ClientSystem.objects.create(application=application, person=person, scopes=sorted(data["scopes"]))
        self.run.revealed = f"client_id={client_id} client_secret={secret}"
        return {
            "name": data["name"],
            "client_id": client_id,
            "scopes": sorted(data["scopes"]),
            "duties": duties,
        }


class DisableClientInput(ActInput):
    client = LiveChoiceField(label=_("System"), choices_of=clients_of)
    reason = serializers.CharField(label=_("Reason"), max_length=200)


class DisableClient(ClientAct):
    """Shut a system out at once (停用接入系统): its tokens are void with the commit."""

    code = "client.disable"
    title = _("Disable a client system")
    summary = _("The system %(name)s (%(client_id)s) was shut out: %(reason)s")
    tone = "bad"
    Input = DisableClientInput

    def _system(self, client_id: str) -> ClientSystem:
        system = (
            ClientSystem.objects.select_for_update(of=("self",))
            .select_related("application", "person")
            .filter(application__client_id=client_id, person__court=self.court, is_active=True)
            .first()
        )
        if system is None:
            raise Refused(
                gettext("This court has no such live system."), DATA_SECURITY.whole(), field="client"
            )
        return system

    def check(self, case: None, data: dict[str, Any]) -> None:
        self._system(data["client"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        system = self._system(data["client"])
        system.is_active = False
        system.save(update_fields=["is_active"])
        AccessToken.objects.filter(application=system.application).delete()
        system.person.is_active = False
        system.person.save(update_fields=["is_active"])
        return {
            "name": system.person.name,
            "client_id": system.application.client_id,
            "reason": data["reason"],
        }
