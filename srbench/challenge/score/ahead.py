"""Work on a few items at a time, results in the order of the items; no thread is left behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(work: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Iterator[Result]:
    """``map(work, items)``, at most ``workers`` at a time.

    ``items`` is gone through by the calling thread, and never more than ``workers + 1`` items ahead of what was taken,
    so that as many are held at most. What ``work`` raises comes out in its place.

    >>> list(in_order(abs, [-3, 2, -1], 2))
    [3, 2, 1]
    """
    if workers < 2:
        yield from map(work, items)
        return
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="srbench-score") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()
