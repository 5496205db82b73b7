"""Published cells beside measured ones: what is reproduced, what is off, what is only printed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from srbench.leaderboard import measured, published
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import Table
from srbench.leaderboard.values import rounding_that_gives, within_rounding

if TYPE_CHECKING:
    import pandas as pd

State = Literal["reproduced", "off", "weights unavailable", "cost only", "published only"]
STATES: tuple[State, ...] = ("reproduced", "off", "weights unavailable", "cost only", "published only")

QUALITY = ("psnr", "ssim")
COSTS = ("params", "macs", "activations", "num_conv")
_ORIGINS = ("", "not needed", "released", "user", "bundled")
"""Of weights, the most original first; costs have none."""


@dataclass(frozen=True)
class Comparison:
    """A published cell's state. ``difference`` is measured - printed in the cell's unit, or None."""

    printed: PrintedCell
    state: State
    reason: str = ""
    measured: float | None = None
    difference: float | None = None
    source: dict[str, Any] | None = None


Key = tuple[Any, ...]


class _Index:
    """Measured rows by what a published cell asks for; of several the most original one wins."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.quality: dict[Key, dict[str, Any]] = {}
        self.cost: dict[Key, dict[str, Any]] = {}
        self.without_weights: dict[Key, str] = {}
        answered: set[Key] = set()
        rows: list[dict[Any, Any]] = frame.to_dict("records")
        for row in sorted(rows, key=lambda r: (_ORIGINS.index(r["origin"]), r["lr"] != "imresize", r["file"])):
            model = (row["model"], int(row["scale"]))
            if not row["dataset"]:
                self.cost.setdefault((*model, row["metric"], row["convention"], row["input_size"]), row)
                self.without_weights.setdefault(model, "no weights")
            elif row["origin"] == "bundled":  # our own training answers no paper's number
                if model not in answered:
                    self.without_weights[model] = BUNDLED_REASON
            else:
                answered.add(model)
                self.without_weights.pop(model, None)
                if not _given(row["limit"]) and _given(row["number"]):
                    protocol = row["protocol"].partition("@")[0]
                    made = "double" if row["lr"] == "double" else "imresize"  # LR files were made as imresize does
                    self.quality.setdefault((*model, row["dataset"], made, protocol, row["metric"]), row)


NOT_MEASURED = {
    "lpips": "LPIPS is the distance of features of a network; its weights have no public file that is pinned here",
}
BUNDLED_REASON = "not measured with the authors' weights; what our own training gives is in the report common-recipe"


def _given(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def compare(
    keys: Iterable[str] | None = None, *, folder: Path | None = None, root: Path | None = None
) -> tuple[Comparison, ...]:
    """Set every published cell of the papers ``keys`` (default: all) beside our result.

    A quality cell is *reproduced* when the measured mean rounds to the printed digits, *off*
    otherwise (with the reason that the records give), *weights unavailable* when its registered
    model has none that we could use. A cost cell is compared under its table's convention and
    input size. Everything else is *published only*, with the reason. *cost only* is a state of
    rows, see :func:`row_states`.

    Raises:
        SrbenchError: unknown paper, or data or results that cannot be read.
    """
    index = _Index(measured.load(folder))
    tables = {(p.key, t.id): t for p in published.papers(root) for t in p.tables}
    return tuple(_compare_cell(c, tables[c.paper, c.table], index) for c in published.cells(keys, root=root))


def _compare_cell(printed: PrintedCell, table: Table, index: _Index) -> Comparison:
    cell = printed.cell
    if not printed.value.is_number:
        return Comparison(printed, "published only", "no number is printed")
    if not cell.model:
        return Comparison(printed, "published only", "the network is not registered")
    if cell.metric in QUALITY:
        return _compare_quality(printed, table, index)
    if cell.metric in COSTS or cell.metric == "macs_per_pixel":
        return _compare_cost(printed, table, index)
    if cell.metric in ("runtime", "memory"):
        return Comparison(printed, "published only", f"taken on {table.hardware_as_printed or 'hardware not named'}")
    return Comparison(printed, "published only", NOT_MEASURED.get(cell.metric, "not a quantity we measure"))


def _compare_quality(printed: PrintedCell, table: Table, index: _Index) -> Comparison:
    cell = printed.cell
    images = table.images_of(cell.dataset)
    dataset = images.dataset(cell.dataset)
    row = index.quality.get((cell.model, cell.scale, dataset, images.lr, table.protocol, cell.metric))
    if row is not None:
        return _judge(printed, float(row["number"]), row, _quality_reason(printed, row))
    missing = index.without_weights.get((cell.model, cell.scale))
    if missing is None and not _has_weights(cell.model, cell.scale):
        missing = "no released or bundled weights are known"
    if missing is not None:
        return Comparison(printed, "weights unavailable", missing)
    once = " with LR rounded once" if images.lr == "double" else ""
    said = f"{dataset}{once} has not been measured under {table.protocol or 'this protocol'}"
    return Comparison(printed, "published only", said)


def _quality_reason(printed: PrintedCell, row: dict[str, Any]) -> str:
    reasons = []
    if row["lr"] == "files":
        reasons.append("LR images from files")
    reasons.extend(filter(None, (row["substitutions"], printed.cell.note)))
    return "; ".join(reasons)


def _compare_cost(printed: PrintedCell, table: Table, index: _Index) -> Comparison:
    cell = printed.cell
    size = table.cost.size_at(cell.scale) if table.cost and cell.scale else None
    key: Key
    if cell.metric == "params":
        key = (cell.model, cell.scale, "params", "", "")
    elif table.cost is None or size is None:
        return Comparison(printed, "published only", "the paper gives neither convention nor input size")
    else:
        metric = "macs" if cell.metric == "macs_per_pixel" else cell.metric
        key = (cell.model, cell.scale, metric, table.cost.convention, "{}x{}".format(*size))
    row = index.cost.get(key)
    if row is None:
        return Comparison(printed, "published only", "the cost has not been measured")
    number = float(row["number"])
    if cell.metric == "macs_per_pixel" and size and cell.scale:
        number /= math.prod(size) * cell.scale**2
    how = rounding_that_gives(number, printed.value.number, printed.value.quantum)
    return _judge(printed, number, row, f"the printed digits are {how}" if how else cell.note)


def _judge(printed: PrintedCell, number: float, row: dict[str, Any], reason: str) -> Comparison:
    value = printed.value
    difference = number - value.number
    if within_rounding(number, value.number, value.quantum):
        return Comparison(printed, "reproduced", "", number, difference, row)
    return Comparison(printed, "off", reason, number, difference, row)


@lru_cache(maxsize=256)
def _has_weights(model: str, scale: int | None) -> bool:
    """Whether the registry knows weights of the model at this scale, or needs none; unknown models have none."""
    from srbench.errors import SrbenchError
    from srbench.models.registry import get_card

    try:
        card = get_card(model)
    except SrbenchError:
        return False
    return card.network is None or any(w.scale == scale for w in card.weights)


def load(keys: Iterable[str] | None = None, *, folder: Path | None = None, root: Path | None = None) -> pd.DataFrame:
    """The DataFrame of :func:`srbench.leaderboard.published.load` with our results beside it.

    Added columns: state, reason, measured (float, NaN where there is none), difference (measured -
    printed), file, machine, command, weights.
    """
    import pandas as pd

    names = None if keys is None else list(keys)
    frame = published.load(names, root=root)
    found = compare(names, folder=folder, root=root)
    frame["state"] = [c.state for c in found]
    frame["reason"] = [c.reason for c in found]
    frame["measured"] = pd.Series([math.nan if c.measured is None else c.measured for c in found], dtype="float64")
    frame["difference"] = pd.Series(
        [math.nan if c.difference is None else c.difference for c in found], dtype="float64"
    )
    for column in ("file", "machine", "command", "weights"):
        frame[column] = [str(c.source[column]) if c.source else "" for c in found]
    return frame


def row_states(comparisons: Iterable[Comparison]) -> dict[tuple[str, str, int, int | None], State]:
    """One state per printed row (paper, table, row_index, scale), the most telling one.

    "off" if any cell is off, else "reproduced" if any quality cell is, "cost only" if only costs
    could be compared, else "weights unavailable" or "published only".
    """
    rows: dict[tuple[str, str, int, int | None], list[Comparison]] = {}
    for c in comparisons:
        rows.setdefault((c.printed.paper, c.printed.table, c.printed.cell.row_index, c.printed.cell.scale), []).append(
            c
        )
    return {key: _row_state(found) for key, found in rows.items()}


def _row_state(found: list[Comparison]) -> State:
    quality = [c for c in found if c.printed.cell.metric in QUALITY]
    if any(c.state == "off" for c in quality):
        return "off"
    if any(c.state == "reproduced" for c in quality):
        return "reproduced"
    if any(c.measured is not None for c in found):
        return "cost only" if quality else ("off" if any(c.state == "off" for c in found) else "reproduced")
    if any(c.state == "weights unavailable" for c in quality):
        return "weights unavailable"
    return "published only"
