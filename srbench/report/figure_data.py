"""The points of a report's figure, from printed cells and from measured results; any two quantities span it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from srbench.errors import SrbenchError
from srbench.leaderboard.published import method_of
from srbench.leaderboard.states import Comparison
from srbench.quantities import Quantity, get_quantity
from srbench.report.figures import Dot, scatter
from srbench.report.specs import FigureSpec
from srbench.results.collection import Results, cost_at, shown_counts
from srbench.results.record import CostRecord, QualityRecord

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LONG = {"params": "Parameters", "macs": "Multiply-accumulates"}
"""Names for axes, where the title of a table's column is short for it."""


def axis_label(quantity: Quantity) -> str:
    """The name of an axis: title and unit."""
    name = _LONG.get(quantity.name, quantity.title)
    return f"{name} ({quantity.unit})" if quantity.unit else name


def figure_of(results: Results, axes: tuple[str, str], dataset: str, scale: int) -> Figure:
    """A figure of any two quantities, (across, up), of results of one protocol: a point per model and weights.

    Raises:
        SrbenchError: an unknown quantity, or no result has both.
    """
    x, y = (get_quantity(name) for name in axes)
    spec = FigureSpec(id="two", title="", dataset=dataset, scale=scale, x=x.name, y=y.name)
    found = dots(spec, "", (), results)
    if not found:
        raise SrbenchError(
            f"no result on {dataset} at x{scale} has both {x.name} (positive) and {y.name}; measure them with "
            f"srbench run --quantities {x.name},{y.name}."
        )
    lower = y.direction == "lower"
    return scatter(found, x_label(spec, results), y_label(spec), suffix=x.style != "fixed", lower_is_better=lower)


def dots(spec: FigureSpec, paper: str, comparisons: Sequence[Comparison], results: Results) -> list[Dot]:
    """Dots of ``spec``: printed rows of its table, and what we measured of the same models.

    Without a table the figure holds measured results only, of every model. Results must be of one protocol.
    """
    found = _printed(spec, paper, comparisons, results) if spec.table else []
    models = {c.printed.cell.model for c in comparisons if _of(c, paper, spec.table)}
    for record in _comparable(spec, results):
        y = _value(spec.y, record, results)
        if y is None or (spec.table and record.model.name not in models):
            continue
        x = _value(spec.x, record, results)
        if x:
            label = _label_of(record, paper, spec, comparisons)
            found.append(Dot(label, x, y, "measured", record.weights.origin == "bundled"))
    return [dot for dot in found if dot.label not in spec.leave_out]


def x_label(spec: FigureSpec, results: Results) -> str:
    """The name of the x axis; runtimes of ours say at which size, on which device and machine they were taken."""
    quantity = get_quantity(spec.x)
    setting = _common_setting(spec, results) if spec.measured and quantity.needs == "timing" else None
    if setting is None:
        return axis_label(quantity)
    machine, device, (height, width) = setting
    return f"{axis_label(quantity)}, LR {width}×{height}, {device}, {machine}"


def y_label(spec: FigureSpec) -> str:
    """The name of the y axis."""
    return axis_label(get_quantity(spec.y))


def _of_figure(spec: FigureSpec, results: Results) -> list[QualityRecord]:
    wanted = (spec.scale, spec.dataset, None)
    return [r for r in results.quality if (r.scale, r.dataset.name, r.dataset.limit) == wanted]


def _comparable(spec: FigureSpec, results: Results) -> list[QualityRecord]:
    """Our results for the figure; timings only of one machine, device and size, the one with the most results."""
    if not spec.measured:
        return []
    found = _of_figure(spec, results)
    if get_quantity(spec.x).needs != "timing":
        return found
    setting = _common_setting(spec, results)
    return [r for r in found if setting is not None and _setting(_timed(spec, r, results)) == setting]


_Setting = tuple[str, str, tuple[int, int]]


def _timed(spec: FigureSpec, record: QualityRecord, results: Results) -> CostRecord | None:
    return cost_at(results.costs_of(record), spec.x)


def _setting(cost: CostRecord | None) -> _Setting | None:
    return (cost.machine, cost.device, cost.input_size) if cost else None


def _common_setting(spec: FigureSpec, results: Results) -> _Setting | None:
    timed = (_timed(spec, record, results) for record in _of_figure(spec, results))
    counts = Counter(setting for cost in timed if (setting := _setting(cost)))
    return max(counts, key=lambda setting: (counts[setting], setting)) if counts else None


def _of(comparison: Comparison, paper: str, table: str) -> bool:
    return (comparison.printed.paper, comparison.printed.table) == (paper, table)


def _printed(spec: FigureSpec, paper: str, comparisons: Sequence[Comparison], results: Results) -> list[Dot]:
    ys: dict[str, Comparison] = {}
    xs: dict[str, float] = {}
    for comparison in comparisons:
        cell, value = comparison.printed.cell, comparison.printed.value
        if cell.scale != spec.scale or not value.is_number:
            continue
        key = cell.model or method_of(cell.row)
        y_of = spec.dataset if get_quantity(spec.y).of_images else ""
        if _of(comparison, paper, spec.table) and (cell.metric, cell.dataset) == (spec.y, y_of):
            ys[key] = comparison
        x = get_quantity(spec.x)
        x_of = spec.x_dataset if x.needs == "timing" else spec.dataset if x.of_images else ""
        if _of(comparison, paper, spec.x_table or spec.table) and (cell.metric, cell.dataset) == (spec.x, x_of):
            xs[key] = value.number
    if spec.x_counted:
        xs = _counted(spec, results)
    return [
        Dot(method_of(c.printed.cell.row), xs[key], c.printed.value.number)
        for key, c in ys.items()
        if xs.get(key, 0) > 0
    ]


def _counted(spec: FigureSpec, results: Results) -> dict[str, float]:
    found = {}
    for record in results.quality:
        if record.scale == spec.scale and (x := _value(spec.x, record, results)):
            found[record.model.name] = x
    return found


def _value(name: str, record: QualityRecord, results: Results) -> float | None:
    """A quantity of a result: of its images, or of the costs of its network; None where it has no finite value."""
    quantity = get_quantity(name)
    if quantity.of_images:
        value = record.value(name)
        return value if value is not None and math.isfinite(value) else None
    costs = results.costs_of(record)
    cost = shown_counts(costs, record.scale, name) if quantity.convention else cost_at(costs, name)
    return None if cost is None else cost.values[name] / quantity.stored_per_unit


def _label_of(record: QualityRecord, paper: str, spec: FigureSpec, comparisons: Sequence[Comparison]) -> str:
    for comparison in comparisons:
        if _of(comparison, paper, spec.table) and comparison.printed.cell.model == record.model.name:
            return method_of(comparison.printed.cell.row)
    return record.model.title
