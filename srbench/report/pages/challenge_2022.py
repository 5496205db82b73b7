"""The challenge of 2022: printed and recomputed ranking side by side, Pareto front, a card per team."""

from __future__ import annotations

from collections.abc import Sequence

from srbench.report.challenge_page import of_printed
from srbench.report.page import Page

RULES = "ntire2022-esr"


def html(nav: Sequence[tuple[str, str]] = ()) -> tuple[str, str]:
    """The page, and its counts in words for the index."""
    return of_printed(RULES, nav)


PAGE = Page(
    "challenge-ntire2022-esr",
    "NTIRE 2022 efficient SR: the ranking recomputed",
    html,
    intro="All entries ranked by the challenge's own rules from its printed values, and where that differs.",
)
