"""A process and all that it started: how much they use, and their end."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from srbench.isolation.limits import Limits

INTERVAL_S = 0.2


@dataclass(frozen=True)
class Usage:
    """Of one process and its descendants."""

    processes: int
    threads: int
    memory_bytes: int


def descendants(pid: int) -> list[int]:
    """Process ids of ``pid`` and all that descends from it."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.append(one)
        waiting += _children(one)
    return found


def _children(pid: int) -> list[int]:
    file = Path(f"/proc/{pid}/task")
    try:
        listed = [int(c) for task in file.iterdir() for c in (task / "children").read_text().split()]
    except FileNotFoundError:  # it has ended, or the system does not list children
        if file.parent.exists():
            with contextlib.suppress(psutil.Error):
                return [child.pid for child in psutil.Process(pid).children()]
        return []
    except (OSError, ValueError):
        return []
    return listed


def usage(pid: int) -> Usage:
    """What ``pid`` and its descendants use now."""
    processes = threads = memory = 0
    for one in descendants(pid):
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(one)
            with process.oneshot():
                threads += process.num_threads()
                memory += process.memory_info().rss
            processes += 1
    return Usage(processes, threads, memory)


def kill_tree(pid: int, also: set[int] | frozenset[int] = frozenset(), seconds: float = 5.0) -> list[int]:
    """Kill ``pid``, its process group, its descendants and ``also``; returns the ids of what still lives."""
    known: set[int] = set(also)
    deadline = time.monotonic() + seconds
    while True:
        known.update(descendants(pid))
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
        for one in known:
            with contextlib.suppress(OSError):
                os.kill(one, signal.SIGKILL)
        alive = [one for one in known if one != pid and _alive(one)]
        if not alive or time.monotonic() > deadline:
            return alive
        time.sleep(0.01)


def _alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


class Watch:
    """Looks at a process now and then; ``over`` is called once, with the limit in words, when one is passed.

    Every descendant that was ever seen is in ``seen``, so that one that has left its parent is found again.
    """

    def __init__(self, pid: int, limits: Limits, over: Callable[[str], None]) -> None:
        self.seen: set[int] = set()
        self._pid, self._limits, self._over = pid, limits, over
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(INTERVAL_S):
            now = descendants(self._pid)
            self.seen.update(now)
            if len(now) > self._limits.processes:
                self._over(f"more than {self._limits.processes} processes")
                return
            found = usage(self._pid)
            if found.threads > self._limits.threads:
                self._over(f"more than {self._limits.threads} threads")
                return
            if found.memory_bytes > self._limits.memory_bytes:
                self._over(f"more than {self._limits.memory_bytes / 2**30:.1f} GiB of memory")
                return

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        self._thread.join(2)
