"""srbench's own checks, in the order in which they explain: what is a cause comes before what is a symptom."""

from __future__ import annotations

from srbench.leaderboard.audit import (
    channels,
    claims,
    copies,
    costs,
    crossmarks,
    digits,
    disagree,
    marks,
    memory,
    outliers,
    ranks,
    readings,
    runtimes,
)  # fmt: skip
from srbench.leaderboard.audit.finding import Check


def checks() -> tuple[Check, ...]:
    """Every built-in check."""
    return (
        copies.CHECK, disagree.CHECK, costs.CHECK, channels.SLOPE, channels.DENSITY, marks.CHECK, crossmarks.CHECK,
        outliers.ROWS, outliers.SCALES, outliers.PAIRS, digits.PADDED, digits.INVERSIONS, readings.GREY,
        readings.CROPS, runtimes.CHECK, memory.CHECK, claims.CHECK, ranks.CHECK, ranks.FLOOR,
    )  # fmt: skip
