"""BT.601 studio-range YCbCr as MATLAB's ``rgb2ycbcr`` defines it, in floating point and without rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.errors import SrbenchError

# Rows Y, Cb, Cr; columns R, G, B; for RGB in [0, 1] and YCbCr in [16, 235] x [16, 240]^2 (ITU-R BT.601).
STUDIO_MATRIX = np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]])
STUDIO_OFFSET = np.array([16.0, 128.0, 128.0])


def _need_rgb(image: npt.NDArray[Any]) -> None:
    if image.ndim != 3 or image.shape[2] != 3:
        raise SrbenchError(f"expected an image of shape HxWx3, got {'x'.join(map(str, image.shape))}.")


def rgb_to_y(img: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Luma Y = 16 + (65.481 R + 128.553 G + 24.966 B)/255 of an image with values in [0, 255].

    Takes HxWx3, or HxW as a grey image of three equal channels. Returns HxW in [16, 235], not rounded.

    Raises:
        SrbenchError: the shape is neither HxW nor HxWx3.
    """
    if img.ndim == 2:
        return np.asarray(img * (STUDIO_MATRIX[0].sum() / 255.0) + STUDIO_OFFSET[0])
    _need_rgb(img)
    y: npt.NDArray[np.float64] = img.reshape(-1, 3).astype(np.float64) @ (STUDIO_MATRIX[0] / 255.0)
    y += STUDIO_OFFSET[0]
    return y.reshape(img.shape[:2])


def rgb_to_ycbcr(img: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Studio-range YCbCr (HxWx3, not rounded) of an HxWx3 image with values in [0, 255].

    Raises:
        SrbenchError: the shape is not HxWx3.
    """
    _need_rgb(img)
    return np.asarray(img.astype(np.float64) @ (STUDIO_MATRIX.T / 255.0) + STUDIO_OFFSET)


def ycbcr_to_rgb(ycc: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """RGB (uint8 HxWx3, rounded half up and clipped) of a studio-range YCbCr image HxWx3.

    Raises:
        SrbenchError: the shape is not HxWx3.
    """
    _need_rgb(ycc)
    rgb = (ycc - STUDIO_OFFSET) @ (np.linalg.inv(STUDIO_MATRIX).T * 255.0)
    return np.asarray(np.clip(np.floor(rgb + 0.5), 0, 255), dtype=np.uint8)
