"""Compute the cells of a plan, model by model, and keep each result as soon as it is finished."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srbench.errors import SrbenchError
from srbench.evaluation.apart.model import ModelApart
from srbench.evaluation.apart.processes import close_all
from srbench.evaluation.below_bicubic import diagnose_if_below
from srbench.evaluation.cells import Cell, CostCell, Failure, Plan, label_without_protocol
from srbench.evaluation.costs import CostAt, CostRequest, model_cost
from srbench.evaluation.engine.setting import Engine
from srbench.evaluation.formats import opened
from srbench.evaluation.identity import remember
from srbench.evaluation.images import ModelFailure, failure_sentence
from srbench.evaluation.kept import passes
from srbench.evaluation.opening import open_for_cell
from srbench.evaluation.outcome import Outcome, Watcher
from srbench.evaluation.passes import Place, Unfinished, forget_journal, score_pass
from srbench.evaluation.records import filled, model_ref, now
from srbench.isolation.process import Stopped
from srbench.results import environment, store
from srbench.results.collection import network_of, with_runtime_of
from srbench.results.command import own_command
from srbench.results.record import CostRecord, QualityRecord
from srbench.results.trust import doubts

if TYPE_CHECKING:
    from srbench.models.loading import SRModel


@dataclass(frozen=True)
class Setting:
    """What all cells of a run share: where they go, and what their records say about the run."""

    folder: Path | None
    command: str = ""
    save_images: Path | None = None
    engine: Engine = field(default_factory=Engine)
    pairs: Path | None = None
    """Folder where images that are decoded stay for the models that come after."""


def execute(plan: Plan, setting: Setting, watcher: Watcher | None = None) -> Outcome:
    """Compute every cell of ``plan`` that is not there yet and write each one when it is finished.

    The costs of a model follow its cells; they are left out where all its cells failed. A cell that fails is a
    :class:`Failure`; the others go on. Ctrl-C leaves the finished results.

    Raises:
        SrbenchError: the results folder cannot be written to.
    """
    run = _Run(setting, watcher or Watcher(), Outcome(failures=list(plan.failures)))
    if (plan.todo or plan.costs_todo) and setting.folder is not None:
        store.check_writable(setting.folder)
    try:
        with _pairs_of(plan) as pairs:
            _compute(plan, replace(run, setting=replace(setting, pairs=pairs)))
    finally:
        close_all()
    return run.outcome


@contextlib.contextmanager
def _pairs_of(plan: Plan) -> Iterator[Path | None]:
    """A folder for images that are decoded once for several passes; None where each is wanted by one pass only."""
    if len(list(passes(plan.todo))) < 2:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="srbench-images-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _compute(plan: Plan, run: _Run) -> None:
    quality = {cell.name: cell.existing for cell in plan.cells if cell.existing is not None}
    costs = {_subject(cost): cost.existing for cost in plan.costs if cost.existing}
    cells = {subject: list(group) for subject, group in groupby(plan.todo, key=_subject)}
    for subject in dict.fromkeys((*cells, *map(_subject, plan.costs_todo))):
        finished, model = run.cells(cells.get(subject, []))
        quality |= finished
        if run.setting.engine.shard is not None or (subject in cells and not finished):
            continue  # costs are not a matter of parts, and nothing is known of what failed
        for cost in plan.costs_todo:
            if _subject(cost) == subject:
                costs[subject] = run.costs(cost, model if run.setting.engine.memory_format == "contiguous" else None)
    run.outcome.quality = [quality[cell.name] for cell in plan.cells if cell.name in quality]
    run.outcome.costs = [record for cost in plan.costs for record in costs.get(_subject(cost), ())]


def _subject(part: Cell | CostCell) -> tuple[str, int]:
    return part.card.name, part.scale


@dataclass(frozen=True)
class _Run:
    """A plan that is being computed."""

    setting: Setting
    watcher: Watcher
    outcome: Outcome

    def cells(self, cells: Sequence[Cell]) -> tuple[dict[str, QualityRecord], SRModel | None]:
        """The records of one model's cells by name, and the model, if any of them could be computed."""
        found: dict[str, QualityRecord] = {}
        model: SRModel | None = None
        for group in passes(cells):
            self.watcher.group_started(group)
            try:
                records, model = compute_group(group, self.setting, self.watcher)
            except Unfinished as part:
                self.outcome.unfinished.append((group[0], part.done))
                continue
            except SrbenchError as error:
                protocols = ", ".join(cell.protocol.id for cell in group)
                self._fail(Failure(group[0].name, str(error), f"{label_without_protocol(group[0])}, {protocols}"))
                continue
            for cell, record in zip(group, records, strict=True):
                self._write(record, cell.name)
                found[cell.name] = record
                self.outcome.computed += 1
                self.watcher.cell_finished(cell, record)
            forget_journal(group, self.setting.folder)
        return found, model

    def costs(self, cost: CostCell, model: SRModel | None) -> tuple[CostRecord, ...]:
        """The costs of one model; none where they cannot be measured."""
        self.watcher.costs_started(cost)
        try:
            records = compute_costs(cost, self.setting, self.watcher, model)
        except SrbenchError as error:
            self._fail(Failure(cost.label, str(error), f"{cost.label}, costs"))
            return ()
        records = tuple(self._with_stored_runtime(record) for record in records)
        for record in records:
            self._write(record, store.name_of(record))
        self.outcome.costs_computed += 1
        self.watcher.costs_finished(cost, records)
        return records

    def _with_stored_runtime(self, record: CostRecord) -> CostRecord:
        """The record with the runtime of the stored one that it replaces, where it has none itself."""
        if self.setting.folder is None or "runtime" in record.values:
            return record
        stored = store.read(self.setting.folder / f"{store.name_of(record)}.json")
        for one in () if isinstance(stored, str) else stored:
            if isinstance(one, CostRecord) and network_of(one) == network_of(record) and not doubts(one):
                return with_runtime_of(record, one)
        return record

    def _write(self, record: QualityRecord | CostRecord, name: str) -> None:
        if self.setting.folder is None:
            return
        written = store.write(self.setting.folder, record, name)
        if written.stem != Path(f"{name}.json").stem:
            self.watcher.written_beside(self.setting.folder / f"{name}.json", written)

    def _fail(self, failure: Failure) -> None:
        self.outcome.failures.append(failure)
        self.watcher.failed(failure)


def run_cell(cell: Cell, setting: Setting | None = None) -> QualityRecord:
    """Compute one cell without writing it.

    Raises:
        SrbenchError: the model or the data failed; the sentence says where.
    """
    return compute_group([cell], setting or Setting(None), Watcher())[0][0]


def compute_group(cells: Sequence[Cell], setting: Setting, watcher: Watcher) -> tuple[list[QualityRecord], SRModel]:
    """Records of cells that differ only in the protocol, from one pass over the images, and the model.

    Raises:
        SrbenchError: the model or the data failed.
    """
    cell = cells[0]
    watcher.stage("loading")
    opened_model = opened(cell, setting.engine)
    model = opened_model.model
    commands = {
        one.protocol.id: own_command(setting.command, one.card.name, one.scale, one.dataset.name, one.protocol.id)
        for one in cells
    }
    if setting.folder is not None and setting.engine.shard is not None:  # what a part leaves is of this machine
        environment.write_machine(setting.folder)
    place = Place(setting.folder, setting.save_images, setting.pairs, commands)
    try:
        found = score_pass(cells, opened_model, place, setting.engine, watcher.image_done)
    except Unfinished as part:
        if part.first is not None:
            doubt = diagnose_if_below(model, cell.dataset, cell.protocol, part.first.rows(cell.protocol))
            part.note({"notes": [] if doubt is None else [asdict(doubt)]})
        raise
    remember(cell.dataset, found.scores.data_sha256)
    doubt = diagnose_if_below(model, cell.dataset, cell.protocol, found.scores.rows(cell.protocol))
    if doubt is not None:
        watcher.below_bicubic(cell, doubt)
    notes = () if doubt is None else (doubt,)
    if setting.folder is not None:
        environment.write_machine(setting.folder)
    records = [
        filled(
            known,
            found.scores,
            machine=found.machine,
            command=commands[one.protocol.id],
            notes=notes,
        )
        for one, known in zip(cells, found.outlines, strict=True)
    ]
    return records, model


def load(part: CostCell, engine: Engine) -> SRModel:
    """The model of costs with its weights, on its device, run as its way says; costs are those of one pass.

    Raises:
        SrbenchError: as :func:`srbench.evaluation.opening.open_for_cell`.
    """
    return open_for_cell(part.card, part.scale, part.weights, (part.device, part.way), engine.apart)


def compute_costs(
    cost: CostCell, setting: Setting, watcher: Watcher, model: SRModel | None = None
) -> tuple[CostRecord, ...]:
    """The costs of one model at one scale, one record per input size; ``model`` if it is open already.

    Raises:
        SrbenchError: the model cannot be built, or raised.
    """
    from srbench.evaluation.backends import ways_of
    from srbench.models.ensemble import without_self_ensemble

    if model is None:
        watcher.stage("loading")
        model = load(cost, setting.engine)
    model = without_self_ensemble(model)
    watcher.stage("cost")
    if cost.runtime and isinstance(model, ModelApart):  # its process measures all in one go
        watcher.stage("runtime")
    network, timed = ways_of(model)
    request = CostRequest(
        cost.device, cost.runtime, cost.quantities, timed=timed, timing=lambda: watcher.stage("runtime")
    )
    try:
        found = (
            model.costs(request)
            if isinstance(model, ModelApart)
            else model_cost(network, cost.card, cost.scale, request)
        )
    except Stopped as error:
        raise ModelFailure(f"{cost.label}, for its costs: its process {error}") from error
    except SrbenchError:
        raise
    except Exception as error:  # a user's network may raise anything
        raise ModelFailure(failure_sentence(cost.card.name, "for counting", (256, 256), error)) from error
    return tuple(_cost_record(cost, at, setting, model) for at in found)


def _cost_record(cost: CostCell, at: CostAt, setting: Setting, model: SRModel) -> CostRecord:
    of_network = tuple(note for note in model.notes if note.kind in ("stand-in", "no-cuda", "imports"))
    return CostRecord(
        model=model_ref(cost.card, cost.source_sha256),
        scale=cost.scale,
        input_size=at.input_size,
        padded_from=at.padded_from,
        values=at.values,
        missing=at.missing,
        buffers=at.buffers,
        uncounted=at.uncounted,
        runtime=at.runtime,
        memory=at.memory,
        substitutions=(*cost.substitutions, *of_network, *at.notes),
        **_made(cost, setting),
    )


def _made(part: CostCell, setting: Setting) -> Any:
    """What every record of costs says about how it was made."""
    if setting.folder is not None:
        environment.write_machine(setting.folder)
    return {
        "precision": part.way.precision,
        "device": part.way.device,
        "backend": part.way.backend,
        "machine": environment.machine_id(),
        "versions": environment.versions(),
        "command": own_command(setting.command, part.card.name, part.scale),
        "created": now(),
    }
