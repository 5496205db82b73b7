"""MATLAB's ``imresize`` with its default bicubic kernel and antialiasing, byte for byte on uint8 images.

Keys' cubic convolution kernel (a = -0.5), widened by 1/scale when shrinking; weights normalised per output pixel;
borders mirrored; the axis with the smaller scale first (height first when equal). On uint8 images each of the two
passes is rounded half up and clipped, which is what makes the result equal MATLAB's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.errors import SrbenchError


def cubic(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Keys' cubic convolution kernel with a = -0.5; zero outside [-2, 2]."""
    a = np.abs(x)
    inner = (1.5 * a - 2.5) * a * a + 1.0
    outer = ((-0.5 * a + 2.5) * a - 4.0) * a + 2.0
    return np.where(a <= 1.0, inner, np.where(a <= 2.0, outer, 0.0))


def axis_weights(n_in: int, n_out: int, scale: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Weights and (mirrored, 0-based) input indices of every output pixel along one axis; both n_out x taps.

    Output pixel i (1-based) looks at u = i/scale + (1 - 1/scale)/2; each row of weights sums to 1.
    """
    shrink = min(scale, 1.0)
    width = 4.0 / shrink
    u = np.arange(1, n_out + 1) / scale + 0.5 * (1.0 - 1.0 / scale)
    left = np.floor(u - width / 2.0)
    indices = left[:, None] + np.arange(math.ceil(width) + 2)
    weights = shrink * cubic(shrink * (u[:, None] - indices))
    weights /= weights.sum(axis=1, keepdims=True)
    folded = np.mod(indices.astype(np.intp) - 1, 2 * n_in)
    mirrored = np.where(folded < n_in, folded, 2 * n_in - 1 - folded)
    used = np.any(weights != 0.0, axis=0)
    return weights[:, used], mirrored[:, used]


@lru_cache(maxsize=64)
def _axis_matrix(n_in: int, n_out: int, scale: float) -> Any:
    """The weights of one axis as a sparse n_out x n_in matrix (scipy CSR)."""
    from scipy import sparse

    weights, indices = axis_weights(n_in, n_out, scale)
    starts = np.arange(0, weights.size + 1, weights.shape[1])
    return sparse.csr_matrix((weights.ravel(), indices.ravel(), starts), shape=(n_out, n_in))


def _resize_axis(image: npt.NDArray[Any], axis: int, n_out: int, scale: float) -> npt.NDArray[np.float64]:
    """Resize axis 0 or 1 of an HxWxC array; float64."""
    matrix = _axis_matrix(image.shape[axis], n_out, scale)
    moved = image if axis == 0 else image.transpose(1, 0, 2)
    flat = np.ascontiguousarray(moved, dtype=np.float64).reshape(moved.shape[0], -1)
    out = np.asarray(matrix @ flat).reshape(n_out, *moved.shape[1:])
    return out if axis == 0 else out.transpose(1, 0, 2)


def _plan(
    shape: tuple[int, int], factor_or_shape: float | Sequence[int]
) -> tuple[tuple[int, int], tuple[float, float]]:
    """Output size and the scale of each axis, as MATLAB derives them."""
    if isinstance(factor_or_shape, (int, float, np.integer, np.floating)):
        factor = float(factor_or_shape)
        if not (math.isfinite(factor) and factor > 0):
            raise SrbenchError(
                f"imresize needs a positive factor or an output shape (height, width), got {factor_or_shape}."
            )
        return (math.ceil(factor * shape[0]), math.ceil(factor * shape[1])), (factor, factor)
    size = tuple(int(n) for n in factor_or_shape)
    if len(size) != 2 or min(size) < 1:
        raise SrbenchError(f"imresize needs an output shape of two positive integers (height, width), got {size}.")
    return (size[0], size[1]), (size[0] / shape[0], size[1] / shape[1])


def imresize(
    image: npt.NDArray[Any], factor_or_shape: float | Sequence[int], *, round_once: bool = False
) -> npt.NDArray[Any]:
    """Resize as MATLAB's ``imresize(image, factor)`` or ``imresize(image, [height width])`` does.

    Takes HxW or HxWxC. uint8 gives uint8, rounded half up and clipped after each of the two passes, as MATLAB does;
    float32 and float64 (any range) give the same type, computed in float64 with no rounding or clipping.
    A factor gives ceil(factor * size) pixels per side. ``round_once`` computes a uint8 image in float64 and rounds and
    clips the result alone, as MATLAB does for ``uint8(imresize(double(image), ...))``: a few values differ by one.

    Raises:
        SrbenchError: the image is empty, of another type or shape, or the factor or shape is not positive.

    >>> import numpy as np
    >>> imresize(np.array([[0, 0, 255, 255]] * 4, dtype=np.uint8), 0.5)  # the cubic kernel, widened by 2
    array([[ 14, 241],
           [ 14, 241]], dtype=uint8)
    >>> imresize(np.full((6, 9, 3), 7.5), 1 / 3).shape
    (2, 3, 3)
    """
    if image.ndim not in (2, 3) or image.size == 0:
        raise SrbenchError(f"imresize needs a non-empty HxW or HxWxC image, got shape {image.shape}.")
    whole = image.dtype == np.uint8
    if not whole and image.dtype not in (np.float32, np.float64):
        raise SrbenchError(f"imresize needs a uint8, float32 or float64 image, got {image.dtype}; convert it first.")
    size, scales = _plan((image.shape[0], image.shape[1]), factor_or_shape)
    out: npt.NDArray[Any] = image.reshape(*image.shape[:2], -1)
    for axis in sorted((0, 1), key=lambda a: scales[a]):
        out = _resize_axis(out, axis, size[axis], scales[axis])
        if whole and not round_once:
            out = np.clip(np.floor(out + 0.5), 0, 255)
    if whole and round_once:
        out = np.clip(np.floor(out + 0.5), 0, 255)
    return np.ascontiguousarray(out.reshape(size + image.shape[2:]), dtype=image.dtype)
