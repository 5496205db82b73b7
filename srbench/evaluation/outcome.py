"""What becomes of a plan, and who is told of it while it is computed; importing this imports nothing that computes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from srbench.evaluation.cells import Cell, CostCell, Failure, Plan
from srbench.results.collection import Results
from srbench.results.record import CostRecord, QualityRecord

if TYPE_CHECKING:
    from srbench.models.notes import Diagnosis


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

    def cell_finished(self, cell: Cell, record: QualityRecord) -> None:
        """One cell is written."""

    def costs_started(self, cost: CostCell) -> None:
        """The costs of one model at one scale are measured."""

    def costs_finished(self, cost: CostCell, records: Sequence[CostRecord]) -> None:
        """They are written."""

    def written_beside(self, damaged: Path, path: Path) -> None:
        """A cell was written to ``path``, because ``damaged``, its own place, holds something that is no result."""

    def failed(self, failure: Failure) -> None:
        """One pass failed; the others go on."""


@dataclass
class Outcome:
    """What became of a plan: records in the order of the plan, and what failed."""

    quality: list[QualityRecord] = field(default_factory=list)
    costs: list[CostRecord] = field(default_factory=list)
    computed: int = 0
    costs_computed: int = 0
    unfinished: list[tuple[Cell, int]] = field(default_factory=list)
    """Passes of which this part of the run did its images, by their first cell, and how many images are there."""
    failures: list[Failure] = field(default_factory=list)

    @property
    def results(self) -> Results:
        """What tables and pages show."""
        return Results.of([*self.quality, *self.costs])


def already_there(plan: Plan) -> Outcome | None:
    """The outcome of a plan that leaves nothing to compute; None where something is to be computed."""
    if plan.todo or plan.costs_todo:
        return None
    return Outcome(
        quality=[cell.existing for cell in plan.cells if cell.existing is not None],
        costs=[record for cost in plan.costs for record in cost.existing],
        failures=list(plan.failures),
    )
