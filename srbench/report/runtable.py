"""From results to the table of a run: a group per protocol and scale, rows of model x weights, columns of datasets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from srbench.datasets.facts import dataset_facts, dataset_title
from srbench.leaderboard.ranking import best_and_second
from srbench.quantities import CONVENTIONS, DEFAULT_QUALITY, Quantity, counted_as, get_quantity, quantities
from srbench.report.cost_columns import CostColumn, Size, cost_column, size_label
from srbench.results.collection import CHALLENGE_SIZE, Results, cost_at, hr720_size, network_of
from srbench.results.record import ENSEMBLE_VIEWS, NO_WEIGHTS, CostRecord, QualityRecord, WeightsRef
from srbench.results.words import OTHER_FORM, remarks

Mark = Literal["", "best", "second"]


@dataclass(frozen=True)
class Column:
    """One set of image pairs. ``label`` says what sets it apart (given LR files, a limit, other pixels)."""

    dataset: str
    lr: str
    limit: int | None
    images: int
    sha256: str
    label: str = ""


@dataclass(frozen=True)
class Value:
    """Quality in one column."""

    record: QualityRecord

    def of(self, quantity: str) -> float | None:
        """The value of a quantity, ``math.inf`` for identical images where it is infinite; None: not measured."""
        return self.record.value(quantity)


@dataclass(frozen=True)
class Counting:
    """What the one column of multiply-accumulates shows: a counted quantity at one input size."""

    quantity: Quantity
    size: Size
    scale: int

    @property
    def label(self) -> str:
        """How it was counted, e.g. ``HR 1280x720, convention macs``."""
        return f"{size_label(self.size, self.scale)}, convention {self.quantity.convention}"


@dataclass(frozen=True)
class Count:
    """The figure of one row in that column: that of one pass, times the passes that an image takes."""

    counting: Counting
    record: CostRecord
    passes: int = 1

    @property
    def value(self) -> float:
        """The count."""
        return self.record.values[self.counting.quantity.name] * self.passes

    @property
    def padded(self) -> bool:
        """Whether it was counted at a larger size than the one asked for."""
        return self.record.padded_from is not None

    @property
    def text(self) -> str:
        """As tables print it; with the input size where the network takes none but a larger one."""
        text = self.counting.quantity.text(self.value)
        if self.record.uncounted.get(self.counting.quantity.convention):  # an operator that nothing is known of
            text = f"≥{text}"
        if self.record.padded_from is None:
            return text
        height, width = self.record.input_size
        return f"{text} (LR {width}x{height})"


@dataclass(frozen=True)
class Row:
    """One model with one set of weights in one group; ``records`` are empty where only costs are known.

    ``apart`` is what sets it apart from the plain network. With the self-ensemble ``macs``
    are of all its passes; ``costs`` are always of one.
    """

    key: str
    model: str
    network_title: str
    paper: str
    year: int
    source_sha256: str
    weights: WeightsRef
    costs: tuple[CostRecord, ...]
    macs: Count | None
    values: tuple[Value | None, ...]
    records: tuple[QualityRecord, ...]
    missing: tuple[str, ...]
    apart: str = ""

    @property
    def title(self) -> str:
        """The title of the network with what sets this row apart."""
        return self.network_title + self.apart

    @property
    def machines(self) -> tuple[str, ...]:
        """Ids of the machines its quality was measured on; where there is none, its costs."""
        return tuple(dict.fromkeys(record.machine for record in (self.records or self.costs)))

    @property
    def remarks(self) -> tuple[tuple[str, str, str], ...]:
        """(label, pill, sentence) of what was used instead of what was asked for, and of what is doubtful."""
        found = [one for record in (self.records or self.costs) for one in remarks(record)]
        if self.records and self.macs is not None:  # a network of several forms: which one the costs are of
            found += [one for one in remarks(self.macs.record) if one[0] == OTHER_FORM]
        return tuple(dict.fromkeys(found))

    @property
    def parameters(self) -> float | None:
        """Parameters of the network; None where they were not counted."""
        return self.cost("params")

    def cost(self, quantity: str, size: Size | None = None) -> float | None:
        """The value of a cost, at one size asked for if given; None where it was not measured."""
        found = cost_at(self.costs, quantity, size)
        return None if found is None else found.values[quantity]


@dataclass(frozen=True)
class Group:
    """Rows that may be compared: one protocol, one scale. ``protocol`` is "" where only costs are known."""

    protocol: str
    parameters: dict[str, object]
    scale: int
    quantities: tuple[Quantity, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    marks: dict[tuple[int, int, str], Mark] = field(default_factory=dict)
    costs: tuple[CostColumn, ...] = ()

    @property
    def ident(self) -> str:
        """An id for anchors, e.g. ``y-matlab-1-x4``."""
        return slug(f"{self.protocol or 'costs'}-x{self.scale}")

    @property
    def caption(self) -> str:
        """Scale and protocol in words."""
        return f"Scale ×{self.scale}, " + (f"protocol {self.protocol}" if self.protocol else "costs only")

    @property
    def has_second(self) -> bool:
        """Whether any column marks a second best."""
        return "second" in self.marks.values()

    @cached_property
    def counting(self) -> Counting | None:
        """What the column of multiply-accumulates shows, if any row has it."""
        return next((row.macs.counting for row in self.rows if row.macs), None)

    def mark(self, row: int, column: int, quantity: str) -> Mark:
        """Whether the value is the best or the second best of its column."""
        return self.marks.get((row, column, quantity), "")


def slug(text: str) -> str:
    """Letters, digits and dashes only, for ids in HTML.

    >>> slug("user:my net.pth@1")
    'user-my-net-pth-1'
    """
    return "-".join("".join(char if char.isalnum() else " " for char in text).split()).lower()


def column_marks(values: Sequence[float | None], quantity: Quantity) -> list[Mark]:
    """Mark the best and the second best of a column as printed; equal prints share a mark.

    After a tie for the best the next value is second best. Of two values only the best is marked, of one none, nor
    where no direction is better.

    >>> column_marks([32.214, 32.206, None, 32.16], get_quantity(DEFAULT_QUALITY[0]))
    ['best', 'best', '', 'second']
    """
    shown = [None if value is None else quantity.rounded(value) for value in values]
    known = sum(value is not None for value in shown)
    if known < 2 or quantity.direction == "none":
        return [""] * len(shown)
    places = best_and_second(shown, higher_is_better=quantity.direction == "higher")
    return [place if place == "best" or (place and known > 2) else "" for place in places]


def measured_quantities(records: Iterable[QualityRecord]) -> tuple[Quantity, ...]:
    """The quantities that any of the records has a value of: the field's usual ones first, then as registered."""
    names = {name for record in records for name in record.values}
    order = list(dict.fromkeys((*DEFAULT_QUALITY, *(quantity.name for quantity in quantities()))))
    return tuple(get_quantity(name) for name in order if name in names)


def groups(results: Results, costs: Sequence[str] = ()) -> tuple[Group, ...]:
    """Arrange results by protocol and scale; the order of the input does not matter.

    Models of which only costs are known stand in the first group of their scale. ``costs`` names further columns.
    """
    quality = sorted(results.quality, key=lambda record: _record_order(record, results))
    keys = {(record.protocol_id, record.scale) for record in quality}
    weightless: dict[int, list[CostRecord]] = {}
    for cost in results.without_quality():
        weightless.setdefault(cost.scale, []).append(cost)
    scales = {scale for _, scale in keys}
    keys |= {("", scale) for scale in weightless if scale not in scales}
    found = []
    for protocol, scale in sorted(keys, key=_group_order):
        records = [r for r in quality if (r.protocol_id, r.scale) == (protocol, scale)]
        group = _group((protocol, scale), records, weightless.pop(scale, []), results)
        columns = tuple(cost_column(get_quantity(name), group) for name in costs)
        found.append(replace(group, costs=columns) if columns else group)
    return tuple(found)


def _group_order(key: tuple[str, int]) -> tuple[bool, str, int]:
    return (not key[0].startswith("y-matlab@"), key[0], key[1])


def _record_order(record: QualityRecord, results: Results) -> tuple[object, ...]:
    return (
        record.model.year,
        _params(results.costs_of(record)),
        record.model.name,
        record.weights.name,
        record.weights.sha256 or "",
        record.model.source_sha256,
        record.apart,
        record.dataset.name,
        record.created,
        record.command,
    )


def _params(costs: Sequence[CostRecord]) -> float:
    found = cost_at(costs, "params")
    return 0.0 if found is None else found.values["params"]


_DataKey = tuple[str, str, "int | None", int, str]


def _data_key(record: QualityRecord) -> _DataKey:
    data = record.dataset
    return data.name, data.lr, data.limit, data.images, data.sha256


def _columns(records: Sequence[QualityRecord]) -> tuple[Column, ...]:
    refs = {_data_key(record) for record in records}
    known = list(dataset_facts())

    def order(ref: _DataKey) -> tuple[object, ...]:
        name = ref[0].lower()
        place = known.index(name) if name in known else len(known)
        return (place, name, ref[1] != "imresize", ref[2] is not None, ref[2] or 0, ref[4])

    found = [Column(*ref) for ref in sorted(refs, key=order)]
    return tuple(Column(c.dataset, c.lr, c.limit, c.images, c.sha256, _column_label(c, found)) for c in found)


def _column_label(column: Column, every: Sequence[Column]) -> str:
    parts = [dataset_title(column.dataset)]
    if column.limit is not None:
        parts.append(f"first {column.images}")
    if column.lr != "imresize":
        parts.append({"files": "given LR", "double": "LR rounded once"}.get(column.lr, column.lr))
    same = [c for c in every if (c.dataset, c.lr, c.limit) == (column.dataset, column.lr, column.limit)]
    if len(same) > 1:
        parts.append(f"data {column.sha256[:8]}")
    return parts[0] + (f" ({', '.join(parts[1:])})" if parts[1:] else "")


def _group(
    key: tuple[str, int], records: Sequence[QualityRecord], weightless: Sequence[CostRecord], results: Results
) -> Group:
    columns = _columns(records)
    by_row: dict[tuple[object, ...], list[QualityRecord]] = {}
    for record in records:
        weights, source = record.weights, record.model.source_sha256
        by_row.setdefault((record.model.name, weights.name, weights.sha256, source, record.apart), []).append(record)
    networks: dict[tuple[str, str, int], list[CostRecord]] = {}
    for cost in weightless:
        networks.setdefault(network_of(cost), []).append(cost)
    costs = {id(cells): results.costs_of(cells[0]) for cells in by_row.values()}
    counting = _counting([*costs.values(), *map(tuple, networks.values())], key[1])
    rows = [_row(cells, columns, costs[id(cells)], counting) for cells in by_row.values()]
    rows += [_cost_row(found, len(columns), counting) for found in networks.values()]
    rows.sort(key=_row_order)
    found = measured_quantities(records)
    marks: dict[tuple[int, int, str], Mark] = {}
    for quantity in found:
        for place in range(len(columns)):
            values = [value.of(quantity.name) if (value := row.values[place]) else None for row in rows]
            for index, mark in enumerate(column_marks(values, quantity)):
                if mark:
                    marks[(index, place, quantity.name)] = mark
    parameters = dict(records[-1].protocol) if records else {}
    return Group(key[0], parameters, key[1], found, columns, tuple(rows), marks)


def _row_order(row: Row) -> tuple[object, ...]:
    weights = row.weights
    return (row.year, row.parameters or 0.0, row.model, weights.name, weights.sha256 or "", row.source_sha256,
            row.apart)  # fmt: skip


def _counting(rows: Sequence[Sequence[CostRecord]], scale: int) -> Counting | None:
    """What the one column of multiply-accumulates shows: the size of the papers' Multi-Adds where any row has it."""
    every = [cost for costs in rows for cost in costs]
    sizes = (hr720_size(scale), CHALLENGE_SIZE, *(cost.size_asked for cost in every))
    for size in dict.fromkeys(sizes):
        for convention in CONVENTIONS.names():
            name = counted_as("macs", convention)
            if cost_at(every, name, size):
                return Counting(get_quantity(name), size, scale)
    return None


def _count(costs: Sequence[CostRecord], counting: Counting | None, passes: int = 1) -> Count | None:
    found = cost_at(costs, counting.quantity.name, counting.size) if counting else None
    return Count(counting, found, passes) if counting and found else None


def _row(
    records: Sequence[QualityRecord],
    columns: Sequence[Column],
    costs: tuple[CostRecord, ...],
    counting: Counting | None,
) -> Row:
    latest: dict[_DataKey, QualityRecord] = {}
    for record in records:  # sorted by date: the newest of two records of one cell stands
        latest[_data_key(record)] = record
    values = []
    for column in columns:
        cell = latest.get((column.dataset, column.lr, column.limit, column.images, column.sha256))
        values.append(Value(cell) if cell else None)
    first = records[0]
    apart = first.apart.replace("+", "plus")
    ident = slug(f"{first.model.name} {first.weights.name} {(first.weights.sha256 or '')[:8]} {apart}")
    return Row(
        key=f"{ident}-{first.model.source_sha256[:6]}",
        model=first.model.name,
        network_title=first.model.title,
        paper=first.model.paper,
        year=first.model.year,
        source_sha256=first.model.source_sha256,
        weights=first.weights,
        costs=costs,
        macs=_count(costs, counting, ENSEMBLE_VIEWS if first.self_ensemble else 1),
        values=tuple(values),
        records=tuple(latest.values()),
        missing=(),
        apart=first.apart,
    )


def _cost_row(costs: Sequence[CostRecord], columns: int, counting: Counting | None) -> Row:
    """A model of which only costs are known."""
    first = costs[0]
    return Row(
        key=f"{slug(f'{first.model.name} none')}-{first.model.source_sha256[:6]}",
        model=first.model.name,
        network_title=first.model.title,
        paper=first.model.paper,
        year=first.model.year,
        source_sha256=first.model.source_sha256,
        weights=NO_WEIGHTS,
        costs=tuple(costs),
        macs=_count(costs, counting),
        values=(None,) * columns,
        records=(),
        missing=("no weights",),
    )


def is_infinite(value: float | None) -> bool:
    """Whether a value is that of identical images."""
    return value is not None and math.isinf(value)


__all__ = [
    "Column", "CostColumn", "Count", "Counting", "Group", "Mark", "Row", "Value", "column_marks",
    "groups", "is_infinite", "measured_quantities", "size_label", "slug",
]  # fmt: skip
