"""How often one client system may call. Shapes traffic; the limits that protect live in the proxy."""

import time
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

log = structlog.get_logger("api")

SECONDS = {"s": 1, "m": 60, "h": 3600}
# Checking a client secret costs a password hash; an honest client asks once in ten minutes.
TOKENS_PER_MINUTE = 60


def counted(name: str, most: int, seconds: int) -> float | None:
    """Count one use of ``name``; ``None`` while at most ``most`` fall into the running window of that many
    seconds, else the seconds until the next window."""
    moment = time.time()
    window = int(moment // seconds)
    key = f"rate:{name}:{window}"
    try:
        try:
            used = cache.incr(key)
        except ValueError:  # the first of this window
            used = 1 if cache.add(key, 1, timeout=2 * seconds) else cache.incr(key)
    except RedisError as error:
        # The counter is a courtesy to the others: without Redis everybody is served.
        log.warning("rate_not_counted", error=type(error).__name__)
        return None
    return None if used <= most else (window + 1) * seconds - moment


class ClientRate(BaseThrottle):
    """Requests per client, such as ``60/s`` (``API_RATE``)."""

    def __init__(self) -> None:
        number, period = str(api_settings.DEFAULT_THROTTLE_RATES["client"]).split("/")
        self.most, self.seconds = int(number), SECONDS[period[0]]
        self.rest: float | None = None

    def allow_request(self, request: Any, view: Any) -> bool:
        if request.user is None:
            return True
        self.rest = counted(f"client:{request.user.pk}", self.most, self.seconds)
        return self.rest is None

    def wait(self) -> float | None:
        """Seconds until the next window."""
        return self.rest


def token_rate(request: HttpRequest) -> float | None:
    """Count a request for a token by its address; the seconds to wait when there were too many."""
    return counted(f"token:{address(request)}", TOKENS_PER_MINUTE, 60)


def address(request: HttpRequest) -> str:
    """The caller's address: as our own proxy saw it where there is one, never as the caller says it."""
    trusted = settings.TRUSTED_PROXY_COUNT
    forwarded = [
        part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()
    ]
    if trusted and len(forwarded) >= trusted:
        return str(forwarded[-trusted])
    return str(request.META.get("REMOTE_ADDR", ""))
