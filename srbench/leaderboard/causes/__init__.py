"""Why printed numbers are not those that are computed: one cause per cell, chosen over a whole table.

Several things may give one printed number. Of them the cause is the one that explains most cells of the same column at
this scale and of the same row, then the simplest (:data:`srbench.leaderboard.causes.candidates.ORDER`).
The states of cells, the audit and the table of all models read their causes here and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from srbench.leaderboard import published
from srbench.leaderboard.causes import networks
from srbench.leaderboard.causes.candidates import ORDER, candidates
from srbench.leaderboard.causes.cause import HARMLESS, UNKNOWN, UNKNOWN_WORDS, Cause
from srbench.leaderboard.causes.networks import Wanted
from srbench.leaderboard.causes.quality import Way, quality_cause
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import CostConvention, Table

__all__ = [
    "HARMLESS",
    "UNKNOWN",
    "UNKNOWN_WORDS",
    "Cause",
    "Wanted",
    "Way",
    "choose",
    "cost_causes",
    "of_table",
    "quality_cause",
    "wanted_of",
]

METRICS = ("params", "macs", "activations", "num_conv", "macs_per_pixel")


def wanted_of(printed: PrintedCell, cost: CostConvention | None) -> Wanted | None:
    """What a printed cost asks of its network; None where it is no cost, or neither size nor convention is known."""
    cell = printed.cell
    if cell.metric not in METRICS or cell.scale is None or not printed.value.is_number:
        return None
    if not networks.has(cell.model, cell.scale):
        return None
    if cell.metric == "params":
        return Wanted("params", cell.scale, printed.value.number, printed.value.quantum)
    size = cost.size_at(cell.scale) if cost else None
    if cost is None or size is None or not cost.convention:
        return None
    value = printed.value
    return Wanted(cell.metric, cell.scale, value.number, value.quantum, cost.convention, size)


@lru_cache(maxsize=128)
def cost_causes(cells: tuple[PrintedCell, ...], cost: CostConvention | None) -> dict[PrintedCell, Cause]:
    """The cause of every cost of one table that its network does not give; those it gives are left out."""
    found: dict[PrintedCell, tuple[Cause, ...]] = {}
    for cell in cells:
        wanted = wanted_of(cell, cost)
        if wanted is not None and not wanted.holds(networks.value(wanted, cell.cell.model)):
            found[cell] = candidates(wanted, cell.cell.model)
    return choose(found)


def choose(found: dict[PrintedCell, tuple[Cause, ...]]) -> dict[PrintedCell, Cause]:
    """One cause per cell out of its candidates; :data:`UNKNOWN` where it has none.

    That digits were rounded up is not believed where most of the quantity's cells in the table have no candidate.
    """
    at_scale = Counter((c.cell.metric, c.cell.scale, cause.id) for c, causes in found.items() for cause in causes)
    in_row = Counter((c.cell.metric, c.cell.row, cause.id) for c, causes in found.items() for cause in causes)

    silent = Counter(c.cell.metric for c, causes in found.items() if not causes)
    of_metric = Counter(c.cell.metric for c in found)

    def rank(cell: PrintedCell, cause: Cause) -> tuple[int, int]:
        metric, scale, row = cell.cell.metric, cell.cell.scale, cell.cell.row
        return -at_scale[metric, scale, cause.id] - in_row[metric, row, cause.id], ORDER.index(cause.how)

    def best(cell: PrintedCell, causes: Iterable[Cause]) -> Cause:
        known = [
            c for c in causes if c.how != "rounded up" or 2 * silent[cell.cell.metric] <= of_metric[cell.cell.metric]
        ]
        return min(known, key=lambda cause: rank(cell, cause), default=UNKNOWN)

    return {cell: best(cell, causes) for cell, causes in found.items()}


@lru_cache(maxsize=64)
def of_table(paper: str, table: str, root: Path | None = None) -> dict[PrintedCell, Cause]:
    """The causes of one published table's costs, readings left out (see ``Table.readings``)."""
    described: Table = published.paper(paper, root).table(table)
    cells = tuple(c for c in published.cells([paper], table, root) if c.cell.row not in described.readings)
    return cost_causes(cells, described.cost)
