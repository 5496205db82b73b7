"""A quantity over whole sets: the Fréchet distance of the features of all SR images from those of all HR images.

The Fréchet inception distance is this with the features of an Inception network; a plugin gives the features, srbench
the rest. Source: Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash equilibrium",
NeurIPS 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.errors import SrbenchError

Array = npt.NDArray[np.float64]
Features = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]
"""A uint8 image HxWx3 or HxW -> features (n, d): one row for the image, or one for each of its parts."""


class FrechetDistance:
    """Gathers features of SR and HR images; ``value()`` is the distance of the two Gaussians that fit them.

    For :class:`srbench.quantities.Quantity` with ``needs="set"``: ``measure`` is a function that makes one, such as
    ``partial(FrechetDistance, features)``.
    """

    def __init__(self, features: Features) -> None:
        self._features = features
        self._sr: list[Array] = []
        self._hr: list[Array] = []

    def add(self, sr: npt.NDArray[Any], hr: npt.NDArray[Any]) -> None:
        """Take one pair of uint8 images."""
        for held, image in ((self._sr, sr), (self._hr, hr)):
            rows = np.asarray(self._features(image), np.float64)
            held.append(rows[None] if rows.ndim == 1 else rows)

    def value(self) -> float:
        """The distance; 0 for equal features.

        Raises:
            SrbenchError: fewer than two rows of features.
        """
        sr, hr = (np.concatenate(held) if held else np.zeros((0, 1)) for held in (self._sr, self._hr))
        if min(len(sr), len(hr)) < 2:
            raise SrbenchError(f"a Fréchet distance needs at least two rows of features, got {min(len(sr), len(hr))}.")
        return frechet(sr.mean(axis=0), np.cov(sr, rowvar=False), hr.mean(axis=0), np.cov(hr, rowvar=False))


def frechet(mean_a: Array, covariance_a: Array, mean_b: Array, covariance_b: Array) -> float:
    """|mean_a - mean_b|^2 + trace(a + b - 2 (a b)^(1/2)) of two Gaussians; never negative.

    >>> frechet(np.zeros(2), np.eye(2), np.array([3.0, 4.0]), 4 * np.eye(2))
    27.0
    """
    a, b = np.atleast_2d(covariance_a), np.atleast_2d(covariance_b)
    values, vectors = np.linalg.eigh(a)
    root = vectors @ np.diag(np.sqrt(np.maximum(values, 0))) @ vectors.T
    mixed = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ b @ root), 0)).sum()
    distance = float(np.sum((mean_a - mean_b) ** 2) + np.trace(a) + np.trace(b) - 2 * mixed)
    return max(0.0, distance)
