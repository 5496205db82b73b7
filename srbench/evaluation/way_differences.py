"""What another precision or backend changes, or the self-ensemble: a result beside the plain one of the same network.

Plain is torch in fp32, for the self-ensemble one pass of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from srbench.quantities import Quantity, get_quantity
from srbench.results.record import QualityRecord
from srbench.results.store import USUAL_WAY

Key = tuple[object, ...]


@dataclass(frozen=True)
class WayDifference:
    """``record`` minus the plain result of the same cell, by quantity; ``values`` is None where there is no such."""

    record: QualityRecord
    values: dict[str, float] | None


def differences(records: Iterable[QualityRecord], known: Iterable[QualityRecord]) -> tuple[WayDifference, ...]:
    """For each of ``records`` that was run in another way than usual: how far it is from the plain one in ``known``.

    The self-ensemble is left out where there is no plain one.
    """
    plain = {_key(record, record.self_ensemble): record for record in known if _is_plain(record)}
    found = []
    for record in records:
        if not _is_plain(record):
            found.append(_difference(record, plain.get(_key(record, record.self_ensemble))))
        elif record.self_ensemble and (once := plain.get(_key(record, self_ensemble=False))) is not None:
            found.append(_difference(record, once))
    return tuple(found)


def difference_sentence(found: WayDifference) -> str:
    """The difference in words.

    It is given with two digits more than tables print, as it is small where all is well.
    """
    record = found.record
    where = f"{record.model.title}{record.apart} x{record.scale} on {record.dataset.name}, {record.protocol_id}"
    if found.values is None:
        return f"{where}: fp32 by torch itself is not here, so what this changes cannot be said; run that too."
    shown = (_shown(get_quantity(name), value) for name, value in found.values.items())
    beside = "one pass" if _is_plain(record) else "fp32 by torch itself"
    return f"{where}: {', '.join(shown)} beside {beside}."


def _shown(quantity: Quantity, value: float) -> str:
    digits = (quantity.digits or 2) + 2
    unit = f" {quantity.unit}" if quantity.unit else ""
    if 0 < abs(value) < 0.5 * 10.0**-digits:
        return f"{quantity.title} below {10.0**-digits:.{digits}f}{unit}"
    return f"{quantity.title} {value:+.{digits}f}{unit}"


def _is_plain(record: QualityRecord) -> bool:
    return (record.precision, record.backend) == (USUAL_WAY.precision, USUAL_WAY.backend)


def _key(record: QualityRecord, self_ensemble: bool) -> Key:
    model, weights, dataset = record.model, record.weights, record.dataset
    return (
        model.name, model.source_sha256, weights.name, weights.sha256, record.scale, dataset.name, dataset.sha256,
        dataset.lr, dataset.limit, record.protocol_id, self_ensemble, record.device,
    )  # fmt: skip


def _difference(record: QualityRecord, plain: QualityRecord | None) -> WayDifference:
    if plain is None:
        return WayDifference(record, None)
    shared = [name for name in record.values if name in plain.values]
    pairs = ((name, record.value(name), plain.value(name)) for name in shared)
    values = {name: a - b for name, a, b in pairs if a is not None and b is not None and math.isfinite(a - b)}
    return WayDifference(record, values or None)
