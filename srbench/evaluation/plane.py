"""Super-resolving a luma plane in real numbers, as the MATLAB programs behind older rows of tables did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from srbench.errors import SrbenchError
from srbench.imaging import imresize
from srbench.metrics.protocols import luma_plane

if TYPE_CHECKING:
    from srbench.datasets.dataset import ImagePair
    from srbench.models.card import ModelCard
    from srbench.models.loading import SRModel

Plane = NDArray[np.uint8]
STUDIO = (16, 235)
"""The range of studio luma of 8-bit images; SR planes are clipped to it, that of a grey file too."""


def takes_plane(card: ModelCard) -> bool:
    """Whether a model can be measured under a protocol that prepares luma: bicubic, or a network on one channel."""
    return card.name == "bicubic" or (card.network is not None and card.colour == "y")


def plane_of(model: SRModel, pair: ImagePair) -> tuple[Plane, Plane]:
    """SR and HR luma of one image, both uint8 (H, W).

    HR luma is rounded; of a file with a single channel it is its grey values as stored. LR and SR are not rounded in
    between; SR is clipped to :data:`STUDIO` and rounded half up.

    Raises:
        SrbenchError: an image that cannot be read, or a model that takes colour.
    """
    hr = luma_plane(pair.load_stored())
    size = (hr.shape[0] // pair.scale, hr.shape[1] // pair.scale)
    sr = _super_resolved(model, imresize(hr.astype(np.float64), size))
    return np.floor(np.clip(sr, *STUDIO) + 0.5).astype(np.uint8), hr


def _super_resolved(model: SRModel, lr: NDArray[np.float64]) -> NDArray[np.float64]:
    """``lr`` (h, w), real numbers in [0, 255], to (scale*h, scale*w)."""
    if not takes_plane(model.card):
        raise SrbenchError(
            f"'{model.card.name}' takes colour images, but this protocol super-resolves a luma plane; "
            "measure it under y-matlab."
        )
    height, width = lr.shape[0] * model.scale, lr.shape[1] * model.scale
    if model.card.network is None:
        enlarged: NDArray[np.float64] = imresize(lr, (height, width))
        return enlarged
    return model.on_plane(lr)
