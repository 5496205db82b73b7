"""Rows of papers' tables as points for charts of measured results; a page draws them hollow, and only when asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from markupsafe import Markup

from srbench.datasets.facts import dataset_title
from srbench.leaderboard.published import PrintedCell, method_of
from srbench.quantities import DEFAULT_QUALITY
from srbench.report.templating import script_json

COSTS = ("params", "macs")
Values = dict[str, float]


def points(cells: Iterable[PrintedCell], scales: Collection[int]) -> list[tuple[str, str, int, Values]]:
    """(method, where it is printed, scale, values) of every printed row that has a cost and a quality.

    What papers copy from each other stands once. Values are by quantity for costs and by ``quantity|dataset`` for
    quality, in the unit in which results are kept.
    """
    rows: dict[tuple[str, str, int, int], tuple[str, Values]] = {}
    for printed in cells:
        cell, value = printed.cell, printed.value
        if cell.scale is None or cell.scale not in scales or not value.is_number:
            continue
        name = cell.metric
        if name in DEFAULT_QUALITY and cell.dataset:
            name = f"{name}|{dataset_title(cell.dataset)}"
        elif name not in COSTS or cell.dataset:
            continue
        key = (printed.paper, printed.table, cell.row_index, cell.scale)
        rows.setdefault(key, (cell.row, {}))[1].setdefault(name, value.number)
    distinct: dict[tuple[object, ...], tuple[str, str, int, Values]] = {}
    for (paper, table, _, scale), (row, values) in rows.items():
        if any(name in values for name in COSTS) and any("|" in name for name in values):
            method = method_of(row)
            distinct.setdefault((method, scale, *sorted(values.items())), (method, f"{paper} {table}", scale, values))
    return list(distinct.values())


def as_json(cells: Iterable[PrintedCell], scales: Collection[int]) -> Markup:
    """The points as JSON for a script element, values in the order of ``names``; empty without any."""
    found = points(cells, scales)
    if not found:
        return Markup("")
    names = sorted({name for *_, values in found for name in values})
    rows = [(method, where, scale, *(values.get(name, 0) for name in names)) for method, where, scale, values in found]
    held = {"names": names, "rows": rows}
    return script_json(held)
