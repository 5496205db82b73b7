"""A dataset that is computed: stripes of two pitches, uint8 (48, 60, 3). A folder of images would be just its path."""

import numpy as np

from srbench.datasets import DatasetCard, ImagePair


def _pairs(scale, lr):
    lines = {pitch: np.where(np.arange(60) // pitch % 2, 200, 40).astype(np.uint8) for pitch in (4, 12)}
    return [ImagePair(f"stripes-{p}", scale, lambda n=n: np.tile(n[:, None], (48, 1, 3))) for p, n in lines.items()]


STRIPES = DatasetCard(name="example-stripes", title="Example stripes", pairs=_pairs, images=2, licence="CC0-1.0")
