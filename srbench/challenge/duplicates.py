"""Entries that are nearly the same: equal weights, or outputs that hardly differ."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from srbench.challenge.passing import Image

ALIKE_DB = 60.0
"""PSNR between two entries' outputs from which on they are nearly the same: most pixels are equal."""


@dataclass(frozen=True)
class Likeness:
    """Two entries and what is alike: ``weights``, ``outputs`` or ``nearly``, with the PSNR between their outputs."""

    first: str
    second: str
    kind: str
    decibels: float | None = None

    def about(self, other: str) -> str:
        """The likeness in words, from the other one's side."""
        if self.kind == "weights":
            return f"its weights are those of {other}"
        if self.kind == "outputs":
            return f"its outputs are those of {other}"
        return f"its outputs hardly differ from those of {other}: {self.decibels or 0:.1f} dB between them"


def near_duplicates(states: Mapping[str, str], outputs: Mapping[str, Sequence[Image]]) -> tuple[Likeness, ...]:
    """Pairs of entries with equal tensors, or outputs within :data:`ALIKE_DB` of each other on the same images.

    Args:
        states: hash over the values of all tensors, by entry.
        outputs: some outputs, of the same images in the same order, by entry.
    """
    found = []
    for first, second in itertools.combinations(outputs, 2):
        near = _between(outputs[first], outputs[second])
        if states.get(first) and states.get(first) == states.get(second):
            found.append(Likeness(first, second, "weights", near))
        elif near is not None and near >= ALIKE_DB:
            found.append(Likeness(first, second, "outputs" if np.isinf(near) else "nearly", near))
    return tuple(found)


def _between(first: Sequence[Image], second: Sequence[Image]) -> float | None:
    """PSNR over all pixels of the images that both have; infinite where they are equal."""
    total, count = 0.0, 0
    for one, other in zip(first, second, strict=False):
        if one.shape != other.shape:
            return None
        total += float(((one.astype(np.float64) - other) ** 2).sum())
        count += one.size
    if not count:
        return None
    return float("inf") if total == 0 else float(10 * np.log10(255.0**2 * count / total))
