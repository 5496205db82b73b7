"""Which models no other beats in quality at less cost: the Pareto fronts of a table of results, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from srbench.report.runtable import Group, Row, groups
from srbench.results.record import CellRecord


def cost_of(row: Row, cost: str) -> float | None:
    """Parameters or MACs of a row; None where they were not counted or there is no network."""
    if cost == "params":
        return float(row.cost.params) if row.cost and row.cost.params else None
    return float(row.macs.macs) if row.macs else None


def front(group: Group, column: int, cost: str) -> tuple[Row, ...]:
    """The rows of ``group`` that no other beats in the PSNR of ``column`` at the same or less ``cost``, cheapest first.

    PSNRs are compared as printed, with two decimals.
    """
    found: list[Row] = []
    best = -math.inf
    points = [
        (spent, -round(value.psnr, 2), row.key, row)
        for row in group.rows
        if (value := row.values[column]) is not None and (spent := cost_of(row, cost)) is not None
    ]
    for _spent, negative, _key, row in sorted(points, key=lambda point: point[:3]):
        if -negative > best:
            best = -negative
            found.append(row)
    return tuple(found)


def to_markdown(records: Sequence[CellRecord]) -> str:
    """A section with the front of every scale, data and cost; empty where there are fewer than three rows."""
    lines = [line for group in groups(records) if len(group.rows) >= 3 for line in _lines(group)]
    if not lines:
        return ""
    head = (
        "\n### What nothing beats at the same cost or less\n\nFrom the cheapest to the dearest; PSNR as printed.\n\n"
        "| Data | Cost | Models |\n|:--|:--|:--|\n"
    )
    return head + "\n".join(lines) + "\n"


def _lines(group: Group) -> Iterator[str]:
    for index, column in enumerate(group.columns):
        for cost, name in (("params", "parameters"), ("macs", "MACs")):
            rows = front(group, index, cost)
            if rows:
                named = ", ".join(f"{row.title} ({value.psnr:.2f})" for row in rows if (value := row.values[index]))
                yield f"| {column.label} ×{group.scale}, {group.protocol} | {name} | {named} |"
