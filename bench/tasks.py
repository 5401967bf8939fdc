"""A Celery task that does nothing but count itself: what the queue alone costs."""

from celery import shared_task
from django.core.cache import cache

COUNTER = "bench:noop"


@shared_task(name="bench.noop")
def noop() -> None:
    """Count."""
    cache.incr(COUNTER)
