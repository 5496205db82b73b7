"""Efficiency scores of what a readme declares, as logarithms: finite for any declaration, and never ranked on."""

from __future__ import annotations

import math
from collections.abc import Mapping

from srbench.challenge.score.plan import DeclaredScore

NOT_TO_BE_HAD = 9.99e9
"""Stands for a score of which something is not declared; the last in the order of what is better when lower."""
_DIGITS = 6


def log_score(score: DeclaredScore, declared: Mapping[str, float | None]) -> float:
    """ln of the sum of ``weight * exp(factor * value / baseline)``, without computing any exp that overflows.

    Rounded to six decimals, in which mathematical libraries agree. ``declared`` holds values by name, None where the
    readme does not say; :data:`NOT_TO_BE_HAD` where one of them is needed.

    >>> from srbench.challenge.score.plan import DeclaredScore, Part
    >>> log_score(DeclaredScore("s", "S", (Part("runtime", 1.0, 2.0, 0.00774),)), {"runtime": 0.00774})
    2.0
    """
    exponents, weights = [], []
    for part in score.parts:
        value = declared.get(part.value)
        if value is None:
            return NOT_TO_BE_HAD
        exponents.append(part.factor * (value / part.baseline))
        weights.append(part.weight)
    largest = max(exponents)
    total = math.fsum(w * math.exp(e - largest) for w, e in zip(weights, exponents))  # noqa: B905  (Python 3.9)
    return round(largest + math.log(total), _DIGITS)
