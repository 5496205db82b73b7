"""Which stored results answer a cell, or the costs of a model: they agree in everything that the result depends on."""

from __future__ import annotations

from collections.abc import Sequence

from srbench.errors import SrbenchError
from srbench.evaluation.cells import Cell, CostCell
from srbench.evaluation.costs import sizes_wanted
from srbench.evaluation.identity import data_sha256
from srbench.results import store
from srbench.results.collection import Results, network_of
from srbench.results.record import CostRecord, QualityRecord, WeightsRef


def stored_quality(cell: Cell, records: Sequence[QualityRecord]) -> QualityRecord | None:
    """The stored record that is of ``cell``, if any. The data is hashed last, and only if all else agrees."""
    for record in records:
        if _agrees(cell, record):
            try:
                if record.dataset.sha256 == data_sha256(cell.dataset):
                    return record
            except SrbenchError:  # files are missing (a dry run fetches none) or damaged: computing it will say so
                return None
    return None


def _agrees(cell: Cell, record: QualityRecord) -> bool:
    weights: WeightsRef = record.weights
    return (
        record.model.name == cell.card.name
        and record.model.source_sha256 == cell.source_sha256
        and (weights.name, weights.sha256) == (cell.weights.name, cell.weights.sha256)
        and record.scale == cell.scale
        and (record.dataset.name, record.dataset.lr) == (cell.dataset.name, cell.dataset.lr)
        and record.dataset.limit == cell.limit
        and record.protocol == cell.protocol.model_dump(mode="json")
        and store.way_of(record) == cell.way
    )


def stored_costs(cost: CostCell, stored: Results) -> tuple[CostRecord, ...]:
    """The stored costs that answer ``cost``, of one machine: all sizes, with every quantity; none if any is lacking."""
    by_machine: dict[str, list[CostRecord]] = {}
    for record in stored.costs:
        network = (cost.card.name, cost.source_sha256, cost.scale)
        if network_of(record) == network and store.way_of(record) == cost.way:
            by_machine.setdefault(record.machine, []).append(record)
    for found in by_machine.values():
        sizes = {record.size_asked for record in found}
        names = {name for record in found for name in (*record.values, *record.missing)}
        wanted = {quantity.name for quantity in cost.quantities} | ({"runtime"} if cost.runtime else set())
        if sizes.issuperset(sizes_wanted(cost.scale, cost.card.network is not None)) and wanted <= names:
            return tuple(found)
    return ()
