"""Printed memory against the images and the layers that it must hold."""

from __future__ import annotations

import itertools

from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, listed, slug
from srbench.leaderboard.audit.runtimes import mean_pixels
from srbench.leaderboard.causes import networks
from srbench.leaderboard.published import PrintedCell

# More pixels than this, and less memory than that share: not the same measurement.
MORE_PIXELS = 1.15
LESS_MEMORY = 0.9
FLOAT_BYTES = 4
COUNTED_AT = (64, 64)
# Rows on one set of images may imply sizes apart by this factor, and none beyond this many megapixels.
APART = 2.0
LARGEST_IMAGE = 12.0


def run(material: Material) -> Checks:
    """Larger images in less memory, and memory that no image size gives."""
    result = Checks()
    rows: dict[tuple[str, str, int, int | None], list[PrintedCell]] = {}
    for c in material.cells:
        if c.cell.metric == "memory" and c.value.is_number:
            rows.setdefault((c.paper, c.table, c.cell.row_index, c.cell.scale), []).append(c)
            result.checked += 1
    by_table: dict[tuple[str, str], list[tuple[PrintedCell, PrintedCell]]] = {}
    of_set: dict[tuple[str, str], list[PrintedCell]] = {}
    for (paper, table, _, _), row in rows.items():
        sized = sorted(((mean_pixels(c.cell.dataset) or 0.0, c) for c in row), key=lambda item: item[0])
        known = [(pixels, c) for pixels, c in sized if pixels]
        for (few, small), (many, large) in itertools.pairwise(known):
            if many > MORE_PIXELS * few and large.value.number < LESS_MEMORY * small.value.number:
                by_table.setdefault((paper, table), []).append((small, large))
        of_set.setdefault((paper, table), []).extend(c for c in row if not mean_pixels(c.cell.dataset))
    result.findings.extend(f for cells in of_set.values() if (f := _one_size(material, cells)) is not None)
    result.findings.extend(
        _falls(material, pairs, len(_methods(material, *place))) for place, pairs in by_table.items()
    )
    return result


def _methods(material: Material, paper: str, table: str) -> set[str]:
    return {c.method for c in material.of_table(paper, table) if c.cell.metric == "memory"}


def _falls(material: Material, pairs: list[tuple[PrintedCell, PrintedCell]], rows: int) -> Finding:
    small, large = pairs[0]
    few, many = mean_pixels(small.cell.dataset) or 1.0, mean_pixels(large.cell.dataset) or 1.0
    shares = [b.value.number / a.value.number for a, b in pairs]
    here = material.where(small)
    return Finding(
        slug(small.paper, small.table, "memory"), "memory", "value", "suspicious",
        f"{here}: {large.cell.dataset} has {100 * (many / few - 1):.0f} % more pixels than {small.cell.dataset} and "
        "takes "
        f"{100 * min(shares):.0f} to {100 * max(shares):.0f} % of its memory",
        f"{here} prints less memory for {large.cell.dataset} than for {small.cell.dataset} in {len(pairs)} of "
        f"{rows} rows.",
        f"A mean image of {large.cell.dataset} has {many:,.0f} HR pixels, one of {small.cell.dataset} {few:,.0f}; "
        "memory of "
        "one network grows with them.",
        "a peak over all images depends on the largest one, and what the allocator keeps on the order of the "
        "images; the "
        "column is no property of the networks",
        "The memory of two test sets cannot be compared, nor two networks whose images came in another order.",
        cells=tuple(c for pair in pairs for c in pair), weight=len(pairs),
        cases=tuple(
            f"{a.paper} {a.table}, {a.method}: {a.cell.value} on {a.cell.dataset}, {b.cell.value} on {b.cell.dataset}"
            for a, b in pairs
        ),
    )  # fmt: skip


def _one_size(material: Material, row: list[PrintedCell]) -> Finding | None:
    """Rows of one table on one dataset whose memory no common image size gives, with or without a backward pass."""
    sizes = [(c, *s) for c in row if (s := _megapixels(c)) is not None]
    if len(sizes) < 2:
        return None
    low, high = (min(s[1] for s in sizes), max(s[1] for s in sizes))
    kept = [s[2] for s in sizes]
    if high / low < APART and max(kept) / min(kept) < APART and high <= LARGEST_IMAGE:
        return None
    first = sizes[0][0]
    here = material.where(first)
    spelled = [f"{c.method} {a:.0f} megapixels ({b:.1f} with all layers kept)" for c, a, b in sizes]
    return Finding(
        slug(first.paper, first.table, "memory-size"), "memory", "value", "suspicious",
        f"{here}: no image size gives the memory of {listed([c.method for c, _, _ in sizes])}",
        f"{here} prints {listed([f'{c.cell.value} for {c.method}' for c, _, _ in sizes])} on one set of images.",
        f"At inference two of the widest layers are held at a time; the images would have {listed(spelled)}.",
        "cause unknown: gradients kept in one row, workspace of the library, or images of other sizes",
        f"The saving of memory in {here} is not that of the networks alone.", cells=tuple(c for c, _, _ in sizes),
        cases=tuple(f"{c.place}: {c.cell.value}, {a:.1f} or {b:.1f} megapixels" for c, a, b in sizes), weight=1.0,
    )  # fmt: skip


def _megapixels(cell: PrintedCell) -> tuple[float, float] | None:
    """Megapixels of the image that fills the memory: with two of the widest layers, and with all layers kept."""
    card = networks.card_of(cell.cell.model) if cell.cell.model else None
    if card is None or mean_pixels(cell.cell.dataset):
        return None
    scale = cell.cell.scale or card.scales[0]
    pixels = COUNTED_AT[0] * COUNTED_AT[1] * scale**2
    every = networks.counts(card.name, scale, COUNTED_AT)["macs"].activations
    widest = networks.widest(card.name, scale, COUNTED_AT)
    per_byte = cell.value.number * 2.0**20 * pixels / FLOAT_BYTES / 1e6
    return per_byte / (2 * widest), per_byte / every


CHECK = Check("memory", "memory", "Memory against images and layers", run)
