"""How a scatter is laid out: its size, its axes, which way is better, and a style file of the user's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from srbench.errors import SrbenchError
from srbench.report.numbers import linear_ticks, log_ticks, plain_number
from srbench.report.scatter_frame import frame_of, pareto

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Pair = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """The layout of a scatter.

    Attributes:
        size: (width, height) in inches; None: the style's.
        log_x: whether x is logarithmic.
        log_y: whether y is logarithmic.
        x_lower: whether less x is better, for the front.
        y_lower: whether less y is better.
        front: whether the Pareto front is drawn.
        style: a matplotlib style file or the name of a style; it goes before srbench's own.
        area_label: what bubbles stand for; "" where there are none.
    """

    size: Pair | None = None
    log_x: bool = True
    log_y: bool = False
    x_lower: bool = True
    y_lower: bool = False
    front: bool = True
    style: str | None = None
    area_label: str = ""


USUAL_LOOK = Look()


@contextlib.contextmanager
def in_style(style: str | None) -> Iterator[None]:
    """Settings of a style file for what is drawn inside the block.

    Raises:
        SrbenchError: matplotlib knows no such style and cannot read such a file.
    """
    if style is None:
        yield
        return
    import matplotlib.style

    if style not in matplotlib.style.available and not Path(style).is_file():
        raise SrbenchError(f"there is no style file '{style}', and matplotlib has no style of that name.")
    with matplotlib.style.context([style]):
        yield


def figure_font() -> float:
    """The size of text in points."""
    import matplotlib as mpl

    return float(mpl.rcParams["font.size"])


def place_of_axes(width: float, height: float, above: float = 0.0) -> tuple[float, float, float, float]:
    """(left, bottom, width, height) of the axes as shares of a figure: margins of equal inches at every size.

    ``above`` is what is kept free over them, in inches.

    >>> place_of_axes(6.4, 4.2)
    (0.105, 0.125, 0.88, 0.81)
    """
    left, bottom = 0.672 / width, 0.525 / height
    right, top = 0.096 / width, (0.273 + above) / height
    return round(left, 6), round(bottom, 6), round(1 - left - right, 6), round(1 - bottom - top, 6)


def front_of(points: Sequence[Pair], look: Look) -> list[Pair]:
    """The points that no other beats in both, in the order of x; none where the front is not wanted.

    >>> front_of([(1, 30), (2, 29), (2, 31)], Look()), front_of([(1, 30), (2, 29), (2, 31)], Look(x_lower=False))
    ([(1, 30), (2, 31)], [(2, 31)])
    """
    if not look.front:
        return []
    if look.x_lower:
        return pareto(points, look.y_lower)
    return [(-x, y) for x, y in reversed(pareto([(-x, y) for x, y in points], look.y_lower))]


def scale_axes(axes: Axes, points: Sequence[Pair], look: Look, suffix: bool) -> None:
    """Limits with room around the points, and plain numbers as ticks; ``suffix`` writes thousands as K, M and G."""
    if look.log_x and not look.log_y and look.size is None:
        _usual_frame(axes, points, suffix)
        return
    few = axes.get_window_extent().width < 350
    for name, log, values in (("x", look.log_x, [x for x, _ in points]), ("y", look.log_y, [y for _, y in points])):
        low, high = (_log_range if log else _y_range if name == "y" else _x_range)(min(values), max(values))
        ticks = log_ticks(low, high) if log else linear_ticks(low, high, 4 if few else 6)
        if few and name == "x" and len(ticks) > 5:
            ticks = ticks[::2]
        digits = max((len(f"{tick:g}".partition(".")[2]) for tick in ticks), default=0)
        plain = log or (name == "x" and max(map(abs, ticks)) >= 1000)
        texts = [plain_number(tick, suffix) if plain else f"{tick:.{digits}f}" for tick in ticks]
        if name == "x":
            axes.set_xscale("log" if log else "linear")
            axes.set_xlim(low, high)
            axes.set_xticks(ticks, texts)
            axes.set_xticks([], minor=True)
        else:
            axes.set_yscale("log" if log else "linear")
            axes.set_ylim(low, high)
            axes.set_yticks(ticks, texts)
            axes.set_yticks([], minor=True)


def _usual_frame(axes: Axes, points: Sequence[Pair], suffix: bool) -> None:
    """The frame that figures and the scatters of pages share."""
    frame = frame_of(points, suffix)
    axes.set_xscale("log")
    axes.set_xlim(10**frame.x0, 10**frame.x1)
    axes.set_ylim(frame.y0, frame.y1)
    axes.set_xticks([tick for tick, _ in frame.x_ticks], [text for _, text in frame.x_ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([tick for tick, _ in frame.y_ticks], [text for _, text in frame.y_ticks])


def _log_range(low: float, high: float) -> Pair:
    pad = (high / low) ** 0.09 if high > low else 1.6
    return low / pad, high * pad


def _y_range(low: float, high: float) -> Pair:
    middle, half = (low + high) / 2, (high - low) / 2
    half = max(half, 0.1 if abs(middle) > 1.5 else 0.001)
    room = 0.2 * half
    return middle - half - room, middle + half + room


def _x_range(low: float, high: float) -> Pair:
    room = 0.09 * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room
