"""Cells that do not fit: against the row's other datasets, and against the row's other scales."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from statistics import median

from srbench.leaderboard.audit.finding import Checks, Finding
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import Paper

MIN_ROWS = 8
MIN_DATASETS = 3
NEAREST = 7
BEYOND = 2
# A residual is an outlier beyond this many robust standard deviations of its column and this much in the metric.
ROBUST_SIGMAS = 8.0
SMALLEST = {"psnr": 0.2, "ssim": 0.003}
# Cost of a network may grow with the scale at most as the HR pixels do; half as much again is left for tails.
GROWTH_ALLOWANCE = 1.5

Column = dict[int, PrintedCell]


def check(cells: tuple[PrintedCell, ...], _papers: tuple[Paper, ...] = ()) -> Checks:
    """Quality predicted from the row's other datasets; computation from scale to scale.

    Interpolation is left out: what it lacks on one dataset says little about another.
    """
    result = Checks()
    tables: dict[tuple[str, str, int | None, str], dict[str, Column]] = {}
    for c in cells:
        if c.cell.metric in SMALLEST and c.value.is_number and not c.cell.model.startswith("bicubic"):
            columns = tables.setdefault((c.paper, c.table, c.cell.scale, c.cell.metric), {})
            columns.setdefault(c.cell.dataset, {})[c.cell.row_index] = c
    for (_, _, _, metric), columns in tables.items():
        rows = set.intersection(*(set(column) for column in columns.values()))
        if len(rows) < MIN_ROWS or len(columns) < MIN_DATASETS:
            continue
        result.checked += len(rows) * len(columns)
        for dataset in columns:
            result.findings.extend(_check_column(columns, dataset, sorted(rows), metric))
    _check_growth(cells, result)
    return result


def slope_and_level(x: list[float], y: list[float]) -> tuple[float, float]:
    """Theil-Sen line of y on x: the median slope of all pairs, and the median of what it leaves.

    >>> slope_and_level([0.0, 1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 5.0, 7.0, 99.0])[0]
    2.0
    """
    slopes = [(b - a) / (u - t) for (t, a), (u, b) in combinations(zip(x, y, strict=True), 2) if u != t]
    slope = median(slopes) if slopes else 0.0
    return slope, median(b - slope * a for a, b in zip(x, y, strict=True))


def _predict(columns: dict[str, Column], dataset: str, row: int, rows: list[int]) -> float | None:
    """The value that the row's other datasets promise: median over lines through the rows nearest to it.

    None at either end of the table (fewer than two rows beyond it): nothing is extrapolated.
    """
    guesses = []
    for other in columns:
        if other == dataset:
            continue
        here = columns[other][row].value.number
        below = sum(columns[other][r].value.number < here for r in rows)
        above = sum(columns[other][r].value.number > here for r in rows)
        if min(below, above) < BEYOND:
            continue
        near = sorted((r for r in rows if r != row), key=lambda r: abs(columns[other][r].value.number - here))[:NEAREST]
        x = [columns[other][r].value.number for r in near]
        y = [columns[dataset][r].value.number for r in near]
        slope, level = slope_and_level(x, y)
        guesses.append(slope * here + level)
    return median(guesses) if len(guesses) >= MIN_DATASETS - 1 else None


def _check_column(columns: dict[str, Column], dataset: str, rows: list[int], metric: str) -> list[Finding]:
    """Cells far from what the row's other datasets promise, measured by how far the column's cells usually are."""
    expected: dict[int, float] = {}
    for row in rows:
        guess = _predict(columns, dataset, row, rows)
        if guess is not None:
            expected[row] = guess
    residuals = {row: columns[dataset][row].value.number - guess for row, guess in expected.items()}
    if len(residuals) < MIN_ROWS - 2 * BEYOND:
        return []
    centre = median(residuals.values())
    spread = 1.4826 * median(abs(r - centre) for r in residuals.values())
    findings = []
    for row, residual in residuals.items():
        guess = expected[row]
        off = abs(residual - centre)
        if off > SMALLEST[metric] and off > ROBUST_SIGMAS * spread:
            cell = columns[dataset][row]
            digits = 2 if metric == "psnr" else 4
            beside = [columns[d][row] for d in columns if d != dataset]
            text = (
                f"{cell.place}: {cell.cell.value} is printed, {guess:.{digits}f} fits the row's other datasets "
                f"({off / spread if spread else math.inf:.0f} robust standard deviations of the column)."
            )
            figures: dict[str, float | int | str] = {
                "expected": round(guess, digits),
                "residual": round(residual, digits + 1),
            }
            findings.append(Finding("outlier", "suspicious", text, (cell, *beside), "", figures))
    return findings


def _check_growth(cells: tuple[PrintedCell, ...], result: Checks) -> None:
    """MACs per parameter neither fall from a scale to the next nor grow faster than the HR pixels."""
    rows: dict[tuple[str, str, str], dict[int, dict[str, PrintedCell]]] = {}
    for c in cells:
        if c.cell.metric in ("params", "macs") and c.cell.scale and c.value.is_number:
            rows.setdefault((c.paper, c.table, c.cell.row), {}).setdefault(c.cell.scale, {})[c.cell.metric] = c
    for (paper, table, row), by_scale in rows.items():
        whole = {scale: cost for scale, cost in sorted(by_scale.items()) if len(cost) == 2}
        for (low, a), (high, b) in pairwise(whole.items()):
            result.checked += 2
            growth = (b["macs"].value.number / b["params"].value.number) / (
                a["macs"].value.number / a["params"].value.number
            )
            most = GROWTH_ALLOWANCE * (high / low) ** 2
            if 0.9 < growth < most:
                continue
            what = "falls" if growth <= 1 else "grows"
            text = (
                f"{paper} {table}, {row}: computation per parameter {what} by a factor of {growth:.3g} from x{low} "
                f"({a['macs'].cell.value} for {a['params'].cell.value}) to x{high} "
                f"({b['macs'].cell.value} for {b['params'].cell.value}); HR pixels grow by {(high / low) ** 2:.3g}."
            )
            found = (a["macs"], a["params"], b["macs"], b["params"])
            result.findings.append(Finding("outlier", "suspicious", text, found, "", {"growth": growth}))
