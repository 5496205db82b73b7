"""The model of a pass, open in the memory format that it is run in, and torch's threads for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from srbench.evaluation.apart.model import ModelApart
from srbench.evaluation.cells import Cell
from srbench.evaluation.engine import trial
from srbench.evaluation.engine.setting import Engine, threads_for
from srbench.evaluation.opening import open_for_cell
from srbench.isolation.process import Stopped
from srbench.results.record import FormatTrial

if TYPE_CHECKING:
    from srbench.models.loading import SRModel


@dataclass(frozen=True)
class Opened:
    """The model of a pass in the memory format that it is run in, and the trial that spoke for it."""

    model: SRModel
    memory_format: str = "contiguous"
    trial: FormatTrial | None = None

    def cell_of(self, cell: Cell) -> Cell:
        """The cell, run in that format."""
        return replace(cell, way=replace(cell.way, memory_format=self.memory_format))


def opened(cell: Cell, engine: Engine) -> Opened:
    """The model of a cell in the memory format that is asked for, or that a trial finds to be the faster one.

    Raises:
        SrbenchError: as :func:`srbench.evaluation.opening.open_for_cell`, or the first image cannot be read.
    """

    def open_in(memory_format: str, copy: int = 0) -> SRModel:
        way = (cell.device, replace(cell.way, memory_format=memory_format))
        return open_for_cell(cell.card, cell.scale, cell.weights, way, replace(engine.apart, copy=copy))

    asked = engine.memory_format
    if cell.card.network is None or asked == "contiguous":
        return Opened(open_in("contiguous"))
    if asked == "channels_last":
        return Opened(open_in(asked), asked)
    from srbench.cost.load import default_threads

    plain, usable = open_in("contiguous"), default_threads()
    threads = threads_for(engine, usable, len(cell.dataset.images))
    with threads_of_pass(plain, threads, usable):
        found = trial.tried(cell, threads, plain, lambda: open_in("channels_last", copy=1))
    chosen = trial.fastest(found)
    return Opened(plain if chosen == "contiguous" else open_in(chosen), chosen, found)


@contextlib.contextmanager
def threads_of_pass(model: SRModel, threads: int, usual: int) -> Iterator[None]:
    """Torch's threads for a pass, ``usual`` again after it; on a GPU they stay as they are."""
    on_cpu = not model.device.startswith("cuda")
    with _threads(threads, usual, on_cpu), _threads_apart(model, threads, on_cpu):
        yield


@contextlib.contextmanager
def _threads(threads: int, usual: int, on_cpu: bool) -> Iterator[None]:
    """Torch's threads for the pass."""
    import torch

    if not on_cpu:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def _threads_apart(model: SRModel, threads: int, on_cpu: bool) -> Iterator[None]:
    """Torch's threads for the pass where the model runs in a process of its own."""
    if not isinstance(model, ModelApart) or not on_cpu:
        yield
        return
    model.set_threads(threads)
    yield
    with contextlib.suppress(Stopped):
        model.set_threads(0)
