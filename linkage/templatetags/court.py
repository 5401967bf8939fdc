"""Filters of the court's pages about requests. None asks the database."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def is_rows(value: Any) -> bool:
    """Whether a field of an answer is a table: rows of labelled cells."""
    return isinstance(value, list) and bool(value)
