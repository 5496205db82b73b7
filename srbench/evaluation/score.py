"""Super-resolve the images of one dataset and score each SR under every protocol asked for, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from srbench.datasets.dataset import hash_pairs
from srbench.errors import SrbenchError
from srbench.evaluation.plane import plane_of
from srbench.imaging import write_image
from srbench.metrics.protocols import Protocol, score
from srbench.results.record import ImageRow, Quality
from srbench.results.store import slug

if TYPE_CHECKING:
    from srbench.datasets.dataset import Dataset
    from srbench.models.loading import SRModel

Image = NDArray[np.uint8]
ImageDone = Callable[[str], None]


class ModelFailure(SrbenchError):
    """A model raised, ran out of memory, or returned something that is no SR image."""


@dataclass(frozen=True)
class Scores:
    """Rows per protocol id in the order of the dataset, and the hash of exactly the pixels that were scored."""

    rows: dict[str, tuple[ImageRow, ...]]
    data_sha256: str


def score_dataset(
    model: SRModel,
    dataset: Dataset,
    protocols: Sequence[Protocol],
    *,
    save_to: Path | None = None,
    image_done: ImageDone | None = None,
) -> Scores:
    """Score every image of ``dataset``; each one is decoded once and goes through the model once.

    Args:
        model: maps uint8 LR (h, w, 3) to uint8 SR (scale*h, scale*w, 3).
        dataset: pairs of uint8 LR and modcropped HR.
        protocols: measures to apply to the same SR pixels.
        save_to: folder for the SR images as PNG, or None.
        image_done: called with each image's name when it is scored.

    Raises:
        ModelFailure: the model raised, or its output is not an SR image of the right shape.
        SrbenchError: an image cannot be read, or is smaller than a protocol's window.
    """
    rows: dict[str, list[ImageRow]] = {protocol.id: [] for protocol in protocols}

    def images() -> Iterator[tuple[str, Image, Image]]:
        for pair in dataset.images:
            lr, hr = pair.load()
            sr, reference = super_resolve(model, lr, hr, pair.name)
            if save_to is not None:
                _save(save_to / f"{slug(pair.name)}.png", sr)
            size = (int(lr.shape[0]), int(lr.shape[1]))
            for protocol in protocols:
                scored = plane_of(model, pair) if protocol.prepare == "luma" else (sr, reference)
                rows[protocol.id].append(_row(pair.name, size, *scored, dataset.scale, protocol))
            yield pair.name, lr, hr
            if image_done is not None:
                image_done(pair.name)

    digest = hash_pairs(images())
    return Scores({protocol_id: tuple(found) for protocol_id, found in rows.items()}, digest)


def _save(path: Path, sr: Image) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SrbenchError(
            f"cannot save images in '{path.parent}': {error.strerror}; give another --save-images."
        ) from error
    write_image(path, sr)


def _row(name: str, lr_size: tuple[int, int], sr: Image, hr: Image, scale: int, protocol: Protocol) -> ImageRow:
    found = score(sr, hr, scale, protocol if sr.ndim == 3 else _of_a_plane(protocol))
    psnr = None if found.identical else float(found.psnr)
    return ImageRow(image=name, psnr=psnr, ssim=float(found.ssim), identical=found.identical, lr_size=lr_size)


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


def mean_quality(rows: Sequence[ImageRow]) -> Quality:
    """Mean PSNR [dB] and SSIM over images, as the papers average; PSNR is None when any image is identical."""
    identical = sum(row.identical for row in rows)
    values = [row.psnr for row in rows if row.psnr is not None]
    psnr = float(np.mean(values)) if values and not identical else None
    return Quality(psnr=psnr, ssim=float(np.mean([row.ssim for row in rows])), identical_images=identical)
