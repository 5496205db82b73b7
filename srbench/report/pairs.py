"""Is the better of two models better? Paired differences of neighbours in the order of the field's first quantity."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from srbench.datasets.facts import dataset_title
from srbench.errors import SrbenchError
from srbench.leaderboard.measured import compare
from srbench.leaderboard.significance import PairedDifference
from srbench.quantities import DEFAULT_QUALITY, Quantity, get_quantity
from srbench.report.runtable import measured_quantities
from srbench.results.record import QualityRecord

_RESAMPLES = 4000
FIRST = get_quantity(DEFAULT_QUALITY[0])
"""The quantity that models are ordered by."""


@dataclass(frozen=True)
class Pair:
    """Two neighbours of one column: ``difference`` is how much better the better one is, in its unit."""

    where: str
    better: str
    worse: str
    difference: PairedDifference


def paired(a: QualityRecord, b: QualityRecord, quantity: Quantity = FIRST) -> PairedDifference | None:
    """Paired bootstrap of how much better ``a`` is; None where the two cannot be paired (other images, infinite)."""
    try:
        return compare(a, b, quantity.name, resamples=_RESAMPLES)
    except SrbenchError:
        return None


def of_every_quantity(records: Sequence[QualityRecord]) -> list[tuple[Quantity, list[Pair]]]:
    """The neighbours in the order of each measured quantity that has a better direction and a value per image."""
    ordered = (q for q in measured_quantities(records) if q.direction != "none" and q.needs != "set")
    found = ((quantity, neighbours(records, quantity)) for quantity in ordered)
    return [(quantity, pairs) for quantity, pairs in found if pairs]


def neighbours(records: Iterable[QualityRecord], quantity: Quantity = FIRST) -> list[Pair]:
    """Every model against the next worse one in a quantity, per protocol, scale and data."""
    columns: dict[tuple[str, int, str, str], list[QualityRecord]] = {}
    for record in records:
        value = record.value(quantity.name)
        if value is not None and math.isfinite(value) and record.images:
            key = (record.protocol_id, record.scale, record.dataset.name, record.dataset.sha256)
            columns.setdefault(key, []).append(record)
    found = []
    for (protocol, scale, dataset, _), column in sorted(columns.items(), key=lambda item: item[0]):
        order = sorted(column, key=lambda record: _order(record, quantity))
        for a, b in pairwise(order):
            difference = paired(a, b, quantity)
            if difference is not None:
                where = f"{dataset_title(dataset)} ×{scale}, {protocol}"
                found.append(Pair(where, _name(a), _name(b), difference))
    return found


def to_markdown(records: Iterable[QualityRecord]) -> str:
    """The paired differences as a Markdown section; ``≈`` marks those within noise. Empty without pairs."""
    rows = [
        f"| {pair.where} | {pair.better} | {pair.worse} | {pair.difference}{_noise_mark(pair)} |"
        for pair in neighbours(records)
    ]
    if not rows:
        return ""
    head = (
        f"\n### Is the better one better?\n\n{FIRST.title} of the better minus the worse, mean over the images with "
        "the 95 % bootstrap interval (images resampled in pairs); ≈ holds zero.\n\n"
        f"| Data | Better | Worse | Difference ({FIRST.unit}) |\n|:--|:--|:--|:--|\n"
    )
    return head + "\n".join(rows) + "\n"


def _noise_mark(pair: Pair) -> str:
    return " ≈" if pair.difference.within_noise else ""


def _order(record: QualityRecord, quantity: Quantity) -> tuple[float, str, str, str]:
    value = record.value(quantity.name) or 0.0
    return (value if quantity.direction == "lower" else -value), record.model.name, record.weights.name, record.created


def _name(record: QualityRecord) -> str:
    bundled = " (bundled)" if record.weights.origin == "bundled" else ""
    return record.model.title + record.apart + bundled
