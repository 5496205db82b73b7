"""Which models no other beats in quality at less cost: the Pareto fronts of a table of results, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from srbench.quantities import DEFAULT_QUALITY, Quantity, get_quantity
from srbench.report.grid import escape_markdown
from srbench.report.runtable import Group, Row, groups
from srbench.results.collection import Results


def cost_of(row: Row, cost: str) -> float | None:
    """A cost of a row; None where it was not measured or there is no network. MACs are those that the table shows."""
    if cost == "macs":
        return row.macs.value if row.macs else None
    return row.cost(cost) or None


def front(group: Group, column: int, cost: str, quality: Quantity | None = None) -> tuple[Row, ...]:
    """The rows of ``group`` that no other beats in ``column`` at the same or less ``cost``, cheapest first.

    Compared is ``quality``, by default the group's first quantity, as printed.
    """
    found: list[Row] = []
    measured = quality or group.quantities[0]
    best: float | None = None
    points = [
        (spent, -shown if measured.direction == "higher" else shown, row.key, row, shown)
        for row in group.rows
        if (value := row.values[column]) is not None
        and (number := value.of(measured.name)) is not None
        and (spent := cost_of(row, cost)) is not None
        for shown in (measured.rounded(number),)
    ]
    for *_, row, shown in sorted(points, key=lambda point: point[:3]):
        if best is None or measured.better(shown, best):
            best = shown
            found.append(row)
    return tuple(found)


def to_markdown(results: Results) -> str:
    """A section with the front of every scale, data and cost; empty where there are fewer than three rows."""
    lines = [line for group in groups(results) if len(group.rows) >= 3 and group.quantities for line in _lines(group)]
    if not lines:
        return ""
    head = (
        "\n### What nothing beats at the same cost or less\n\nFrom the cheapest to the dearest; "
        f"{get_quantity(DEFAULT_QUALITY[0]).title} as printed.\n\n"
        "| Data | Cost | Models |\n|:--|:--|:--|\n"
    )
    return head + "\n".join(lines) + "\n"


def _lines(group: Group) -> Iterator[str]:
    first = group.quantities[0]
    for index, column in enumerate(group.columns):
        for cost, name in (("params", "parameters"), ("macs", "MACs")):
            rows = front(group, index, cost)
            if rows:
                shown = ((row, value) for row in rows if (value := row.values[index]))
                named = ", ".join(f"{row.title} ({first.text(value.of(first.name))})" for row, value in shown)
                data = escape_markdown(f"{column.label} ×{group.scale}, {group.protocol}")
                yield f"| {data} | {name} | {escape_markdown(named)} |"
