"""Cells that do not fit: against the row's other datasets, against the row's other scales, against their SSIM."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from statistics import median

from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, slug
from srbench.leaderboard.audit.slips import is_transposed, slip
from srbench.leaderboard.published import PrintedCell
from srbench.quantities import PSNR, SSIM, get_quantity

MIN_ROWS = 8
MIN_DATASETS = 3
NEAREST = 7
BEYOND = 2
# A residual is an outlier beyond this many robust standard deviations of its column and this much in the metric.
ROBUST_SIGMAS = 8.0
SMALLEST = {PSNR: 0.2, SSIM: 0.003}
# A repaired number must come this near to what the row promises, in the metric.
REPAIRED = {PSNR: 0.15, SSIM: 0.002}
# Cost of a network may grow with the scale at most as the HR pixels do; half as much again is left for tails.
GROWTH_ALLOWANCE = 1.5
# SSIM on PSNR of one column: this many robust standard deviations and this much SSIM are too far.
REGRESSION_SIGMAS = 9.0
REGRESSION_SMALLEST = 0.005

Column = dict[int, PrintedCell]


def run_rows(material: Material) -> Checks:
    """Quality predicted from the row's other datasets.

    Interpolation is left out: what it lacks on one dataset says little about another.
    """
    result = Checks()
    tables: dict[tuple[str, str, int | None, str], dict[str, Column]] = {}
    for c in material.cells:
        if c.cell.metric in SMALLEST and c.value.is_number and not c.cell.model.startswith("bicubic"):
            columns = tables.setdefault((c.paper, c.table, c.cell.scale, c.cell.metric), {})
            columns.setdefault(c.cell.dataset, {})[c.cell.row_index] = c
    for (_, _, _, metric), columns in tables.items():
        rows = set.intersection(*(set(column) for column in columns.values()))
        if len(rows) < MIN_ROWS or len(columns) < MIN_DATASETS:
            continue
        result.checked += len(rows) * len(columns)
        for dataset in columns:
            result.findings.extend(_check_column(material, columns, dataset, sorted(rows), metric))
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


def _check_column(
    material: Material, columns: dict[str, Column], dataset: str, rows: list[int], metric: str
) -> list[Finding]:
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
        off = abs(residual - centre)
        if off > SMALLEST[metric] and off > ROBUST_SIGMAS * spread:
            beside = tuple(columns[d][row] for d in columns if d != dataset)
            sigmas = off / spread if spread else math.inf
            findings.append(_row_outlier(material, columns[dataset][row], expected[row] + centre, sigmas, beside))
    return findings


def _row_outlier(
    material: Material, cell: PrintedCell, guess: float, sigmas: float, beside: tuple[PrintedCell, ...]
) -> Finding:
    metric = cell.cell.metric
    digits = get_quantity(metric).digits
    repaired = slip(cell, lambda number: abs(number - guess) <= REPAIRED[metric])
    cause = ""
    if repaired:
        how = "two digits are transposed" if is_transposed(cell.cell.value, repaired) else "one digit is wrong"
        cause = f"{how}: {repaired} would fit"
    what = f"{cell.method} x{cell.cell.scale} {cell.cell.dataset} {metric}"
    row = cell.method if cell.paper == material.mine else ""
    ident = slug(cell.paper, row, f"x{cell.cell.scale}", cell.cell.dataset, metric, "outlier")
    return Finding(
        ident,
        "outlier", "value", "suspicious",
        f"{material.where(cell)}: {what} {cell.cell.value} does not fit its row, {guess:.{digits}f} would",
        f"{material.where(cell)} prints {cell.cell.value} for {what}.",
        f"The row's other datasets promise {guess:.{digits}f} ({sigmas:.0f} robust standard deviations of the column).",
        cause, cells=(cell,), beside=beside,
        cases=(f"{cell.place}: {cell.cell.value} is printed, {guess:.{digits}f} fits the row",),
        figures={"expected": round(guess, digits), "sigmas": round(sigmas, 1)}, weight=sigmas, symptom=True,
    )  # fmt: skip


def run_scales(material: Material) -> Checks:
    """MACs per parameter neither fall from a scale to the next nor grow faster than the HR pixels."""
    result = Checks()
    rows: dict[tuple[str, str, str], dict[int, dict[str, PrintedCell]]] = {}
    for c in material.cells:
        if c.cell.metric in ("params", "macs") and c.cell.scale and c.value.is_number:
            rows.setdefault((c.paper, c.table, c.cell.row), {}).setdefault(c.cell.scale, {})[c.cell.metric] = c
    for by_scale in rows.values():
        whole = {scale: cost for scale, cost in sorted(by_scale.items()) if len(cost) == 2}
        for (low, a), (high, b) in pairwise(whole.items()):
            result.checked += 2
            density = [cost["macs"].value.number / cost["params"].value.number for cost in (a, b)]
            growth = density[1] / density[0]
            if 0.9 < growth < GROWTH_ALLOWANCE * (high / low) ** 2:
                continue
            cell = b["macs"]
            what = "falls" if growth <= 1 else "grows"
            result.findings.append(Finding(
                slug(cell.paper, cell.table, cell.method, f"x{low}", f"x{high}", "growth"), "outlier", "value",
                "suspicious",
                f"{material.where(cell)}: {cell.method}'s computation per parameter {what} {growth:.3g} times, "
                f"x{low} to x{high}",
                f"{material.where(cell)} prints {a['macs'].cell.value} for {a['params'].cell.value} at x{low} and "
                f"{b['macs'].cell.value} for {b['params'].cell.value} at x{high} ({cell.method}).",
                f"Per parameter that {what} by a factor of {growth:.3g}, while HR pixels grow by "
                f"{(high / low) ** 2:.3g}.",
                "the two scales were counted differently, or are not of one network",
                cells=(a["macs"], b["macs"]), beside=(a["params"], b["params"]), figures={"growth": growth},
                cases=(f"{cell.place}: a factor of {growth:.3g} from x{low} to x{high}",), weight=1.0, symptom=True,
            ))  # fmt: skip
    return result


def run_pairs(material: Material) -> Checks:
    """SSIM against the PSNR beside it: one line per column, in -10 log10(1 - SSIM), in which the two go straight."""
    result = Checks()
    columns: dict[tuple[str, str, int | None, str], dict[int, dict[str, PrintedCell]]] = {}
    for c in material.cells:
        if c.cell.metric in SMALLEST and c.value.is_number and not c.cell.model.startswith("bicubic"):
            key = (c.paper, c.table, c.cell.scale, c.cell.dataset)
            columns.setdefault(key, {}).setdefault(c.cell.row_index, {})[c.cell.metric] = c
    for rows in columns.values():
        pairs = [(row[PSNR], row[SSIM]) for row in rows.values() if len(row) == 2 and row[SSIM].value.number < 1]
        if len(pairs) >= MIN_ROWS:
            result.checked += len(pairs)
            result.findings.extend(_regress(material, pairs))
    return result


def _regress(material: Material, pairs: list[tuple[PrintedCell, PrintedCell]]) -> list[Finding]:
    x = [p.value.number for p, _ in pairs]
    y = [-10 * math.log10(1 - s.value.number) for _, s in pairs]
    slope, level = slope_and_level(x, y)
    residuals = [b - slope * a - level for a, b in zip(x, y, strict=True)]
    spread = 1.4826 * median(abs(r - median(residuals)) for r in residuals)
    findings = []
    for (first, second), residual in zip(pairs, residuals, strict=True):
        promised = 1 - 10 ** (-(slope * first.value.number + level) / 10)
        sigmas = abs(residual) / spread if spread else 0.0
        if sigmas <= REGRESSION_SIGMAS or abs(second.value.number - promised) <= REGRESSION_SMALLEST:
            continue
        what = f"{second.method} x{second.cell.scale} {second.cell.dataset}"
        findings.append(Finding(
            slug(SSIM, second.method, f"x{second.cell.scale}", second.cell.dataset), "outlier", "value", "suspicious",
            f"{material.where(second)}: {what} prints {first.cell.value}/{second.cell.value}, which do not go together",
            f"{material.where(second)} prints {first.cell.value}/{second.cell.value} for {what}.",
            f"By the column's other rows {first.cell.value} dB go with an SSIM of {promised:.4f} (z = {sigmas:.0f}).",
            "one of the two numbers belongs to something else", cells=(first, second),
            figures={"expected": round(promised, 4), "z": round(sigmas, 1)}, weight=sigmas, symptom=True,
            cases=(
                f"{second.place}: {first.cell.value}/{second.cell.value}, SSIM {promised:.4f} expected, z {sigmas:.0f}",
            ),
        ))  # fmt: skip
    return findings


ROWS = Check("outliers", "outlier", "Quality against the row's other datasets", run_rows)
SCALES = Check("growth", "outlier", "Computation per parameter from scale to scale", run_scales)
PAIRS = Check(f"{SSIM}-on-{PSNR}", "outlier", "SSIM regressed on PSNR in each column", run_pairs)
