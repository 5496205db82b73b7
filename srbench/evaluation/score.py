"""Super-resolve the images of one dataset and measure each SR under every protocol asked for, in one pass."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field, ValidationError

from srbench.errors import SrbenchError
from srbench.evaluation.engine.pairs import PairCache
from srbench.evaluation.engine.session import Row, Scored, Session
from srbench.evaluation.engine.tiles import Fitting
from srbench.evaluation.executors import Heard, Indices
from srbench.evaluation.executors.local import run_here
from srbench.evaluation.gathered import Rows, Scores
from srbench.metrics.protocols import Protocol
from srbench.quantities import Quantity, image_quantities
from srbench.results.record import Tiles

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


class _Given(BaseModel):
    values: dict[str, Annotated[float, Field(allow_inf_nan=False)] | None]
    missing: dict[str, str]
    identical: bool


_Edge = Annotated[int, Field(ge=0, lt=1 << 63)]
_Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""Of SHA-256."""


class _OfImage(BaseModel):
    index: int = Field(ge=0, lt=1 << 63)
    image: str
    lr_size: tuple[_Edge, _Edge]
    hr: _Digest
    lr: _Digest
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
    known: Iterable[Row] = (),
    execute: Execute | None = None,
    listeners: Listeners = NOBODY,
    helpers: int = 0,
    only: Callable[[int], bool] | None = None,
) -> Scores | None:
    """Measure every image of a session that is not ``known``, by ``execute``, and reduce all in their order.

    Args:
        session: model, dataset and what to measure.
        known: rows that are there already; not taken where a quantity of whole sets is wanted, which needs all SR
            images.
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
    rows = Rows(session.protocols)
    images = len(session.dataset.images)

    def heard(row: Row) -> None:
        if row["index"] in rows:
            return
        name = session.dataset.images[row["index"]].name
        rows.add({**row, "image": name})  # the same text, which is in memory already
        if listeners.keep is not None:
            listeners.keep(row)
        if listeners.image_done is not None:
            listeners.image_done(name)

    def scored(one: Scored) -> None:
        for gathered in sets.values():
            gathered.add(one.sr, one.hr)
        heard(one.row)

    for row in () if sets else known:
        rows.add(row)
        if listeners.image_done is not None:
            listeners.image_done(row["image"])
    wanted = (index for index in range(images) if index not in rows and (only is None or only(index)))
    todo = array("q", wanted)
    if execute is None or sets:
        run_here(session, todo, scored, helpers=helpers)
    elif todo:
        execute(session, todo, heard)
    if len(rows) < images:
        return None
    of_set = {name: float(gathered.value()) for name, gathered in sets.items()}
    return rows.reduced(of_set)


def reduced(rows: Iterable[Row], protocols: Sequence[Protocol], of_set: Mapping[str, float]) -> Scores:
    """The scores of a dataset out of the rows of its images, in whatever order they come."""
    found = Rows(protocols)
    for row in rows:
        found.add(row)
    return found.reduced(of_set)
