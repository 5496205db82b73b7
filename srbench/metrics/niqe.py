"""NIQE: how far the statistics of an image are from those of natural photographs; no reference, no network.

Source: Mittal, Soundararajan and Bovik, "Making a completely blind image quality analyzer", IEEE Signal Processing
Letters 2013. The parameters of the natural photographs decide the values: those of the paper come from images that are
not free, so srbench has its own, of the four embedded photographs (``niqe-embedded@1``), and takes other people's
(:func:`niqe_quantity`). Values under different parameters do not compare.
"""

from __future__ import annotations

import hashlib
import json
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from srbench.errors import SrbenchError
from srbench.imaging import imresize, rgb_to_y, shave
from srbench.quantities.perceptual import NIQE_EMBEDDED, PerceptualProtocol, WeightsFile
from srbench.quantities.quantity import Quantity

if TYPE_CHECKING:
    from srbench.metrics.parameters import Protocol

Array = npt.NDArray[np.float64]

BLOCK = 96
"""Side of the blocks whose statistics are taken; half of it at the coarser scale."""
SHARP = 0.75
"""Of natural photographs, only blocks with more than this share of their image's largest mean deviation are taken."""
SHIFTS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Neighbours whose products are modelled: right, below, and both diagonals."""
EMBEDDED = Path(__file__).parent / "niqe_embedded.json"
_SHAPES = np.arange(0.2, 10.0005, 0.001)


@dataclass(frozen=True, eq=False)
class NiqeParameters:
    """Mean (36) and covariance (36, 36) of the statistics of natural photographs, and the hash of their file."""

    mean: Array
    covariance: Array
    sha256: str = ""


def niqe(luma: Array, parameters: NiqeParameters) -> float:
    """The distance of an image's statistics from natural ones; 0 is natural, larger is worse.

    Args:
        luma: HxW with values in [0, 255], at least two blocks of 96x96.
        parameters: of natural photographs.

    Raises:
        SrbenchError: the image is smaller than two blocks, or has no structure at all.
    """
    found, _ = block_statistics(luma)
    found = found[np.isfinite(found).all(axis=1)]
    if len(found) < 2:
        raise SrbenchError(
            f"NIQE needs at least two blocks of {BLOCK}x{BLOCK} pixels with some structure; the image of "
            f"{luma.shape[0]}x{luma.shape[1]} has {len(found)}."
        )
    difference = parameters.mean - found.mean(axis=0)
    pooled = (parameters.covariance + np.cov(found, rowvar=False)) / 2
    return float(np.sqrt(max(0.0, difference @ np.linalg.pinv(pooled) @ difference)))


def fit(lumas: Iterable[Array], step: int = BLOCK // 2) -> NiqeParameters:
    """The parameters of a set of natural photographs: the statistics of their sharp blocks.

    Args:
        lumas: HxW each, values in [0, 255].
        step: distance of neighbouring blocks; smaller than 96 they overlap.

    Raises:
        SrbenchError: fewer sharp blocks than statistics.
    """
    kept = []
    for luma in lumas:
        for top in range(0, BLOCK, step):
            for left in range(0, BLOCK, step):
                part = luma[top:, left:]
                if min(part.shape) >= BLOCK:
                    kept.append(block_statistics(part))
    rows = []
    for found, deviation in kept:
        sharp = found[deviation > SHARP * deviation.max()]
        rows.append(sharp[np.isfinite(sharp).all(axis=1)])
    every = np.concatenate(rows) if rows else np.zeros((0, 36))
    if len(every) <= every.shape[1]:
        raise SrbenchError(
            f"parameters of NIQE need more sharp blocks than statistics: got {len(every)} of {BLOCK}x{BLOCK} pixels, "
            f"need more than {every.shape[1]}; give more or larger photographs."
        )
    return NiqeParameters(every.mean(axis=0), np.cov(every, rowvar=False))


def block_statistics(luma: Array) -> tuple[Array, Array]:
    """Statistics of every block (n, 36), NaN where it has no structure, and its mean local deviation (n,)."""
    height, width = (side // BLOCK * BLOCK for side in luma.shape)
    image = np.asarray(luma[:height, :width], np.float64)
    columns = []
    deviation = np.zeros(0)
    for level in range(2):
        side = BLOCK >> level
        normal, local = _normalised(image)
        blocks = list(_blocks(normal, side))
        columns.append(np.array([_of_block(block) for block in blocks]).reshape(len(blocks), 18))
        if level == 0:
            deviation = np.array([block.mean() for block in _blocks(local, side)])
            image = np.asarray(imresize(image, 0.5), np.float64) if len(blocks) else image
    return np.concatenate(columns, axis=1), deviation


def _blocks(plane: Array, side: int) -> Iterator[Array]:
    for top in range(0, plane.shape[0] - side + 1, side):
        for left in range(0, plane.shape[1] - side + 1, side):
            yield plane[top : top + side, left : left + side]


def _normalised(image: Array) -> tuple[Array, Array]:
    """Mean-subtracted, contrast-normalised values, and the local deviation; a 7x7 Gaussian of sigma 7/6."""
    from scipy.ndimage import correlate1d

    x = np.arange(7) - 3.0
    window = np.exp(-(x**2) / (2 * (7 / 6) ** 2))
    window /= window.sum()

    def blurred(plane: Array) -> Array:
        rows = correlate1d(plane, window, axis=0, mode="nearest")
        return np.asarray(correlate1d(rows, window, axis=1, mode="nearest"))

    mean = blurred(image)
    local = np.sqrt(np.abs(blurred(image * image) - mean * mean))
    return (image - mean) / (local + 1.0), local


def _of_block(block: Array) -> list[float]:
    shape, left, right = generalised_gaussian(block)
    found = [shape, (left + right) / 2]
    for shift in SHIFTS:
        shape, left, right = generalised_gaussian(block * np.roll(block, shift, axis=(0, 1)))
        found += [shape, (right - left) * _gamma(2 / shape) / _gamma(1 / shape), left, right]
    return found


def generalised_gaussian(values: Array) -> tuple[float, float, float]:
    """Shape, left and right scale of the asymmetric generalised Gaussian with the moments of ``values``.

    NaN where the values are all of one sign or zero: no such distribution has their moments.
    """
    below, above = values[values < 0], values[values > 0]
    if not below.size or not above.size:
        return float("nan"), float("nan"), float("nan")
    left, right = np.sqrt(np.mean(below**2)), np.sqrt(np.mean(above**2))
    skew = left / right
    ratio = np.mean(np.abs(values)) ** 2 / np.mean(values**2)
    ratio *= (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    shape = float(_SHAPES[np.argmin(np.abs(_ratios() - ratio))])
    factor = np.sqrt(_gamma(1 / shape) / _gamma(3 / shape))
    return shape, float(left * factor), float(right * factor)


@lru_cache(maxsize=1)
def _ratios() -> Array:
    """(mean |x|)^2 / mean x^2 of the symmetric distribution, by shape."""
    from scipy.special import gamma

    return np.asarray(gamma(2 / _SHAPES) ** 2 / (gamma(1 / _SHAPES) * gamma(3 / _SHAPES)))


def _gamma(x: float) -> float:
    import math

    return math.gamma(x)


_UNREADABLE = (OSError, EOFError, ValueError, AttributeError, TypeError, LookupError, SyntaxError, RecursionError,
               MemoryError, NotImplementedError, RuntimeError, ArithmeticError,
               tokenize.TokenError, zipfile.BadZipFile, zlib.error, struct.error)  # fmt: skip
"""What JSON, zip and NumPy's reader of arrays raise for a damaged file."""


@lru_cache(maxsize=8)
def read_parameters(file: Path) -> NiqeParameters:
    """Parameters from a file: our JSON (``mean``, ``covariance``), or an .npz with these names or with the names
    ``mu_pris_param`` and ``cov_pris_param``.

    Raises:
        SrbenchError: no such file, or it holds something else.
    """
    try:
        content = file.read_bytes()
        if file.suffix == ".npz":
            with np.load(file, allow_pickle=False) as held:
                stored: dict[str, Any] = {name: held[name] for name in held.files}
        else:
            stored = json.loads(content)
        mean = np.asarray(stored.get("mean", stored.get("mu_pris_param")), np.float64).reshape(36)
        covariance = np.asarray(stored.get("covariance", stored.get("cov_pris_param")), np.float64).reshape(36, 36)
    except _UNREADABLE as error:
        raise SrbenchError(
            f"'{file}' holds no parameters of NIQE ({error}); expected a mean of 36 and a covariance of 36x36 values."
        ) from error
    return NiqeParameters(mean, covariance, hashlib.sha256(content).hexdigest())


def of_image(
    sr: npt.NDArray[Any], scale: int, _protocol: Protocol | str, *, file: Path = EMBEDDED, settings: PerceptualProtocol
) -> float:
    """NIQE of one uint8 SR image as ``settings`` says, with the parameters in ``file``."""
    inner = shave(sr, settings.border(scale))
    return niqe(np.floor(rgb_to_y(inner) + 0.5), read_parameters(file))


def of_embedded(sr: npt.NDArray[Any], scale: int, protocol: Protocol | str) -> float:
    """NIQE of one uint8 image, HxWx3 or HxW, with srbench's own parameters."""
    return of_image(sr, scale, protocol, settings=NIQE_EMBEDDED)


def niqe_quantity(file: str | Path, name: str = "niqe") -> Quantity:
    """NIQE with the parameters in a file of the user's, as a quantity to register; the hash is part of its name.

    ``register_quantity(niqe_quantity("niqe_params.npz"))`` in a ``--plugin`` file makes ``niqe-0123abcd@1`` known.

    Raises:
        SrbenchError: the file holds no such parameters.
    """
    path = Path(file).expanduser().resolve()
    digest = read_parameters(path).sha256
    settings = NIQE_EMBEDDED.model_copy(
        update={
            "name": f"{name}-{digest[:8]}",
            "title": f"NIQE ({path.name})",
            "network": "36 natural scene statistics of 96x96 blocks at two scales, against the user's parameters",
            "weights": (WeightsFile(name=path.name, sha256=digest, source="user"),),
        }
    )
    measure = partial(of_image, file=path, settings=settings)
    return Quantity(settings.id, settings.title, "sr", measure, digits=4, direction="lower", settings=settings)
