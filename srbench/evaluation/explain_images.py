"""How the images behind a reported number were made: one model on every known crop of HR and kind of LR."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from srbench.evaluation.cells import LrKind
from srbench.evaluation.images import super_resolve
from srbench.metrics.conventions import ConventionRow, Pair, score_conventions

if TYPE_CHECKING:
    from srbench.datasets import ImagePair
    from srbench.models import SRModel

USUAL_CROP = 12
"""HR cropped to multiples of 12 serves x2, x3 and x4 alike; some test code does so at every scale."""


@dataclass(frozen=True)
class ImageKind:
    """One way to make the images of a dataset: its name with the crop, the kind of LR, and both in words."""

    dataset: str
    lr: LrKind
    title: str


def image_kinds(dataset: str, scale: int) -> tuple[ImageKind, ...]:
    """The ways to make the images of ``dataset`` at ``scale``, the usual one first.

    >>> [kind.dataset + " " + kind.lr for kind in image_kinds("set5", 4)][:3]
    ['set5 imresize', 'set5 double', 'set5@mod12 imresize']
    """
    rounding: tuple[tuple[LrKind, str], ...] = (
        ("imresize", "LR rounded after each pass"),
        ("double", "LR rounded once"),
    )
    crops = [(dataset, "HR cropped to the scale")]
    if USUAL_CROP % scale == 0 and "@" not in dataset:
        crops.append((f"{dataset}@mod{USUAL_CROP}", f"HR cropped to {USUAL_CROP}"))
    return tuple(ImageKind(name, lr, f"{crop}, {how}") for name, crop in crops for lr, how in rounding)


def score_image_kinds(
    model: SRModel, dataset: str, image_done: Callable[[], object] | None = None
) -> tuple[ConventionRow, ...]:
    """``model`` on every kind of images of ``dataset``, each scored under every convention of PSNR and SSIM.

    The key and the title of a row's convention name the kind of images too.

    Raises:
        SrbenchError: an unknown dataset, or a model that fails.
    """
    from srbench.datasets import open_dataset

    rows: list[ConventionRow] = []
    for kind in image_kinds(dataset, model.scale):
        images = open_dataset(kind.dataset, model.scale, lr=kind.lr).images

        pairs = (partial(_pair, model, image) for image in images)
        for row in score_conventions(pairs, model.scale, image_done):
            named = replace(
                row.convention,
                key=f"{row.convention.key} {kind.dataset} {kind.lr}",
                title=f"{kind.title}; {row.convention.title}",
            )
            rows.append(replace(row, convention=named))
    return tuple(rows)


def _pair(model: SRModel, image: ImagePair) -> Pair:
    """SR and HR; HR is HxW where its file has a single channel."""
    lr, hr = image.load()
    stored = image.load_stored()
    return super_resolve(model, lr, image.name), stored if stored.ndim == 2 else hr
