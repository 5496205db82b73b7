"""A comparison as figures for a paper: HR with the marked crop beside the crops, and the error maps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from srbench.errors import SrbenchError
from srbench.evaluation.compare import Comparison, Quality, Shown
from srbench.evaluation.compare_best import best_of
from srbench.evaluation.compare_crop import Crop
from srbench.imaging import imresize
from srbench.printable import visible
from srbench.quantities import get_quantity
from srbench.report.visual_error import COLOUR_MAP, LABEL_SHORT, error_limit

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

FORMATS = ("png", "pdf", "svg")
WIDTH = 7.16
"""Inches: the two columns of a conference paper."""
_GAP = 0.07
_LINE = 0.125  # height of a line of caption, inches
_SIZE = 7.5  # of the captions, points
_LEAST = 0.8  # width of a tile in inches, so that the figures under it do not meet those of its neighbour
_MARK = "#ffd23f"
_SIGN = "†"
_OURS = f"{_SIGN} weights trained by srbench, not by the authors"
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": _SIZE,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "srbench",
    "image.interpolation": "nearest",
}


Part = tuple[str, bool]


@dataclass(frozen=True)
class Tile:
    """One crop of the figure with the lines under it; a line is made of parts, each (text, bold)."""

    image: NDArray[Any]
    lines: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True)
class Layout:
    """Where things stand, in inches: the overview at the left, ``rows`` x ``columns`` tiles at the right.

    ``in_grid``: the overview is the first of the tiles instead, as where the figure is narrow.
    """

    rows: int
    columns: int
    overview: tuple[float, float]
    tile: tuple[float, float]
    caption: float
    in_grid: bool = False

    @property
    def height(self) -> float:
        """Of the whole figure."""
        return max(self.rows * (self.tile[1] + self.caption), self.overview[1] + _LINE * 1.5)

    def place_of(self, index: int) -> tuple[float, float]:
        """Left and top of the tile with that number."""
        row, column = divmod(index + self.in_grid, self.columns)
        left = column * (self.tile[0] + _GAP)
        return left + (0 if self.in_grid else self.overview[0] + _GAP), row * (self.tile[1] + self.caption)


def columns_of(tiles: int) -> int:
    """Columns in which to set crops: one row of up to three, then two rows, from thirteen on three.

    >>> [columns_of(tiles) for tiles in (2, 3, 4, 7, 12, 13)]
    [2, 3, 2, 4, 6, 5]
    """
    return math.ceil(tiles / (1 if tiles < 4 else 2 if tiles < 13 else 3))


def lay_out(aspect: float, tile_aspect: float, tiles: int, lines: int, wide: float = WIDTH) -> Layout:
    """Fill the width of the figure: the overview (width / height ``aspect``) is as high as the rows of tiles beside it.

    >>> layout = lay_out(1.0, 1.0, 6, 3)
    >>> layout.rows, layout.columns, round(layout.overview[0] + 3 * layout.tile[0] + 3 * 0.07, 2)
    (2, 3, 7.16)
    """
    caption = lines * _LINE + 0.06
    columns = columns_of(tiles)
    rows = math.ceil(tiles / columns)
    # Solves: overview width + tiles + gaps = wide, where overview height = rows * (tile height + caption) - caption.
    fixed = aspect * (rows - 1) * caption + columns * _GAP
    tile_height = (wide - fixed) / (aspect * rows + columns * tile_aspect)
    overview_height = rows * (tile_height + caption) - caption
    return Layout(
        rows, columns, (aspect * overview_height, overview_height), (tile_height * tile_aspect, tile_height), caption
    )


def lay_out_narrow(aspect: float, tile_aspect: float, tiles: int, lines: int, wide: float) -> Layout:
    """Everything in one grid, the overview first, tiles as small as their figures allow.

    >>> layout = lay_out_narrow(1.5, 1.0, 7, 3, 3.3)
    >>> layout.rows, layout.columns, round(3 * layout.tile[0] + 2 * 0.07, 2)
    (3, 3, 3.3)
    """
    columns = max(1, min(int((wide + _GAP) / (_LEAST + _GAP)), tiles + 1))
    width = (wide - (columns - 1) * _GAP) / columns
    height = width / tile_aspect
    overview = min(width, aspect * height)
    rows = math.ceil((tiles + 1) / columns)
    return Layout(rows, columns, (overview, overview / aspect), (width, height), lines * _LINE + 0.06, True)


def draw(comparison: Comparison, wide: float = WIDTH) -> Figure:
    """The figure of one image; see :func:`draw_all`."""
    return draw_all([comparison], wide)


def draw_all(comparisons: Sequence[Comparison], wide: float = WIDTH) -> Figure:
    """The figure of IMDN Fig. 8 and AIDN Fig. 5: HR with the marked crop, then the crop from HR and every model.

    Under each crop stand PSNR / SSIM of the whole image and of the crop, the best in bold; several images stand below
    each other. Weights that are srbench's own are marked, with a line that says so. ``wide``: inches.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    blocks = [(one, _tiles(one)) for one in comparisons]
    layouts = [_fitting(one, tiles, wide) for one, tiles in blocks]
    marked = any(one.trained_by_us for comparison in comparisons for one in comparison.shown)
    height = sum(layout.height + _GAP for layout in layouts) - _GAP + (1.4 * _LINE if marked else 0)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(wide, height), facecolor="white")
        place = _placer(figure, height)
        top = 0.0
        for (one, tiles), layout in zip(blocks, layouts, strict=True):
            _draw_block(place, top, one, tiles, layout)
            top += layout.height + _GAP
        if marked:
            figure.text(0, 0.3 * _LINE / height, _OURS, fontsize=_SIZE - 0.7, va="bottom", color="#555555")
    return figure


def _fitting(comparison: Comparison, tiles: Sequence[Tile], wide: float) -> Layout:
    """The overview beside the tiles, where these are then wide enough for their figures."""
    aspect = comparison.overview.shape[1] / comparison.overview.shape[0]
    tile_aspect = comparison.crop.width / comparison.crop.height
    lines = len(tiles[0].lines)
    beside = lay_out(aspect, tile_aspect, len(tiles), lines, wide)
    return beside if beside.tile[0] >= _LEAST else lay_out_narrow(aspect, tile_aspect, len(tiles), lines, wide)


def _draw_block(
    place: Callable[..., Axes], top: float, comparison: Comparison, tiles: Sequence[Tile], layout: Layout
) -> None:
    """One image: HR with the marked crop, and the tiles."""
    overview = comparison.overview
    axes = place(0, top, *layout.overview)
    axes.imshow(reduced(overview, 1200), extent=(0, overview.shape[1], overview.shape[0], 0))
    _mark(axes, comparison.crop)
    axes.text(
        0.5,
        -0.05 / layout.overview[1],
        visible(_heading(comparison)),
        parse_math=False,
        transform=axes.transAxes,
        ha="center",
        va="top",
    )
    for index, tile in enumerate(tiles):
        left, down = layout.place_of(index)
        axes = place(left, top + down, *layout.tile)
        axes.imshow(_enlarged(tile.image))
        _caption(axes, tile, layout.tile[1])


def draw_errors(comparison: Comparison) -> Figure:
    """The error maps of the crop on one scale, with a colour bar that names its unit.

    Raises:
        SrbenchError: the comparison has no HR.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    if not comparison.has_hr:
        raise SrbenchError("there are no error maps without an HR image; give --image.")
    errors = {one.name: comparison.crop.of(one.error()) for one in comparison.shown}
    limit = error_limit(errors)
    columns = min(len(errors), 6)
    rows = math.ceil(len(errors) / columns)
    bar = 0.75  # room for the colour bar at the right
    width = min((WIDTH - bar - (columns - 1) * _GAP) / columns, 1.6)
    high = width * comparison.crop.height / comparison.crop.width
    caption = 2 * _LINE + 0.06
    height = rows * (high + caption)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(columns * (width + _GAP) - _GAP + bar, height), facecolor="white")
        place = _placer(figure, height)
        for index, one in enumerate(comparison.shown):
            row, column = divmod(index, columns)
            axes = place(column * (width + _GAP), row * (high + caption), width, high)
            error = errors[one.name]
            drawn = axes.imshow(_enlarged(error), cmap=COLOUR_MAP, vmin=0, vmax=limit)
            _caption(axes, Tile(error, _plain(_title(one), f"mean {error.mean():.2f}")), high)
        bar_axes = place(columns * (width + _GAP), 0, 0.1, height - caption, frame=False)
        colour_bar = figure.colorbar(
            drawn, cax=bar_axes, extend="max", ticks=[0, limit / 4, limit / 2, 3 * limit / 4, limit]
        )
        colour_bar.outline.set_linewidth(0.4)
        bar_axes.tick_params(labelsize=_SIZE - 1, width=0.4, length=2)
        bar_axes.set_ylabel(LABEL_SHORT, fontsize=_SIZE)
    return figure


def save(figure: Figure, path: Path) -> Path:
    """Write a figure as PNG (300 dpi), PDF or SVG by its ending; the same figure gives the same bytes.

    Raises:
        SrbenchError: the file cannot be written.
    """
    import matplotlib as mpl

    undated: dict[str, Any] = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}, ".png": {"Software": None}}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with mpl.rc_context(_STYLE):
            figure.savefig(path, dpi=300, metadata=undated[path.suffix], bbox_inches=_as_wide_as_asked(figure))
    except OSError as error:
        raise SrbenchError(f"cannot write '{path}': {error.strerror}; give another --out.") from error
    return path


def _as_wide_as_asked(figure: Figure) -> Bbox:
    """What is drawn, at the full width of the figure, in inches; wider only where something stands out."""
    from matplotlib.transforms import Bbox

    drawn = figure.get_tightbbox()
    wide = figure.get_figwidth()
    return Bbox.from_extents(min(0.0, drawn.x0), drawn.y0 - 0.03, max(wide, drawn.x1), drawn.y1 + 0.03)


def _placer(figure: Figure, height: float) -> Callable[..., Axes]:
    """A function that makes axes at (left, top) inches from the upper left corner."""
    width = figure.get_figwidth()

    def place(left: float, top: float, wide: float, high: float, frame: bool = True) -> Axes:
        axes = figure.add_axes((left / width, 1 - (top + high) / height, wide / width, high / height))
        if frame:
            axes.set_xticks([])
            axes.set_yticks([])
            for spine in axes.spines.values():
                spine.set_linewidth(0.4)
        return axes

    return place


def _tiles(comparison: Comparison) -> list[Tile]:
    crop = comparison.crop
    if comparison.source.hr is None:
        first = Tile(crop.of(comparison.enlarged_lr), _plain("LR (pixels)"))
        return [first, *(Tile(crop.of(one.sr), _plain(_title(one))) for one in comparison.shown)]
    best = best_of(comparison.shown)
    tiles = [Tile(crop.of(comparison.source.hr), _plain("HR", titles(comparison), "of this crop"))]
    for one in comparison.shown:
        figures = (_parts(one, part, best) for part in ("whole", "crop"))
        tiles.append(Tile(crop.of(one.sr), (((_title(one), False),), *figures)))
    return tiles


def _title(one: Shown) -> str:
    return f"{one.title} {_SIGN}" if one.trained_by_us else one.title


def titles(comparison: Comparison) -> str:
    """What the figures under the crops are: ``PSNR / SSIM``."""
    first = next((one.whole for one in comparison.shown if one.whole is not None), None)
    return " / ".join(get_quantity(name).title for name in first.values) if first else ""


def _plain(*lines: str) -> tuple[tuple[Part, ...], ...]:
    return tuple(((line, False),) for line in lines)


def _parts(one: Shown, part: str, best: set[tuple[str, str, str]]) -> tuple[Part, ...]:
    quality: Quality = getattr(one, part)
    parts: list[Part] = []
    for name, text in quality.texts():
        parts += [(" / ", False)] if parts else []
        parts.append((text, (one.name, part, name) in best))
    return tuple(parts)


def _heading(comparison: Comparison) -> str:
    what = comparison.source.name if comparison.has_hr else f"{comparison.source.name} (LR only, shown by bicubic)"
    return f"{what}, ×{comparison.scale}"


def _caption(axes: Axes, tile: Tile, height: float) -> None:
    """The lines of a tile, centred under axes of ``height`` inches."""
    from matplotlib.offsetbox import AnnotationBbox, HPacker, TextArea

    for index, line in enumerate(tile.lines):
        looks = {"color": "black" if index < 2 else "#555555", "size": _SIZE if index == 0 else _SIZE - 0.7}
        words: list[Artist] = [
            TextArea(visible(text), textprops={**looks, "parse_math": False, "weight": "bold" if bold else "normal"})
            for text, bold in line
        ]
        box = AnnotationBbox(
            HPacker(children=words, pad=0, sep=0, align="baseline"), (0.5, -(0.05 + index * _LINE) / height),
            xycoords="axes fraction", box_alignment=(0.5, 1), frameon=False, pad=0, annotation_clip=False,
        )  # fmt: skip
        axes.add_artist(box)


def _mark(axes: Axes, crop: Crop) -> None:
    from matplotlib.patches import Rectangle

    for colour, width in (("black", 2.2), (_MARK, 1.1)):
        axes.add_patch(Rectangle((crop.x, crop.y), crop.width, crop.height, fill=False, ec=colour, lw=width))


def _enlarged(image: NDArray[Any]) -> NDArray[Any]:
    """Every pixel repeated, so that viewers which smooth small pictures still show its square."""
    factor = max(1, math.ceil(480 / max(image.shape[:2])))
    return image.repeat(factor, 0).repeat(factor, 1)


def reduced(image: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """A large overview reduced to what 300 dpi can show."""
    if max(image.shape[:2]) <= longest:
        return image
    ratio = longest / max(image.shape[:2])
    smaller: NDArray[np.uint8] = imresize(image, (round(image.shape[0] * ratio), round(image.shape[1] * ratio)))
    return smaller
