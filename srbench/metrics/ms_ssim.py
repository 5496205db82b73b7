"""Multi-scale SSIM of one image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.errors import SrbenchError
from srbench.metrics.parameters import CHANNELS, Protocol
from srbench.metrics.protocols import DEFAULT, check_pair, get_protocol, luma_plane

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Exponents of the five scales, from the finest to the coarsest: those that observers gave."""

Plane = npt.NDArray[np.float64]


def ms_ssim(
    sr: npt.NDArray[Any],
    hr: npt.NDArray[Any],
    scale: int = 4,
    protocol: str | Protocol = DEFAULT,
    weights: tuple[float, ...] = WEIGHTS,
) -> float:
    """Product over scales of contrast and structure, and of the luminance at the coarsest, each to its weight.

    Takes two uint8 arrays of equal shape, HxWx3 (RGB) or HxW. Channel, shave and window are the protocol's; of several
    channels the mean is taken. Each scale halves the one before it by the mean of 2x2 pixels; a negative term counts
    as 0. One weight of 1 is SSIM. Source: Wang, Simoncelli and Bovik, "Multi-scale structural similarity for image
    quality assessment", Asilomar 2003.

    Raises:
        SrbenchError: wrong type or shape, different shapes, or an image too small for its coarsest scale.

    >>> image = np.tile(np.arange(192, dtype=np.uint8), (192, 1))
    >>> ms_ssim(image, image), ms_ssim(image // 2, image) < 1
    (1.0, True)
    """
    protocol = get_protocol(protocol)
    border = protocol.border(scale)
    check_pair(sr, hr, border)
    least = protocol.ssim.size * 2 ** (len(weights) - 1)
    height, width = (side - 2 * border for side in hr.shape[:2])
    if min(height, width) < least:
        raise SrbenchError(
            f"MS-SSIM with {len(weights)} scales needs at least {least}x{least} pixels inside the shave, got "
            f"{height}x{width}."
        )
    pairs = zip(_planes(sr, border, protocol), _planes(hr, border, protocol), strict=True)
    return float(np.mean([_of_plane(a, b, protocol, weights) for a, b in pairs]))


def _planes(image: npt.NDArray[Any], border: int, protocol: Protocol) -> Iterator[Plane]:
    if protocol.prepare == "luma":
        plane = luma_plane(image)
        yield plane[border : plane.shape[0] - border, border : plane.shape[1] - border].astype(np.float64)
        return
    rgb = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image
    inner = rgb[border : rgb.shape[0] - border, border : rgb.shape[1] - border].astype(np.float64)
    for channel in CHANNELS[protocol.channel]:
        plane = inner @ np.asarray(channel.coefficients) + channel.offset
        yield np.floor(plane + 0.5) if protocol.rounded else plane


def _of_plane(a: Plane, b: Plane, protocol: Protocol, weights: tuple[float, ...]) -> float:
    value = 1.0
    for index, weight in enumerate(weights):
        luminance, structure = _terms(a, b, protocol)
        last = index == len(weights) - 1
        term = float(np.mean(luminance * structure if last else structure))
        value *= max(term, 0.0) ** weight
        if not last:
            a, b = _halved(a), _halved(b)
    return value


def _terms(a: Plane, b: Plane, protocol: Protocol) -> tuple[Plane, Plane]:
    """Luminance, and contrast times structure, at every place where the window fits."""
    parameters = protocol.ssim
    c1, c2 = (parameters.k1 * protocol.peak) ** 2, (parameters.k2 * protocol.peak) ** 2
    window = np.asarray(parameters.weights())
    mean_a, mean_b = _filtered(a, window), _filtered(b, window)
    grow = parameters.size**2 / (parameters.size**2 - 1) if parameters.sample_covariance else 1.0
    variance_a = (_filtered(a * a, window) - mean_a**2) * grow
    variance_b = (_filtered(b * b, window) - mean_b**2) * grow
    covariance = (_filtered(a * b, window) - mean_a * mean_b) * grow
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return luminance, (2 * covariance + c2) / (variance_a + variance_b + c2)


def _filtered(plane: Plane, window: npt.NDArray[np.float64]) -> Plane:
    """The separable window over the valid region."""
    rows = np.lib.stride_tricks.sliding_window_view(plane, len(window), axis=0) @ window
    both: Plane = np.lib.stride_tricks.sliding_window_view(rows, len(window), axis=1) @ window
    return both


def _halved(plane: Plane) -> Plane:
    """Means of 2x2 pixels; an odd last row or column is left out."""
    height, width = (side // 2 * 2 for side in plane.shape)
    blocks = plane[:height, :width].reshape(height // 2, 2, width // 2, 2)
    return blocks.mean(axis=(1, 3))  # type: ignore[no-any-return]
