"""Super-resolve the images of one dataset and measure each SR under every protocol asked for, in one pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from srbench.datasets.dataset import hash_pairs
from srbench.errors import SrbenchError
from srbench.imaging import shave, write_image
from srbench.metrics.measure import measure_image
from srbench.metrics.protocols import Protocol
from srbench.quantities import Quantity, get_quantity, image_quantities
from srbench.results.record import ImageRow
from srbench.results.store import slug

if TYPE_CHECKING:
    from srbench.datasets.dataset import Dataset
    from srbench.models.loading import SRModel

Image = NDArray[np.uint8]
ImageDone = Callable[[str], None]


class ModelFailure(SrbenchError):
    """A model raised, ran out of memory, or returned something that is no SR image."""


@dataclass
class Measured:
    """What one protocol gives: rows in the order of the dataset, values of whole sets, and why some have none."""

    protocol: Protocol
    scale: int
    quantities: tuple[Quantity, ...]
    rows: list[ImageRow] = field(default_factory=list)
    of_set: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scores:
    """What was measured by protocol id, and the hash of exactly the pixels that were scored."""

    by_protocol: dict[str, Measured]
    data_sha256: str

    def rows(self, protocol: Protocol) -> tuple[ImageRow, ...]:
        """The images under one protocol, in the order of the dataset."""
        return tuple(self.by_protocol[protocol.id].rows)


def score_dataset(
    model: SRModel,
    dataset: Dataset,
    protocols: Sequence[Protocol],
    *,
    quantities: Sequence[Quantity] | None = None,
    save_to: Path | None = None,
    image_done: ImageDone | None = None,
) -> Scores:
    """Measure every image of ``dataset``; each one is decoded once and goes through the model once.

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
    wanted = tuple(image_quantities() if quantities is None else quantities)
    found = {protocol.id: Measured(protocol, dataset.scale, wanted) for protocol in protocols}
    sets = {quantity.name: quantity.function()() for quantity in wanted if quantity.needs == "set"}

    def scored() -> Iterator[tuple[str, Image, Image]]:
        for pair in dataset.images:
            lr, hr = pair.load()
            sr, reference = super_resolve(model, lr, hr, pair.name)
            if save_to is not None:
                _save(save_to / f"{slug(pair.name)}.png", sr)
            size = (int(lr.shape[0]), int(lr.shape[1]))
            for measured in found.values():
                measured.rows.append(_row(measured, pair.name, size, sr, reference))
            for gathered in sets.values():
                gathered.add(sr, reference)
            yield pair.name, lr, hr
            if image_done is not None:
                image_done(pair.name)

    digest = hash_pairs(scored())
    of_set = {name: float(gathered.value()) for name, gathered in sets.items()}
    for measured in found.values():
        measured.of_set = of_set
    return Scores(found, digest)


def _save(path: Path, sr: Image) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SrbenchError(
            f"cannot save images in '{path.parent}': {error.strerror}; give another --save-images."
        ) from error
    write_image(path, sr)


def _row(measured: Measured, name: str, lr_size: tuple[int, int], sr: Image, hr: Image) -> ImageRow:
    """One image; a quantity that cannot be measured on it is left out and said to be missing."""
    protocol = measured.protocol if sr.ndim == 3 else _of_a_plane(measured.protocol)
    values: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for together in _together(measured.quantities):
        try:
            values |= measure_image(sr, hr, measured.scale, protocol, together)
        except SrbenchError as error:
            reasons |= dict.fromkeys((quantity.name for quantity in together), f"{error} (image '{name}')")
    if reasons and not values:
        raise SrbenchError(next(iter(reasons.values())))
    for quantity, reason in reasons.items():
        measured.missing.setdefault(quantity, reason)
    return ImageRow(
        image=name,
        lr_size=lr_size,
        values={quantity: None if math.isinf(value) else value for quantity, value in values.items()},
        identical=any(map(math.isinf, values.values())) or _equal(sr, hr, protocol.border(measured.scale)),
    )


def _together(quantities: Sequence[Quantity]) -> list[list[Quantity]]:
    """Those that one function measures in one pass, together."""
    groups: dict[str, list[Quantity]] = {}
    for quantity in quantities:
        groups.setdefault(quantity.together or quantity.name, []).append(quantity)
    return list(groups.values())


def _equal(sr: Image, hr: Image, border: int) -> bool:
    return bool(np.array_equal(shave(sr, border), shave(hr, border)))


def _of_a_plane(protocol: Protocol) -> Protocol:
    """``protocol`` for images that are luma already: a grey image would be taken for RGB and made luma once more.

    The coefficients of 'yiq' sum to 1 without offset, so the plane is measured as it is.
    """
    return protocol.model_copy(update={"channel": "yiq"})


def super_resolve(model: SRModel, lr: Image, hr: Image, name: str) -> tuple[Image, Image]:
    """SR of one image and the HR it is compared with; models with ``takes='hr'`` make both from HR.

    Raises:
        ModelFailure: the model raised, or returned something else than uint8 (scale*h, scale*w, 3).
    """
    try:
        sr, reference = model.from_hr(hr) if model.card.takes == "hr" else (model(lr), hr)
    except SrbenchError:
        raise
    except Exception as error:  # a user's network may raise anything
        raise ModelFailure(failure_sentence(model.card.name, name, lr.shape, error)) from error
    return _checked(sr, reference, model, name), reference


def _checked(sr: Any, reference: Image, model: SRModel, name: str) -> Image:
    if not isinstance(sr, np.ndarray) or sr.dtype != np.uint8 or sr.shape != reference.shape:
        got = f"{sr.dtype} {sr.shape}" if isinstance(sr, np.ndarray) else type(sr).__name__
        raise ModelFailure(
            f"{model.card.name} returned {got} for image '{name}'; expected uint8 {reference.shape} at x{model.scale}."
        )
    return sr


def failure_sentence(model: str, image: str, shape: tuple[int, ...], error: BaseException) -> str:
    """Say in one sentence which model failed where, and what it raised."""
    first_line = str(error).strip().splitlines()[0] if str(error).strip() else "no message"
    where = f"on image '{image}' ({shape[0]}x{shape[1]})"
    if isinstance(error, MemoryError) or "memory" in type(error).__name__.lower() or "not enough memory" in first_line:
        return f"{model} ran out of memory {where}; use smaller images, --device cpu or a machine with more memory."
    return f"{model} raised {type(error).__name__} {where}: {first_line}"


def values_over(rows: Sequence[ImageRow]) -> dict[str, float | None]:
    """The values of a set of images, in whatever order they were measured: each quantity as it aggregates.

    A value is None where it is infinite: one identical image makes the mean infinite. A quantity that some image has
    no value of has none over all.
    """
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    found: dict[str, float | None] = {}
    for name in names:
        values = [value for row in rows if (value := row.value(name)) is not None]
        if len(values) == len(rows):
            over_all = get_quantity(name).aggregate(values)
            found[name] = None if math.isinf(over_all) else over_all
    return found
