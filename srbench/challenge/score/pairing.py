"""Images under each other's names, found by tiny versions of all of them. Scores are never changed by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[Any]

_SIDE = 16
_BOX = 4
"""Pillow's number of the box filter, whose name moved between its versions."""
_FAR = 25.0
"""Mean squared difference of tiny images [grey levels squared] from which on they may show different things."""
_NEARER = 8.0
"""The other image has to be nearer by this factor."""


def tiny(image: Pixels) -> Pixels:
    """The means of 16x16 equal blocks (uint8 16x16x3) of an image (uint8 HxWx3): much the same for SR, HR and LR."""
    return np.asarray(Image.fromarray(image).resize((_SIDE, _SIDE), _BOX))


def wrongly_paired(given: Mapping[str, Pixels], wanted: Mapping[str, Pixels]) -> dict[str, str]:
    """Which images look like another than their own, and like which.

    Args:
        given: tiny images (uint8 16x16x3) by name.
        wanted: what each should look like, by name; more of them do no harm.

    Returns:
        The name of what it looks like, for every image that is far from its own and near another.

    >>> dark, light = np.zeros((16, 16, 3), np.uint8), np.full((16, 16, 3), 200, np.uint8)
    >>> wrongly_paired({"a": light, "b": light}, {"a": dark, "b": light})
    {'a': 'b'}
    """
    names = list(wanted)
    every = np.array([wanted[name] for name in names], dtype=np.int16)
    found = {}
    for name, image in given.items():
        own = _difference(image, wanted[name][None])[0] if name in wanted else 0.0
        if own >= _FAR:
            differences = _difference(image, every)
            best = int(differences.argmin())
            if differences[best] * _NEARER <= own:
                found[name] = names[best]
    return found


def _difference(image: Pixels, others: Pixels) -> Pixels:
    """Mean squared difference from each of ``others`` (Nx16x16x3)."""
    found: Pixels = np.square(others.astype(np.int32) - image).mean(axis=(1, 2, 3))
    return found
