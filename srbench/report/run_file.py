"""The page of ``srbench run`` as a file; where the very same results had one before, those bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from srbench import kept
from srbench.plugins import others_are_installed
from srbench.report.kept_site import tree_beside
from srbench.results.collection import Results
from srbench.results.store import to_json
from srbench.writing import write_bytes


def write(
    results: Results,
    machines: Mapping[str, Mapping[str, Any]],
    path: Path,
    apart: Sequence[tuple[str, str]] = (),
    costs: Sequence[str] = (),
    plain: bool = True,
) -> Path:
    """Write the page of :func:`srbench.report.run_page.html` to ``path`` (atomically) and return the path.

    ``plain`` is False where something was registered that no hash of srbench's own source tells of, such as by a
    ``--plugin`` file: the page is made anew then.

    Raises:
        SrbenchError: the file cannot be written.
    """
    key = _key(results, machines, apart, costs) if plain and not others_are_installed() else None
    found = kept.find(key) if key else None
    if found is None:
        from srbench.report import run_page

        found = {"html": run_page.html(results, machines, apart=apart, costs=costs).encode("utf-8", "backslashreplace")}
        if key:
            kept.keep(key, found)
    write_bytes(path, found["html"])
    return path


def _key(
    results: Results,
    machines: Mapping[str, Mapping[str, Any]],
    apart: Sequence[tuple[str, str]],
    costs: Sequence[str],
) -> str | None:
    """The hash of all that the page shows; None where it cannot be had."""
    beside = tree_beside()
    if beside is None:
        return None
    records = [to_json(record) for record in results.records]
    return kept.key("run", json.dumps([machines, list(apart), list(costs)]), beside, *records)
