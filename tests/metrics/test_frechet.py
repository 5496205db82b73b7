"""A quantity over a whole set: it sees all images before it has a value."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import sqrtm

from srbench.errors import SrbenchError
from srbench.metrics.frechet import FrechetDistance, frechet
from srbench.quantities import QUANTITIES, Quantity, image_quantities, register_quantity

RANDOM = np.random.default_rng(0)


def colours(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean and deviation of every channel: a stand-in for a network's features."""
    return np.concatenate([image.mean(axis=(0, 1)), image.std(axis=(0, 1))])


def images(count: int, least: int = 0) -> list[NDArray[np.uint8]]:
    return [RANDOM.integers(least, 200 + least, (8, 9, 3), dtype=np.uint8) for _ in range(count)]


def test_a_set_quantity_is_registered_and_measured_over_all_images() -> None:
    with QUANTITIES.scoped():
        register_quantity(Quantity("fd-colours", "FD", "set", partial(FrechetDistance, colours), direction="lower"))
        (quantity,) = image_quantities(["fd-colours"])
    hr = images(12)
    same, other = quantity.function()(), quantity.function()()
    for image, moved in zip(hr, images(12, least=50), strict=True):
        same.add(image, image)
        other.add(moved, image)
    assert same.value() == pytest.approx(0, abs=1e-6)
    assert other.value() > 1000


def test_it_is_the_distance_of_two_gaussians() -> None:
    a, b = RANDOM.normal(size=(50, 4)), RANDOM.normal(2, 3, size=(40, 4))
    covariances = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(
        sum(covariances) - 2 * sqrtm(covariances[0] @ covariances[1])
    )
    assert frechet(a.mean(0), covariances[0], b.mean(0), covariances[1]) == pytest.approx(float(np.real(expected)))


def test_one_image_is_no_set() -> None:
    distance = FrechetDistance(colours)
    with pytest.raises(SrbenchError, match="at least two rows of features, got 0"):
        distance.value()
    distance.add(*images(2))
    with pytest.raises(SrbenchError, match="got 1"):
        distance.value()
