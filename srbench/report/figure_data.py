"""The points of a report's figure, from printed cells and from measured results."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from srbench.leaderboard.published import method_of
from srbench.leaderboard.states import Comparison
from srbench.report.figures import Dot
from srbench.report.runtable import pick_counts
from srbench.report.specs import FigureSpec
from srbench.results.record import CellRecord

X_LABELS = {"params": "Parameters", "macs": "Multiply-accumulates", "runtime": "Runtime (ms)"}


def dots(spec: FigureSpec, paper: str, comparisons: Sequence[Comparison], records: Sequence[CellRecord]) -> list[Dot]:
    """Dots of ``spec``: printed rows of its table, and what we measured of the same models.

    Without a table the figure holds measured results only, of every model. Records must be of one protocol.
    """
    found = _printed(spec, paper, comparisons, records) if spec.table else []
    models = {c.printed.cell.model for c in comparisons if _of(c, paper, spec.table)}
    for record in _comparable(spec, records):
        if record.quality is None or record.quality.psnr is None or (spec.table and record.model.name not in models):
            continue
        x = _measured_x(spec, record)
        if x:
            label = _label_of(record, paper, spec, comparisons)
            found.append(Dot(label, x, record.quality.psnr, "measured", record.weights.origin == "bundled"))
    return [dot for dot in found if dot.label not in spec.leave_out]


def x_label(spec: FigureSpec, records: Sequence[CellRecord]) -> str:
    """The name of the x axis; runtimes of ours say at which size, on which device and machine they were taken."""
    setting = None if spec.x != "runtime" or not spec.measured else _runtime_setting(_of_figure(spec, records))
    if setting is None:
        return X_LABELS[spec.x]
    machine, device, (height, width) = setting
    return f"{X_LABELS[spec.x]}, LR {width}×{height}, {device}, {machine}"


def _of_figure(spec: FigureSpec, records: Sequence[CellRecord]) -> list[CellRecord]:
    return [r for r in records if (r.scale, r.dataset.name, r.dataset.limit) == (spec.scale, spec.dataset, None)]


def _comparable(spec: FigureSpec, records: Sequence[CellRecord]) -> list[CellRecord]:
    """Our results for the figure; runtimes only of one machine, device and size, the one with the most results."""
    if not spec.measured:
        return []
    found = _of_figure(spec, records)
    if spec.x != "runtime":
        return found
    setting = _runtime_setting(found)
    return [record for record in found if setting is not None and _setting(record) == setting]


_Setting = tuple[str, str, tuple[int, int]]


def _setting(record: CellRecord) -> _Setting | None:
    runtime = record.cost.runtime if record.cost else None
    return (record.machine, runtime.device, runtime.input_size) if runtime else None


def _runtime_setting(records: Sequence[CellRecord]) -> _Setting | None:
    counts = Counter(setting for record in records if (setting := _setting(record)))
    return max(counts, key=lambda setting: (counts[setting], setting)) if counts else None


def _of(comparison: Comparison, paper: str, table: str) -> bool:
    return (comparison.printed.paper, comparison.printed.table) == (paper, table)


def _printed(
    spec: FigureSpec, paper: str, comparisons: Sequence[Comparison], records: Sequence[CellRecord]
) -> list[Dot]:
    quality: dict[str, Comparison] = {}
    costs: dict[str, float] = {}
    for comparison in comparisons:
        cell, value = comparison.printed.cell, comparison.printed.value
        if cell.scale != spec.scale or not value.is_number:
            continue
        key = cell.model or method_of(cell.row)
        if _of(comparison, paper, spec.table) and (cell.metric, cell.dataset) == ("psnr", spec.dataset):
            quality[key] = comparison
        wanted = (spec.x, spec.x_dataset if spec.x == "runtime" else "")
        if _of(comparison, paper, spec.x_table or spec.table) and (cell.metric, cell.dataset) == wanted:
            costs[key] = value.number
    if spec.x_counted:
        costs = _counted(spec, records)
    return [
        Dot(method_of(c.printed.cell.row), costs[key], c.printed.value.number)
        for key, c in quality.items()
        if costs.get(key, 0) > 0
    ]


def _counted(spec: FigureSpec, records: Sequence[CellRecord]) -> dict[str, float]:
    found = {}
    for record in records:
        if record.scale == spec.scale and (x := _measured_x(spec, record)):
            found[record.model.name] = x
    return found


def _measured_x(spec: FigureSpec, record: CellRecord) -> float | None:
    cost = record.cost
    if cost is None:
        return None
    if spec.x == "params":
        return float(cost.params) or None
    if spec.x == "macs":
        counts = pick_counts(cost, record.scale)
        return float(counts.macs) or None if counts else None
    return cost.runtime.median_ms if cost.runtime and math.isfinite(cost.runtime.median_ms) else None


def _label_of(record: CellRecord, paper: str, spec: FigureSpec, comparisons: Sequence[Comparison]) -> str:
    for comparison in comparisons:
        if _of(comparison, paper, spec.table) and comparison.printed.cell.model == record.model.name:
            return method_of(comparison.printed.cell.row)
    return record.model.title
