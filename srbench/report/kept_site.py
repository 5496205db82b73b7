"""Pages that were made before of the very same things are taken from the user's cache folder: nothing is read or drawn.

What a site is made of: what was asked for, the data root (leaderboards, specs, ``site.toml`` and its logo), the folder
of results, and all that :func:`srbench.kept.surroundings` names. Sites of plugins and with visual comparisons, which
are made of more, and those that could not be made whole, are not kept.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srbench import kept
from srbench.paths import data_root
from srbench.plugins import others_are_installed

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_SUMMARY = "summary"
"""The part of a kept site that is no page."""


@dataclass(frozen=True)
class Asked:
    """What a site is asked to hold: reports and pages by the names given (none: everything), and where it links to."""

    names: tuple[str, ...]
    results: Path | None = None
    repository: str = ""


@dataclass(frozen=True)
class Made:
    """A site's files by relative path, and what is to be said of them, as data for JSON."""

    pages: Mapping[str, bytes]
    summary: Mapping[str, Any]


def key_of(asked: Asked) -> str | None:
    """The hash of all that the site is made of; None where it is made of more than can be hashed."""
    if others_are_installed():
        return None
    root = data_root()
    try:
        parts = [
            kept.tree(root / "leaderboards"),
            kept.tree(root / "reports" / "specs"),
            kept.tree(root, _beside(root)),
        ]
        if asked.results is not None:
            parts.append(kept.tree(asked.results, _files_of_results(asked.results)))
    except (OSError, ValueError, RecursionError):  # whoever reads it for the pages says what is wrong
        return None
    return kept.key("site", json.dumps([asked.names, asked.repository, str(root), str(asked.results or "")]), *parts)


def tree_beside() -> str | None:
    """The hash of what makes the pages of a data root look as they do; None where it cannot be had."""
    root = data_root()
    try:
        return kept.tree(root, _beside(root))
    except (OSError, ValueError, RecursionError):  # whoever reads it for the pages says what is wrong
        return None


def _beside(root: Path) -> list[Path]:
    """``site.toml`` and the logo that it names, where they are."""
    file = root / "site.toml"
    if not file.is_file():
        return []
    logo = root / str(tomllib.loads(file.read_text(encoding="utf-8")).get("logo") or ".")
    return [file, *([logo] if logo.is_file() and logo.is_relative_to(root) else [])]


def _files_of_results(folder: Path) -> list[Path]:
    return [file for part in (".", "costs", "machines") for file in (folder / part).glob("*.json")]


def find(key: str) -> Made | None:
    """The site that was made of the same things; None where there is none."""
    found = kept.find(key)
    if found is None or _SUMMARY not in found:
        return None
    summary = json.loads(found.pop(_SUMMARY))
    return Made(found, summary)


def keep(key: str, made: Made) -> None:
    """Keep a site."""
    kept.keep(key, {**made.pages, _SUMMARY: json.dumps(made.summary).encode("utf-8")})
