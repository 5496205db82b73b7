"""The published tables checked by computation: one module per theme, findings computed each time.

``run()`` gives a :class:`Report`; ``srbench audit`` prints it and the site shows it. Nothing here is
typed in: a finding is a sentence built from cells, and disappears when the cells change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from srbench.errors import unknown_name
from srbench.leaderboard import published
from srbench.leaderboard.audit import claims, copies, costs, disagree, marks, outliers, ranks, runtimes
from srbench.leaderboard.audit.finding import KINDS, VERDICTS, Checks, Finding, Kind, Verdict
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import Paper

__all__ = ["KINDS", "VERDICTS", "Finding", "Kind", "Report", "Verdict", "run"]

Theme = Callable[[tuple[PrintedCell, ...], tuple[Paper, ...]], Checks]

THEMES: dict[Kind, Theme] = {
    "disagreement": disagree.check,
    "cost": costs.check,
    "marks": marks.check,
    "copy": copies.check,
    "outlier": outliers.check,
    "ranks": ranks.check,
    "claim": claims.check,
    "runtime": runtimes.check,
}


@dataclass(frozen=True)
class Report:
    """Findings in the order of kinds, with what was looked at and what could not be."""

    findings: tuple[Finding, ...]
    checked: dict[Kind, int]
    unchecked: tuple[str, ...]

    def of(self, kind: Kind) -> tuple[Finding, ...]:
        """The findings of one kind."""
        return tuple(f for f in self.findings if f.kind == kind)

    def count(self, verdict: Verdict, kind: Kind | None = None) -> int:
        """Findings with ``verdict``, of one kind or of all."""
        return sum(f.verdict == verdict and (kind is None or f.kind == kind) for f in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "counts": {k: {v: self.count(v, k) for v in VERDICTS} for k in self.checked},
            "checked": dict(self.checked),
            "findings": [f.as_dict() for f in self.findings],
            "unchecked": list(self.unchecked),
        }


def run(papers: Iterable[str] | None = None, kinds: Iterable[str] | None = None) -> Report:
    """Run the checks over all published tables and keep findings that touch ``papers`` (default: all).

    ``checked`` counts cells (claims for "claim") per kind over all papers; ``unchecked`` says what
    could not be checked in ``papers`` and why. Costs and runtimes count the registered networks (torch).

    Raises:
        SrbenchError: an unknown paper or kind, or data that break the schema.
    """
    described = published.papers()
    wanted = set(papers) if papers else {p.key for p in described}
    for key in wanted:
        published.paper(key)
    themes = dict(THEMES)
    if kinds:
        chosen = list(kinds)
        for kind in chosen:
            if kind not in THEMES:
                raise unknown_name("kind of finding", kind, THEMES)
        themes = {kind: theme for kind, theme in THEMES.items() if kind in chosen}
    cells = published.cells()
    findings: list[Finding] = []
    checked: dict[Kind, int] = {}
    unchecked: list[str] = []
    for kind, theme in themes.items():
        result = theme(cells, described)
        checked[kind] = result.checked
        unchecked.extend(result.unchecked)
        findings.extend(f for f in result.findings if wanted & set(f.papers))
    others = {p.key for p in described} - wanted
    said = [text for text in unchecked if any(k in text for k in wanted) or not any(k in text for k in others)]
    return Report(tuple(findings), checked, tuple(said))
