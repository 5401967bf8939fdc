"""Timing and printing: one JSON object a figure."""

import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any


def progress(text: str) -> None:
    """A line about what is going on, beside the figures."""
    print(text, file=sys.stderr, flush=True)


def emit(
    figure: str,
    *,
    wanted: str,
    ok: bool,
    cases: int | None = None,
    samples: list[float] | None = None,
    queries: int | None = None,
    value: float | None = None,
    unit: str = "",
    limit: float | None = None,
    ratio: float | None = None,
    **more: Any,
) -> None:
    """Print a figure. ``samples`` in ms give p50 and p95; ``limit`` is the machine's own in the same run."""
    line: dict[str, Any] = {"figure": figure}
    if cases is not None:
        line["cases"] = cases
    if samples is not None:
        line["p50_ms"] = round(statistics.median(samples), 2)
        line["p95_ms"] = round(p95(samples), 2)
    if queries is not None:
        line["queries"] = queries
    line |= {
        "value": None if value is None else round(value, 3),
        "unit": unit,
        "limit": None if limit is None else round(limit, 3),
        "ratio": None if ratio is None else round(ratio, 3),
        "wanted": wanted,
        "ok": bool(ok),
        **more,
    }
    print(
        json.dumps({key: item for key, item in line.items() if item is not None}, ensure_ascii=False),
        flush=True,
    )


def p95(samples: list[float]) -> float:
    """The 95th percentile: the value that one in twenty is above."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, math.ceil(0.95 * len(ordered)) - 1)]


def timed(action: Callable[[], Any], *, times: int, warm: int = 5) -> list[float]:
    """Milliseconds of each call after some that are not counted."""
    for _ in range(warm):
        action()
    samples = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        samples.append((time.perf_counter() - start) * 1000)
    return samples


def in_turn(actions: Iterable[Callable[[], Any]], *, times: int, warm: int = 5) -> list[list[float]]:
    """Several actions a b c a b c …, so that a drift of the machine touches all alike."""
    known = list(actions)
    samples: list[list[float]] = [[] for _ in known]
    for turn in range(times + warm):
        for place, action in enumerate(known):
            start = time.perf_counter()
            action()
            if turn >= warm:
                samples[place].append((time.perf_counter() - start) * 1000)
    return samples
