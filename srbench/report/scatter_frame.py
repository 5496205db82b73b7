"""The one engine of scatters: which part of the plane is shown, its ticks, the Pareto front and its corners.

Two pens draw it: :mod:`srbench.report.scatter` as interactive SVG for pages, :mod:`srbench.report.figures` as SVG and
PDF for print. Labels of both are placed by :mod:`srbench.report.placement`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from srbench.report.numbers import linear_ticks, log_ticks, plain_number

Point = tuple[float, float]
Tick = tuple[float, str]

_X_PAD, _Y_PAD = 0.09, 0.1
_SINGLE_DECADES = 0.2


@dataclass(frozen=True)
class Frame:
    """What is shown: x from ``10**x0`` to ``10**x1``, logarithmic, y from ``y0`` to ``y1``; ticks and their texts."""

    x0: float
    x1: float
    y0: float
    y1: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]

    def across(self, x: float) -> float:
        """Where ``x`` is on the way from left (0) to right (1)."""
        return (math.log10(x) - self.x0) / (self.x1 - self.x0)

    def up(self, y: float) -> float:
        """Where ``y`` is on the way from the bottom (0) to the top (1)."""
        return (y - self.y0) / (self.y1 - self.y0)


def frame_of(points: Sequence[Point], suffix: bool = True) -> Frame:
    """The frame around at least one point; x must be positive and y finite.

    ``suffix`` writes thousands on the x axis as K, M and G.

    >>> frame = frame_of([(1e5, 30.0), (1e6, 32.0)])
    >>> [text for _, text in frame.x_ticks], [text for _, text in frame.y_ticks][:2]
    (['100K', '200K', '500K', '1M'], ['30.0', '30.5'])
    """
    xs, ys = [math.log10(x) for x, _ in points], [y for _, y in points]
    x_pad = (max(xs) - min(xs)) * _X_PAD or _SINGLE_DECADES
    middle, half = (min(ys) + max(ys)) / 2, max((max(ys) - min(ys)) / 2, _least_half(ys))
    half *= 1 + 2 * _Y_PAD
    x0, x1, y0, y1 = min(xs) - x_pad, max(xs) + x_pad, middle - half, middle + half
    y_ticks = linear_ticks(y0, y1)
    digits = max((len(f"{tick:g}".partition(".")[2]) for tick in y_ticks), default=0)
    return Frame(
        x0, x1, y0, y1,
        tuple((tick, plain_number(tick, suffix)) for tick in log_ticks(10**x0, 10**x1)),
        tuple((tick, f"{tick:.{digits}f}") for tick in y_ticks),
    )  # fmt: skip


def _least_half(ys: Sequence[float]) -> float:
    """Half of the least range of y: 0.1 for values of tens, as of dB, less for smaller ones."""
    return min(0.1, max(abs(y) for y in ys) / 10) or 0.1


def pareto(points: Sequence[Point], lower: bool = False) -> list[Point]:
    """The points that no other point beats with less x and more y (``lower``: less y), from left to right.

    >>> pareto([(1, 30), (2, 29), (2, 31), (3, 31)])
    [(1, 30), (2, 31)]
    """
    front: list[Point] = []
    sign = -1 if lower else 1
    for x, y in sorted(points, key=lambda point: (point[0], -sign * point[1])):
        if not front or sign * y > sign * front[-1][1]:
            front.append((x, y))
    return front


def steps_of(front: Sequence[Point]) -> list[Point]:
    """The corners of the front drawn as steps: on the level of the left point up to the right one, then to it.

    >>> steps_of([(1, 30), (2, 31)])
    [(1, 30), (2, 30), (2, 31)]
    """
    corners = list(front[:1])
    for (_, level), (x, y) in pairwise(front):
        corners += [(x, level), (x, y)]
    return corners
