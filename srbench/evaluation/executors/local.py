"""On this machine: in this process with overlapped steps, or in several new ones. This process is never forked."""

from __future__ import annotations

import contextlib
import pickle
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from srbench.errors import SrbenchError
from srbench.evaluation.apart.model import ModelApart
from srbench.evaluation.engine.pipeline import overlapped
from srbench.evaluation.engine.session import Row, Scored, Session
from srbench.evaluation.engine.unit import Unit
from srbench.evaluation.executors import Heard, Indices
from srbench.evaluation.executors.worker import HANDLER
from srbench.evaluation.images import ModelFailure
from srbench.isolation import nursery
from srbench.isolation.limits import Limits
from srbench.isolation.process import IsolatedProcess, Refused, Setting, Stopped
from srbench.isolation.sandbox import OWN

TRIES = 2
"""Workers that may be lost over one image before it is taken to be the cause."""
WORTH_S = (1.0, 6.0)
"""Seconds of work that are left for which workers are started: where they start in milliseconds, and else."""
_FOR_EVER_S = 1e9
_LIMITS = Limits(
    start_s=_FOR_EVER_S, request_s=_FOR_EVER_S, memory_bytes=1 << 50, file_bytes=1 << 50, processes=1 << 12,
    open_files=1 << 20, cpu_s=1 << 40,
)  # fmt: skip
"""None that matters: a worker runs srbench's own code."""


def run_here(session: Session, indices: Indices, heard: Callable[[Scored], None], *, helpers: int = 0) -> None:
    """Every image in this process, in the order of ``indices``.

    Args:
        session: what to compute.
        indices: which images.
        heard: told each row, with SR and HR, in order.
        helpers: threads that decode the next images and measure the last ones meanwhile; 0 for none.

    Raises:
        SrbenchError: an image cannot be read, or the model failed; ``heard`` has had all rows before it.
    """
    for scored in overlapped(indices, session.steps, ahead=2, behind=1, threads=helpers):
        heard(scored)


def run_adaptively(unit: Unit, session: Session, indices: Indices, heard: Heard, *, workers: int) -> None:
    """Every image: in this process while that is sooner done than workers are started, then in ``workers`` of them.

    Raises:
        SrbenchError: as :func:`run_spread`.
    """
    began, done = time.monotonic(), 0
    steps = overlapped(indices, session.steps, ahead=2, behind=1, threads=1)
    with contextlib.closing(steps):
        for scored in steps:
            heard(scored.row)
            done += 1
            left = len(indices) - done
            worth = WORTH_S[0] if nursery.is_there() else WORTH_S[1]
            if left > 1 and (time.monotonic() - began) / done * left > worth and can_send(unit):
                break
    if done < len(indices):
        run_spread(unit, session, indices[done:], heard, devices=(unit.device,) * workers)


def can_send(unit: Unit) -> bool:
    """Whether another process can open ``unit``; a dataset that lives in this process only cannot be sent."""
    try:
        pickle.dumps(unit)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


@dataclass
class _Shared:
    """What the threads that each ask one worker have in common."""

    unit: Unit
    session: Session
    todo: Iterator[int]
    again: deque[int] = field(default_factory=deque)
    """Images whose worker was lost."""
    lost: dict[int, int] = field(default_factory=dict)
    answers: queue.Queue[Row | Exception | None] = field(default_factory=queue.Queue)
    """Rows; an exception, where the run is over; None from each thread that has ended."""
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    workers: list[IsolatedProcess] = field(default_factory=list)
    """Ours, and those of models that have one of their own."""


def run_spread(unit: Unit, session: Session, indices: Indices, heard: Heard, *, devices: tuple[str, ...]) -> None:
    """Every image in one of several new processes, one for each of ``devices``, one image at a time each.

    A worker that is lost (killed, crashed) is replaced and its image done again; an image over which :data:`TRIES`
    workers were lost fails. When this process ends, however, its workers do.

    Args:
        unit: what a worker opens.
        session: the same, open here.
        indices: which images.
        heard: told each row as it comes, in any order, in the calling thread.
        devices: of the workers.

    Raises:
        SrbenchError: an image cannot be read, the model failed or cannot be opened there, or an image ends its worker
            again and again.
    """
    shared = _Shared(unit, session, iter(indices))
    wanted = devices[: max(1, len(indices))]
    apart = isinstance(session.model, ModelApart)  # has processes of its own; ours would only stand in between
    threads = [
        threading.Thread(target=_ask_apart if apart else _ask, args=(shared, device, place), daemon=True)
        for place, device in enumerate(wanted)
    ]
    try:
        for thread in threads:
            thread.start()
        for answer in _answers(shared, len(threads)):
            if isinstance(answer, Exception):
                raise answer
            heard(answer)
    finally:
        shared.over.set()
        if any(thread.is_alive() for thread in threads) or not apart:
            _close(shared)
        for thread in threads:
            thread.join(10)
        if not apart:
            _close(shared)  # one may have been starting


def _close(shared: _Shared) -> None:
    with shared.lock:
        workers, shared.workers = shared.workers, []
    for worker in workers:
        worker.close()


def _answers(shared: _Shared, threads: int) -> Iterator[Row | Exception]:
    """What comes, until all threads have ended."""
    while threads:
        answer = shared.answers.get()
        if answer is None:
            threads -= 1
        else:
            yield answer


def _next(shared: _Shared) -> int | None:
    with shared.lock:
        if shared.over.is_set():
            return None
        return shared.again.popleft() if shared.again else next(shared.todo, None)


def _ask_apart(shared: _Shared, device: str, place: int) -> None:
    """Ask one process of the model for image after image, and measure them in this thread."""
    try:
        unit = replace(shared.unit, apart=replace(shared.unit.apart, copy=place))
        session = shared.session if place == 0 else unit.open(device)
        if isinstance(session.model, ModelApart):
            with shared.lock:
                shared.workers.append(session.model.process)
        while (index := _next(shared)) is not None:
            shared.answers.put(session.score(index).row)
    except Exception as error:
        shared.answers.put(error)
    finally:
        shared.answers.put(None)


def _ask(shared: _Shared, device: str, _place: int) -> None:
    """Ask one worker for image after image, and another one when it is lost."""
    worker: IsolatedProcess | None = None
    try:
        while (index := _next(shared)) is not None:
            try:
                worker = worker or _opened(shared, device)
                shared.answers.put(worker.ask("score", index=index).header["row"])
            except Stopped as error:
                worker = None
                with shared.lock:
                    shared.lost[index] = shared.lost.get(index, 0) + 1
                    shared.again.append(index)
                if shared.lost[index] >= TRIES:
                    raise SrbenchError(_twice(shared, index, str(error))) from error
    except Refused as error:
        shared.answers.put(ModelFailure(str(error)))
    except Exception as error:
        shared.answers.put(error)
    finally:
        shared.answers.put(None)


def _twice(shared: _Shared, index: int, how: str) -> str:
    name = shared.session.dataset.images[index].name
    why = " (perhaps for lack of memory: try fewer --workers)" if "signal 9" in how else ""
    return f"{shared.session.model.card.name} lost its process twice on image '{name}': it {how}{why}."


def _opened(shared: _Shared, device: str) -> IsolatedProcess:
    worker = IsolatedProcess(HANDLER, Path.cwd(), Setting(OWN, _LIMITS, device=device, echo=True, watched=False))
    with shared.lock:
        shared.workers.append(worker)
    sent: Any = pickle.dumps((shared.unit, device))
    worker.ask("open", sent)
    return worker
