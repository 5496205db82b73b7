"""The published tables checked by computation: findings by cause, the gravest first, computed each time.

``run()`` gives a :class:`Report`; ``srbench audit`` prints it and the site shows it. Nothing here is typed in: a
finding is built from cells, and disappears when the cells change. Checks stand in :data:`CHECKS`; a plug-in adds its
own there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from srbench.errors import unknown_name
from srbench.leaderboard import published
from srbench.leaderboard.audit import disagree
from srbench.leaderboard.audit.finding import (
    CHECKS,
    KINDS,
    SEVERITIES,
    VERDICTS,
    Check,
    Checks,
    Finding,
    Kind,
    Material,
    Severity,
    Verdict,
)  # fmt: skip
from srbench.leaderboard.audit.grouping import grouped
from srbench.leaderboard.audit.own_material import with_suspects_as_marked

__all__ = [
    "CHECKS", "KINDS", "SEVERITIES", "VERDICTS", "Check", "Checks", "Finding", "KeyFact", "Kind", "Material", "Report",
    "Severity", "Verdict", "material", "of_checks", "own_table", "run",
]  # fmt: skip


@dataclass(frozen=True)
class KeyFact:
    """Where the disagreements of papers lie: how many there are, and how many in the table that has most."""

    disagreements: int
    table: str
    inside: int
    block: int
    scale: int | None

    @property
    def text(self) -> str:
        """In one sentence; empty where no two papers disagree."""
        if not self.disagreements:
            return ""
        return (
            f"{self.inside} of the {self.disagreements} quantities that papers print differently lie in {self.table}, "
            f"{self.block} of them in its x{self.scale} block, which comes from another lineage of tables."
        )


@dataclass(frozen=True)
class Report:
    """Findings in the order of consequence, with what was looked at and what could not be."""

    findings: tuple[Finding, ...]
    checked: dict[str, int]
    unchecked: tuple[str, ...]
    key_fact: KeyFact | None = None
    quoted: int = 0
    """Findings about rows quoted unchanged from a published table, left out of an audit of one's own table."""

    def of(self, kind: str) -> tuple[Finding, ...]:
        """The findings of one kind."""
        return tuple(f for f in self.findings if f.kind == kind)

    def get(self, ident: str) -> Finding:
        """The finding called ``ident``.

        Raises:
            SrbenchError: there is none.
        """
        for finding in self.findings:
            if finding.id == ident:
                return finding
        raise unknown_name("finding", ident, [f.id for f in self.findings])

    def strongest(self, most: int) -> tuple[Finding, ...]:
        """What to read first: of each kind the gravest finding, in the order of consequence, then the rest."""
        first = {f.kind: f for f in reversed(self.findings)}
        leaders = [f for f in self.findings if first[f.kind] is f]
        return tuple([*leaders, *(f for f in self.findings if f not in leaders)][:most])

    def count(self, verdict: Verdict, kind: str | None = None) -> int:
        """Findings with ``verdict``, of one kind or of all."""
        return sum(f.verdict == verdict and (kind is None or f.kind == kind) for f in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "key_fact": self.key_fact.text if self.key_fact else "",
            "counts": {s: sum(f.severity == s for f in self.findings) for s in SEVERITIES},
            "verdicts": {v: self.count(v) for v in VERDICTS},
            "checked": dict(self.checked),
            "findings": [f.as_dict() for f in self.findings],
            "unchecked": list(self.unchecked),
            "quoted": self.quoted,
        }


def material() -> Material:
    """All published cells with their papers."""
    return Material(published.cells(), published.papers())


def run(papers: Iterable[str] | None = None, kinds: Iterable[str] | None = None) -> Report:
    """Run the checks over all published tables and keep findings that have a cell of ``papers`` (default: all).

    ``checked`` counts cells (claims for "claim") per kind over all papers; ``unchecked`` says what could not be checked
    in ``papers`` and why. Costs and runtimes count the registered networks (torch).

    Raises:
        SrbenchError: an unknown paper or kind, or data that break the schema.
    """
    described = published.papers()
    wanted = {published.paper(key).key for key in papers} if papers else {p.key for p in described}
    everything = material()
    report = of_checks(everything, kinds)
    others = {p.key for p in described} - wanted
    kept = tuple(f for f in report.findings if wanted & set(f.papers))
    open_ = tuple(t for t in report.unchecked if any(k in t for k in wanted) or not any(k in t for k in others))
    return replace(report, findings=kept, unchecked=open_, key_fact=_key_fact(everything))


def own_table(file: Path, *, scale: int | None = None, gpu: str = "", kinds: Iterable[str] | None = None) -> Report:
    """Run every check that applies on an author's own table (.csv or .tex), against the published rows too.

    ``scale`` is that of rows without one, ``gpu`` a key of hardware.toml (default: the fastest known). Findings that
    speak only of rows quoted unchanged from a published table are counted, not listed.

    Raises:
        SrbenchError: the file cannot be read as a table; an unknown GPU or kind.
    """
    from srbench.leaderboard.audit import own_material as own

    what = own.material(file, scale, gpu)
    report = of_checks(what, kinds)
    kept, quoted = own.of_mine(report.findings, what)
    open_ = tuple(t for t in report.unchecked if own.KEY in t)
    return replace(report, findings=kept, quoted=quoted, unchecked=open_)


def of_checks(what: Material, kinds: Iterable[str] | None = None) -> Report:
    """Run the checks (of ``kinds``; those for an author's own table where ``what`` has one) and group their findings.

    Raises:
        SrbenchError: an unknown kind.
    """
    checks = [c for c in CHECKS if c.own_table or not what.mine]
    known = dict.fromkeys([*KINDS, *(c.kind for c in CHECKS)])
    chosen = list(kinds) if kinds else list(known)
    for kind in chosen:
        if kind not in known:
            raise unknown_name("kind of finding", kind, known)
    findings: list[Finding] = []
    checked: dict[str, int] = dict.fromkeys([k for k in known if k in chosen], 0)
    unchecked: list[str] = []
    whole = what
    for check in sorted((c for c in checks if c.kind in chosen), key=lambda c: c.kind == "marks"):
        what = with_suspects_as_marked(whole, findings) if whole.mine and check.kind == "marks" else whole
        with CHECKS.answering_for(check):
            outcome = check.run(what)
        if not isinstance(outcome, Checks):
            raise CHECKS.refused(check, outcome, "Checks(findings, checked)")
        wrong = next((f for f in outcome.findings if not isinstance(f, Finding)), None)
        if wrong is not None:
            raise CHECKS.refused(check, wrong, "findings that are of Finding")
        checked[check.kind] += outcome.checked
        unchecked.extend(outcome.unchecked)
        findings.extend(replace(f, check=f.check or check.name) for f in outcome.findings)
    return Report(grouped(findings), checked, tuple(unchecked))


def _key_fact(everything: Material) -> KeyFact:
    found = disagree.disagreements(everything)
    tables: dict[tuple[str, str], list[int | None]] = {}
    for one in found:
        for place in {(c.paper, c.table) for c in one.odd}:
            tables.setdefault(place, []).append(one.key[1])
    if not tables:
        return KeyFact(0, "", 0, 0, None)
    (paper, table), scales = max(tables.items(), key=lambda item: len(item[1]))
    scale = max(dict.fromkeys(scales), key=scales.count)
    return KeyFact(len(found), f"{everything.name_of(paper)} {table.upper()}", len(scales), scales.count(scale), scale)
