"""The audit as a page: findings computed from the published tables, grouped by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from srbench.leaderboard import audit
from srbench.leaderboard.audit.finding import KINDS, VERDICTS, Finding
from srbench.report.templating import page as render_page

_CLASS = {"contradiction": "off", "suspicious": "cost", "explained": "ok"}


def html(nav: Sequence[tuple[str, str]] = (), report: audit.Report | None = None) -> tuple[str, str]:
    """The page of ``report`` (default: all checks, run now), and its counts in words for the index."""
    done = audit.run() if report is None else report
    findings: Sequence[Finding] = done.findings
    kinds = [(kind, words) for kind, words in KINDS.items() if kind in done.checked]
    groups = [(kind, words, [f for f in findings if f.kind == kind]) for kind, words in kinds]
    counts = Counter(finding.verdict for finding in findings)
    words = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    text = render_page(
        "audit.html.j2", title="Audit of the published tables", nav=nav, groups=groups, verdicts=VERDICTS,
        verdict_class=_CLASS, unchecked=done.unchecked, checked=done.checked,
    )  # fmt: skip
    return text, words or "no findings"
