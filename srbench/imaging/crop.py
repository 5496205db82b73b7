"""The two crops of super-resolution protocols: ``modcrop`` before shrinking, ``shave`` before scoring."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from srbench.errors import SrbenchError


def modcrop(image: npt.NDArray[Any], scale: int, name: str = "") -> npt.NDArray[Any]:
    """Crop an HxW or HxWxC image at the bottom and right so that H and W are multiples of ``scale``.

    The result is a view of ``image``, which a message calls ``name``.

    Raises:
        SrbenchError: the scale is below 1 or a side is shorter than ``scale``.
    """
    height, width = image.shape[:2]
    if scale < 1 or scale > min(height, width):
        whose = f"image '{name}' is too small: " if name else ""
        raise SrbenchError(
            f"{whose}modcrop by {scale} needs an image of at least {scale}x{scale} pixels, got {height}x{width}."
        )
    return image[: height - height % scale, : width - width % scale]


def shave(image: npt.NDArray[Any], n: int) -> npt.NDArray[Any]:
    """Take ``n`` pixels off every side of an HxW or HxWxC image; a view of ``image``.

    Raises:
        SrbenchError: ``n`` is negative or nothing would be left.
    """
    height, width = image.shape[:2]
    if n < 0 or 2 * n >= min(height, width):
        raise SrbenchError(f"cannot shave {n} pixels off every side of a {height}x{width} image; give a larger image.")
    return image[n : height - n, n : width - n]
