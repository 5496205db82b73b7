"""Places the labels of a scatter so that no text lies on other text, on a marker or outside the axes.

Greedy, then repaired: every label takes the cheapest free place on rings around its point (right of it first);
labels that lie apart from their point are placed again until nothing moves. The same input
always gives the same places. Units are pixels; it does not matter whether y points up or down.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_RINGS = (0.0, 3.0, 7.0, 12.0, 18.0, 26.0, 36.0, 48.0, 62.0, 80.0, 100.0, 125.0, 155.0, 190.0, 240.0, 300.0)
_ANGLES = 24
_LEADER_FROM = 7.0
_PASSES = 4
_GRID = 8.0


class Rect(NamedTuple):
    """An upright rectangle, x0 <= x1 and y0 <= y1."""

    x0: float
    y0: float
    x1: float
    y1: float

    def overlaps(self, other: Rect) -> bool:
        """Whether the insides meet; touching edges do not count."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def inside(self, other: Rect) -> bool:
        """Whether this rectangle lies wholly in ``other``."""
        return self.x0 >= other.x0 and self.y0 >= other.y0 and self.x1 <= other.x1 and self.y1 <= other.y1

    def grown(self, by: float) -> Rect:
        """The rectangle with ``by`` added on every side."""
        return Rect(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of the rectangle nearest to (x, y)."""
        return min(max(x, self.x0), self.x1), min(max(y, self.y0), self.y1)


Segment = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Anchor:
    """A point with a round marker of ``radius`` whose label takes ``width`` x ``height``."""

    x: float
    y: float
    radius: float
    width: float
    height: float

    @property
    def marker(self) -> Rect:
        """Bounding box of the marker."""
        return Rect(self.x - self.radius, self.y - self.radius, self.x + self.radius, self.y + self.radius)


@dataclass(frozen=True)
class Placed:
    """Where a label lies, and the line that leads to it when it is not beside its point."""

    rect: Rect
    leader: Segment | None


def crosses(rect: Rect, segment: Segment) -> bool:
    """Whether ``segment`` passes through the inside of ``rect`` (Liang-Barsky clipping)."""
    (ax, ay), (bx, by) = segment
    low, high = 0.0, 1.0
    for delta, start, least, most in ((bx - ax, ax, rect.x0, rect.x1), (by - ay, ay, rect.y0, rect.y1)):
        if abs(delta) < 1e-12:
            if not least < start < most:
                return False
            continue
        first, second = sorted(((least - start) / delta, (most - start) / delta))
        low, high = max(low, first), min(high, second)
    return high - low > 1e-9


def _intersect(one: Segment, two: Segment) -> bool:
    def side(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    (a, b), (c, d) = one, two
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def _candidates(anchor: Anchor, gap: float) -> Iterator[tuple[float, Placed]]:
    """Yield (cost, place) from cheap to dear: ring by ring, right and left of the point before above and below."""
    for ring in _RINGS:
        for step in range(_ANGLES):
            angle = 2.0 * math.pi * step / _ANGLES
            ux, uy = math.cos(angle), math.sin(angle)
            reach = anchor.radius + gap + ring
            centre_x = anchor.x + ux * (reach + anchor.width / 2)
            centre_y = anchor.y + uy * (reach + anchor.height / 2)
            rect = Rect(
                centre_x - anchor.width / 2,
                centre_y - anchor.height / 2,
                centre_x + anchor.width / 2,
                centre_y + anchor.height / 2,
            )
            end = rect.nearest(anchor.x, anchor.y)
            distance = math.hypot(end[0] - anchor.x, end[1] - anchor.y)
            leader = None
            if distance > anchor.radius + _LEADER_FROM:
                share = (anchor.radius + 1.0) / distance
                start = (anchor.x + share * (end[0] - anchor.x), anchor.y + share * (end[1] - anchor.y))
                leader = (start, end)
            taste = 1.5 * (1.0 - ux) + 0.5 * abs(uy)
            yield distance + taste + (6.0 if leader else 0.0), Placed(rect, leader)


class _Board:
    """What is already on the plot, and what a place would cost."""

    def __init__(self, anchors: Sequence[Anchor], bounds: Rect, obstacles: Sequence[Rect], lines: Sequence[Segment]):
        self.anchors = anchors
        self.bounds = bounds
        self.blocked = [anchor.marker.grown(1.0) for anchor in anchors] + list(obstacles)
        self.lines = lines
        self.placed: list[Placed | None] = [None] * len(anchors)

    def free(self, index: int, place: Placed, strict: bool = True) -> bool:
        """Whether the label ``index`` may lie there: nothing covered and, if ``strict``, no text under a leader."""
        rect = place.rect
        if not rect.inside(self.bounds) or self._covered(rect, self.blocked):
            return False
        room = rect.grown(1.0)
        others = [taken for other, taken in enumerate(self.placed) if other != index and taken is not None]
        if self._covered(room, [taken.rect for taken in others]):
            return False
        if not strict:
            return True
        for taken in others:
            if taken.leader and crosses(room, taken.leader):
                return False
            if place.leader and (crosses(taken.rect.grown(1.0), place.leader) or self._leaders_meet(place, taken)):
                return False
        return True

    @staticmethod
    def _covered(rect: Rect, boxes: Sequence[Rect]) -> bool:
        x0, y0, x1, y1 = rect
        return any(x0 < bx1 and bx0 < x1 and y0 < by1 and by0 < y1 for bx0, by0, bx1, by1 in boxes)

    @staticmethod
    def _leaders_meet(place: Placed, taken: Placed) -> bool:
        return bool(place.leader and taken.leader and _intersect(place.leader, taken.leader))

    def penalty(self, index: int, place: Placed) -> float:
        """Soft costs: lines under the text, markers under the leader, another point nearer to the text than its own."""
        cost = 25.0 * sum(crosses(place.rect, line) for line in self.lines)
        own = self._distance(self.anchors[index], place.rect)
        for other, anchor in enumerate(self.anchors):
            if other == index:
                continue
            if place.leader and crosses(anchor.marker.grown(1.0), place.leader):
                cost += 30.0
            if place.leader is None and self._distance(anchor, place.rect) < own + 2.0:
                cost += 8.0
        return cost

    @staticmethod
    def _distance(anchor: Anchor, rect: Rect) -> float:
        x, y = rect.nearest(anchor.x, anchor.y)
        return math.hypot(x - anchor.x, y - anchor.y)

    def best(self, index: int, gap: float) -> Placed | None:
        """The cheapest free place of label ``index`` on the rings around its point, or None."""
        chosen: tuple[float, Placed] | None = None
        ring_floor = 0.0
        for number, (base, place) in enumerate(_candidates(self.anchors[index], gap)):
            if number % _ANGLES == 0:
                ring_floor = _RINGS[number // _ANGLES]
            if chosen is not None and ring_floor > chosen[0]:
                break
            if chosen is not None and base >= chosen[0]:
                continue
            if self.free(index, place):
                cost = base + self.penalty(index, place)
                if chosen is None or cost < chosen[0]:
                    chosen = (cost, place)
        return chosen[1] if chosen else None

    def anywhere(self, index: int) -> Placed | None:
        """Scan the whole plot for the nearest free place; at last one whose leader meets other text."""
        anchor = self.anchors[index]
        found: list[tuple[float, Placed]] = []
        across = max(int((self.bounds.x1 - self.bounds.x0 - anchor.width) // _GRID), 0)
        down = max(int((self.bounds.y1 - self.bounds.y0 - anchor.height) // _GRID), 0)
        for column in range(across + 1):
            for row in range(down + 1):
                x0, y0 = self.bounds.x0 + _GRID * column, self.bounds.y0 + _GRID * row
                rect = Rect(x0, y0, x0 + anchor.width, y0 + anchor.height)
                end = rect.nearest(anchor.x, anchor.y)
                distance = math.hypot(end[0] - anchor.x, end[1] - anchor.y)
                found.append((distance, Placed(rect, ((anchor.x, anchor.y), end))))
        found.sort(key=lambda item: item[0])
        strict = (place for _, place in found if self.free(index, place))
        relaxed = (place for _, place in found if self.free(index, place, strict=False))
        return next(strict, None) or next(relaxed, None)


def place_labels(
    anchors: Sequence[Anchor],
    bounds: Rect,
    obstacles: Sequence[Rect] = (),
    lines: Sequence[Segment] = (),
    gap: float = 2.0,
) -> tuple[Placed | None, ...]:
    """Place one label per anchor inside ``bounds``.

    No label overlaps another label, a marker or an obstacle, and none lies on a leader unless there is no other room;
    ``lines`` (a Pareto front) are avoided where that costs little. A label is None only where the plot is full.
    """
    board = _Board(anchors, bounds, obstacles, lines)
    near = [
        sum(abs(a.x - b.x) < (a.width + b.width) / 2 and abs(a.y - b.y) < a.height + b.height for b in anchors)
        for a in anchors
    ]
    order = sorted(range(len(anchors)), key=lambda i: (-near[i], -anchors[i].width, i))
    for index in order:
        board.placed[index] = board.best(index, gap) or board.anywhere(index)
    for _ in range(_PASSES):
        moved = False
        for index in order:
            before = board.placed[index]
            if before is not None and before.leader is None:
                continue
            board.placed[index] = None
            after = board.best(index, gap)
            board.placed[index] = after if after is not None else before
            moved = moved or board.placed[index] != before
        if not moved:
            break
    return tuple(board.placed)
