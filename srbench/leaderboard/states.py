"""Published cells beside measured ones: what is reproduced, what is off, what is only printed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from srbench.evaluation.costs import CONVENTIONS
from srbench.leaderboard import causes, measured, published
from srbench.leaderboard.causes import UNKNOWN_WORDS, Way, networks, quality_cause
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import Table
from srbench.leaderboard.values import within_rounding
from srbench.quantities import DEFAULT_QUALITY
from srbench.results import trust
from srbench.results.collection import CHALLENGE_SIZE, hr720_size

if TYPE_CHECKING:
    import pandas as pd

State = Literal[
    "reproduced", "off", "not comparable", "dataset not measured", "weights unavailable", "cost only", "published only"
]
STATES: tuple[State, ...] = get_args(State)

QUALITY = DEFAULT_QUALITY
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

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        self.quality: dict[Key, dict[str, Any]] = {}
        self.cost: dict[Key, dict[str, Any]] = {}
        self.without_weights: dict[Key, str] = {}
        self.answered: set[Key] = set()
        self.ways: dict[Key, dict[Way, dict[str, float]]] = {}
        for row in sorted(rows, key=lambda r: (_ORIGINS.index(r["origin"]), r["lr"] != "imresize", r["file"])):
            model = (row["model"], int(row["scale"]))
            if not row["dataset"]:
                self.cost.setdefault((*model, row["metric"], row["convention"], row["input_size"]), row)
                self.without_weights.setdefault(model, "no weights")
            elif row["origin"] == "bundled":  # our own training answers no paper's number
                if model not in self.answered:
                    self.without_weights[model] = BUNDLED_REASON
            elif not _given(row["limit"]) and _given(row["number"]):
                self.answered.add(model)
                protocol = row["protocol"].partition("@")[0]
                way = Way(row["dataset"], row["lr"], row["protocol"])
                of_dataset = self.ways.setdefault((*model, row["dataset"].partition("@")[0]), {})
                of_dataset.setdefault(way, {})[row["metric"]] = float(row["number"])
                made = "double" if row["lr"] == "double" else "imresize"  # LR files were made as imresize makes them
                self.quality.setdefault((*model, row["dataset"], made, protocol, row["metric"]), row)


NOT_MEASURED = {
    "lpips": "LPIPS depends on a network that the paper does not name; lpips-alex@1 and lpips-vgg@1 name theirs",
}
RETRAINED = "another training, says the caption; its weights were not released"
READING = "our network of this row is a reading of what the text leaves open"
BUNDLED_REASON = "not measured with the authors' weights; what our own training gives is in the report common-recipe"


def _given(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def compare(
    keys: Iterable[str] | None = None,
    *,
    folder: Path | None = None,
    root: Path | None = None,
    read: trust.Believed | None = None,
) -> tuple[Comparison, ...]:
    """Set every published cell of the papers ``keys`` (default: all) beside our result.

    A quality cell is *reproduced* when the measured mean rounds to the printed digits, *off* otherwise, with the
    computed cause or the words "cause unknown"; *dataset not measured* when its model has released weights that were
    not measured on these images; *weights unavailable* when the registered model has none; *not comparable* when the
    table says that it is another training, or the network is our reading of what a text leaves open. A cost cell is
    compared under its table's convention and input size; one that results do not hold is counted now. All else is
    *published only*, with the reason. *cost only* is a state of rows, see :func:`row_states`. ``read`` is what
    :func:`srbench.results.trust.read` gives of the folder, where that is known.

    Raises:
        SrbenchError: unknown paper, or data or results that cannot be read.
    """
    index = _Index(measured.rows(measured.records(folder, read)))
    tables = {(p.key, t.id): t for p in published.papers(root) for t in p.tables}
    cells = published.cells(keys, root=root)
    found = [_compare_cell(c, tables[c.paper, c.table], index) for c in cells]
    return _with_causes(found, index, root)


def _with_causes(found: list[Comparison], index: _Index, root: Path | None) -> tuple[Comparison, ...]:
    """The cells with the cause of every one that is off as its reason; the paper's note stays behind it."""
    off = [c for c in found if c.state == "off"]
    texts: dict[PrintedCell, str] = {}
    rows: dict[Key, list[Comparison]] = {}
    for c in found:
        cell = c.printed.cell
        if cell.metric in QUALITY and c.measured is not None:
            key = (c.printed.paper, c.printed.table, cell.row_index, cell.model, cell.scale, cell.dataset)
            rows.setdefault(key, []).append(c)
    for (_, _, _, model, scale, dataset), of_row in rows.items():
        if any(c.state == "off" for c in of_row):
            printed = {c.printed.cell.metric: c.printed.value for c in of_row}
            ours = {c.printed.cell.metric: float(c.measured) for c in of_row if c.measured is not None}
            cause = quality_cause(printed, ours, index.ways.get((model, scale, dataset), {}).items())
            texts.update((c.printed, cause.text) for c in of_row)
    for paper, table in dict.fromkeys((c.printed.paper, c.printed.table) for c in off if c.printed not in texts):
        texts.update((cell, cause.text) for cell, cause in causes.of_table(paper, table, root).items())
    return tuple(_with_cause(c, texts.get(c.printed, UNKNOWN_WORDS)) if c.state == "off" else c for c in found)


def _with_cause(comparison: Comparison, text: str) -> Comparison:
    return replace(comparison, reason="; ".join(filter(None, (text, comparison.reason))))


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
    dataset, protocol = images.dataset(cell.dataset), table.protocol_of(cell.model)
    row = index.quality.get((cell.model, cell.scale, dataset, images.lr, protocol, cell.metric))
    if row is not None:
        found = _judge(printed, float(row["number"]), row, _quality_reason(printed, row))
        return replace(found, state="not comparable", reason=RETRAINED) if table.retrained else found
    if (cell.model, cell.scale) in index.answered or _has_weights(cell.model, cell.scale):
        once = " with LR rounded once" if images.lr == "double" else ""
        reason = f"{dataset or 'this'}{once} has not been measured under {protocol or 'the protocol of this table'}"
        return Comparison(printed, "dataset not measured", reason)
    missing = index.without_weights.get((cell.model, cell.scale), "no released or bundled weights are known")
    return Comparison(printed, "weights unavailable", missing)


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
    if cell.row in table.readings:
        return Comparison(printed, "not comparable", READING)
    row = index.cost.get(key)
    if row is None:
        return _counted(printed, table)
    number = float(row["number"])
    if cell.metric == "macs_per_pixel" and size and cell.scale:
        number /= math.prod(size) * cell.scale**2
    return _judge(printed, number, row, cell.note)


def _counted(printed: PrintedCell, table: Table) -> Comparison:
    """A cost counted now, on the registered network, where its convention or size is none that results hold."""
    wanted = causes.wanted_of(printed, table.cost)
    if wanted is None or wanted.metric == "params" or _held_by_results(wanted):
        return Comparison(printed, "published only", "the cost has not been measured")
    return _judge(printed, networks.value(wanted, printed.cell.model), None, printed.cell.note)


def _held_by_results(wanted: causes.Wanted) -> bool:
    return wanted.convention in CONVENTIONS and wanted.size in (CHALLENGE_SIZE, hr720_size(wanted.scale))


def _judge(printed: PrintedCell, number: float, row: dict[str, Any] | None, reason: str) -> Comparison:
    value = printed.value
    difference = number - value.number
    if within_rounding(number, value.number, value.quantum):
        return Comparison(printed, "reproduced", "", number, difference, row)
    return Comparison(printed, "off", reason, number, difference, row)


@lru_cache(maxsize=256)
def _has_weights(model: str, scale: int | None) -> bool:
    """Whether the registry knows released weights of the model at this scale (at any, for None), or it needs none."""
    from srbench.errors import SrbenchError
    from srbench.models.registry import get_card

    try:
        card = get_card(model)
    except SrbenchError:
        return False
    return card.network is None or any(w.origin == "released" and scale in (w.scale, None) for w in card.weights)


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

    "off" if any quality cell is off, else "reproduced" if any is, "cost only" if only costs could be compared, else
    the first of "not comparable", "dataset not measured" and "weights unavailable" that a cell has, else "published
    only".
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
    if any(c.measured is not None for c in found if c.state != "not comparable"):
        return "cost only" if quality else ("off" if any(c.state == "off" for c in found) else "reproduced")
    others: tuple[State, ...] = ("not comparable", "dataset not measured", "weights unavailable")
    return next((state for state in others if any(c.state == state for c in found)), "published only")
