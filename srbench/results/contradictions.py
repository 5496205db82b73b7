"""Results of the very same thing whose values differ: at least one of them is wrong, and nothing here says which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from srbench.quantities import find_quantity
from srbench.results.image_rows import ImageRow
from srbench.results.record import CostRecord, QualityRecord, Record
from srbench.results.store import way_of


def contradictions(records: Sequence[Record]) -> Mapping[int, tuple[int, ...]]:
    """By index: the other records that are of the same and say something else.

    Quality is of the same where model, weights, scale, images, protocol and way of running are; two machines may
    differ by less than the last printed digit. The counts of one network and input size are the same everywhere.
    """
    same: dict[object, list[int]] = {}
    for index, record in enumerate(records):
        same.setdefault(_subject(record), []).append(index)
    found: dict[int, tuple[int, ...]] = {}
    for group in same.values():
        for index in group:
            others = tuple(o for o in group if o != index and not _agree(records[index], records[o]))
            if others:
                found[index] = others
    return found


def _subject(record: Record) -> object:
    model, way = record.model.name, way_of(record)
    if isinstance(record, CostRecord):
        return model, record.model.source_sha256, record.scale, record.input_size
    data = record.dataset
    return (model, record.weights.name, record.weights.sha256, record.scale, data.name, data.lr, data.sha256,
            record.protocol_id, way)  # fmt: skip


def _agree(one: Record, other: Record) -> bool:
    if isinstance(one, QualityRecord) and isinstance(other, QualityRecord):
        rows = {row.image: row for row in other.images}
        return all(row.image in rows and _rows_agree(row, rows[row.image]) for row in one.images)
    if isinstance(one, CostRecord) and isinstance(other, CostRecord):
        return all(one.values[name] == other.values[name] for name in one.values.keys() & other.values if _exact(name))
    return True


def _exact(name: str) -> bool:
    """Whether a cost is the same on every machine: counts are, memory and runtime are not."""
    quantity = find_quantity(name)
    return quantity is not None and quantity.needs == "network" and quantity.style in ("count", "giga", "mega", "whole")


def _rows_agree(one: ImageRow, other: ImageRow) -> bool:
    for name, value in one.values.items():
        if name not in other.values:
            continue
        again, quantity = other.values[name], find_quantity(name)
        if value is None or again is None:
            if value is not again:
                return False
        elif quantity is not None and abs(value - again) > 10.0**-quantity.digits:
            return False
    return True
