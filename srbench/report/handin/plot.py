"""The figure of a paper out of entries: any quantity on either axis, a third as bubbles, printed points hollow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srbench.errors import SrbenchError
from srbench.quantities import DEFAULT_QUALITY, Quantity, get_quantity
from srbench.report import figures
from srbench.report.figure_data import axis_label
from srbench.report.figures import Dot
from srbench.report.handin.entries import Entry, find, is_finite
from srbench.report.look import Look
from srbench.report.numbers import plain_number
from srbench.results.collection import Results
from srbench.results.record import CostRecord

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawn


@dataclass(frozen=True)
class PlotSpec:
    """What is drawn.

    Attributes:
        x: quantity of the horizontal axis.
        y: quantity of the vertical axis.
        area: quantity that bubbles stand for; "" for none.
        scale: that the points are of; None: 4 where it is there, else the largest.
        dataset: title of the test set; None: the first.
        log_x: logarithmic or not; None: where the values span more than a factor of 3.
        log_y: logarithmic or not.
        front: whether the Pareto front is drawn.
        highlight: methods that stand out.
        width: in inches.
        height: in inches; None: two thirds of the width.
        style: a matplotlib style file or the name of a style.
    """

    x: str = "params"
    y: str = DEFAULT_QUALITY[0]
    area: str = ""
    scale: int | None = None
    dataset: str | None = None
    log_x: bool | None = None
    log_y: bool = False
    front: bool = True
    highlight: tuple[str, ...] = ()
    width: float = 6.4
    height: float | None = None
    style: str | None = None


@dataclass(frozen=True)
class Plot:
    """A figure, the points in it, and sentences about what is not in it."""

    figure: Drawn
    dots: tuple[Dot, ...]
    notes: tuple[str, ...]
    scale: int
    dataset: str

    def __repr__(self) -> str:
        return f"<Plot of {len(self.dots)} points, x{self.scale}, {self.dataset}>"

    def _repr_html_(self) -> str:
        return figures.svg(self.figure)

    def bytes_of(self, ending: str) -> bytes:
        """The file's content; ``ending`` is pdf, svg or png.

        Raises:
            SrbenchError: another ending.
        """
        if ending == "svg":
            return figures.svg(self.figure).encode()
        if ending not in ("pdf", "png"):
            raise SrbenchError(f"figures are written as pdf, svg or png, not '{ending}'; give such an ending.")
        return figures.pdf(self.figure) if ending == "pdf" else figures.png(self.figure)


_Setting = tuple[str, str, tuple[int, int]]


def timing_setting(results: Results, quantity: str, scale: int) -> tuple[dict[str, float], _Setting | None]:
    """Values by model, of the one machine, device and input size that most models were timed on."""
    timed = [cost for cost in results.costs if cost.scale == scale and quantity in cost.values]

    def setting(cost: CostRecord) -> _Setting:
        return cost.machine, cost.device, cost.input_size

    counts = Counter(map(setting, timed))
    if not counts:
        return {}, None
    most = max(counts, key=lambda one: (counts[one], one))
    return {cost.model.name: cost.values[quantity] for cost in timed if setting(cost) == most}, most


def draw(known: Sequence[Entry], printed: Sequence[Entry], results: Results, spec: PlotSpec) -> Plot:
    """Draw measured and printed entries.

    Raises:
        SrbenchError: an unknown quantity, nothing to draw, or a value that a logarithmic axis cannot show.
    """
    chosen = [get_quantity(name) for name in (spec.x, spec.y, *([spec.area] if spec.area else []))]
    entries = (*known, *printed)
    if not entries:
        raise SrbenchError("there is nothing to draw: no results and no --published rows; give folders of results.")
    scale = spec.scale or _scale(entries)
    dataset = spec.dataset or _dataset(entries, scale)
    stand_out = {id(entry) for name in spec.highlight for entry in find(entries, name)}
    values = _Values(results, scale, dataset)
    dots: list[Dot] = []
    without: dict[str, list[str]] = {}
    for entry in entries:
        at = [values.of(entry, quantity) for quantity in chosen]
        missing = [quantity.title for quantity, value in zip(chosen, at, strict=True) if value is None]
        numbers = [value for value in at if value is not None]
        if missing:
            if scale in entry.scales:
                without.setdefault(" and ".join(missing), []).append(entry.title)
            continue
        kind = "published" if entry.printed_in else "measured"
        area = numbers[2] if len(numbers) > 2 else None
        dots.append(Dot(entry.title, numbers[0], numbers[1], kind, entry.trained_by_us, area, id(entry) in stand_out))  # type: ignore[arg-type]
    if not dots:
        raise SrbenchError(
            f"no method has {' and '.join(quantity.title for quantity in chosen)} at x{scale} on {dataset}; "
            "give other quantities, another --scale or --dataset."
        )
    look = _look(dots, chosen, spec)
    figure = figures.scatter(dots, values.label(chosen[0]), values.label(chosen[1]), look=look)
    shown = {text.get_text() for text in figure.texts}
    notes = [f"no point without {what} at x{scale}: {', '.join(names)}" for what, names in without.items()]
    notes += [f"there is no room for the label of {dot.label}" for dot in dots if dot.label not in shown]
    return Plot(figure, tuple(dots), tuple(dict.fromkeys(notes)), scale, dataset)


@dataclass(frozen=True)
class _Values:
    results: Results
    scale: int
    dataset: str

    def of(self, entry: Entry, quantity: Quantity) -> float | None:
        if quantity.needs == "timing":
            if entry.printed_in:  # another machine's
                return None
            found = timing_setting(self.results, quantity.name, self.scale)[0].get(entry.name)
        else:
            figure = entry.at(self.scale, self.dataset if quantity.of_images else "", quantity.name)
            found = figure.value if figure is not None and is_finite(figure) else None
        return None if found is None else found / quantity.stored_per_unit

    def label(self, quantity: Quantity) -> str:
        text = axis_label(quantity)
        if quantity.of_images:
            return f"{text}, {self.dataset} ×{self.scale}"
        setting = timing_setting(self.results, quantity.name, self.scale)[1] if quantity.needs == "timing" else None
        return text if setting is None else f"{text}, LR {setting[2][1]}×{setting[2][0]}, {setting[1]}"


def _scale(entries: Sequence[Entry]) -> int:
    scales = {scale for entry in entries for scale in entry.scales}
    return 4 if 4 in scales else max(scales)


def _dataset(entries: Sequence[Entry], scale: int) -> str:
    titles = Counter(spot.dataset for entry in entries for spot in entry.figures if spot.scale == scale)
    return next((title for title, _ in titles.most_common() if title), "")


def _look(dots: Sequence[Dot], chosen: Sequence[Quantity], spec: PlotSpec) -> Look:
    xs = [dot.x for dot in dots]
    log_x = spec.log_x if spec.log_x is not None else min(xs) > 0 and max(xs) / min(xs) > 3
    for log, values, name in ((log_x, xs, "x"), (spec.log_y, [dot.y for dot in dots], "y")):
        if log and min(values) <= 0:
            raise SrbenchError(f"a logarithmic {name} axis cannot show {min(values):g}; use --linear-{name}.")
    area = ""
    if len(chosen) > 2:
        largest = max(dot.area or 0.0 for dot in dots)
        unit = f" {chosen[2].unit}" if chosen[2].unit else ""
        area = f"area: {chosen[2].title}, largest {plain_number(float(f'{largest:.3g}'))}{unit}"
    return Look(
        size=(spec.width, spec.height or round(spec.width * (4.2 / 6.4 if spec.width >= 5 else 0.85), 3)),
        log_x=log_x,
        log_y=spec.log_y,
        x_lower=chosen[0].direction != "higher",
        y_lower=chosen[1].direction == "lower",
        front=spec.front,
        style=spec.style,
        area_label=area,
    )
