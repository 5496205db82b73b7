"""From the rows of images to the values of a set: the one way, when a result is made and when it is checked."""

from __future__ import annotations

import math
from collections.abc import Sequence

from srbench.quantities import get_quantity
from srbench.results.record import ImageRow


def values_over(rows: Sequence[ImageRow]) -> dict[str, float | None]:
    """The values of a set of images, in whatever order they were measured: each quantity as it aggregates.

    A value is None where it is infinite: one identical image makes the mean infinite. A quantity that some image has
    no value of has none over all.
    """
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    found: dict[str, float | None] = {}
    for name in names:
        values = [value for row in rows if (value := row.value(name)) is not None]
        if len(values) == len(rows):
            over_all = get_quantity(name).aggregate(values)
            found[name] = None if math.isinf(over_all) else over_all
    return found
