"""Super-resolve the images of one dataset and measure each SR under every protocol asked for, in one pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from srbench.datasets.dataset import hash_digests
from srbench.errors import SrbenchError
from srbench.evaluation.engine.pairs import PairCache
from srbench.evaluation.engine.session import Row, Scored, Session
from srbench.evaluation.engine.tiles import Fitting
from srbench.evaluation.executors import Heard, Indices
from srbench.evaluation.executors.local import run_here
from srbench.metrics.protocols import Protocol
from srbench.quantities import Quantity, image_quantities
from srbench.results.record import ImageRow, Tiles

if TYPE_CHECKING:
    from srbench.datasets.dataset import Dataset
    from srbench.models.loading import SRModel

ImageDone = Callable[[str], None]
Execute = Callable[[Session, Indices, Heard], None]
"""Computes the images of a session, see :mod:`srbench.evaluation.executors`."""


@dataclass(frozen=True)
class Listeners:
    """Who hears of a pass: ``keep`` of each new row at once, ``image_done`` of the name of each image that is done."""

    keep: Heard | None = None
    image_done: ImageDone | None = None


NOBODY = Listeners()


@dataclass
class Measured:
    """What one protocol gives: rows in the order of the dataset, values of whole sets, and why some have none."""

    protocol: Protocol
    rows: list[ImageRow] = field(default_factory=list)
    of_set: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scores:
    """What was measured by protocol id, and the hash of exactly the pixels that were scored."""

    by_protocol: dict[str, Measured]
    data_sha256: str
    machine: str = ""
    """The machine that measured the first image."""
    machines: tuple[str, ...] = ()
    """All of them."""
    tiles: Tiles | None = None
    """The smallest tiles that a GPU's lack of memory led to."""

    def rows(self, protocol: Protocol) -> tuple[ImageRow, ...]:
        """The images under one protocol, in the order of the dataset."""
        return tuple(self.by_protocol[protocol.id].rows)


class Rows:
    """Rows of a pass as they come, in any order; kept as text, a few hundred bytes each."""

    def __init__(self, known: Mapping[int, Row] | None = None) -> None:
        self._texts = {index: json.dumps(row) for index, row in (known or {}).items()}

    def add(self, row: Row) -> None:
        """Keep the row of one image."""
        self._texts[row["index"]] = json.dumps(row)

    def __contains__(self, index: int) -> bool:
        return index in self._texts

    def __len__(self) -> int:
        return len(self._texts)

    def in_order(self) -> Iterator[Row]:
        """The rows in the order of the images."""
        for index in sorted(self._texts):
            yield json.loads(self._texts[index])


class _Given(BaseModel):
    values: dict[str, Annotated[float, Field(allow_inf_nan=False)] | None]
    missing: dict[str, str]
    identical: bool


class _OfImage(BaseModel):
    index: int = Field(ge=0)
    image: str
    lr_size: tuple[int, int]
    hr: str
    lr: str
    machine: str
    by_protocol: dict[str, _Given]
    tiles: Tiles | None = None
    commands: dict[str, str] = {}


def is_sound(row: Row, protocols: Iterable[str]) -> bool:
    """Whether a row that was read from a file holds all that a pass gives of an image under these protocols (ids)."""
    try:
        return set(protocols) <= set(_OfImage.model_validate(row).by_protocol)
    except (ValidationError, RecursionError):
        return False


def score_dataset(
    model: SRModel,
    dataset: Dataset,
    protocols: Sequence[Protocol],
    *,
    quantities: Sequence[Quantity] | None = None,
    save_to: Path | None = None,
    image_done: ImageDone | None = None,
) -> Scores:
    """Measure every image of ``dataset`` in this process; each is decoded once and goes through the model once.

    Args:
        model: maps uint8 LR (h, w, 3) to uint8 SR (scale*h, scale*w, 3).
        dataset: pairs of uint8 LR and modcropped HR.
        protocols: ways to measure, applied to the same SR pixels.
        quantities: what to measure on images; the field's usual ones by default.
        save_to: folder for the SR images as PNG, or None.
        image_done: called with each image's name when it is scored.

    Raises:
        ModelFailure: the model raised, or its output is not an SR image of the right shape.
        SrbenchError: an image cannot be read, or none of the quantities can be measured on it.
    """
    from srbench.cost.load import default_threads

    wanted = tuple(image_quantities() if quantities is None else quantities)
    session = Session(model, Fitting(model), dataset, tuple(protocols), wanted, save_to, PairCache())
    found = score_session(
        session, listeners=Listeners(image_done=image_done), helpers=1 if default_threads() > 1 else 0
    )
    assert found is not None  # nothing was left out
    return found


def score_session(
    session: Session,
    *,
    known: Mapping[int, Row] | None = None,
    execute: Execute | None = None,
    listeners: Listeners = NOBODY,
    helpers: int = 0,
    only: Callable[[int], bool] | None = None,
) -> Scores | None:
    """Measure every image of a session that is not ``known``, by ``execute``, and reduce all in their order.

    Args:
        session: model, dataset and what to measure.
        known: rows that are there already, by index; not taken where a quantity of whole sets is wanted, which needs
            all SR images.
        execute: who computes; this process by default, and for quantities of whole sets.
        listeners: who hears of each new row and of each image that is done.
        helpers: threads beside this one where this process computes.
        only: which images are to be measured now; the others are for other parts of the run.

    Returns:
        The scores; None where images are missing that ``only`` left out.

    Raises:
        SrbenchError: as :func:`score_dataset`; ``listeners.keep`` has had every row that was finished.
    """
    sets = {quantity.name: quantity.function()() for quantity in session.quantities if quantity.needs == "set"}
    if sets and only is not None:
        raise SrbenchError(f"'{next(iter(sets))}' needs all images of a dataset at once; leave it or --shard out.")
    rows = Rows(None if sets else known)
    images = len(session.dataset.images)
    todo = [index for index in range(images) if index not in rows and (only is None or only(index))]

    def heard(row: Row) -> None:
        if row["index"] in rows:
            return
        rows.add(row)
        if listeners.keep is not None:
            listeners.keep(row)
        if listeners.image_done is not None:
            listeners.image_done(row["image"])

    def scored(one: Scored) -> None:
        for gathered in sets.values():
            gathered.add(one.sr, one.hr)
        heard(one.row)

    if listeners.image_done is not None and len(rows):
        for row in rows.in_order():
            listeners.image_done(row["image"])
    if execute is None or sets:
        run_here(session, todo, scored, helpers=helpers)
    elif todo:
        execute(session, todo, heard)
    if len(rows) < images:
        return None
    of_set = {name: float(gathered.value()) for name, gathered in sets.items()}
    return reduced(rows.in_order(), session.protocols, of_set)


def reduced(rows: Iterator[Row], protocols: Sequence[Protocol], of_set: Mapping[str, float]) -> Scores:
    """The scores of a dataset out of the rows of its images, in their order."""
    found = {protocol.id: Measured(protocol, of_set=dict(of_set)) for protocol in protocols}
    machines: dict[str, None] = {}
    tiles: list[Tiles] = []

    def digests() -> Iterator[tuple[str, str, str]]:
        for row in rows:
            for protocol_id, measured in found.items():
                _put(measured, row, row["by_protocol"][protocol_id])
            machines[row["machine"]] = None
            if "tiles" in row:
                tiles.append(Tiles.model_validate(row["tiles"]))
            yield row["image"], row["hr"], row["lr"]

    digest = hash_digests(digests())
    smallest = min(tiles, key=lambda each: each.tile, default=None)
    return Scores(found, digest, next(iter(machines), ""), tuple(machines), smallest)


def _put(measured: Measured, row: Row, given: Mapping[str, Any]) -> None:
    for quantity, reason in given["missing"].items():
        measured.missing.setdefault(quantity, reason)
    height, width = row["lr_size"]
    measured.rows.append(
        ImageRow(
            image=row["image"],
            lr_size=(height, width),
            values=given["values"],
            identical=given["identical"],
        )
    )
