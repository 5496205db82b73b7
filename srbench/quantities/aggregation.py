"""How the values of many images become one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Aggregation:
    """A named way to make one value of one per image."""

    name: str
    reduce: Callable[[Sequence[float]], float]

    def __call__(self, values: Sequence[float]) -> float:
        """One value of many; infinite when one of them is."""
        if any(math.isinf(value) for value in values):
            return next(value for value in values if math.isinf(value))
        return float(self.reduce(values))


def _mean(values: Sequence[float]) -> float:
    import numpy as np

    return float(np.mean(values))


MEAN = Aggregation("mean", _mean)
"""The papers': the mean of the images' values."""

WORST_HIGH = Aggregation("largest", max)
"""The largest value of all images."""
