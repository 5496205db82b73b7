"""Source hashes that registered models had in earlier versions of srbench and that results still carry."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("known_sources.csv")


@cache
def known_sources() -> Mapping[str, frozenset[str]]:
    """Model -> the hashes (:func:`srbench.models.source.source_hash`) that its network had in earlier versions.

    A result with one of them, or with that of today, is of the registered network. Before a network's file is changed
    in a way that leaves its numbers as they are, its hash is added to ``known_sources.csv``.
    """
    found: dict[str, set[str]] = {}
    with _FILE.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            found.setdefault(row["model"], set()).add(row["sha256"])
    return {model: frozenset(hashes) for model, hashes in found.items()}
