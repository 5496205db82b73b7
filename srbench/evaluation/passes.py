"""One pass of a model over a dataset: from its journal on, by whichever executor, to the scores of all images."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from srbench.errors import SrbenchError
from srbench.evaluation.cells import Cell, image_folder
from srbench.evaluation.engine.pairs import PairCache
from srbench.evaluation.engine.session import Row, Session
from srbench.evaluation.engine.setting import FIRST, Engine, part_of, threads_for, workers_for
from srbench.evaluation.engine.tiles import Fitting, Tiling
from srbench.evaluation.engine.unit import Unit
from srbench.evaluation.executors.local import run_adaptively, run_spread
from srbench.evaluation.formats import Opened, threads_of_pass
from srbench.evaluation.gathered import Rows, Scores
from srbench.evaluation.kept import SHORT_OF_MEMORY, journal_name, unchanged
from srbench.evaluation.records import header_of, outline
from srbench.evaluation.score import Execute, ImageDone, Listeners, is_sound, score_session
from srbench.results import journal
from srbench.results.record import Computed, QualityRecord, Tiles

if TYPE_CHECKING:
    from srbench.models.loading import SRModel


class Unfinished(SrbenchError):
    """A part of a run did what it was asked for, and other parts have not done theirs; nothing failed.

    ``first`` are the scores of the first images, where this part has them; ``note`` keeps a remark on the pass.
    """

    def __init__(self, done: int, images: int, first: Scores | None, note: Callable[[Row], None]) -> None:
        super().__init__(f"{done} of {images} images are in the journal")
        self.done, self.images, self.first, self.note = done, images, first, note


@dataclass(frozen=True)
class PassResult:
    """The scores of all images, the outlines of their records, and the machine of the first image."""

    scores: Scores
    outlines: tuple[QualityRecord, ...]
    machine: str


@dataclass(frozen=True)
class Place:
    """Where a pass keeps what it makes: the results folder with its journal, SR images, images decoded before."""

    results: Path | None = None
    save_images: Path | None = None
    pairs: Path | None = None
    commands: dict[str, str] = field(default_factory=dict)
    """By protocol id: the command that makes its record."""


def score_pass(
    cells: Sequence[Cell], opened: Opened, place: Place, engine: Engine, image_done: ImageDone | None = None
) -> PassResult:
    """Measure the images of cells that differ only in the protocol, those of the journal excepted.

    Every row is in the journal as soon as it is there, so that a run that is killed goes on at the images it was in.

    Raises:
        Unfinished: ``engine.shard`` leaves images to other parts of the run.
        SrbenchError: the model or the data failed; rows that were finished stay in the journal.
    """
    from srbench.cost.allocator import tune
    from srbench.cost.load import default_threads
    from srbench.results.environment import machine_id

    cell, model, machine = opened.cell_of(cells[0]), opened.model, machine_id()
    allocator = tune().how if engine.memory is None else SHORT_OF_MEMORY
    usable, on_cpu = default_threads(), not cell.device.startswith("cuda")
    threads = threads_for(engine, usable, len(cell.dataset.images))
    tiling, tiles = _tiling(cell, model, engine)
    computed = Computed(
        threads=threads if on_cpu else None,
        memory_format=cell.way.memory_format,
        format_trial=opened.trial,
        allocator=allocator if on_cpu else "",
        tiles=tiles,
    )
    outlines = tuple(outline(one, model, computed) for one in cells)
    header = header_of(outlines, [one.name for one in cells], [quantity.name for quantity in cell.quantities])
    folder = None if place.results is None else journal.folder_of(place.results, journal_name(cells))
    save_to = image_folder(cell, place.save_images).absolute() if place.save_images is not None else None
    session = Session(
        model, Fitting(model, tiling), cell.dataset, tuple(one.protocol for one in cells), cell.quantities, save_to,
        PairCache(place.pairs), machine,
    )  # fmt: skip
    unit = Unit(
        cell.card, cell.scale, cell.weights, cell.device, cell.dataset, session.protocols,
        tuple(quantity.name for quantity in cell.quantities), threads, save_to, tiling, engine.plugins, cell.way,
        engine.apart, place.pairs,
    )  # fmt: skip
    known = () if folder is None else _still_true(session, journal.rows(folder, header))
    shard = engine.shard
    beside = {"commands": place.commands} | ({} if shard is None else {"part": list(shard)})
    with threads_of_pass(model, threads, usable), _kept(folder, header) as part:
        scores = score_session(
            session,
            known=known,
            execute=_executor(engine, unit, usable, (place.results, journal_name(cells))),
            listeners=Listeners(None if part is None else lambda row: part.append({**row, **beside}), image_done),
            helpers=0 if engine.memory is not None else 2 if not on_cpu else 1 if usable > 1 else 0,
            only=None if shard is None else lambda index: part_of(index, shard[1]) == shard[0],
        )
    if scores is None and folder is not None:  # other parts may have done theirs meanwhile
        rows, images = Rows(session.protocols), len(cell.dataset.images)
        for row in _still_true(session, journal.rows(folder, header)):
            rows.add(row)
        if len(rows) < images:
            first = rows.reduced({}, range(min(FIRST, images))) if shard is not None and shard[0] == 1 else None
            raise Unfinished(len(rows), images, first, functools.partial(_note, folder, header))
        scores = rows.reduced({})
    if scores is None:
        raise SrbenchError("a part of a run needs a results folder to leave its images in; give --results.")
    return PassResult(scores, outlines, scores.machine or machine)


def _note(folder: Path, header: journal.Header, remark: Row) -> None:
    with journal.Part(folder, header) as part:
        part.append(remark)


def forget_journal(cells: Sequence[Cell], results: Path | None) -> None:
    """Remove the journal of a pass whose records are written, and what is kept of arrays that failed."""
    if results is not None:
        from srbench.evaluation.executors.slurm import forget

        journal.remove(journal.folder_of(results, journal_name(cells)))
        forget(results, journal_name(cells))


def _still_true(session: Session, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of images whose files have not changed since, and whose SR images are there where they are wanted."""
    ids = [protocol.id for protocol in session.protocols]
    return (row for row in unchanged(rows, session.dataset.images, session.save_to) if is_sound(row, ids))


def _tiling(cell: Cell, model: SRModel, engine: Engine) -> tuple[Tiling | None, Tiles | None]:
    """How images are cut, if they are to be, and what of that stands in the record."""
    if model.card.network is None or (engine.tile is None and engine.memory is None):
        return None, None
    from srbench.evaluation.engine.fit import cuts, tiling_for, tried

    tiling = tiling_for(model, cell.dataset, engine)
    if tiling is None or not cuts(cell.dataset, tiling):
        return None, None
    return tiling, tried(model, cell.dataset, tiling, engine)


def _executor(engine: Engine, unit: Unit, usable: int, kept: tuple[Path | None, str]) -> Execute | None:
    """Who computes the images; None for this process. ``kept``: the results folder and the name of the pass."""
    results, name = kept
    if engine.executor == "ray":
        from srbench.evaluation.executors.ray_cluster import run_ray

        return functools.partial(run_ray, unit, results, address=engine.address)
    if engine.executor == "slurm":
        from srbench.evaluation.executors.slurm import Array, run_slurm

        if results is None:
            raise SrbenchError("--executor slurm needs a results folder that all nodes see; give --results.")
        return functools.partial(run_slurm, unit, Array(results, name, engine.workers or 0))
    if engine.devices:
        return functools.partial(run_spread, unit, devices=engine.devices)
    workers = workers_for(engine, usable, unit.threads)
    if unit.device.startswith("cuda") or workers == 1:
        return None
    return functools.partial(run_adaptively, unit, workers=workers)


@contextlib.contextmanager
def _kept(folder: Path | None, header: journal.Header) -> Iterator[journal.Part | None]:
    if folder is None:
        yield None
        return
    with journal.Part(folder, header) as part:
        yield part
