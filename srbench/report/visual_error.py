"""Error maps: |Y(SR) - Y(HR)| of every model on one colour scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

COLOUR_MAP = "cividis"
"""Runs from dark blue to yellow with even steps in lightness; reads the same with and without colour blindness."""
LABEL = "Absolute error of luma, |Y(SR) − Y(HR)| (grey levels)"
LABEL_SHORT = "|ΔY| (grey levels)"
_PERCENTILE = 99.5
_COLOURS = 64


def error_limit(errors: Mapping[str, NDArray[np.float64]]) -> int:
    """Upper end of the scale all maps share: the 99.5th percentile of the errors, up to a multiple of 4 grey levels.

    ``errors`` are maps by the model's name; bicubic counts only if it is alone, so that its large errors do not
    leave the others dark.

    >>> import numpy as np
    >>> error_limit({"imdn": np.full((4, 4), 9.0), "bicubic": np.full((4, 4), 90.0)})
    12
    """
    counted = [error for name, error in errors.items() if name != "bicubic"] or list(errors.values())
    highest = float(np.percentile(np.concatenate([error.ravel() for error in counted]), _PERCENTILE))
    return max(4, 4 * math.ceil(highest / 4))


def colourise(error: NDArray[np.float64], limit: float) -> NDArray[np.uint8]:
    """The map as indices into :func:`palette`: 0 for no error, the last for ``limit`` and more (uint8 HxW)."""
    return np.rint(np.clip(error / limit, 0, 1) * (_COLOURS - 1)).astype(np.uint8)


@cache
def _rows() -> tuple[tuple[int, int, int], ...]:
    import matplotlib as mpl

    colours = mpl.colormaps[COLOUR_MAP](np.linspace(0, 1, _COLOURS), bytes=True)[:, :3]
    return tuple((int(r), int(g), int(b)) for r, g, b in colours)


def palette() -> NDArray[np.uint8]:
    """The colours of the scale, uint8 64x3 RGB."""
    return np.array(_rows(), np.uint8)


def gradient() -> str:
    """The scale as the colour stops of a CSS gradient."""
    return ", ".join("#{:02x}{:02x}{:02x}".format(*row) for row in _rows()[::3])
