"""The cost part of a run's page: counted MACs by convention and size, runtimes, and the rate they amount to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from srbench.report import scatter
from srbench.report.runtable import CONVENTIONS, Group, Row, counts_label
from srbench.results.record import Counts, Memory, Runtime

# origin of weights -> marker of a scatter
KINDS = {"released": "released", "bundled": "bundled", "user": "user", "not needed": "not-needed"}


@dataclass(frozen=True)
class CountColumn:
    """A column of the cost table: a counting convention at an input size ("LR 256x256", "HR 1280x720")."""

    convention: str
    size: str


def cost_table(arranged: Sequence[Group]) -> tuple[list[CountColumn], list[tuple[Row, int, list[Counts | None]]]]:
    """The columns of counted MACs that any model has, and per model and scale its counts in them."""
    rows = _cost_rows(arranged)
    found: dict[CountColumn, None] = {}
    for row, scale in rows:
        for counts in row.cost.counts if row.cost else ():
            found[CountColumn(counts.convention, counts_label(counts, scale).partition(",")[0])] = None
    known = {name: place for place, name in enumerate(CONVENTIONS)}
    columns = sorted(found, key=lambda column: (column.size, known.get(column.convention, 9), column.convention))
    return columns, [(row, scale, [_counts_in(row, scale, column) for column in columns]) for row, scale in rows]


def _counts_in(row: Row, scale: int, column: CountColumn) -> Counts | None:
    for counts in row.cost.counts if row.cost else ():
        if CountColumn(counts.convention, counts_label(counts, scale).partition(",")[0]) == column:
            return counts
    return None


def _cost_rows(arranged: Sequence[Group]) -> list[tuple[Row, int]]:
    """One row per model, weights' source and scale that has a network, whatever the protocol."""
    found: dict[tuple[str, int, str], tuple[Row, int]] = {}
    for group in arranged:
        for row in group.rows:
            if row.cost and row.cost.params:
                found.setdefault((row.model, group.scale, row.records[0].model.source_sha256), (row, group.scale))
    return sorted(found.values(), key=lambda item: item[1])


def size_text(size: tuple[int, int]) -> str:
    """A (height, width) as WIDTH×HEIGHT."""
    return f"{size[1]}×{size[0]}"


def common_size(measured: Sequence[Runtime | Memory | None]) -> tuple[int, int] | None:
    """The one input size (height, width) that all of ``measured`` were taken at; None where they differ."""
    sizes = {one.input_size for one in measured if one is not None}
    return sizes.pop() if len(sizes) == 1 else None


def rate(row: Row) -> float | None:
    """Multiply-accumulates per second that the runtime amounts to, in G; None without both at one input size."""
    runtime = row.cost.runtime if row.cost else None
    if row.cost is None or runtime is None or runtime.median_ms <= 0:
        return None
    counted = [counts for counts in row.cost.counts if counts.input_size == runtime.input_size]
    chosen = next((counts for name in CONVENTIONS for counts in counted if counts.convention == name), None)
    return chosen.macs / 1e6 / runtime.median_ms if chosen else None


def runtime_chart(costs: Sequence[tuple[Row, int]]) -> tuple[str, str]:
    """MACs against runtime as a scatter and where it was taken: one machine, device and size, that of most rows."""
    places: dict[str, list[tuple[Row, int, float]]] = {}
    for row, scale in costs:
        speed, runtime = rate(row), row.cost.runtime if row.cost else None
        if speed and runtime:
            where = f"×{scale}, LR {size_text(runtime.input_size)}, {runtime.device}, {row.machines[0]}"
            places.setdefault(where, []).append((row, scale, speed))
    if not places:
        return "", ""
    where, chosen = max(places.items(), key=lambda item: (len(item[1]), item[0]))
    points = []
    for row, scale, speed in chosen:
        runtime = row.cost.runtime if row.cost else None
        if runtime:
            macs = speed * 1e6 * runtime.median_ms
            tip = f"{row.title}: {runtime.median_ms:.1f} ms, {macs / 1e9:.1f} G, {speed:.1f} GMAC/s"
            kind = KINDS.get(row.weights.origin, "released")
            points.append(
                scatter.Point(row.key, f"cost-x{scale}-{row.key}", row.title, macs, runtime.median_ms, kind, tip)
            )
    if len(points) < 3:
        return "", ""
    title = f"Runtime against MACs, {where}"
    return scatter.scatter_svg(points, "Multiply-accumulates", "Runtime (ms)", title, front=False), where
