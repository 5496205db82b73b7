"""MSE and SSIM of two planes in one pass over cache-sized tiles.

With S = x + y and D = x - y, SSIM (Wang et al. 2004, eq. 13) needs only the windowed means of S, D, S^2 and D^2::

    SSIM = (mS^2 - mD^2 + 2 C1) (vS - vD + 2 C2) / ((mS^2 + mD^2 + 2 C1) (vS + vD + 2 C2))

where m is the windowed mean and v = mean of squares - m^2. The four maps of a tile are stacked and filtered by two
matrix products with a small banded matrix, one along each axis, which BLAS does faster than any loop over taps.
The separate D keeps float32 accurate: D is small where images agree, and errors of vS cancel in the quotient. S is
centred tile by tile for the same reason. Sums over tiles are taken in a fixed order, so results do not
depend on threads.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from srbench.metrics.workers import run_on_cores

# A product of m x k by k x n stays on the calling thread in OpenBLAS while m*n*k <= 2^18; these blocks do, so that BLAS
# threads never compete with ours. Much smaller products would make our threads queue for the lock that each BLAS call
# takes, so all four maps go through one product per block of columns, and the luma of a tile is one product.
# A tile is large enough that threads rarely meet at the interpreter lock, and small enough to stay in cache.
_ROWS, _COLUMNS = 128, 688  # no power of two in columns: rows that alias in the cache are slow
_ROW_BLOCK, _COLUMN_BLOCK = 8, 16
_FEW_PIXELS = 200_000
_SMALL_MSE = 0.1
_SAMPLE = 16  # a sixteenth of rows and columns tells a tile's mean well enough to centre it
_LARGE_SHIFT = 8.0

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class SsimConstants:
    """Window along one axis, C1 = (k1 L)^2, C2 = (k2 L)^2, and the factor on (co)variances (1, or N/(N-1))."""

    weights: tuple[float, ...]
    c1: float
    c2: float
    covariance_factor: float = 1.0


@dataclass(frozen=True)
class PlaneSource:
    """Two equal-shaped arrays to compare: uint8 HxWxC with C <= 3 ``coefficients``, or HxW with None.

    ``offset`` is added to every value.
    """

    sr: npt.NDArray[Any]
    hr: npt.NDArray[Any]
    coefficients: tuple[float, ...] | None = None
    offset: float = 0.0


@dataclass(frozen=True)
class _Tile:
    """Output rows and columns of SSIM, and how many input rows and columns count for the MSE here."""

    row: int
    column: int
    rows: int
    columns: int
    own_rows: int
    own_columns: int


def _tiles(height: int, width: int, reach: int) -> Iterator[_Tile]:
    """Cover the valid (height-reach) x (width-reach) region; border inputs are owned by the last tiles."""
    for row in range(0, height - reach, _ROWS):
        rows = min(_ROWS, height - reach - row)
        for column in range(0, width - reach, _COLUMNS):
            columns = min(_COLUMNS, width - reach - column)
            last_row, last_column = row + rows == height - reach, column + columns == width - reach
            own = (rows + reach * last_row, columns + reach * last_column)
            yield _Tile(row, column, rows, columns, *own)


def _banded(block: int, weights: tuple[float, ...]) -> Float32:
    """Matrix whose row i holds the window at columns i .. i+len(weights)-1; block x (block + reach)."""
    taps = np.asarray(weights, dtype=np.float32)
    taps[[0, -1]] += np.float32((1.0 - taps.sum(dtype=np.float64)) / 2.0)  # rounding must not move the sum from 1
    matrix = np.zeros((block, block + len(weights) - 1), dtype=np.float32)
    for i in range(block):
        matrix[i, i : i + len(weights)] = taps
    return matrix


class _Workspace:
    """Buffers and overlapping views for tiles of one width; kept per thread, since fresh memory is slow to touch."""

    def __init__(self, columns: int, weights: tuple[float, ...]) -> None:
        reach = len(weights) - 1
        self.key = (columns, weights)
        padded = -(-(columns + reach) // 16) * 16
        blocks = columns // _COLUMN_BLOCK
        self.vertical = _banded(_ROW_BLOCK, weights)
        self.horizontal = np.ascontiguousarray(_banded(_COLUMN_BLOCK, weights).T)
        self.values = np.zeros((2, (_ROWS + reach) * padded * 3), dtype=np.float32)
        self.maps = np.zeros((4, _ROWS + reach, padded), dtype=np.float32)
        self.half = np.zeros((4 * _ROWS, padded), dtype=np.float32)
        self.full = np.empty((4, _ROWS, columns), dtype=np.float32)
        self.quotient = np.empty((_ROWS, columns), dtype=np.float32)
        plane, row, item = self.maps.strides
        self.row_windows = as_strided(
            self.maps,
            (4, _ROWS // _ROW_BLOCK, _ROW_BLOCK + reach, padded),
            (plane, _ROW_BLOCK * row, row, item),
            writeable=False,
        )
        self.row_blocks = self.half.reshape(4, _ROWS // _ROW_BLOCK, _ROW_BLOCK, padded)
        self.column_windows = as_strided(
            self.half,
            (blocks, 4 * _ROWS, _COLUMN_BLOCK + reach),
            (_COLUMN_BLOCK * item, row, item),
            writeable=False,
        )
        row, item = self.full.strides[1:]
        self.column_blocks = as_strided(
            self.full, (blocks, 4 * _ROWS, _COLUMN_BLOCK), (_COLUMN_BLOCK * item, row, item)
        )

    def filter(self) -> Float32:
        """Windowed means of the four maps; 4 x rows x columns."""
        np.matmul(self.vertical, self.row_windows, out=self.row_blocks)
        np.matmul(self.column_windows, self.horizontal, out=self.column_blocks)
        full: Float32 = self.full
        return full


_local = threading.local()


def _workspace(columns: int, weights: tuple[float, ...]) -> _Workspace:
    held: _Workspace | None = getattr(_local, "workspace", None)
    if held is None or held.key != (columns, weights):
        held = _local.workspace = _Workspace(columns, weights)
    return held


def _load(workspace: _Workspace, source: PlaneSource, tile: _Tile, reach: int) -> tuple[float, np.float32, np.float32]:
    """Fill the maps S, D, S^2, D^2 of one tile; returns the sum of D^2 it owns, and what S and D were centred by.

    D comes from differences of the stored values, which are exact, and S from D + 2 y. D is centred only where SR and
    HR differ in brightness, which is rare.
    """
    rows, columns = tile.rows + reach, tile.columns + reach
    part = (slice(tile.row, tile.row + rows), slice(tile.column, tile.column + columns))
    coefficients = np.asarray(source.coefficients or (1.0,), dtype=np.float32)
    maps = workspace.maps[:, :rows]
    shape = (rows, maps.shape[2], coefficients.size)  # padding holds whatever was there, and is never read
    sr, hr = (held[: math.prod(shape)].reshape(shape) for held in workspace.values)
    np.copyto(sr[:, :columns], source.sr[part].reshape(rows, columns, -1))
    np.copyto(hr[:, :columns], source.hr[part].reshape(rows, columns, -1))
    sr -= hr
    np.dot(sr.reshape(-1, coefficients.size), coefficients, out=maps[1].reshape(-1))
    np.dot(hr.reshape(-1, coefficients.size), coefficients * np.float32(2.0), out=maps[0].reshape(-1))
    maps[0] += maps[1]
    centre_s, centre_d = maps[:2, ::_SAMPLE, :columns:_SAMPLE].mean(axis=(1, 2))
    maps[0] -= centre_s
    np.multiply(maps[:2], maps[:2], out=maps[2:])
    squared = float(maps[3, : tile.own_rows, : tile.own_columns].sum(dtype=np.float64))  # exact for stored channels
    if abs(centre_d) < _LARGE_SHIFT:
        return squared, centre_s, np.float32(0.0)
    maps[1] -= centre_d
    np.multiply(maps[1], maps[1], out=maps[3])
    return squared, centre_s, centre_d


def _ssim_map(workspace: _Workspace, centre_s: np.float32, centre_d: np.float32, ssim: SsimConstants) -> Float32:
    """SSIM of one tile, padded to rows x columns of the workspace; the centres are added to the means again."""
    mean_s, mean_d, var_s, var_d = workspace.filter()
    out = workspace.quotient
    np.multiply(mean_s, mean_s, out=out)
    var_s -= out
    mean_s += centre_s
    mean_s *= mean_s
    if centre_d:
        np.multiply(mean_d, mean_d, out=out)
        var_d -= out
        mean_d += centre_d
        mean_d *= mean_d
    else:
        mean_d *= mean_d
        var_d -= mean_d
    if ssim.covariance_factor != 1.0:
        var_s *= np.float32(ssim.covariance_factor)
        var_d *= np.float32(ssim.covariance_factor)
    mean_s += np.float32(2.0 * ssim.c1)
    var_s += np.float32(2.0 * ssim.c2)
    np.subtract(mean_s, mean_d, out=out)
    mean_s += mean_d
    np.subtract(var_s, var_d, out=mean_d)
    var_s += var_d
    out *= mean_d
    mean_s *= var_s
    out /= mean_s
    return out


def _tile_sums(source: PlaneSource, tile: _Tile, ssim: SsimConstants, columns: int) -> tuple[float, float]:
    """Sum of squared differences and sum of SSIM over one tile."""
    workspace = _workspace(columns, ssim.weights)
    squared, centre_s, centre_d = _load(workspace, source, tile, len(ssim.weights) - 1)
    found = _ssim_map(workspace, centre_s + np.float32(2.0 * source.offset), centre_d, ssim)
    return squared, float(found[: tile.rows, : tile.columns].sum(dtype=np.float32))


def mse_and_ssim(source: PlaneSource, ssim: SsimConstants) -> tuple[float, float]:
    """Mean squared error over the whole planes and mean SSIM over the valid region.

    Agrees with float64 arithmetic to better than 1e-6 (SSIM) and 1e-6 dB (PSNR) wherever SR resembles HR; to 1e-5 in
    SSIM for opposites such as a negative. The planes must be at least as large as the window.
    """
    height, width = source.sr.shape[:2]
    reach = len(ssim.weights) - 1
    tiles = tuple(_tiles(height, width, reach))
    columns = min(_COLUMNS, -(-(width - reach) // _COLUMN_BLOCK) * _COLUMN_BLOCK)
    threaded = height * width >= _FEW_PIXELS
    sums = run_on_cores(lambda tile: _tile_sums(source, tile, ssim, columns), tiles, threaded)
    error = math.fsum(squared for squared, _ in sums) / (height * width)
    if 0.0 < error < _SMALL_MSE:
        error = mse(source)  # a few small differences only: float32 would cost digits of a very high PSNR
    return error, math.fsum(total for _, total in sums) / ((height - reach) * (width - reach))


def mse(source: PlaneSource) -> float:
    """Mean squared error over the whole planes, in float64 and with no window to fit."""
    total = 0.0
    for row in range(0, source.sr.shape[0], _ROWS):
        d = np.subtract(source.sr[row : row + _ROWS], source.hr[row : row + _ROWS], dtype=np.float64)
        if source.coefficients is not None:
            d = d @ np.asarray(source.coefficients)
        total += float(np.vdot(d, d))
    return total / float(source.sr.shape[0] * source.sr.shape[1])
