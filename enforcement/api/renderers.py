"""JSON as it leaves: amounts as text, so that no reader rounds them."""

from decimal import Decimal
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


class _Exact(JSONEncoder):
    def default(self, obj: Any) -> Any:
        return str(obj) if isinstance(obj, Decimal) else super().default(obj)


class ExactJSONRenderer(JSONRenderer):
    """DRF would make a float of an amount that came straight from the database."""

    encoder_class = _Exact
