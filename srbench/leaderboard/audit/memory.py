"""Printed memory against the images and the layers that it must hold."""

from __future__ import annotations

from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, slug
from srbench.leaderboard.audit.runtimes import mean_pixels
from srbench.leaderboard.causes import networks
from srbench.leaderboard.published import PrintedCell

# More pixels than this, and less memory than that share: not the same measurement.
MORE_PIXELS = 1.15
LESS_MEMORY = 0.9
MIB = 2.0**20
FLOAT_BYTES = 4
COUNTED_AT = (64, 64)
# Inference holds about two of the widest layers at once; larger images than this no test set has on average.
LARGEST_IMAGE = 12e6


def run(material: Material) -> Checks:
    """Larger images in less memory, and memory that only a pass with gradients takes."""
    result = Checks()
    rows: dict[tuple[str, str, int, int | None], list[PrintedCell]] = {}
    for c in material.cells:
        if c.cell.metric == "memory" and c.value.is_number:
            rows.setdefault((c.paper, c.table, c.cell.row_index, c.cell.scale), []).append(c)
            result.checked += 1
    by_table: dict[tuple[str, str], list[tuple[PrintedCell, PrintedCell]]] = {}
    for (paper, table, _, _), row in rows.items():
        sized = sorted(((mean_pixels(c.cell.dataset) or 0.0, c) for c in row), key=lambda item: item[0])
        known = [(pixels, c) for pixels, c in sized if pixels]
        for (few, small), (many, large) in zip(known, known[1:], strict=False):
            if many > MORE_PIXELS * few and large.value.number < LESS_MEMORY * small.value.number:
                by_table.setdefault((paper, table), []).append((small, large))
        if material.tables[paper, table].kind != "challenge":
            result.findings.extend(f for c in row if (f := _gradients(material, c)) is not None)
    result.findings.extend(_falls(material, pairs, len(_methods(material, *place))) for place, pairs in by_table.items())
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
        f"{here}: {large.cell.dataset} has {100 * (many / few - 1):.0f} % more pixels than {small.cell.dataset} and takes "
        f"{100 * min(shares):.0f} to {100 * max(shares):.0f} % of its memory",
        f"{here} prints less memory for {large.cell.dataset} than for {small.cell.dataset} in {len(pairs)} of {rows} rows.",
        f"A mean image of {large.cell.dataset} has {many:,.0f} HR pixels, one of {small.cell.dataset} {few:,.0f}; memory of "
        "one network grows with them.",
        "a peak over all images depends on the largest one, and what the allocator keeps on the order of the images; the "
        "column is no property of the networks",
        "The memory of two test sets cannot be compared, nor two networks whose images came in another order.",
        cells=tuple(c for pair in pairs for c in pair), weight=len(pairs),
        cases=tuple(
            f"{a.paper} {a.table}, {a.method}: {a.cell.value} on {a.cell.dataset}, {b.cell.value} on {b.cell.dataset}"
            for a, b in pairs
        ),
    )  # fmt: skip


def _gradients(material: Material, cell: PrintedCell) -> Finding | None:
    """Memory that inference would need for an image larger than any, and a pass with gradients for a usual one."""
    card = networks.card_of(cell.cell.model) if cell.cell.model else None
    if card is None or not card.pre_upsampled:
        return None
    scale = cell.cell.scale or card.scales[0]
    pixels = COUNTED_AT[0] * COUNTED_AT[1] * scale**2
    count = networks.counts(card.name, scale, COUNTED_AT)["macs"]
    all_kept = FLOAT_BYTES * count.activations / pixels
    two_widest = FLOAT_BYTES * 2 * max(count.activations / count.num_conv / pixels, 1.0)
    inference, gradients = (cell.value.number * MIB / per_pixel for per_pixel in (two_widest, all_kept))
    if inference <= LARGEST_IMAGE:
        return None
    here = material.where(cell)
    return Finding(
        slug(cell.paper, cell.table, cell.method, "memory"), "memory", "value", "suspicious",
        f"{here}: {cell.method}'s {cell.cell.value} of memory look like a pass with gradients",
        f"{here} prints {cell.cell.value} for {cell.method}.",
        f"Inference keeps two of its layers at a time ({two_widest:,.0f} bytes per pixel): the images would have "
        f"{inference / 1e6:.0f} megapixels. All layers together ({all_kept:,.0f} bytes per pixel) fill it with "
        f"{gradients / 1e6:.1f} megapixels.",
        "the outputs of all layers were kept for a backward pass that never came",
        f"The saving of memory beside it in {here} is that of a switch, not of a network.", cells=(cell,), weight=1.0,
        cases=(f"{cell.place}: {cell.cell.value}",),
        figures={"megapixels, inference": round(inference / 1e6, 1), "megapixels, gradients": round(gradients / 1e6, 1)},
    )  # fmt: skip


CHECK = Check("memory", "memory", "Memory against images and layers", run)
