"""PSNR and SSIM of one image with arithmetic that gives the same bits everywhere.

Sums of squared differences of stored samples are integers and exact in float64. SSIM's windowed means are taken by
elementwise multiplications and additions in a written order; no matrix product and no library sum whose order depends
on the processor or on numpy's version is used. So a laptop and a server agree to the last digit.

SSIM: Wang et al., IEEE TIP 13(4), 2004, eq. 13. With S = x + y and D = x - y::

    SSIM = (mS^2 - mD^2 + 2 C1) (vS - vD + 2 C2) / ((mS^2 + mD^2 + 2 C1) (vS + vD + 2 C2))

where m is a windowed mean and v the mean of squares less m^2. S and D are centred tile by tile on whole numbers, which
changes no variance and keeps float32 accurate to better than 1e-6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.challenge.score.plan import MEASURED_NAMES, Measure, Plane
from srbench.metrics.workers import run_on_cores

_ROWS, _COLUMNS = 64, 256
_FEW_PIXELS = 200_000
_SAMPLE = 16

Plane8 = npt.NDArray[Any]


@dataclass(frozen=True)
class ImageScore:
    """What was measured of one image, by name: PSNR [dB], infinite exactly where it is ``identical``; mean SSIM."""

    values: dict[str, float]
    error: float
    """MSE over the planes, in squared grey levels."""

    @property
    def identical(self) -> bool:
        """Whether nothing measured differs."""
        return self.error == 0.0


def measure(
    sr: npt.NDArray[Any],
    hr: npt.NDArray[Any],
    how: Measure,
    wanted: Sequence[str] = MEASURED_NAMES,
    *,
    threads: bool = True,
) -> ImageScore:
    """The ``wanted`` ones of PSNR and SSIM of two uint8 HxWx3 images of equal shape.

    Raises:
        ValueError: other types or shapes, an image smaller than the window after shaving, or another name.
    """
    pairs = _planes(sr, hr, how)
    error = _error(pairs)
    values = {}
    for name in wanted:
        if name == "psnr":
            values[name] = decibels_of(error, how.peak)
        elif name == "ssim":
            values[name] = math.fsum(_ssim(x, y, how, threads) for x, y in pairs) / len(pairs)
        else:
            raise ValueError(f"the scorer does not measure {name}")
    return ImageScore(values, error)


def decibels(sr: npt.NDArray[Any], hr: npt.NDArray[Any], how: Measure) -> float:
    """PSNR [dB] alone, infinite where nothing measured differs; raises as :func:`measure` does."""
    return decibels_of(_error(_planes(sr, hr, how)), how.peak)


def decibels_of(error: float, peak: float) -> float:
    """PSNR [dB] = 10 log10(peak^2 / MSE)."""
    return math.inf if error == 0.0 else 10.0 * math.log10(peak * peak / error)


def _planes(sr: npt.NDArray[Any], hr: npt.NDArray[Any], how: Measure) -> list[tuple[Plane8, Plane8]]:
    for image in (sr, hr):
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(f"expected uint8 HxWx3, got {image.dtype} {image.shape}")
    if sr.shape != hr.shape or min(sr.shape[:2]) < how.smallest_side:
        raise ValueError(f"cannot measure {sr.shape} against {hr.shape}; the shortest side is {how.smallest_side}")
    border, (height, width) = how.border, sr.shape[:2]
    inner = (slice(border, height - border), slice(border, width - border))
    return [(_plane(sr[inner], plane, how.rounded), _plane(hr[inner], plane, how.rounded)) for plane in how.planes]


def _plane(image: npt.NDArray[Any], plane: Plane, rounded: bool) -> Plane8:
    """One plane: uint8 where it is a stored channel or rounded, else float64."""
    if sorted(plane.coefficients) == [0.0, 0.0, 1.0] and plane.offset == 0.0:
        return np.ascontiguousarray(image[..., plane.coefficients.index(1.0)])
    red, green, blue = plane.coefficients
    value: Plane8 = image[..., 0] * red
    value += image[..., 1] * green
    value += image[..., 2] * blue
    if rounded:
        return np.floor(value + (plane.offset + 0.5)).astype(np.uint8)
    value += plane.offset
    return value


def _total(values: npt.NDArray[Any]) -> float:
    """Sum of a plane, row by row in float64, then exactly over the columns."""
    columns: list[float] = np.add.reduce(values, axis=0, dtype=np.float64).tolist()
    return math.fsum(columns)


def _error(pairs: list[tuple[Plane8, Plane8]]) -> float:
    """MSE over the planes."""
    means = []
    for x, y in pairs:
        total = 0.0
        for row in range(0, x.shape[0], _ROWS):
            first, second = x[row : row + _ROWS], y[row : row + _ROWS]
            if x.dtype == np.uint8:
                difference = (np.maximum(first, second) - np.minimum(first, second)).astype(np.float32)
                difference *= difference
                # sums of at most 64 squares below 2^16 are exact in float32, and those of columns in float64
                total += float(np.add.reduce(difference, axis=0).sum(dtype=np.float64))
            else:
                real = first - second
                real *= real
                total += _total(real)
        means.append(total / (x.shape[0] * x.shape[1]))
    return math.fsum(means) / len(means)


def _ssim(x: Plane8, y: Plane8, how: Measure, threads: bool) -> float:
    """Mean SSIM over the valid region of two planes."""
    height, width = x.shape
    reach = len(how.window) - 1
    rows, columns = height - reach, width - reach
    corners = [(row, column) for row in range(0, rows, _ROWS) for column in range(0, columns, _COLUMNS)]

    def tile(corner: tuple[int, int]) -> float:
        row, column = corner
        bottom, right = min(row + _ROWS, rows) + reach, min(column + _COLUMNS, columns) + reach
        return _tile_ssim(x[row:bottom, column:right], y[row:bottom, column:right], how)

    totals: list[float] = run_on_cores(tile, corners, threads and height * width >= _FEW_PIXELS)
    return float(math.fsum(totals) / (rows * columns))


def _centre(values: npt.NDArray[Any]) -> Any:
    """A whole number (float32) near the mean of a sample, by a sum of whole numbers: the same everywhere."""
    sample = values[::_SAMPLE, ::_SAMPLE]
    total, count = int(np.rint(sample).astype(np.int64).sum()), int(sample.size)
    centre: np.float32 = np.float32(total // count)
    return centre


def _tile_ssim(x: Plane8, y: Plane8, how: Measure) -> float:
    """Sum of SSIM over the valid region of one tile.

    All rows lie behind each other in one line, so that every step is one long loop; at the end of each row there are
    windows that reach into the next one, which are left out of the sum.
    """
    height, width = x.shape
    reach = len(how.window) - 1
    kind: Any = np.int16 if x.dtype == np.uint8 else np.float64
    first, second = x.astype(kind), y.astype(kind)
    plus, minus = first + second, first - second
    centre_s, centre_d = _centre(plus), _centre(minus)
    maps = np.empty((4, height * width), dtype=np.float32)
    maps[0], maps[1] = plus.ravel(), minus.ravel()
    maps[0] -= centre_s
    maps[1] -= centre_d
    np.multiply(maps[:2], maps[:2], out=maps[2:])
    mean_s, mean_d, var_s, var_d = _filtered(_filtered(maps, how.window, width), how.window, 1)
    var_s -= mean_s * mean_s
    var_d -= mean_d * mean_d
    if how.covariance_factor != 1.0:
        var_s *= np.float32(how.covariance_factor)
        var_d *= np.float32(how.covariance_factor)
    mean_s += centre_s
    mean_d += centre_d
    mean_s *= mean_s
    mean_d *= mean_d
    mean_s += np.float32(2.0 * how.c1)
    var_s += np.float32(2.0 * how.c2)
    found = np.empty(((height - reach) * width,), dtype=np.float32)
    inside = found[: mean_s.size]
    np.multiply(mean_s - mean_d, var_s - var_d, out=inside)
    inside /= (mean_s + mean_d) * (var_s + var_d)
    return _total(found.reshape(height - reach, width)[:, : width - reach])


def _filtered(maps: npt.NDArray[Any], window: tuple[float, ...], step: int) -> npt.NDArray[Any]:
    """Windowed means of four lines of float32 over values ``step`` apart, the outer taps first."""
    size, length = len(window), maps.shape[1] - (len(window) - 1) * step

    def shifted(tap: int) -> npt.NDArray[Any]:
        return maps[:, tap * step : tap * step + length]

    out = np.zeros((len(maps), length), dtype=np.float32)
    part = np.empty_like(out)
    for tap in range(size // 2):
        np.add(shifted(tap), shifted(size - 1 - tap), out=part)
        part *= np.float32(window[tap])
        out += part
    if size % 2:
        np.multiply(shifted(size // 2), np.float32(window[size // 2]), out=part)
        out += part
    return out
