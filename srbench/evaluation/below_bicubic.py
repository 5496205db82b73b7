"""A network that is worse than bicubic on its first images: what other way of feeding it would give."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from srbench.evaluation.engine.setting import FIRST
from srbench.imaging import imresize
from srbench.metrics.measure import measure_image
from srbench.metrics.protocols import Protocol
from srbench.quantities import DEFAULT_QUALITY, get_quantity

if TYPE_CHECKING:
    from srbench.datasets.dataset import Dataset
    from srbench.models.loading import SRModel
    from srbench.models.notes import Diagnosis
    from srbench.results.image_rows import ImageRow

MOST_PIXELS = 10_000_000
"""Of an HR image: enlarging larger ones as a whole, and running the network on them, takes memory by the gigabyte."""


def diagnose_if_below(
    model: SRModel, dataset: Dataset, protocol: Protocol, scored: Sequence[ImageRow]
) -> Diagnosis | None:
    """Trials on the image where bicubic is furthest ahead, if it is ahead of ``model`` over the first images.

    ``scored`` are the model's images under ``protocol``, compared in the field's first quantity. Gives None for
    interpolations, for networks that are better than bicubic, where that quantity was not measured, and for very large
    images.
    """
    if model.card.network is None:
        return None

    ahead = []
    quantity = get_quantity(DEFAULT_QUALITY[0])
    for pair, row in zip(dataset.images[:FIRST], scored, strict=False):
        ours = row.value(quantity.name)
        if ours is None:
            return None
        lr, hr = pair.load()
        if hr.shape[0] * hr.shape[1] > MOST_PIXELS:
            return None
        bicubic = measure_image(imresize(lr, dataset.scale), hr, dataset.scale, protocol, [quantity])[quantity.name]
        ahead.append(-np.inf if math.isinf(ours) else 0.0 if math.isinf(bicubic) else bicubic - ours)
    if not ahead or sum(ahead) <= 0:
        return None
    lr, hr = dataset.images[int(np.argmax(ahead))].load()
    return diagnosed(model, lr, hr)


def diagnosed(model: SRModel, lr: NDArray[np.uint8], hr: NDArray[np.uint8]) -> Diagnosis:
    """What other ways of feeding a network give for one pair, wherever the network runs.

    Raises:
        SrbenchError: as :func:`srbench.models.diagnosis.diagnose`.
    """
    from srbench.evaluation.apart.model import ModelApart
    from srbench.models.diagnosis import diagnose

    return model.diagnose(lr, hr) if isinstance(model, ModelApart) else diagnose(model, lr, hr)
