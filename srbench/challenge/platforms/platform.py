"""The registry of platforms; one more is one more :class:`Platform`, also from another package."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from srbench.challenge.verdict import Problem
from srbench.registry import Registry
from srbench.rules import Rules


@dataclass(frozen=True)
class BundleOptions:
    """What organisers choose about a bundle.

    ``references`` maps ids of the rules' datasets to folders of HR images. ``image`` is the container image with
    Python 3.9 or newer, numpy and Pillow that the platform runs the scorer in.
    """

    references: dict[str, Path] = field(default_factory=dict)
    start: datetime.date = datetime.date(2027, 1, 1)
    days: int = 60
    image: str = "codalab/codalab-legacy:py39"
    fail_equal: bool = False


@dataclass(frozen=True)
class Platform:
    """A platform: ``write(folder, rules, options)`` makes a bundle's files, ``check(folder)`` gives its problems."""

    name: str
    title: str
    write: Callable[[Path, Rules, BundleOptions], None]
    check: Callable[[Path], list[Problem]]
    proof: str = ""
    """The file by which a bundle is known to be this platform's."""


PLATFORMS: Registry[Platform] = Registry(
    "platform", Platform, built_in="srbench.challenge.platforms.builtin:own_platforms", group="srbench.platforms"
)
"""Platforms by name; entry points of group ``srbench.platforms`` add others."""
