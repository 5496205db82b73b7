"""A network that is worse than bicubic on its first images: what other way of feeding it would give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from srbench.imaging import imresize
from srbench.metrics.protocols import Protocol, score

if TYPE_CHECKING:
    from srbench.datasets.dataset import Dataset
    from srbench.models.diagnosis import Diagnosis
    from srbench.models.loading import SRModel

IMAGES = 3


def diagnose_if_below(
    model: SRModel, dataset: Dataset, protocol: Protocol, scored: Sequence[float | None]
) -> Diagnosis | None:
    """Trials on the image where bicubic is furthest ahead, if it is ahead of ``model`` over the first images.

    ``scored`` is the model's PSNR [dB] of each image under ``protocol``, None where it is infinite. Gives None for
    interpolations, and for networks that are better than bicubic.
    """
    if model.network is None or model.card.takes == "hr":
        return None
    from srbench.models.diagnosis import diagnose

    ahead = []
    for pair, ours in zip(dataset.images[:IMAGES], scored, strict=False):
        lr, hr = pair.load()
        bicubic = score(imresize(lr, dataset.scale), hr, dataset.scale, protocol)
        ahead.append(-np.inf if ours is None else 0.0 if bicubic.identical else bicubic.psnr - ours)
    if not ahead or sum(ahead) <= 0:
        return None
    lr, hr = dataset.images[int(np.argmax(ahead))].load()
    return diagnose(model, lr, hr)
