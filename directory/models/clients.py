"""Systems of courts and agencies that call the REST interface."""

from django.db import models
from oauth2_provider.models import Application

from directory.models.people import Person


class ClientSystem(models.Model):
    """A system of a court or agency (接入系统). It acts as ``person``, whose duties bound what it may do."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="client_system")
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="client_system")
    scopes = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.person)
