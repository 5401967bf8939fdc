"""The web server. Behind a proxy that ends TLS and holds slow clients off (deploy/nginx.conf)."""

import contextlib
import gc
import os
from pathlib import Path
from typing import Any

bind = os.environ.get("ZHIXING_BIND", "127.0.0.1:8000")
# Processes, not threads: threads in one process made the slowest answers slower (docs/deploy.md).
worker_class = "sync"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
preload_app = True
timeout = 30
graceful_timeout = 20
# A worker is replaced now and then, so that no slow leak grows old; the jitter keeps them from going at once.
max_requests = 20_000
max_requests_jitter = 2_000

limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190

accesslog = None  # django-structlog writes one line per request, without personal data
errorlog = "-"
control_socket_disable = True
MEMORY = Path("/dev/shm")  # nosec B108  # gunicorn makes a file of its own there
if MEMORY.is_dir():  # workers' heartbeats: memory never blocks as a disk may
    worker_tmp_dir = str(MEMORY)


def when_ready(server: Any) -> None:
    """Load what the first request would load, once, before the workers are forked."""
    from django.db import connections
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    # A connection shared by forked processes would mix their answers up.
    connections.close_all()
    # What exists now lives as long as the process: the collector need not walk it again and again, and
    # the pages stay shared between the workers. It halved the time of the slowest requests.
    gc.collect()
    gc.freeze()


def child_exit(server: Any, worker: Any) -> None:
    """Figures of a worker that ended no longer count as live (only with several processes' metrics)."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        with contextlib.suppress(OSError):
            multiprocess.mark_process_dead(worker.pid)
