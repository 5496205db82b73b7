"""The cost part of a run's page: counted MACs by convention and size, runtimes, and the rate they amount to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from srbench.quantities import CONVENTIONS, Quantity, counted_as, get_quantity, quantities
from srbench.report import scatter
from srbench.report.runtable import Group, Row, size_label
from srbench.report.unsteady import kinds
from srbench.results.collection import CHALLENGE_SIZE, cost_at
from srbench.results.record import CostRecord

# origin of weights -> marker of a scatter
KINDS = {"released": "released", "bundled": "bundled", "user": "user", "not needed": "not-needed"}


@dataclass(frozen=True)
class CountColumn:
    """A column of the cost table: a counted quantity at an input size ("LR 256x256", "HR 1280x720")."""

    convention: str
    size: str


@dataclass(frozen=True)
class CostRow:
    """One network at one scale: its records per column (None where there is none), and where other costs are."""

    row: Row
    scale: int
    counts: tuple[CostRecord | None, ...]

    @property
    def padded(self) -> bool:
        """Whether any count was made at a larger size than the column's."""
        return any(cost is not None and cost.padded_from is not None for cost in self.counts)

    def at(self, quantity: str) -> CostRecord | None:
        """The record that has a value of ``quantity``: at LR 256x256 if possible."""
        return cost_at(self.row.costs, quantity, CHALLENGE_SIZE) or cost_at(self.row.costs, quantity)


def live_memory(cost: CostRecord) -> float:
    """Bytes of weights and live tensors at their peak, which compare between machines.

    The whole peak has the scratch of convolutions as well. That hangs on the CPU, and on the threads: with one, torch
    computes 1x1 convolutions itself, without any; with several they are oneDNN's, which copies.
    """
    known = cost.memory
    return cost.values["memory"] if known is None else float(known.weights_bytes + known.activations_bytes)


def cost_table(arranged: Sequence[Group]) -> tuple[list[CountColumn], list[CostRow]]:
    """The columns of counted MACs that any model has, and per model and scale its records in them."""
    rows = _networks(arranged)
    conventions = CONVENTIONS.names()
    found: dict[CountColumn, None] = {}
    for row, scale in rows:
        for cost in row.costs:
            for convention in conventions:
                if counted_as("macs", convention) in cost.values:
                    found[CountColumn(convention, size_label(cost.size_asked, scale))] = None
    columns = sorted(found, key=lambda column: (column.size, conventions.index(column.convention)))
    return columns, [CostRow(row, scale, tuple(_in(row, scale, column) for column in columns)) for row, scale in rows]


def other_costs(rows: Sequence[CostRow]) -> tuple[Quantity, ...]:
    """Quantities of networks that have no column of their own in the cost table, such as those of plugins."""
    shown = {"params", "activations", "convs", "memory", "runtime"}
    names = {name for one in rows for cost in one.row.costs for name in cost.values}
    others = (quantity for quantity in quantities() if not quantity.of_images and not quantity.name.startswith("macs"))
    return tuple(q for q in others if q.name in names - shown and ":" not in q.name)


def _in(row: Row, scale: int, column: CountColumn) -> CostRecord | None:
    name = counted_as("macs", column.convention)
    for cost in row.costs:
        if name in cost.values and size_label(cost.size_asked, scale) == column.size:
            return cost
    return None


def _networks(arranged: Sequence[Group]) -> list[tuple[Row, int]]:
    """One row per model, source and scale that has a network, whatever the protocol."""
    found: dict[tuple[str, int, str], tuple[Row, int]] = {}
    for group in arranged:
        for row in group.rows:
            if row.parameters:
                found.setdefault((row.model, group.scale, row.source_sha256), (row, group.scale))
    return sorted(found.values(), key=lambda item: item[1])


def size_text(size: tuple[int, int]) -> str:
    """A (height, width) as WIDTH×HEIGHT."""
    return f"{size[1]}×{size[0]}"


def common_size(rows: Sequence[CostRow], quantity: str) -> tuple[int, int] | None:
    """The one input size (height, width) that all rows were measured at; None where they differ."""
    sizes = {found.input_size for row in rows if (found := row.at(quantity)) is not None}
    return sizes.pop() if len(sizes) == 1 else None


def doubts_of(rows: Sequence[CostRow]) -> tuple[str, ...]:
    """Why runtimes of the table are unsteady, those of all rows."""
    costs = (row.at("runtime") for row in rows)
    timed = [cost.runtime for cost in costs if cost is not None and cost.runtime is not None]
    return tuple(warning for runtime in timed for warning in runtime.warnings)


def rate(row: Row) -> float | None:
    """Multiply-accumulates per second that the runtime amounts to, in G; None without both at one input size."""
    timed = cost_at(row.costs, "runtime")
    if timed is None or timed.values["runtime"] <= 0:
        return None
    here = [cost for cost in row.costs if cost.input_size == timed.input_size]
    for convention in CONVENTIONS.names():
        name = counted_as("macs", convention)
        counted = cost_at(here, name)
        if counted is not None:
            return counted.values[name] / 1e6 / timed.values["runtime"]
    return None


def runtime_chart(costs: Sequence[CostRow]) -> tuple[str, str]:
    """MACs against runtime as a scatter and where it was taken: one machine, device and size, that of most rows."""
    places: dict[str, list[tuple[CostRow, CostRecord, float]]] = {}
    for one in costs:
        speed, timed = rate(one.row), cost_at(one.row.costs, "runtime")
        if speed and timed:
            where = f"×{one.scale}, LR {size_text(timed.input_size)}, {timed.device}, {timed.machine}"
            places.setdefault(where, []).append((one, timed, speed))
    if not places:
        return "", ""
    where, chosen = max(places.items(), key=lambda item: (len(item[1]), item[0]))
    points = []
    for one, timed, speed in chosen:
        runtime = timed.values["runtime"]
        macs = speed * 1e6 * runtime
        words = ", ".join(kinds(timed.runtime.warnings if timed.runtime is not None else ()))
        tip = f"{one.row.network_title}: {runtime:.1f} ms, {macs / 1e9:.1f} G, {speed:.1f} GMAC/s"
        tip += f", unsteady: {words}" if words else ""
        kind = KINDS.get(one.row.weights.origin, "released")
        target = f"cost-x{one.scale}-{one.row.key}"
        points.append(scatter.Point(one.row.key, target, one.row.network_title, macs, runtime, kind, tip))
    if len(points) < 3:
        return "", ""
    x, y = get_quantity("macs"), get_quantity("runtime")
    return scatter.scatter_svg(points, "Multiply-accumulates", f"{y.title} ({y.unit})", f"{y.title} against {x.title}, "
                               f"{where}", front=False), where  # fmt: skip
