"""srbench's own checks, theme by theme; a new theme is a module that is named here."""

from __future__ import annotations

from srbench.challenge.checks import archive, code, likeness, results, weights
from srbench.challenge.checks.check import Check


def own_checks() -> tuple[Check, ...]:
    """All of them, in the order in which they are shown."""
    return (*archive.CHECKS, *results.CHECKS, *likeness.CHECKS, *weights.CHECKS, *code.CHECKS)
