"""Several items computed side by side in threads of this process, which costs no start of other processes.

Torch leaves Python's lock to others while it computes, so that a few networks of one thread each fill as many cores.
Each lane has a network of its own; results come in the order of the items.
"""

from __future__ import annotations

import ctypes
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Jobs = queue.SimpleQueue["tuple[Item, Future[Result]] | None"]

JOIN_S = 30.0
"""Seconds that a lane has to end at its next step."""


class LaneInterrupted(BaseException):
    """Raised inside a lane when the run is interrupted, as ``KeyboardInterrupt`` is in the main thread."""


def in_lanes(
    items: Iterable[Item], lanes: Sequence[Callable[[], Callable[[Item], Result]]]
) -> Generator[Result, None, None]:
    """The result of every item, in order.

    Args:
        items: taken one by one, in the calling thread, at most two per lane before their results are wanted.
        lanes: each is called once, in its own thread and when its first item comes, and gives what computes items.

    Raises:
        Exception: what a lane raised first, after all results that were there or under way.
    """
    jobs: Jobs[Item, Result] = queue.SimpleQueue()
    threads = [threading.Thread(target=_work, args=(lane, jobs), daemon=True, name="srbench-lane") for lane in lanes]
    for thread in threads:
        thread.start()
    source, waiting = iter(items), deque[Future[Result]]()
    failure: Exception | None = None
    interrupted = True
    try:
        while True:
            if failure is None:
                _fill(waiting, source, jobs, most=2 * len(lanes))
            if not waiting:
                break
            try:
                result = waiting.popleft().result()
            except Exception as error:
                failure = failure or error
                waiting = deque(future for future in waiting if not future.cancel())
                continue
            yield result
        interrupted = False
        if failure is not None:
            raise failure
    finally:
        for future in waiting:
            future.cancel()
        for thread in threads:
            jobs.put(None)
            if interrupted:
                _interrupt(thread)
        for thread in threads:
            thread.join(JOIN_S)


def _fill(waiting: deque[Future[Result]], source: Iterable[Item], jobs: Jobs[Item, Result], *, most: int) -> None:
    for item in source:
        future: Future[Result] = Future()
        waiting.append(future)
        jobs.put((item, future))
        if len(waiting) >= most:
            return


def _work(lane: Callable[[], Callable[[Item], Result]], jobs: Jobs[Item, Result]) -> None:
    """Compute what is in ``jobs`` until None comes."""
    compute: Callable[[Item], Result] | None = None
    try:
        while (job := jobs.get()) is not None:
            item, future = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                compute = compute or lane()
                future.set_result(compute(item))
            except Exception as error:
                future.set_exception(error)
            del item, future, job
    except LaneInterrupted:
        return


def _interrupt(thread: threading.Thread) -> None:
    """Let ``thread`` end at its next step; what runs in C goes on until it comes back to Python."""
    if thread.ident is not None and thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(LaneInterrupted))
