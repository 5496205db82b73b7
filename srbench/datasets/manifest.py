"""The pinned files of the built-in datasets: where each is, its hash, and the hash of its decoded pixels."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from srbench.download import RemoteFile

_FOLDER = Path(__file__).parent / "manifests"


@dataclass(frozen=True)
class Entry:
    """One file of a dataset.

    ``scale`` is the one whose folder it lies in: HR files are cropped to its multiples; 0 means not cropped.
    ``size`` (height, width), ``pixels`` (:func:`srbench.datasets.dataset.pixel_hash`) and ``mod12`` (the same of the
    image cropped to multiples of 12) are None where only the hash of the file is known.
    """

    name: str
    scale: int
    kind: Literal["HR", "LR"]
    file: RemoteFile
    size: tuple[int, int] | None
    pixels: str | None
    mod12: str | None


@cache
def load_manifest(dataset: str, base_url: str) -> tuple[Entry, ...]:
    """Entries of a built-in dataset, in the order of its table; ``base_url`` is put before every path."""
    with (_FOLDER / f"{dataset}.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(_entry(row, base_url) for row in csv.DictReader(handle))


def _entry(row: dict[str, str], base_url: str) -> Entry:
    return Entry(
        name=row["name"],
        scale=int(row["scale"]),
        kind="HR" if row["kind"] == "HR" else "LR",
        file=RemoteFile(base_url + row["path"], row["sha256"], int(row["bytes"])),
        size=(int(row["height"]), int(row["width"])) if row["height"] else None,
        pixels=row["pixels"] or None,
        mod12=row["mod12"] or None,
    )
