"""The audit as a page: the key fact, the five gravest findings, then all of them by consequence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from srbench.leaderboard import audit, published
from srbench.leaderboard.audit.finding import KINDS, SEVERITIES, VERDICTS, Finding
from srbench.report.page import Highlight, Page, Rendered
from srbench.report.templating import page as render_page

_CLASS = {"contradiction": "off", "suspicious": "cost", "explained": "ok"}
STRONGEST = 5


def html(nav: Sequence[tuple[str, str]] = (), report: audit.Report | None = None) -> Rendered:
    """The page of ``report`` (default: all checks, run now), its counts in words, its findings for the front."""
    done = audit.run() if report is None else report
    findings: Sequence[Finding] = done.findings
    kinds = [(kind, KINDS.get(kind, kind), [f for f in findings if f.kind == kind]) for kind in done.checked]
    groups = [(name, words, [f for f in findings if f.severity == name]) for name, words in SEVERITIES.items()]
    counts = Counter(finding.verdict for finding in findings)
    words = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    text = render_page(
        "audit.html.j2", title="Audit of the published tables", nav=nav, kinds=kinds, groups=groups, verdicts=VERDICTS,
        verdict_class=_CLASS, unchecked=done.unchecked, checked=done.checked, strongest=done.strongest(STRONGEST),
        key_fact=done.key_fact.text if done.key_fact else "", filters=_filters(findings),
    )  # fmt: skip
    first = tuple(Highlight(f.headline, f"audit.html#{f.id}", f.falls) for f in done.strongest(STRONGEST))
    return Rendered(text, words or "no findings", first)


def _filters(findings: Sequence[Finding]) -> tuple[tuple[str, str, list[tuple[str, str]]], ...]:
    """Name, label and choices of each filter; only what some finding has can be chosen."""
    papers = {key for finding in findings for key in finding.papers}
    kinds, severities = {f.kind for f in findings}, {f.severity for f in findings}
    named = [(p.key, f"{p.short} ({p.year})") for p in published.papers() if p.key in papers]
    of_kind = [(kind, KINDS.get(kind, kind)) for kind in dict.fromkeys([*KINDS, *sorted(kinds)]) if kind in kinds]
    return (
        ("papers", "Paper", named),
        ("kind", "Kind", of_kind),
        ("severity", "Consequence", [(name, words) for name, words in SEVERITIES.items() if name in severities]),
    )


PAGE = Page("audit", "Audit", html, intro="The published tables checked by computation.", beside=True)
