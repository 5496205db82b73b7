"""Counts of srbench's own networks as they were last computed, each beside the hash of the source it was counted on.

A count is believed while neither its network's source nor that of counting has changed; otherwise it is counted again.
``srbench report --all --update`` writes the file, a test counts all of it anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from srbench.errors import SrbenchError
from srbench.models.source import files_imported

FILE = Path(__file__).with_name("counted.json")
_CONVENTIONS = Path(__file__).parents[2] / "quantities" / "conventions.py"
_asked: dict[str, dict[str, Any]] = {}
"""What was asked in this process, by model and question."""
_ignored = False


@lru_cache(maxsize=1)
def counting() -> str:
    """Hash of the files that count: the counter and all that it imports of its room."""
    digest = hashlib.sha256(_CONVENTIONS.read_bytes())
    for _, file in sorted(files_imported("srbench.cost.count", "srbench.cost").items()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    return found


@lru_cache(maxsize=1024)
def _source(model: str) -> str:
    from srbench.models.registry import get_card
    from srbench.models.source import source_hash

    return source_hash(get_card(model))


def question(kind: str, scale: int, size: tuple[int, int] | None = None, blocks: int | None = None) -> str:
    """How a count is named in the file.

    >>> question("counts", 4, (256, 256)), question("params", 2, None, 3)
    ('counts x4 256x256', 'params x2 blocks 3')
    """
    parts = [kind, f"x{scale}", "x".join(map(str, size)) if size else "", f"blocks {blocks}" if blocks else ""]
    return " ".join(filter(None, parts))


def find(model: str, asked: str) -> Any | None:
    """The stored answer; None where there is none or the sources are others by now."""
    known = _file()
    entry = known.get("networks", {}).get(model)
    if _ignored or entry is None or asked not in entry["counts"]:
        return None
    if known["counting"] != counting() or entry["source"] != _source(model):
        return None
    return keep(model, asked, entry["counts"][asked])


def keep(model: str, asked: str, answer: Any) -> Any:
    """Remember an answer for :func:`text`."""
    _asked.setdefault(model, {})[asked] = answer
    return answer


@contextmanager
def ignored() -> Iterator[None]:
    """Within it everything is counted."""
    global _ignored
    _ignored = True
    try:
        yield
    finally:
        _ignored = False


def forget() -> None:
    """Start anew: nothing asked, the file not yet read."""
    _asked.clear()
    for cached in (counting, _file, _source):
        cached.cache_clear()


def stale() -> list[str]:
    """Models whose stored counts are of another source than today's; all of them where counting has changed."""
    known = _file()
    networks: dict[str, Any] = known.get("networks", {})
    if known.get("counting") != counting():
        return sorted(networks) or ["all"]
    return [name for name, entry in sorted(networks.items()) if entry["source"] != _today(name)]


def _today(model: str) -> str:
    try:
        return _source(model)
    except SrbenchError:
        return ""


def text() -> str:
    """All that was asked in this process of srbench's own networks, as the file holds it."""
    from srbench.models.registry import get_card

    lines = []
    for model in sorted(_asked):
        if str(get_card(model).network).startswith("srbench."):
            entry = {"source": _source(model), "counts": dict(sorted(_asked[model].items()))}
            lines.append(f"{json.dumps(model)}: {json.dumps(entry, separators=(',', ':'))}")
    return f'{{"counting": "{counting()}",\n"networks": {{\n' + ",\n".join(lines) + "\n}}\n"
