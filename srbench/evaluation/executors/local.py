"""On this machine: in this process with overlapped steps, or in several that are forked from it with the model open."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from srbench.errors import SrbenchError
from srbench.evaluation.engine.pipeline import overlapped
from srbench.evaluation.engine.session import Scored, Session
from srbench.evaluation.engine.unit import Unit
from srbench.evaluation.executors import Heard, Indices
from srbench.evaluation.images import ModelFailure

AT_HAND = 1
"""Images that a worker has been given; with more, a kill of this process would lose more."""
KILLED = 9
"""The signal that a system without memory ends processes with."""
TRIES = 2
"""Workers that may be lost over one image before it is taken to be the cause."""


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


def can_fork() -> bool:
    """Whether this system forks processes."""
    return "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"


_ours: set[Connection] = set()
"""Our ends of the pipes to workers that are alive. Forked ones inherit them and must close them, or else a worker
would not see that the one who gives the work is gone, while another worker lives."""


@dataclass
class _Worker:
    """A forked process, what it has been given, and our end of the pipe to it."""

    process: Any
    pipe: Connection
    given: deque[int] = field(default_factory=deque)


def run_forked(session: Session, indices: Indices, heard: Heard, *, workers: int) -> None:
    """Every image in one of ``workers`` processes, forked from this one, one image at a time each.

    A worker that is lost (killed, crashed) is replaced and its images are done again; an image over which
    :data:`TRIES` workers were lost fails. When this process ends, however, its workers do.

    Args:
        session: what to compute; its network must use one thread.
        indices: which images.
        heard: told each row as it comes, in any order.
        workers: how many.

    Raises:
        SrbenchError: an image cannot be read, the model failed, or an image ends its worker again and again.
    """
    context = multiprocessing.get_context("fork")
    starts = [functools.partial(_start, context, _work_forked, session)] * max(1, min(workers, len(indices)))
    _share_out(session, indices, heard, starts)


def run_spawned(unit: Unit, session: Session, indices: Indices, heard: Heard, *, devices: tuple[str, ...]) -> None:
    """Every image in one of several new processes, one for each of ``devices``, which open the model themselves.

    For GPUs, for networks that use several threads, and where processes cannot be forked. Lost workers as in
    :func:`run_forked`.

    Raises:
        SrbenchError: as :func:`run_forked`, or the model cannot be opened there.
    """
    context = multiprocessing.get_context("spawn")
    starts = [functools.partial(_start, context, _work_spawned, unit, device) for device in devices]
    _share_out(session, indices, heard, starts[: max(1, len(indices))])


def _share_out(session: Session, indices: Indices, heard: Heard, starts: Sequence[Callable[[], _Worker]]) -> None:
    """Give the images to workers as they become free."""
    todo = deque(indices)
    lost: dict[int, int] = {}
    here = [start() for start in starts]
    try:
        while todo or any(worker.given for worker in here):
            for worker in here:
                _give(worker, todo)
            for ready in wait([worker.pipe for worker in here if worker.given]):
                worker = next(one for one in here if one.pipe is ready)
                answer = _answer(worker)
                if answer is not None:
                    heard(answer)
                    continue
                index = worker.given[0]
                lost[index] = lost.get(index, 0) + 1
                code = _end(worker)
                if lost[index] >= TRIES:
                    name = session.dataset.images[index].name
                    raise SrbenchError(f"{session.model.card.name} ended its process twice on image '{name}'{code}.")
                todo.extendleft(reversed(worker.given))
                place = here.index(worker)
                here[place] = starts[place]()
    finally:
        for worker in here:
            _end(worker)


def _give(worker: _Worker, todo: deque[int]) -> None:
    while todo and len(worker.given) < AT_HAND:
        worker.given.append(todo.popleft())
        with contextlib.suppress(OSError):  # a worker that is gone is seen when its answer is awaited
            worker.pipe.send(worker.given[-1])


def _answer(worker: _Worker) -> dict[str, Any] | None:
    """The row of the image that the worker was given first; None when the worker is gone."""
    try:
        kind, value = worker.pipe.recv()
    except (EOFError, OSError):
        return None
    worker.given.popleft()
    if kind == "failed":
        raise ModelFailure(value)
    row: dict[str, Any] = value
    return row


def _start(context: Any, work: Callable[..., None], *what: Any) -> _Worker:
    ours, theirs = context.Pipe()
    _ours.add(ours)
    process = context.Process(target=work, args=(theirs, *what), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _end(worker: _Worker) -> str:
    """End a worker; says how it had ended by itself, if it had."""
    worker.process.join(0.1 if worker.given else 0)
    code = worker.process.exitcode
    worker.process.kill()
    worker.process.join()
    _ours.discard(worker.pipe)
    worker.pipe.close()
    if code is None:
        return ""
    why = " (perhaps for lack of memory: try fewer --workers)" if code == -KILLED else ""
    return f" by signal {-code}{why}" if code < 0 else f" with exit code {code}"


def _work_forked(pipe: Connection, session: Session) -> None:
    """What a forked worker does."""
    for end in _ours:
        end.close()
    _work(pipe, lambda: session)


def _work_spawned(pipe: Connection, unit: Unit, device: str) -> None:
    """What a worker does that opens its session itself."""
    _work(pipe, functools.partial(unit.open, device))


def _work(pipe: Connection, opened: Callable[[], Session]) -> None:
    """Answer every index with a row or an error, until the other end of the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that gives the work
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    session: Session | None = None
    for index in _given(pipe):
        try:
            session = session or opened()
            answer: tuple[str, Any] = ("row", session.score(index).row)
        except SrbenchError as error:
            answer = ("failed", str(error))
        except BaseException as error:
            answer = ("failed", f"{type(error).__name__}: {' '.join(str(error).split())}")
        try:
            pipe.send(answer)
        except OSError:
            break
    os._exit(0)


def _given(pipe: Connection) -> Iterator[int]:
    while True:
        try:
            yield pipe.recv()
        except (EOFError, OSError):
            return
