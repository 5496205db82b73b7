"""BibTeX entries of every compared method, and which row cites which."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from srbench.errors import SrbenchError, unknown_name
from srbench.leaderboard import published
from srbench.leaderboard.published import Problem, method_of
from srbench.paths import leaderboards_dir

_ENTRY = re.compile(r"^@\w+\{(?P<key>[^,\s]+),.*?^\}", re.MULTILINE | re.DOTALL)
_NUMBERED = re.compile(r"\[\d+\]\s*$")


def entries(root: Path | None = None) -> dict[str, str]:
    """BibTeX entries by key: those of ``references.bib`` and those of the papers themselves."""
    base = root or leaderboards_dir()
    found: dict[str, str] = {}
    texts = [p.bibtex for p in published.papers(root)]
    shared = base / "references.bib"
    if shared.is_file():
        texts.append(shared.read_text(encoding="utf-8"))
    for text in texts:
        for match in _ENTRY.finditer(text):
            if found.setdefault(match["key"], match[0]) != match[0]:
                raise SrbenchError(f"the BibTeX key '{match['key']}' stands for two entries; rename one.")
    return found


def _citations(part: str, root: Path | None) -> Mapping[str, str]:
    file = (root or leaderboards_dir()) / "citations.toml"
    if not file.is_file():
        return {}
    status = file.stat()
    return _part_of(file, part, (status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=16)
def _part_of(file: Path, part: str, _state: tuple[int, int]) -> Mapping[str, str]:
    """One table of the file; it is asked for with every row, and read again only where the file has changed."""
    return {str(k): str(v) for k, v in published.read_toml(file).get(part, {}).items()}


def row_key(row: str, root: Path | None = None) -> str | None:
    """BibTeX key of a row as printed, or None for rows that cite nobody (bicubic, ablations, teams).

    >>> row_key("CARN [2]")
    'carn2018'
    """
    return _citations("rows", root).get(method_of(row))


def bibtex(keys: list[str] | tuple[str, ...], root: Path | None = None) -> str:
    """A .bib file with the entries ``keys``, sorted, each once.

    Raises:
        SrbenchError: a key that has no entry.
    """
    known = entries(root)
    for key in keys:
        if key not in known:
            raise unknown_name("BibTeX key", key, known)
    return "\n\n".join(known[key] for key in sorted(set(keys))) + "\n"


def check(root: Path | None = None) -> list[Problem]:
    """Every cited key has an entry, and every row printed with a citation number has a key."""
    known = entries(root)
    problems = []
    for part in ("rows", "datasets"):
        for name, key in _citations(part, root).items():
            if key not in known:
                problems.append(Problem("citations.toml", f"'{name}' cites '{key}', which has no BibTeX entry"))
    rows = {c.cell.row for c in published.cells(root=root) if _NUMBERED.search(c.cell.row)}
    for row in sorted(rows):
        if row_key(row, root) is None:
            problems.append(
                Problem("citations.toml", f"the row '{row}' is printed with a citation but has no key here")
            )
    return problems
