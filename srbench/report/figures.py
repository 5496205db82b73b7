"""Figures in one style: matplotlib scatters with log x, plain numbers, placed labels, and the same bytes every time.

Published values are hollow, measured ones filled; colours are Okabe and Ito's, told apart by shape as well.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from srbench.printable import visible
from srbench.report.look import USUAL_LOOK, Look, figure_font, front_of, in_style, place_of_axes, scale_axes
from srbench.report.placement import Anchor, Placed, Rect, Segment, place_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TEXT, MUTED, LINE, GRID, HALO = "#191d22", "#565f6b", "#aab2bd", "#dfe3e8", "#fefefe"
PUBLISHED, MEASURED, OURS = "#4d5560", "#0072b2", "#c04f00"
HIGHLIGHT = "#b5006e"

STYLE: Any = {
    "figure.figsize": (6.4, 4.2),
    "figure.dpi": 100,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "text.color": TEXT,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.minor.size": 0,
    "svg.hashsalt": "srbench",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "path.simplify": False,
}

_MARKER_POINTS = 7.0


@dataclass(frozen=True)
class Dot:
    """A point of a scatter: printed (hollow) or measured (filled), ``trained_by_us`` in another colour and shape.

    ``area`` makes a bubble of it, in any unit; ``highlighted`` sets it and its label apart.
    """

    label: str
    x: float
    y: float
    kind: Literal["published", "measured"] = "published"
    trained_by_us: bool = False
    area: float | None = None
    highlighted: bool = False


def scatter(
    dots: Sequence[Dot],
    x_label: str,
    y_label: str,
    suffix: bool = True,
    lower_is_better: bool = False,
    look: Look = USUAL_LOOK,
) -> Figure:
    """Draw the dots; a label per distinct name, at its measured point where there is one.

    Values on a logarithmic axis must be positive. ``suffix`` writes thousands on the axes as K, M and G;
    ``lower_is_better`` is about y; ``look`` says how large the figure is, which axes are logarithmic, and more.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    small: Any = {"font.size": 7.5} if look.size is not None and look.size[0] < _NARROW else {}
    with mpl.rc_context({**STYLE, **small}), in_style(look.style):
        figure = Figure(layout=None, figsize=look.size)
        FigureCanvasAgg(figure)
        width, height = (float(side) for side in figure.get_size_inches())
        axes = figure.add_axes(place_of_axes(width, height, _above(figure, dots, look)))
        scale_axes(axes, [(dot.x, dot.y) for dot in dots], look, suffix)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        _fit(figure, axes)
        front = front_of([(dot.x, dot.y) for dot in dots], replace(look, y_lower=look.y_lower or lower_is_better))
        if len(front) > 1:
            axes.plot(
                [x for x, _ in front], [y for _, y in front], drawstyle="steps-post" if look.x_lower else "steps-pre",
                color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1.5,
            )  # fmt: skip
        largest = max((dot.area for dot in dots if dot.area), default=0.0)
        for dot in sorted(dots, key=lambda dot: -(dot.area or 0.0)):
            _draw(axes, dot, _diameter(dot, largest, figure))
        taken = _label(figure, axes, dots, _corners(front, look.x_lower))
        _legend(axes, dots, taken, look.area_label)
    return figure


_LARGEST_BUBBLE = 30.0
_NARROW = 5.0  # inches; below, the legend stands above the axes, a line for each kind


def _above(figure: Figure, dots: Sequence[Dot], look: Look) -> float:
    """Room in inches that the legend takes above the axes."""
    if float(figure.get_size_inches()[0]) >= _NARROW:
        return 0.0
    lines = len({(dot.kind, dot.trained_by_us) for dot in dots}) + bool(look.area_label)
    return lines * 1.45 * figure_font() / 72.0 - 0.15


def _diameter(dot: Dot, largest: float, figure: Figure) -> float:
    """Of a marker in points; a bubble's area is proportional to what it stands for."""
    if not dot.area or not largest:
        return _MARKER_POINTS + (2.0 if dot.kind == "published" else -1.0)
    room = min(1.0, float(figure.get_size_inches()[0]) / 6.4)
    shape = math.sqrt(math.pi) / 2 if dot.trained_by_us else 1.0  # a diamond's area is its side squared
    return max(2.5, shape * _LARGEST_BUBBLE * room * math.sqrt(dot.area / largest))


def _fit(figure: Figure, axes: Axes) -> None:
    """Give the tick labels and the axis' name of y the room they need on the left."""
    box = axes.get_tightbbox(figure.canvas.get_renderer())  # type: ignore[attr-defined]
    if box is not None and box.x0 < 4:
        place = axes.get_position()
        shift = float(4 - box.x0) / float(figure.get_size_inches()[0] * figure.dpi)
        axes.set_position((place.x0 + shift, place.y0, place.width - shift, place.height))


def _colour(dot: Dot) -> str:
    if dot.highlighted:
        return HIGHLIGHT
    return PUBLISHED if dot.kind == "published" else OURS if dot.trained_by_us else MEASURED


def _draw(axes: Axes, dot: Dot, diameter: float) -> None:
    hollow = dot.kind == "published"
    axes.plot(
        [dot.x], [dot.y],
        marker="D" if dot.trained_by_us else "o",
        markersize=diameter,
        alpha=0.75 if dot.area and not hollow else None,
        markerfacecolor="none" if hollow else _colour(dot),
        markeredgecolor=_colour(dot),
        markeredgewidth=1.2 if hollow else 0.0,
        linestyle="none",
        zorder=3 if hollow else 4,
    )  # fmt: skip


def _label(figure: Figure, axes: Axes, dots: Sequence[Dot], corners: Sequence[tuple[float, float]]) -> list[Rect]:
    """Write the labels where they collide with nothing; returns their boxes in pixels."""
    from matplotlib.patheffects import withStroke

    named: dict[str, Dot] = {}
    for dot in sorted(dots, key=lambda dot: (dot.kind != "measured", dot.label)):
        named.setdefault(dot.label, dot)
    chosen = list(named.values())
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    per_point = figure.dpi / 72.0
    largest = max((dot.area for dot in dots if dot.area), default=0.0)
    font = figure_font()
    anchors, texts = [], []
    for dot in chosen:
        radius = _radius(dot, largest, figure) * per_point
        x, y = (float(value) for value in axes.transData.transform((dot.x, dot.y)))
        style: dict[str, Any] = {"fontsize": font - 0.5, "color": TEXT, "va": "bottom", "ha": "left", "zorder": 6}
        text = figure.text(0, 0, visible(dot.label), parse_math=False, **style)
        if dot.highlighted:
            text.set_fontweight("bold")
        box = text.get_window_extent(renderer)
        text.set_path_effects([withStroke(linewidth=2.5, foreground=HALO)])
        anchors.append(Anchor(x, y, radius, float(box.width) + 1.0, float(box.height) + 1.0))
        texts.append(text)
    box = axes.get_window_extent(renderer)
    bounds = Rect(float(box.x0) + 3, float(box.y0) + 3, float(box.x1), float(box.y1))
    other = [_marker_box(axes, dot, _radius(dot, largest, figure) * per_point) for dot in dots if dot not in chosen]
    places = place_labels(anchors, bounds, other, _front_lines(axes, corners), gap=1.5)
    width, height = figure.get_size_inches() * figure.dpi
    for text, place in zip(texts, places, strict=True):
        if place is None:
            text.remove()
            continue
        text.set_position((round((place.rect.x0 + 0.5) / width, 5), round((place.rect.y0 + 0.5) / height, 5)))
        _leader(figure, place, float(width), float(height))
    return [place.rect for place in places if place] + [anchor.marker for anchor in anchors] + other


def _radius(dot: Dot, largest: float, figure: Figure) -> float:
    """Of a marker with its edge, in points; equal for markers without area, so that labels keep one distance."""
    diameter = _diameter(dot, largest, figure) if dot.area and largest else _MARKER_POINTS
    return diameter / 2 + 1.6


def _marker_box(axes: Axes, dot: Dot, radius: float) -> Rect:
    x, y = (float(value) for value in axes.transData.transform((dot.x, dot.y)))
    return Rect(x - radius, y - radius, x + radius, y + radius)


def _corners(front: Sequence[tuple[float, float]], x_lower: bool) -> list[tuple[float, float]]:
    """The points of the front's steps in the order of x."""
    corners: list[tuple[float, float]] = []
    for index, (x, y) in enumerate(front):
        if index:
            before = front[index - 1]
            corners.append((x, before[1]) if x_lower else (before[0], y))
        corners.append((x, y))
    return corners


def _front_lines(axes: Axes, corners: Sequence[tuple[float, float]]) -> list[Segment]:
    pixels = [(float(x), float(y)) for x, y in (axes.transData.transform(corner) for corner in corners)]
    return list(pairwise(pixels))


def _leader(figure: Figure, place: Placed, width: float, height: float) -> None:
    from matplotlib.lines import Line2D

    if place.leader:
        (ax, ay), (bx, by) = place.leader
        line = Line2D(
            [ax / width, bx / width],
            [ay / height, by / height],
            transform=figure.transFigure,
            color=LINE,
            linewidth=0.7,
        )
        figure.add_artist(line)


def _legend(axes: Axes, dots: Sequence[Dot], taken: Sequence[Rect], area_label: str = "") -> None:
    """Say what hollow and filled mean, in the corner that covers nothing; outside the axes if every corner is taken."""
    from matplotlib.lines import Line2D

    words = [
        (Dot("", 1, 1), "printed"),
        (Dot("", 1, 1, "measured"), "measured, authors' weights"),
        (Dot("", 1, 1, "measured", True), "measured, trained by srbench"),
    ]
    kinds = {(dot.kind, dot.trained_by_us) for dot in dots}
    handles = []
    for dot, text in words:
        if (dot.kind, dot.trained_by_us) in kinds:
            fill = "none" if dot.kind == "published" else _colour(dot)
            shape = "D" if dot.trained_by_us else "o"
            handles.append(
                Line2D([], [], linestyle="none", marker=shape, markersize=6, markerfacecolor=fill,
                       markeredgecolor=_colour(dot), label=text)
            )  # fmt: skip
    if area_label:
        handles.append(Line2D([], [], linestyle="none", label=area_label))
    figure, size = axes.figure, figure_font() - 1.0
    if float(figure.get_size_inches()[0]) < _NARROW:  # type: ignore[union-attr]
        axes.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=1, fontsize=size, frameon=False,
            labelcolor=MUTED, borderaxespad=0.1, labelspacing=0.25, handletextpad=0.2,
        )  # fmt: skip
        return
    for corner in ("lower right", "upper left", "lower left", "upper right"):
        legend = axes.legend(
            handles=handles, loc=corner, fontsize=size, frameon=False, labelcolor=MUTED, borderaxespad=0.2
        )
        box = legend.get_window_extent(figure.canvas.get_renderer())  # type: ignore[attr-defined]
        own = Rect(float(box.x0), float(box.y0), float(box.x1), float(box.y1))
        if not any(own.overlaps(rect) for rect in taken):
            return
    axes.legend(
        handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(handles), fontsize=size,
        frameon=False, labelcolor=MUTED, borderaxespad=0.1,
    )  # fmt: skip


def svg(figure: Figure) -> str:
    """The figure as SVG text without dates; letters as outlines, so that it looks the same everywhere."""
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": "srbench"}, transparent=True)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def pdf(figure: Figure) -> bytes:
    """The figure as PDF without dates."""
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        stream = io.BytesIO()
        figure.savefig(stream, format="pdf", metadata={"CreationDate": None, "Creator": "srbench", "Producer": None})
    return stream.getvalue()


def png(figure: Figure, dots_per_inch: int = 300) -> bytes:
    """The figure as PNG."""
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=dots_per_inch, metadata={"Software": "srbench"})
    return stream.getvalue()
