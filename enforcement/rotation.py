"""Key rotation (密钥轮换): everything sealed with an older key is sealed anew with the current one.

Works in batches, each its own transaction, while the system runs; killed at any point it goes on where it
was, because what is done no longer bears the old key. A value changed meanwhile by an act is left alone: it
was sealed with the current key.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Func, Value

from directory.sealing import Sealed, seal, unseal
from enforcement.models import JobRow

BATCH = 500


@dataclass(frozen=True)
class Place:
    """A sealed column: where it is, and what its seal is bound to."""

    model: type[models.Model]
    column: str
    bound_to: Callable[[Any], tuple[str, str, UUID]]  # table, column and row named in the seal

    def __str__(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"


def places() -> Iterator[Place]:
    """Every sealed column there is."""
    for model in apps.get_models():
        for attribute in vars(model).values():
            if isinstance(attribute, Sealed):
                yield Place(model, attribute.column, _as_row(model, attribute.column))
    yield Place(JobRow, "input", lambda row: ("jobrow", f"input:{row.position}", row.job.uid))


def _as_row(model: type[models.Model], column: str) -> Callable[[Any], tuple[str, str, UUID]]:
    return lambda row: (model._meta.db_table, column, row.uid)


def rotate(*, batch: int = BATCH) -> Iterator[tuple[Place, int]]:
    """Seal everything with the current key; yields each place with the number of values sealed anew.

    Raises ``directory.sealing.SealBroken`` if a value does not open: nothing of its batch is changed.
    """
    for place in places():
        sealed, last = 0, 0
        while True:
            done, last = _batch(place, last, batch)
            if not last:
                break
            sealed += done
        yield place, sealed


def remaining() -> dict[str, int]:
    """How many values still bear an older key, by place; empty when old keys may be taken away."""
    counts = {str(place): _outdated(place).count() for place in places()}
    return {name: count for name, count in counts.items() if count}


def _outdated(place: Place) -> models.QuerySet[Any]:
    """Rows whose value does not begin with the current key's id."""
    key = next(iter(settings.FIELD_KEYS)).encode()
    prefix = bytes([len(key)]) + key
    return (
        place.model._default_manager.filter(**{f"{place.column}__isnull": False})
        .annotate(
            _key=Func(
                F(place.column),
                Value(1),
                Value(len(prefix)),
                function="substr",
                output_field=models.BinaryField(),
            )
        )
        .exclude(_key=prefix)
    )


def _batch(place: Place, after: int, size: int) -> tuple[int, int]:
    """Seal one batch anew: how many, and the last id looked at (0 when there was none)."""
    with transaction.atomic():
        rows = list(
            _outdated(place)
            .filter(pk__gt=after)
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)[:size]
        )
        for row in rows:
            _let_write(row)
            table, column, uid = place.bound_to(row)
            value = unseal(getattr(row, place.column), table=table, column=column, row=uid)
            place.model._default_manager.filter(pk=row.pk).update(
                **{place.column: seal(value, table=table, column=column, row=uid)}
            )
        return len(rows), rows[-1].pk if rows else 0


def _let_write(row: Any) -> None:
    """Tables of a case are written inside its acts only. The words stay the same here, only their cover
    changes, so no event is due; the guard is told which case it is about."""
    case_id = getattr(row, "case_id", None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case_id or "rotation")])
