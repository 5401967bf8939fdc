"""Systems of courts and agencies that call the REST interface."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import Application

from directory.models.people import Person


class ClientSystem(models.Model):
    """A system of a court or agency (接入系统). It acts as ``person``, whose duties bound what it may do.

    ``scopes`` may hold patterns of matters such as ``matter:BANK-*``: with any, it works on these alone.
    With ``certificates`` it calls only over a connection that shows one of them; two while one is replaced.
    """

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="client_system")
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="client_system")
    scopes = models.JSONField(default=list)
    certificates = ArrayField(
        models.CharField(max_length=64),
        size=2,
        default=list,
        blank=True,
        help_text=_(
            "SHA-256 of the client certificates, in small hexadecimal letters; empty: none is asked."
        ),
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.person)
