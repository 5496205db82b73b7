"""What ``srbench run`` says on stderr: the plan, what is downloaded, and the end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from srbench.evaluation.cells import LR_WORDS, Cell, Failure, Plan, label_without_protocol
from srbench.evaluation.outcome import Outcome
from srbench.printable import visible
from srbench.quantities import DEFAULT_QUALITY
from srbench.results.collection import Results
from srbench.results.record import CostRecord, QualityRecord, Substitution
from srbench.results.words import (
    doubt_lines,
    subject_of,
    substitution_label,
    substitution_sentence,
    trial_sentence,
)

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LOG_WIDTH = 140
"""Columns where stderr is a file."""
SHOWN_RUNTIMES = 4
"""How many models the line on unsteady runtimes names."""


def stderr_console() -> Console:
    """The console that is written to while stdout is for tables and data."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        console.width = LOG_WIDTH
    return console


def say(console: Console, text: str) -> None:
    """One paragraph of plain text."""
    console.print(shown(text), soft_wrap=True)


def shown(text: str) -> str:
    """Text of strangers for the console: neither its markup nor its control characters act."""
    return escape(visible(text))


def show_plan(plan: Plan, results: Path, *, substitutions: bool = True, part: bool = False) -> None:
    """Which cells there are, which of them are already there, what is left out, and what is replaced.

    ``substitutions`` is False where they stand under the table; a ``part`` of a run measures no costs.
    """
    console = stderr_console()
    for path, reason in plan.skipped_files:
        say(console, f"skipped {path}: it {reason}; it is left as it is, delete it if nothing else needs it.")
    for name, why in doubt_lines(plan.apart):
        say(
            console,
            f"not believed: {name}: {why} It stands in no table and is left as it is until it is computed again.",
        )
    for sentence in plan.left_out:
        say(console, f"note: {sentence}")
    for subject, what in plan.substitutions if substitutions else ():
        say(console, _substitution(subject, what))
    if not plan.parts:
        return
    if not plan.todo and not plan.costs_todo:
        there = _cells(len(plan.cells)) if plan.cells else f"the costs of {_models(len(plan.costs))}"
        say(console, f"nothing to compute: {there} already in {results} (--force computes again).")
        _say_otherwise(console, plan)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("model", "weights", "scale", "dataset", "protocol", ""):
        table.add_column(heading)
    for cell in plan.cells:
        status = "already there" if cell.existing else "to compute"
        status += f", {cell.kept} of {len(cell.dataset.images)} images there" if cell.kept else ""
        status += f": {cell.why}" if cell.why else ""
        given = LR_WORDS[cell.dataset.lr]
        dataset = f"{cell.dataset.name} ({len(cell.dataset.images)}{given})"
        row = (cell.card.name, cell.weights.name, f"x{cell.scale}", dataset, cell.protocol.id, status)
        table.add_row(*map(shown, row))
    for cost in plan.costs:
        weightless = cost.weights.origin == "none"
        if weightless or cost in plan.costs_todo:
            status = "already there" if cost.existing else "left to the run after the merge" if part else "to compute"
            status += ": costs only, no weights" if weightless else ""
            row = (cost.card.name, "none" if weightless else "", f"x{cost.scale}", "costs", "", status)
            table.add_row(*map(shown, row))
    console.print(table)
    _say_otherwise(console, plan)


def show_computed(plan: Plan, outcome: Outcome, *, cut: bool) -> None:
    """How new results came to their memory format, and whether images were cut where that was asked for (``cut``)."""
    console = stderr_console()
    standing = {id(cell.existing) for cell in plan.cells}
    new = [record for record in outcome.quality if id(record) not in standing and record.computed is not None]
    sentences: dict[str, None] = {}
    for record in new:
        computed, subject = record.computed, subject_of(record)
        if computed is not None and computed.format_trial is not None:
            sentences[f"{subject}: {trial_sentence(computed.format_trial, computed.memory_format)}"] = None
        if cut and computed is not None and computed.tiles is None:
            sentences[f"{subject} on {record.dataset.name}: every image fits whole; nothing was cut."] = None
    for sentence in sentences:
        say(console, sentence)


def _say_otherwise(console: Console, plan: Plan) -> None:
    """Which results that are there were computed otherwise than asked, those of one way in one line."""
    found: dict[tuple[str, ...], list[Cell]] = {}
    for cell in plan.cells:
        if cell.computed_with:
            found.setdefault(cell.computed_with, []).append(cell)
    for how, cells in found.items():
        more = f" and {len(cells) - 1} more" if len(cells) > 1 else ""
        with_what = " and ".join(how)
        say(console, f"{cells[0].label}{more}: already there, computed with {with_what}; --force computes as asked.")


def show_end(plan: Plan, outcome: Outcome, page: Path | None, results: Path) -> None:
    """How many cells were computed, where they are, and which failed."""
    console = stderr_console()
    there = len(plan.cells) - len(plan.todo)
    doubtful = _doubtful_runtimes(outcome.costs)
    if doubtful:
        say(console, doubtful)
    if not outcome.results and not outcome.unfinished:
        say(console, "nothing was computed, and there is no earlier result to show.")
    elif outcome.results:
        costs = f"; costs of {_models(outcome.costs_computed)} measured" if outcome.costs_computed else ""
        say(console, f"{_cells(outcome.computed)} computed, {there} already there{costs}; results in {results}")
    for cell, done in outcome.unfinished:
        images = len(cell.dataset.images)
        say(
            console,
            f"{label_without_protocol(cell)}: {done} of {images} images are in {results}; when all parts are done, "
            "'srbench results merge' makes the results.",
        )
    if page is not None:
        say(console, f"page: {page}")
    show_failures(outcome.failures)


def show_left_out(outcome: Outcome, costs: Sequence[str]) -> None:
    """That runtimes have no column in what is printed for other programs and papers, where there are any.

    ``costs`` are the quantities of networks that were asked for by name.
    """
    if "runtime" not in costs and any("runtime" in cost.values for cost in outcome.costs):
        asked = ",".join((*DEFAULT_QUALITY, "runtime"))
        say(
            stderr_console(), f"note: runtimes were measured and are not in this table; --quantities {asked} adds them."
        )


def show_ways(records: Sequence[QualityRecord], results: Path) -> None:
    """What another precision or backend changes, or the self-ensemble, for each of ``records`` that was run so."""
    from srbench.evaluation.way_differences import difference_sentence, differences
    from srbench.results.trust import read

    if not any(record.self_ensemble or differences([record], ()) for record in records):
        return
    console = stderr_console()
    for found in differences(records, read(results).results.quality):
        say(console, difference_sentence(found))


def show_failures(failures: Sequence[Failure]) -> None:
    """A line for each model, dataset or cell that could not be had, and why."""
    console = stderr_console()
    for failure in failures:
        say(console, f"error: {failure.shown}: {failure.reason}")


def show_unsaid(plan: Plan, outcome: Outcome) -> None:
    """The substitutions that the table does not tell, because it has no row that was made with them."""
    in_table = {what for record in _in_table(outcome.results) for what in record.substitutions}
    console = stderr_console()
    for subject, what in plan.substitutions:
        if what not in in_table:
            say(console, _substitution(subject, what))


def _in_table(results: Results) -> tuple[QualityRecord | CostRecord, ...]:
    """The records that rows are made of."""
    return (*results.quality, *results.without_quality())


def _substitution(subject: str, what: Substitution) -> str:
    return f"{substitution_label(what).lower()}: {substitution_sentence(what, subject)}"


def _doubtful_runtimes(records: Sequence[CostRecord]) -> str:
    """One line on runtimes that carry warnings; '' when there are none."""
    found: dict[str, tuple[str, ...]] = {}
    for record in records:
        if record.runtime is not None and record.runtime.warnings:
            found.setdefault(f"{record.model.name} x{record.scale}", record.runtime.warnings)
    if not found:
        return ""
    names = list(found)
    more = f" and {len(names) - SHOWN_RUNTIMES} more" if len(names) > SHOWN_RUNTIMES else ""
    causes = ", ".join(warning.partition(":")[0] for warning in found[names[0]])
    whose = f"{names[0]}: " if len(names) > 1 else ""
    return (
        f"note: runtimes are unsteady for {', '.join(names[:SHOWN_RUNTIMES])}{more} ({whose}{causes}); "
        "srbench time measures them soundly."
    )


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number} cells"


def _models(number: int) -> str:
    return "1 model" if number == 1 else f"{number} models"


class Downloads:
    """Bytes that arrive while a run is planned; shows nothing when nothing has to be downloaded."""

    def __init__(self) -> None:
        self._console = stderr_console()
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._bytes = 0

    def __call__(self, arrived: int) -> None:
        """So many more bytes are here."""
        self._bytes += arrived
        if self._progress is None:
            from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn

            self._progress = Progress(
                TextColumn("downloading"), DownloadColumn(), TransferSpeedColumn(), console=self._console,
                transient=True, disable=not self._console.is_terminal,
            )  # fmt: skip
            self._task = self._progress.add_task("", total=None)
            self._progress.start()
        if self._task is not None:
            self._progress.update(self._task, advance=arrived)

    def __enter__(self) -> Downloads:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._progress is not None:
            self._progress.stop()
            say(self._console, f"downloaded {self._bytes / 1e6:.1f} MB into the cache")
