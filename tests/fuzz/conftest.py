"""Prints how many files each reader was given."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line per reader and the sum."""
    reports = [report for key in ("passed", "failed") for report in terminalreporter.stats.get(key, ())]
    rows = [value for report in reports for name, value in getattr(report, "user_properties", ()) if name == "fuzzed"]
    if not rows:
        return
    terminalreporter.section("changed files given to readers")
    for name, cases, refused, escaped, seconds in rows:
        terminalreporter.line(
            f"{name:<32} {cases:>6} files {refused:>6} refused {escaped:>4} escaped {seconds:>7.1f} s"
        )
    sums = [sum(row[column] for row in rows) for column in (1, 2, 3, 4)]
    terminalreporter.line(f"{'all':<32} {sums[0]:>6} files {sums[1]:>6} refused {sums[2]:>4} escaped {sums[3]:>7.1f} s")
