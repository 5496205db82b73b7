"""Bicubic interpolation, three times: as one uses it, as the papers' tables have it, as PyTorch has it. No torch."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from srbench.errors import SrbenchError
from srbench.imaging import imresize, rgb_to_y

_BLACK, _WHITE = 16, 235


def bicubic(lr: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """MATLAB's ``imresize(lr, scale)``: uint8 (h, w, 3) -> uint8 (scale*h, scale*w, 3)."""
    enlarged: NDArray[np.uint8] = imresize(lr, scale)
    return enlarged


def bicubic_paper(hr: NDArray[np.uint8], scale: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The papers' bicubic row: rounded luma of HR, down and up in floating point, rounded once at the end.

    Takes uint8 HR (H, W, 3), H and W multiples of ``scale``. Returns (SR, reference), both uint8 (H, W, 3):
    nearly grey images whose luma is the whole number wanted (:func:`image_of_luma`), so that any protocol on
    luma measures them. On Set5: 33.66/0.9299, 30.39/0.8682, 28.42/0.8104 at x2, x3, x4. On Set14 the papers' row
    needs the grey file as stored, which RGB has lost: protocol y-matlab-plane gives it.

    Raises:
        SrbenchError: H or W is no multiple of ``scale``.
    """
    if hr.shape[0] % scale or hr.shape[1] % scale:
        raise SrbenchError(f"HR is {hr.shape[0]}x{hr.shape[1]}; crop it to multiples of {scale} first (modcrop).")
    luma = np.floor(rgb_to_y(hr) + 0.5)
    small = imresize(luma, (hr.shape[0] // scale, hr.shape[1] // scale))
    return image_of_luma(np.floor(imresize(small, hr.shape[:2]) + 0.5)), image_of_luma(luma)


def bicubic_torch(lr: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """PyTorch's ``interpolate(mode="bicubic")``, clipped and rounded once; uint8 as :func:`bicubic`.

    Its kernel has the coefficient -0.75 in the place of -0.5, and borders repeat their last pixel. It is 0.2 to 0.3 dB
    better on Set5 than MATLAB's, so a table with this row looks 0.2 dB better than one with the other.
    """
    along = _torch_axis(lr.astype(np.float64), scale)
    both = _torch_axis(along.transpose(1, 0, 2), scale).transpose(1, 0, 2)
    rounded: NDArray[np.uint8] = np.clip(np.rint(both), 0, 255).astype(np.uint8)
    return rounded


def _torch_axis(image: NDArray[np.float64], scale: int) -> NDArray[np.float64]:
    place = (np.arange(image.shape[0] * scale) + 0.5) / scale - 0.5
    first = np.floor(place).astype(np.intp)
    enlarged = np.zeros((len(place), *image.shape[1:]))
    for tap in range(-1, 3):
        weight = _torch_cubic(np.abs(place - (first + tap)))
        enlarged += weight[:, None, None] * image[np.clip(first + tap, 0, image.shape[0] - 1)]
    return enlarged


def _torch_cubic(distance: NDArray[np.float64], a: float = -0.75) -> NDArray[np.float64]:
    inner = ((a + 2) * distance - (a + 3)) * distance**2 + 1
    outer = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    weight: NDArray[np.float64] = np.where(distance <= 1, inner, outer)
    return weight


def image_of_luma(luma: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The nearly grey uint8 image (H, W, 3) whose BT.601 luma is ``luma`` (whole numbers) within 0.005.

    Studio luma of an 8-bit image is in [16, 235]; overshoot beyond is clipped. That is below 0.001 dB on Set5, but
    not where a grey file is measured in its full range (protocol y-matlab-plane).

    >>> [round(float(y), 2) for y in rgb_to_y(image_of_luma(np.array([[16.0, 17.0, 128.0, 250.0]])))[0]]
    [16.0, 17.0, 128.0, 235.0]
    """
    clipped: NDArray[np.intp] = np.clip(luma, _BLACK, _WHITE).astype(np.intp)
    return _near_greys()[clipped - _BLACK]


@lru_cache(maxsize=1)
def _near_greys() -> NDArray[np.uint8]:
    """For each luma 16 ... 235 the colour within 4 of grey that comes nearest to it; uint8 (220, 3)."""
    offsets = np.stack(np.meshgrid(*[np.arange(-4, 5)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    colours = (np.arange(256)[:, None, None] + offsets).reshape(-1, 3)
    colours = colours[((colours >= 0) & (colours <= 255)).all(axis=1)]
    found = rgb_to_y(colours[None].astype(np.float64))[0]
    order = np.argsort(found, kind="stable")
    wanted = np.arange(_BLACK, _WHITE + 1)
    right = np.clip(np.searchsorted(found[order], wanted), 1, len(order) - 1)
    nearer = np.where(wanted - found[order[right - 1]] <= found[order[right]] - wanted, right - 1, right)
    greys: NDArray[np.uint8] = colours[order[nearer]].astype(np.uint8)
    return greys
