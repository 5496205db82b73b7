"""An interactive scatter as inline SVG: log x, direct labels, Pareto front; points are links to their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape as escape_html
from itertools import pairwise

from srbench.printable import visible
from srbench.report.placement import Anchor, Placed, Rect, Segment, place_labels
from srbench.report.scatter_frame import frame_of, pareto, steps_of
from srbench.report.textwidth import text_width

WIDTH, HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 14, 14, 52
_RADIUS = 5.5
_FONT = 13
LABELLED = 15  # of more points than this only the front's are labelled; the page names the others on hover and focus
_PLOT = Rect(_LEFT, _TOP, WIDTH - _RIGHT, HEIGHT - _BOTTOM)


def escape(text: str) -> str:
    """Text for SVG: markup and characters that act are shown, not done."""
    return escape_html(visible(text))


@dataclass(frozen=True)
class Point:
    """A model in the plot. ``kind`` picks the marker (released, bundled, user, not-needed, published).

    ``key`` ties it to rows with the same ``data-key``; ``target`` is the id of the row it links to, on ``page``.
    """

    key: str
    target: str
    label: str
    x: float
    y: float
    kind: str
    tip: str
    page: str = ""


class _Axes:
    """Maps values to pixels."""

    def __init__(self, points: Sequence[Point]):
        self.frame = frame_of([(point.x, point.y) for point in points])

    def x(self, value: float) -> float:
        return round(_PLOT.x0 + self.frame.across(value) * (_PLOT.x1 - _PLOT.x0), 2)

    def y(self, value: float) -> float:
        return round(_PLOT.y1 - self.frame.up(value) * (_PLOT.y1 - _PLOT.y0), 2)


def scatter_svg(
    points: Sequence[Point],
    x_label: str,
    y_label: str,
    title: str,
    front: bool = True,
    lower_is_better: bool = False,
) -> str:
    """The scatter as an ``<svg>`` element; colours come from the page's CSS. Empty text when no point is given.

    ``x`` must be positive and ``y`` finite; ``front`` draws the Pareto front (less x, more y, or less y).
    """
    if not points:
        return ""
    axes = _Axes(points)
    best = pareto([(point.x, point.y) for point in points], lower_is_better) if front else []
    corners = [(axes.x(x), axes.y(y)) for x, y in steps_of(best)]
    steps: list[Segment] = list(pairwise(corners))
    parts = [
        f'<svg class="scatter" viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="{escape(title)}" '
        f'font-size="{_FONT}">',
        *_frame(axes, x_label, y_label),
    ]
    if steps:
        path = "M" + " L".join(f"{x:g} {y:g}" for x, y in corners)
        parts.append(f'<path class="front" d="{path}"/>')
    parts += _marks(points, axes, steps, set(best) if front and len(points) > LABELLED else None)
    return "\n".join([*parts, "</svg>"])


def _frame(axes: _Axes, x_label: str, y_label: str) -> list[str]:
    parts = []
    for tick, text in axes.frame.y_ticks:
        y = axes.y(tick)
        parts.append(f'<path class="grid" d="M{_PLOT.x0:g} {y:g}H{_PLOT.x1:g}"/>')
        parts.append(f'<text class="tick" x="{_PLOT.x0 - 7:g}" y="{y + 4:g}" text-anchor="end">{text}</text>')
    for tick, text in axes.frame.x_ticks:
        x = axes.x(tick)
        parts.append(f'<path class="grid" d="M{x:g} {_PLOT.y0:g}V{_PLOT.y1:g}"/>')
        parts.append(f'<text class="tick" x="{x:g}" y="{_PLOT.y1 + 18:g}" text-anchor="middle">{text}</text>')
    middle_x, middle_y = (_PLOT.x0 + _PLOT.x1) / 2, (_PLOT.y0 + _PLOT.y1) / 2
    parts.append(f'<path class="axis" d="M{_PLOT.x0:g} {_PLOT.y0:g}V{_PLOT.y1:g}H{_PLOT.x1:g}"/>')
    for label, place in (
        (x_label, f'x="{middle_x:g}" y="{HEIGHT - 10}"'),
        (y_label, f'transform="translate(15 {middle_y:g}) rotate(-90)"'),
    ):
        parts.append(f'<text class="name" {place} text-anchor="middle">{escape(label)}</text>')
    return parts


def _marks(
    points: Sequence[Point], axes: _Axes, lines: Sequence[Segment], named: set[tuple[float, float]] | None
) -> list[str]:
    """The points; with ``named``, a label only for those whose (x, y) is in it."""
    anchors = [
        Anchor(axes.x(point.x), axes.y(point.y), _RADIUS, text_width(point.label, _FONT), _FONT * 1.15)
        for point in points
    ]
    bounds = Rect(_PLOT.x0 + 2, _PLOT.y0 + 1, _PLOT.x1, _PLOT.y1 - 2)
    chosen = [i for i, point in enumerate(points) if point.label and (named is None or (point.x, point.y) in named)]
    others = [anchor.marker.grown(1.0) for index, anchor in enumerate(anchors) if index not in set(chosen)]
    found = place_labels([anchors[index] for index in chosen], bounds, others, lines=lines)
    places = dict(zip(chosen, found, strict=True))
    parts = []
    for index, (point, anchor) in enumerate(zip(points, anchors, strict=True)):
        place = places.get(index)
        inner = f"<title>{escape(point.tip)}</title>"
        if place and place.leader:
            (ax, ay), (bx, by) = place.leader
            inner += f'<path class="leader" d="M{ax:.1f} {ay:.1f}L{bx:.1f} {by:.1f}"/>'
        inner += marker(point.kind, anchor.x, anchor.y)
        if place:
            inner += _label(point.label, anchor, place)
        parts.append(
            f'<a class="pt {point.kind}" href="{point.page}#{point.target}" data-key="{point.key}" '
            f'data-kind="{point.kind}">{inner}</a>'
        )
    return parts


def _label(text: str, anchor: Anchor, place: Placed) -> str:
    left = place.rect.x1 <= anchor.x
    right = place.rect.x0 >= anchor.x
    x = place.rect.x1 if left else place.rect.x0 if right else (place.rect.x0 + place.rect.x1) / 2
    align = "end" if left else "start" if right else "middle"
    y = place.rect.y1 - _FONT * 0.27
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{align}">{escape(text)}</text>'


def marker(kind: str, x: float, y: float) -> str:
    """The marker of a kind of weights; shapes differ, so that colour is not needed to tell them apart."""
    r = _RADIUS
    if kind == "bundled":
        return f'<path class="m" d="M{x:g} {y - r - 1:g}l{r + 1} {r + 1}l-{r + 1} {r + 1}l-{r + 1} -{r + 1}z"/>'
    if kind == "published":
        return f'<circle class="m hollow" cx="{x:g}" cy="{y:g}" r="{r - 1}"/>'
    if kind == "not-needed":
        return f'<path class="m" d="M{x - r + 1:g} {y - r + 1:g}h{2 * r - 2}v{2 * r - 2}h-{2 * r - 2}z"/>'
    if kind == "user":
        return f'<path class="m" d="M{x:g} {y - r:g}l{r} {2 * r - 1}h-{2 * r}z"/>'
    return f'<circle class="m" cx="{x:g}" cy="{y:g}" r="{r}"/>'
