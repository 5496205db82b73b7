"""What a check of the published tables finds: a sentence, the cells it rests on, a verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from srbench.leaderboard.published import PrintedCell

Kind = Literal["disagreement", "cost", "marks", "copy", "outlier", "ranks", "claim", "runtime"]

KINDS: dict[Kind, str] = {
    "disagreement": "The same quantity printed differently",
    "cost": "Parameters and computation that the network does not give",
    "marks": "Best and second-best marks that the column contradicts",
    "copy": "Copied cells",
    "outlier": "Cells that do not fit the rest of their row",
    "ranks": "Ranks and sums",
    "claim": "Claims in the text that the tables or networks contradict",
    "runtime": "Runtimes that the hardware cannot give",
}

Verdict = Literal["contradiction", "suspicious", "explained"]

VERDICTS: dict[Verdict, str] = {
    "contradiction": "cannot all be true",
    "suspicious": "possible, but unlikely",
    "explained": "differs, and it is known why",
}


@dataclass(frozen=True)
class Finding:
    """One finding. ``text`` and ``explanation`` are built from the cells each time.

    ``explanation`` says what would give the printed value (another network, size, rounding, a tie);
    ``figures`` holds the computed numbers by name. ``about`` is the paper of a finding without cells.
    """

    kind: Kind
    verdict: Verdict
    text: str
    cells: tuple[PrintedCell, ...]
    explanation: str = ""
    figures: dict[str, float | int | str] = field(default_factory=dict)
    about: str = ""

    @property
    def papers(self) -> tuple[str, ...]:
        """Papers whose cells the finding rests on, in order of appearance; ``about`` names one where there are none."""
        return tuple(dict.fromkeys(c.paper for c in self.cells)) or (self.about,)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: plain values, cells with place and printed digits."""
        return {
            "kind": self.kind,
            "verdict": self.verdict,
            "papers": list(self.papers),
            "text": self.text,
            "explanation": self.explanation,
            "figures": self.figures,
            "cells": [
                {
                    "paper": c.paper,
                    "table": c.table,
                    "row": c.cell.row,
                    "model": c.cell.model,
                    "scale": c.cell.scale,
                    "dataset": c.cell.dataset,
                    "metric": c.cell.metric,
                    "value": c.cell.value,
                    "mark": c.cell.mark,
                }
                for c in self.cells
            ],
        }


@dataclass
class Checks:
    """What one theme hands back: findings, how many cells or claims it looked at, what it could not check."""

    findings: list[Finding] = field(default_factory=list)
    checked: int = 0
    unchecked: list[str] = field(default_factory=list)


def listed(words: list[str], limit: int = 6) -> str:
    """Join for a sentence: ``a, b and c``; a long list is cut and says how many more there are.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    if len(words) > limit:
        return f"{', '.join(words[:limit])} and {len(words) - limit} more"
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
