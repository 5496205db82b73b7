"""The tables of cases lie beside the tests; how many of each kind held is said at the end."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Counts of the hostile cases by kind."""
    counts = {outcome: Counter[str]() for outcome in ("passed", "failed", "skipped")}
    for outcome, kinds in counts.items():
        for report in terminalreporter.stats.get(outcome, ()):
            if "test_cases.py::test_one_sentence" in report.nodeid and report.when in ("call", "setup"):
                kinds[report.nodeid.partition("[")[2].partition(":")[0]] += 1
    every = sum(counts.values(), Counter())
    if every:
        terminalreporter.write_sep("-", f"{every.total()} hostile cases by kind")
        for kind, number in sorted(every.items()):
            others = "".join(f", {counts[o][kind]} {o}" for o in ("failed", "skipped") if counts[o][kind])
            terminalreporter.write_line(f"{kind:12} {number:5}{others}")
