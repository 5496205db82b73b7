"""Parameters and computation of one row against each other: do both belong to one network?"""

from __future__ import annotations

import math
from itertools import pairwise

from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, slug
from srbench.leaderboard.causes import networks, wanted_of
from srbench.leaderboard.published import PrintedCell

# Channels in front of the last convolution beyond this are no light network's.
MOST_CHANNELS = 512
# MACs per parameter and pixel of the registered network and of the print may differ by this much.
DENSITY_SLACK = 0.05


def run_slope(material: Material) -> Checks:
    """Where only the last 3x3 convolution depends on the scale, MACs over scale^2 rise by 27 x channels x LR pixels."""
    result = Checks()
    rows: dict[tuple[str, str, str], dict[int, dict[str, PrintedCell]]] = {}
    for c in material.cells:
        if c.cell.metric in ("macs", "params") and c.cell.scale and c.value.is_number and c.cell.model:
            rows.setdefault((c.paper, c.table, c.cell.row), {}).setdefault(c.cell.scale, {})[c.cell.metric] = c
    for by_scale in rows.values():
        whole = {s: row for s, row in sorted(by_scale.items()) if len(row) == 2}
        if len(whole) < 2:
            continue
        result.checked += 2 * len(whole)
        finding = _slope(material, whole)
        if finding:
            result.findings.append(finding)
    return result


def _slope(material: Material, rows: dict[int, dict[str, PrintedCell]]) -> Finding | None:
    low, high = min(rows), max(rows)
    a, b = rows[low]["macs"], rows[high]["macs"]
    cost = material.table_of(a).cost
    if cost is None or cost.input_size is None or not _grows_in_the_last_layer(a.cell.model, tuple(rows)):
        return None
    growth = high**2 - low**2
    unit = 27 * math.prod(cost.input_size) * growth
    by_macs = (b.value.number - a.value.number) / unit
    slack = (a.value.quantum + b.value.quantum) / 2 / unit
    by_network = _channels(a.cell.model, low, high)
    possible = 0 < by_macs < MOST_CHANNELS
    if possible and abs(by_macs - by_network) <= slack + 0.5:
        return None
    here, method = material.where(a), a.method
    end = (
        "which is impossible" if not possible else f"so {round(by_macs)}, where its parameters are of {by_network:.0f}"
    )
    return Finding(
        slug(a.paper, a.table, method, "channels"), "cost", "value", "contradiction",
        f"{here}: {method}'s MACs grow over the scales like {by_macs:.1f} channels, its parameters are of "
        f"{by_network:.0f}",
        f"{here} prints {a.cell.value} at x{low} and {b.cell.value} at x{high} for {method}.",
        f"Only its last 3x3 convolution depends on the scale: the growth is that of {by_macs:.1f} channels, {end}.",
        "the computation and the parameters of the row are not of one network", cells=(a, b),
        beside=tuple(rows[s]["params"] for s in (low, high)), symptom=True, weight=2.0,
        figures={"channels by MACs": round(by_macs, 2), "channels by parameters": round(by_network, 2)},
        cases=(f"{here}, {method}: {by_macs:.1f} channels by MACs, {by_network:.0f} by parameters",),
    )  # fmt: skip


def _channels(model: str, low: int, high: int) -> float:
    """Channels in front of the registered network's last convolution, by the growth of its parameters."""
    growth = networks.params(model, high) - networks.params(model, low)
    return (growth / (high**2 - low**2) - 3) / 27


def _grows_in_the_last_layer(model: str, scales: tuple[int, ...]) -> bool:
    """Whether the registered network's parameters grow with scale^2 by one convolution to 3 scale^2 channels."""
    if not all(networks.has(model, s) for s in scales):
        return False
    for low, high in pairwise(scales):
        channels = _channels(model, low, high)
        if channels <= 0 or abs(channels - round(channels)) > 1e-9:
            return False
    return True


def run_density(material: Material) -> Checks:
    """MACs per parameter and HR pixel of a row against those of its registered network."""
    result = Checks()
    rows: dict[tuple[str, str, int, int | None], dict[str, PrintedCell]] = {}
    for c in material.cells:
        if c.cell.metric in ("macs", "params") and c.value.is_number and c.cell.model:
            rows.setdefault((c.paper, c.table, c.cell.row_index, c.cell.scale), {})[c.cell.metric] = c
    for row in rows.values():
        if len(row) == 2:
            result.checked += 2
            finding = _density(material, row["macs"], row["params"])
            if finding:
                result.findings.append(finding)
    return result


def _density(material: Material, macs: PrintedCell, params: PrintedCell) -> Finding | None:
    wanted = wanted_of(macs, material.table_of(macs).cost)
    if wanted is None:
        return None
    pixels = math.prod(wanted.size) * wanted.scale**2
    printed = macs.value.number / params.value.number / pixels
    own = networks.value(wanted, macs.cell.model) / networks.params(macs.cell.model, wanted.scale) / pixels
    if abs(printed / own - 1) <= DENSITY_SLACK + params.value.quantum / params.value.number:
        return None
    here, method = material.where(macs), macs.method
    return Finding(
        slug(macs.paper, macs.table, method, f"x{wanted.scale}", "density"), "cost", "value", "suspicious",
        f"{here}: {method} x{wanted.scale} has {printed:.4f} MACs per parameter and HR pixel, its network {own:.4f}",
        f"{here} prints {macs.cell.value} MACs for {params.cell.value} parameters ({method} x{wanted.scale}).",
        f"That is {printed:.4f} MACs per parameter and HR pixel; the registered network has {own:.4f}.",
        "the computation and the parameters of the row are not of one network, or not counted at this size",
        cells=(macs,), beside=(params,), symptom=True, weight=1.0,
        figures={"printed": round(printed, 5), "network": round(own, 5)},
        cases=(f"{macs.place}: {printed:.4f} MACs per parameter and HR pixel, {own:.4f} of the network",),
    )  # fmt: skip


SLOPE = Check("channels", "cost", "Channels that the growth of MACs over the scales reveals", run_slope)
DENSITY = Check("density", "cost", "MACs per parameter and pixel", run_density)
