"""One small pool of threads for image work whose inner loops release the interpreter lock."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST_THREADS = 8
_lock = threading.Lock()
_pool: ThreadPoolExecutor | None = None


def cores() -> int:
    """Cores this process may use, at most eight."""
    affinity = getattr(os, "sched_getaffinity", None)
    return min(_MOST_THREADS, len(affinity(0)) if affinity else os.cpu_count() or 1)


def _forget_pool() -> None:
    """A forked child has the pool object but none of its threads."""
    global _pool, _lock
    _pool, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)


def _executor() -> ThreadPoolExecutor:
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(max(1, cores() - 1), thread_name_prefix="srbench-metrics")
        return _pool


def run_on_cores(work: Callable[[Item], Result], items: Sequence[Item], threaded: bool = True) -> list[Result]:
    """``[work(item) for item in items]`` on all cores, the calling thread included; results keep the order of items."""
    threads = min(cores(), len(items)) if threaded else 1
    if threads == 1:
        return [work(item) for item in items]
    results: dict[int, Result] = {}
    queue = iter(range(len(items)))  # next() on it is atomic

    def drain() -> None:
        for index in queue:
            results[index] = work(items[index])

    pool = _executor()
    helpers = [pool.submit(drain) for _ in range(threads - 1)]
    drain()
    for helper in helpers:
        helper.result()
    return [results[index] for index in range(len(items))]
