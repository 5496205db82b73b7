"""On this machine: in this process with overlapped steps, or in several new ones. This process is never forked."""

from __future__ import annotations

import contextlib
import functools
import pickle
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from srbench.errors import SrbenchError
from srbench.evaluation.apart.model import ModelApart
from srbench.evaluation.engine.lanes import in_lanes
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
WORTH_S = (0.5, 3.0)
"""Seconds that workers must save for them to be started: where they start in milliseconds, and else."""
SEEN_S = 1.0
"""Seconds after which it is known how many cores images fill that are computed side by side in this process."""
MOST_LANES = 4
"""Images that are computed side by side in one process; with more, Python's lock would be waited for."""
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

    Here several images are computed side by side, each in a thread with a network of its own; a model that runs in a
    process of its own, or by another backend, takes one after the other.

    Raises:
        SrbenchError: as :func:`run_spread`.
    """
    in_threads = not isinstance(session.model, ModelApart) and unit.way.backend == "eager"
    lanes = min(workers, MOST_LANES, len(indices))
    rest, enough = iter(indices), threading.Event()
    fed = iter(lambda: None if enough.is_set() else next(rest, None), None)
    rows = _side_by_side(unit, session, fed, lanes) if in_threads else _one_by_one(session, fed)
    pace = _Pace(len(indices), unseen=lanes if in_threads else 0)
    sendable = functools.cache(lambda: can_send(unit))  # pickles the whole dataset, so once
    with contextlib.closing(rows):
        for row in rows:
            heard(row)
            saved_s = pace.saved_by(workers, in_threads=in_threads)
            worth_s = WORTH_S[0] if nursery.is_there() else WORTH_S[1]
            if not enough.is_set() and saved_s > worth_s and sendable():
                enough.set()
    if left := tuple(rest):
        run_spread(unit, session, left, heard, devices=(unit.device,) * workers)


@dataclass
class _Pace:
    """How fast images are done here, and how many cores they fill."""

    images: int
    unseen: int
    """Images at the start, slower than those that follow, that are not taken into account."""
    done: int = 0
    wall: float = field(default_factory=time.monotonic)
    cpu: float = field(default_factory=time.process_time)

    def saved_by(self, workers: int, *, in_threads: bool) -> float:
        """Seconds that ``workers`` which fill a core each would save on the images that are left; one more is done."""
        self.done += 1
        if self.done <= self.unseen:
            self.wall, self.cpu = time.monotonic(), time.process_time()
            return 0.0
        spent_s = time.monotonic() - self.wall
        if in_threads and spent_s < SEEN_S:
            return 0.0
        busy = (time.process_time() - self.cpu) / spent_s if in_threads else 1.0
        per_image = spent_s / (self.done - self.unseen)
        return per_image * (self.images - self.done) * (1 - busy / workers)


def _one_by_one(session: Session, indices: Iterable[int]) -> Generator[Row, None, None]:
    with contextlib.closing(overlapped(indices, session.steps, ahead=2, behind=1, threads=1)) as steps:
        for scored in steps:
            yield scored.row


def _side_by_side(unit: Unit, session: Session, indices: Iterable[int], lanes: int) -> Generator[Row, None, None]:
    """Rows as they are finished; each lane has a session of its own, opened one after the other.

    What networks print goes to stderr all the while: lanes that each redirected stdout would undo what others did.
    """
    sessions = [session, *(unit.open() for _ in range(lanes - 1))]
    with contextlib.redirect_stdout(sys.stderr):
        yield from in_lanes(indices, [functools.partial(_lane, unit.threads, one) for one in sessions])


def _lane(threads: int, session: Session) -> Callable[[int], Row]:
    import torch

    torch.set_num_threads(threads)  # each thread has its own number
    return lambda index: session.score(index).row


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
    lost: dict[int | None, int] = field(default_factory=dict)
    """By image, or None while they were opened: how many workers."""
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
    left = len(indices)
    try:
        for thread in threads:
            thread.start()
        for answer in _answers(shared, len(threads)):
            if isinstance(answer, Exception):
                raise answer
            heard(answer)
            left -= 1
            if not (left or apart):
                break  # a worker may still be starting
    finally:
        shared.over.set()
        if any(thread.is_alive() for thread in threads) or not apart:
            _close(shared)
        for thread in threads:
            thread.join(10 if left else 0)
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
    index: int | None = None
    try:
        while not shared.over.is_set():
            try:
                worker = worker or _opened(shared, device)
                if (index := _next(shared)) is None:
                    break
                shared.answers.put(worker.ask("score", index=index).header["row"])
                index = None
            except Stopped as error:
                worker = None
                _note_lost(shared, index, error)
                index = None
    except Refused as error:
        shared.answers.put(ModelFailure(str(error)))
    except Exception as error:
        shared.answers.put(error)
    finally:
        shared.answers.put(None)


def _note_lost(shared: _Shared, index: int | None, error: Stopped) -> None:
    """A worker was lost over an image, which is to be done again, or while it was opened.

    Raises:
        SrbenchError: not the first one.
    """
    with shared.lock:
        shared.lost[index] = lost = shared.lost.get(index, 0) + 1
        if index is not None:
            shared.again.append(index)
    if lost >= TRIES:
        raise SrbenchError(_twice(shared, index, str(error))) from error


def _twice(shared: _Shared, index: int | None, how: str) -> str:
    where = "while it was opened" if index is None else f"on image '{shared.session.dataset.images[index].name}'"
    why = " (perhaps for lack of memory: try fewer --workers)" if "signal 9" in how else ""
    return f"{shared.session.model.card.name} lost its process twice {where}: it {how}{why}."


def _opened(shared: _Shared, device: str) -> IsolatedProcess:
    worker = IsolatedProcess(HANDLER, Path.cwd(), Setting(OWN, _LIMITS, device=device, echo=True, watched=False))
    with shared.lock:
        shared.workers.append(worker)
    if shared.over.is_set():
        _close(shared)
    sent: Any = pickle.dumps((shared.unit, device))
    worker.ask("open", sent)
    return worker
