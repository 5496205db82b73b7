"""The progress of ``srbench run`` on stderr."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from srbench.cli.run_view import say, shown, stderr_console
from srbench.evaluation.cells import Cell, CostCell, Failure, label_without_protocol
from srbench.evaluation.outcome import Watcher
from srbench.models.words import diagnosis_sentences
from srbench.quantities import get_quantity
from srbench.results.record import CostRecord, QualityRecord

if TYPE_CHECKING:
    from srbench.models.notes import Diagnosis


class Bar(Watcher):
    """A progress bar over the images of the pass in hand; in a log, a line per timing and finished cell."""

    def __init__(self) -> None:
        self._console = stderr_console()
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[doing]}"),
            TimeElapsedColumn(), console=self._console, transient=True,
            disable=not self._console.is_terminal,
        )  # fmt: skip
        self._task: TaskID | None = None
        self._subject = ""
        self._finished = 0
        """Cells."""
        self._images = (0, 0, "")
        """Of the pass in hand: how many are done, how many there are to be, and the name of the pass."""

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._progress.stop()

    def group_started(self, cells: Sequence[Cell]) -> None:
        """Start a bar as long as the dataset has images."""
        self._end_task()
        cell = cells[0]
        self._subject = f"{cell.card.name} x{cell.scale}"
        total = len(cell.dataset.images)
        self._images = (0, total, label_without_protocol(cell))
        self._task = self._progress.add_task(shown(f"{self._subject} {cell.dataset.name}"), total=total, doing="")

    def below_bicubic(self, cell: Cell, found: Diagnosis) -> None:
        """Say what would give what, above the figures of a network that is worse than bicubic."""
        for sentence in diagnosis_sentences(cell.card.title, found):
            say(self._console, f"warning: {sentence}")

    def stage(self, name: str) -> None:
        """Name the part of the pass that is no image; the runtime is long enough for a line in a log."""
        if name == "runtime" and not self._console.is_terminal:
            say(self._console, f"timing {self._subject} ...")
        if self._task is not None:
            self._progress.update(self._task, doing=name)

    def image_done(self, image: str) -> None:
        """One image further."""
        done, total, name = self._images
        self._images = (done + 1, total, name)
        if self._task is not None:
            self._progress.update(self._task, advance=1, doing=shown(image))

    def cell_finished(self, cell: Cell, record: QualityRecord) -> None:
        """Print one line per finished cell, so that a long run leaves a trace in a log."""
        self._finished += 1
        self._images = (0, 0, "")
        values = []
        for name in record.values:
            quantity = get_quantity(name)
            values.append(f"{quantity.text(record.value(name))} {quantity.unit}".strip())
        say(self._console, f"{cell.label}: {' / '.join(values)}")

    def costs_started(self, cost: CostCell) -> None:
        """Take the bar of images away; what follows has its own stages."""
        self._end_task()
        self._subject = cost.label
        if self._progress is not None:
            self._task = self._progress.add_task(shown(cost.label), total=None, doing="")

    def costs_finished(self, cost: CostCell, records: Sequence[CostRecord]) -> None:
        """Nothing is left to show."""
        self._end_task()

    def written_beside(self, damaged: Path, path: Path) -> None:
        """Say where a result went whose own file is damaged."""
        say(self._console, f"written to {path}, because {damaged.name} is there and is no result.")

    def failed(self, failure: Failure) -> None:
        """Leave the bar; the sentence comes at the end."""
        self._end_task()

    @property
    def kept_sentence(self) -> str:
        """What of the run is kept when it is interrupted now, as the end of a sentence."""
        done, total, name = self._images
        kept = [f"{self._finished} cell{'s' if self._finished != 1 else ''}"] if self._finished else []
        kept += [f"{done} of {total} images of {name}"] if done else []
        if not kept:
            return "no image was finished yet, the same command starts where this one did."
        return f"finished cells and images are kept ({', '.join(kept)}), the same command goes on from there."

    def _end_task(self) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
