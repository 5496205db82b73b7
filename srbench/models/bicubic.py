"""Bicubic interpolation, twice: as one uses it, and as the papers' tables have it. No torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from srbench.errors import SrbenchError
from srbench.imaging import imresize, rgb_to_y


def bicubic(lr: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """MATLAB's ``imresize(lr, scale)``: uint8 (h, w, 3) -> uint8 (scale*h, scale*w, 3)."""
    enlarged: NDArray[np.uint8] = imresize(lr, scale)
    return enlarged


def bicubic_paper(hr: NDArray[np.uint8], scale: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The papers' bicubic row: rounded luma of HR, down and up in floating point, rounded once at the end.

    Takes uint8 HR (H, W, 3), H and W multiples of ``scale``. Returns (SR, reference), both uint8 *luma*
    (H, W), which give 33.66/0.9299, 30.39/0.8682, 28.42/0.8104 on Set5 at x2, x3, x4.

    Raises:
        SrbenchError: H or W is no multiple of ``scale``.
    """
    if hr.shape[0] % scale or hr.shape[1] % scale:
        raise SrbenchError(f"HR is {hr.shape[0]}x{hr.shape[1]}; crop it to multiples of {scale} first (modcrop).")
    luma = np.floor(rgb_to_y(hr) + 0.5)
    small = imresize(luma, (hr.shape[0] // scale, hr.shape[1] // scale))
    enlarged = imresize(small, hr.shape[:2])
    return _uint8(enlarged), _uint8(luma)


def _uint8(image: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(np.floor(image + 0.5), 0, 255).astype(np.uint8)
