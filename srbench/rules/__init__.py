"""Rules of challenges as data, and scores, ranks and ties computed from them by pure functions."""

from __future__ import annotations

from srbench.rules.known import RULES, get_rules, read_rules, source_of
from srbench.rules.schema import Column, Dataset, Floor, Mark, Rules, Term, Timing, Track

__all__ = [
    "RULES",
    "Column",
    "Dataset",
    "Floor",
    "Mark",
    "Rules",
    "Term",
    "Timing",
    "Track",
    "get_rules",
    "read_rules",
    "source_of",
]
