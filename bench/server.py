"""The product's own web server, started for the figures."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def web(workers: int = 2) -> Iterator[str]:
    """gunicorn as in production; yields its base URL."""
    port = free_port()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "ZHIXING_BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": str(workers),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi:application"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{url}/healthz").status_code == 200:
                    break
            if server.poll() is not None:
                raise RuntimeError(
                    f"The web server ended with status {server.returncode} before it answered."
                )
            time.sleep(0.05)
        else:
            raise RuntimeError("The web server did not answer within 30 s.")
        yield url
    finally:
        server.terminate()
        server.wait(30)
