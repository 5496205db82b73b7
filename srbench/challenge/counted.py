"""Costs of an entry, counted in its own process, and whether it computes as much when it is timed."""

from __future__ import annotations

from typing import Any

import numpy as np

from srbench.challenge.entries import Flag
from srbench.challenge.passing import Entry, Image
from srbench.isolation.process import Refused

MORE = 1.2
"""How often the multiply-adds per pixel at the size of counting may be had at others; padding to windows takes some."""
_WINDOW = 64


def counted(
    entry: Entry, size: tuple[int, int], conventions: tuple[str, ...], timed: Image | None
) -> tuple[dict[str, Any], list[Flag]]:
    """Counts at the rules' ``size``, and what does not agree with them.

    By hooks on a real pass of ``timed`` and on traced ones there, beside the size of counting and at it: a network that
    computes less while it is counted, or at that very size, shows.

    Raises:
        Refused, Stopped: as of a pass.
    """
    try:
        counts = entry.process.ask("count", size=list(size), conventions=list(conventions)).header
    except Refused as error:
        return {}, [Flag(kind="not counted", text=str(error))]
    flags = [Flag(kind="lower bound", text=str(text)) for text in counts.get("problems", ())]
    if timed is None:
        return counts, flags
    pixels, shape = np.ascontiguousarray(timed).data.cast("B"), timed.shape[:2]
    sizes = (size, *other_sizes(size, (shape[0], shape[1])))
    hooked = entry.process.ask("hooked", pixels, shape=list(shape), sizes=[list(one) for one in sizes]).header
    traced, real = int(hooked["traced"]), int(hooked["real"])
    if abs(traced - real) > 0.01 * max(traced, real, 1):
        text = f"convolutions and linear layers of a real pass have {real:,} MACs, of the counted one {traced:,}"
        flags.append(Flag(kind="lower bound", text=text))
    flags += _by_size(sizes, [None if macs is None else int(macs) for macs in hooked.get("at", ())])
    if hooked.get("hidden"):
        text = f"values of its pass come from outside of torch's operators, which no counter sees: {hooked['hidden']}"
        flags.append(Flag(kind="lower bound", text=text))
    return counts, flags


def other_sizes(size: tuple[int, int], timed: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Sizes to count at as well: one beside ``size``, and that of a timed image, in whole windows of most networks."""
    beside = (size[0] + 16, size[1] - 16 if size[1] > _WINDOW else size[1])
    return beside, (-(-timed[0] // _WINDOW) * _WINDOW, -(-timed[1] // _WINDOW) * _WINDOW)


def _by_size(sizes: tuple[tuple[int, int], ...], macs: list[int | None]) -> list[Flag]:
    """Multiply-adds per pixel hardly depend on the size; where they grow, the count says too little."""
    if len(macs) != len(sizes) or macs[0] is None:
        return []
    counted_at = macs[0] / (sizes[0][0] * sizes[0][1])
    for (height, width), found in zip(sizes[1:], macs[1:], strict=True):
        own = 0.0 if found is None else found / (height * width)
        if own > MORE * counted_at:
            text = (
                f"its layers have {own:,.0f} MACs per pixel at {height}x{width}, but {counted_at:,.0f} at "
                f"{sizes[0][0]}x{sizes[0][1]}, where costs are counted"
            )
            return [Flag(kind="lower bound", text=text)]
    return []
