"""Three steps of many items overlapped: the next ones are prepared and the last ones finished while one is computed.

The middle step runs in the calling thread, item after item, so that a network is never called by two threads and all
its memory comes from one arena of the allocator. What is under way is bounded, and so is the memory. Results come in
the order of the items, and they are the same however the steps fall in time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Prepared = TypeVar("Prepared")
Computed = TypeVar("Computed")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Steps(Generic[Item, Prepared, Computed, Result]):
    """What is done with an item: decode and resize it, run the network on it, score and save it."""

    prepare: Callable[[Item], Prepared]
    compute: Callable[[Prepared], Computed]
    finish: Callable[[Computed], Result]


def overlapped(
    items: Iterable[Item],
    steps: Steps[Item, Prepared, Computed, Result],
    *,
    ahead: int = 2,
    behind: int = 2,
    threads: int = 2,
) -> Generator[Result, None, None]:
    """The result of every item, in order.

    Args:
        items: taken one by one, at most ``ahead`` before they are needed.
        steps: ``prepare`` and ``finish`` may run beside each other and beside ``compute``, in other threads.
        ahead: prepared items that may wait.
        behind: computed items that may wait to be finished.
        threads: helpers for preparing and finishing; 0 does everything here, one step after the other.

    Raises:
        Exception: whatever a step raises, after the results of all items before the one it was raised for.
    """
    if threads == 0:
        for item in items:
            yield steps.finish(steps.compute(steps.prepare(item)))
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="srbench-pipeline")
    waiting: deque[Future[Prepared]] = deque()
    finishing: deque[Future[Result]] = deque()
    source = iter(items)
    try:
        failure: Exception | None = None
        _fill(waiting, source, pool, steps, ahead)
        while waiting:
            try:
                prepared = waiting.popleft().result()
                _fill(waiting, source, pool, steps, ahead)
                finishing.append(pool.submit(steps.finish, steps.compute(prepared)))
            except Exception as error:
                failure = error
                break
            del prepared
            while finishing and (len(finishing) > behind or finishing[0].done()):
                yield finishing.popleft().result()
        while finishing:
            yield finishing.popleft().result()
        if failure is not None:
            raise failure
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _fill(
    waiting: deque[Future[Prepared]],
    source: Iterator[Item],
    pool: ThreadPoolExecutor,
    steps: Steps[Item, Prepared, Computed, Result],
    ahead: int,
) -> None:
    while len(waiting) < max(1, ahead):
        try:
            item = next(source)
        except StopIteration:
            return
        waiting.append(pool.submit(steps.prepare, item))
