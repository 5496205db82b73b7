"""The crop of a visual comparison: given as X,Y,W,H, or found where the models differ most."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srbench.errors import SrbenchError

SMALLEST = 11
"""Smallest side of a crop in pixels where the protocol asks for no more: SSIM's window must fit."""
_STEPS = 16  # luma is compared in sixteenths of a grey level: whole numbers, so that sums and ties are exact
_LUMA = np.array([65481, 128553, 24966], np.int64)  # BT.601, thousandths of 1/255


@dataclass(frozen=True)
class Crop:
    """A rectangle in HR pixels; ``x`` and ``y`` count from the left and the top."""

    x: int
    y: int
    width: int
    height: int

    def of(self, image: NDArray[Any]) -> NDArray[Any]:
        """The rectangle of an HxW or HxWxC image, as a view."""
        return image[self.y : self.y + self.height, self.x : self.x + self.width]

    def __str__(self) -> str:
        return f"{self.x},{self.y},{self.width},{self.height}"


def parse_crop(text: str) -> Crop | None:
    """``X,Y,W,H`` as a crop; None for ``auto``.

    Raises:
        SrbenchError: the text is neither.

    >>> parse_crop("96,40,64,48"), parse_crop("auto")
    (Crop(x=96, y=40, width=64, height=48), None)
    """
    if text.strip() == "auto":
        return None
    if not re.fullmatch(r"\s*\d+(\s*,\s*\d+){3}\s*", text):
        raise SrbenchError(f"'{text}' is not a crop; expected auto or X,Y,W,H in HR pixels, for example 96,40,64,64.")
    return Crop(*(int(part) for part in text.split(",")))


def check_crop(crop: Crop, shape: tuple[int, int], smallest: int = SMALLEST) -> Crop:
    """The crop, if it lies in an image of ``shape`` (height, width) and is large enough for SSIM.

    Raises:
        SrbenchError: it does not, or is not.
    """
    height, width = shape
    if min(crop.width, crop.height) < smallest:
        raise SrbenchError(
            f"crop {crop} is {crop.width}x{crop.height} pixels, but SSIM needs at least {smallest}x{smallest}; "
            "give a larger width and height."
        )
    if crop.x + crop.width > width or crop.y + crop.height > height:
        raise SrbenchError(
            f"crop {crop} (X,Y,W,H) does not lie in the image of {width}x{height} pixels; "
            f"X + W may be at most {width} and Y + H at most {height}."
        )
    return crop


def default_size(shape: tuple[int, int], scale: int) -> int:
    """Side of a crop for an image of ``shape``: a fifth of the shorter side, 48 to 160, a multiple of ``scale``.

    >>> default_size((256, 256), 4), default_size((512, 768), 4), default_size((30, 90), 4)
    (48, 100, 20)
    """
    shorter = min(shape)
    wanted = min(max(round(shorter / 5), 48), 160, shorter - 2 * scale)
    return wanted - wanted % scale if wanted >= scale else wanted


def auto_crop(images: Sequence[NDArray[np.uint8]], side: int, margin: int, step: int) -> Crop:
    """The square crop in which the models differ most.

    That is where the variance between the models' luma, summed over the crop, is largest. Corners lie on multiples
    of ``step`` (the scale, so that whole LR pixels are shown), ``margin`` pixels (the shaved border) are left out on
    every side. Of equal crops the one nearest the centre is taken, then the upper, then the left one. Whole-number
    arithmetic: the same images give the same crop on every machine.

    Args:
        images: SR of at least two models, uint8 HxWx3, of equal size.
        side: width and height of the crop in HR pixels.
        margin: pixels of the border that the crop may not touch.
        step: grid of the crop's corner in HR pixels.

    Raises:
        SrbenchError: the crop does not fit between the margins.
    """
    spread = luma_spread(images)
    height, width = spread.shape
    ys, xs = (_corners(length, side, margin, step) for length in (height, width))
    if not ys.size or not xs.size:
        raise SrbenchError(
            f"a crop of {side}x{side} pixels does not fit into {width}x{height} without its border of {margin}; "
            "give a smaller --crop-size or a larger image."
        )
    totals = window_sums(spread, side)[np.ix_(ys, xs)]
    rows, columns = np.nonzero(totals == totals.max())
    top, left = ys[rows], xs[columns]
    distance = (2 * top + side - height) ** 2 + (2 * left + side - width) ** 2
    best = np.lexsort((left, top, distance))[0]
    return Crop(int(left[best]), int(top[best]), side, side)


def luma_spread(images: Sequence[NDArray[np.uint8]]) -> NDArray[np.int64]:
    """Variance between images at every pixel (HxW), in whole units of 1/(256 n^2) squared grey levels.

    Raises:
        SrbenchError: fewer than two images, or of different size.
    """
    sizes = {image.shape[:2] for image in images}
    if len(images) < 2 or len(sizes) != 1:
        raise SrbenchError(f"a crop is found between two or more images of one size, got {len(images)} of {sizes}.")
    shape = sizes.pop()
    total, squares = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for image in images:
        level = _level(image)
        total += level
        squares += level * level
    spread: NDArray[np.int64] = len(images) * squares - total * total
    return spread


def _level(image: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Luma in sixteenths of a grey level, rounded half up, without its constant offset."""
    return (image.astype(np.int64) @ _LUMA * (2 * _STEPS) + 255_000) // 510_000


def window_sums(values: NDArray[np.int64], side: int) -> NDArray[np.int64]:
    """Sums over all side x side windows of an HxW array, (H-side+1)x(W-side+1), by an integral image."""
    integral = np.zeros((values.shape[0] + 1, values.shape[1] + 1), np.int64)
    integral[1:, 1:] = values.cumsum(0).cumsum(1)
    sums: NDArray[np.int64] = (
        integral[side:, side:] - integral[:-side, side:] - integral[side:, :-side] + integral[:-side, :-side]
    )
    return sums


def _corners(length: int, side: int, margin: int, step: int) -> NDArray[np.int64]:
    first = -(-margin // step) * step
    return np.arange(first, length - margin - side + 1, step, dtype=np.int64)
