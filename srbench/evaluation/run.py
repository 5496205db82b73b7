"""Compute the cells of a plan, one after the other, and keep each as soon as it is finished."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from srbench.errors import SrbenchError
from srbench.evaluation.below_bicubic import diagnose_if_below
from srbench.evaluation.costs import model_cost
from srbench.evaluation.identity import data_sha256, remember
from srbench.evaluation.plan import Cell, Failure, Plan, image_folder, label_without_protocol
from srbench.evaluation.score import ModelFailure, Scores, failure_sentence, mean_quality, score_dataset
from srbench.models.words import diagnosis_sentences, note_sentence
from srbench.results import store
from srbench.results.record import CellRecord, Cost, DatasetRef, ModelRef, WeightsRef

if TYPE_CHECKING:
    from srbench.models.diagnosis import Diagnosis
    from srbench.models.loading import SRModel


class Watcher:
    """Told how a run proceeds; every method does nothing unless overridden."""

    def group_started(self, cells: Sequence[Cell]) -> None:
        """One pass over a dataset starts; ``cells`` are its protocols."""

    def below_bicubic(self, cell: Cell, found: Diagnosis) -> None:
        """The network of the pass is worse than bicubic; ``found`` says what other ways of feeding it give."""

    def stage(self, name: str) -> None:
        """A part of the pass that is no image starts: 'loading', 'cost', 'runtime'."""

    def image_done(self, image: str) -> None:
        """One image is scored."""

    def cell_finished(self, cell: Cell, record: CellRecord) -> None:
        """One cell is written."""

    def written_beside(self, damaged: Path, path: Path) -> None:
        """A cell was written to ``path``, because ``damaged``, its own place, holds something that is no result."""

    def failed(self, failure: Failure) -> None:
        """One pass failed; the others go on."""


@dataclass
class Outcome:
    """What became of a plan: records in the order of the plan, and what failed."""

    records: list[CellRecord] = field(default_factory=list)
    computed: int = 0
    failures: list[Failure] = field(default_factory=list)


Costs = dict[tuple[str, str, int], tuple[Cost, tuple[str, ...]]]
"""Cost and what is missing of it, by model, hash of its source, and scale."""


@dataclass(frozen=True)
class Setting:
    """What all cells of a run share: where they go, and what their records say about the run."""

    folder: Path | None
    command: str
    save_images: Path | None = None


def execute(plan: Plan, setting: Setting, watcher: Watcher | None = None) -> Outcome:
    """Compute every cell of ``plan`` that is not there yet and write each one when it is finished.

    A cell that fails is a :class:`Failure`; the others go on. Ctrl-C leaves the finished cells.

    Raises:
        SrbenchError: the results folder cannot be written to.
    """
    watcher = watcher or Watcher()
    outcome = Outcome(failures=list(plan.failures))
    done: dict[str, CellRecord] = {cell.name: cell.existing for cell in plan.cells if cell.existing is not None}
    costs: Costs = {}
    if plan.todo and setting.folder is not None:
        store.check_writable(setting.folder)
    for group in _groups(plan.todo):
        watcher.group_started(group)
        try:
            records = compute_group(group, setting, watcher, costs)
        except SrbenchError as error:
            protocols = ", ".join(cell.protocol.id for cell in group)
            failure = Failure(group[0].name, str(error), f"{label_without_protocol(group[0])}, {protocols}")
            outcome.failures.append(failure)
            watcher.failed(failure)
            continue
        for cell, record in zip(group, records, strict=True):
            if setting.folder is not None:
                written = store.write(setting.folder, record, cell.name)
                if written.stem != cell.name:
                    watcher.written_beside(setting.folder / f"{cell.name}.json", written)
            done[cell.name] = record
            outcome.computed += 1
            watcher.cell_finished(cell, record)
    outcome.records = [done[cell.name] for cell in plan.cells if cell.name in done]
    return outcome


def _groups(cells: Sequence[Cell]) -> Iterator[list[Cell]]:
    """Cells that differ only in the protocol, together: the SR images are the same."""
    for _, group in groupby(cells, key=lambda c: (c.card.name, c.weights.name, c.scale, id(c.dataset))):
        yield list(group)


def run_cell(cell: Cell, setting: Setting | None = None) -> CellRecord:
    """Compute one cell without writing it.

    Raises:
        SrbenchError: the model or the data failed; the sentence says where.
    """
    return compute_group([cell], setting or Setting(None, ""), Watcher(), {})[0]


def compute_group(cells: Sequence[Cell], setting: Setting, watcher: Watcher, costs: Costs) -> list[CellRecord]:
    """Records of cells that differ only in the protocol: one pass over the images, costs once per model and scale.

    Raises:
        SrbenchError: the model or the data failed.
    """
    cell = cells[0]
    watcher.stage("loading")
    model = load(cell)
    remarks = tuple(map(note_sentence, model.notes))
    if cell.has_quality:
        scores = score_dataset(
            model,
            cell.dataset,
            [c.protocol for c in cells],
            save_to=image_folder(cell, setting.save_images) if setting.save_images is not None else None,
            image_done=watcher.image_done,
        )
        remember(cell.dataset, scores.data_sha256)
        doubt = diagnose_if_below(
            model, cell.dataset, cell.protocol, [row.psnr for row in scores.rows[cell.protocol.id]]
        )
        if doubt is not None:
            watcher.below_bicubic(cell, doubt)
            remarks += (" ".join(diagnosis_sentences(cell.card.title, doubt)),)
    else:
        scores = Scores({}, data_sha256(cell.dataset))
    key = (cell.card.name, cell.source_sha256, cell.scale)
    if key not in costs:
        watcher.stage("cost")
        costs[key] = _cost(cell, model, lambda: watcher.stage("runtime"))
    return [_record(c, scores, costs[key], setting, remarks) for c in cells]


def load(cell: Cell) -> SRModel:
    """The model of a cell with its weights, on its device.

    Raises:
        SrbenchError: weights do not fit, no such device, or the model's own code raised.
    """
    from srbench.models.opening import open_model

    try:
        return open_model(cell.card, cell.scale, cell.weights, cell.device)
    except SrbenchError:
        raise
    except Exception as error:  # a user's network may raise anything
        raise ModelFailure(f"{cell.card.name} raised {type(error).__name__} while it was built: {error}") from error


def _cost(cell: Cell, model: SRModel, timing: Callable[[], None]) -> tuple[Cost, tuple[str, ...]]:
    try:
        return model_cost(model.network, cell.card, cell.scale, device=cell.device, runtime=cell.runtime, timing=timing)
    except SrbenchError:
        raise
    except Exception as error:  # a user's network may raise anything
        raise ModelFailure(failure_sentence(cell.card.name, "for counting", (256, 256), error)) from error


def _record(
    cell: Cell, scores: Scores, costs: tuple[Cost, tuple[str, ...]], setting: Setting, remarks: tuple[str, ...]
) -> CellRecord:
    from srbench.results import environment

    rows = scores.rows.get(cell.protocol.id, ())
    card, weights, dataset = cell.card, cell.weights, cell.dataset
    machine = environment.machine_id()
    if setting.folder is not None:
        environment.write_machine(setting.folder)
    return CellRecord(
        model=ModelRef(
            name=card.name, title=card.title, paper=card.paper, year=card.year, source_sha256=cell.source_sha256
        ),
        weights=WeightsRef(
            name=weights.name,
            origin=weights.origin,
            sha256=weights.sha256,
            url=weights.url,
            licence=weights.licence,
            note=weights.note,
        ),
        scale=cell.scale,
        dataset=DatasetRef(
            name=dataset.name,
            lr=dataset.lr,
            images=len(dataset.images),
            sha256=scores.data_sha256,
            limit=cell.limit,
        ),
        protocol=cell.protocol.model_dump(mode="json"),
        images=rows,
        quality=mean_quality(rows) if rows else None,
        quality_missing=None if rows else "no weights",
        cost=costs[0],
        machine=machine,
        versions=environment.versions(),
        substitutions=(*cell.substitutions, *remarks, *costs[1]),
        command=setting.command,
        created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    )
