"""Figures in one style: matplotlib scatters with log x, plain numbers, placed labels, and the same bytes every time.

Published values are hollow, measured ones filled; colours are Okabe and Ito's, told apart by shape as well.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from srbench.printable import visible
from srbench.report.placement import Anchor, Placed, Rect, Segment, place_labels
from srbench.report.scatter_frame import frame_of, pareto, steps_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TEXT, MUTED, LINE, GRID, HALO = "#191d22", "#565f6b", "#aab2bd", "#dfe3e8", "#fefefe"
PUBLISHED, MEASURED, OURS = "#4d5560", "#0072b2", "#c04f00"
# What a page puts in the place of a figure's colours, so that it follows light and dark.
PAGE_COLOURS = {
    TEXT: "var(--text)", HALO: "var(--surface)", MUTED: "var(--muted)", LINE: "var(--strong-line)", GRID: "var(--line)",
    PUBLISHED: "var(--plain)", MEASURED: "var(--released)", OURS: "var(--bundled)",
}  # fmt: skip

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
    """A point of a scatter: printed (hollow) or measured (filled), ``trained_by_us`` in another colour and shape."""

    label: str
    x: float
    y: float
    kind: Literal["published", "measured"] = "published"
    trained_by_us: bool = False


def scatter(
    dots: Sequence[Dot], x_label: str, y_label: str, suffix: bool = True, lower_is_better: bool = False
) -> Figure:
    """Draw the dots; a label per distinct name, at its measured point where there is one. x must be positive.

    ``suffix`` writes thousands on the x axis as K, M and G; ``lower_is_better`` is about y.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(layout=None)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.105, 0.125, 0.88, 0.81))
        _scale(axes, dots, suffix)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        _fit(figure, axes)
        front = pareto([(dot.x, dot.y) for dot in dots], lower_is_better)
        if len(front) > 1:
            axes.plot(
                [x for x, _ in front], [y for _, y in front], drawstyle="steps-post", color=MUTED,
                linewidth=0.9, linestyle=(0, (4, 3)), zorder=1.5,
            )  # fmt: skip
        for dot in dots:
            _draw(axes, dot)
        _legend(axes, dots, _label(figure, axes, dots, front))
    return figure


def _scale(axes: Axes, dots: Sequence[Dot], suffix: bool) -> None:
    frame = frame_of([(dot.x, dot.y) for dot in dots], suffix)
    axes.set_xscale("log")
    axes.set_xlim(10**frame.x0, 10**frame.x1)
    axes.set_ylim(frame.y0, frame.y1)
    axes.set_xticks([tick for tick, _ in frame.x_ticks], [text for _, text in frame.x_ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([tick for tick, _ in frame.y_ticks], [text for _, text in frame.y_ticks])


def _fit(figure: Figure, axes: Axes) -> None:
    """Give the tick labels and the axis' name of y the room they need on the left."""
    box = axes.get_tightbbox(figure.canvas.get_renderer())  # type: ignore[attr-defined]
    if box is not None and box.x0 < 4:
        place = axes.get_position()
        shift = float(4 - box.x0) / float(figure.get_size_inches()[0] * figure.dpi)
        axes.set_position((place.x0 + shift, place.y0, place.width - shift, place.height))


def _colour(dot: Dot) -> str:
    return PUBLISHED if dot.kind == "published" else OURS if dot.trained_by_us else MEASURED


def _draw(axes: Axes, dot: Dot) -> None:
    hollow = dot.kind == "published"
    axes.plot(
        [dot.x], [dot.y],
        marker="D" if dot.trained_by_us else "o",
        markersize=_MARKER_POINTS + (2.0 if hollow else -1.0),
        markerfacecolor="none" if hollow else _colour(dot),
        markeredgecolor=_colour(dot),
        markeredgewidth=1.2 if hollow else 0.0,
        linestyle="none",
        zorder=3 if hollow else 4,
    )  # fmt: skip


def _label(figure: Figure, axes: Axes, dots: Sequence[Dot], front: Sequence[tuple[float, float]]) -> list[Rect]:
    """Write the labels where they collide with nothing; returns their boxes in pixels."""
    from matplotlib.patheffects import withStroke

    named: dict[str, Dot] = {}
    for dot in sorted(dots, key=lambda dot: (dot.kind != "measured", dot.label)):
        named.setdefault(dot.label, dot)
    chosen = list(named.values())
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    per_point = figure.dpi / 72.0
    radius = (_MARKER_POINTS / 2 + 1.6) * per_point
    anchors, texts = [], []
    for dot in chosen:
        x, y = (float(value) for value in axes.transData.transform((dot.x, dot.y)))
        text = figure.text(
            0, 0, visible(dot.label), parse_math=False, fontsize=8.5, color=TEXT, va="bottom", ha="left", zorder=6
        )
        box = text.get_window_extent(renderer)
        text.set_path_effects([withStroke(linewidth=2.5, foreground=HALO)])
        anchors.append(Anchor(x, y, radius, float(box.width) + 1.0, float(box.height) + 1.0))
        texts.append(text)
    box = axes.get_window_extent(renderer)
    bounds = Rect(float(box.x0) + 3, float(box.y0) + 3, float(box.x1), float(box.y1))
    other = [_marker_box(axes, dot, radius) for dot in dots if dot not in chosen]
    places = place_labels(anchors, bounds, other, _front_lines(axes, front), gap=1.5)
    width, height = figure.get_size_inches() * figure.dpi
    for text, place in zip(texts, places, strict=True):
        if place is None:
            text.remove()
            continue
        text.set_position((round((place.rect.x0 + 0.5) / width, 5), round((place.rect.y0 + 0.5) / height, 5)))
        _leader(figure, place, float(width), float(height))
    return [place.rect for place in places if place] + [anchor.marker for anchor in anchors] + other


def _marker_box(axes: Axes, dot: Dot, radius: float) -> Rect:
    x, y = (float(value) for value in axes.transData.transform((dot.x, dot.y)))
    return Rect(x - radius, y - radius, x + radius, y + radius)


def _front_lines(axes: Axes, front: Sequence[tuple[float, float]]) -> list[Segment]:
    pixels = [(float(x), float(y)) for x, y in (axes.transData.transform(corner) for corner in steps_of(front))]
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


def _legend(axes: Axes, dots: Sequence[Dot], taken: Sequence[Rect]) -> None:
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
    figure = axes.figure
    for corner in ("lower right", "upper left", "lower left", "upper right"):
        legend = axes.legend(
            handles=handles, loc=corner, fontsize=8, frameon=False, labelcolor=MUTED, borderaxespad=0.2
        )
        box = legend.get_window_extent(figure.canvas.get_renderer())  # type: ignore[attr-defined]
        own = Rect(float(box.x0), float(box.y0), float(box.x1), float(box.y1))
        if not any(own.overlaps(rect) for rect in taken):
            return
    axes.legend(
        handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(handles), fontsize=8,
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


def inline(text: str, ident: str, label: str) -> str:
    """An SVG of :func:`svg` for a page: no prologue, ids of its own, colours that follow the page, a spoken label."""
    import re
    from html import escape

    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'id="([^"]+)"', rf'id="{ident}-\1"', body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{ident}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{ident}-\1)", body)
    for colour, variable in PAGE_COLOURS.items():
        body = body.replace(colour, variable)
    return re.sub(
        r'<svg [^>]*?viewBox="([^"]+)"[^>]*>',
        rf'<svg viewBox="\1" class="plot" role="img" aria-label="{escape(label, quote=True)}">',
        body,
        count=1,
        flags=re.DOTALL,
    )
