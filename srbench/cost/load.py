"""How busy other programs keep the machine during a measurement."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

import psutil


class LoadMeter:
    """Cores kept busy by programs other than this one and its workers, between start and :meth:`read`."""

    def __init__(self, own: Iterable[int] = ()) -> None:
        self.own = {os.getpid(), *own}
        self.begin = time.monotonic()
        self.busy = _busy_seconds()
        self.ours = {pid: _cpu_seconds(pid) for pid in self.own}

    def read(self) -> float:
        """Average number of cores that others used since the start, at least 0."""
        wall = max(time.monotonic() - self.begin, 1e-3)
        ours = sum(max(0.0, _cpu_seconds(pid) - before) for pid, before in self.ours.items())
        return max(0.0, (_busy_seconds() - self.busy - ours) / wall)


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(sum(getattr(times, name, 0.0) for name in ("user", "system", "nice", "irq", "softirq", "steal")))


def _cpu_seconds(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:  # it ended meanwhile
        return 0.0
    return float(times.user + times.system)


def default_threads() -> int:
    """Threads that torch takes unless told otherwise: ``OMP_NUM_THREADS`` where it is a number, else :func:`cores`."""
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()  # a list is one number per nesting level
    return int(asked) if asked.isdecimal() and int(asked) > 0 else cores()


def cores() -> int:
    """Logical cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
