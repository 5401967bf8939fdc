"""The wire (线路): one call to an agency's system, bounded in time, size and place.

httpcore is httpx without what is not wanted here: it follows no redirect, reads no environment, unpacks no
body. The address that was checked is the address connected to, so a name can't lead elsewhere in between.
"""

import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import httpcore
from django.conf import settings

from linkage.channels import addresses

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 20.0
BODY_SECONDS = 5.0  # the status is the answer; what follows is only read so that the connection can stay
LARGEST_BODY = 1024 * 1024
PIECE = 16 * 1024
KEEP_SECONDS = 20.0

_this_call = threading.local()


@dataclass(frozen=True)
class Answered:
    """What the other side answered: status, and the seconds it asks to be left alone."""

    status: int
    retry_after: float | None


def post(url: str, networks: Iterable[str], headers: Mapping[str, str], body: bytes) -> Answered:
    """Post a body. Raises ``BadEndpoint``, ``OSError`` or an ``httpcore`` error, within 20 seconds."""
    addresses.check(url, networks)
    pool = _pool(tuple(networks), settings.LINKAGE_CA_FILE)
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    _this_call.until = time.monotonic() + TOTAL_SECONDS
    limits = {
        "connect": CONNECT_SECONDS,
        "read": TOTAL_SECONDS,
        "write": TOTAL_SECONDS,
        "pool": CONNECT_SECONDS,
    }
    with pool.stream("POST", url, headers=sent, content=body, extensions={"timeout": limits}) as response:
        answered = Answered(response.status, _retry_after(response.headers))
        _read_away(response)
    return answered


def _read_away(response: httpcore.Response) -> None:
    """Read the body so that the connection can be used again; one that has no end is cut."""
    _this_call.until = min(_this_call.until, time.monotonic() + BODY_SECONDS)
    size = 0
    try:
        for piece in response.iter_stream():
            size += len(piece)
            if size > LARGEST_BODY:
                return
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        return  # the status was read: that is the answer


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> float | None:
    sent = next((value for name, value in headers if name.lower() == b"retry-after"), None)
    if sent is None:
        return None
    text = sent.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=256)
def _pool(networks: tuple[str, ...], authorities: str) -> httpcore.ConnectionPool:
    """Connections into the networks of one agency; other networks, other connections."""
    return httpcore.ConnectionPool(
        ssl_context=ssl.create_default_context(cafile=authorities or None),
        max_connections=64,
        max_keepalive_connections=16,
        keepalive_expiry=KEEP_SECONDS,
        network_backend=_Backend(networks),
    )


def _left(most: float | None = None) -> float:
    """Seconds this call still has. Raises ``httpcore.ReadTimeout``."""
    left: float = _this_call.until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout(f"No answer within {TOTAL_SECONDS:.0f} seconds.")
    return left if most is None else min(left, most)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, networks: tuple[str, ...]):
        self.networks = networks
        self.inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        address = addresses.resolve(host, port, self.networks)
        stream = self.inner.connect_tcp(
            address, port, timeout=_left(CONNECT_SECONDS), socket_options=socket_options
        )
        return _Stream(stream)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step counts against the time of the whole call."""

    def __init__(self, inner: httpcore.NetworkStream):
        self.inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(min(max_bytes, PIECE), timeout=_left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, timeout=_left())

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, timeout=_left(CONNECT_SECONDS)))

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)
