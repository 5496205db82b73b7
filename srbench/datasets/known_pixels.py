"""The hashes that the pixels of registered datasets must have, by name, scale, kind of LR and number of images."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "manifests" / "known_pixels" / "pixels.csv"

Key = tuple[str, int, str, int]
"""(dataset with its crop, scale, kind of LR, images from the first)."""


@cache
def known_pixels() -> Mapping[Key, str]:
    """What :meth:`srbench.datasets.dataset.Dataset.sha256` gives for registered sets, whole and their first ten."""
    with _FILE.open(encoding="utf-8", newline="") as handle:
        return {
            (row["dataset"], int(row["scale"]), row["lr"], int(row["images"])): row["sha256"]
            for row in csv.DictReader(handle)
        }


def registered_sha256(name: str, scale: int, lr: str, images: int) -> str | None:
    """The hash of the first ``images`` of a registered set; None where it is not known.

    >>> registered_sha256("set5", 4, "imresize", 5)[:10], registered_sha256("folder:mine", 4, "imresize", 5)
    ('164cba3e65', None)
    """
    return known_pixels().get((name, scale, lr, images))
