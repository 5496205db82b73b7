"""Licences of everything that srbench needs at run time, from the metadata of what is installed; no network.

``python -m tests.supply_chain.licences`` prints them all; exit code 3 where one is not allowed by ``licences.toml``.
"""

from __future__ import annotations

import fnmatch
import importlib.metadata as metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXTRAS = ("spandrel", "hub", "perceptual", "onnx", "ray")
"""Extras that users install; those of developers reach nobody."""


def plain(name: str) -> str:
    """A package's name as the index has it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed() -> tuple[dict[str, metadata.Distribution], set[str]]:
    """What is installed of srbench's own requirements and theirs, by name; and what is not installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting = [Requirement(text) for text in project["dependencies"]]
    waiting += [Requirement(text) for extra in EXTRAS for text in project["optional-dependencies"][extra]]
    found: dict[str, metadata.Distribution] = {}
    absent: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        name = plain(wanted.name)
        extras = ("", *wanted.extras)
        if name in found or (wanted.marker and not any(wanted.marker.evaluate({"extra": e}) for e in extras)):
            continue
        try:
            found[name] = metadata.distribution(wanted.name)
        except metadata.PackageNotFoundError:
            absent.add(name)
            continue
        waiting += [
            inner
            for inner in map(Requirement, found[name].requires or ())
            if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in extras)
        ]
    return found, absent


def stated(distribution: metadata.Distribution) -> list[str]:
    """What a package says its licence is, the most precise first; its whole text is no statement."""
    said = distribution.metadata
    classified = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier") or () if line.startswith("License")]
    free = (said.get("License") or "").strip()
    kept = [free] if free and "\n" not in free and free != "UNKNOWN" else []
    return [text for text in (said.get("License-Expression") or "", *kept, *classified) if text]


def is_allowed(text: str, rules: dict[str, Any]) -> bool:
    """Whether a licence expression is made of allowed ones: all of those joined by AND, one of those joined by OR.

    >>> rules = {"allowed": ["MIT", "BSD-3-Clause"], "spelled": {"BSD License": "BSD-3-Clause"}}
    >>> [is_allowed(text, rules) for text in ("BSD License", "MIT AND X", "MIT OR X", "CC-BY-NC-4.0")]
    [True, False, True, False]
    """
    text = rules["spelled"].get(text, text)
    if text in rules["allowed"]:
        return True
    if "(" in text:
        return False
    either = [part.strip() for part in text.split(" OR ")]
    if len(either) > 1:
        return any(is_allowed(part, rules) for part in either)
    every = [part.strip() for part in text.split(" AND ")]
    return len(every) > 1 and all(is_allowed(part, rules) for part in every)


def refused(rules: dict[str, Any], found: dict[str, metadata.Distribution]) -> Iterator[tuple[str, str]]:
    """(package, what it says) of every package whose licence is not allowed."""
    for name, distribution in sorted(found.items()):
        said = stated(distribution)
        read = any(fnmatch.fnmatch(name, pattern) for pattern in rules["read"])
        if not read and not (said and is_allowed(said[0], rules)):
            yield name, "; ".join(said) or "nothing"


def rules() -> dict[str, Any]:
    """``licences.toml``."""
    return tomllib.loads((HERE / "licences.toml").read_text(encoding="utf-8"))


def main() -> int:
    """Print what was found."""
    found, absent = needed()
    for name, distribution in sorted(found.items()):
        print(f"{name:<24} {distribution.version:<16} {(stated(distribution) or ['nothing'])[0][:70]}")
    if absent:
        print(f"not installed, so not looked at: {', '.join(sorted(absent))}")
    bad = list(refused(rules(), found))
    for name, said in bad:
        print(f"NOT ALLOWED: {name}: {said}")
    print(f"{len(found)} packages, {len(bad)} not allowed")
    return 3 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
