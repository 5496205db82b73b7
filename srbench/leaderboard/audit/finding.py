"""What a check hands back: findings, each one cause with all the cells that it spoils."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from srbench.errors import SrbenchError
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import Paper, Table
from srbench.plugins import require_name
from srbench.registry import Registry

Kind = Literal[
    "disagreement", "cost", "marks", "copy", "outlier", "convention", "ranks", "claim", "runtime", "memory",
]  # fmt: skip

KINDS: dict[str, str] = {
    "disagreement": "The same quantity printed differently",
    "cost": "Parameters and computation that the network does not give",
    "marks": "Best and second-best marks that the column contradicts",
    "copy": "Copied cells",
    "outlier": "Cells that do not fit the rest of their row or column",
    "convention": "Numbers of two conventions in one column",
    "ranks": "Ranks, sums and floors of challenges",
    "claim": "Claims in the text that the tables or networks contradict",
    "runtime": "Runtimes that the hardware cannot give",
    "memory": "Memory that does not fit the images or the network",
}

Verdict = Literal["contradiction", "suspicious", "explained"]

VERDICTS: dict[Verdict, str] = {
    "contradiction": "cannot all be true",
    "suspicious": "possible, but unlikely",
    "explained": "differs, and it is known why",
}

Severity = Literal["claim", "ranking", "value", "convention", "rounding"]

# In the order of consequence: what changes a sentence or a ranking first, rounding last.
SEVERITIES: dict[Severity, str] = {
    "claim": "a sentence of the paper falls",
    "ranking": "a ranking or a mark falls",
    "value": "a printed value is wrong or belongs to something else",
    "convention": "counted, measured or taken over in another way than its neighbours",
    "rounding": "the last digit",
}

Figures = dict[str, float | int | str]


@dataclass(frozen=True)
class Finding:
    """One cause and the cells it spoils. All texts are built from the cells each time.

    ``cells`` are the suspects, ``beside`` the cells that speak against them. A finding that is only a ``symptom``
    (an outlier, a wrong mark) becomes evidence of another finding where that one explains all its suspects.
    ``weight`` orders findings of one severity; ``about`` is the paper of a finding without cells.
    """

    id: str
    kind: str
    severity: Severity
    verdict: Verdict
    headline: str
    printed: str
    computed: str
    cause: str = ""
    falls: str = ""
    cells: tuple[PrintedCell, ...] = ()
    beside: tuple[PrintedCell, ...] = ()
    cases: tuple[str, ...] = ()
    figures: Figures = field(default_factory=dict)
    weight: float = 0.0
    symptom: bool = False
    check: str = ""
    about: str = ""

    def __post_init__(self) -> None:
        for field_, known in (("severity", SEVERITIES), ("verdict", VERDICTS)):
            if getattr(self, field_) not in known:
                raise SrbenchError(
                    f"finding '{self.id}' has the {field_} {getattr(self, field_)!r}; expected {', '.join(known)}."
                )

    @property
    def papers(self) -> tuple[str, ...]:
        """Papers whose cells are suspects, in order of appearance; ``about`` names one where there are none."""
        return tuple(dict.fromkeys(c.paper for c in self.cells)) or (self.about,)

    @property
    def text(self) -> str:
        """What is printed and what computation gives, in one paragraph."""
        return f"{self.printed} {self.computed}".strip()

    def as_dict(self) -> dict[str, Any]:
        """For JSON: plain values, cells with place and printed digits."""
        return {
            "id": self.id, "kind": self.kind, "severity": self.severity, "verdict": self.verdict,
            "check": self.check, "papers": list(self.papers), "headline": self.headline, "printed": self.printed,
            "computed": self.computed, "cause": self.cause, "falls": self.falls, "cases": list(self.cases),
            "figures": self.figures, "cells": [_plain(c) for c in self.cells],
            "beside": [_plain(c) for c in self.beside],
        }  # fmt: skip


def _plain(c: PrintedCell) -> dict[str, Any]:
    return {
        "paper": c.paper, "table": c.table, "row": c.cell.row, "model": c.cell.model, "scale": c.cell.scale,
        "dataset": c.cell.dataset, "metric": c.cell.metric, "value": c.cell.value, "mark": c.cell.mark,
    }  # fmt: skip


@dataclass(frozen=True)
class Material:
    """What a check looks at: printed cells, and the papers and tables that describe them.

    ``mine`` names the paper under judgement when an author's own table is checked; its cells are among ``cells``.
    """

    cells: tuple[PrintedCell, ...]
    papers: tuple[Paper, ...]
    mine: str = ""

    @cached_property
    def tables(self) -> dict[tuple[str, str], Table]:
        """Tables by (paper, table)."""
        return {(p.key, t.id): t for p in self.papers for t in p.tables}

    def table_of(self, cell: PrintedCell) -> Table:
        """The table a cell stands in."""
        return self.tables[cell.paper, cell.table]

    def of_table(self, paper: str, table: str) -> tuple[PrintedCell, ...]:
        """The cells of one table."""
        return tuple(c for c in self.cells if (c.paper, c.table) == (paper, table))

    def name_of(self, paper: str) -> str:
        """How a paper is called in running text."""
        return next((p.short for p in self.papers if p.key == paper), paper)

    def where(self, cell: PrintedCell) -> str:
        """Paper and table as running text names them: ``IMDN T5``."""
        name = self.name_of(cell.paper)
        return name if cell.paper == self.mine else f"{name} {cell.table.upper()}"


@dataclass
class Checks:
    """What one check hands back: findings, how many cells or claims it looked at, what it could not check."""

    findings: list[Finding] = field(default_factory=list)
    checked: int = 0
    unchecked: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Check:
    """A check of printed tables: ``run`` gets the :class:`Material` and gives :class:`Checks`.

    ``own_table`` says whether it makes sense on an author's table alone, without the paper's text.
    """

    name: str
    kind: str
    title: str
    run: Callable[[Material], Checks]
    own_table: bool = True

    def __post_init__(self) -> None:
        require_name("check", self.name)
        require_name("kind of finding", self.kind)
        if not callable(self.run):
            raise SrbenchError(f"audit check '{self.name}': run is {self.run!r}; expected a function.")


CHECKS: Registry[Check] = Registry(
    "audit check", Check, built_in="srbench.leaderboard.audit.builtin:checks", group="srbench.checks"
)
"""Checks of printed tables by name; plug-ins add theirs here or through the entry points ``srbench.checks``."""


def slug(*parts: object) -> str:
    """An id out of words: lower case, letters, digits and hyphens.

    >>> slug("imdn2019", "t5", "SRResNet [15]", "x2")
    'imdn2019-t5-srresnet-15-x2'
    """
    return re.sub(r"[^a-z0-9]+", "-", "-".join(str(p) for p in parts if p not in ("", None)).lower()).strip("-")


def listed(words: list[str], limit: int = 6) -> str:
    """Join for a sentence: ``a, b and c``; a long list is cut and says how many more there are.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    if len(words) > limit:
        return f"{', '.join(words[:limit])} and {len(words) - limit} more"
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def where(cell: PrintedCell) -> str:
    """A cell in few words: ``LapSRN x4 set14 PSNR 29.19 (aidn2022 t3)``."""
    scale = f"x{cell.cell.scale}" if cell.cell.scale else ""
    words = (cell.method, scale, cell.cell.dataset, cell.cell.metric, cell.cell.value)
    return f"{' '.join(filter(None, words))} ({cell.paper} {cell.table})"
