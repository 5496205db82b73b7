"""Stored results measured again, to see whether they say what this installation gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.evaluation.cells import Request
from srbench.evaluation.plan import plan
from srbench.models.registry import MODELS
from srbench.quantities import QUANTITIES, find_quantity, image_quantities
from srbench.results.image_rows import ImageRow
from srbench.results.record import QualityRecord, Record

ORIGINS = {"released": "released", "bundled": "bundled", "not needed": "auto"}
"""Origin of the weights of a record -> the choice that gives the same ones; a user's file is not to be had again."""


@dataclass(frozen=True)
class Again:
    """One result measured again: the largest difference by quantity, or why it could not be measured."""

    path: Path
    agrees: bool | None
    differences: tuple[tuple[str, float], ...] = ()
    why: str = ""

    @property
    def same_bits(self) -> bool:
        """Whether every value is the very same number."""
        return self.agrees is True and all(difference == 0 for _, difference in self.differences)


def sample(files: Sequence[tuple[Path, Record]], number: int, seed: int) -> list[tuple[Path, QualityRecord]]:
    """``number`` results drawn at random of those that name registered models and sets; fewer where there are fewer."""
    every = [(path, record) for path, record in files if isinstance(record, QualityRecord) and _can_be_asked(record)]
    return random.Random(seed).sample(every, min(number, len(every)))


def _can_be_asked(record: QualityRecord) -> bool:
    known = record.model.name in MODELS and record.weights.origin in ORIGINS
    return known and not record.dataset.name.startswith("folder:")


def again(
    chosen: Sequence[tuple[Path, QualityRecord]],
    *,
    fetch: bool = True,
    before_each: Callable[[Path], None] | None = None,
) -> Iterator[Again]:
    """Measure results again, one after the other; ``before_each`` is called with the file before it is measured."""
    for path, record in chosen:
        if before_each is not None:
            before_each(path)
        try:
            yield _compared(path, record, _measure(record, fetch))
        except SrbenchError as error:
            yield Again(path, None, why=str(error))


def _measure(record: QualityRecord, fetch: bool) -> QualityRecord:
    """The record of the same cell, measured now.

    Raises:
        SrbenchError: its weights or images cannot be had, or its device is not here.
    """
    names = tuple(name for name in record.values if name in QUANTITIES)
    planned = plan(
        Request(
            cards=(MODELS.get(record.model.name),),
            weights=ORIGINS[record.weights.origin],
            scales=(record.scale,),
            datasets=(record.dataset.name,),
            lr=record.dataset.lr,
            protocols=(record.protocol_id,),
            limit=record.dataset.limit,
            quantities=names or tuple(quantity.name for quantity in image_quantities()),
            device=record.device,
            precision=record.precision,
            backend=record.backend,
            self_ensemble=record.self_ensemble,
            runtime=False,
            fetch=fetch,
        )
    )
    if planned.failures:
        raise SrbenchError(planned.failures[0].reason)
    if not planned.cells:
        raise SrbenchError("it has no weights here.")
    from srbench.evaluation.run import run_cell

    return run_cell(planned.cells[0])


def _compared(path: Path, stored: QualityRecord, now: QualityRecord) -> Again:
    if stored.dataset.sha256 != now.dataset.sha256:
        return Again(path, False, why="its images have other pixels than those that are here")
    if stored.weights.sha256 != now.weights.sha256:
        return Again(path, False, why="its weights are another file than the one that is here")
    rows = {row.image: row for row in now.images}
    found: dict[str, float] = {}
    for row in stored.images:
        for name, difference in _differences(row, rows[row.image]):
            found[name] = max(found.get(name, 0.0), difference)
    quantities = {name: find_quantity(name) for name in found}
    agrees = all(
        difference <= (10.0**-quantity.digits) / 2
        for name, difference in found.items()
        if (quantity := quantities[name]) is not None
    )
    return Again(path, agrees, tuple(found.items()))


def _differences(stored: ImageRow, now: ImageRow) -> Iterator[tuple[str, float]]:
    for name in stored.values:
        before, after = stored.value(name), now.value(name)
        if before is not None and after is not None:
            yield name, 0.0 if before == after else abs(before - after)
