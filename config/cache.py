"""The cache holds nothing that can't be lost: while Redis is away it is empty, and nobody waits for it."""

from typing import Any

import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from enforcement.bell import Breaker

log = structlog.get_logger("cache")


class ForgetfulCache(RedisCache):
    """Redis, or nothing: what can't be asked is missing, what can't be kept is as if it were kept and lost
    at once. ``add`` answers that it was first, or a lock taken through it would never be had again."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._breaker = Breaker()

    def _ask(self, method: str, without: Any, *args: Any, **kwargs: Any) -> Any:
        if self._breaker.open:
            return without
        try:
            answer = getattr(super(), method)(*args, **kwargs)
        except RedisError as error:
            self._breaker.failed()
            log.warning("cache_away", error=type(error).__name__)
            return without
        self._breaker.answered()
        return answer

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        return bool(self._ask("add", True, key, value, timeout, version))

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return self._ask("get", default, key, default, version)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> None:
        self._ask("set", None, key, value, timeout, version)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        return bool(self._ask("touch", False, key, timeout, version))

    def delete(self, key: Any, version: Any = None) -> bool:
        return bool(self._ask("delete", False, key, version))

    def has_key(self, key: Any, version: Any = None) -> bool:
        return bool(self._ask("has_key", False, key, version))

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Raises ``ValueError`` for a key that isn't there, so also while Redis is away."""
        value = self._ask("incr", None, key, delta, version)
        if value is None:
            raise ValueError(f"Key {key!r} not found.")
        return int(value)

    def get_many(self, keys: Any, version: Any = None) -> dict[Any, Any]:
        found: dict[Any, Any] = self._ask("get_many", {}, keys, version)
        return found

    def set_many(self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> list[Any]:
        return self._ask("set_many", list(data), data, timeout, version) or []

    def delete_many(self, keys: Any, version: Any = None) -> None:
        self._ask("delete_many", None, keys, version)

    def clear(self) -> bool:  # type: ignore[override]  # the stubs deny what Django's own returns
        return bool(self._ask("clear", False))
