"""Is the better of two models better? Paired differences of neighbours in the order of the field's first quantity."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from srbench.datasets.facts import dataset_title
from srbench.errors import SrbenchError
from srbench.leaderboard.measured import compare
from srbench.leaderboard.significance import PairedDifference
from srbench.quantities import DEFAULT_QUALITY, get_quantity
from srbench.results.record import QualityRecord

_RESAMPLES = 4000
FIRST = get_quantity(DEFAULT_QUALITY[0])
"""The quantity that models are ordered by."""


@dataclass(frozen=True)
class Pair:
    """Two neighbours of one column: ``difference`` is better minus worse, in the unit of the quantity."""

    where: str
    better: str
    worse: str
    difference: PairedDifference


def paired(a: QualityRecord, b: QualityRecord) -> PairedDifference | None:
    """Paired bootstrap of ``a - b``; None where the two cannot be paired (other images, infinite values)."""
    try:
        return compare(a, b, resamples=_RESAMPLES)
    except SrbenchError:
        return None


def neighbours(records: Iterable[QualityRecord]) -> list[Pair]:
    """Every model against the next worse one, per protocol, scale and data."""
    columns: dict[tuple[str, int, str, str], list[QualityRecord]] = {}
    for record in records:
        value = record.value(FIRST.name)
        if value is not None and math.isfinite(value) and record.images:
            key = (record.protocol_id, record.scale, record.dataset.name, record.dataset.sha256)
            columns.setdefault(key, []).append(record)
    found = []
    for (protocol, scale, dataset, _), column in sorted(columns.items(), key=lambda item: item[0]):
        order = sorted(column, key=_order)
        for a, b in pairwise(order):
            difference = paired(a, b)
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


def _order(record: QualityRecord) -> tuple[float, str, str, str]:
    value = record.value(FIRST.name) or 0.0
    return (value if FIRST.direction == "lower" else -value), record.model.name, record.weights.name, record.created


def _name(record: QualityRecord) -> str:
    bundled = " (bundled)" if record.weights.origin == "bundled" else ""
    return record.model.title + record.apart + bundled
