"""What a report of measured results says in its first sentence: who is best, by how much, and what of it is noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from srbench.datasets.facts import dataset_title
from srbench.report.pairs import FIRST, paired
from srbench.results.record import QualityRecord


def ranking(records: Sequence[QualityRecord]) -> str:
    """The order of the networks on the set with the most images, in one sentence; "" with fewer than two of them."""
    column = [r for r in _largest(records) if math.isfinite(r.value(FIRST.name) or math.inf)]
    if len(column) < 2:
        return ""
    order = sorted(column, key=lambda r: (-(r.value(FIRST.name) or 0.0), r.model.name))
    first, *others = (f"{r.model.title} {FIRST.text(r.value(FIRST.name))}" for r in order)
    named = f"{', '.join(others[:-1])} and {others[-1]}" if len(others) > 1 else others[0]
    data = order[0].dataset
    return (
        f"{order[0].model.title} is best: on {dataset_title(data.name)} ×{order[0].scale} ({data.images} images) "
        f"{first} {FIRST.unit}, then {named}; {_noise(order)}."
    )


def _largest(records: Sequence[QualityRecord]) -> list[QualityRecord]:
    """The records of the protocol, scale and set of images that has the most images; of several the first by name."""
    columns: dict[tuple[int, str, int, str, str], list[QualityRecord]] = {}
    for r in records:
        key = (-r.dataset.images, r.protocol_id, r.scale, r.dataset.name, r.dataset.sha256)
        columns.setdefault(key, []).append(r)
    return columns[min(columns)] if columns else []


def _noise(order: Sequence[QualityRecord]) -> str:
    close = []
    for a, b in pairwise(order):
        difference = paired(a, b)
        if difference is None or difference.within_noise:
            close.append(f"that of {a.model.title} over {b.model.title}")
    if not close:
        return "every lead is beyond the noise of the choice of images"
    if len(close) == len(order) - 1:
        return "no lead is beyond the noise of the choice of images"
    return f"every lead is beyond the noise of the choice of images but {' and '.join(close)}"
