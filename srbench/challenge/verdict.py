"""What checks, scoring and measuring say about a submission; see :mod:`srbench.challenge.score.verdict`."""

from __future__ import annotations

from srbench.challenge.score.verdict import (
    EXIT_CODES,
    THEMES,
    Blame,
    Note,
    Outcome,
    Problem,
    Verdict,
    printable,
    verdict_of,
)

__all__ = ["EXIT_CODES", "THEMES", "Blame", "Note", "Outcome", "Problem", "Verdict", "printable", "verdict_of"]
