"""Is a training image also a test image? By hash of the pixels and by perceptual hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from srbench.errors import SrbenchError
from srbench.imaging import imresize, rgb_to_y
from srbench.training.patches import TrainingPairs

UInt8 = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Overlap:
    """A training image that looks like a test image; ``distance`` in differing bits of 64 (0: the same)."""

    training: str
    test: str
    distance: int


def perceptual_hash(image: UInt8) -> Bits:
    """64 bits of an image: signs of its lowest 8x8 DCT coefficients against their median (luma, 32x32).

    Shrinking, mild cropping and recompression change few of them; two unrelated photographs differ in
    about half.
    """
    from scipy.fft import dctn

    small = imresize(rgb_to_y(image), (32, 32))
    low = dctn(small, norm="ortho")[:8, :8].ravel()
    bits: Bits = low > np.median(low[1:])
    return bits


def find_overlaps(training: Mapping[str, UInt8], tests: Iterable[tuple[str, UInt8]], limit: int = 10) -> list[Overlap]:
    """Every pair of a training and a test image whose hashes differ in at most ``limit`` bits, mirrored ones too."""
    names = list(training)
    known = np.array([perceptual_hash(training[name]) for name in names])
    found = []
    for name, image in tests:
        variants = [perceptual_hash(v) for v in (image, image[:, ::-1], np.rot90(image), np.rot90(image, 3))]
        for bits in variants:
            distance = np.count_nonzero(known != bits, axis=1)
            found += [Overlap(names[i], name, int(distance[i])) for i in np.flatnonzero(distance <= limit)]
    return found


TEST_SETS = ("embedded", "set5", "set14", "bsd100", "urban100")
SAME_IMAGE = 6  # of 64 bits; the nearest unrelated photographs of the sets above differ in 10 or more


def refuse_overlap(pairs: TrainingPairs) -> tuple[str, ...]:
    """Compare training images with every test set at hand (cached or mirrored); returns the sets compared.

    Raises:
        SrbenchError: a training image is a test image, names both and says what to exclude.
    """
    from srbench.datasets import available, open_dataset

    training = dict(zip(pairs.names, pairs.hr, strict=True))
    checked = []
    for name in TEST_SETS:
        if available(name, pairs.scale) != "cached":
            continue
        images = ((f"{name}/{pair.name}", pair.load()[1]) for pair in open_dataset(name, pairs.scale).images)
        found = find_overlaps(training, images, limit=SAME_IMAGE)
        if found:
            twins = ", ".join(f"'{o.training}' is {o.test}" for o in found)
            wanted = ",".join(dict.fromkeys(o.training for o in found))
            raise SrbenchError(f"training images are test images: {twins}; leave them out with --exclude {wanted}.")
        checked.append(name)
    return tuple(checked)
