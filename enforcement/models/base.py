"""What tables of a case share."""

import uuid
from typing import Any

import pghistory
from django.db import models

Money = models.DecimalField


def money(**options: Any) -> models.DecimalField:
    """An amount in CNY, two places, up to 10^15."""
    return models.DecimalField(max_digits=17, decimal_places=2, **options)


class Row(models.Model):
    """A row with a public id: what URLs and the REST interface name it by."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


def history(*, exclude: list[str] | None = None) -> Any:
    """Row history kept by trigger; the event that made the change is its context; no sealed columns."""
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=exclude or [],
        obj_field=pghistory.ObjForeignKey(related_name="history", related_query_name="history"),
    )
