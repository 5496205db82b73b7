"""A dataset that is computed: stripes of two pitches. A folder of images would be just its path."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from srbench.datasets.dataset import ImagePair
from srbench.datasets.registry import DatasetCard


def stripes(pitch: int) -> NDArray[np.uint8]:
    """Vertical stripes ``pitch`` pixels wide, uint8 (48, 60, 3)."""
    line = np.where(np.arange(60) // pitch % 2, 200, 40).astype(np.uint8)
    return np.broadcast_to(line[None, :, None], (48, 60, 3)).copy()


def _pairs(scale: int, lr: str) -> Sequence[ImagePair]:
    return tuple(ImagePair(f"stripes-{pitch}", scale, partial(stripes, pitch)) for pitch in (4, 12))


STRIPES = DatasetCard(
    name="example-stripes", title="Example stripes", pairs=_pairs, images=2, licence="CC0-1.0", note="Computed stripes."
)
