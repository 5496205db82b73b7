"""Several items computed side by side in threads of this process, which costs no start of other processes.

Torch leaves Python's lock to others while it computes, so that a few networks of one thread each fill as many cores.
Each lane has a network of its own. Results come as they are finished.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import queue
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Jobs = queue.SimpleQueue["tuple[Item] | None"]
Done = queue.SimpleQueue["tuple[Result] | Exception"]

JOIN_S = 30.0
"""Seconds that a lane has to end at its next step."""


class LaneInterrupted(BaseException):
    """Raised inside a lane when the run is interrupted, as ``KeyboardInterrupt`` is in the main thread."""


def in_lanes(
    items: Iterable[Item], lanes: Sequence[Callable[[], Callable[[Item], Result]]]
) -> Generator[Result, None, None]:
    """The result of every item, in whatever order they are finished.

    Args:
        items: taken one by one, in the calling thread, at most two per lane before their results are wanted.
        lanes: each is called once, in its own thread, and gives what computes items.

    Raises:
        Exception: what a lane raised first, after all results that were there or under way.
    """
    jobs: Jobs[Item] = queue.SimpleQueue()
    done: Done[Result] = queue.SimpleQueue()
    threads = [
        threading.Thread(target=_work, args=(lane, jobs, done), daemon=True, name="srbench-lane") for lane in lanes
    ]
    for thread in threads:
        thread.start()
    source, under_way = iter(items), 0
    failure: Exception | None = None
    interrupted = True
    try:
        while True:
            if failure is None:
                under_way += _put(source, jobs, 2 * len(lanes) - under_way)
            if not under_way:
                break
            result = done.get()
            under_way -= 1
            if isinstance(result, Exception):
                failure = failure or result
                under_way -= _withdrawn(jobs)
            else:
                yield result[0]
        interrupted = False
        if failure is not None:
            raise failure
    finally:
        _withdrawn(jobs)
        for thread in threads:
            jobs.put(None)
            if interrupted:
                _interrupt(thread)
        for thread in threads:
            thread.join(JOIN_S)


def _put(source: Iterable[Item], jobs: Jobs[Item], most: int) -> int:
    """Put up to ``most`` items into ``jobs``; how many there were."""
    count = 0
    for item in itertools.islice(source, max(0, most)):
        jobs.put((item,))
        count += 1
    return count


def _withdrawn(jobs: Jobs[Item]) -> int:
    """Take away the items that no lane has begun; how many there were."""
    count = 0
    with contextlib.suppress(queue.Empty):
        while True:
            jobs.get_nowait()
            count += 1
    return count


def _work(lane: Callable[[], Callable[[Item], Result]], jobs: Jobs[Item], done: Done[Result]) -> None:
    """Compute what is in ``jobs`` until None comes."""
    compute: Callable[[Item], Result] | None = None
    with contextlib.suppress(LaneInterrupted):
        while (job := jobs.get()) is not None:
            try:
                compute = compute or lane()
                done.put((compute(*job),))
            except Exception as error:
                done.put(error)


def _interrupt(thread: threading.Thread) -> None:
    """Let ``thread`` end at its next step; what runs in C goes on until it comes back to Python."""
    if thread.ident is not None and thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(LaneInterrupted))
