"""From the rows of images to the values of a set: the one way, when a result is made and when it is checked."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence

from srbench.quantities import get_quantity
from srbench.results.image_rows import ImageRow, ImageRows


def values_over(rows: Sequence[ImageRow], known: Container[str] | None = None) -> dict[str, float | None]:
    """The values of a set of images, in whatever order they were measured: each quantity as it aggregates.

    A value is None where it is infinite: one identical image makes the mean infinite. A quantity that some image has
    no value of has none over all, nor has one that is not among ``known``, where that is given.
    """
    found: dict[str, float | None] = {}
    for name, values in ImageRows.of(rows).columns().items():
        if len(values) == len(rows) and (known is None or name in known):
            over_all = get_quantity(name).aggregate(values)
            found[name] = None if math.isinf(over_all) else over_all
    return found
